"""Repetitions of an exercise: counted in a recorded clip, or live, by the angle of one joint."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from vitruvian.core.skeleton import BLAZEPOSE

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
    "exercise_angles",
    "exercise_named",
    "joint_angles_deg",
]

MIN_VISIBILITY = 0.3  # landmarks with a lower one count as missing
PERCENTILES = (5.0, 95.0)  # of the angle in a clip: its range
SWING = 0.4  # of the range: least swing of a repetition, away from rest and back
RETURN = 0.5  # of the swing away from rest: least swing back
STILL = 0.1  # of a swing: nearer to the rest position, a repetition has not begun, or has ended
MIN_DURATION_US = 300_000  # a faster repetition is an error of the landmarks
MAX_GAP_US = 3_000_000  # a person who is lost for longer has ended the repetition
MEMORY_US = 20_000_000  # of the live counter


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
    def sign(self) -> float:
        """1 if the angle is large at rest, else -1."""
        return 1.0 if self.rest == "high" else -1.0

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
        return max(SWING * (high - low), self.exercise.min_range_deg)

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
