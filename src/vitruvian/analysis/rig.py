"""Rig: from landmarks to the rotations of 21 bones, for animation files and avatars.

All of it is in the axes of glTF: x to the left of a person who looks ahead, y up, z ahead. In the
rest pose, a T, every rotation is the identity.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.analysis.rig_bones import (
    BONES,
    END_SITES,
    FEET,
    PARENTS,
    TOES,
    bone_offsets,
    joints_from_offsets,
)
from vitruvian.analysis.rig_frames import FrameMemory, bone_frames
from vitruvian.core._arrays import read_only

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["BONES", "END_SITES", "PARENTS", "LiveRig", "RigMotion", "rig_motion"]

HEEL = 0.35  # from ankle back to heel, in parts of the way ahead to the toes
LENGTHS_OVER = 300  # poses over which a live rig averages the lengths of the bones


@dataclass(frozen=True, slots=True, eq=False)
class RigMotion:
    """A person's motion as rotations of bones with constant lengths.

    Attributes
    ----------
    fps : float
        Frames per second.
    offsets : (21, 3) array, m
        Joint of each bone of `BONES` from the joint of its parent in the rest pose; 0 for the hips.
    rotations : (T, 21, 3, 3) array
        Rotation matrix of each bone relative to its parent.
    root : (T, 3) array, m
        Position of the hips.
    """

    fps: float
    offsets: Floats
    rotations: Floats
    root: Floats

    def __len__(self) -> int:
        return len(self.root)

    @property
    def rest_height_m(self) -> float:
        """Height of the hips above the soles in the rest pose."""
        joints = joints_from_offsets(self.offsets)
        return -float(joints[:, 1].min())

    def frames(self) -> Floats:
        """Return the (T, 21, 3, 3) rotations of the bones in the world."""
        frames = self.rotations.copy()
        for bone, parent in enumerate(PARENTS):
            if parent >= 0:
                frames[:, bone] = frames[:, parent] @ self.rotations[:, bone]
        return frames

    def forward_kinematics(self) -> Floats:
        """Return the (T, 21, 3) positions of the joints, m."""
        return self._joints(self.frames())

    def _joints(self, frames: Floats) -> Floats:
        joints = np.empty((len(self), len(BONES), 3))
        for bone, parent in enumerate(PARENTS):
            joints[:, bone] = self.root
            if parent >= 0:
                joints[:, bone] = joints[:, parent] + frames[:, parent] @ self.offsets[bone]
        return joints

    def lowest_sole(self) -> Floats:
        """Return the height (T,) of the lowest of heels and toes, m."""
        frames = self.frames()
        joints = self._joints(frames)
        heel = self.offsets[TOES[0]] * [0.0, 1.0, -HEEL]
        heels = joints[:, FEET] + frames[:, FEET] @ heel
        lowest: Floats = np.minimum(heels[..., 1], joints[:, TOES, 1]).min(axis=1)
        return lowest


def rig_motion(points: ArrayLike, fps: float, *, pronation: float = 0.5) -> RigMotion:
    """Return the motion of the bones that follows the landmarks of a clip.

    Parameters
    ----------
    points : (T, 33, 3) array, m
        World or camera landmarks of one person in the axes of glTF, smoothed, none missing, at a
        constant rate; at least one frame.
    fps : float
        Frames per second.
    pronation : float
        Share of the rotation between elbow and hand that the forearm takes over: 1 is anatomy, a
        half twists the skin of most avatars less.

    Returns
    -------
    RigMotion
        Lengths are medians over the clip, the mean of left and right.

    Raises
    ------
    ValueError
        If the shape is another one, a value is not finite, or `pronation` is not 0 to 1.

    Notes
    -----
    Landmarks give no rotation about a straight limb. Arms keep the last elbow axis, also looking
    back from the next one; straight legs take the axes of pelvis and foot.
    """
    values = np.asarray(points, np.float64)
    if values.ndim != 3 or values.shape[1:] != (33, 3) or not len(values):
        raise ValueError(f"points must have shape (T, 33, 3), got {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError("points must be finite, got NaN or infinity: fill the gaps first")
    if not 0 <= pronation <= 1:
        raise ValueError(f"pronation must be 0 to 1, got {pronation!r}")
    offsets = np.median(bone_offsets(values), axis=0)
    frames = bone_frames(values, offsets, fps, pronation)
    return RigMotion(
        fps=fps,
        offsets=read_only(offsets),
        rotations=read_only(_local(frames)),
        root=read_only(_middle_of_hips(values)),
    )


class LiveRig:
    """Rotations of the bones pose by pose, by what has been seen so far.

    There is no filter: smooth landmarks give smooth rotations.

    Parameters
    ----------
    pronation : float
        As for `rig_motion`.
    """

    def __init__(self, *, pronation: float = 0.5) -> None:
        self._pronation = pronation
        self.reset()

    def reset(self) -> None:
        """Forget all poses."""
        self._memory = FrameMemory()
        self._offsets: Floats | None = None
        self._points = np.zeros((33, 3))
        self._n_poses = 0

    def update(self, points: ArrayLike, fps: float = 30.0) -> RigMotion:
        """Return one frame, the bones of one pose.

        Parameters
        ----------
        points : (33, 3) array, m
            World landmarks in the axes of glTF; one that is NaN keeps its last position.
        fps : float
            One over the time since the last pose in s.

        Returns
        -------
        RigMotion
            The lengths are means over the last poses.
        """
        self._points = np.where(np.isfinite(points), points, self._points)
        values = self._points[None]
        offsets = bone_offsets(values)[0]
        self._n_poses = min(self._n_poses + 1, LENGTHS_OVER)
        last = offsets if self._offsets is None else self._offsets
        self._offsets = last + (offsets - last) / self._n_poses
        frames = bone_frames(values, self._offsets, fps, self._pronation, self._memory)
        return RigMotion(fps, self._offsets, _local(frames), _middle_of_hips(values))


def _local(frames: Floats) -> Floats:
    """Return rotations relative to the parent of rotations (T, 21, 3, 3) relative to the world."""
    rotations = np.swapaxes(frames[:, PARENTS], -1, -2) @ frames
    rotations[:, 0] = frames[:, 0]
    return rotations


def _middle_of_hips(points: Floats) -> Floats:
    middle: Floats = points[:, [23, 24]].mean(axis=1)
    return middle
