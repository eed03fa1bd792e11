"""PoseDetector: a tracker behind TF.js's names and units."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.compat.tfjs.config import read_estimation_config, read_model_config
from vitruvian.compat.tfjs.mask import Mask, mask_value_to_label
from vitruvian.compat.tfjs.util import BLAZEPOSE_KEYPOINTS, SupportedModels
from vitruvian.core.frame import Frame

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from PIL.Image import Image

    from vitruvian.compat.tfjs.config import ModelConfig
    from vitruvian.core.pose import Pose

    Picture = NDArray[np.uint8] | Frame | str | Path | Image

__all__ = ["PoseDetector", "createDetector", "create_detector"]

STEP_US = 33_333  # MediaPipe, python/solution_base.py; TF.js's own tests take the same


def create_detector(model: str, config: Mapping[str, Any] | None = None) -> PoseDetector:
    """Return a detector that is ready.

    Parameters
    ----------
    model : SupportedModels or str
        ``SupportedModels.BlazePose``.
    config : dict
        ``runtime``, "tfjs" or "mediapipe", must be given: it says in which units z is returned.
        ``modelType`` "lite", "full" or "heavy"; ``enableSmoothing``, ``enableSegmentation``,
        ``smoothSegmentation``. Each key also as ``model_type`` and so on. Of ``solutionPath``,
        ``detectorModelUrl`` and ``landmarkModelUrl`` a warning says that they have no effect.

    Raises
    ------
    ValueError, TypeError
        If the model is another one, a key is unknown, or a value is not one that TF.js takes.
    ModelNotFoundError, ModelIntegrityError
        If a model file can't be had or is not what it should be.
    """
    if model != SupportedModels.BlazePose:
        raise ValueError(f"model must be 'BlazePose', the one that is here, got {str(model)!r}")
    return PoseDetector(read_model_config(config))


class PoseDetector:
    """Finds one person in picture after picture, in TF.js's names and units."""

    def __init__(self, config: ModelConfig) -> None:
        from vitruvian.engine.profile import MEDIAPIPE_SMOOTHING
        from vitruvian.track.tracker import PoseTracker

        self._is_tfjs = config.runtime == "tfjs"
        self._tracker = PoseTracker(
            config.model_type,
            profile="graph",  # what both runtimes are made after
            smoothing=MEDIAPIPE_SMOOTHING if config.enable_smoothing else 0.0,
            segmentation=config.enable_segmentation,
            smooth_segmentation=config.smooth_segmentation,
        )
        self._last_us = 0
        self._is_flipped = False

    def estimate_poses(
        self,
        image: Picture | None,
        config: Mapping[str, Any] | None = None,
        timestamp: float | None = None,
    ) -> list[dict[str, Any]]:
        """Return the person in a picture, in a list that is empty where nobody is seen.

        Parameters
        ----------
        image : (H, W, 3) uint8 RGB array, Frame, path, or picture of Pillow
            None forgets the person, as `reset` does, and has nobody in it.
        config : dict
            ``maxPoses``, which must be 1, and ``flipHorizontal``: whether to look at the mirror
            image, in which everything returned then is.
        timestamp : float
            Time in ms, later than that of the picture before. Without it a Frame has its own, an
            array comes 33.333 ms after the picture before, and a path or a picture of Pillow is a
            still: what was seen before is forgotten.

        Returns
        -------
        list of dict
            ``score``; ``keypoints``, 33 of ``{x, y, z, score, name}`` in px, but with runtime
            "mediapipe" z in widths of the picture; ``keypoints3D``, the same in metres; where
            segmentation was asked for, ``segmentation``: ``maskValueToLabel`` and ``mask``.

        Raises
        ------
        TypeError, ValueError
            If the picture, a key or a value is not one of these, or the time is not later.
        SourceError
            If the file is not an image.
        """
        is_flipped = read_estimation_config(config).flip_horizontal
        if image is None:
            self.reset()
            return []
        frame = self._frame_of(image, timestamp)
        if is_flipped:
            frame = _mirrored(frame)
        if is_flipped != self._is_flipped:
            self._tracker.note_gap()
            self._is_flipped = is_flipped
        result = self._tracker.update(frame)
        self._last_us = frame.timestamp_us
        return [self._dict_of(pose, result.width) for pose in result]

    def _frame_of(self, image: Picture, timestamp: float | None) -> Frame:
        if isinstance(image, Frame):
            own_us = image.timestamp_us
            pixels = image.image
        elif isinstance(image, np.ndarray):
            own_us = self._last_us + STEP_US
            pixels = image
        else:
            pixels = _still_pixels(image)
            if timestamp is None:
                self.reset()
            own_us = 0
        return Frame(pixels, own_us if timestamp is None else _microseconds(timestamp))

    def _dict_of(self, pose: Pose, width: int) -> dict[str, Any]:
        points = pose.landmarks if self._is_tfjs else _in_widths(pose.landmarks, width)
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
        """Forget the person and the time, as a new detector."""
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


def _mirrored(frame: Frame) -> Frame:
    import cv2  # ten times as fast as a packed copy by NumPy

    return replace(frame, image=np.asarray(cv2.flip(frame.image, 1), np.uint8))


def _still_pixels(image: object) -> NDArray[np.uint8]:
    if isinstance(image, str | Path):
        from vitruvian.media.image import load_image

        return load_image(image)
    from PIL import Image

    if not isinstance(image, Image.Image):
        wanted = "an RGB uint8 array, a Frame, a path or a picture of Pillow"
        raise TypeError(f"image must be {wanted}, got {type(image).__name__}")
    return np.asarray(image.convert("RGB"))


def _in_widths(landmarks: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """Return landmarks in px with z in widths of the picture."""
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
