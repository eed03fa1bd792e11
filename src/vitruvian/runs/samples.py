"""Samples of poses from a folder of images, to train a pose classifier."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.analysis.classes import PoseSamples
from vitruvian.errors import SourceError
from vitruvian.media.image import load_image
from vitruvian.media.image_kind import is_image_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

    from vitruvian.engine.estimator import PoseEstimator

__all__ = ["images_of_classes", "samples_from_images"]

logger = logging.getLogger(__name__)


def images_of_classes(folder: str | PathLike[str]) -> list[tuple[str, Path]]:
    """Return class and path of each image in a folder that has a folder of images per class.

    Raises
    ------
    ValueError
        If there is no such folder, or it has no images.
    """
    root = Path(folder)
    if not root.is_dir():
        raise ValueError(f"there is no folder {str(root)!r}")
    found = [
        (inner.name, path)
        for inner in sorted(path for path in root.iterdir() if path.is_dir())
        for path in sorted(inner.iterdir())
        if is_image_name(path) and not path.name.startswith(".")
    ]
    if not found:
        raise ValueError(f"{str(root)!r} must have a folder of images for each class")
    return found


def samples_from_images(
    folder: str | PathLike[str],
    estimator: PoseEstimator,
    *,
    on_image: Callable[[Path, bool], object] | None = None,
) -> PoseSamples:
    """Return the poses in a folder of images as samples for a `PoseClassifier`.

    Parameters
    ----------
    folder : path
        Has a folder for each class, with its images: ``up/1.jpg``, ``down/2.jpg``.
    estimator : PoseEstimator
        Of each image the first pose is taken.
    on_image : callable, optional
        Called after each image, with its path and whether it has a pose. Images without a pose and
        damaged ones are left out, with a warning in the log.

    Raises
    ------
    ValueError
        If there are no images, or none has a pose.
    """
    names, classes, landmarks = [], [], []
    for label, path in images_of_classes(folder):
        try:
            pose = estimator.detect(load_image(path)).pose
        except SourceError as error:
            logger.warning("left out: %s", error)
            pose = None
        else:
            if pose is None:
                logger.warning("left out: no person in %r", str(path))
        if pose is not None:
            names.append(path.name)
            classes.append(label)
            landmarks.append(pose.landmarks)
        if on_image is not None:
            on_image(path, pose is not None)
    if not names:
        raise ValueError(f"no image in {str(folder)!r} has a pose")
    return PoseSamples(tuple(names), tuple(classes), np.stack(landmarks))
