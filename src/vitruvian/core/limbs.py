"""Limbs over time: filters that know that arms and legs keep their lengths and their sides."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.skeleton import BLAZEPOSE

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LimbLengths", "SideGuard"]


def _pairs(*parts: str) -> NDArray[np.intp]:
    """Return the left and the right landmark of each part, (n, 2)."""
    return np.array([[BLAZEPOSE.index(f"{side}_{p}") for side in ("left", "right")] for p in parts])


# From the trunk outward; the first three are the joints.
ARMS = _pairs("shoulder", "elbow", "wrist", "pinky", "index", "thumb")
LEGS = _pairs("hip", "knee", "ankle", "heel", "foot_index")


def _moved_by_bones() -> NDArray[np.float32]:
    """Return 1 for each landmark (33) that goes along when a bone (8) gets longer, else 0."""
    moved = np.zeros((len(BLAZEPOSE), 2, 4), np.float32)
    for bone, beyond in enumerate((ARMS[1:], ARMS[2:], LEGS[1:], LEGS[2:])):
        for side in range(2):
            moved[beyond[:, side], side, bone] = 1
    return moved.reshape(len(BLAZEPOSE), -1)


TOLD_BY = np.stack([ARMS[1:3], LEGS[1:3]])  # (2 limbs, 2 joints, 2 sides)

# The long bones: upper arm, forearm, thigh and shank, of the left side and then of the right.
STARTS = np.concatenate([ARMS[:2], LEGS[:2]]).T.ravel()
ENDS = np.concatenate([ARMS[1:3], LEGS[1:3]]).T.ravel()
MOVED = _moved_by_bones()


class LimbLengths:
    """Gives arms and legs the lengths that they have had on average, the same left and right.

    The network sees every frame alone, so that the bones of a person grow and shrink from frame to
    frame. Their directions stay as they are; hands and feet move along with what they hang on.

    Parameters
    ----------
    memory_s : float
        Time constant of the average.
    """

    def __init__(self, memory_s: float) -> None:
        self._memory_s = memory_s
        self.reset()

    def reset(self) -> None:
        """Forget everything, as a new filter."""
        self._last_us: int | None = None
        self._known_s = 0.0
        self._lengths = np.empty(0, np.float32)

    def __call__(self, world: NDArray[np.float32], timestamp_us: int) -> NDArray[np.float32]:
        """Return the (33, 3) world landmarks, m, with limbs of steady lengths."""
        bones = world[ENDS] - world[STARTS]
        lengths = np.maximum(np.linalg.norm(bones, axis=1), np.float32(1e-6))
        both = lengths.reshape(2, -1).mean(axis=0)
        if self._last_us is None:
            self._last_us, self._lengths = timestamp_us, both
        elif timestamp_us > self._last_us:
            seconds = (timestamp_us - self._last_us) / 1e6
            self._last_us = timestamp_us
            self._known_s = min(self._known_s + seconds, self._memory_s)
            share = np.float32(seconds / (self._known_s + seconds))
            self._lengths = self._lengths + share * (both - self._lengths)
        stretch = (np.tile(self._lengths, 2) / lengths - 1)[:, None] * bones
        steady: NDArray[np.float32] = world + MOVED @ stretch
        return steady


class SideGuard:
    """Undoes a swap of the left and the right arm, or leg, that lasts for a moment only.

    When the legs of somebody seen from the side pass each other, the network may take one for the
    other, and back again. A pair of limbs that goes on as it moved only if left and right are
    swapped is taken to be swapped. If that lasts, the network is believed.
    """

    RATIO = 2.0  # how many times nearer to what was expected it must be when swapped
    MARGIN = 0.02  # how far from it as it is, in sizes of the person
    VELOCITY_S = 0.3  # time constant of the velocity that is expected to last
    MOMENT_S = 0.1

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything, as a new filter."""
        self._last_us: int | None = None
        self._points = self._velocity = np.empty(0, np.float32)
        self._swapped_s = np.zeros(2)  # how long arms and legs have been swapped

    def order(
        self, points: NDArray[np.float32], timestamp_us: int, size_px: float
    ) -> NDArray[np.intp]:
        """Return from which row each landmark is to be taken, (33,).

        Parameters
        ----------
        points : (33, 2) float32 array, image px
        timestamp_us : int
        size_px : float
            Side of the square around the person.
        """
        rows = np.arange(len(points))
        if self._last_us is None:
            self._last_us, self._points = timestamp_us, points
            self._velocity = np.zeros_like(points)
        if timestamp_us <= self._last_us:
            return rows
        seconds = (timestamp_us - self._last_us) / 1e6
        expected = (self._points + self._velocity * np.float32(seconds))[TOLD_BY]
        as_is = np.linalg.norm(points[TOLD_BY] - expected, axis=-1).mean(axis=(1, 2))
        crossed = np.linalg.norm(points[TOLD_BY[..., ::-1]] - expected, axis=-1).mean(axis=(1, 2))
        is_swapped = (as_is > self.RATIO * crossed) & (as_is > self.MARGIN * size_px)
        self._swapped_s = np.where(is_swapped, self._swapped_s + seconds, 0.0)
        for limb, swapped_s in zip((ARMS, LEGS), self._swapped_s, strict=True):
            if 0 < swapped_s <= self.MOMENT_S:
                rows[limb] = limb[:, ::-1]
        share = np.float32(1 - math.exp(-seconds / self.VELOCITY_S))
        velocity = (points[rows] - self._points) / np.float32(seconds)
        self._velocity = self._velocity + share * (velocity - self._velocity)
        self._last_us, self._points = timestamp_us, points[rows]
        return rows
