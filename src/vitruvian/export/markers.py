"""Markers: the names that other programs have for landmarks, and points derived from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.skeleton import BLAZEPOSE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.export.motion import Motion

__all__ = ["markers_of"]

_SIDES = {"L": "left", "R": "right"}
_PAIRS = {  # Pose2Sim, OpenSim_Setup/Markers_BlazePose.xml: the names after L and R, in its order
    "Eye": "eye",
    "Shoulder": "shoulder",
    "Elbow": "elbow",
    "Wrist": "wrist",
    "Hip": "hip",
    "Knee": "knee",
    "Ankle": "ankle",
    "BigToe": "foot_index",
    "Heel": "heel",
    "Thumb": "thumb",
    "Index": "index",
    "Pinky": "pinky",
}
_POSE2SIM = {"Nose": "nose"} | {
    f"{letter}{name}": f"{side}_{part}"
    for name, part in _PAIRS.items()
    for letter, side in _SIDES.items()
}
_DERIVED = {"Hip": "hip", "Neck": "shoulder", "Head": "ear"}  # middle of left and right


def markers_of(motion: Motion) -> tuple[list[str], NDArray[np.float64]]:
    """Return names of markers and their points (T, N, 3), m, in the axes of OpenSim.

    X is ahead of a person who faces the camera, Y up, Z to the person's right.
    """
    names_of, _, derived = motion.options.markers.partition("+")
    parts = _POSE2SIM if names_of == "pose2sim" else {name: name for name in BLAZEPOSE.names}
    points = motion.in_axes("opensim")
    chosen = points[:, [BLAZEPOSE.index(part) for part in parts.values()]]
    if not derived:
        return list(parts), chosen
    pairs = [
        [BLAZEPOSE.index(f"{s}_{part}") for s in _SIDES.values()] for part in _DERIVED.values()
    ]
    middles = points[:, np.array(pairs)].mean(axis=2)
    return [*parts, *_DERIVED], np.concatenate([chosen, middles], axis=1)
