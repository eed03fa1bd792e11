"""Measure jitter against lag at many frame rates, and draw docs/images/smoothing.svg.

    python benchmarks/smoothing_curve.py [--model full] [--only HALF]

Our tracker runs without smoothing on the clips of `smoothing_clips.py` at every frame rate. Our
filters and MediaPipe's, at several strengths, then smooth the same poses. docs/quality.md explains
the numbers.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

import quality_metrics as metrics
import vitruvian
from quality_clips import CLIPS
from setting import MODELS, REPOSITORY
from smoothing_clips import HELD_OUT, RATES, STILL, TUNED, MovingClip, Truth, times_of
from smoothing_figure import drawing
from vitruvian.engine.landmarker import RawPose
from vitruvian.engine.profile import PROFILES
from vitruvian.track.smoothing import PoseSmoother

if TYPE_CHECKING:
    from collections.abc import Sequence

OUTPUT = REPOSITORY / "docs" / "images" / "smoothing.svg"
AMOUNTS = (0.25, 0.35, 0.45, 0.5, 0.6, 0.7, 0.85)
DEFAULT = AMOUNTS.index(0.5)
FILTERS = {"Vitruvian": "default", "MediaPipe 0.10.21": "solutions", "MediaPipe 1.2.2": "tasks"}
EXPANSION = 1.25  # size of the region relative to the person
SETTLE_S = 0.3  # at the start, left out
REFERENCE_S = 0.025  # standard deviation of the Gauss filter that makes a reference of a real clip
JOINTS = slice(11, 33)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """The unsmoothed poses of the tracker in a clip.

    Attributes
    ----------
    times_us : (T,) int array
    poses : tuple of RawPose
    sizes_px : (T,) array
        Size of the person.
    """

    times_us: np.ndarray
    poses: tuple[RawPose, ...]
    sizes_px: np.ndarray

    def at(self, fps: float) -> Seen:
        """Return the same poses at another frame rate."""
        return replace(self, times_us=_times_us(np.arange(len(self.poses)), fps))

    def smoothed(self, profile: str, amount: float) -> tuple[np.ndarray, np.ndarray]:
        """Return x and y of the landmarks in bodies, and the world landmarks in m."""
        smooth, scale = PoseSmoother(PROFILES[profile], amount), PROFILES[profile].object_scale
        frames = zip(self.poses, self.times_us.tolist(), self.sizes_px.tolist(), strict=True)
        poses = [smooth(pose, time_us, size * scale) for pose, time_us, size in frames]
        image = np.stack([pose.landmarks[:, :2] for pose in poses]) / self.sizes_px.mean()
        return image, np.stack([pose.world for pose in poses])


def main() -> None:
    """Track, smooth, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", choices=MODELS, default="full")
    parser.add_argument("--only", choices=STILL, nargs="+", default=tuple(STILL), metavar="HALF")
    args = parser.parse_args()
    for half in args.only:
        clips = TUNED if half == "tuned" else HELD_OUT
        still = [_seen(c.images(), c.fps, args.model) for n, c in CLIPS.items() if n in STILL[half]]
        curves = _curves(clips, still, args.model)
        for kind in ("image", "world"):
            _print(half, kind, curves[kind])
    OUTPUT.write_text(drawing(curves["image"], DEFAULT))


Curves = dict[str, dict[str, np.ndarray]]
"""By frame rate and software: (amounts, 4) lag in ms, jitter, error, jitter of a still person."""


def _curves(clips: Sequence[MovingClip], still: list[Seen], model: str) -> dict[str, Curves]:
    """Return lag and jitter, as geometric means over the clips; the lag as a mean."""
    rows: dict[str, dict[str, list[np.ndarray]]] = {rate: {} for rate in RATES}
    for clip in clips:
        images = clip.images()
        truth = clip.truth() if clip.truth else _reference(_seen(images, clip.fps, model), clip.fps)
        for rate in RATES:
            frames = times_of(rate, clip.fps, len(images))
            if len(frames):
                seen = _seen([images[i] for i in frames], clip.fps, model, frames)
                for name, measured in _measured(seen, truth).items():
                    rows[rate].setdefault(name, []).append(measured)
        print(f"{clip.name} seen", flush=True)
    curves: dict[str, Curves] = {"image": {}, "world": {}}
    for rate, by_name in rows.items():
        rest = _still_jitter(still, float(rate) if rate[0].isdigit() else 30.0)
        for name, of_clips in by_name.items():
            each = np.array(of_clips)  # clip, kind, amount, (lag, jitter, error)
            means = np.exp(np.log(np.maximum(each, 1e-9)).mean(axis=0))
            means[..., 0] = each[..., 0].mean(axis=0)
            for k, kind in enumerate(curves):
                row = np.column_stack([means[k], rest[name][k]])
                curves[kind].setdefault(rate, {})[name] = row
    return curves


def _seen(
    images: Sequence[np.ndarray], fps: float, model: str, frames: np.ndarray | None = None
) -> Seen:
    """Return the unsmoothed poses in `images`, which are the `frames` of a clip at `fps`."""
    poses, sizes, found = [], [], []
    # The filters work on the network's visibility, which is calibrated after them.
    PROFILES["default"] = replace(PROFILES["default"], calibrated_visibility=False)
    with vitruvian.PoseTracker(model, smoothing=0) as tracker:
        for image, i in zip(images, range(10**9) if frames is None else frames, strict=False):
            now_us = _times_us(i, fps)
            pose = tracker.update(image, timestamp_us=int(now_us)).pose
            if pose is None:
                continue
            auxiliary = np.empty((2, 3), np.float32)
            raw = RawPose(
                pose.landmarks, auxiliary, pose.visibility, pose.presence, pose.world, pose.score,
                None,
            )  # fmt: skip
            poses.append(raw)
            sizes.append(max(pose.roi.wh) / EXPANSION)
            found.append(now_us)
    return Seen(np.array(found), tuple(poses), np.array(sizes))


def _times_us(frames: np.ndarray, fps: float) -> np.ndarray:
    return np.round((np.asarray(frames) + 1) * 1e6 / fps).astype(np.int64)


def _reference(seen: Seen, fps: float) -> Truth:
    """Return the poses, smoothed in both directions of time."""
    half = round(4 * REFERENCE_S * fps)
    weights = np.exp(-0.5 * np.square(np.arange(-half, half + 1) / (REFERENCE_S * fps)))
    image, world = (
        np.stack([getattr(pose, name) for pose in seen.poses]).astype(float)
        for name in ("landmarks", "world")
    )

    def smooth(values: np.ndarray) -> np.ndarray:
        padded = np.pad(values, ((half, half), (0, 0), (0, 0)), mode="edge")
        windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1, axis=0)
        return windows @ (weights / weights.sum())

    return Truth(fps, smooth(image[..., :2]), smooth(world))


# --- metrics ---


def _measured(seen: Seen, truth: Truth) -> dict[str, np.ndarray]:
    """Return (2, amounts, 3): lag in ms, jitter and error, of image and world, by software."""
    seconds = seen.times_us / 1e6
    size = seen.sizes_px.mean()
    found = {}
    for name, profile in FILTERS.items():
        rows = [[], []]
        for amount in AMOUNTS:
            image, world = seen.smoothed(profile, amount)
            rows[0].append(_of_motion(image, truth.image / size, truth.fps, seconds))
            rows[1].append(_of_motion(world, truth.world, truth.fps, seconds))
        found[name] = np.array(rows)
    return found


def _of_motion(
    points: np.ndarray, truth: np.ndarray, fps: float, seconds: np.ndarray
) -> tuple[float, float, float]:
    """Return the lag in ms, and jitter and error in thousandths.

    The lag is the delay of the truth that fits best. Jitter is how far the distance from the
    delayed truth bends between three frames, scaled to the standard deviation of independent
    errors. The error is the distance of the joints from the truth without their mean offset.
    """
    kept = seconds > seconds[0] + SETTLE_S
    delays = np.arange(-0.06, 0.3, 0.004)
    x, y = (a[:, JOINTS, :2].reshape(len(a), -1) for a in (points, truth))
    moves = y.std(axis=0) > 0.3 * y.std(axis=0).max()
    x = x[kept][:, moves] - x[kept][:, moves].mean(axis=0)
    misfits = [_misfit(x, _read(y[:, moves], fps, seconds[kept] - delay)) for delay in delays]
    i = int(np.clip(np.argmin(misfits), 1, len(delays) - 2))
    before, here, after = misfits[i - 1 : i + 2]
    lag_s = delays[i] + 0.002 * (before - after) / (before - 2 * here + after)
    apart = points[kept] - _read(truth, fps, seconds[kept] - lag_s)
    apart_now = (points - _read(truth, fps, seconds))[kept][:, JOINTS]
    error = _rms(apart_now - apart_now.mean(axis=0))
    return 1e3 * lag_s, 1e3 * _bend(apart, seconds[kept]), 1e3 * error


def _read(path: np.ndarray, fps: float, seconds: np.ndarray) -> np.ndarray:
    """Return the values of `path` at times between its frames; frame 0 is one step after 0 s."""
    at = np.clip(seconds * fps - 1, 0, len(path) - 1)
    low = np.minimum(at.astype(int), len(path) - 2)
    part = (at - low).reshape(-1, *[1] * (path.ndim - 1))
    return path[low] * (1 - part) + path[low + 1] * part


def _misfit(x: np.ndarray, y: np.ndarray) -> float:
    y = y - y.mean(axis=0)
    return float(np.square(x - (x * y).sum(axis=0) / np.square(y).sum(axis=0) * y).sum())


def _bend(points: np.ndarray, seconds: np.ndarray) -> float:
    """Return the RMS distance of points from the line between their neighbours in time."""
    steps = np.diff(seconds)
    part = (steps[:-1] / (steps[:-1] + steps[1:]))[:, None, None]
    return _rms(points[1:-1] - points[:-2] * (1 - part) - points[2:] * part) * (2 / 3) ** 0.5


def _rms(apart: np.ndarray) -> float:
    return float(np.sqrt(np.square(apart).sum(axis=-1).mean()))


def _still_jitter(still: list[Seen], fps: float) -> dict[str, np.ndarray]:
    """Return (2, amounts): the jitter of still people in thousandths, image and world."""
    if fps > 30:  # the clips are too short
        return {name: np.full((2, len(AMOUNTS)), np.nan) for name in FILTERS}
    found = {}
    for name, profile in FILTERS.items():
        rows = [
            [[1e3 * metrics.jitter(a, fps) for a in seen.at(fps).smoothed(profile, amount)]
             for amount in AMOUNTS]
            for seen in still
        ]  # fmt: skip
        found[name] = np.exp(np.log(rows).mean(axis=0)).T
    return found


def _print(half: str, kind: str, curves: Curves) -> None:
    """Print the lags at the default amount, and our ratios to MediaPipe's at equal lag."""
    print(f"\n{half}, {kind} landmarks\n{'':12}{'lag, ms':^30}{'ratios at equal lag':^27}  default")
    heads = ("ours", "0.10.21", "1.2.2", "jitter", "error", "still", "jitter", "still")
    print(f"{'frames/s':12}" + "".join(f"{head:>10}" for head in heads))
    for rate, rows in curves.items():
        ours, theirs, tasks = (rows[name] for name in FILTERS)
        lag = ours[DEFAULT, 0]
        order = np.argsort(theirs[:, 0])
        equal = [np.interp(lag, theirs[order, 0], theirs[order, c]) for c in (1, 2)]
        ratios = [*(ours[DEFAULT, 1:3] / equal), ours[DEFAULT, 3] / theirs[DEFAULT, 3]]
        least = np.minimum(theirs[DEFAULT], tasks[DEFAULT])
        cells = [lag, theirs[DEFAULT, 0], tasks[DEFAULT, 0], *ratios,
                 ours[DEFAULT, 1] / least[1], ours[DEFAULT, 3] / least[3]]  # fmt: skip
        print(f"{rate:12}" + "".join(f"{cell:10.2f}" for cell in cells))


if __name__ == "__main__":
    main()
