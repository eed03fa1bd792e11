"""Reliability of `Pose.visibility`, and draw docs/images/visibility.svg.

    python benchmarks/visibility.py [--scenes 300] [--models lite full heavy]

Compares the visibility that the network gives, which is MediaPipe's, and the calibrated one with

- rendered people in random scenes: all directions, occluders, other people in front, people cut off
  by the edge of the image. The calibration was fitted to scenes with even seeds; these are odd;
- people in the photos and clips of the test data whose landmarks were labelled by hand
  (`visibility_labels.json`), without those that the calibration was fitted to.
"""

from __future__ import annotations

import argparse
import json
import os
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

import vitruvian
from setting import MODELS, REPOSITORY, machine_line
from visibility_scenes import SIDE, random_scene
from vitruvian import BLAZEPOSE
from vitruvian.core.frame import Frame
from vitruvian.engine.pipeline import Candidate, Pipeline, PipelineOptions
from vitruvian.engine.profile import PROFILES
from vitruvian.engine.visibility import calibrated_visibility

LABELS = Path(__file__).with_name("visibility_labels.json")
TESTDATA = Path(os.environ.get("VITRUVIAN_TESTDATA", REPOSITORY.parent / "shared" / "testdata"))
OUTPUT = REPOSITORY / "docs" / "images" / "visibility.svg"
MAX_ERROR = 0.12  # mean distance of the landmarks of a match, in sides of the region
MAX_HIPS = 0.1  # distance of the hips from those of the label, in sides of the region
N_BINS = 10
LABELLED = [*range(17), *range(23, 33)]  # landmarks with labels: all but hands
PARTS = {
    "eyes, nose, mouth": [*range(7), 9, 10], "ears": [7, 8], "shoulders": [11, 12],
    "elbows, wrists": [13, 14, 15, 16], "hands": [*range(17, 23)], "hips": [23, 24],
    "knees, ankles": [25, 26, 27, 28], "feet": [29, 30, 31, 32],
}  # fmt: skip

Truths = Iterator[tuple[np.ndarray, vitruvian.Pose, np.ndarray]]
"""Image, the person found in it, and (33,) visibility: 1 or 0, NaN where it is unknown."""


class Sample(NamedTuple):
    """Visibility of landmarks, (n, 33): of the network, calibrated, and true or NaN."""

    network: np.ndarray
    calibrated: np.ndarray
    truth: np.ndarray


def main() -> None:
    """Estimate, compare, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--scenes", type=int, default=300)
    args = parser.parse_args()
    print(machine_line())
    with vitruvian.PoseEstimator("full", num_poses=2) as estimator:
        samples = {
            "rendered people": _samples(_rendered(estimator, args.scenes), args.models),
            "real people": _samples(_labelled(estimator), args.models),
        }
    if not samples["real people"]:
        del samples["real people"]
        print(f"no test data in {TESTDATA}: rendered people only")
    for people, by_model in samples.items():
        for model, sample in by_model.items():
            _print_table(f"{people}, {model}", sample)
    shown = "full" if "full" in args.models else args.models[0]
    OUTPUT.write_text(_svg({people: by_model[shown] for people, by_model in samples.items()}))


def _rendered(estimator: vitruvian.PoseEstimator, n: int) -> Truths:
    """Yield the people found in `n` random scenes."""
    for seed in range(1, 2 * n, 2):
        scene, time_s = random_scene(seed)
        view = scene.render(time_s, (SIDE, SIDE))
        for pose in estimator.detect(view.image):
            errors = [
                np.linalg.norm(pose.landmarks[:, :2] - p.landmarks[:, :2], axis=1).mean()
                for p in view.people
            ]
            nearest = int(np.argmin(errors))
            if errors[nearest] < MAX_ERROR * max(pose.roi.wh):
                yield view.image, pose, view.people[nearest].visibility


def _labelled(estimator: vitruvian.PoseEstimator) -> Truths:
    """Yield the people with labels that the calibration was not fitted to."""
    labels = defaultdict(list)
    for label in json.loads(LABELS.read_text()):
        if not label["is_fitted"] and (TESTDATA / label["file"]).exists():
            labels[label["file"], label["frame"]].append(label)
    for (file, index), people in labels.items():
        frame = _frame(TESTDATA / file, index)
        for pose in estimator.detect(frame):
            hips = pose.landmarks[23:25, :2].mean(axis=0)
            for person in people:
                if np.linalg.norm(hips - person["hips"]) < MAX_HIPS * max(pose.roi.wh):
                    truth = np.full(33, np.nan)
                    truth[LABELLED] = 1
                    truth[person["hidden"]] = 0
                    truth[person["unknown"]] = np.nan
                    points = pose.landmarks[:, :2]
                    truth[((points < 0) | (points >= frame.image.shape[1::-1])).any(axis=1)] = 0
                    yield frame.image, pose, truth


def _frame(path: Path, index: int) -> Frame:
    if path.parent.name == "images":
        return Frame(vitruvian.load_image(path))
    with vitruvian.open_input(path) as source:
        return next(islice(source, index, None))


def _samples(truths: Truths, models: list[str]) -> dict[str, Sample]:
    """Return the visibility that each model gives in the same regions."""
    options = PipelineOptions(PROFILES["default"], 0.5, 0.5, segmentation=False, crop="letterbox")
    opened = {name: vitruvian.Model(name) for name in models}
    pipelines = {name: model.open_pipeline(options) for name, model in opened.items()}
    rows: dict[str, list[tuple[np.ndarray, ...]]] = {name: [] for name in models}
    for image, pose, truth in truths:
        for name, pipeline in pipelines.items():
            row = _visibility(pipeline, image, pose)
            if row is not None:
                rows[name].append((*row, truth))
    for name in models:
        pipelines[name].close()
        opened[name].close()
    return {
        name: Sample(*map(np.array, zip(*of_model, strict=True)))
        for name, of_model in rows.items()
        if of_model
    }


def _visibility(
    pipeline: Pipeline, image: np.ndarray, pose: vitruvian.Pose
) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the visibility of the network in the region of `pose`, and the calibrated one."""
    (estimate,) = pipeline.estimate(image, [Candidate(pose.roi)])
    if estimate is None:
        return None
    raw, wh = estimate.raw, (image.shape[1], image.shape[0])
    return raw.visibility, calibrated_visibility(raw, pose.roi, wh)


# --- figures ---


def _print_table(title: str, sample: Sample) -> None:
    print(f"\n{title}: {len(sample.truth)} people")
    print(f"{'':<20}{'n':>7}{'hidden':>8}  {'network':<31}  calibrated")
    head = f"{'Brier':>7}{'ECE':>7}{'AUC':>7}{'found':>6}{'kept':>6}"
    print(f"{'':<37}{head}{head}")
    for name, part in {**PARTS, "all": [*range(len(BLAZEPOSE))]}.items():
        truth = sample.truth[:, part]
        known = np.isfinite(truth)
        if not known.any():
            continue
        y = truth[known] > 0
        line = f"{name:<20}{known.sum():7d}{(~y).mean():8.0%}  "
        for values in (sample.network, sample.calibrated):
            p = values[:, part][known].astype(np.float64)
            found = np.mean(p[~y] < 0.5) if (~y).any() else np.nan
            line += f"{np.mean((p - y) ** 2):7.3f}{_ece(p, y):7.3f}{_auc(p, y):7.3f}"
            line += f"{found:6.0%}{np.mean(p[y] >= 0.5):6.0%}"
        print(line)


def _bins(p: np.ndarray, y: np.ndarray) -> Iterator[tuple[float, float, float]]:
    """Yield mean probability, share that is visible, and share of all, for each bin."""
    places = np.minimum((p * N_BINS).astype(int), N_BINS - 1)
    for i in range(N_BINS):
        chosen = places == i
        if chosen.any():
            yield float(p[chosen].mean()), float(y[chosen].mean()), float(chosen.mean())


def _ece(p: np.ndarray, y: np.ndarray) -> float:
    """Return the expected calibration error."""
    return sum(share * abs(mean - visible) for mean, visible, share in _bins(p, y))


def _auc(p: np.ndarray, y: np.ndarray) -> float:
    """Return the probability that a visible landmark has a higher value than a hidden one."""
    if y.all() or not y.any():
        return float("nan")
    _, places, counts = np.unique(p, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    n = int(y.sum())
    return float((ranks[y].sum() - n * (n + 1) / 2) / n / (len(y) - n))


# --- drawing ---

SIDE_PX, LEFT, TOP, GAP = 240, 56, 36, 60
WIDTH, HEIGHT = LEFT + 2 * SIDE_PX + GAP + 20, TOP + SIDE_PX + 72
CURVES = {"calibrated": "#c8102e", "network": "#1f5fa8"}


def _svg(samples: dict[str, Sample]) -> str:
    """Return the drawing: one diagram for each kind of people."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
    ]
    for i, (people, sample) in enumerate(samples.items()):
        parts += _diagram(people, sample, LEFT + i * (SIDE_PX + GAP))
    for i, (name, color) in enumerate({
        "Vitruvian, calibrated": CURVES["calibrated"],
        "MediaPipe: the value of the network": CURVES["network"],
    }.items()):  # fmt: skip
        x, y = LEFT + i * 200, HEIGHT - 14
        parts.append(f'<circle cx="{x}" cy="{y - 4}" r="5" fill="{color}"/>')
        parts.append(_text(x + 12, y, name, "start"))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _diagram(title: str, sample: Sample, left: float) -> Iterator[str]:
    """Yield axes and curves."""
    known = np.isfinite(sample.truth)
    y = sample.truth[known] > 0

    def place(p: float, visible: float) -> tuple[float, float]:
        return left + SIDE_PX * p, TOP + SIDE_PX * (1 - visible)

    yield _text(left + SIDE_PX / 2, TOP - 14, title)
    for tick in (0, 0.5, 1):
        for start, end in (((tick, 0), (tick, 1)), ((0, tick), (1, tick))):
            yield _line(place(*start), place(*end), "#ddd")
        yield _text(place(tick, 0)[0], TOP + SIDE_PX + 16, f"{tick:g}")
        yield _text(left - 6, place(0, tick)[1] + 4, f"{tick:g}", "end")
    yield _line(place(0, 0), place(1, 1), "#999")
    yield _text(left + SIDE_PX / 2, TOP + SIDE_PX + 34, "visibility")
    middle = TOP + SIDE_PX / 2
    turn = f'<g transform="rotate(-90 {left - 30} {middle})">'
    yield turn + _text(left - 30, middle, "share that is visible") + "</g>"
    for name, color in CURVES.items():
        bins = list(_bins(getattr(sample, name)[known].astype(np.float64), y))
        points = " ".join("{:.1f},{:.1f}".format(*place(p, v)) for p, v, _ in bins)
        yield f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2"/>'
        for p, visible, share in bins:
            x, height = place(p, visible)
            radius = 2 + 12 * share**0.5
            yield (
                f'<circle cx="{x:.1f}" cy="{height:.1f}" r="{radius:.1f}" fill="{color}" '
                'fill-opacity="0.6"/>'
            )


def _line(start: tuple[float, float], end: tuple[float, float], color: str) -> str:
    (x1, y1), (x2, y2) = start, end
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{color}"/>'


def _text(x: float, y: float, text: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#222">{text}</text>'


if __name__ == "__main__":
    main()
