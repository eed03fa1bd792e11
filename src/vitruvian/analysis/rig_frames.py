"""The axes of 21 bones in the world, from landmarks; all frames at once.

A frame is a rotation matrix whose columns are the axes of a bone. Arrays of limbs have left and
right as their second axis.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.analysis.filtering import low_pass
from vitruvian.analysis.rig_bones import (
    BONES,
    CHEST,
    FEET,
    HANDS,
    HEAD,
    HIPS,
    LOWER_ARMS,
    LOWER_LEGS,
    NECK,
    PARENTS,
    SHOULDERS,
    SIDES,
    SPINE,
    TOES,
    UPPER_ARMS,
    UPPER_LEGS,
    X,
    Y,
    Z,
    length_of,
    pair,
)
from vitruvian.core.rotations import least_rotation, unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]

__all__ = ["FrameMemory", "bone_frames"]

STRAIGHT, BENT = math.sin(math.radians(10)), math.sin(math.radians(30))
PULL_S = 0.158  # time in which the axis of a straight arm goes to its usual one: 10 % at 60 fps
TWIST_HZ = 3.0  # cutoff of what determines the rotation about the forearm
MAX_FOOT = math.radians(75)  # of the foot from its direction at rest
TINY = 1e-6
MAX_TWIST = math.radians(100)  # of forearm against elbow
WRAP = 2 * math.pi - MAX_TWIST  # beyond, the twist is the other way around


@dataclass(slots=True)
class FrameMemory:
    """What the frames of the next pose go on from; for live use."""

    frames: dict[int, Floats] = field(default_factory=dict)
    uppers: Floats | None = None
    usual: Floats | None = None
    axes: tuple[complex, ...] = (1.0, 1.0)
    twists: tuple[float, ...] = (0.0, 0.0)


def bone_frames(
    points: Floats, offsets: Floats, fps: float, pronation: float, memory: FrameMemory | None = None
) -> Floats:
    """Return the frames (T, 21, 3, 3) of all bones.

    Parameters
    ----------
    points : (T, 33, 3) array
        Finite.
    offsets : (21, 3) array
        Of the joints from their parents.
    fps, pronation : float
        As for `rig_motion`.
    memory : FrameMemory, optional
        State after the frames before these; it is changed. Without it the arms look forward and
        back, and the hands are smoothed.
    """
    builder = _Builder(points, offsets, fps, memory)
    builder.trunk()
    builder.legs()
    builder.arms(pronation)
    return builder.frames


class _Builder:
    """Frames of all bones, from the hips outward; a bone aims at the landmark at its end.

    So errors of the lengths do not add up along a limb.
    """

    def __init__(
        self, points: Floats, offsets: Floats, fps: float, memory: FrameMemory | None
    ) -> None:
        self._points = points
        self._offsets = offsets
        self._fps = fps
        self._is_live = memory is not None
        self._memory = FrameMemory() if memory is None else memory
        self.frames = np.empty((len(points), len(BONES), 3, 3))
        self._joints = np.empty((len(points), len(BONES), 3))

    def _pair(self, name: str) -> Floats:
        return pair(self._points, name)

    def _set(self, bones: int | list[int], frames: Floats) -> Floats:
        """Set the frames of bones; those with NaN take the last ones before, or the first after."""
        key = bones if isinstance(bones, int) else bones[0]
        frames = _without_nan(frames, self._memory.frames.get(key))
        if self._is_live:
            self._memory.frames[key] = frames[-1]
        self.frames[:, bones] = frames
        return frames

    def _placed(self, bones: int | list[int]) -> Floats:
        """Return the joints of bones whose parents are known: (T, 3) or (T, 2, 3)."""
        for bone in [bones] if isinstance(bones, int) else bones:
            parent = PARENTS[bone]
            offset = self.frames[:, parent] @ self._offsets[bone]
            self._joints[:, bone] = self._joints[:, parent] + offset
        return self._joints[:, bones]

    def trunk(self) -> None:
        """Set the frames of hips, spine, chest, neck, head and shoulders."""
        hips, shoulders, ears = self._pair("hip"), self._pair("shoulder"), self._pair("ear")
        middle, across = shoulders.mean(axis=1), shoulders[:, 0] - shoulders[:, 1]
        hip_line = hips[:, 0] - hips[:, 1]
        self._joints[:, HIPS] = hips.mean(axis=1)
        self._set(HIPS, _frame(hip_line, X, middle - self._joints[:, HIPS], Y))
        both = unit(hip_line) + unit(across)
        self._set(SPINE, _frame(middle - self._placed(SPINE), Y, both, X))
        chest = self._set(CHEST, _frame(middle - self._placed(CHEST), Y, across, X))
        ahead = self._pair("eye").mean(axis=1) - ears.mean(axis=1)
        head = self._set(HEAD, _frame(ears[:, 0] - ears[:, 1], X, ahead, Z))
        mean = chest + head
        self._set(NECK, _frame(mean[..., Y], Y, mean[..., X], X))
        rest = SIDES[:, None] * chest[:, None, :, X]
        aim = least_rotation(rest, shoulders - self._placed(SHOULDERS))
        self._set(SHOULDERS, aim @ chest[:, None])

    def legs(self) -> None:
        """Set the frames of legs, feet and toes.

        The knee tells the axis across a bent leg. That of a straight one is between the axis that
        the least rotation from the pelvis gives and the one across the foot.
        """
        pelvis = self.frames[:, HIPS, None]
        thigh, shank = self._reached(UPPER_LEGS, "knee", "ankle")
        usual = (least_rotation(-pelvis[..., Y], thigh) @ pelvis)[..., X]
        hinge = np.cross(thigh, shank)
        weight = _smooth_step(length_of(hinge), STRAIGHT, BENT)
        hinge = np.nan_to_num(unit(hinge))
        agreement = (hinge * usual).sum(axis=-1)
        weight *= _smooth_step(np.abs(agreement), 0, 0.5)  # knees bend backward: no jump at 0
        foot = np.cross(-shank, unit(self._pair("foot_index") - self._pair("heel")))
        foot = np.nan_to_num(foot)
        straight = usual + np.maximum((foot * usual).sum(axis=-1), 0)[..., None] * foot
        axis = (np.copysign(weight, agreement))[..., None] * hinge
        axis += np.nan_to_num(1 - weight, nan=1.0)[..., None] * unit(straight)
        self._set(UPPER_LEGS, _frame(-thigh, Y, axis, X))
        frames = self._set(LOWER_LEGS, _frame(-shank, Y, axis, X))
        self._placed(LOWER_LEGS)
        toes = self._pair("foot_index") - self._placed(FEET)
        neutral = frames @ self._offsets[TOES[0]]
        aim = least_rotation(neutral, _near(_lengthened(toes, neutral, frames[..., Z]), neutral))
        self.frames[:, TOES] = self._set(FEET, aim @ frames)

    def _reached(self, first: list[int], middle: str, end: str) -> tuple[Floats, Floats]:
        """Return the (T, 2, 3) directions of the two long bones of a limb of constant lengths.

        The middle joint is where it and the end are both as near to their landmarks.
        """
        start, middles, ends = self._placed(first), self._pair(middle), self._pair(end)
        upper, lower = (length_of(self._offsets[first[0] + i]) for i in (1, 2))
        joints = start + upper * unit(middles - start)
        wanted = ends + lower * unit(joints - ends)
        joints = start + upper * unit((middles + wanted) / 2 - start)
        return unit(joints - start), unit(ends - joints)

    def arms(self, pronation: float) -> None:
        """Set the frames of upper arms, forearms and hands."""
        sides = SIDES[:, None]
        upper, fore = self._reached(UPPER_ARMS, "elbow", "wrist")
        axis = self._elbow_axes(upper, fore)
        self._set(UPPER_ARMS, _frame(sides * upper, X, axis, Y))
        frames = self._set(LOWER_ARMS, _frame(sides * fore, X, axis, Y))
        index, pinky = self._pair("index"), self._pair("pinky")
        along = sides * ((index + pinky) / 2 - self._pair("wrist"))
        hands = self._set(HANDS, least_rotation(frames[..., X], along) @ frames)
        twists = self._twists(_complex(index - pinky, hands[..., Z], hands[..., X]))
        self.frames[:, HANDS] = hands @ _turned_about_x(twists)
        twists = pronation * np.clip(twists, -MAX_TWIST, MAX_TWIST)
        self.frames[:, LOWER_ARMS] = frames @ _turned_about_x(twists)

    def _elbow_axes(self, upper: Floats, fore: Floats) -> Floats:
        """Return the (T, 2, 3) y-axes of the arms: hinges of bent elbows, kept while straight.

        They are complex numbers: 1 is the usual axis, which the least rotation from the chest
        gives, and i is a quarter of a turn about the upper arm.
        """
        memory, sides = self._memory, SIDES[:, None]
        chest = self.frames[:, CHEST, None]
        usual = (least_rotation(sides * chest[..., X], upper) @ chest)[..., Y]
        hinge = np.cross(upper, fore)
        weights = np.nan_to_num(_smooth_step(length_of(hinge), STRAIGHT, BENT))
        seen = np.nan_to_num(_complex(-sides * unit(hinge), usual, upper))
        first_upper = upper[:1] if memory.uppers is None else memory.uppers[None]
        first_usual = usual[:1] if memory.usual is None else memory.usual[None]
        before = np.concatenate([first_upper, upper[:-1]])
        kept = np.concatenate([first_usual, usual[:-1]])[..., None]
        moved = (least_rotation(before, upper) @ kept)[..., 0]  # along with the upper arm
        turns = np.nan_to_num(_complex(moved, usual, upper), nan=1.0)
        pull = 1 - math.exp(-1 / (self._fps * PULL_S))
        axes = np.empty(seen.shape, np.complex128)
        for side in range(2):
            of_side = weights[:, side], seen[:, side], turns[:, side]
            axes[:, side] = _carried(*of_side, pull, memory.axes[side])
            if not self._is_live:
                axes[:, side] += _carried_back(*of_side, pull)
        axes = np.where(np.abs(axes) > TINY, axes, 1.0)
        if self._is_live:
            memory.uppers, memory.usual = upper[-1], usual[-1]
            memory.axes = tuple(axes[-1].tolist())
        return axes.real[..., None] * usual + axes.imag[..., None] * np.cross(upper, usual)

    def _twists(self, across: Complexes) -> Floats:
        """Return the (T, 2) angles of the hands about themselves, rad.

        `across` are lines across the hand. The shorter one is, the less it tells; so the lines and
        not the angles are smoothed, unless live.
        """
        if not self._is_live:
            parts = low_pass(
                np.stack([across.real, across.imag]).swapaxes(0, 1), self._fps, TWIST_HZ
            )
            across = parts[:, 0] + 1j * parts[:, 1]
        angles = np.angle(across)
        for side in range(2):
            angles[:, side] = _unwrapped(angles[:, side], self._memory.twists[side])
        if self._is_live:
            self._memory.twists = tuple(angles[-1].tolist())
            return angles
        return low_pass(angles, self._fps, TWIST_HZ)


def _carried(
    weights: Floats, seen: Complexes, turns: Complexes, pull: float, last: complex
) -> list[complex]:
    """Return axes as complex numbers of length 1: what is seen by its weight, else the last one."""
    axes = []
    for weight, new, turn in zip(weights.tolist(), seen.tolist(), turns.tolist(), strict=True):
        axis = weight * new + (1 - weight) * ((1 - pull) * last * turn + pull)
        length = abs(axis)
        last = axis / length if length > 1e-9 else 1.0
        axes.append(last)
    return axes


def _carried_back(weights: Floats, seen: Complexes, turns: Complexes, pull: float) -> list[complex]:
    """Return the same from the last frame to the first."""
    back = np.concatenate([turns[1:], [1.0]]).conj()
    return _carried(weights[::-1], seen[::-1], back[::-1], pull, 1.0)[::-1]


def _unwrapped(angles: Floats, last: float) -> list[float]:
    """Return angles without steps of a turn; they come back into the range of a forearm."""
    result = []
    for angle in angles.tolist():
        last = angle + 2 * math.pi * round((last - angle) / (2 * math.pi))
        if abs(last) > WRAP:
            last -= math.copysign(2 * math.pi, last)
        result.append(last)
    return result


def _complex(vectors: Floats, one: Floats, about: Floats) -> Complexes:
    """Return vectors as complex numbers: 1 is `one`, i is a quarter turn of it about `about`."""
    imaginary = (vectors * np.cross(about, one)).sum(axis=-1)
    result: Complexes = (vectors * one).sum(axis=-1) + 1j * imaginary
    return result


def _frame(exact: Floats, i: int, near: Floats, j: int) -> Floats:
    """Return frames whose axis `i` is along `exact` and whose axis `j` is as near to `near`."""
    sign = 1.0 if j == (i + 1) % 3 else -1.0
    frames = np.empty((*exact.shape, 3))
    frames[..., i] = unit(exact)
    frames[..., 3 - i - j] = sign * unit(np.cross(frames[..., i], near))
    frames[..., j] = sign * np.cross(frames[..., 3 - i - j], frames[..., i])
    return frames


def _without_nan(frames: Floats, last: Floats | None) -> Floats:
    """Return frames where those with NaN are replaced by the one before, or the first known."""
    is_known = np.isfinite(frames).all(axis=(-1, -2))
    if is_known.all():
        return frames
    shape = frames.shape
    flat, known = frames.reshape(len(frames), -1, 3, 3).copy(), is_known.reshape(len(frames), -1)
    for k in range(flat.shape[1]):
        rows = np.flatnonzero(known[:, k])
        if last is not None:
            first = last.reshape(-1, 3, 3)[k]
        else:
            first = flat[rows[0], k] if rows.size else np.eye(3)
        before = np.searchsorted(rows, np.arange(len(flat)), side="right") - 1
        candidates = np.concatenate([first[None], flat[rows, k]])
        flat[:, k] = candidates[before + 1]
    return flat.reshape(shape)


def _turned_about_x(angles: Floats) -> Floats:
    """Return rotation matrices about x."""
    matrices = np.zeros((*angles.shape, 3, 3))
    cosine, sine = np.cos(angles), np.sin(angles)
    matrices[..., 0, 0] = 1
    matrices[..., 1, 1], matrices[..., 1, 2] = cosine, -sine
    matrices[..., 2, 1], matrices[..., 2, 2] = sine, cosine
    return matrices


def _smooth_step(values: Floats, low: float, high: float) -> Floats:
    """Return 0 up to `low`, 1 from `high` on, and a smooth rise between."""
    t = np.clip((values - low) / (high - low), 0, 1)
    share: Floats = t * t * (3 - 2 * t)
    return share


def _lengthened(vectors: Floats, neutral: Floats, ahead: Floats) -> Floats:
    """Return vectors to which `ahead` is added as much as they are shorter than neutral ones.

    One camera sees least of a foot that points to it or away from it.
    """
    lacking = np.maximum(length_of(neutral) - length_of(vectors), 0)
    return vectors + lacking[..., None] * ahead


def _near(vectors: Floats, neutral: Floats) -> Floats:
    """Return directions at most `MAX_FOOT` from neutral ones."""
    direction, ahead = unit(vectors), unit(neutral)
    cosine = (direction * ahead).sum(axis=-1, keepdims=True)
    across = np.nan_to_num(unit(direction - cosine * ahead))
    limit = math.cos(MAX_FOOT) * ahead + math.sin(MAX_FOOT) * across
    return np.where(cosine < math.cos(MAX_FOOT), limit, direction)
