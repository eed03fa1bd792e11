"""Measure memory over thousands of frames, and the cost of additional trackers. Linux only.

python benchmarks/memory.py [CLIP] [--model full] [--frames 10000]
python benchmarks/memory.py --trackers 8

The second form makes several trackers, tracks one frame with each, and exits with status 1 if they
need more memory or threads than the limits below.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import numpy as np

import vitruvian
from setting import MODELS, default_clip, load_frames, machine_line
from vitruvian.synthetic import Person, Scene

PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6
HELD = 60  # frames of the clip, which is repeated
BLANK_EVERY = 50  # every 50th frame is black: the person is lost and the detector runs
LIMIT_MB, LIMIT_THREADS = 300, 14  # for 8 trackers "full"


def main() -> None:
    """Run one of the two measurements."""
    args = _arguments()
    if args.trackers:
        sys.exit(measure_trackers(args))
    measure_frames(args)


def measure_trackers(args: argparse.Namespace) -> int:
    """Print memory and threads after each tracker; return 1 if they exceed the limits, else 0."""
    print(machine_line())
    image = Scene([Person()]).render(0.0, (640, 480)).image
    print(f"{0:4d} trackers {resident_mb():7.0f} MB {n_threads():4d} threads")
    trackers = []
    for n in range(1, args.trackers + 1):
        trackers.append(vitruvian.PoseTracker(args.model, segmentation=args.segmentation))
        trackers[-1].update(image, timestamp_us=1)
        print(f"{n:4d} trackers {resident_mb():7.0f} MB {n_threads():4d} threads", flush=True)
    is_within = resident_mb() <= LIMIT_MB and n_threads() <= LIMIT_THREADS
    print(f"limits for 8 trackers full: {LIMIT_MB} MB, {LIMIT_THREADS} threads")
    return 0 if is_within else 1


def measure_frames(args: argparse.Namespace) -> None:
    """Track, print the resident memory every 1000 frames and its slope after the first 1000."""
    images = [frame.image for frame in load_frames(args.clip, HELD)]
    black = np.zeros_like(images[0])
    print(machine_line())
    print(f"{args.clip.name}, {args.model}, {args.frames} frames")
    marks = []
    with vitruvian.PoseTracker(args.model, segmentation=args.segmentation) as tracker:
        for index in range(args.frames):
            image = images[index % len(images)] if index % BLANK_EVERY else black
            tracker.update(vitruvian.Frame(image, timestamp_us=index * 33_333, index=index))
            if (index + 1) % 1000 == 0:
                marks.append((index + 1, resident_mb()))
                print(f"{marks[-1][0]:7d} frames {marks[-1][1]:9.2f} MB", flush=True)
    if len(marks) > 1:
        frames, megabytes = np.transpose(marks)
        slope_kb = np.polyfit(frames, megabytes, 1)[0] * 1e6
        print(f"slope {slope_kb:+.1f} kB every 1000 frames")


def n_threads() -> int:
    """Return the number of threads of this process."""
    return len(os.listdir("/proc/self/task"))


def resident_mb() -> float:
    """Return the resident memory of this process, 10**6 bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_MB


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("clip", type=Path, nargs="?", default=default_clip(), help="video (default: %(default)s)")
    add("--model", choices=MODELS, default="full")
    add("--frames", type=int, default=10_000, help="(default: %(default)s)")
    add("--trackers", type=int, default=0, help="measure this many trackers instead")
    add("--segmentation", action="store_true", help="with masks")
    return parser.parse_args()


if __name__ == "__main__":
    main()
