"""Run the compiled core under AddressSanitizer and UndefinedBehaviorSanitizer (GCC, Linux).

Builds the core in a copy of the package, runs the tests of its functions there, then feeds it
random regions, shapes and values. Then the tests with networks run with
UndefinedBehaviorSanitizer alone: OpenVINO can't be loaded beside AddressSanitizer. The first access
out of bounds or undefined operation ends the run with a report.

    python scripts/sanitize_core.py [--cases 100000]
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import numpy as np

REPOSITORY = Path(__file__).resolve().parent.parent
TESTS = (
    "tests/engine/test_sampling.py",
    "tests/engine/test_decode.py",
    "tests/engine/test_core_region.py",
    "tests/track/test_core_filters.py",
    "tests/track/test_core_filter_values.py",
    "tests/draw/test_raster.py",
    "tests/media/test_colour.py",
    "tests/media/test_orientation.py",
)
TESTS_WITH_NETWORKS = (
    "tests/engine", "tests/track", "tests/draw", "tests/media",
    "tests/parity/test_images.py", "tests/parity/test_clips.py",
)  # fmt: skip
FLAGS = ("-std=c11", "-O1", "-g", "-ffp-contract=off", "-fvisibility=hidden", "-shared", "-fPIC")
LIBRARIES = {"address": "libasan.so", "undefined": "libubsan.so"}
SIDES = (1, 2, 3, 7, 17, 40, 65, 66)


def build(package: Path, sanitizers: tuple[str, ...]) -> None:
    """Compile the core with sanitizers into a copy of the package."""
    sources = sorted(map(str, (REPOSITORY / "csrc").glob("*.c")))
    include = f"-I{sysconfig.get_path('include')}"
    target = package / "_core.abi3.so"
    target.unlink(missing_ok=True)
    checks = [f"-fsanitize={','.join(sanitizers)}", "-fno-sanitize-recover=all"]
    command = ["gcc", *FLAGS, *checks, include, *sources, "-o", str(target), "-lm"]
    subprocess.run(command, check=True)


def environment(folder: Path, sanitizers: tuple[str, ...]) -> dict[str, str]:
    """Return variables under which Python loads the copy and the sanitizers."""
    libraries = [
        subprocess.check_output(["gcc", f"-print-file-name={LIBRARIES[name]}"], text=True).strip()
        for name in sanitizers
    ]
    return {
        **os.environ,
        "PYTHONPATH": f"{folder}{os.pathsep}{REPOSITORY}",
        "LD_PRELOAD": ":".join(libraries),
        "ASAN_OPTIONS": "detect_leaks=0",
        "UBSAN_OPTIONS": "print_stacktrace=1",
        "VITRUVIAN_CORE": "compiled",
    }


def numbers(rng: np.random.Generator, n: int) -> list[float]:
    """Return numbers of all sizes, some of them not finite."""
    values = rng.normal(0, 1, n) * 10.0 ** rng.integers(-40, 39, n)
    common = rng.random(n) < 0.7
    values[common] = rng.normal(20, 40, int(common.sum()))
    strange = rng.random(n) < 0.03
    values[strange] = rng.choice([np.nan, np.inf, -np.inf, 0.0, -0.0], int(strange.sum()))
    return values.tolist()


def random_view(rng: np.random.Generator) -> np.ndarray:
    """Return an image of random size and strides that ends where its memory ends."""
    height, width = rng.choice(SIDES, 2)
    image = rng.integers(0, 256, (height, width, 3), np.uint8)
    turned = np.rot90(image, int(rng.integers(0, 4)))
    steps = [slice(None, None, int(rng.choice([1, 1, -1, 2]))) for _ in range(2)]
    view = turned[tuple(steps)]
    return view[..., ::-1] if rng.random() < 0.3 else view


def fuzz(n: int) -> None:
    """Call the functions of sampling and decoding with random arguments `n` times."""
    from vitruvian import native

    core = native.core
    if core is None:
        raise SystemExit("the compiled core is not loaded")
    rng = np.random.default_rng(0)
    n_refused = 0
    for i in range(n):
        view, side = random_view(rng), int(rng.choice(SIDES))
        x, y, width, height, degrees = numbers(rng, 5)
        crop = np.empty((side, side, 3), np.uint8)
        flags = bool(i & 1), bool(i & 2)
        try:
            core.crop(view, (x, y), (width, height), degrees, crop, *flags)
        except (ValueError, OverflowError):
            n_refused += 1
        core.copy_image(view, np.empty(view.shape, np.uint8))
        if view.shape[0] % 2 == 0 == view.shape[1] % 2:
            i420 = np.empty((view.shape[0] // 2 * 3, view.shape[1]), np.uint8)
            core.i420_from_rgb(np.ascontiguousarray(view), i420)
        mask = np.array(numbers(rng, side * side), np.float64).astype(np.float32)
        rows = numbers(rng, 6)
        out = np.empty(view.shape[:2], np.float32)
        core.sample_mask(mask.reshape(side, side), (tuple(rows[:3]), tuple(rows[3:])), out)
        if i % 50 == 0:
            _fuzz_pose(core, rng)
    print(f"{n} random regions and shapes, {n_refused} of them refused as not finite")


def _fuzz_pose(core: object, rng: np.random.Generator) -> None:
    raw, heat, world = (
        np.frombuffer(rng.bytes(4 * n), np.float32).copy() for n in (195, 64 * 64 * 39, 117)
    )
    shapes = (35, 3), (33,), (33,), (33, 3), (33,)
    out = tuple(np.empty(shape, np.float32) for shape in shapes)
    x, y, width, height, rotation, image_w, image_h = numbers(rng, 7)
    outputs = raw, heat.reshape(64, 64, 39), world
    region = (x, y), (width, height), rotation, (image_w, image_h)
    core.decode_landmarks(outputs, 7, *region, out)  # type: ignore[attr-defined]


def main() -> None:
    """Build, test and fuzz."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=100_000, help="random cases")
    parser.add_argument("--fuzz-only", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.fuzz_only:
        np.seterr(all="ignore")
        fuzz(options.cases)
        sys.path.insert(0, str(REPOSITORY))
        from tests.draw import shapes
        from tests.track import filter_values

        from vitruvian import _core

        shapes.fuzz(_core, options.cases // 20)
        filter_values.fuzz(_core, options.cases // 20)
        return
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "vitruvian"
        shutil.copytree(REPOSITORY / "src" / "vitruvian", package)
        pytest = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-s"]
        again = [sys.executable, __file__, "--fuzz-only", "--cases", str(options.cases)]
        for sanitizers, commands in (
            (("address", "undefined"), [[*pytest, *TESTS], again]),
            (("undefined",), [[*pytest, *TESTS_WITH_NETWORKS]]),
        ):
            build(package, sanitizers)
            env = environment(Path(folder), sanitizers)
            for command in commands:
                subprocess.run(command, cwd=REPOSITORY, env=env, check=True)
    print("no error found")


if __name__ == "__main__":
    main()
