"""Compare smoothing while tracking with smoothing of the whole clip, by two cameras.

    python benchmarks/offline_smoothing.py [--model full heavy] [--tracks FOLDER]

One man was filmed by four cameras; a program of others triangulated the truth from them. Two of
the clips are tracked here, with and without smoothing, and triangulated. The error is that of 17
joints in space; the acceleration tells how much jitter remains. docs/quality.md has the table.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import vitruvian
from vitruvian.analysis.filtering import Filtering, filled_gaps, filtered, low_pass
from vitruvian.lift.calibration import load_calibration
from vitruvian.lift.triangulation import triangulated

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FPS = 60.0
CUT_PX = (0.0, 0.0)  # the clip of cam_01 has 1080 of 1088 columns: the last ones are cut off
CAMERAS = {"balance_cam01": "cam_01", "balance_cam04": "cam_04"}
JOINTS = {
    name: f"{letter}{joint}"
    for side, letter in (("left", "L"), ("right", "R"))
    for name, joint in (
        *((f"{side}_{part}", part.capitalize()) for part in ("shoulder", "elbow", "wrist")),
        *((f"{side}_{part}", part.capitalize()) for part in ("hip", "knee", "ankle")),
        *((f"{side}_foot_index", "BigToe"), (f"{side}_heel", "Heel")),
    )
} | {"nose": "Nose"}


def filters() -> dict[str, tuple[str, Filtering | None, Callable[[Floats], Floats] | None]]:
    """Return each row: which track, how its landmarks are filtered, how the points in space."""
    rows: dict[str, tuple[str, Filtering | None, Callable[[Floats], Floats] | None]] = {
        "none": ("raw", None, None),
        "while tracking": ("online", None, None),
        "while tracking, then Butterworth 6 Hz": ("online", None, partial(low_pass, fps=FPS)),
    }
    for method in ("butterworth", "whittaker", "kalman"):
        rows[f"afterwards, {method} 6 Hz"] = ("raw", Filtering(method=method), None)
    for hz in (3.0, 10.0, 15.0):
        rows[f"afterwards, butterworth {hz:.0f} Hz"] = ("raw", Filtering(cutoff_hz=hz), None)
    space = partial(low_pass, fps=FPS)
    rows["in space, butterworth 6 Hz"] = ("raw", None, space)
    return rows


def tracked(clip: Path, model: str, smoothing: float, folder: Path) -> vitruvian.PoseSequence:
    """Return the poses of a clip; they are kept in a folder."""
    kind = "online" if smoothing else "raw"
    path = folder / f"{clip.stem}_{model}_{kind}.jsonl"
    if not path.is_file():
        with (
            vitruvian.PoseTracker(model, smoothing=smoothing) as tracker,
            vitruvian.open_input(clip) as frames,
            vitruvian.open_output(path) as sink,
        ):
            for frame in frames:
                sink.write(tracker.update(frame))
    return vitruvian.PoseSequence.from_results(vitruvian.load_results(path))


def truth_of(path: Path) -> tuple[list[str], Floats]:
    """Return the names of the markers in a TRC file and their positions (T, M, 3), camera axes."""
    lines = path.read_text().splitlines()
    names = lines[3].split("\t")[2::3]
    rows = [[float(cell) for cell in line.split("\t")[2:]] for line in lines[5:]]
    values = np.array([row for row in rows if row]).reshape(-1, len(names), 3)
    return names, values[..., [2, 0, 1]]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", nargs="+", default=["full", "heavy"])
    parser.add_argument("--tracks", type=Path, help="folder that keeps the tracks")
    arguments = parser.parse_args()
    clips = Path(os.environ["VITRUVIAN_TESTDATA"]) / "clips"
    folder = arguments.tracks or Path(tempfile.mkdtemp())
    folder.mkdir(exist_ok=True)
    cameras = load_calibration(clips / "balance_calibration.toml")
    cameras["cam_01"] = cameras["cam_01"].cropped(*CUT_PX, (1080, 1920))
    markers, truth = truth_of(clips / "balance.trc")
    columns = [markers.index(name) for name in JOINTS.values()]
    landmarks = [vitruvian.BLAZEPOSE.index(name) for name in JOINTS]
    truth = truth[:, columns]
    smooth_truth = low_pass(truth, FPS)
    print("| Model | Smoothing | Error, mm | Against the truth at 6 Hz, mm | Acceleration, m/s² |")
    print("|---|---|---|---|---|")
    for model in arguments.model:
        tracks = {
            kind: [tracked(clips / f"{c}.mp4", model, amount, folder) for c in CAMERAS]
            for kind, amount in (("raw", 0.0), ("online", 0.5))
        }
        for name, (kind, in_images, in_space) in filters().items():
            people = [sequence.person(int(sequence.ids[0])) for sequence in tracks[kind]]
            if in_images is not None:
                people = [filtered(person, in_images) for person in people]
            points = triangulated(
                [cameras[camera] for camera in CAMERAS.values()],
                np.stack([person.landmarks[:, landmarks, :2] for person in people]),
                np.stack([person.visibility[:, landmarks] for person in people]),
            ).points
            points = filled_gaps(points, FPS)
            if in_space is not None:
                points = in_space(points)
            errors = [
                1000 * np.nanmean(np.linalg.norm(points - t, axis=-1))
                for t in (truth, smooth_truth)
            ]
            steps = np.diff(points, 2, axis=0) * FPS**2
            acceleration = np.nanmean(np.linalg.norm(steps, axis=-1))
            print(f"| {model} | {name} | {errors[0]:.1f} | {errors[1]:.1f} | {acceleration:.1f} |")


if __name__ == "__main__":
    main()
