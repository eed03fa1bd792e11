"""Filters of limbs over time: constant lengths, and no swaps of left and right."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.skeleton import BLAZEPOSE

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LeftRightFilter", "LimbLengthFilter"]


def _pairs(*parts: str) -> NDArray[np.intp]:
    """Return the left and the right landmark of each part, (n, 2)."""
    return np.array([[BLAZEPOSE.index(f"{side}_{p}") for side in ("left", "right")] for p in parts])


# From the trunk outward; the first three are the joints.
ARMS = _pairs("shoulder", "elbow", "wrist", "pinky", "index", "thumb")
LEGS = _pairs("hip", "knee", "ankle", "heel", "foot_index")


def _moved_by_bones() -> NDArray[np.float32]:
    """Return (33, 8): 1 for each landmark that moves when a bone gets longer, else 0."""
    moved = np.zeros((len(BLAZEPOSE), 2, 4), np.float32)
    for bone, beyond in enumerate((ARMS[1:], ARMS[2:], LEGS[1:], LEGS[2:])):
        for side in range(2):
            moved[beyond[:, side], side, bone] = 1
    return moved.reshape(len(BLAZEPOSE), -1)


COMPARED_JOINTS = np.stack([ARMS[1:3], LEGS[1:3]])  # (2 limbs, 2 joints, 2 sides)

# The long bones: upper arm, forearm, thigh and shank, of the left side and then of the right.
STARTS = np.concatenate([ARMS[:2], LEGS[:2]]).T.ravel()
ENDS = np.concatenate([ARMS[1:3], LEGS[1:3]]).T.ravel()
MOVED = _moved_by_bones()


class LimbLengthFilter:
    """Sets the bones of arms and legs to their average lengths, the same left and right.

    The network estimates every frame separately, so the lengths of bones vary from frame to frame.
    Their directions do not change; hands and feet move with the bone that they belong to.

    Parameters
    ----------
    memory_s : float
        Time constant of the average.
    """

    def __init__(self, memory_s: float) -> None:
        self._memory_s = memory_s
        self.reset()

    def reset(self) -> None:
        """Return to the state of a new filter."""
        self._last_us: int | None = None
        self._known_s = 0.0
        self._lengths = np.empty(0, np.float32)

    def __call__(self, world: NDArray[np.float32], timestamp_us: int) -> NDArray[np.float32]:
        """Return the (33, 3) world landmarks, m, with limbs of constant lengths."""
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


class LeftRightFilter:
    """Corrects short swaps of the left and the right arm, or leg.

    When the legs of a person seen from the side pass each other, the network may swap them in x and
    y for some frames, while depth and visibility stay correct. For each pair of limbs there are two
    hypotheses: the sides in this frame are correct, or they are swapped. The cost of a hypothesis
    is the distance of the joints from their predicted positions, summed over the frames, plus a
    price for the time in which it contradicts the network. Each hypothesis continues the cheaper
    one of the frame before (Viterbi's algorithm). The cheaper one is the output.
    """

    PRICE_PER_S = 1.0  # body sizes: a swap that moves joints by 0.1 is accepted after 0.1 s
    VELOCITY_S = 0.3  # time constant of the velocity of the prediction
    MAX_SURPRISE_PER_S = 2.0  # body sizes: limit of the velocity that a jump counts as

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Return to the state of a new filter."""
        self._last_us: int | None = None
        # By hypothesis, limb, joint, side and axis; costs by hypothesis and limb.
        self._points = self._velocity = np.empty(0, np.float32)
        self._cost = np.array([[0.0, 0.0], [np.inf, np.inf]])

    def __call__(
        self,
        landmarks: NDArray[np.float32],
        world: NDArray[np.float32],
        timestamp_us: int,
        size_px: float,
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return landmarks and world landmarks with x and y of swapped limbs exchanged.

        Parameters
        ----------
        landmarks : (33, 3) float32 array, image px
        world : (33, 3) float32 array, m
        timestamp_us : int
        size_px : float
            Side of the square around the person, above 0.
        """
        rows = np.arange(len(landmarks))
        swapped = self._swapped(landmarks[:, :2], timestamp_us, size_px)
        for limb, is_swapped in zip((ARMS, LEGS), swapped, strict=True):
            if is_swapped:
                rows[limb] = limb[:, ::-1]
        return _with_xy_of(landmarks, rows), _with_xy_of(world, rows)

    def _swapped(
        self, points: NDArray[np.float32], timestamp_us: int, size_px: float
    ) -> list[bool]:
        """Return whether the arms and whether the legs of `points` (33, 2) are swapped."""
        seen = np.stack([points[COMPARED_JOINTS], points[COMPARED_JOINTS[..., ::-1]]])
        if self._last_us is None:
            self._last_us = timestamp_us
            self._points, self._velocity = seen, np.zeros_like(seen)
        if timestamp_us > self._last_us:
            seconds = (timestamp_us - self._last_us) / 1e6
            self._last_us = timestamp_us
            self._follow(seen, seconds, size_px)
        right, wrong = self._cost
        return [bool(w < r) for r, w in zip(right, wrong, strict=True)]

    def _follow(self, seen: NDArray[np.float32], seconds: float, size_px: float) -> None:
        """Update both hypotheses; `cost` is by hypothesis now, hypothesis before, and limb."""
        expected = self._points + self._velocity * np.float32(seconds)
        miss = np.linalg.norm(seen[:, None] - expected, axis=-1).mean(axis=(-2, -1)) / size_px
        cost = miss + self._cost
        past = cost.argmin(axis=1), np.arange(cost.shape[2])
        share = np.float32(1 - math.exp(-seconds / self.VELOCITY_S))
        surprise = (seen - expected[past]) / np.float32(seconds)
        limit = np.float32(self.MAX_SURPRISE_PER_S * size_px)
        self._velocity = self._velocity[past] + share * np.clip(surprise, -limit, limit)
        self._points = seen
        self._cost = cost.min(axis=1) + np.array([[0.0], [self.PRICE_PER_S * seconds]])
        self._cost -= self._cost.min(axis=0)


def _with_xy_of(points: NDArray[np.float32], rows: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return `points` (33, 3) with x and y taken from other rows."""
    exchanged = points.copy()
    exchanged[:, :2] = points[rows, :2]
    return exchanged
