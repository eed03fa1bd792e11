"""Measure the errors of joint angles on rendered exercises, and on the balance clips.

    python benchmarks/angles.py [--model full] [--testdata DIR]

Rendered people do ten exercises in three views (see `repetitions.py`); the angle that an exercise
moves is compared with that of the true joints. The balance clips of the test data are compared with
their triangulated markers. All are tracked without the filter of the tracker and smoothed
afterwards, as `vitruvian analyse` does.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import vitruvian
from repetitions import VIEWS, Clip, clips, tracked
from vitruvian.analysis.angles import joint_angles
from vitruvian.analysis.exercises import EXERCISES
from vitruvian.analysis.filtering import filtered, low_pass

if TYPE_CHECKING:
    from vitruvian.core.sequence import PersonSequence

SPACES = ("auto", "world", "image")
JOINTS = ("knee", "elbow", "hip", "shoulder")
MARKERS = {
    f"{short}{name}": f"{side}_{landmark}"
    for short, side in (("R", "right"), ("L", "left"))
    for name, landmark in {
        **{n: n.lower() for n in ("Hip", "Knee", "Ankle", "Shoulder", "Elbow", "Wrist", "Heel")},
        "BigToe": "foot_index",
    }.items()
}


def rendered_errors(model: str) -> dict[Clip, dict[str, float]]:
    """Return the mean error of each clip by space."""
    errors: dict[Clip, dict[str, float]] = {}
    for clip in clips():
        sequence, inner = tracked(clip, [model], raw=True)[model]
        if not sequence.ids.size:
            continue
        joint = EXERCISES[clip.name].joint[1]
        truth = inner if joint == "shoulder" else 180 - inner
        person = filtered(max(map(sequence.person, sequence.ids), key=_n_frames))
        errors[clip] = {}
        for space in SPACES:
            angles = joint_angles(person, space=space)
            found = np.stack([np.abs(angles[f"{s}_{joint}"]) for s in ("left", "right")], axis=1)
            error = np.abs(found - truth)
            if np.isfinite(error).any():
                errors[clip][space] = float(np.nanmean(error))
    return errors


def _n_frames(person: PersonSequence) -> int:
    return int(person.is_present.sum())


def balance_errors(model: str, folder: Path, camera: str) -> dict[str, float]:
    """Return the mean error over joints in a balance clip, by space."""
    clip = folder / "clips" / f"balance_cam{camera}.mp4"
    with (
        vitruvian.PoseTracker(model, smoothing=0) as tracker,
        vitruvian.open_input(clip) as frames,
    ):
        results = [tracker.update(frame) for frame in frames]
    sequence = vitruvian.PoseSequence.from_results(results)
    person = filtered(sequence.person(int(sequence.ids[0])))
    truth = _marker_angles(folder / "clips" / "balance.trc")
    errors = {}
    for space in SPACES:
        angles = joint_angles(person, space=space, min_visibility=0.0)
        off = [np.abs(np.abs(angles[name]) - truth[name]) for name in truth]
        errors[space] = float(np.nanmean(off))
    return errors


def _marker_angles(path: Path) -> dict[str, np.ndarray]:
    """Return the angles between the bones of a TRC file, smoothed at 6 Hz, by name."""
    lines = path.read_text().splitlines()
    names = lines[3].split("\t")[2::3]
    values = np.array([[float(x) for x in line.split("\t")] for line in lines[5:] if line.strip()])
    points = low_pass(values[:, 2:].reshape(len(values), -1, 3), 60, 6)
    at = {landmark: points[:, names.index(name)] for name, landmark in MARKERS.items()}
    middle, neck = ((at[f"left_{part}"] + at[f"right_{part}"]) / 2 for part in ("hip", "shoulder"))
    angles = {}
    for side in ("left", "right"):
        hip, knee, ankle, shoulder, elbow, wrist = (
            at[f"{side}_{part}"] for part in ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")
        )
        bones = {
            "knee": (knee - hip, ankle - knee),
            "hip": (middle - neck, knee - hip),
            "shoulder": (middle - neck, elbow - shoulder),
            "elbow": (elbow - shoulder, wrist - elbow),
        }
        for joint, (one, other) in bones.items():
            cross = np.linalg.norm(np.cross(one, other), axis=1)
            angles[f"{side}_{joint}"] = np.degrees(np.arctan2(cross, (one * other).sum(axis=1)))
    return angles


def _print_row(name: str, errors: dict[Clip, dict[str, float]], spaces: tuple[str, ...]) -> None:
    cells = []
    for view in VIEWS:
        of_view = [e for clip, e in errors.items() if clip.view == view]
        means = [np.mean([e[s] for e in of_view if s in e] or [np.nan]) for s in spaces]
        cells.append(" / ".join(f"{mean:.1f}" for mean in means))
    print(f"| {name} | {' | '.join(cells)} |")


def main() -> None:
    """Print both tables as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", default="full", choices=["lite", "full", "heavy"])
    default = os.environ.get("VITRUVIAN_TESTDATA")
    parser.add_argument("--testdata", type=Path, default=default and Path(default))
    args = parser.parse_args()
    errors = rendered_errors(args.model)
    joint_of = {clip: EXERCISES[clip.name].joint[1] for clip in errors}
    print("| Joint | " + " | ".join(f"{view}: {', '.join(SPACES)}" for view in VIEWS) + " |")
    print("|---|" + "---|" * len(VIEWS))
    for joint in JOINTS:
        _print_row(joint, {c: e for c, e in errors.items() if joint_of[c] == joint}, SPACES)
    for half, is_tuned in (("tuned", True), ("other", False)):
        of_half = {c: e for c, e in errors.items() if c.is_tuned == is_tuned}
        for joint in ("knee", "elbow"):
            some = {c: e for c, e in of_half.items() if joint_of[c] == joint}
            _print_row(f"{joint}, {half} half", some, ("auto",))
    for name in EXERCISES:
        some = {c: e for c, e in errors.items() if c.name == name}
        _print_row(name, some, ("auto",))
    if args.testdata is not None:
        for camera, view in (("01", "front"), ("04", "back")):
            found = balance_errors(args.model, args.testdata, camera)
            print(f"balance, {view}: {', '.join(f'{k} {v:.1f}' for k, v in found.items())}")


if __name__ == "__main__":
    main()
