"""Poses at other times than those of the frames, by linear interpolation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.core._arrays import read_only

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from vitruvian.core.sequence import PersonSequence, PoseSequence

__all__ = [
    "MAX_GAP_S",
    "constant_times_us",
    "frames_at",
    "has_constant_rate",
    "nominal_fps",
    "poses_at",
]

MAX_GAP_S = 1 / 3
"""The longest absence that is interpolated, from the last frame before to the first after."""

MAX_PAUSE_FRAMES = 100_000  # about an hour; more would fill the memory with frames of nobody

ROUNDING_US = 2  # presentation times are rounded to µs: a frame this near counts as having the time


USUAL_FPS = (
    *(24_000 / 1001, 24, 25, 30_000 / 1001, 30, 48, 50, 60_000 / 1001, 60, 90, 100, 120, 240),
)
SNAP = 1e-3  # share of the rate by which a measured one may differ from a usual one


def nominal_fps(timestamps_us: NDArray[np.int64]) -> float:
    """Return the frame rate: one over the median distance, or the nearest usual rate within 0.1 %.

    Times are rounded to milliseconds in some files, so the mean of the distances near the median is
    tried as well, and returned if neither is a usual rate. 30 for fewer than two frames.

    Examples
    --------
    >>> nominal_fps(np.array([0, 33_367, 66_733, 100_100]))
    29.97002997002997
    """
    steps = np.diff(timestamps_us)
    if not steps.size:
        return 30.0
    median = float(np.median(steps))
    if not median > 0:
        raise ValueError(f"timestamps_us must increase, got steps of {median:g} µs")
    near = steps[np.abs(steps - median) <= max(0.02 * median, 1000.0)]
    mean = float(near.mean()) if near.size else median
    for fps in (1e6 / median, 1e6 / mean):
        usual = min(USUAL_FPS, key=lambda rate: abs(rate - fps))
        if abs(usual - fps) <= SNAP * fps:
            return float(usual)
    return 1e6 / mean


def has_constant_rate(timestamps_us: NDArray[np.int64], fps: float) -> bool:
    """Return whether each frame is within half a frame of its time at a constant rate."""
    times = timestamps_us - timestamps_us[:1]
    off = np.abs(times - np.arange(len(times)) * (1e6 / fps))
    return bool((off <= 0.5e6 / fps).all())


def constant_times_us(timestamps_us: NDArray[np.int64], fps: float) -> NDArray[np.int64]:
    """Return times at a constant rate from the first of `timestamps_us` to the last.

    Raises
    ------
    ValueError
        If `fps` is not positive, the timestamps do not increase, or there are more than 100 000
        frames at this rate between two of them.
    """
    if not (math.isfinite(fps) and fps > 0):
        raise ValueError(f"fps must be a positive number, got {fps!r}")
    steps = np.diff(timestamps_us)
    if (steps <= 0).any():
        i = int(np.argmax(steps <= 0))
        got = f"{timestamps_us[i + 1]} after {timestamps_us[i]}"
        raise ValueError(f"timestamps_us must increase, got {got}")
    if not timestamps_us.size:
        return timestamps_us
    pause_s = steps.max(initial=0) / 1e6
    if pause_s * fps > MAX_PAUSE_FRAMES:
        raise ValueError(
            f"timestamps_us have a pause of {pause_s:.0f} s, {pause_s * fps:.0f} frames at {fps:g} "
            "fps: split the results there"
        )
    first, last = int(timestamps_us[0]), int(timestamps_us[-1])
    n_frames = math.floor((last - first + ROUNDING_US) * fps / 1e6) + 1
    times: NDArray[np.int64] = first + np.rint(np.arange(n_frames) * (1e6 / fps)).astype(np.int64)
    clipped: NDArray[np.int64] = np.clip(times, first, last)
    return clipped


def frames_at(
    sequence: PoseSequence | PersonSequence, times_us: NDArray[np.int64]
) -> dict[str, NDArray[Any]]:
    """Return `frame_indices` from 0, `timestamps_us`, and `wh` of the last frame at each time."""
    last = np.searchsorted(sequence.timestamps_us, times_us + ROUNDING_US, side="right") - 1
    return {
        "frame_indices": np.arange(len(times_us)),
        "timestamps_us": times_us,
        "wh": sequence.wh[last],
    }


def poses_at(
    person: PersonSequence, names: Iterable[str], times_us: NDArray[np.int64], max_gap_s: float
) -> dict[str, NDArray[Any]]:
    """Return the arrays `names` of a person, interpolated linearly at `times_us`.

    They are NaN before the first and after the last pose, where the poses before and after are
    more than `max_gap_s` apart, and where one of the two values is NaN.
    """
    known = np.flatnonzero(person.is_present)
    known_us = person.timestamps_us[known]
    before = np.searchsorted(known_us, times_us + ROUNDING_US, side="right") - 1
    after = np.searchsorted(known_us, times_us - ROUNDING_US)
    after = np.where(before > after, before, after)
    rows = np.flatnonzero((before >= 0) & (after < len(known)))
    span_us = known_us[after[rows]] - known_us[before[rows]]
    is_near = span_us <= max_gap_s * 1e6
    rows, span_us = rows[is_near], span_us[is_near]
    one, other = known[before[rows]], known[after[rows]]
    since_us = times_us[rows] - person.timestamps_us[one]
    weights = np.where(span_us > 0, since_us / np.maximum(span_us, 1), 0.0)
    arrays = {name: getattr(person, name) for name in names}
    resampled = {}
    for name, array in arrays.items():
        if array is not None:
            blend = _blended_rois if name == "rois" else _blended
            values = np.full((len(times_us), *array.shape[1:]), np.nan, array.dtype)
            values[rows] = blend(array[one], array[other], weights)
            resampled[name] = read_only(values)
    return resampled


def _blended(
    one: NDArray[np.floating], other: NDArray[np.floating], weights: NDArray[np.float64]
) -> NDArray[np.floating]:
    weights = weights.reshape(-1, *[1] * (one.ndim - 1))
    with np.errstate(invalid="ignore"):  # between two infinite values there is none
        change: NDArray[np.floating] = other.astype(np.float64) - one
        return np.where(weights == 0, one, one + weights * change)


def _blended_rois(
    one: NDArray[np.floating], other: NDArray[np.floating], weights: NDArray[np.float64]
) -> NDArray[np.floating]:
    """Interpolate regions; the rotation, the last column, takes the shorter way."""
    rois = _blended(one, other, weights)
    turn = (other[:, 4] - one[:, 4] + np.pi) % (2 * np.pi) - np.pi
    rotation = (one[:, 4] + weights * turn + np.pi) % (2 * np.pi) - np.pi
    rois[:, 4] = np.where(weights == 0, one[:, 4], rotation)
    return rois
