"""Crops of real photos, as the networks see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitruvian import PoseEstimator, load_image
from vitruvian.engine.detector import DETECTOR_SIDE
from vitruvian.engine.landmarker import LANDMARKER_SIDE
from vitruvian.engine.warp import crop_image, letterbox_image

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["PHOTOS", "detector_crops", "landmark_crops"]

PHOTOS = ("lunge", "dancer", "skier", "handstand_freeze", "couple")


def detector_crops(testdata: Path, photos: tuple[str, ...] = PHOTOS) -> np.ndarray:
    """The whole photos, (N, 224, 224, 3) uint8 RGB."""
    images = [load_image(testdata / "images" / f"{name}.jpg") for name in photos]
    return np.stack([letterbox_image(image, DETECTOR_SIDE)[0] for image in images])


def landmark_crops(testdata: Path, photos: tuple[str, ...] = PHOTOS) -> np.ndarray:
    """The first person of each photo, (N, 256, 256, 3) uint8 RGB."""
    crops = np.empty((len(photos), LANDMARKER_SIDE, LANDMARKER_SIDE, 3), np.uint8)
    with PoseEstimator("lite") as estimator:
        for name, crop in zip(photos, crops, strict=True):
            image = load_image(testdata / "images" / f"{name}.jpg")
            crop_image(image, estimator.detect(image).poses[0].roi, crop)
    return crops
