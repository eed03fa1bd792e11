"""Install Vitruvian beside other packages in real environments, and compare what it gives there.

For each environment: ``pip check``, the landmarks of six photos against those of the first
environment, and a small MediaPipe program that draws with the environment's own OpenCV. Where
MediaPipe itself is installed, the picture is compared with the one that it draws. Prints a table
in Markdown.

    python scripts/environment_matrix.py [--only NAME ...] [--keep]

Environments are made under ``.bench/matrix`` and deleted when they are measured. Results are kept
there, so a second run continues. The photos are those of ``VITRUVIAN_TESTDATA``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
MATRIX = REPOSITORY / ".bench" / "matrix"
TESTDATA = Path(os.environ.get("VITRUVIAN_TESTDATA", REPOSITORY.parent / "shared" / "testdata"))
N_PHOTOS = 6
OURS = "vitruvian"  # in a list of installations: the wheel of this checkout
NUMPY_1 = "numpy==1.26.*"

# Each a list of calls of `pip install`.
ENVIRONMENTS: dict[str, list[list[str]]] = {
    "plain": [[OURS]],
    "NumPy 1.26": [[OURS, NUMPY_1]],
    "opencv-python 4.6": [[OURS], ["opencv-python==4.6.0.66", NUMPY_1]],
    "opencv-contrib-python-headless 4.8": [
        [OURS],
        ["opencv-contrib-python-headless==4.8.1.78", NUMPY_1],
    ],
    "opencv-contrib-python 4.11": [["opencv-contrib-python==4.11.0.86", NUMPY_1], [OURS]],
    "opencv-python-headless 4.12": [[OURS], ["opencv-python-headless==4.12.0.88"]],
    "opencv-python 4.13": [[OURS], ["opencv-python==4.13.0.92"]],
    "opencv-python-headless 4.14": [["opencv-python-headless==4.14.0.94"], [OURS]],
    "opencv-python 5.0": [[OURS], ["opencv-python==5.0.0.93"]],
    "opencv-contrib-python 5.0": [["opencv-contrib-python==5.0.0.93"], [OURS]],
    "opencv-contrib-python-headless 5.0": [[OURS], ["opencv-contrib-python-headless==5.0.0.93"]],
    "opencv-python-headless 5.0": [[OURS], ["opencv-python-headless==5.0.0.93"]],
    "MediaPipe 0.10.21, then ours": [["mediapipe==0.10.21"], [OURS]],
    "ours, then MediaPipe 0.10.21": [[OURS], ["mediapipe==0.10.21"]],
    "MediaPipe 1.2.3, then ours": [["mediapipe==1.2.3"], [OURS]],
    "ours, then MediaPipe 1.2.3": [[OURS], ["mediapipe==1.2.3"]],
}

PROBE = """
import importlib.metadata as metadata, json, sys
import numpy as np
import vitruvian as vt

with vt.PoseEstimator("full") as estimator:
    results = [estimator.detect(path) for path in sys.argv[2:]]
versions = {}
for distribution in metadata.distributions():
    name = distribution.metadata["Name"].lower()
    if name in ("numpy", "mediapipe", "protobuf") or name.startswith("opencv"):
        versions[name] = distribution.version
landmarks = [result.poses[0].landmarks[:, :2].tolist() for result in results]
json.dump({"versions": versions, "landmarks": landmarks}, open(sys.argv[1], "w"))
"""

PROGRAM = """
import sys
import numpy as np
import mediapipe as mp

generation, target = sys.argv[1:]
points = np.random.default_rng(0).uniform(0.05, 0.95, (33, 3))
image = np.full((480, 640, 3), 90, np.uint8)
if generation == "solutions":
    from mediapipe.framework.formats import landmark_pb2
    landmarks = landmark_pb2.NormalizedLandmarkList()
    for x, y, z in points:
        landmarks.landmark.add(x=x, y=y, z=z, visibility=1.0)
    drawing, styles = mp.solutions.drawing_utils, mp.solutions.drawing_styles
    connections = mp.solutions.pose.POSE_CONNECTIONS
else:
    from mediapipe.tasks.python.components.containers.landmark import NormalizedLandmark
    from mediapipe.tasks.python.vision import PoseLandmarksConnections
    from mediapipe.tasks.python.vision import drawing_styles as styles
    from mediapipe.tasks.python.vision import drawing_utils as drawing
    landmarks = [NormalizedLandmark(x=x, y=y, z=z, visibility=1.0) for x, y, z in points]
    connections = PoseLandmarksConnections.POSE_LANDMARKS
drawing.draw_landmarks(
    image, landmarks, connections, styles.get_default_pose_landmarks_style()
)
np.save(target, image)
"""


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder and return what it printed."""
    env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def checked(command: list[str], folder: Path) -> str:
    """Return what a command that must succeed printed."""
    done = run(command, folder)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def wheel() -> str:
    """Return the path of the wheel of this checkout, built now."""
    dist = MATRIX / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(dist)]
    checked([*pip, str(REPOSITORY)], MATRIX)
    return str(next(dist.glob("*.whl")))


def measured(name: str, ours: str, photos: list[str], *, keep: bool) -> dict[str, Any]:
    """Return what an environment gives, which is made for that."""
    folder = MATRIX / name.replace(" ", "-").replace(",", "")
    checked([sys.executable, "-m", "venv", "--clear", str(folder)], MATRIX)
    python = str(folder / "bin" / "python")
    pip = [python, "-m", "pip", "--disable-pip-version-check"]
    for packages in ENVIRONMENTS[name]:
        wanted = [ours if package == OURS else package for package in packages]
        checked([*pip, "install", "-q", *wanted], MATRIX)
    check = run([*pip, "check"], folder).stdout.strip()
    (folder / "probe.py").write_text(PROBE)
    (folder / "program.py").write_text(PROGRAM)
    result = folder / "result.json"
    checked([python, "probe.py", str(result), *photos], folder)
    report: dict[str, Any] = json.loads(result.read_text())
    report["pip_check"] = "clean" if check == "No broken requirements found." else check
    report["drawing"] = drawing(python, folder, report["versions"])
    if not keep:
        shutil.rmtree(folder)
    return report


def drawing(python: str, folder: Path, versions: dict[str, str]) -> str:
    """Return how the drawing of a MediaPipe program ends in an environment."""
    vitruvian = str(Path(python).with_name("vitruvian"))
    mediapipe = versions.get("mediapipe", "")
    generation = "tasks" if mediapipe.startswith("1.") else "solutions"
    ours, theirs = folder / "ours.npy", folder / "theirs.npy"
    done = run([vitruvian, "run", "program.py", generation, str(ours)], folder)
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1]
        return "says what to install" if "pip install opencv" in last else last
    if not mediapipe:
        return "works"
    checked([python, "program.py", generation, str(theirs)], folder)
    is_equal = ours.read_bytes() == theirs.read_bytes()
    return "equal to MediaPipe's" if is_equal else "differs from MediaPipe's"


def table(reports: dict[str, dict[str, Any]]) -> str:
    """Return the results as a table in Markdown."""
    lines = [
        "| environment | NumPy | OpenCV | protobuf | `pip check` | landmarks, px | drawing |",
        "|---|---|---|---|---|---:|---|",
    ]
    reference = next(iter(reports.values()))["landmarks"]
    for name, report in reports.items():
        versions = report["versions"]
        opencv = ", ".join(v for k, v in versions.items() if k.startswith("opencv")) or "none"
        pairs = zip(flat(report["landmarks"]), flat(reference), strict=True)
        difference = max(abs(a - b) for a, b in pairs)
        cells = [name, versions["numpy"], opencv, versions["protobuf"], report["pip_check"]]
        lines.append(f"| {' | '.join(cells)} | {difference:.4f} | {report['drawing']} |")
    return "\n".join(lines)


def flat(values: Any) -> list[float]:
    """Return the numbers of nested lists."""
    return [x for value in values for x in flat(value)] if isinstance(values, list) else [values]


def main() -> None:
    """Measure all environments, or those that are named, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=ENVIRONMENTS, metavar="NAME")
    parser.add_argument("--keep", action="store_true", help="keep the environments")
    options = parser.parse_args()
    photos = sorted(map(str, (TESTDATA / "images").glob("*.jpg")))[:N_PHOTOS]
    if len(photos) < N_PHOTOS:
        raise SystemExit(f"wanted {N_PHOTOS} photos (*.jpg) in {TESTDATA / 'images'}")
    MATRIX.mkdir(parents=True, exist_ok=True)
    kept = MATRIX / "reports.json"
    reports = json.loads(kept.read_text()) if kept.exists() else {}
    ours = wheel()
    for name in options.only or ENVIRONMENTS:
        if name in reports and not options.only:
            continue
        print(f"{name} ...", file=sys.stderr, flush=True)
        reports[name] = measured(name, ours, photos, keep=options.keep)
        kept.write_text(json.dumps(reports))
    print(table({name: reports[name] for name in ENVIRONMENTS if name in reports}))


if __name__ == "__main__":
    main()
