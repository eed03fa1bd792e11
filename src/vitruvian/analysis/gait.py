"""Gait: steps, cadence, stance and swing, symmetry."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from vitruvian.analysis.filtering import low_pass
from vitruvian.analysis.gait_events import GaitEvent, GaitSide, gait_events
from vitruvian.analysis.points import HIPS, middles_added
from vitruvian.core.resampling import nominal_fps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from vitruvian.core.sequence import PersonSequence

__all__ = ["STEP_VALUES", "Gait", "Step", "gait", "symmetry_index"]

PATH_HZ = 1.0  # the depth of the hips is noisy: their path is low-passed
LONGEST = 1.8  # of the usual stride: a longer one has a stop or a missing event in it

STEP_VALUES = (
    *("step_s", "stride_s", "stance_s", "swing_s", "stance_percent", "double_support_s"),
    *("step_m", "stride_m", "speed_m_s"),
)
"""Names of the values of a `Step`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: it ends with a heel strike, and the stride of that foot begins.

    Values that are not known are NaN: at the ends of the clip, where an event is missing, and
    lengths without camera landmarks.

    Attributes
    ----------
    side : {"left", "right"}
    strike_us : int
        Time of the heel strike.
    step_s : float
        Time from the heel strike of the other foot.
    stride_s : float
        Time to the next heel strike of the same foot.
    stance_s : float
        Time to the toe-off of the same foot.
    double_support_s : float
        Time within the stride with both feet on the ground.
    step_m, stride_m : float
        Distance that the hips move in the step and in the stride.
    """

    side: GaitSide
    strike_us: int
    step_s: float = math.nan
    stride_s: float = math.nan
    stance_s: float = math.nan
    double_support_s: float = math.nan
    step_m: float = math.nan
    stride_m: float = math.nan

    @property
    def swing_s(self) -> float:
        """Time from the toe-off to the next heel strike."""
        return self.stride_s - self.stance_s

    @property
    def stance_percent(self) -> float:
        """Stance in percent of the stride."""
        return 100 * self.stance_s / self.stride_s

    @property
    def speed_m_s(self) -> float:
        """Walking speed over the stride."""
        return self.stride_m / self.stride_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Gait:
    """Events and steps of a person who walks, in order of time.

    Attributes
    ----------
    events : tuple of GaitEvent
    steps : tuple of Step
        One for each heel strike.
    """

    events: tuple[GaitEvent, ...]
    steps: tuple[Step, ...]

    @property
    def cadence(self) -> float:
        """Steps per minute, from the median step time; NaN without steps."""
        return 60 / self.median("step_s")

    def median(self, name: str, side: GaitSide | None = None) -> float:
        """Return the median of a value of the steps, of one side or both; NaN if none is known.

        Parameters
        ----------
        name : str
            One of `STEP_VALUES`.
        side : {"left", "right"} or None
        """
        steps = [step for step in self.steps if side in (None, step.side)]
        values = np.array([getattr(step, name) for step in steps], np.float64)
        known = values[np.isfinite(values)]
        return float(np.median(known)) if known.size else math.nan

    def symmetry(self, name: str) -> float:
        """Return the symmetry index of a value of the steps; see `symmetry_index`."""
        return symmetry_index(self.median(name, "left"), self.median(name, "right"))


def symmetry_index(left: float, right: float) -> float:
    """Return ``100 * (right - left) / mean``: 0 is symmetric, 10 means right is 10 % larger.

    NaN if a value is NaN or both are 0. Source: Robinson, Herzog and Nigg (1987).

    Examples
    --------
    >>> round(symmetry_index(0.5, 0.6), 1)
    18.2
    """
    total = left + right
    return 200 * (right - left) / total if total else math.nan


def gait(person: PersonSequence, *, space: Literal["world", "image"] = "world") -> Gait:
    """Return the events and steps of a person who walks.

    Parameters
    ----------
    person : PersonSequence
        Smoothed, see `vitruvian.analysis.filtering.filtered`.
    space : {"world", "image"}
        As in `gait_events`.

    Returns
    -------
    Gait
        Without steps if the person does not walk. Lengths and speed need camera landmarks.
    """
    events = gait_events(person, space=space)
    path = _path(person)
    strikes = [e for e in events if e.kind == "strike"]
    intervals = [b - a for side in ("left", "right") for a, b in _intervals(strikes, side)]
    longest_us = LONGEST * float(np.median(intervals)) if intervals else math.inf
    times = {
        (side, kind): [e.time_us for e in events if (e.side, e.kind) == (side, kind)]
        for side in ("left", "right")
        for kind in ("strike", "toe_off")
    }
    steps = [_step(e, times, longest_us, path, person.timestamps_us) for e in strikes]
    return Gait(events=events, steps=tuple(steps))


def _intervals(strikes: Sequence[GaitEvent], side: str) -> list[tuple[int, int]]:
    times = [e.time_us for e in strikes if e.side == side]
    return list(itertools.pairwise(times))


def _step(
    strike: GaitEvent,
    times: Mapping[tuple[str, str], Sequence[int]],
    longest_us: float,
    path: NDArray[np.float64] | None,
    times_us: NDArray[np.int64],
) -> Step:
    now, own = strike.time_us, strike.side
    other = "right" if own == "left" else "left"
    own_next = _first(times[own, "strike"], now, now + longest_us)
    own_off = _first(times[own, "toe_off"], now, own_next)
    other_next = _first(times[other, "strike"], now, own_next)
    other_off = _first(times[other, "toe_off"], now, other_next)
    last, own_last = (_last(times[side, "strike"], now) for side in (other, own))
    if own_last > last or not now - last < longest_us / 2 * 1.2:
        last = math.nan
    return Step(
        side=strike.side,
        strike_us=now,
        step_s=(now - last) / 1e6,
        stride_s=(own_next - now) / 1e6,
        stance_s=(own_off - now) / 1e6,
        double_support_s=(other_off - now + own_off - other_next) / 1e6,
        step_m=_moved_m(path, times_us, last, now),
        stride_m=_moved_m(path, times_us, now, own_next),
    )


def _first(times_us: Sequence[int], start_us: int, end_us: float) -> float:
    """Return the first of the times in order that is between two times; NaN if there is none."""
    i = bisect_right(times_us, start_us)
    return float(times_us[i]) if i < len(times_us) and times_us[i] <= end_us else math.nan


def _last(times_us: Sequence[int], end_us: int) -> float:
    """Return the last of the times in order that is before a time; NaN if there is none."""
    i = bisect_left(times_us, end_us)
    return float(times_us[i - 1]) if i else math.nan


def _path(person: PersonSequence) -> NDArray[np.float64] | None:
    """Return x and z of the hips (T, 2), m, in camera space."""
    if person.camera is None or len(person) < 2:
        return None
    hips = middles_added(person.camera)[:, HIPS][:, [0, 2]]
    return low_pass(hips, nominal_fps(person.timestamps_us), PATH_HZ)


def _moved_m(
    path: NDArray[np.float64] | None,
    times_us: NDArray[np.int64],
    start_us: float,
    end_us: float,
) -> float:
    """Return the distance between two times; NaN if one is, or the path is not known there."""
    if path is None or math.isnan(start_us + end_us):
        return math.nan
    ends = [np.interp([start_us, end_us], times_us, path[:, i]) for i in (0, 1)]
    return float(math.hypot(*(np.diff(e)[0] for e in ends)))
