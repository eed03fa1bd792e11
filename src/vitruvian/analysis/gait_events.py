"""Heel strikes and toe-offs of a person who walks."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from vitruvian.analysis.filtering import low_pass
from vitruvian.analysis.peaks import peaks
from vitruvian.analysis.points import HIPS, middles_added, row
from vitruvian.core.resampling import nominal_fps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.core.sequence import PersonSequence

    Floats = NDArray[np.float64]

__all__ = ["GaitEvent", "GaitSide", "gait_events"]

GaitSide = Literal["left", "right"]

PROMINENCE_M = 0.1
PROMINENCE_OF_HEIGHT = 0.06  # of the person's height in the image
APART = 1.5  # of the prominence: least distance of the feet; who stands moves them less
DIRECTION_HZ = 0.8  # a foot swings in about 1 Hz, a person turns more slowly
STEP_US = 250_000, 1_500_000  # a shorter or longer step is not walking
UNEVEN = 2.0  # ratio of two steps in a row, at most; a strong limp has 1.5
MIN_STEPS = 2  # of a walk, each from one foot to the other
MIN_VISIBILITY = 0.5  # of the ankle at an event
BORDER = 0.03  # share of the image at its border where feet are cut off
REPEATED = 0.7  # of the usual stride: a second strike of a foot that comes earlier is false


_SIDES: tuple[GaitSide, GaitSide] = ("left", "right")


class GaitEvent(NamedTuple):
    """A foot that touches the ground or leaves it.

    Attributes
    ----------
    time_us : int
        µs, between frames.
    side : {"left", "right"}
    kind : {"strike", "toe_off"}
    """

    time_us: int
    side: GaitSide
    kind: Literal["strike", "toe_off"]


def gait_events(
    person: PersonSequence, *, space: Literal["world", "image"] = "world"
) -> tuple[GaitEvent, ...]:
    """Return the heel strikes and toe-offs of a person, in order of time.

    Parameters
    ----------
    person : PersonSequence
        Smoothed, see `vitruvian.analysis.filtering.filtered`.
    space : {"world", "image"}
        Landmarks that events are found in. "image" needs a view from the side.

    Notes
    -----
    Source: Zeni, Richards and Higginson (2008). A strike is where the heel is farthest ahead of the
    hips, a toe-off where the toes are farthest behind. Ahead is where the feet point. Events are
    left out where the ankle is not visible or the foot is near the border of the image. A foot that
    strikes is ahead of its mean position and of the other foot, and one that takes off is behind.
    Walking is three strikes or more in a row, with left and right in turn and at similar intervals:
    all other events are left out.
    """
    if space not in ("world", "image"):
        raise ValueError(f"space must be world or image, got {space!r}")
    points = middles_added(person.world if space == "world" else person.landmarks[..., :2])
    if len(person) < 3 or not np.isfinite(points).any():
        return ()
    fps = nominal_fps(person.timestamps_us)
    ahead = _direction(points, fps)
    level = PROMINENCE_M
    if space == "image":
        level = PROMINENCE_OF_HEIGHT * _height_px(person)
    events: list[GaitEvent] = []
    for side, other in (_SIDES, _SIDES[::-1]):
        for kind, name, sign in (("strike", "heel", 1.0), ("toe_off", "foot_index", -1.0)):
            foot, other_foot = (points[:, row(f"{s}_{name}")] for s in (side, other))
            signal = sign * ((foot - points[:, HIPS]) * ahead).sum(axis=-1)
            apart = sign * ((foot - other_foot) * ahead).sum(axis=-1)
            if not np.isfinite(apart).any():
                continue
            apart, middle = apart - np.nanmean(apart), np.nanmean(signal)
            found = peaks(signal, level, max(1, round(2 * STEP_US[0] / 1e6 * fps)))
            events += [
                GaitEvent(_time_us(person, signal, i), side, kind)  # type: ignore[arg-type]
                for i in found.tolist()
                if signal[i] > middle and apart[i] > APART * level and _is_in_view(person, i, side)
            ]
    return _of_walks(_cleaned(sorted(events)))


def _direction(points: Floats, fps: float) -> Floats:
    """Return the unit vectors (T, D) in which the feet point: level, and changing slowly."""
    feet = sum(points[:, row(f"{s}_foot_index")] - points[:, row(f"{s}_heel")] for s in _SIDES)
    slow = low_pass(feet, fps, DIRECTION_HZ)
    slow[:, 1] = 0.0
    lengths = np.linalg.norm(slow, axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        ahead: Floats = slow / lengths
    return ahead


def _height_px(person: PersonSequence) -> float:
    y = person.landmarks[person.is_present][..., 1]
    return float(np.nanmedian(np.nanmax(y, axis=1) - np.nanmin(y, axis=1)))


def _time_us(person: PersonSequence, signal: Floats, i: int) -> int:
    """Return the time of the peak at a frame, by the parabola through it and its neighbours."""
    before, at, after = signal[i - 1 : i + 2]
    bend = before - 2 * at + after
    part = 0.5 * (before - after) / bend if bend < 0 else 0.0
    times = person.timestamps_us
    span = (times[i + 1] - times[i]) if part > 0 else (times[i] - times[i - 1])
    return int(times[i] + round(float(np.clip(part, -0.5, 0.5)) * int(span)))


def _is_in_view(person: PersonSequence, i: int, side: str) -> bool:
    ankle = row(f"{side}_ankle")
    x, y = person.landmarks[i, ankle, :2]
    width, height = person.wh[i]
    is_inside = BORDER * width < x < (1 - BORDER) * width and y < height
    return bool(is_inside and person.visibility[i, ankle] >= MIN_VISIBILITY)


def _cleaned(events: list[GaitEvent]) -> list[GaitEvent]:
    """Return events in order of time without false ones.

    Of two strikes of one foot with none of the other between them, the first is kept if they are
    close; of two toe-offs the last. If they are a whole stride apart, the other foot's event is
    missing, and both are kept.
    """
    kept: list[GaitEvent] = []
    for kind in ("strike", "toe_off"):
        chosen = [e for e in events if e.kind == kind]
        gaps = [
            b.time_us - a.time_us
            for side in _SIDES
            for a, b in _neighbours([e for e in chosen if e.side == side])
        ]
        usual = float(np.median(gaps)) if gaps else 0.0
        alternating: list[GaitEvent] = []
        for event in chosen:
            last = alternating[-1] if alternating else None
            is_repeated = (
                last is not None
                and last.side == event.side
                and event.time_us - last.time_us < REPEATED * usual
            )
            if not is_repeated:
                alternating.append(event)
            elif kind == "toe_off":
                alternating[-1] = event
        kept += alternating
    return sorted(kept)


def _of_walks(events: list[GaitEvent]) -> tuple[GaitEvent, ...]:
    """Return the events of walks, with a toe-off before the first strike and after the last."""
    spans = []
    for walk in _walks([event for event in events if event.kind == "strike"]):
        if sum(a.side != b.side for a, b in _neighbours(walk)) >= MIN_STEPS:
            first, last = walk[0].time_us, walk[-1].time_us
            step_us = float(np.median([_step_us(a, b) for a, b in _neighbours(walk)]))
            spans.append((first, last, step_us))
    return tuple(
        event
        for event in events
        if any(
            first <= event.time_us <= last
            or (event.kind == "toe_off" and first - step_us < event.time_us < last + step_us)
            for first, last, step_us in spans
        )
    )


def _walks(strikes: list[GaitEvent]) -> list[list[GaitEvent]]:
    """Return the strikes in groups: in each, steps follow each other at similar intervals."""
    walks: list[list[GaitEvent]] = []
    before_us = 0.0
    for last, strike in _neighbours(strikes):
        step_us = _step_us(last, strike)
        if not STEP_US[0] <= step_us <= STEP_US[1]:
            before_us = 0.0
        elif before_us and 1 / UNEVEN <= step_us / before_us <= UNEVEN:
            walks[-1].append(strike)
            before_us = step_us
        else:
            walks.append([last, strike])
            before_us = step_us
    return walks


def _step_us(strike: GaitEvent, following: GaitEvent) -> float:
    """Return the time of a step; half a stride if the strike of the other foot is missing."""
    return (following.time_us - strike.time_us) / (2 if following.side == strike.side else 1)


def _neighbours(events: list[GaitEvent]) -> list[tuple[GaitEvent, GaitEvent]]:
    return list(itertools.pairwise(events))
