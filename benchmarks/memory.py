"""Show that the memory of a tracker stays flat over thousands of frames. Linux only.

python benchmarks/memory.py [CLIP] [--model full] [--frames 10000]
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np

import vitruvian
from setting import MODELS, default_clip, load_frames, machine_line

PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6
HELD = 60  # frames of the clip, shown again and again
BLANK_EVERY = 50  # a black frame now and then loses the person, so that the detector runs too


def main() -> None:
    """Track, print the resident memory every 1000 frames and its slope after the first 1000."""
    args = _arguments()
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


def resident_mb() -> float:
    """Return the memory of this process that is in RAM now, 10**6 bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_MB


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("clip", type=Path, nargs="?", default=default_clip(), help="video (default: %(default)s)")
    add("--model", choices=MODELS, default="full")
    add("--frames", type=int, default=10_000, help="(default: %(default)s)")
    add("--segmentation", action="store_true", help="with masks")
    return parser.parse_args()


if __name__ == "__main__":
    main()
