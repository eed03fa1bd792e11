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
    "COORDINATES",
    "OTHERS",
    "Filtering",
    "filled_gaps",
    "filtered",
    "interpolated",
    "low_pass",
    "without_outliers",
]

OUTLIER_FPS = 23.0  # at 15 frames/s and below, 7 frames have fast motion that is no outlier
MIN_CHUNK_S = 0.2  # a person who is seen for less between two gaps is left out

COORDINATES = tuple(q.name for q in QUANTITIES if q.axes)
"""Quantities of a person that are positions, which are smoothed."""
OTHERS = ("visibility", "presence", "scores", "rois", "spread_px")


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
        Whether outliers are replaced by the median of 7 frames before (Hampel filter). Below 23
        frames/s they never are, because fast motion would be taken for outliers.
    max_gap_s : float
        Longest gap that is filled. Longer ones stay NaN.
    min_visibility : float
        Landmarks with a lower visibility count as missing.
    slow_motion : float
        How many times slower than life the clip plays: 8 for 240 frames/s stored as 30. The cutoff
        is that of the real motion, so it is divided by this; `max_gap_s` is in the time of the
        clip.

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
    slow_motion: float = 1.0

    def __post_init__(self) -> None:
        for name in ("cutoff_hz", "slow_motion"):
            if not (math.isfinite(getattr(self, name)) and getattr(self, name) > 0):
                raise ValueError(f"{name} must be positive, got {getattr(self, name)!r}")
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
    grid_us = times_us if is_constant else _grid_us(times_us, fps)
    arrays: dict[str, Any] = poses_at(person, OTHERS, times_us, options.max_gap_s)
    is_seen = np.zeros(len(person), bool)
    for name in COORDINATES:
        array = getattr(person, name)
        if array is None:
            continue
        is_hidden = person.visibility[..., None] < options.min_visibility
        values = np.where(is_hidden | ~np.isfinite(array), np.nan, array)
        values = values.reshape(len(values), -1).astype(np.float64)
        if options.outliers and fps * options.slow_motion >= OUTLIER_FPS:
            values = without_outliers(values)
        smooth = _continuous(values, times_us, grid_us, options, fps)
        if not is_constant:
            is_near = np.isfinite(interpolated(times_us, values, times_us, options.max_gap_s))
            smooth = interpolated(grid_us, smooth, times_us, options.max_gap_s)
            smooth = np.where(is_near, smooth, np.nan)
        values = smooth
        arrays[name] = values.reshape(array.shape).astype(array.dtype)
        is_seen |= np.isfinite(values).any(axis=1)
    is_seen &= np.isfinite(arrays["rois"][:, 0])  # times are rounded: a gap may be filled in part
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
    gap_s, cutoff_hz = options.max_gap_s, options.cutoff_hz / options.slow_motion
    at_grid = values
    if grid_us is not times_us:
        at_grid = interpolated(times_us, values, grid_us, gap_s)
        at_grid = _with_nearest(at_grid, grid_us, values, times_us, 1 / fps)
    filled = filled_gaps(at_grid, fps, gap_s)
    if options.method != "kalman":
        return low_pass(_without_short_chunks(filled, fps), fps, cutoff_hz, options.method)
    smooth = low_pass(at_grid, fps, cutoff_hz, "kalman")  # it fills gaps by itself
    return _without_short_chunks(np.where(np.isfinite(filled), smooth, np.nan), fps)


def _grid_us(times_us: NDArray[np.int64], fps: float) -> NDArray[np.int64]:
    """Return times at a constant rate from the first frame to the last one or the next after it."""
    grid_us = constant_times_us(times_us, fps)
    if grid_us[-1] < times_us[-1]:
        grid_us = np.append(grid_us, grid_us[0] + round(len(grid_us) * 1e6 / fps))
    return grid_us


def _with_nearest(
    at_grid: Floats,
    grid_us: NDArray[np.int64],
    values: Floats,
    times_us: NDArray[np.int64],
    step_s: float,
) -> Floats:
    """Return values at a grid; those missing less than a step from a known one are equal to it.

    So a stretch on the grid begins before its first frame and ends after its last one.
    """
    result = at_grid.copy()
    for columns, is_known in equal_gaps(values):
        known = np.flatnonzero(is_known)
        if not known.size:
            continue
        after = np.searchsorted(times_us[known], grid_us).clip(1, max(len(known) - 1, 1))
        pair = np.stack([known[after - 1], known[np.minimum(after, len(known) - 1)]])
        off_us = np.abs(times_us[pair] - grid_us)
        nearest = np.where(off_us[0] <= off_us[1], pair[0], pair[1])
        rows = np.flatnonzero(off_us.min(axis=0) < step_s * 1e6)
        part = result[np.ix_(rows, columns)]
        near = values[np.ix_(nearest[rows], columns)]
        result[np.ix_(rows, columns)] = np.where(np.isnan(part), near, part)
    return result


def _without_short_chunks(values: Floats, fps: float) -> Floats:
    """Return values without the stretches below 0.2 s, unless there is nothing else."""
    result = values.copy()
    for columns, is_known in equal_gaps(values):
        runs = runs_of(is_known)
        short = [(a, b) for a, b in runs if (b - a) < MIN_CHUNK_S * fps]
        for start, end in short if len(short) < len(runs) else ():
            result[start:end, columns] = np.nan
    return result
