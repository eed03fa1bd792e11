"""Smoothing of recorded poses: outliers, gaps, and low-pass filters that look both ways.

The filters of a tracker see no future, so they lag. Here the whole clip is known, so the filters
have no lag. Everything is NumPy; arrays begin with time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import numpy as np

from vitruvian.core._arrays import read_only
from vitruvian.core.low_pass import (
    LowPassMethod,
    equal_gaps,
    filled_gaps,
    interpolated,
    low_pass,
    runs_of,
    without_outliers,
)
from vitruvian.core.resampling import (
    MAX_GAP_S,
    constant_times_us,
    has_constant_rate,
    nominal_fps,
    poses_at,
)
from vitruvian.core.schema import QUANTITIES
from vitruvian.core.sequence import PersonSequence, PoseSequence

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = [
    "Filtering",
    "filled_gaps",
    "filtered",
    "interpolated",
    "low_pass",
    "without_outliers",
]

MIN_CHUNK_S = 0.2  # a person who is seen for less between two gaps is left out

_COORDINATES = tuple(q.name for q in QUANTITIES if q.axes)
_OTHERS = ("visibility", "presence", "scores", "rois", "spread_px")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filtering:
    """How recorded poses are smoothed.

    Attributes
    ----------
    cutoff_hz : float
        Cutoff of the low-pass filter: 3 to 6 for walking, 6 to 15 for running, 15 and more for
        impacts. It is lowered to 0.45 times the frame rate.
    method : str
        "butterworth": zero phase, order 4 (order 2 forward and backward), as in most of
        biomechanics. "whittaker": penalised second differences, for short clips. "kalman": Kalman
        smoother with constant acceleration, which fills gaps by the motion around them.
    outliers : bool
        Whether outliers are replaced by the median of 7 frames before (Hampel filter).
    max_gap_s : float
        Longest gap that is filled. Longer ones stay NaN.
    min_visibility : float
        Landmarks with a lower visibility count as missing.

    Raises
    ------
    ValueError
        If an option is out of range.
    """

    cutoff_hz: float = 6.0
    method: LowPassMethod = "butterworth"
    outliers: bool = True
    max_gap_s: float = MAX_GAP_S
    min_visibility: float = 0.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.cutoff_hz) and self.cutoff_hz > 0):
            raise ValueError(f"cutoff_hz must be positive, got {self.cutoff_hz!r}")
        if self.method not in get_args(LowPassMethod):
            raise ValueError(
                f"method must be one of {get_args(LowPassMethod)}, got {self.method!r}"
            )
        if not self.max_gap_s >= 0:
            raise ValueError(f"max_gap_s must not be negative, got {self.max_gap_s!r}")
        if not 0 <= self.min_visibility <= 1:
            raise ValueError(f"min_visibility must be 0 to 1, got {self.min_visibility!r}")


Sequence_ = TypeVar("Sequence_", PoseSequence, PersonSequence)


def filtered(sequence: Sequence_, options: Filtering | None = None) -> Sequence_:
    """Return the sequence smoothed: outliers replaced, gaps filled, low-pass filtered.

    Image, world and camera landmarks are treated alike, each coordinate on its own. Visibility,
    scores and regions are kept; in a filled gap they are interpolated. Frames keep their times: at
    a variable rate the filter works at the nominal rate, and its result is interpolated back.

    Parameters
    ----------
    sequence : PoseSequence or PersonSequence
        Best tracked with ``smoothing=0``: an online filter adds lag that can't be removed.
    options : Filtering, optional

    Returns
    -------
    PoseSequence or PersonSequence
        Of the same kind. In a `PoseSequence` slot k holds person ``ids[k]``, as after
        `with_constant_rate`. A person who is seen for less than 0.2 s between two gaps that are too
        long to be filled is left out there.

    Raises
    ------
    ValueError
        If the times do not increase, or a pose has no ID.

    Notes
    -----
    A zero-phase filter runs twice, so that its -3 dB point is 0.80 of `cutoff_hz`. As in Pose2Sim,
    this is not corrected.
    """
    options = options or Filtering()
    if isinstance(sequence, PersonSequence):
        return _filtered_person(sequence, options)
    return sequence.map_people(partial(_filtered_person, options=options))


def _filtered_person(person: PersonSequence, options: Filtering) -> PersonSequence:
    times_us = person.timestamps_us
    fps = nominal_fps(times_us)
    is_constant = has_constant_rate(times_us, fps)
    grid_us = times_us if is_constant else constant_times_us(times_us, fps)
    arrays: dict[str, Any] = poses_at(person, _OTHERS, times_us, options.max_gap_s)
    is_seen = np.zeros(len(person), bool)
    for name in _COORDINATES:
        array = getattr(person, name)
        if array is None:
            continue
        values = np.where(person.visibility[..., None] >= options.min_visibility, array, np.nan)
        values = values.reshape(len(values), -1).astype(np.float64)
        if options.outliers:
            values = without_outliers(values)
        values = _continuous(values, times_us, grid_us, options, fps)
        if not is_constant:
            values = interpolated(grid_us, values, times_us, options.max_gap_s)
        arrays[name] = values.reshape(array.shape).astype(array.dtype)
        is_seen |= np.isfinite(values).any(axis=1)
    for array in arrays.values():
        array.flags.writeable = True
        array[~is_seen] = np.nan
        read_only(array)
    return replace(person, **arrays)


def _continuous(
    values: Floats,
    times_us: NDArray[np.int64],
    grid_us: NDArray[np.int64],
    options: Filtering,
    fps: float,
) -> Floats:
    """Return coordinates (T, C) at the times of a constant rate: gaps filled, low-pass filtered."""
    gap_s = options.max_gap_s
    if options.method == "kalman":  # it fills gaps by itself
        at_grid = interpolated(times_us, values, grid_us, 0 if grid_us is times_us else gap_s)
        is_near = np.isfinite(filled_gaps(at_grid, fps, gap_s))
        smooth = low_pass(at_grid, fps, options.cutoff_hz, "kalman")
        return _without_short_chunks(np.where(is_near, smooth, np.nan), fps)
    at_grid = interpolated(times_us, values, grid_us, gap_s)
    at_grid = _without_short_chunks(at_grid, fps)
    return low_pass(at_grid, fps, options.cutoff_hz, options.method)


def _without_short_chunks(values: Floats, fps: float) -> Floats:
    """Return values without the stretches below 0.2 s, unless there is nothing else."""
    result = values.copy()
    for columns, is_known in equal_gaps(values):
        runs = runs_of(is_known)
        short = [(a, b) for a, b in runs if (b - a) < MIN_CHUNK_S * fps]
        for start, end in short if len(short) < len(runs) else ():
            result[start:end, columns] = np.nan
    return result
