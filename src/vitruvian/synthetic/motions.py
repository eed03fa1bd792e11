"""Motions: functions from time in s and figure to posture.

Each function in this module returns a motion. Motions have no state: the posture depends on time
and figure only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from vitruvian.core.semaphore import REST, SEMAPHORE
from vitruvian.synthetic.figure import Figure
from vitruvian.synthetic.posture import Posture, Vector, blended

__all__ = [
    "Motion",
    "jumping_jack",
    "mirrored",
    "pace",
    "semaphore",
    "semaphore_duration_s",
    "sequence",
    "squat",
    "stand",
    "turn",
    "walk",
    "wave",
]

Motion = Callable[[float, Figure], Posture]

RAMP_S = 0.6  # time to reach full walking speed, and to stop
STANCE = 0.62  # fraction of the gait cycle with the foot on the ground: Winter, section 3
STRIKE = 0.25  # distance of the heel strike ahead of the hips, in strides
ARMS_MOVE = 0.4  # fraction of a semaphore letter's time in which the arms move to it


def stand(posture: Posture | None = None) -> Motion:
    """Hold `posture`, or stand upright."""
    held = Posture() if posture is None else posture
    return lambda _time_s, _figure: held


def squat(period_s: float = 2.0, *, depth: float = 0.36) -> Motion:
    """Squat; at half the period the hips are `depth` leg lengths lower."""
    _check_positive(period_s=period_s)

    def motion(time_s: float, figure: Figure) -> Posture:
        low = 0.5 - 0.5 * math.cos(2 * math.pi * time_s / period_s)
        drop = depth * low * (figure.thigh_m + figure.shank_m)
        arm = math.radians(10 + 110 * low)
        upper = (0.12, -math.cos(arm), math.sin(arm))
        fore = (-0.02, -math.cos(arm + 0.1), math.sin(arm + 0.1))
        wide = 0.05 * figure.height_m
        return Posture(
            hips=(0.0, -drop, -0.42 * drop),
            lean=(0.75 * low, 0.0, 0.0),
            head=(-0.4 * low, 0.0, 0.0),
            upper_arms=_both(upper),
            forearms=_both(fore),
            thumbs=((0.0, 0.6, 1.0), (0.0, 0.6, 1.0)),
            feet=((wide, 0.0, 0.0), (-wide, 0.0, 0.0)),
            foot_yaw=(0.4, 0.4),
        )

    return motion


def jumping_jack(period_s: float = 1.0) -> Motion:
    """Jumping jacks: legs apart and arms overhead, and back."""
    _check_positive(period_s=period_s)

    def motion(time_s: float, figure: Figure) -> Posture:
        closing, part = divmod(2 * (time_s / period_s % 1.0), 1.0)
        flight = min(part / 0.7, 1.0)
        apart = 1 - _eased(flight) if closing else _eased(flight)
        lift = 0.05 * figure.height_m * math.sin(math.pi * flight)
        landing = 0.02 * figure.height_m * math.sin(math.pi * max(part - 0.7, 0.0) / 0.3)
        wide = 0.16 * figure.height_m * apart
        leg = figure.thigh_m + figure.shank_m
        drop = leg - math.sqrt(leg**2 - wide**2) + landing
        arm = math.radians(12 + 150 * apart)
        bent = arm + 0.25 * apart
        return Posture(
            hips=(0.0, lift - drop, 0.0),
            upper_arms=_both((math.sin(arm), -math.cos(arm), 0.05)),
            forearms=_both((math.sin(bent), -math.cos(bent), 0.12)),
            feet=((wide, lift, 0.0), (-wide, lift, 0.0)),
            foot_pitch=(0.5 * math.sin(math.pi * flight),) * 2,
        )

    return motion


def wave(period_s: float = 0.8, *, hand: str = "right") -> Motion:
    """Wave with the raised `hand`, "left" or "right"."""
    if hand not in ("left", "right"):
        raise ValueError(f"hand must be 'left' or 'right', got {hand!r}")
    _check_positive(period_s=period_s)
    i, sign = (0, 1.0) if hand == "left" else (1, -1.0)

    def motion(time_s: float, _figure: Figure) -> Posture:
        swing = 0.15 + 0.45 * math.sin(2 * math.pi * time_s / period_s)
        still = Posture()
        upper = (sign * 0.95, -0.05, 0.25)
        fore = (sign * math.sin(swing), math.cos(swing), 0.2)
        return replace(
            still,
            upper_arms=_with(still.upper_arms, i, upper),
            forearms=_with(still.forearms, i, fore),
            thumbs=_with(still.thumbs, i, (-sign, 0.2, 0.0)),
            head=(0.0, sign * 0.06, sign * 0.1),
        )

    return motion


def turn(period_s: float = 4.0, *, angle: float = math.inf) -> Motion:
    """Turn on the spot to the left, one full turn in `period_s`, up to `angle` rad.

    A negative period turns to the right.
    """
    _check_positive(period_s=abs(period_s), angle=angle)

    def motion(time_s: float, figure: Figure) -> Posture:
        turned = min(2 * math.pi * max(time_s, 0.0) / abs(period_s), angle)
        step = math.sin(4 * turned) if turned < angle else 0.0
        lift = 0.02 * figure.height_m
        return Posture(
            heading=math.copysign(turned, period_s),
            feet=((0.0, lift * max(step, 0.0), 0.0), (0.0, lift * max(-step, 0.0), 0.0)),
            hips=(-0.01 * step, -0.006 * figure.height_m, 0.0),
        )

    return motion


def walk(speed_m_s: float = 1.2, *, distance_m: float = math.inf) -> Motion:
    """Walk straight ahead, and stop after `distance_m`."""
    _check_positive(speed_m_s=speed_m_s, distance_m=distance_m)

    def motion(time_s: float, figure: Figure) -> Posture:
        distance, effort = _distance_walked(time_s, speed_m_s, distance_m)
        stride = 0.78 * figure.height_m * math.sqrt(speed_m_s / 1.3)
        cycle = distance / stride
        left, right = (_step(cycle + half, stride, effort, figure) for half in (0.0, 0.5))
        swing = effort * math.cos(2 * math.pi * cycle)
        bob = effort * (0.017 + 0.010 * math.cos(4 * math.pi * cycle)) * figure.height_m
        return Posture(
            travel=(0.0, 0.0, distance),
            hips=(0.008 * figure.height_m * math.sin(2 * math.pi * cycle), -bob, 0.0),
            lean=(0.05 * effort, 0.0, 0.10 * swing),
            head=(0.0, 0.0, -0.10 * swing),
            upper_arms=((0.18, -1.0, -0.05 - 0.42 * swing), (-0.18, -1.0, -0.05 + 0.42 * swing)),
            forearms=(
                (0.02, -1.0, 0.2 + effort * 0.25 - 0.45 * swing),
                (-0.02, -1.0, 0.2 + effort * 0.25 + 0.45 * swing),
            ),
            feet=((-0.012, *left[:2]), (0.012, *right[:2])),
            foot_pitch=(left[2], right[2]),
        )

    return motion


def pace(speed_m_s: float = 1.2, *, distance_m: float = 4.0, turn_s: float = 1.2) -> Motion:
    """Walk `distance_m` ahead, turn, walk back, turn, and repeat."""
    walk_s = distance_m / speed_m_s + RAMP_S
    straight = walk(speed_m_s, distance_m=distance_m)
    half_turn = turn(2 * turn_s, angle=math.pi)
    return sequence(
        [(walk_s, straight), (turn_s, half_turn), (walk_s, straight), (turn_s, half_turn)],
        repeat=True,
    )


def semaphore(text: str, *, letter_s: float = 1.0) -> Motion:
    """Signal `text` in flag semaphore, starting with arms at rest; then hold the last letter.

    Parameters
    ----------
    text : str
        Letters from A to Z. Any other character means arms at rest.
    letter_s : float
        Time per letter: the arms move to it and hold it. Between two equal letters the arms drop,
        which adds `ARMS_MOVE` of that time.
    """
    signs = _signs(text, letter_s)

    def motion(time_s: float, _figure: Figure) -> Posture:
        last, since_s = REST, max(time_s, 0.0)
        for sign, seconds in signs[:-1]:
            if since_s < seconds:
                return _signalling(last, sign, since_s / letter_s)
            last, since_s = sign, since_s - seconds
        return _signalling(last, signs[-1][0], since_s / letter_s)

    return motion


def semaphore_duration_s(text: str, *, letter_s: float = 1.0) -> float:
    """Return the duration of `semaphore`, up to the end of the last letter."""
    return sum(seconds for _, seconds in _signs(text, letter_s))


def sequence(
    parts: Sequence[tuple[float, Motion]], *, blend_s: float = 0.3, repeat: bool = False
) -> Motion:
    """Do several motions in order, each from where the previous one ended.

    Parameters
    ----------
    parts : sequence of (float, Motion)
        Duration in s and motion of each part. The last posture is held, unless `repeat`.
    blend_s : float
        Duration of the transition between two motions.
    repeat : bool
        Whether to start again, from where the last motion ended.
    """
    if not parts:
        raise ValueError("parts must have at least one motion, got none")
    _check_positive(blend_s=blend_s, shortest_part_s=min(seconds for seconds, _ in parts))

    def motion(time_s: float, figure: Figure) -> Posture:
        start, before = Posture(), None
        i, rest = 0, max(time_s, 0.0)
        while rest >= parts[i % len(parts)][0] and (repeat or i < len(parts) - 1):
            seconds, done = parts[i % len(parts)]
            before = _moved(done(seconds, figure), start)
            start, rest, i = before, rest - seconds, i + 1
        now = _moved(parts[i % len(parts)][1](rest, figure), start)
        if before is None:
            return now
        passing = replace(before, travel=now.travel, heading=now.heading)
        return blended(passing, now, _eased(rest / blend_s))

    return motion


def mirrored(motion: Motion) -> Motion:
    """Do `motion` with left and right exchanged, as in a mirror."""

    def mirror(time_s: float, figure: Figure) -> Posture:
        done = motion(time_s, figure)
        return Posture(
            travel=_across(done.travel),
            heading=-done.heading,
            hips=_across(done.hips),
            pitch=done.pitch,
            lean=(done.lean[0], -done.lean[1], -done.lean[2]),
            head=(done.head[0], -done.head[1], -done.head[2]),
            upper_arms=_swapped(done.upper_arms),
            forearms=_swapped(done.forearms),
            thumbs=_swapped(done.thumbs),
            feet=_swapped(done.feet),
            foot_pitch=done.foot_pitch[::-1],
            foot_yaw=done.foot_yaw[::-1],
        )

    return mirror


def _distance_walked(time_s: float, speed: float, distance: float) -> tuple[float, float]:
    """Return the distance walked, and the current share of the full speed."""
    if math.isinf(distance):
        return speed * time_s, 1.0
    ramp = min(RAMP_S, distance / speed)
    end = distance / speed + ramp
    t = min(max(time_s, 0.0), end)
    if t < ramp:
        return speed * t * t / (2 * ramp), t / ramp
    if t > end - ramp:
        return distance - speed * (end - t) ** 2 / (2 * ramp), (end - t) / ramp
    return speed * (t - ramp / 2), 1.0


def _step(cycle: float, stride: float, effort: float, figure: Figure) -> tuple[float, float, float]:
    """Return lift and forward offset of a foot in m, and its pitch."""
    phase = cycle % 1.0
    if phase < STANCE:
        ahead, lift = STRIKE - phase, 0.0
        pitch = -0.30 * max(1 - phase / 0.08, 0.0) + 0.75 * max(phase - 0.42, 0.0) / 0.20
    else:
        swing = (phase - STANCE) / (1 - STANCE)
        ahead = STRIKE - STANCE * (1 - _eased(swing))
        lift = 0.025 * math.sin(math.pi * swing)
        pitch = 0.75 - 1.05 * _eased(min(swing / 0.8, 1.0))
    pitch *= effort
    # The foot rolls over its ball or heel, which stays in place; the ankle moves.
    radius = 0.1 if pitch > 0 else -0.036
    roll = radius * figure.height_m * (1 - math.cos(pitch)) + figure.ankle_m * math.sin(pitch)
    return effort * lift * stride, effort * ahead * stride + roll, pitch


def _signs(text: str, letter_s: float) -> list[tuple[tuple[int, int], float]]:
    """Return the arm directions of the signs in order, each with its duration in s."""
    _check_positive(letter_s=letter_s)
    if not text:
        raise ValueError(f"text must have at least one letter, got {text!r}")
    arms = [SEMAPHORE.get(letter, REST) for letter in text.upper()]
    signs = [(arms[0], letter_s)]
    for last, now in pairwise(arms):
        if now == last != REST:
            signs.append((REST, ARMS_MOVE * letter_s))
        signs.append((now, letter_s))
    return signs


def _signalling(last: tuple[int, int], now: tuple[int, int], part: float) -> Posture:
    """Return the posture after `part` of the time between two signs."""
    weight = _eased(part / ARMS_MOVE)
    right, left = (
        _held_out(side, (1 - weight) * _swing(side, a) + weight * _swing(side, b))
        for side, a, b in zip((-1, 1), last, now, strict=True)
    )
    return Posture(upper_arms=(left, right), forearms=(left, right))


def _swing(side: int, eighths: int) -> int:
    """Return eighths of a turn from straight down, outward: -1 (low, across the body) to 5."""
    return (side * (eighths - 4) + 1) % 8 - 1


def _held_out(side: int, swing: float) -> Vector:
    """Return the direction of a straight arm; an arm across the body is in front of it."""
    x, y = math.sin(swing * math.pi / 4), -math.cos(swing * math.pi / 4)
    across = min(max(-x / math.sin(math.pi / 4), 0.0), 1.0)
    return side * x, y, 0.08 + 0.37 * across


def _moved(posture: Posture, start: Posture) -> Posture:
    """Return `posture` moved to the place and heading of `start`."""
    c, s = math.cos(start.heading), math.sin(start.heading)
    x, y, z = posture.travel
    travel = (start.travel[0] + c * x + s * z, start.travel[1] + y, start.travel[2] - s * x + c * z)
    return replace(posture, travel=travel, heading=start.heading + posture.heading)


def _across(vector: Vector) -> Vector:
    return -vector[0], vector[1], vector[2]


def _both(left: Vector) -> tuple[Vector, Vector]:
    return left, _across(left)


def _swapped(pair: tuple[Vector, Vector]) -> tuple[Vector, Vector]:
    return _across(pair[1]), _across(pair[0])


def _with(pair: tuple[Vector, Vector], i: int, value: Vector) -> tuple[Vector, Vector]:
    return (value, pair[1]) if i == 0 else (pair[0], value)


def _check_positive(**values: float) -> None:
    for name, value in values.items():
        if not value > 0:
            raise ValueError(f"{name} must be positive, got {value!r}")


def _eased(part: float) -> float:
    part = min(max(part, 0.0), 1.0)
    return part * part * (3 - 2 * part)
