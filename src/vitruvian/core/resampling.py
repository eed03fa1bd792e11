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

__all__ = ["MAX_GAP_S", "constant_times_us", "frames_at", "poses_at"]

MAX_GAP_S = 1 / 3
"""The longest absence that is interpolated, from the last frame before to the first after."""

ROUNDING_US = 2  # presentation times are rounded to µs: a frame this near counts as having the time


def constant_times_us(timestamps_us: NDArray[np.int64], fps: float) -> NDArray[np.int64]:
    """Return times at a constant rate from the first of `timestamps_us` to the last.

    Raises
    ------
    ValueError
        If `fps` is not positive or the timestamps do not increase.
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
