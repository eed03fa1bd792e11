"""Repetitions of an exercise: counted in a recorded clip, or live, by the angle of one joint."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from vitruvian.core.skeleton import BLAZEPOSE

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    "exercise_angles",
    "exercise_named",
    "joint_angles_deg",
]

MIN_VISIBILITY = 0.3  # landmarks with a lower one count as missing
PERCENTILES = (5.0, 95.0)  # of the angle in a clip: its range
LOW_SHARE, HIGH_SHARE = 0.4, 0.6  # of the range: hysteresis
REST_SHARE = 0.9  # of the range: a repetition starts and ends here
MIN_DURATION_US = 300_000  # a faster repetition is an error of the landmarks
MAX_GAP_US = 3_000_000  # a person who is lost for longer has ended the repetition
RANGE_US = 20_000_000  # of the live counter without fixed thresholds


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """An exercise, and the joint whose angle counts it.

    Attributes
    ----------
    name : str
        Name for messages and drawings.
    joint : (str, str, str)
        Landmarks without their side, as ("hip", "knee", "ankle"): the angle is at the second one.
    low_deg, high_deg : float
        Fixed thresholds of the live counter.
    rest : {"high", "low"}
        Whether a repetition starts and ends at a large angle (squat) or at a small one (press).
    sides : {"mean", "min", "max"}
        How the angles of both sides are combined. "mean" weights them by visibility; the others
        count alternating sides.
    space : {"world", "image"}
        Landmarks that are used: world (3D) or image (x and y only).
    min_range_deg : float
        Range of the angle below which there are no repetitions.
    """

    name: str
    joint: tuple[str, str, str]
    low_deg: float
    high_deg: float
    rest: Literal["high", "low"] = "high"
    sides: Literal["mean", "min", "max"] = "mean"
    space: Literal["world", "image"] = "world"
    min_range_deg: float = 20.0

    def __post_init__(self) -> None:
        for part in self.joint:
            if f"left_{part}" not in BLAZEPOSE.names:
                raise ValueError(f"joint must name landmarks without their side, got {part!r}")
        if not 0 <= self.low_deg < self.high_deg <= 180:
            got = f"{self.low_deg!r} and {self.high_deg!r}"
            raise ValueError(f"low_deg must be below high_deg, both from 0 to 180, got {got}")

    @property
    def indices(self) -> NDArray[np.intp]:
        """(2, 3) array: the landmarks of the left and of the right joint."""
        sides = ("left", "right")
        return np.array([[BLAZEPOSE.index(f"{s}_{part}") for part in self.joint] for s in sides])


_KNEE, _HIP = ("hip", "knee", "ankle"), ("shoulder", "hip", "knee")
_ELBOW, _SHOULDER = ("shoulder", "elbow", "wrist"), ("hip", "shoulder", "elbow")

EXERCISES: dict[str, Exercise] = {
    e.name: e
    for e in (
        Exercise(name="squat", joint=_KNEE, low_deg=100, high_deg=150),
        Exercise(name="lunge", joint=_KNEE, low_deg=110, high_deg=150),
        Exercise(name="push_up", joint=_ELBOW, low_deg=90, high_deg=150),
        Exercise(name="curl", joint=_ELBOW, low_deg=70, high_deg=140),
        Exercise(name="press", joint=_ELBOW, low_deg=100, high_deg=150, rest="low"),
        Exercise(name="sit_up", joint=_HIP, low_deg=80, high_deg=110),
        Exercise(name="jumping_jack", joint=_SHOULDER, low_deg=50, high_deg=120, rest="low"),
        Exercise(name="deadlift", joint=_HIP, low_deg=110, high_deg=150),
        Exercise(name="lateral_raise", joint=_SHOULDER, low_deg=35, high_deg=70, rest="low"),
        Exercise(name="high_knees", joint=_HIP, low_deg=115, high_deg=145, sides="min"),
    )
}
"""Every exercise that is known, by name."""


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


def exercise_named(exercise: str | Exercise) -> Exercise:
    """Return an exercise by name; an `Exercise` is returned as it is.

    Raises
    ------
    ValueError
        If no exercise has this name.
    """
    if isinstance(exercise, Exercise):
        return exercise
    name = exercise.replace("-", "_")
    if name not in EXERCISES:
        raise ValueError(f"exercise must be one of {sorted(EXERCISES)}, got {exercise!r}")
    return EXERCISES[name]


def exercise_angles(
    person: PersonSequence | Pose, exercise: str | Exercise
) -> tuple[Floats, Floats]:
    """Return the angle that counts an exercise, and the angles of the left and the right side.

    Parameters
    ----------
    person : PersonSequence or Pose
        T frames, or one.
    exercise : str or Exercise
        One of `EXERCISES`, or your own.

    Returns
    -------
    (T,) or () array, (T, 2) or (2,) array, degrees
        0 to 180; NaN if the joint is not visible.
    """
    exercise = exercise_named(exercise)
    array = person.world if exercise.space == "world" else person.landmarks[..., :2]
    angles = joint_angles_deg(array, exercise)
    visible = np.asarray(person.visibility, np.float64)[..., exercise.indices].min(axis=-1)
    is_known = np.isfinite(angles) & (visible >= MIN_VISIBILITY)
    angles = np.where(is_known, angles, np.nan)
    return _combined(angles, np.where(is_known, visible, 0.0), exercise), angles


def joint_angles_deg(landmarks: NDArray[np.floating], exercise: str | Exercise) -> Floats:
    """Return the angles (..., 2) of the left and the right joint of landmarks (..., 33, axes)."""
    points = landmarks[..., exercise_named(exercise).indices, :].astype(np.float64)
    one = points[..., 0, :] - points[..., 1, :]
    other = points[..., 2, :] - points[..., 1, :]
    dot = (one * other).sum(axis=-1)
    squares = (one * one).sum(axis=-1) * (other * other).sum(axis=-1)
    with np.errstate(invalid="ignore"):
        cross = np.sqrt(np.maximum(squares - dot * dot, 0.0))
        angles: Floats = np.degrees(np.arctan2(cross, dot))
    return np.where(squares > 0, angles, np.nan)


def _combined(angles: Floats, weights: Floats, exercise: Exercise) -> Floats:
    known = np.where(weights > 0, angles, 0.0)
    total = weights.sum(axis=-1)
    if exercise.sides == "mean":
        with np.errstate(invalid="ignore"):
            mean: Floats = (known * weights).sum(axis=-1) / np.where(total > 0, total, np.nan)
        return mean
    sign = 1.0 if exercise.sides == "max" else -1.0
    extreme = sign * np.where(weights > 0, sign * angles, -np.inf).max(axis=-1)
    return np.where(total > 0, extreme, np.nan)


def count_repetitions(person: PersonSequence, exercise: str | Exercise) -> list[Repetition]:
    """Return the repetitions of an exercise in a clip.

    The thresholds are 40 % and 60 % of the range of the angle in the clip, so that shallow
    repetitions count as well as deep ones.

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
    A repetition is a visit of the angle below the lower threshold between two visits above the
    upper one (the reverse if `Exercise.rest` is "low"). Repetitions below 0.3 s do not count.
    """
    exercise = exercise_named(exercise)
    angles, sides = exercise_angles(person, exercise)
    known = np.flatnonzero(np.isfinite(angles))
    if not known.size:
        return []
    low, high = np.percentile(angles[known], PERCENTILES).tolist()
    if high - low < exercise.min_range_deg:
        return []
    sign = 1.0 if exercise.rest == "high" else -1.0
    heights = (angles[known] - low) / (high - low)  # 1 at rest, 0 at the turn
    if sign < 0:
        heights = 1 - heights
    times_us = person.timestamps_us[known]
    repetitions: list[Repetition] = []
    for first, last, is_partial in _visits(heights, times_us):
        start, turn, end = _bounds(heights, first, last)
        if not is_partial and times_us[end] - times_us[start] < MIN_DURATION_US:
            continue
        span = angles[known[start : end + 1]]
        left, right = sides[known[turn]].tolist()
        repetitions.append(
            Repetition(
                number=len(repetitions) + 1,
                start_us=int(times_us[start]),
                turn_us=int(times_us[turn]),
                end_us=int(times_us[end]),
                min_deg=float(span.min()),
                max_deg=float(span.max()),
                left_deg=left,
                right_deg=right,
                is_partial=is_partial,
            )
        )
    return repetitions


def _visits(heights: Floats, times_us: NDArray[np.int64]) -> list[tuple[int, int, bool]]:
    """Return each visit below the lower threshold: frames around it, and whether it is partial.

    The frames are the last one above the upper threshold before and the first one after; without
    one the visit is partial.
    """
    visits: list[tuple[int, int, bool]] = []
    last_up: int | None = None
    down: int | None = None  # first frame below
    for i, height in enumerate(heights.tolist()):
        if i and times_us[i] - times_us[i - 1] > MAX_GAP_US:
            if down is not None:
                visits.append((down if last_up is None else last_up, i - 1, True))
            last_up = down = None
        if height > HIGH_SHARE:
            if down is not None:
                visits.append((down if last_up is None else last_up, i, last_up is None))
            last_up, down = i, None
        elif height < LOW_SHARE and down is None:
            down = i
    if down is not None:
        visits.append((down if last_up is None else last_up, len(heights) - 1, True))
    return visits


def _bounds(heights: Floats, first: int, last: int) -> tuple[int, int, int]:
    """Return the frames of start, turn and end of the visit between two frames."""
    turn = first + int(heights[first : last + 1].argmin())
    start, end = first, last
    while start > 0 and heights[start] < REST_SHARE and heights[start - 1] > heights[start]:
        start -= 1
    while end < len(heights) - 1 and heights[end] < REST_SHARE and heights[end + 1] > heights[end]:
        end += 1
    return start, turn, end


class RepetitionCounter:
    """Counts the repetitions of an exercise live, frame by frame.

    Parameters
    ----------
    exercise : str or Exercise
        One of `EXERCISES`, or your own.
    adaptive : bool
        Whether the thresholds follow the range of the angle in the last 20 s, instead of the fixed
        ones of the exercise. It counts shallow repetitions, too, but needs the first one to learn.

    Attributes
    ----------
    exercise : Exercise
    count : int
        Whole repetitions so far.
    phase : str or None
        "rest" or "turn", the side of the thresholds on which the angle was last; None before that.
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
        self.phase: Literal["rest", "turn"] | None = None
        self.angle_deg: float | None = None
        self._has_rested = False
        self._seen: list[tuple[int, float, float, float]] = []  # of this repetition
        self._range: deque[tuple[int, float]] = deque()
        self._last_us: int | None = None
        self._last_seen_us: int | None = None

    def update(self, pose: Pose | None, timestamp_us: int) -> Repetition | None:
        """Return the repetition that is complete with this frame, or None.

        Parameters
        ----------
        pose : Pose or None
            The person; None if the person is not in view.
        timestamp_us : int
            Time of the frame, later than that of the previous one.
        """
        if self._last_us is not None and timestamp_us <= self._last_us:
            raise ValueError(
                f"timestamp_us must increase, got {timestamp_us} after {self._last_us}"
            )
        self._last_us = timestamp_us
        self.angle_deg = None
        if pose is None:
            return None
        angle, sides = exercise_angles(pose, self.exercise)
        if math.isnan(angle):
            return None
        self.angle_deg = float(angle)
        if self._last_seen_us is not None and timestamp_us - self._last_seen_us > MAX_GAP_US:
            self.phase, self._has_rested, self._seen = None, False, []
        self._last_seen_us = timestamp_us
        left, right = sides.tolist()
        self._seen.append((timestamp_us, self.angle_deg, left, right))
        thresholds = self._thresholds(timestamp_us, self.angle_deg)
        return None if thresholds is None else self._passed(*thresholds)

    def _thresholds(self, timestamp_us: int, angle_deg: float) -> tuple[float, float] | None:
        if not self._adaptive:
            return self.exercise.low_deg, self.exercise.high_deg
        self._range.append((timestamp_us, angle_deg))
        while timestamp_us - self._range[0][0] > RANGE_US:
            self._range.popleft()
        low, high = np.percentile([angle for _, angle in self._range], PERCENTILES).tolist()
        if high - low < self.exercise.min_range_deg:
            return None
        return low + LOW_SHARE * (high - low), low + HIGH_SHARE * (high - low)

    def _passed(self, low_deg: float, high_deg: float) -> Repetition | None:
        """Change the phase at a threshold; return the repetition if it ends one."""
        angle = self._seen[-1][1]
        is_high, is_low = angle > high_deg, angle < low_deg
        at_rest, at_turn = (is_high, is_low) if self.exercise.rest == "high" else (is_low, is_high)
        if at_turn:
            self.phase = "turn"
        elif at_rest:
            done = self._seen if self.phase == "turn" and self._has_rested else None
            self.phase, self._has_rested, self._seen = "rest", True, self._seen[-1:]
            if done is not None and done[-1][0] - done[0][0] >= MIN_DURATION_US:
                self.count += 1
                return _repetition(self.count, done, self.exercise)
        return None


def _repetition(
    number: int, seen: Sequence[tuple[int, float, float, float]], exercise: Exercise
) -> Repetition:
    """Return the repetition of frames (time, angle, left, right)."""
    angles = [angle for _, angle, _, _ in seen]
    turn = angles.index(min(angles) if exercise.rest == "high" else max(angles))
    turn_us, _, left, right = seen[turn]
    extremes = min(angles), max(angles)
    return Repetition(number, seen[0][0], turn_us, seen[-1][0], *extremes, left, right)
