"""Synchronisation: when clips of several cameras start, from the motion of the people."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.assignment import linear_assignment
from vitruvian.core.low_pass import low_pass
from vitruvian.core.resampling import constant_times_us, nominal_fps, poses_at
from vitruvian.core.sequence import PoseSequence
from vitruvian.lift.matching import BODY, MAX_ERROR, pair_errors, ray_gaps
from vitruvian.lift.multiview import views_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from vitruvian.core.camera import Camera

    Floats = NDArray[np.float64]

__all__ = ["ClipStart", "best_start", "synchronised"]

MAX_LAG_S = 2.0
MIN_COMMON_S = 5.0
MIN_PEAK = 0.3  # correlation
SPEED_HZ = 6.0
MAX_PEOPLE = 4  # with the most frames, of each clip
MAX_GAP_S = 0.2
NEAR_PEAK_S = 0.25  # a second peak is at least this far from the first
REFINED_FRAMES = 3
STEPS_A_FRAME = 4
MAX_ROUNDS = 3
MIN_SEEN_S = 0.5
MAX_FRAMES = 3000  # of the first clip: more do not make it more exact


@dataclass(frozen=True, slots=True)
class ClipStart:
    """When a clip starts on the clock of the first one, and how sure that is.

    Attributes
    ----------
    start_s : float
    peak, second : float
        Correlation of the vertical speeds at this start, and the highest one elsewhere. The
        difference is the margin: below 0.1 the result is not reliable.
    """

    start_s: float
    peak: float
    second: float

    @property
    def margin(self) -> float:
        """Difference between the peak and the highest correlation elsewhere."""
        return self.peak - self.second


def synchronised(
    clips: Mapping[str, PoseSequence], cameras: Mapping[str, Camera]
) -> dict[str, ClipStart]:
    """Return when each clip but the first starts on the clock of the first one.

    Parameters
    ----------
    clips : mapping of camera names to PoseSequence
        Each must have at least 5 s in common with the first one. People should move up and down: a
        jump, a squat or walking will do.
    cameras : mapping of names to Camera

    Raises
    ------
    ValueError
        If a clip is too short, or its motion does not correlate with that of the first clip.

    Notes
    -----
    The vertical speeds of the landmarks of the body are correlated for lags up to 2 s; a parabola
    gives the peak between two frames. Within 3 frames of it, the start is taken at which the
    reprojection errors change least over time.
    """
    (first_name, first), *others = clips.items()
    starts = {}
    for name, clip in others:
        start_s, peak, second = _correlated(first, clip, name)
        pair = {first_name: first, name: clip}
        start_s, _, _ = best_start(pair, cameras, start_s)
        starts[name] = ClipStart(start_s, peak, second)
    return starts


def best_start(
    pair: Mapping[str, PoseSequence], cameras: Mapping[str, Camera], start_s: float = 0.0
) -> tuple[float, float, float]:
    """Return the start of the second clip at which its rays meet those of the first one best.

    It is searched within 3 frames of `start_s`, and on from there while the fit gets better at the
    end of the range, up to 9 frames.

    Returns
    -------
    start, before, after : float
        The start on the clock of the first clip, s, and the reprojection error, px, at `start_s`
        and at the start that was found: its mean change over time, without the constant part. NaN
        if no person is seen by both for 0.5 s.
    """
    (first_name, first), (name, clip) = pair.items()
    step_s = 1 / max(nominal_fps(first.timestamps_us), nominal_fps(clip.timestamps_us))
    n = REFINED_FRAMES * STEPS_A_FRAME
    every = 1 + len(first) // MAX_FRAMES
    pair = {first_name: first[::every], name: clip}
    same = _same_people(pair, cameras, start_s, round(MIN_SEEN_S / step_s / every))
    middle_s, before = start_s, float("nan")
    for _ in range(MAX_ROUNDS):
        starts = middle_s + np.arange(-n, n + 1) * (step_s / STEPS_A_FRAME)
        tables = []
        for one, other in same:
            people = {first_name: one, name: other}
            views = [views_of(people, cameras, {name: s}) for s in starts.tolist()]
            gaps = [ray_gaps(mine, yours) for mine, yours in views]
            tables.append(np.stack(gaps)[:, :, 0, 0])
        errors = _changes(tables) * max(cameras[name].wh)
        if not np.isfinite(errors).all():
            break
        before = float(errors[n]) if np.isnan(before) else before
        best = int(errors.argmin())
        if 0 < best < len(errors) - 1:
            found = starts[best] + _vertex(errors, best) * step_s / STEPS_A_FRAME
            return float(found), before, float(errors[best])
        middle_s = float(starts[best])
    return start_s, before, before


def _same_people(
    pair: Mapping[str, PoseSequence], cameras: Mapping[str, Camera], start_s: float, min_frames: int
) -> list[tuple[PoseSequence, PoseSequence]]:
    """Return the tracks of both clips that show the same person."""
    (_, first), (name, clip) = pair.items()
    one, other = views_of(pair, cameras, {name: start_s})
    errors = pair_errors(one, other)
    same = []
    for a, b in itertools.product(first.ids.tolist(), clip.ids.tolist()):
        of_pair = errors[(one.ids == a)[:, :, None] & (other.ids == b)[:, None]]
        if len(of_pair) >= max(min_frames, 2) and np.median(of_pair) < MAX_ERROR:
            people = [PoseSequence.from_people([c.person(i)]) for c, i in ((first, a), (clip, b))]
            same.append((people[0], people[1]))
    return same


def _changes(tables: list[Floats]) -> Floats:
    """Return how much the gaps (K, T, 13) of each person at K starts change over time.

    Errors that do not change come from the calibration, or from landmarks that mean another point
    in another view: they say nothing about time. Only frames with values at all starts count, and
    large gaps are limited, as left and right may be exchanged.
    """
    totals = []
    for gaps in tables:
        rows = np.isfinite(gaps).all(axis=(0, 2))
        if rows.sum() < 2:
            continue
        off = np.abs(gaps[:, rows] - np.median(gaps[:, rows], axis=1, keepdims=True))
        totals.append(np.minimum(off, 3 * np.median(off)).mean(axis=2))
    if not totals:
        return np.full(1, np.nan)
    changes: Floats = np.concatenate(totals, axis=1).mean(axis=1)
    return changes


def _vertex(values: Floats, i: int) -> float:
    """Return the place of the extremum of the parabola through i - 1, i, i + 1, from i."""
    a, b, c = values[i - 1 : i + 2].tolist()
    curve = a - 2 * b + c
    return float(np.clip((a - c) / (2 * curve), -0.5, 0.5)) if curve else 0.0


def _correlated(first: PoseSequence, clip: PoseSequence, name: str) -> tuple[float, float, float]:
    """Return the start with the highest correlation, that, and the highest one elsewhere."""
    fps = max(nominal_fps(first.timestamps_us), nominal_fps(clip.timestamps_us))
    speeds = [_vertical_speeds(c, fps) for c in (first, clip)]
    common_s = min(len(s[0]) if s else 0 for s in speeds) / fps
    if common_s < MIN_COMMON_S:
        raise ValueError(
            f"synchronisation needs people in view for {MIN_COMMON_S:g} s in every clip, "
            f"got {common_s:.1f} s for camera {name!r}: give the starts of the clips"
        )
    n = round(MAX_LAG_S * fps)
    lags = np.arange(-n, n + 1)
    tables = np.array([
        [_correlations(one, other, lags) for other in speeds[1]] for one in speeds[0]
    ])  # fmt: skip
    values = np.array([_total(tables[..., k]) for k in range(len(lags))])
    best = int(values.argmax())
    is_far = np.abs(lags - lags[best]) > NEAR_PEAK_S * fps
    if values[best] < MIN_PEAK or abs(lags[best]) == n:
        raise ValueError(
            f"the motion in the clip of camera {name!r} does not correlate with the first one "
            f"(at most {values[best]:.2f}): give the starts of the clips"
        )
    lag = lags[best] + _vertex(values, best)
    clocks_s = (int(first.timestamps_us[0]) - int(clip.timestamps_us[0])) / 1e6
    return lag / fps + clocks_s, float(values[best]), float(values[is_far].max())


def _total(table: Floats) -> float:
    """Return the mean correlation of the best pairs of people."""
    pairs = linear_assignment(-table)
    return float(np.mean([table[pair] for pair in pairs]))


def _vertical_speeds(clip: PoseSequence, fps: float) -> list[Floats]:
    """Return (T, 13) speeds of the people with the most frames, in body heights; NaN if unseen."""
    if len(clip) < 2:
        return []
    times_us = constant_times_us(clip.timestamps_us, fps)
    people = sorted(clip.ids.tolist(), key=lambda i: -int((clip.slot_ids == i).sum()))
    speeds = []
    for number in people[:MAX_PEOPLE]:
        arrays = poses_at(clip.person(number), ["landmarks"], times_us, MAX_GAP_S)
        y = arrays["landmarks"][:, BODY, 1].astype(np.float64)
        speed = np.gradient(low_pass(y, fps, min(SPEED_HZ, 0.4 * fps)), axis=0)
        speeds.append(speed)
    return speeds


def _correlations(one: Floats, other: Floats, lags: NDArray[np.int64]) -> Floats:
    """Return the correlation of speeds at each lag: ``one[t + lag]`` with ``other[t]``."""
    values = np.zeros(len(lags))
    for k, lag in enumerate(lags.tolist()):
        start, end = max(lag, 0), min(len(one), len(other) + lag)
        a, b = one[start:end], other[start - lag : end - lag]
        is_known = np.isfinite(a) & np.isfinite(b)
        if is_known.any(axis=1).sum() < 0.5 * min(len(one), len(other)):
            continue
        a, b = np.where(is_known, a, 0.0), np.where(is_known, b, 0.0)
        size = np.sqrt((a * a).sum() * (b * b).sum())
        values[k] = (a * b).sum() / size if size > 0 else 0.0
    return values
