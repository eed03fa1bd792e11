"""Measure gain and cost of bf16: speed relative to float32, and change of the landmarks.

    python benchmarks/precision.py [--models lite full heavy] [--rounds 30] [--json FILE]

The crops are of the test data's photos and clips, in the regions that MediaPipe used, and of
rendered mannequins. A landmark counts where float32 finds the person and the landmark is visible,
both above 0.5; its distance is in px of the 256-px crop, after the refinement by the heat map.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

import numpy as np

import vitruvian
from setting import MODELS, REPOSITORY, machine, machine_line
from vitruvian.backends.openvino_graph import COARSE, FIRST, graph_in_bf16, read_graph
from vitruvian.backends.openvino_runtime import ov
from vitruvian.core.roi import Roi
from vitruvian.engine.landmarker import (
    LANDMARKER_OUTPUTS,
    LANDMARKER_SIDE,
    PoseLandmarker,
)
from vitruvian.engine.model import landmark_network
from vitruvian.engine.timing import StageTimer
from vitruvian.engine.warp import crop_image
from vitruvian.media.image import load_image
from vitruvian.models.store import find_file
from vitruvian.synthetic import Figure, Person, Scene, motions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Crop = NDArray[np.uint8]

WARM_UP, BLOCK = 10, 10
CROPS_A_CLIP, CROPS_A_MOTION = 34, 8
RENDERED = 480  # px
KERNEL = 7  # of the default profile
WHOLE = Roi((LANDMARKER_SIDE / 2,) * 2, (LANDMARKER_SIDE,) * 2, 0.0)
FAST = f"bf16, f32 in first {FIRST} and maps to {COARSE}: fast"
VARIANTS: dict[str, tuple[int, int] | None] = {  # convolutions and maps that stay in f32
    "f32: exact": None,
    "bf16": (0, 0),
    "bf16, f32 in maps to 4": (0, 4),
    "bf16, f32 in first 6": (6, 0),
    FAST: (FIRST, COARSE),
    "bf16, f32 in first 10 and maps to 4": (10, 4),
    "bf16, f32 in first 15 and maps to 4": (15, 4),
}
EXACT = next(iter(VARIANTS))


class Variant:
    """One variant of the landmark network, compiled separately."""

    def __init__(self, model: str, kept: tuple[int, int] | None, threads: int | None) -> None:
        network = landmark_network(find_file(model))
        core = ov.Core()
        graph = read_graph(core, network)
        settings: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY"}
        settings["INFERENCE_PRECISION_HINT"] = "f32" if kept is None else "bf16"
        if threads is not None:
            settings["INFERENCE_NUM_THREADS"] = threads
        if kept is not None:
            graph = graph_in_bf16(core, graph, first=kept[0], coarse=kept[1])
        self._request = core.compile_model(graph, "CPU", settings).create_infer_request()

    def run(self, image: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
        """Return the outputs for one crop."""
        self._request.get_input_tensor().data[0] = image
        self._request.infer()
        outputs = zip(self._request.output_tensors, LANDMARKER_OUTPUTS, strict=True)
        return tuple(tensor.data.reshape(shape) for tensor, shape in outputs)

    def run_all(self, images: list[NDArray[np.uint8]]) -> list[tuple[NDArray[np.float32], ...]]:
        """Return the outputs for each crop."""
        return [self.run(image) for image in images]

    def close(self) -> None:
        """Nothing to free."""


def main() -> None:
    """Print a table for each model, and write JSON on request."""
    args = _arguments()
    print(machine_line())
    sets = {"photos and clips": list(real_crops(args.testdata)), "mannequins": list(mannequins())}
    sets = {name: crops for name, crops in sets.items() if crops}
    print(", ".join(f"{len(crops)} crops of {name}" for name, crops in sets.items()))
    report: dict[str, Any] = {"machine": machine(), "crops": {n: len(c) for n, c in sets.items()}}
    for model in args.models:
        sessions = {name: Variant(model, kept, args.threads) for name, kept in VARIANTS.items()}
        speed = times(sessions, next(iter(sets.values()))[0], args.rounds)
        moved = {of: distances(sessions, crops) for of, crops in sets.items()}
        report[model] = {
            name: speed[name] | {of: moved[of][name] for of in sets} for name in VARIANTS
        }
        show(model, report[model], list(sets))
    if args.json:
        args.json.write_text(json.dumps(report, indent=2) + "\n")


def real_crops(testdata: Path) -> Iterator[Crop]:
    """Yield crops of every photo with a person, and of frames spread over every clip."""
    reference = testdata / "reference" / "mediapipe-0.10.21"
    if not reference.exists():
        return
    table = np.load(reference / "images.npz")
    for path in sorted((testdata / "images").glob("*.[jp][pn]g")):
        roi = table.get(f"{path.name}:roi")
        if roi is not None and np.isfinite(roi).all():
            yield cropped(load_image(path), roi)
    for path in sorted((testdata / "clips").glob("*.mp4")):
        rois = np.load(reference / f"{path.stem}.npz")["full:roi"]
        seen = np.flatnonzero(np.isfinite(rois).all(axis=1))
        chosen = set(seen[np.linspace(0, len(seen) - 1, CROPS_A_CLIP).astype(int)].tolist())
        with vitruvian.open_input(path) as source:
            yield from (cropped(f.image, rois[f.index]) for f in source if f.index in chosen)


def mannequins() -> Iterator[Crop]:
    """Yield crops of rendered figures in motion, from several sides."""
    moves = (
        *(motions.squat(), motions.jumping_jack(), motions.wave(), motions.turn()),
        *(motions.pace(distance_m=0.8), motions.semaphore("VITRUVIA")),
    )
    for i, motion in enumerate(moves):
        figure = Figure(height_m=1.55 + 0.08 * i)
        for step in range(CROPS_A_MOTION):
            heading = 360 / CROPS_A_MOTION * step
            person = Person(figure, motion, heading_deg=heading)
            view = Scene([person], seed=i).render(0.37 * step, wh=(RENDERED, RENDERED))
            points = view.people[0].landmarks[:, :2] / RENDERED
            hips = points[23:25].mean(axis=0)
            side = 2.5 * np.linalg.norm(points - hips, axis=1).max()
            yield cropped(view.image, np.array([*hips, side, side, 0.0]))


def cropped(image: Crop, norm_roi: NDArray[np.floating]) -> Crop:
    """Return the network's input for a normalised region: centre, size, rotation."""
    x, y, w, h, rotation = norm_roi.tolist()
    height, width = image.shape[:2]
    crop = np.empty((LANDMARKER_SIDE, LANDMARKER_SIDE, 3), np.uint8)
    crop_image(image, Roi((x * width, y * height), (w * width, h * height), rotation), crop)
    return crop


def times(sessions: dict[str, Variant], crop: Crop, rounds: int) -> dict[str, dict[str, float]]:
    """Return ms of a run, and how many times faster than f32: the median of all rounds."""
    for session in sessions.values():
        for _ in range(WARM_UP):
            session.run(crop)
    blocks: dict[str, list[float]] = {name: [] for name in sessions}
    for _ in range(rounds):
        for name, session in sessions.items():
            ms = []
            for _ in range(BLOCK):
                start = time.perf_counter_ns()
                session.run(crop)
                ms.append((time.perf_counter_ns() - start) / 1e6)
            blocks[name].append(median(ms))
    return {
        name: {
            "ms": median(mine),
            "p10_ms": quantiles(mine, n=10)[0],
            "speed": median(exact / own for exact, own in zip(blocks[EXACT], mine, strict=True)),
        }
        for name, mine in blocks.items()
    }


def distances(sessions: dict[str, Variant], crops: list[Crop]) -> dict[str, dict[str, float]]:
    """Return the distance of landmarks from those of f32: px of the crop, and mm."""
    answers = {}
    for name, session in sessions.items():
        landmarker = PoseLandmarker(session, StageTimer(), kernel=KERNEL, with_mask=False)
        answers[name] = [landmarker.estimate_all(crop, [WHOLE], -1)[0] for crop in crops]
    exact = answers[EXACT]
    counted = np.array([(raw.visibility > 0.5) & (raw.score > 0.5) for raw in exact])
    found = {}
    for name, raws in answers.items():
        pairs = list(zip(raws, exact, strict=True))
        px = np.array([a.landmarks[:, :2] - b.landmarks[:, :2] for a, b in pairs])
        mm = np.array([a.world - b.world for a, b in pairs]) * 1000
        lengths = (np.linalg.norm(off, axis=-1)[counted] for off in (px, mm))
        found[name] = {
            f"{unit}_{part}": float(np.percentile(values, rank))
            for unit, values in zip(("px", "mm"), lengths, strict=True)
            for part, rank in (("median", 50), ("p95", 95), ("p99", 99))
        }
    return found


def show(model: str, rows: dict[str, Any], sets: list[str]) -> None:
    """Print the table of a model."""
    print(f"\n{model:<42}{'':22}" + "".join(f"{name:^42}" for name in sets))
    head = f"{'px':>7}{'p95':>7}{'p99':>7}{'mm':>7}{'p95':>7}{'p99':>7}"
    print(f"{'':42}{'p10 ms':>7}{'ms':>7}{'speed':>8}" + head * len(sets))
    for name, row in rows.items():
        line = f"{name:<42}{row['p10_ms']:7.2f}{row['ms']:7.2f}{row['speed']:7.2f}×"
        for of in sets:
            line += "".join(f"{row[of][f'px_{part}']:7.2f}" for part in ("median", "p95", "p99"))
            line += "".join(f"{row[of][f'mm_{part}']:7.1f}" for part in ("median", "p95", "p99"))
        print(line, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    testdata = os.environ.get("VITRUVIAN_TESTDATA", REPOSITORY.parent / "shared" / "testdata")
    add = parser.add_argument
    add("--models", nargs="+", choices=MODELS, default=MODELS, metavar="MODEL")
    add("--testdata", type=Path, default=Path(testdata), help="(default: %(default)s)")
    add("--threads", type=int, help="(default: all)")
    add("--rounds", type=int, default=30, help="of ten runs each (default: %(default)s)")
    add("--json", type=Path, metavar="FILE", help="write every figure")
    return parser.parse_args()


if __name__ == "__main__":
    main()
