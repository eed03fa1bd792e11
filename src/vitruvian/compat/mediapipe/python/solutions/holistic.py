"""The names of ``mp.solutions.holistic``; of its models, vitruvian has that of the pose only."""

from vitruvian.compat.mediapipe.python.solution_base import SolutionBase
from vitruvian.compat.mediapipe.python.solutions.face_mesh_connections import (
    FACEMESH_CONTOURS,
    FACEMESH_TESSELATION,
)
from vitruvian.compat.mediapipe.python.solutions.hands import HandLandmark
from vitruvian.compat.mediapipe.python.solutions.hands_connections import HAND_CONNECTIONS
from vitruvian.compat.mediapipe.python.solutions.pose import PoseLandmark
from vitruvian.compat.mediapipe.python.solutions.pose_connections import POSE_CONNECTIONS

__all__ = [
    "FACEMESH_CONTOURS",
    "FACEMESH_TESSELATION",
    "HAND_CONNECTIONS",
    "POSE_CONNECTIONS",
    "HandLandmark",
    "Holistic",
    "PoseLandmark",
]


class Holistic(SolutionBase):
    """The tracker of face, hands and pose of MediaPipe: can't be created."""

    _instead = "solutions.pose.Pose gives the landmarks of the pose"
