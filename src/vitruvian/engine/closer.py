"""Closer look: the detector once more, on the part of the image around an uncertain detection."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from vitruvian.engine.place import Place

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.core.detection import Detection
    from vitruvian.engine.pipeline import Candidate, Pipeline
    from vitruvian.engine.warp import Part

__all__ = ["closer_look", "needs_closer_look", "part_around"]

CLEAR_SCORE = 0.8  # of a detection that needs no closer look
LOOK_RATIO = 1.5  # side of the part, in body sizes: where the detector scores people highest
MAX_SHARE = 0.7  # of the long side of the image: a larger part shows no more than the whole image
MIN_SIDE = 32  # px


def needs_closer_look(candidate: Candidate, image_wh: tuple[int, int]) -> bool:
    """Return whether a candidate is uncertain, and small enough for a closer look."""
    detection = candidate.detection
    if detection is None or detection.score >= CLEAR_SCORE:
        return False
    return _part_of(detection, image_wh) is not None


def closer_look(
    pipeline: Pipeline, image: NDArray[np.uint8], candidate: Candidate, confidence: float
) -> Candidate | None:
    """Return an uncertain candidate as the detector sees it from nearby, if that is more certain.

    The detector runs on the part of the image around the person, which fills its input. A person
    scores higher there; a false positive scores lower, or is not detected.

    Returns
    -------
    Candidate or None
        None if the detection scores less than `confidence`, in both.
    """
    detection = candidate.detection
    if detection is None:
        return candidate
    part = _part_of(detection, (image.shape[1], image.shape[0]))
    seen = pipeline.detect(image, low_scores=True, part=part)
    place = Place.of_detection(detection)
    near = [c for c in seen if c.detection and Place.of_detection(c.detection).is_same(place)]
    best = max([candidate, *near], key=_score)
    return best if _score(best) >= confidence else None


def part_around(center: tuple[float, float], side: float, image_wh: tuple[int, int]) -> Part | None:
    """Return the part of the image in a square; None if it is too large or too small to help."""
    if not (math.isfinite(side) and side <= MAX_SHARE * max(image_wh)):
        return None
    (left, right), (top, bottom) = (
        (
            round(min(max(middle - side / 2, 0), length)),
            round(min(max(middle + side / 2, 0), length)),
        )
        for middle, length in zip(center, image_wh, strict=True)
    )
    if min(right - left, bottom - top) < MIN_SIDE:
        return None
    return left, top, right - left, bottom - top


def _part_of(detection: Detection, image_wh: tuple[int, int]) -> Part | None:
    place = Place.of_detection(detection)
    return part_around((place.x, place.y), LOOK_RATIO * place.size_px, image_wh)


def _score(candidate: Candidate) -> float:
    return candidate.detection.score if candidate.detection else 0.0
