"""Measure what `mp.solutions.pose` of the import layer adds to a frame over the native tracker.

python benchmarks/compat_overhead.py [CLIP] [--model full] [--frames 200] [--repeats 5000]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import vitruvian
from setting import MODELS, default_clip, load_frames, machine_line
from vitruvian.compat.mediapipe.python.solutions.pose import STEP_US, Pose

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vitruvian.compat.mediapipe.python.solution_base import SolutionOutputs

WARM_UP = 20
BAR_MS = 0.15


class Still:
    """A tracker whose answer is ready: what is left of a call is the layer alone."""

    def __init__(self, answer: vitruvian.PoseResult) -> None:
        self._answer = answer

    def update(self, _image: object, *, timestamp_us: int) -> vitruvian.PoseResult:
        """Return the answer."""
        return self._answer

    def close(self) -> None:
        """Nothing is held."""


def main() -> None:
    """Print the layer's own time, and the difference of two whole loops."""
    args = _arguments()
    frames = load_frames(args.clip, args.frames)
    print(machine_line())
    print(f"{args.clip.name}, {frames[0].width}x{frames[0].height}, {args.model}")
    print(f"\n{'added to a frame, ms':<40}{'median':>9}{'bar':>7}")
    for title, added_ms in conversion(frames[0], args.model, args.repeats).items():
        print(f"{title:<40}{added_ms:9.4f}{BAR_MS:7.2f}")
    print(f"\n{'whole loop, ms':<40}{'native':>9}{'layer':>9}{'added':>9}")
    for title, use in USES.items():
        native_ms, layer_ms, added_ms = whole_loop(frames, args.model, use)
        print(f"{title:<40}{native_ms:9.3f}{layer_ms:9.3f}{added_ms:9.3f}")


def nothing(_results: SolutionOutputs) -> None:
    """Use no landmark."""


def read(results: SolutionOutputs) -> list[tuple[float, ...]]:
    """Read all numbers of the image landmarks."""
    return [(lm.x, lm.y, lm.z, lm.visibility) for lm in results.pose_landmarks.landmark]


def read_both(results: SolutionOutputs) -> list[tuple[float, ...]]:
    """Read all numbers of the image and the world landmarks."""
    world = results.pose_world_landmarks.landmark
    return read(results) + [(lm.x, lm.y, lm.z, lm.visibility) for lm in world]


USES: dict[str, Callable[[SolutionOutputs], object]] = {
    "results as they are": nothing,
    "x, y, z, visibility of all 33 read": read,
    "and of the 33 world landmarks": read_both,
}


def conversion(frame: vitruvian.Frame, model: str, repeats: int) -> dict[str, float]:
    """Return the ms a frame that the layer takes without any network, for each use."""
    pose = Pose(model_complexity=MODELS.index(model))
    with vitruvian.PoseTracker(model, profile="solutions") as tracker:
        still = Still(tracker.update(frame))
    pose.close()
    pose._graph = still

    def native(step: int) -> object:
        return still.update(frame.image, timestamp_us=STEP_US * (step + 1))

    layers = [lambda _step, use=use: use(pose.process(frame.image)) for use in USES.values()]
    base_ms, *layer_ms = alternating([native, *layers], repeats)
    return dict(zip(USES, (median(ms) - median(base_ms) for ms in layer_ms), strict=True))


def whole_loop(
    frames: Sequence[vitruvian.Frame], model: str, use: Callable[[SolutionOutputs], object]
) -> tuple[float, float, float]:
    """Return the median ms a frame, native and of the layer, and of their differences."""
    pose = Pose(model_complexity=MODELS.index(model))
    tracker = vitruvian.PoseTracker(model, profile="solutions")

    def native(step: int) -> object:
        image = frames[step % len(frames)].image
        return tracker.update(image, timestamp_us=STEP_US * (step + 1))

    def layer(step: int) -> object:
        return use(pose.process(frames[step % len(frames)].image))

    with pose, tracker:
        native_ms, layer_ms = alternating([native, layer], len(frames))
    added_ms = [b - a for a, b in zip(native_ms, layer_ms, strict=True)]
    return median(native_ms), median(layer_ms), median(added_ms)


def alternating(calls: Sequence[Callable[[int], object]], repeats: int) -> list[list[float]]:
    """Return the ms of each of `calls`, run in turn and in changing order.

    A slow moment of the machine meets them all, and each is the first as often as the last.
    """
    all_ms: list[list[float]] = [[] for _ in calls]
    pairs = list(zip(calls, all_ms, strict=True))
    for step in range(repeats + WARM_UP):
        for call, ms in pairs if step % 2 else reversed(pairs):
            start = time.perf_counter_ns()
            call(step)
            ms.append((time.perf_counter_ns() - start) / 1e6)
    return [ms[WARM_UP:] for ms in all_ms]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("clip", type=Path, nargs="?", default=default_clip(), help="video (default: %(default)s)")
    add("--model", choices=MODELS, default="full", help="(default: %(default)s)")
    add("--frames", type=int, default=200, help="of the whole loop (default: %(default)s)")
    add("--repeats", type=int, default=5000, help="without a network (default: %(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
