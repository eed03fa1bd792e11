"""The names of ``mp.solutions.selfie_segmentation``; its model is not part of vitruvian."""

from vitruvian.compat.mediapipe.python.solution_base import SolutionBase

__all__ = ["SelfieSegmentation"]


class SelfieSegmentation(SolutionBase):
    """The segmentation of a person by MediaPipe: can't be created.

    `Pose` with ``enable_segmentation=True`` has a mask of the person.
    """

    _instead = "solutions.pose.Pose(enable_segmentation=True) gives the mask of a person"
