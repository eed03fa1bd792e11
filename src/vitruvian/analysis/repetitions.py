"""Repetitions of an exercise: counted in a recorded clip, or live, by the angle of one joint."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from vitruvian.analysis.exercises import EXERCISES, Exercise, exercise_angles, exercise_named

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.core.pose import Pose
    from vitruvian.core.sequence import PersonSequence

    Floats = NDArray[np.float64]

__all__ = [
    "EXERCISES",
    "Exercise",
    "Repetition",
    "RepetitionCounter",
    "count_repetitions",
]

PERCENTILES = (5.0, 95.0)  # of the angle in a clip: its range
SWING = 0.4  # of the range: least swing of a repetition, away from rest and back
RETURN = 0.5  # of the swing away from rest: least swing back
STILL = 0.1  # of a swing: nearer to the rest position, a repetition has not begun, or has ended
MIN_DURATION_US = 300_000  # a faster repetition is an error of the landmarks
MAX_GAP_US = 3_000_000  # a person who is lost for longer has ended the repetition
MEMORY_US = 20_000_000  # of the live counter


@dataclass(frozen=True, slots=True)
class Repetition:
    """One repetition of an exercise.

    Attributes
    ----------
    number : int
        From 1, also of a partial one.
    start_us, turn_us, end_us : int
        Time of the frame at which the rest position is left, at which the angle is farthest from
        it, and at which the rest position is reached again.
    min_deg, max_deg : float
        Extremes of the angle.
    left_deg, right_deg : float
        Angle of each side at the turn; NaN for a side that is not visible.
    is_partial : bool
        Whether its start or its end is missing: at the start or the end of the clip, or because
        the person was lost for more than 3 s.
    """

    number: int
    start_us: int
    turn_us: int
    end_us: int
    min_deg: float
    max_deg: float
    left_deg: float
    right_deg: float
    is_partial: bool = False

    @property
    def range_deg(self) -> float:
        """Range of motion."""
        return self.max_deg - self.min_deg

    @property
    def down_s(self) -> float:
        """Time from the start to the turn."""
        return (self.turn_us - self.start_us) / 1e6

    @property
    def up_s(self) -> float:
        """Time from the turn to the end."""
        return (self.end_us - self.turn_us) / 1e6

    @property
    def asymmetry_deg(self) -> float:
        """Left minus right angle at the turn; NaN if a side is not visible."""
        return self.left_deg - self.right_deg


def count_repetitions(person: PersonSequence, exercise: str | Exercise) -> list[Repetition]:
    """Return the repetitions of an exercise in a clip.

    Parameters
    ----------
    person : PersonSequence
        As from `PoseSequence.person`.
    exercise : str or Exercise
        One of `EXERCISES`, or your own.

    Returns
    -------
    list of Repetition
        In order. Those that the clip cuts are partial: leave them out of a count.

    Raises
    ------
    ValueError
        If no exercise has this name.

    Notes
    -----
    A repetition is a swing of the angle away from rest by at least 40 % of its range in the clip,
    and back by at least as much and half of the swing. The range is from the 5th to the 95th
    percentile. Repetitions below 0.3 s do not count.
    """
    exercise = exercise_named(exercise)
    angles, sides = exercise_angles(person, exercise)
    known = np.flatnonzero(np.isfinite(angles))
    if not known.size:
        return []
    low, high = np.percentile(angles[known], PERCENTILES).tolist()
    if high - low < exercise.min_range_deg:
        return []
    frames = _Frames(person.timestamps_us[known], angles[known], sides[known])
    heights = exercise.sign * frames.angles
    repetitions: list[Repetition] = []
    for rest, turn, end, is_partial in _swings(heights, frames.times_us, SWING * (high - low)):
        repetition = frames.repetition(
            len(repetitions) + 1, *_bounds(heights, rest, turn, end), is_partial=is_partial
        )
        if is_partial or repetition.end_us - repetition.start_us >= MIN_DURATION_US:
            repetitions.append(repetition)
    return repetitions


@dataclass(frozen=True, slots=True, eq=False)
class _Frames:
    """Times (T,), angles (T,) and angles of both sides (T, 2) of frames."""

    times_us: NDArray[np.int64]
    angles: Floats
    sides: Floats

    def repetition(
        self, number: int, start: int, turn: int, end: int, *, is_partial: bool = False
    ) -> Repetition:
        """Return the repetition with these frames."""
        span = self.angles[start : end + 1]
        left, right = self.sides[turn].tolist()
        start_us, turn_us, end_us = self.times_us[[start, turn, end]].tolist()
        extremes = float(span.min()), float(span.max())
        return Repetition(number, start_us, turn_us, end_us, *extremes, left, right, is_partial)


class _Swing:
    """Follows a height that is large at rest and small at the turn, and finds its extremes."""

    def __init__(self) -> None:
        self.phase: Literal["rest", "turn"] | None = None
        self._high = self._low = (math.nan, 0)  # height and key
        self._rest = math.nan  # height of the last rest

    def update(self, key: int, height: float, least: float) -> int | None:
        """Return the key of the extreme that is left by more than the least swing, or None."""
        if not height <= self._high[0]:
            self._high = height, key
        if not height >= self._low[0]:
            self._low = height, key
        if self.phase != "turn" and self._high[0] - height >= least:
            self.phase, self._low, self._rest = "turn", (height, key), self._high[0]
            return self._high[1]
        needed = max(least, RETURN * (self._rest - self._low[0]))  # least if there was no rest
        if self.phase != "rest" and height - self._low[0] >= needed:
            self.phase, self._high = "rest", (height, key)
            return self._low[1]
        return None

    @property
    def extreme(self) -> int:
        """Key of the extreme of the current phase so far."""
        return self._low[1] if self.phase == "turn" else self._high[1]


class _Levels:
    """Follows a height like `_Swing`, with a fixed lower and upper threshold."""

    def __init__(self, low: float, high: float) -> None:
        self.phase: Literal["rest", "turn"] | None = None
        self._levels = low, high
        self._extreme = (math.nan, 0)  # of the current phase: height and key

    def update(self, key: int, height: float, _least: float) -> int | None:
        """Return the key of the extreme before the threshold that is passed, or None."""
        low, high = self._levels
        phase = "turn" if height < low else "rest" if height > high else self.phase
        last, extreme = self.phase, self._extreme
        is_new = phase != last
        further = height <= extreme[0] if phase == "turn" else height >= extreme[0]
        if is_new or further:
            self._extreme = height, key
        self.phase = phase
        return extreme[1] if is_new and last is not None else None


def _swings(
    heights: Floats, times_us: NDArray[np.int64], least: float
) -> list[tuple[int, int, int, bool]]:
    """Return rest, turn and next rest of each repetition, and whether it is partial."""
    gaps = (np.flatnonzero(np.diff(times_us) > MAX_GAP_US) + 1).tolist()
    found = []
    for first, last in zip([0, *gaps], [*gaps, len(heights)], strict=True):
        swing = _Swing()
        left = [swing.update(i, float(heights[i]), least) for i in range(first, last)]
        points = [i for i in left if i is not None]
        if not points:
            continue
        points.append(swing.extreme)
        n_rests_last = 1 if swing.phase == "rest" else 0
        is_turn = [(len(points) - 1 - k) % 2 == n_rests_last for k in range(len(points))]
        for k in np.flatnonzero(is_turn).tolist():
            rest = points[k - 1] if k else first
            end = points[k + 1] if k + 1 < len(points) else last - 1
            found.append((rest, points[k], end, k == 0 or k + 1 == len(points)))
    return found


def _bounds(heights: Floats, rest: int, turn: int, end: int) -> tuple[int, int, int]:
    """Return the frames where the rest is left, of the turn, and where the next rest is reached."""
    before, after = heights[rest : turn + 1], heights[turn : end + 1]
    is_rest = before >= before[0] - STILL * (before[0] - before[-1])
    is_end = after >= after[-1] - STILL * (after[-1] - after[0])
    return rest + int(np.flatnonzero(is_rest)[-1]), turn, turn + int(np.flatnonzero(is_end)[0])


class RepetitionCounter:
    """Counts the repetitions of an exercise live, frame by frame.

    Parameters
    ----------
    exercise : str or Exercise
        One of `EXERCISES`, or your own.
    adaptive : bool
        Whether the thresholds follow the range of the angle in the last 20 s, as those of
        `count_repetitions`, instead of the fixed ones of the exercise. Then shallow repetitions
        count, and so do other motions of the joint, such as walking.

    Attributes
    ----------
    exercise : Exercise
    count : int
        Whole repetitions so far.
    phase : {"rest", "turn"} or None
        Where the angle was last; None before that is known.
    angle_deg : float or None
        Angle of this frame; None if the joint is not visible.

    Examples
    --------
    >>> counter = RepetitionCounter("squat")
    >>> counter.update(None, timestamp_us=0)  # no person in view
    >>> counter.count, counter.phase, counter.angle_deg
    (0, None, None)
    """

    def __init__(self, exercise: str | Exercise, *, adaptive: bool = False) -> None:
        self.exercise = exercise_named(exercise)
        self._adaptive = adaptive
        self.reset()

    def reset(self) -> None:
        """Reset to the state of a new counter."""
        self.count = 0
        self.angle_deg: float | None = None
        self._last_us: int | None = None
        self._forget()

    def _forget(self) -> None:
        levels = sorted(
            self.exercise.sign * a for a in (self.exercise.low_deg, self.exercise.high_deg)
        )
        self._swing = _Swing() if self._adaptive else _Levels(*levels)
        self._rest_us: int | None = None  # before the repetition that has begun
        self._seen: deque[tuple[int, float, float, float]] = deque()

    @property
    def phase(self) -> Literal["rest", "turn"] | None:
        """Where the angle was last; None before that is known."""
        return self._swing.phase

    @property
    def text(self) -> str:
        """Count and angle, as drawings show them: "squat 3 · knee 92°"."""
        name = self.exercise.name.replace("_", " ")
        if self.angle_deg is None:
            return f"{name} {self.count}"
        return f"{name} {self.count} · {self.exercise.joint[1]} {self.angle_deg:.0f}°"

    def update(self, pose: Pose | None, timestamp_us: int) -> Repetition | None:
        """Return the repetition that is complete with this frame, or None.

        It ends when the angle is back at the upper threshold, a little before the rest position.

        Parameters
        ----------
        pose : Pose or None
            The person; None if the person is not in view.
        timestamp_us : int
            Time of the frame, later than that of the previous one.

        Raises
        ------
        ValueError
            If the time is not later.
        """
        if self._last_us is not None and timestamp_us <= self._last_us:
            raise ValueError(
                f"timestamp_us must increase, got {timestamp_us} after {self._last_us}"
            )
        self._last_us, self.angle_deg = timestamp_us, None
        if pose is None:
            return None
        angle, sides = exercise_angles(pose, self.exercise)
        if math.isnan(angle):
            return None
        self.angle_deg = float(angle)
        if self._seen and timestamp_us - self._seen[-1][0] > MAX_GAP_US:
            self._forget()
        self._seen.append((timestamp_us, self.angle_deg, *sides.tolist()))
        while timestamp_us - self._seen[0][0] > MEMORY_US:
            self._seen.popleft()
        least = self._least_swing() if self._adaptive else 0.0
        left_us = self._swing.update(timestamp_us, self.exercise.sign * self.angle_deg, least)
        return None if left_us is None else self._passed(left_us)

    def _least_swing(self) -> float:
        low, high = np.percentile([angle for _, angle, _, _ in self._seen], PERCENTILES).tolist()
        return float(max(SWING * (high - low), self.exercise.min_range_deg))

    def _passed(self, left_us: int) -> Repetition | None:
        """Return the repetition if the extreme that is left is its turn."""
        if self._swing.phase == "turn":
            self._rest_us = left_us
            return None
        rest_us, self._rest_us = self._rest_us, None
        if rest_us is None:
            return None
        seen = [frame for frame in self._seen if frame[0] >= rest_us]
        times, angles, left, right = (np.array(column) for column in zip(*seen, strict=True))
        frames = _Frames(times, angles, np.stack([left, right], axis=1))
        turn = int(np.searchsorted(times, left_us))
        bounds = _bounds(self.exercise.sign * angles, 0, turn, len(times) - 1)
        repetition = frames.repetition(self.count + 1, bounds[0], turn, len(times) - 1)
        if repetition.end_us - repetition.start_us < MIN_DURATION_US:
            return None
        self.count += 1
        return repetition
