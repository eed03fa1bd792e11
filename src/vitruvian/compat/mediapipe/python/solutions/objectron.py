"""The names of ``mp.solutions.objectron``; its models are not part of vitruvian."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from vitruvian.compat.mediapipe.python.solution_base import SolutionBase

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.compat.mediapipe.framework.formats.landmark_pb2 import (
        LandmarkList,
        NormalizedLandmarkList,
    )

__all__ = ["BOX_CONNECTIONS", "BoxLandmark", "Objectron", "ObjectronOutputs"]


class BoxLandmark(IntEnum):
    """The center and the 8 corners of a 3D box."""

    CENTER = 0
    BACK_BOTTOM_LEFT = 1
    FRONT_BOTTOM_LEFT = 2
    BACK_TOP_LEFT = 3
    FRONT_TOP_LEFT = 4
    BACK_BOTTOM_RIGHT = 5
    FRONT_BOTTOM_RIGHT = 6
    BACK_TOP_RIGHT = 7
    FRONT_TOP_RIGHT = 8


BOX_CONNECTIONS = frozenset(  # corner number - 1: bit 0 is front, bit 1 top, bit 2 right
    (BoxLandmark(1 + corner), BoxLandmark(1 + corner + bit))
    for corner in range(8)
    for bit in (1, 2, 4)
    if not corner & bit
)


@dataclass
class ObjectronOutputs:
    """A detected object: corners of its box in the image and in 3D, and its pose."""

    landmarks_2d: NormalizedLandmarkList
    landmarks_3d: LandmarkList
    rotation: NDArray[np.floating]
    translation: NDArray[np.floating]
    scale: NDArray[np.floating]


class Objectron(SolutionBase):
    """The 3D object detector of MediaPipe: can't be created."""
