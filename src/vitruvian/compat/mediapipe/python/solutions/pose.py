"""``mp.solutions.pose`` on this package's engine."""

from __future__ import annotations

import math
from enum import IntEnum
from operator import index
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.compat.mediapipe.framework.landmark_lists import (
    landmark_list,
    normalized_landmark_list,
)
from vitruvian.compat.mediapipe.python.solution_base import SolutionBase, SolutionOutputs
from vitruvian.compat.mediapipe.python.solutions.pose_connections import (
    POSE_CONNECTIONS,
    UPPER_BODY,
    UPPER_BODY_POSE_CONNECTIONS,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.core.pose import PoseResult

__all__ = ["POSE_CONNECTIONS", "UPPER_BODY_POSE_CONNECTIONS", "Pose", "PoseLandmark"]

MODELS = ("lite", "full", "heavy")  # by model_complexity
STEP_US = 33_333  # MediaPipe, python/solution_base.py: each image counts as the next of 30 a second


class PoseLandmark(IntEnum):
    """The 33 landmarks of a pose."""

    NOSE = 0
    LEFT_EYE_INNER = 1
    LEFT_EYE = 2
    LEFT_EYE_OUTER = 3
    RIGHT_EYE_INNER = 4
    RIGHT_EYE = 5
    RIGHT_EYE_OUTER = 6
    LEFT_EAR = 7
    RIGHT_EAR = 8
    MOUTH_LEFT = 9
    MOUTH_RIGHT = 10
    LEFT_SHOULDER = 11
    RIGHT_SHOULDER = 12
    LEFT_ELBOW = 13
    RIGHT_ELBOW = 14
    LEFT_WRIST = 15
    RIGHT_WRIST = 16
    LEFT_PINKY = 17
    RIGHT_PINKY = 18
    LEFT_INDEX = 19
    RIGHT_INDEX = 20
    LEFT_THUMB = 21
    RIGHT_THUMB = 22
    LEFT_HIP = 23
    RIGHT_HIP = 24
    LEFT_KNEE = 25
    RIGHT_KNEE = 26
    LEFT_ANKLE = 27
    RIGHT_ANKLE = 28
    LEFT_HEEL = 29
    RIGHT_HEEL = 30
    LEFT_FOOT_INDEX = 31
    RIGHT_FOOT_INDEX = 32


class Pose(SolutionBase):
    """Finds the most prominent person in an image, or follows them through a video.

    The numbers are those of MediaPipe 0.10.21.

    Parameters
    ----------
    static_image_mode : bool
        Whether the images are unrelated. If not, they are the frames of a video at 30 a second.
    model_complexity : int
        0, 1 or 2: the model "lite", "full" or "heavy".
    smooth_landmarks : bool
        Whether landmarks and visibility are smoothed over the frames of a video.
    enable_segmentation : bool
        Whether results have a mask.
    smooth_segmentation : bool
        Without effect, as in MediaPipe's Python packages, which lose that part of their graph.
    min_detection_confidence : float, 0 to 1
        Least score of a detection.
    min_tracking_confidence : float, 0 to 1
        Score the landmark network must exceed, in either mode, for a pose to be there.
    upper_body_only : bool
        An option of MediaPipe up to 0.8.3. Whether lists have the first 25 landmarks only. The
        model of that time is gone: they are those of the whole body's model, which sees the legs.

    Raises
    ------
    TypeError, ValueError
        If an option is of another type, or there is no such model. Confidences beyond 0 or 1
        count as 0 or 1.
    ModelNotFoundError
        If a model is not on this machine and can't be fetched.

    Notes
    -----
    Arguments by position may also stand in the order of MediaPipe up to 0.8.6, which had no
    segmentation: a float as the fourth tells it from today's. A bool as the second counts as
    `upper_body_only`, which stood there, in place of the model, up to 0.8.3.

    Unlike MediaPipe's, this object can be shared by threads, an image of another size is no error
    with segmentation, and an image that is refused leaves it usable.
    """

    def __init__(  # noqa: PLR0913 - MediaPipe's signature
        self,
        static_image_mode: bool = False,
        model_complexity: int = 1,
        smooth_landmarks: bool = True,
        enable_segmentation: bool | float = False,
        smooth_segmentation: bool | float = True,
        min_detection_confidence: float = 0.5,
        min_tracking_confidence: float = 0.5,
        *,
        upper_body_only: bool = False,
    ) -> None:
        from vitruvian.engine.profile import MEDIAPIPE_SMOOTHING
        from vitruvian.track.tracker import PoseTracker

        if isinstance(model_complexity, (bool, np.bool_)):  # the order of 0.8.3
            upper_body_only, model_complexity = bool(model_complexity), 1
        if isinstance(enable_segmentation, float):  # the order of 0.8.6
            min_detection_confidence, enable_segmentation = enable_segmentation, False
            if isinstance(smooth_segmentation, float):
                min_tracking_confidence, smooth_segmentation = smooth_segmentation, True
        in_video = not static_image_mode
        detection = _confidence(min_detection_confidence, of_nan=0.0)
        tracking = _confidence(min_tracking_confidence, of_nan=1.0)
        is_smoothed = _switch(smooth_landmarks and in_video, "smooth_landmarks")
        tracker = PoseTracker(
            _model(model_complexity),
            profile="solutions",
            smoothing=MEDIAPIPE_SMOOTHING if is_smoothed else 0.0,
            segmentation=_switch(enable_segmentation, "enable_segmentation"),
            smooth_segmentation=_switch(smooth_segmentation and in_video, "smooth_segmentation"),
            detection_confidence=detection,
            presence_confidence=tracking,
            tracking_confidence=tracking,
            force_detection=not in_video,
        )
        self._count = UPPER_BODY if upper_body_only else len(PoseLandmark)
        self._start(tracker)

    def process(self, image: NDArray[np.uint8]) -> SolutionOutputs:
        """Return the pose in an image.

        Parameters
        ----------
        image : (H, W, 3) uint8 array, RGB

        Raises
        ------
        ValueError
            If the image does not have three channels, or the object is closed.
        TypeError
            If it has values other than uint8.
        RuntimeError
            If it has no pixels.
        """
        with self._lock:
            self._simulated_timestamp += STEP_US
            if self._graph is None:
                raise ValueError("_graph is None in SolutionBase")
            pixels = _rgb(image)
            result = self._graph.update(pixels, timestamp_us=self._simulated_timestamp)
        return _outputs(result, self._count)


def _outputs(result: PoseResult, count: int) -> SolutionOutputs:
    """Return the first `count` landmarks in MediaPipe's units, without presence as there."""
    pose = result.pose
    if pose is None:
        return SolutionOutputs()
    px = np.array((result.width, result.height, result.width), np.float32)
    visibility = pose.visibility[:count]
    return SolutionOutputs(
        normalized_landmark_list(pose.landmarks[:count] / px, visibility),
        landmark_list(pose.world[:count], visibility),
        pose.mask,
    )


def _rgb(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the pixels of what MediaPipe takes for an image; its errors for all else."""
    if image.shape[2] != 3:
        raise ValueError("Input image must contain three channel rgb data.")
    pixels = np.asarray(image).astype(np.uint8, casting="safe", copy=False)
    if pixels.size == 0:
        raise RuntimeError(f"image must have pixels, got shape {pixels.shape}")
    return pixels


def _model(complexity: int) -> str:
    """Return the name of a model; MediaPipe ends the whole process where there is none."""
    if index(complexity) not in range(len(MODELS)):
        raise ValueError(f"model_complexity must be 0, 1 or 2, got {complexity!r}")
    return MODELS[complexity]


def _switch(value: object, name: str) -> bool:
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be True or False, got {value!r}")
    return bool(value)


def _confidence(value: float | None, *, of_nan: float) -> float:
    """Return a threshold from 0 to 1 that lets through what `value` does in MediaPipe."""
    if value is None:  # the default of MediaPipe's graph: no threshold
        return 0.0
    return of_nan if math.isnan(value) else min(max(float(value), 0.0), 1.0)
