"""The motion of the bones of a figure, with its soles on the floor."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.analysis.rig import rig_motion
from vitruvian.core._arrays import read_only
from vitruvian.export.ground import FLOOR_PERCENTILE, FOOT_HEIGHT_M

if TYPE_CHECKING:
    from vitruvian.analysis.rig import RigMotion
    from vitruvian.export.motion import Motion

__all__ = ["figure_motion", "on_the_floor"]


def figure_motion(motion: Motion) -> RigMotion:
    """Return the bones that follow a person; in a gap the last pose is held.

    The lengths of bones are constant and those of landmarks are not, so the floor is found anew.

    Raises
    ------
    ValueError
        If a landmark is missing in every frame, or all landmarks are at one place.
    """
    points = motion.held()
    if not np.ptp(points, axis=1).any():
        raise ValueError("a figure needs a body: all landmarks are at one place")
    rig = rig_motion(points, motion.fps)
    if motion.root == "hips":
        return rig
    return on_the_floor(rig, in_each_frame=motion.root == "stand")


def on_the_floor(rig: RigMotion, *, in_each_frame: bool) -> RigMotion:
    """Return the bones moved up or down, so that the lowest sole is at y = 0.

    Without `in_each_frame` all frames are moved alike.
    """
    heights = rig.lowest_sole() - FOOT_HEIGHT_M
    if not in_each_frame:
        heights = np.full(len(rig), np.percentile(heights, FLOOR_PERCENTILE))
    root = rig.root.copy()
    root[:, 1] -= heights
    return replace(rig, root=read_only(root))
