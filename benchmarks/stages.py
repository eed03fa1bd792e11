"""Measure each stage of `PoseTracker.update`: crop, network, decode, filters, detector, mask.

python benchmarks/stages.py [CLIP] [--models lite full heavy] [--frames 200]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import vitruvian
from setting import MODELS, default_clip, load_frames, machine_line

WARM_UP = 20
NETWORK = "network"
RUNS: dict[str, dict[str, Any]] = {
    "tracking": {},
    "with masks": {"segmentation": True},
    "detecting every frame": {"force_detection": True},
}


def main() -> None:
    """Print a table of stage times for each model and way of running."""
    args = _arguments()
    frames = load_frames(args.clip, args.frames)
    print(machine_line())
    print(f"{args.clip.name}, {frames[0].width}x{frames[0].height}, {args.frames} frames")
    for model in args.models:
        for title, options in RUNS.items():
            print(f"\n{model}, {title}\n{'stage':<20}{'runs':>6}{'ms':>9}{'p95':>9}", flush=True)
            measure(frames, args.frames, model, options)


def measure(frames: list[vitruvian.Frame], count: int, model: str, options: dict[str, Any]) -> None:
    """Run a tracker over `count` frames, forward and backward, and print the time of each stage."""
    there_and_back = [*frames, *reversed(frames)]
    ms = []
    with vitruvian.PoseTracker(model, **options) as tracker:
        for step in range(WARM_UP + count):
            image = there_and_back[step % len(there_and_back)].image
            frame = vitruvian.Frame(image, timestamp_us=step * 16_667, index=step)
            start = time.perf_counter_ns()
            tracker.update(frame)
            ms.append((time.perf_counter_ns() - start) / 1e6)
        stages = tracker.stats
    for name, stage in stages.items():
        print(f"{name:<20}{stage.count:6d}{stage.median_ms:9.3f}{stage.p95_ms:9.3f}")
    whole = ms[WARM_UP:]
    print(f"{'update':<20}{count:6d}{median(whole):9.3f}{quantiles(whole, n=20)[-1]:9.3f}")
    looks_a_frame = round(stages[NETWORK].count / len(ms))
    outside = median(whole) - stages[NETWORK].median_ms * looks_a_frame
    print(f"{'update - network':<20}{'':6}{outside:9.3f}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("clip", type=Path, nargs="?", default=default_clip(), help="video (default: %(default)s)")
    add("--models", nargs="+", choices=MODELS, default=MODELS, metavar="MODEL")
    add("--frames", type=int, default=200, help="(default: %(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
