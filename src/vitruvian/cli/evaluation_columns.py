"""The columns of the table of `vitruvian evaluate`: what finds the poses of an image."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.core.frame import Frame
from vitruvian.engine.estimator import PoseEstimator
from vitruvian.engine.options import TrackerOptions
from vitruvian.evaluation import load_results, score_image, score_poses
from vitruvian.track.tracker import PoseTracker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import ExitStack

    from numpy.typing import NDArray

    from vitruvian.core.pose import Pose, PoseResult
    from vitruvian.engine.options import EstimatorOptions
    from vitruvian.evaluation import AnnotatedImage, ImageScore

    Column = Callable[[AnnotatedImage, NDArray[np.uint8]], ImageScore]

__all__ = ["column_of", "column_of_results", "named_results"]

MARGIN = 0.25  # around a box, in parts of its longer side: the detector needs surroundings


def column_of(options: EstimatorOptions, opened: ExitStack, *, uses_boxes: bool = False) -> Column:
    """Return the column of an estimator, or of a tracker if the options are those of one.

    With `uses_boxes` the estimator sees the surroundings of one annotated person at a time.
    """
    if isinstance(options, TrackerOptions):
        tracked = _Tracked(opened.enter_context(PoseTracker.from_options(options)))
        return lambda image, pixels: score_image(image, pixels, tracked.detector(image))
    estimator = opened.enter_context(PoseEstimator.from_options(options))
    if uses_boxes:
        return lambda image, pixels: score_image(image, pixels, _in_boxes(image, estimator))
    return lambda image, pixels: score_image(image, pixels, estimator.detect)


def named_results(texts: Iterable[str]) -> dict[str, Path]:
    """Return the files of results by the name of their column: ``FILE:NAME`` or ``FILE``.

    Raises
    ------
    ValueError
        If a file does not exist, or a name is used twice.
    """
    named: dict[str, Path] = {}
    for text in texts:
        file, colon, name = text.rpartition(":")
        if not colon or Path(text).is_file():
            file, name = text, Path(text).name.partition(".")[0]
        if not Path(file).is_file():
            raise ValueError(f"--results must be FILE:NAME or FILE, there is no file {file!r}")
        if not name or name in named:
            raise ValueError(f"--results: each file must have a name of its own, got {text!r}")
        named[name] = Path(file)
    return named


def column_of_results(path: Path) -> Column:
    """Return the column of the poses in a COCO results file."""
    poses_of: dict[Any, Any] = dict(load_results(path))
    return lambda image, _pixels: score_poses(image, poses_of.get(image.id, ()))


def _in_boxes(
    image: AnnotatedImage, estimator: PoseEstimator
) -> Callable[[NDArray[np.uint8]], list[Pose]]:
    """Return what finds one pose in the box of each person, with a margin."""
    boxes = [person.bounds_xyxy for person in image.people if not person.is_crowd]

    def detect(pixels: NDArray[np.uint8]) -> list[Pose]:
        wh = np.array([pixels.shape[1], pixels.shape[0]])
        poses = []
        for low, high in (box.reshape(2, 2) for box in boxes):
            margin = MARGIN * (high - low).max()
            x0, y0 = np.clip(np.floor(low - margin), 0, wh - 1).astype(int).tolist()
            x1, y1 = np.clip(np.ceil(high + margin), [x0 + 1, y0 + 1], wh).astype(int).tolist()
            crop = np.ascontiguousarray(pixels[y0:y1, x0:x1])
            found = estimator.detect(crop).poses[:1]
            shift = np.array([x0, y0, 0], np.float32)
            poses += [replace(pose, landmarks=pose.landmarks + shift) for pose in found]
        return poses

    return detect


class _Tracked:
    """A tracker that starts anew with each sequence of images."""

    def __init__(self, tracker: PoseTracker) -> None:
        self.tracker = tracker
        self.sequence: str | None = None

    def detector(self, image: AnnotatedImage) -> Callable[[NDArray[np.uint8]], PoseResult]:
        """Return what finds the poses of an image, the next one of its sequence."""
        if image.sequence != self.sequence or not image.sequence:
            self.tracker.reset()
            self.sequence = image.sequence
        return lambda pixels: self.tracker.update(Frame(pixels, image.timestamp_us))
