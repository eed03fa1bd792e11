"""Depths of elbows, wrists, knees and ankles that agree with bones of constant length.

The networks underestimate depth: a forearm that points at the camera seems too short. But in the
image most bones of a clip show their whole length at some time. Then depth follows from how much
shorter they look.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vitruvian.core.limbs import ENDS, MOVED, STARTS
from vitruvian.core.skeleton import BLAZEPOSE

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["bone_lengths", "with_limb_depths"]

# Drillis and Contini (1966), as in Winter, "Biomechanics and Motor Control of Human Movement",
# figure 4.1: shares of the body height. The upper arm begins at the joint, and the trunk is from
# the middle of the hips to the middle of the shoulders.
SHARES = np.array([0.172, 0.146, 0.245, 0.246])
TRUNK_SHARE = 0.30
SEEN_PERCENTILE = 90.0  # of the lengths in the image: the rest is noise
MIN_VISIBILITY = 0.5

GRID = np.linspace(-1.2, 1.2, 121)  # depths of the end of a bone from its start, in lengths
BLOCK = 1024  # frames at once


class _Limits(NamedTuple):
    """How exact lengths and depths are, in lengths of the bone.

    `share` is the largest difference from the usual share of the height; the others are standard
    deviations.
    """

    share: float
    length: float
    depth: float


# Tuned on cameras 1 and 3 of the balance clip, one person of a clip of two, and one half of the
# rendered exercises. The depths of arms are much worse than those of legs.
_ARM, _LEG = _Limits(0.06, 0.1, 0.4), _Limits(0.12, 0.02, 0.08)
LIMITS = (_ARM, _ARM, _LEG, _LEG)

_BONES = np.stack([STARTS, ENDS]).reshape(2, 2, len(LIMITS))  # start and end, side, bone
_MOVED = MOVED.reshape(len(BLAZEPOSE), 2, len(LIMITS)).astype(bool)
_SHOULDERS, _HIPS = (
    [BLAZEPOSE.index(f"{side}_{part}") for side in ("left", "right")]
    for part in ("shoulder", "hip")
)


def bone_lengths(joints: ArrayLike, visibility: ArrayLike) -> Floats:
    """Return the lengths (4,) of upper arm, forearm, thigh and shank of one person in a clip.

    Parameters
    ----------
    joints : (T, 33, 3) array, m
        Landmarks in camera space.
    visibility : (T, 33) array

    Returns
    -------
    (4,) array, m
        The same for both sides; NaN if no bone is visible.

    Notes
    -----
    A bone is as long as it looks in the image in the frames where it is longest. Where it is never
    seen in full length, its length follows from those of the others: the body height is the mean
    of the second and the third largest of those that arms, legs and trunk suggest.
    """
    points = np.asarray(joints, np.float64)[..., :2]
    is_seen = np.asarray(visibility) >= MIN_VISIBILITY
    across = np.linalg.norm(points[:, _BONES[1]] - points[:, _BONES[0]], axis=-1)
    across = np.where(is_seen[:, _BONES[0]] & is_seen[:, _BONES[1]], across, np.nan)
    trunks = points[:, _SHOULDERS].mean(axis=1) - points[:, _HIPS].mean(axis=1)
    has_trunk = is_seen[:, _SHOULDERS].any(axis=1) & is_seen[:, _HIPS].any(axis=1)
    trunk = np.where(has_trunk, np.linalg.norm(trunks, axis=-1), np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a bone that is never visible
        lengths = np.nanpercentile(across.reshape(-1, len(SHARES)), SEEN_PERCENTILE, axis=0)
        full = np.nanpercentile(trunk, SEEN_PERCENTILE)
    heights = np.sort(np.append(lengths / SHARES, full / TRUNK_SHARE))  # NaN last
    known = heights[np.isfinite(heights)][::-1]
    if not known.size:
        return np.full(len(SHARES), np.nan)
    usual = SHARES * (known[1:3] if known.size > 1 else known).mean()
    lengths = np.where(np.isfinite(lengths), lengths, usual)
    shares = np.array([limits.share for limits in LIMITS])
    clipped: Floats = np.clip(lengths, usual * (1 - shares), usual * (1 + shares))
    return clipped


def with_limb_depths(joints: ArrayLike, visibility: ArrayLike) -> Floats:
    """Return joints moved along their rays so that the bones of arms and legs keep their lengths.

    Parameters
    ----------
    joints : (T, 33, 3) array, m
        Landmarks of one person in camera space, on the rays of the image landmarks.
    visibility : (T, 33) array

    Returns
    -------
    (T, 33, 3) array, m
        On the same rays. Head and trunk do not move; hands and feet move with wrist and ankle.

    Notes
    -----
    For each bone, from the trunk outward, the depth of the end is the mean of all depths, weighted
    by how well they agree with the length of the bone (`bone_lengths`) and with the depth that the
    network found. Where the sign of the depth is uncertain, that is close to 0, so that nothing
    jumps.
    """
    points = np.array(joints, np.float64)
    lengths = bone_lengths(points, visibility)
    if not np.isfinite(lengths).all():
        return points
    for first in range(0, len(points), BLOCK):  # bounds the memory
        _moved(points[first : first + BLOCK], lengths)
    return points


def _moved(points: Floats, lengths: Floats) -> None:
    """Move the joints of some frames (T, 33, 3) in place."""
    with np.errstate(divide="ignore", invalid="ignore"):
        rays = points[..., :2] / points[..., 2:]
        for side in range(2):
            for bone, (length, limits) in enumerate(zip(lengths, LIMITS, strict=True)):
                start, end = _BONES[:, side, bone]
                depths = points[:, end, 2] - points[:, start, 2]
                found = _depths(points[:, start], rays[:, end], depths, length, limits)
                change = np.where(np.isfinite(found), found - depths, 0.0)
                points[:, _MOVED[:, side, bone], 2] += change[:, None]
        points[..., :2] = rays * points[..., 2:]


def _depths(start: Floats, rays: Floats, depths: Floats, length: float, limits: _Limits) -> Floats:
    """Return the mean depth (T,) of the ends of a bone, from its starts (T, 3)."""
    steps = GRID * length
    ends = rays[..., None] * (start[:, 2:] + steps)[:, None]
    across = ends - start[:, :2, None]
    found = np.sqrt((across * across).sum(axis=1) + steps * steps)
    cost = ((found - length) / (limits.length * length)) ** 2
    cost += ((steps - depths[:, None]) / (limits.depth * length)) ** 2
    weights = np.exp(0.5 * (cost.min(axis=1, keepdims=True) - cost))
    mean: Floats = (weights * steps).sum(axis=1) / weights.sum(axis=1)
    return mean
