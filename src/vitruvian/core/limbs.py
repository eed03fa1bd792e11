"""Filters of limbs over time: constant lengths, and no swaps of left and right."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vitruvian.core.skeleton import BLAZEPOSE

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LeftRightFilter", "LimbLengthFilter", "Swaps"]


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


MIRRORED = np.array(BLAZEPOSE.mirrored)
EARS = MIRRORED[[8, 7]]
FACE = [i for i in range(11) if i not in EARS]
# Trunk, arms and legs: joints that tell whether they are swapped, (3 parts, 2 joints, 2 sides).
PARTS = np.stack([np.stack([ARMS[0], LEGS[0]]), ARMS[1:3], LEGS[1:3]])
EACH_PART = np.arange(len(PARTS))
IS_SWAPPED = np.array(list(itertools.product((0, 1), repeat=len(PARTS))))  # (8 hypotheses, 3 parts)
PARTS_APART = (IS_SWAPPED[:, 1:] != IS_SWAPPED[:, :1]).sum(axis=1)  # limb pairs unlike the trunk

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


class Swaps(NamedTuple):
    """What of a body has left and right exchanged.

    Attributes
    ----------
    body : bool
        All landmarks: a person who faces the camera is taken for one seen from behind, or the
        reverse.
    arms, legs : bool
        The x and y of a limb pair, against the rest of the body.
    """

    body: bool
    arms: bool
    legs: bool

    def undone(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return landmarks (33, 3) in image px or m with the sides exchanged back.

        A limb pair keeps its depth: the network swaps x and y only. A body exchanges its depths,
        too, and its face is turned round.
        """
        answer = points.copy()
        if self.body:
            answer = points[MIRRORED]
            answer[FACE, 2] = answer[EARS[0], 2] + answer[EARS[1], 2] - answer[FACE, 2]
        for limb, is_swapped in ((ARMS[1:], self.arms), (LEGS[1:], self.legs)):
            if is_swapped:
                answer[limb, :2] = answer[limb[:, ::-1], :2]
        return answer


class SidesRule(NamedTuple):
    """Constants of a `LeftRightFilter`. Prices are in body sizes.

    Attributes
    ----------
    limb_price_per_s : float
        Of a limb pair that is swapped: at 0.25, a swap that moves joints by 0.1 lasts 0.4 s.
    body_price_per_s, motion_price_per_s : float
        Of a body that is swapped, and how much more or less it is if the view and the motion of the
        person agree or disagree.
    start_price : float
        Of each swap in the first frame.
    full_approach_per_s : float
        Change of the logarithm of the px per m that counts fully as a motion to or from the camera:
        at 0.06, 0.24 m/s at a distance of 4 m.
    approach_s, velocity_s : float
        Time constants of this change and of the velocity of the joints.
    patience_s : float
        Time between two frames at which a distance counts half.
    max_surprise_per_s : float
        Body sizes: limit of the velocity that a jump counts as.
    """

    limb_price_per_s: float
    body_price_per_s: float
    motion_price_per_s: float
    start_price: float
    full_approach_per_s: float
    approach_s: float
    patience_s: float
    velocity_s: float
    max_surprise_per_s: float


# Selected on rendered walks and one real clip: docs/quality.md, Left and right.
SIDES = SidesRule(
    limb_price_per_s=0.25,
    body_price_per_s=1.3,
    motion_price_per_s=1.8,
    start_price=0.04,
    full_approach_per_s=0.06,
    approach_s=0.5,
    patience_s=0.07,
    velocity_s=0.1,
    max_surprise_per_s=0.5,
)


class LeftRightFilter:
    """Finds swaps of left and right: of the body, of the arms and of the legs.

    The network swaps the legs of a walking person when they pass each other, and the whole body
    when it can't tell a front view from a back view. There are eight hypotheses: trunk, arms and
    legs are each correct or swapped. The cost of a hypothesis is the distance of the joints from
    their predicted positions, summed over the frames, plus a price for the time in which it
    contradicts the network. Each hypothesis continues the cheapest one of the frame before
    (Viterbi's algorithm). The cheapest one is the output.

    People walk forward: they come nearer in a front view, and go away in a back view. So a swap of
    the body costs less while the change of the size in the image contradicts the view.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Return to the state of a new filter."""
        self._last_us: int | None = None
        self._cost = SIDES.start_price * (IS_SWAPPED[:, 0] + PARTS_APART)
        self._points = np.empty(0)  # by part, swapped or not, joint, side and axis
        self._velocity = np.empty(0)  # by hypothesis, part, joint, side and axis
        self._log_scale, self._approach_per_s = 0.0, 0.0

    def __call__(
        self,
        landmarks: NDArray[np.float32],
        world: NDArray[np.float32],
        timestamp_us: int,
        size_px: float,
    ) -> Swaps:
        """Return what is swapped.

        Landmarks that are not finite change nothing.

        Parameters
        ----------
        landmarks : (33, 3) float32 array, image px
        world : (33, 3) float32 array, m
        timestamp_us : int
        size_px : float
            Side of the square around the person, above 0.
        """
        image, metres = landmarks[PARTS, :2].astype(np.float64), world[PARTS].astype(np.float64)
        if math.isfinite(size_px) and np.isfinite(image).all() and np.isfinite(metres).all():
            seen = np.stack([image, image[..., ::-1, :]], axis=1)
            front, log_scale = _front(metres), _log_scale(image, metres)
            if self._last_us is None:
                self._last_us = timestamp_us
                self._points, self._velocity = seen, np.zeros((len(IS_SWAPPED), *seen[:, 0].shape))
                self._log_scale = log_scale
            if timestamp_us > self._last_us:
                seconds = (timestamp_us - self._last_us) / 1e6
                self._last_us = timestamp_us
                self._follow(seen, seconds, size_px)
                self._add_prices(front, log_scale, seconds)
        body, arms, legs = IS_SWAPPED[self._cost.argmin()].tolist()
        return Swaps(body=bool(body), arms=arms != body, legs=legs != body)

    def _follow(self, seen: NDArray[np.float64], seconds: float, size_px: float) -> None:
        """Update all hypotheses; arrays are by hypothesis, and `cost` also by the one before."""
        expected = self._points[EACH_PART, IS_SWAPPED] + self._velocity * seconds
        apart = np.square(seen[:, :, None] - expected.swapaxes(0, 1)[:, None])
        distances = np.sqrt(apart[..., 0] + apart[..., 1]).reshape(*apart.shape[:3], -1)
        scale = 4 * size_px * (1 + seconds / SIDES.patience_s)
        miss = (distances.sum(axis=-1) / scale)[EACH_PART, IS_SWAPPED]
        cost = self._cost + miss[:, 0] + miss[:, 1] + miss[:, 2]
        past = cost.argmin(axis=1)
        self._cost, self._points = cost.min(axis=1), seen
        surprise = (seen[EACH_PART, IS_SWAPPED] - expected[past]) / seconds
        limit = SIDES.max_surprise_per_s * size_px
        share = 1 - math.exp(-seconds / SIDES.velocity_s)
        self._velocity = self._velocity[past] + share * np.clip(surprise, -limit, limit)

    def _add_prices(self, front: float, log_scale: float, seconds: float) -> None:
        """Add what the hypotheses cost for contradicting the network for `seconds`."""
        share = 1 - math.exp(-seconds / SIDES.approach_s)
        approach_per_s = (log_scale - self._log_scale) / seconds
        self._approach_per_s += share * (approach_per_s - self._approach_per_s)
        self._log_scale = log_scale
        agreement = front * max(min(self._approach_per_s / SIDES.full_approach_per_s, 1.0), -1.0)
        body = max(SIDES.body_price_per_s + SIDES.motion_price_per_s * agreement, 0.0)
        self._cost += (IS_SWAPPED[:, 0] * body + PARTS_APART * SIDES.limb_price_per_s) * seconds
        self._cost -= self._cost.min()


def _front(metres: NDArray[np.float64]) -> float:
    """Return how far the trunk of the `PARTS`, m, points to the camera: -1 to 1."""
    (left, right), (left_hip, right_hip) = metres[0]
    ahead = np.cross(left - right + left_hip - right_hip, left + right - left_hip - right_hip)
    length = math.sqrt(np.square(ahead).sum())
    return float(-ahead[2] / max(length, 1e-6))


def _log_scale(image: NDArray[np.float64], metres: NDArray[np.float64]) -> float:
    """Return the logarithm of the px per m at the place of the body, whatever its posture."""
    joints = np.concatenate([image, metres[..., :2]], axis=-1).reshape(-1, 4)
    x, y, x_m, y_m = np.square(joints - joints.sum(axis=0) / len(joints)).sum(axis=0).tolist()
    return math.log((x + y + 1e-12) / (x_m + y_m + 1e-12)) / 2
