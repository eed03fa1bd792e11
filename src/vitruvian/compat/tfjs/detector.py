"""PoseDetector: the TF.js detector, on `PoseTracker`."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.compat.tfjs.config import read_estimation_config, read_model_config
from vitruvian.compat.tfjs.mask import Mask, mask_value_to_label
from vitruvian.compat.tfjs.util import BLAZEPOSE_KEYPOINTS, SupportedModels
from vitruvian.core.frame import Frame
from vitruvian.fork import no_fork
from vitruvian.media.orientation import mirrored

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from vitruvian.compat.tfjs.config import ModelConfig
    from vitruvian.core.pose import Pose
    from vitruvian.media.image import ImageLike

__all__ = ["PoseDetector", "createDetector", "create_detector"]

STEP_US = 33_333  # MediaPipe, python/solution_base.py; TF.js's tests use the same step


def create_detector(model: str, config: Mapping[str, Any] | None = None) -> PoseDetector:
    """Return a detector with its networks loaded.

    Parameters
    ----------
    model : SupportedModels or str
        ``SupportedModels.BlazePose``.
    config : dict
        ``runtime``, "tfjs" or "mediapipe", is required: it sets the unit of z in the results.
        ``modelType`` "lite", "full" or "heavy"; ``enableSmoothing``, ``enableSegmentation``,
        ``smoothSegmentation``. Keys may also be in snake_case (``model_type``). ``solutionPath``,
        ``detectorModelUrl`` and ``landmarkModelUrl`` have no effect and cause a warning.

    Raises
    ------
    ValueError, TypeError
        If the model is not BlazePose, a key is unknown, or a value is not valid in TF.js.
    ModelNotFoundError, ModelIntegrityError
        If a model file can't be found or downloaded, or its checksum is wrong.
    """
    if model != SupportedModels.BlazePose:
        raise ValueError(f"model must be 'BlazePose', got {str(model)!r}")
    return PoseDetector(read_model_config(config))


class PoseDetector:
    """Tracks one person through images or video, with TF.js's names and units."""

    def __init__(self, config: ModelConfig) -> None:
        with no_fork:
            from vitruvian.engine.profile import MEDIAPIPE_SMOOTHING
            from vitruvian.track.tracker import PoseTracker

        self._is_tfjs = config.runtime == "tfjs"
        self._tracker = PoseTracker(
            config.model_type,
            profile="graph",  # the MediaPipe graph that both runtimes implement
            smoothing=MEDIAPIPE_SMOOTHING if config.enable_smoothing else 0.0,
            segmentation=config.enable_segmentation,
            smooth_segmentation=config.smooth_segmentation,
        )
        self._last_us = 0
        self._is_flipped = False

    def estimate_poses(
        self,
        image: ImageLike | None,
        config: Mapping[str, Any] | None = None,
        timestamp: float | None = None,
    ) -> list[dict[str, Any]]:
        """Return the pose in an image: a list with one entry, or empty if no person is found.

        Parameters
        ----------
        image : array, Frame, or what `vitruvian.load_image` takes
            None resets the detector, like `reset`, and returns an empty list. The orientation
            that a file or a PIL image stores (EXIF) is applied, as browsers do.
        config : dict
            ``maxPoses``, which must be 1, and ``flipHorizontal``: whether to mirror the image
            before detection. Coordinates are then those of the mirrored image.
        timestamp : float
            Time in ms; must increase from call to call. Default: a Frame's own time; for an
            NumPy array, 33.333 ms after the previous image. Anything else without a timestamp is
            a still image: the track is reset first.

        Returns
        -------
        list of dict
            ``score``; ``keypoints``, 33 of ``{x, y, z, score, name}`` in px, but with runtime
            "mediapipe" z is divided by the image width; ``keypoints3D``, the same in metres; with
            segmentation, ``segmentation``: ``maskValueToLabel`` and ``mask``.

        Raises
        ------
        TypeError, ValueError
            If the image, a key or a value is not valid, or the time does not increase.
        SourceError
            If the file is not an image.
        """
        is_flipped = read_estimation_config(config).flip_horizontal
        if image is None:
            self.reset()
            return []
        frame = self._frame_of(image, timestamp)
        if is_flipped:
            frame = replace(frame, image=mirrored(frame.image))
        if is_flipped != self._is_flipped:
            self._tracker.note_gap()
            self._is_flipped = is_flipped
        result = self._tracker.update(frame)
        self._last_us = frame.timestamp_us
        return [self._dict_of(pose, result.width) for pose in result]

    def _frame_of(self, image: ImageLike, timestamp: float | None) -> Frame:
        if isinstance(image, Frame):
            own_us = image.timestamp_us
            pixels = image.image
        elif isinstance(image, np.ndarray):
            own_us = self._last_us + STEP_US
            pixels = image
        else:
            from vitruvian.media.image import load_image

            pixels = load_image(image)
            if timestamp is None:
                self.reset()
            own_us = 0
        return Frame(pixels, own_us if timestamp is None else _microseconds(timestamp))

    def _dict_of(self, pose: Pose, width: int) -> dict[str, Any]:
        points = pose.landmarks if self._is_tfjs else _with_normalized_z(pose.landmarks, width)
        data: dict[str, Any] = {
            "score": float(pose.score),
            "keypoints": _keypoints(points, pose.visibility),
            "keypoints3D": _keypoints(pose.world, pose.visibility),
        }
        if pose.mask is not None:
            data["segmentation"] = {
                "maskValueToLabel": mask_value_to_label,
                "mask": Mask(pose.mask, is_tensor=self._is_tfjs),
            }
        return data

    def reset(self) -> None:
        """Reset track and clock to the state of a new detector."""
        self._tracker.reset()
        self._last_us = 0

    def dispose(self) -> None:
        """Free the networks."""
        self._tracker.close()

    estimatePoses = estimate_poses  # noqa: N815 - TF.js's name


createDetector = create_detector  # noqa: N816 - TF.js's name


def _microseconds(timestamp: float) -> int:
    if not math.isfinite(timestamp):
        raise ValueError(f"timestamp must be a finite number of ms, got {timestamp!r}")
    return round(1000 * timestamp)


def _with_normalized_z(landmarks: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """Return landmarks with x and y in px and z divided by the image width."""
    points = landmarks.copy()
    points[:, 2] /= width
    return points


def _keypoints(
    points: NDArray[np.float32], scores: NDArray[np.float32]
) -> list[dict[str, float | str]]:
    return [
        {"x": x, "y": y, "z": z, "score": score, "name": name}
        for (x, y, z), score, name in zip(
            points.tolist(), scores.tolist(), BLAZEPOSE_KEYPOINTS, strict=True
        )
    ]
