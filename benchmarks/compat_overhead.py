"""Measure what `mp.solutions.pose` of the import layer adds to a frame over the native tracker.

python benchmarks/compat_overhead.py [CLIP] [--model full] [--frames 200]

Both are measured on every frame: time outside `PoseTracker.update` is that of the layer.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Protocol

import vitruvian
from setting import MODELS, default_clip, load_frames, machine_line
from vitruvian.compat.mediapipe.python.solutions.pose import Pose

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.compat.mediapipe.framework.formats.landmark_pb2 import (
        LandmarkList,
        NormalizedLandmarkList,
    )
    from vitruvian.compat.mediapipe.python.solution_base import SolutionOutputs

WARM_UP = 20
BAR_MS = 0.15


class Tracker(Protocol):
    """Interface of the tracker inside the layer."""

    def update(self, image: NDArray[np.uint8], *, timestamp_us: int) -> vitruvian.PoseResult:
        """Return the people in an image."""


class Still:
    """A tracker with a stored result, so that only the conversion takes time."""

    def __init__(self, answer: vitruvian.PoseResult) -> None:
        self._answer = answer

    def update(self, _image: NDArray[np.uint8], *, timestamp_us: int) -> vitruvian.PoseResult:
        """Return the stored result."""
        return self._answer


class Timed:
    """A tracker that measures its time."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self.ms = 0.0

    def update(self, image: NDArray[np.uint8], *, timestamp_us: int) -> vitruvian.PoseResult:
        """Return the result of the tracker."""
        start = time.perf_counter_ns()
        result = self._tracker.update(image, timestamp_us=timestamp_us)
        self.ms = (time.perf_counter_ns() - start) / 1e6
        return result


def nothing(_results: SolutionOutputs) -> None:
    """Read no landmarks."""


def read(results: SolutionOutputs) -> list[tuple[float, ...]]:
    """Read all numbers of the image landmarks."""
    return _numbers(results.pose_landmarks)


def read_both(results: SolutionOutputs) -> list[tuple[float, ...]]:
    """Read all numbers of the image and the world landmarks."""
    return read(results) + _numbers(results.pose_world_landmarks)


def _numbers(landmarks: NormalizedLandmarkList | LandmarkList | None) -> list[tuple[float, ...]]:
    """Return the numbers of a list of landmarks; none on a frame without a person."""
    if landmarks is None:
        return []
    return [(lm.x, lm.y, lm.z, lm.visibility) for lm in landmarks.landmark]


USES: dict[str, Callable[[SolutionOutputs], object]] = {
    "results as they are": nothing,
    "x, y, z, visibility of all 33 read": read,
    "and of the 33 world landmarks": read_both,
}


def main() -> None:
    """Print the time of the layer, alone and after the networks, which evict the CPU caches."""
    args = _arguments()
    frames = load_frames(args.clip, args.frames)
    print(machine_line())
    print(f"{args.clip.name}, {frames[0].width}x{frames[0].height}, {args.model}")
    pose = Pose(model_complexity=MODELS.index(args.model))
    tracker = pose._graph
    with vitruvian.PoseTracker(args.model) as finder:
        answer = next(filter(None, map(finder.update, frames)), None)
    if answer is None:
        raise SystemExit(f"no person in the first {len(frames)} frames of {args.clip}")
    print(f"\n{'added to a frame, ms':<40}{'alone':>9}{'in loop':>9}{'bar':>7}")
    alone = added_ms(pose, Still(answer), frames, args.frames)
    in_loop = added_ms(pose, tracker, frames, args.frames)
    for use in USES:
        print(f"{use:<40}{alone[use]:9.3f}{in_loop[use]:9.3f}{BAR_MS:7.2f}")


def added_ms(
    pose: Pose, tracker: Tracker, frames: Sequence[vitruvian.Frame], count: int
) -> dict[str, float]:
    """Return for each use the median time per frame outside the tracker, ms.

    The uses alternate, so that a slow phase of the machine affects all of them.
    """
    pose._graph = timed = Timed(tracker)
    all_ms: dict[str, list[float]] = {title: [] for title in USES}
    for step in range(WARM_UP + count):
        image = frames[step % len(frames)].image
        for title, use in USES.items():
            start = time.perf_counter_ns()
            use(pose.process(image))
            all_ms[title].append((time.perf_counter_ns() - start) / 1e6 - timed.ms)
    return {title: median(ms[WARM_UP:]) for title, ms in all_ms.items()}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("clip", type=Path, nargs="?", default=default_clip(), help="video (default: %(default)s)")
    add("--model", choices=MODELS, default="full", help="(default: %(default)s)")
    add("--frames", type=int, default=200, help="(default: %(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
