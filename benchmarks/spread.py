"""Calibrate `Pose.spread_px`: error of the landmarks in units of their spread.

    python benchmarks/spread.py [--model full] [--step 3]

Rendered people, whose joints are known, are tracked without smoothing in the scenarios of
`vitruvian.synthetic`. Each pose is compared with the person whose landmarks are nearest.
"""

from __future__ import annotations

import argparse
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

import vitruvian
from setting import MODELS, machine_line
from vitruvian.synthetic.scenarios import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitruvian.synthetic.scenarios import Scenario

MAX_ERROR = 0.15  # mean distance of the landmarks of a match, in sides of the region
MIN_SEEN = 0.25  # people with less in view are left out


def main() -> None:
    """Track, compare and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", choices=MODELS, default="full")
    parser.add_argument("--step", type=int, default=3, help="take every so many frames")
    args = parser.parse_args()
    rows = [row for make in SCENARIOS.values() for row in _compared(make(), args.model, args.step)]
    size, error, spread, visible = np.concatenate(rows, axis=1)
    print(f"model {args.model}; {machine_line()}")
    print(
        f"{'landmarks':<12}{'n':>8}{'spread %':>10}{'error %':>9}{'error / spread':>16}{'p90':>7}"
    )
    for name, chosen in (("visible", visible > 0), ("hidden", visible == 0), ("all", visible >= 0)):
        ratio = error[chosen] / spread[chosen]
        print(
            f"{name:<12}{chosen.sum():8d}{100 * np.median(spread[chosen] / size[chosen]):10.2f}"
            f"{100 * np.median(error[chosen] / size[chosen]):9.2f}{np.median(ratio):16.2f}"
            f"{np.quantile(ratio, 0.9):7.2f}"
        )
    fifths = np.quantile(spread / size, np.linspace(0, 1, 6))
    print("median error / spread by fifths of the spread (in % of the region's side):")
    for low, high in pairwise(fifths):
        chosen = (spread / size >= low) & (spread / size <= high)
        ratio = np.median(error[chosen] / spread[chosen])
        print(f"  {100 * low:5.2f} to {100 * high:5.2f} %: {ratio:.2f}")
    ranks = [np.argsort(np.argsort(values / size)) for values in (error, spread)]
    print(f"rank correlation of error and spread: {np.corrcoef(ranks)[0, 1]:.2f}")


def _compared(scenario: Scenario, model: str, step: int) -> Iterator[np.ndarray]:
    """Yield for each pose (4, n): side of its region, error, spread (px), visibility."""
    n_people = len(scenario.scene.people)
    with vitruvian.PoseTracker(model, num_poses=n_people, smoothing=0) as tracker:
        for frame, view in list(scenario.frames())[::step]:
            people = [person for person in view.people if person.visible_fraction > MIN_SEEN]
            for pose in tracker.update(frame):
                size = max(pose.roi.wh)
                errors = [
                    np.linalg.norm(pose.landmarks[:, :2] - person.landmarks[:, :2], axis=1)
                    for person in people
                ]
                if not errors:
                    continue
                nearest = min(range(len(people)), key=lambda i: errors[i].mean())
                error, truth = errors[nearest], people[nearest]
                if error.mean() > MAX_ERROR * size:
                    continue
                x, y = truth.landmarks[:, 0], truth.landmarks[:, 1]
                inside = (x >= 0) & (x < frame.width) & (y >= 0) & (y < frame.height)
                inside &= np.isfinite(pose.spread_px)
                columns = (np.full(33, size), error, pose.spread_px, truth.visibility)
                yield np.array(columns)[:, inside]


if __name__ == "__main__":
    main()
