"""``PoseLandmarker``: the Pose Landmarker task of MediaPipe, on Vitruvian's engine."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable  # noqa: TC003 - needed by get_type_hints on the options
from dataclasses import dataclass
from functools import partial
from itertools import starmap
from operator import index
from typing import TYPE_CHECKING, ClassVar, cast

import numpy as np

from vitruvian.compat.declared import OtherRecord
from vitruvian.compat.mediapipe.python.solutions.pose import PoseLandmark
from vitruvian.compat.mediapipe.tasks.python.components.containers.landmark import (
    Landmark,
    NormalizedLandmark,
)
from vitruvian.compat.mediapipe.tasks.python.core.base_options import BaseOptions
from vitruvian.compat.mediapipe.tasks.python.core.model_files import opened_model
from vitruvian.compat.mediapipe.tasks.python.vision.core.base_vision_task_api import (
    BaseVisionTaskApi,
    rgb_of,
)
from vitruvian.compat.mediapipe.tasks.python.vision.core.image import Image, ImageFormat
from vitruvian.compat.mediapipe.tasks.python.vision.core.image_processing_options import (
    ImageProcessingOptions,  # noqa: TC001 - needed by get_type_hints
)
from vitruvian.compat.mediapipe.tasks.python.vision.core.vision_task_running_mode import (
    VisionTaskRunningMode,
    validate_running_mode,
)
from vitruvian.compat.pickling import Portable
from vitruvian.core.frame import Frame
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.errors import ModelIntegrityError, ModelNotFoundError
from vitruvian.fork import no_fork

if TYPE_CHECKING:
    from vitruvian.core.pose import PoseResult
    from vitruvian.engine.estimator import PoseEstimator
    from vitruvian.track.live import LiveStream
    from vitruvian.track.tracker import PoseTracker

__all__ = [
    "PoseLandmark",
    "PoseLandmarker",
    "PoseLandmarkerOptions",
    "PoseLandmarkerResult",
    "PoseLandmarksConnections",
]

PROFILE = "tasks"

logger = logging.getLogger(__name__)


class PoseLandmarksConnections:
    """Connections of the pose skeleton."""

    @dataclass
    class Connection(Portable):
        """A connection between two landmark indices."""

        start: int
        end: int

    POSE_LANDMARKS: ClassVar[list[Connection]] = [
        *starmap(Connection, BLAZEPOSE.connections),
    ]


@dataclass
class PoseLandmarkerResult(Portable):
    """The poses in an image.

    Attributes
    ----------
    pose_landmarks : list of list of NormalizedLandmark
        33 landmarks per pose.
    pose_world_landmarks : list of list of Landmark
        The same in world coordinates, m.
    segmentation_masks : list of Image or None
        Confidence that each pixel belongs to the person, VEC32F1; None without
        `output_segmentation_masks` or without poses.
    """

    pose_landmarks: list[list[NormalizedLandmark]]
    pose_world_landmarks: list[list[Landmark]]
    segmentation_masks: list[Image] | None = None


@dataclass
class PoseLandmarkerOptions(Portable, OtherRecord):
    """Options of a `PoseLandmarker`.

    Attributes
    ----------
    base_options : BaseOptions
        Model file and delegate.
    running_mode : VisionTaskRunningMode
        Single images, the frames of a video, or a live stream.
    num_poses : int
        Maximum number of poses.
    min_pose_detection_confidence : float
        Minimum score of a detection.
    min_pose_presence_confidence : float
        The landmark score must exceed this.
    min_tracking_confidence : float
        As in MediaPipe: with `num_poses` above 1 in a video or stream, a detection that overlaps a
        tracked pose by more than this replaces its region. No effect with one pose.
    output_segmentation_masks : bool
        Whether the result has a segmentation mask for each pose.
    result_callback : callable, optional
        Live stream only: called with each result, its image and its timestamp in ms.
    """

    base_options: BaseOptions
    running_mode: VisionTaskRunningMode = VisionTaskRunningMode.IMAGE
    num_poses: int = 1
    min_pose_detection_confidence: float = 0.5
    min_pose_presence_confidence: float = 0.5
    min_tracking_confidence: float = 0.5
    output_segmentation_masks: bool = False
    result_callback: Callable[[PoseLandmarkerResult, Image, int], object] | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _LiveFrame(Frame):
    """A frame of a live stream, with what the callback is given of it."""

    picture: Image
    timestamp_ms: int


class PoseLandmarker(BaseVisionTaskApi):
    """Detects poses in images, videos and live streams; created by `create_from_options`."""

    def __init__(self, options: PoseLandmarkerOptions) -> None:
        mode = VisionTaskRunningMode(options.running_mode)
        validate_running_mode(mode, options.result_callback)
        self._engine = _opened_engine(options, mode)
        self._live: LiveStream | None = None
        if options.result_callback is not None:
            self._live = _live_stream(self._engine, options.result_callback)
        super().__init__(mode, partial(_end, self._live, self._engine))

    @classmethod
    def create_from_model_path(cls, model_path: str) -> PoseLandmarker:
        """Return a landmarker for single images, with the default options.

        Raises the errors of `create_from_options`.
        """
        return cls.create_from_options(PoseLandmarkerOptions(BaseOptions(model_path)))

    @classmethod
    def create_from_options(cls, options: PoseLandmarkerOptions) -> PoseLandmarker:
        """Return a landmarker.

        Raises
        ------
        ValueError
            If no model is given, a confidence is out of range, or a callback is given outside
            live-stream mode or missing in it.
        FileNotFoundError, RuntimeError
            If the model can't be found, downloaded or read, or `num_poses` is less than 1.
        """
        return cls(options)

    def detect(
        self, image: Image, image_processing_options: ImageProcessingOptions | None = None
    ) -> PoseLandmarkerResult:
        """Return the poses in a single image.

        Raises
        ------
        ValueError, TypeError
            In another running mode, after `close`, or if the image or the options are not valid.
        """
        rotation_deg = self._check(VisionTaskRunningMode.IMAGE, image, image_processing_options)
        return _found(self._engine, image, 0, rotation_deg)

    def detect_for_video(
        self,
        image: Image,
        timestamp_ms: int,
        image_processing_options: ImageProcessingOptions | None = None,
    ) -> PoseLandmarkerResult:
        """Return the poses in the next frame of a video.

        Raises the errors of `detect`, and ValueError if the timestamp does not increase.
        """
        rotation_deg = self._check(VisionTaskRunningMode.VIDEO, image, image_processing_options)
        with self._in_turn:
            return _found(self._engine, image, self._time_us(timestamp_ms), rotation_deg)

    def detect_async(
        self,
        image: Image,
        timestamp_ms: int,
        image_processing_options: ImageProcessingOptions | None = None,
    ) -> None:
        """Give a frame of a live stream, and return at once; the callback gets the result.

        Frames are processed in order, on a thread that also calls the callback. Of the frames that
        arrive meanwhile, the newest is kept. Errors are those of `detect_for_video`; those of the
        network and of the callback are logged.
        """
        mode = VisionTaskRunningMode.LIVE_STREAM
        rotation_deg = self._check(mode, image, image_processing_options)
        with self._in_turn:
            time_us = self._time_us(timestamp_ms)
            if self._live is None:
                return
            try:
                frame = _LiveFrame(
                    rgb_of(image), time_us, picture=image, timestamp_ms=index(timestamp_ms)
                )
            except ValueError as err:  # an image without pixels
                _log_error(None, err)
            else:
                self._live.push(frame, rotation_deg=rotation_deg)


def _check_options(options: PoseLandmarkerOptions) -> None:
    """Raise MediaPipe's errors for options that the engine would reject with other messages."""
    for confidence in (
        options.min_pose_detection_confidence,
        options.min_pose_presence_confidence,
        options.min_tracking_confidence,
    ):
        math.isnan(confidence)  # TypeError if it is not a number
    if not 0 <= options.min_pose_presence_confidence <= 1:
        raise ValueError(
            "Invalid `min_detection_confidence` option: value must be in the range [0.0, 1.0]"
        )
    if index(options.num_poses) < 1:
        raise RuntimeError(
            "ValidatedGraphConfig Initialization failed.\n"
            "ClipNormalizedRectVectorSizeCalculator: max_vec_size should be greater than or equal "
            "to 1.\n"
            "ClipDetectionVectorSizeCalculator: max_vec_size should be greater than or equal to 1."
        )


def _opened_engine(
    options: PoseLandmarkerOptions, mode: VisionTaskRunningMode
) -> PoseEstimator | PoseTracker:
    with no_fork:
        from vitruvian.engine.estimator import PoseEstimator
        from vitruvian.track.tracker import PoseTracker

    _check_options(options)
    if options.base_options.delegate == BaseOptions.Delegate.GPU:
        logger.warning("delegate GPU is not supported: inference runs on the CPU")
    detection = _within(options.min_pose_detection_confidence)
    segmentation = bool(options.output_segmentation_masks)
    try:
        with opened_model(options.base_options) as model:
            if mode is VisionTaskRunningMode.IMAGE:
                return PoseEstimator(
                    model,
                    num_poses=options.num_poses,
                    profile=PROFILE,
                    detection_confidence=detection,
                    presence_confidence=options.min_pose_presence_confidence,
                    segmentation=segmentation,
                )
            return PoseTracker(
                model,
                num_poses=options.num_poses,
                profile=PROFILE,
                detection_confidence=detection,
                presence_confidence=options.min_pose_presence_confidence,
                tracking_confidence=0.0,  # in MediaPipe every pose that is present is tracked
                association_iou=_within(options.min_tracking_confidence),
                segmentation=segmentation,
            )
    except (ModelIntegrityError, ModelNotFoundError) as err:
        raise RuntimeError(str(err)) from err


def _within(confidence: float) -> float:
    """Clip a confidence to 0 to 1, which has the same effect as the value in MediaPipe."""
    return min(max(confidence, 0.0), 1.0)


def _live_stream(
    engine: PoseEstimator | PoseTracker,
    callback: Callable[[PoseLandmarkerResult, Image, int], object],
) -> LiveStream:
    with no_fork:
        from vitruvian.track.live import LiveStream

    def answer(frame: Frame, result: PoseResult) -> None:
        if isinstance(frame, _LiveFrame):
            callback(_converted(result, type(frame.picture)), frame.picture, frame.timestamp_ms)

    return LiveStream(cast("PoseTracker", engine), on_result=answer, on_error=_log_error)


def _log_error(_frame: object, error: BaseException) -> None:
    """Log an error, SystemExit too: the stream goes on."""
    logger.error("Error in callback or detection: the live stream goes on", exc_info=error)


def _end(live: LiveStream | None, engine: PoseEstimator | PoseTracker) -> None:
    """Free the networks after the last frame of a stream; called in the callback, drop it."""
    if live is not None:
        live.end()
        if not live.wait():
            live.close()
    engine.close()


def _found(
    engine: PoseEstimator | PoseTracker, image: Image, timestamp_us: int, rotation_deg: int
) -> PoseLandmarkerResult:
    from vitruvian.engine.estimator import PoseEstimator

    frame = Frame(rgb_of(image), timestamp_us)
    if isinstance(engine, PoseEstimator):
        return _converted(engine.detect(frame, rotation_deg=rotation_deg), type(image))
    return _converted(engine.update(frame, rotation_deg=rotation_deg), type(image))


def _converted(result: PoseResult, image_class: type[Image]) -> PoseLandmarkerResult:
    """Return the result in MediaPipe's units; masks have the class of the input image."""
    scale = np.array([[result.width], [result.height], [result.width]], np.float32)
    landmarks, worlds, masks = [], [], []
    for pose in result.poses:
        scores = pose.visibility.tolist(), pose.presence.tolist()
        xyz = (pose.landmarks.T / scale).tolist()
        landmarks.append([*map(NormalizedLandmark, *xyz, *scores)])
        worlds.append([*map(Landmark, *pose.world.T.tolist(), *scores)])
        if pose.mask is not None:
            pixels = pose.mask[:, :, np.newaxis]
            masks.append(image_class.of_pixels(ImageFormat.VEC32F1, pixels))
    return PoseLandmarkerResult(landmarks, worlds, masks or None)
