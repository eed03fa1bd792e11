"""``mp.solutions.pose``, on Vitruvian's engine."""

from __future__ import annotations

import math
from enum import IntEnum
from operator import index
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray  # noqa: TC002 - needed by get_type_hints

from vitruvian.compat.mediapipe.python.solution_base import SolutionBase, SolutionOutputs
from vitruvian.compat.mediapipe.python.solutions.pose_connections import (
    POSE_CONNECTIONS,
    UPPER_BODY,
    UPPER_BODY_POSE_CONNECTIONS,
)
from vitruvian.compat.pickling import reference
from vitruvian.fork import no_fork

if TYPE_CHECKING:
    from vitruvian.core.pose import PoseResult

__all__ = ["POSE_CONNECTIONS", "UPPER_BODY_POSE_CONNECTIONS", "Pose", "PoseLandmark"]

MODELS = ("lite", "full", "heavy")  # by model_complexity
STEP_US = 33_333  # MediaPipe, python/solution_base.py: timestamps assume 30 frames per second


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

    def __reduce_ex__(self, proto: object) -> tuple[Any, ...]:
        """Return what pickle needs."""
        return reference(PoseLandmark), (self.value,)


class Pose(SolutionBase):
    """Detects the most prominent person in an image, or tracks that person through a video.

    Results equal those of MediaPipe 0.10.21.

    Parameters
    ----------
    static_image_mode : bool
        Whether the images are unrelated. If False, they are frames of a video at 30 fps.
    model_complexity : int
        0, 1 or 2: the model "lite", "full" or "heavy".
    smooth_landmarks : bool
        Whether landmarks and visibility are smoothed over the frames of a video.
    enable_segmentation : bool
        Whether results have a segmentation mask.
    smooth_segmentation : bool
        No effect, as in MediaPipe's Python packages, whose graph lacks the smoothing.
    min_detection_confidence : float, 0 to 1
        Minimum score of a detection.
    min_tracking_confidence : float, 0 to 1
        The landmark score must exceed this, in either mode, for a pose to be returned.
    upper_body_only : bool
        Option of MediaPipe up to 0.8.3: return only the first 25 landmarks. The upper-body model
        of that version no longer exists; the landmarks come from the full-body model.

    Raises
    ------
    TypeError, ValueError
        If an option has the wrong type, or there is no such model. Confidences below 0 or above 1
        are clipped.
    ModelNotFoundError
        If a model is not in the cache and can't be downloaded.

    Notes
    -----
    Positional arguments may also be in the order of MediaPipe up to 0.8.6, which had no
    segmentation: it is recognised by a float as the fourth argument. With it, a bool as the second
    argument is `upper_body_only` of 0.8.3, whose place it has, and is ignored; without it, True is
    the complexity 1 and False 0, as in 0.10.21. Either way, there are 33 landmarks.

    Differences from MediaPipe: the object is thread-safe, the image size may change with
    segmentation, and it stays usable after a rejected image.
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
        with no_fork:
            from vitruvian.engine.profile import MEDIAPIPE_SMOOTHING
            from vitruvian.track.tracker import PoseTracker

        if isinstance(model_complexity, np.bool_):
            model_complexity = bool(model_complexity)
        if isinstance(enable_segmentation, float):  # the order of 0.8.6
            if isinstance(model_complexity, bool):  # of 0.8.3, which had one model
                model_complexity = 1
            min_detection_confidence, enable_segmentation = enable_segmentation, False
            if isinstance(smooth_segmentation, float):
                min_tracking_confidence, smooth_segmentation = smooth_segmentation, True
        in_video = not static_image_mode
        detection = _confidence(min_detection_confidence, of_nan=0.0)
        tracking = _confidence(min_tracking_confidence, of_nan=1.0)
        is_smoothed = _bool(smooth_landmarks and in_video, "smooth_landmarks")
        tracker = PoseTracker(
            _model(model_complexity),
            profile="solutions",
            smoothing=MEDIAPIPE_SMOOTHING if is_smoothed else 0.0,
            segmentation=_bool(enable_segmentation, "enable_segmentation"),
            smooth_segmentation=_bool(smooth_segmentation and in_video, "smooth_segmentation"),
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
            If its dtype can't be converted to uint8 safely.
        RuntimeError
            If the image is empty.
        """
        with no_fork, self._lock:
            self._simulated_timestamp += STEP_US
            if self._graph is None:
                raise ValueError("_graph is None in SolutionBase")
            pixels = _rgb(image)
            result = self._graph.update(pixels, timestamp_us=self._simulated_timestamp)
            return _outputs(result, self._count)


def _outputs(result: PoseResult, count: int) -> SolutionOutputs:
    """Return the first `count` landmarks in MediaPipe's units; presence is not set."""
    from vitruvian.compat.mediapipe.framework.landmark_lists import (
        landmark_list,
        normalized_landmark_list,
    )

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
    """Return the pixels of a valid image; raise MediaPipe's errors for an invalid one."""
    if image.shape[2] != 3:
        raise ValueError("Input image must contain three channel rgb data.")
    pixels = np.asarray(image).astype(np.uint8, casting="safe", copy=False)
    if pixels.size == 0:
        raise RuntimeError(f"image must have pixels, got shape {pixels.shape}")
    return pixels


def _model(complexity: int) -> str:
    """Return the model of a complexity; for an invalid one, MediaPipe aborts the process."""
    if index(complexity) not in range(len(MODELS)):
        raise ValueError(f"model_complexity must be 0, 1 or 2, got {complexity!r}")
    return MODELS[complexity]


def _bool(value: object, name: str) -> bool:
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be True or False, got {value!r}")
    return bool(value)


def _confidence(value: float | None, *, of_nan: float) -> float:
    """Return the threshold in 0 to 1 with the same effect as `value` in MediaPipe."""
    if value is None:  # default of MediaPipe's graph: no threshold
        return 0.0
    return of_nan if math.isnan(value) else min(max(float(value), 0.0), 1.0)
