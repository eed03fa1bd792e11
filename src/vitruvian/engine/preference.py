"""Preference: which people are chosen if there are more than `num_poses`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from vitruvian.engine.place import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitruvian.engine.options import EstimatorOptions
    from vitruvian.engine.pipeline import Candidate

__all__ = ["in_order_of_preference", "preference"]

MIDDLE = 0.05  # of the diagonal: people as close to the middle of the image as this are equal


def preference(prefer: str, place: Place, image_wh: tuple[int, int]) -> float:
    """Return how much a person is preferred, on a scale of ratios; 1 if all are equal.

    Parameters
    ----------
    prefer : str
        The option: with "largest" it is the size of the body, with "center" the inverse of the
        distance from the middle of the image.
    place : Place
        Where the person is.
    image_wh : tuple of int, px
    """
    if prefer == "largest":
        return place.size_px
    if prefer == "center":
        width, height = image_wh
        distance = math.hypot(place.x - width / 2, place.y - height / 2)
        return 1 / max(distance, MIDDLE * math.hypot(width, height))
    return 1.0


def in_order_of_preference(
    candidates: Sequence[Candidate], options: EstimatorOptions, image_wh: tuple[int, int]
) -> list[Candidate]:
    """Return detected candidates in the order in which they are tried; faint ones come last."""

    def key(candidate: Candidate) -> tuple[bool, float]:
        detection = candidate.detection
        if detection is None:
            return False, 0.0
        is_certain = detection.score >= options.detection_confidence
        return is_certain, preference(options.prefer, Place.of_detection(detection), image_wh)

    if options.prefer in ("score", "first"):  # the detector's order
        return list(candidates)
    return sorted(candidates, key=key, reverse=True)
