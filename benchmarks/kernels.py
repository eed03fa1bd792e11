"""Measure the compiled kernels beside their NumPy twins, and beside OpenCV where it is installed.

python benchmarks/kernels.py [CLIP] [--repeats 200]
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import vitruvian
from setting import default_clip, load_frames, machine_line
from vitruvian import native
from vitruvian.engine import sampling
from vitruvian.media.colour import i420_from_rgb
from vitruvian.media.orientation import rotated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vitruvian.core.pose import PoseResult
    from vitruvian.engine.sampling import Box

SIDE = 256
N_COLD = 60  # frames; together far larger than any cache
HAS_OPENCV = importlib.util.find_spec("cv2") is not None


def main() -> None:
    """Print the median and the 10th percentile of each kernel, in ms."""
    args = _arguments()
    frames = load_frames(args.clip, N_COLD)
    with vitruvian.PoseTracker("full") as tracker:
        results = [tracker.update(frame) for frame in frames]
    frames = [frame for frame, result in zip(frames, results, strict=True) if result.poses]
    results = [result for result in results if result.poses]
    if not frames:
        raise SystemExit("nobody is found in the clip")
    print(machine_line())
    print(f"{args.clip.name}, {frames[0].width}x{frames[0].height}; one frame, then {len(frames)}")
    print(f"{'kernel':<28}{'by':<10}{'p10':>8}{'ms':>8}")
    for name, n_used, kernels in _kernels():
        n_frames = n_used or len(frames)
        ms: dict[str, list[float]] = {by: [] for by in kernels}
        for step in range(args.repeats):
            for place, (by, call) in enumerate(kernels.items()):
                # Another frame for each, so that no one finds it in the cache of the one before.
                i = (step + place * n_frames // 3) % n_frames
                if n_frames == 1:
                    call(frames[i], results[i])  # brings the frame into the cache
                start = time.perf_counter_ns()
                call(frames[i], results[i])
                ms[by].append((time.perf_counter_ns() - start) / 1e6)
        for by, values in ms.items():
            low, middle = np.percentile(values[len(values) // 10 :], [10, 50])
            print(f"{name:<28}{by:<10}{low:8.3f}{middle:8.3f}", flush=True)


def _kernels() -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Yield the name of a kernel, on how many frames it runs (0: all), and its implementations."""
    crops = {"compiled": _crop(_compiled_crop), "NumPy": _crop(_numpy_crop)}
    if HAS_OPENCV:
        crops["OpenCV"] = _crop(_opencv_crop)
    if native.core is None:
        del crops["compiled"]
    yield "crop, frame in the cache", 1, crops
    yield "crop, frames in memory", 0, crops
    colours: dict[str, Any] = {"in use": lambda frame, _: i420_from_rgb(frame.image)}
    turns: dict[str, Any] = {"in use": lambda frame, _: rotated(frame.image, 1)}
    if HAS_OPENCV:
        import cv2

        colours["OpenCV"] = lambda frame, _: cv2.cvtColor(frame.image, cv2.COLOR_RGB2YUV_I420)
        turns["OpenCV"] = lambda frame, _: cv2.rotate(frame.image, cv2.ROTATE_90_COUNTERCLOCKWISE)
    yield "RGB to yuv420p", 0, colours
    yield "quarter turn", 0, turns
    style = vitruvian.Style(score=True)
    overlay = {"in use": lambda frame, result: vitruvian.draw_poses(frame.image, result, style)}
    yield "overlay", 0, overlay


def _crop(function: Callable[[np.ndarray, Box, np.ndarray], object]) -> Any:
    crop = np.empty((SIDE, SIDE, 3), np.uint8)

    def call(frame: vitruvian.Frame, result: PoseResult) -> None:
        roi = result.poses[0].roi
        function(frame.image, (roi.center, roi.wh, float(np.degrees(roi.rotation))), crop)

    return call


def _compiled_crop(image: np.ndarray, box: Box, crop: np.ndarray) -> None:
    sampling.sample_crop(image, box, crop, repeat_edge=True)


def _numpy_crop(image: np.ndarray, box: Box, crop: np.ndarray) -> None:
    sampling._sample_crop(image, sampling.image_from_crop(box, SIDE), crop, True)


def _opencv_crop(image: np.ndarray, box: Box, crop: np.ndarray) -> None:
    import cv2

    target = np.array([[0, SIDE], [0, 0], [SIDE, 0], [SIDE, SIDE]], np.float32)
    _, matrix = cv2.invert(cv2.getPerspectiveTransform(sampling._box_corners(box), target))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    border = cv2.BORDER_REPLICATE
    cv2.warpPerspective(image, matrix, (SIDE, SIDE), dst=crop, flags=flags, borderMode=border)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("clip", type=Path, nargs="?", default=default_clip(), help="video (default: %(default)s)")
    add("--repeats", type=int, default=200, help="(default: %(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
