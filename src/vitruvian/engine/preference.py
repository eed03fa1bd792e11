"""Preference: which people are chosen if there are more than `num_poses`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitruvian.engine.warp import alignment_side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vitruvian.engine.options import EstimatorOptions
    from vitruvian.engine.pipeline import Candidate

__all__ = ["in_order_of_preference", "preference"]

MIDDLE = 0.05  # of the diagonal: people as close to the middle of the image as this are equal


def preference(
    prefer: str, hips: NDArray[np.floating], size_px: float, image_wh: tuple[int, int]
) -> float:
    """Return how much a person is preferred, on a scale of ratios; 1 if all are equal.

    Parameters
    ----------
    prefer : str
        The option: with "largest" it is the size of the body, with "center" the inverse of the
        distance from the middle of the image.
    hips : (2,) array, image px
    size_px : float
        Side of the square around the whole body.
    image_wh : tuple of int, px
    """
    if prefer == "largest":
        return size_px
    if prefer == "center":
        wh = np.array(image_wh)
        return 1 / max(float(np.linalg.norm(hips - wh / 2)), MIDDLE * float(np.linalg.norm(wh)))
    return 1.0


def in_order_of_preference(
    candidates: Sequence[Candidate], options: EstimatorOptions, image_wh: tuple[int, int]
) -> list[Candidate]:
    """Return detected candidates in the order in which they are tried; faint ones come last."""

    def key(candidate: Candidate) -> tuple[bool, float]:
        detection = candidate.detection
        if detection is None:
            return False, 0.0
        hips, size_px = detection.keypoints[0], alignment_side(detection.keypoints[:2])
        is_certain = detection.score >= options.detection_confidence
        return is_certain, preference(options.prefer, hips, size_px, image_wh)

    if options.prefer in ("score", "first"):  # the detector's order
        return list(candidates)
    return sorted(candidates, key=key, reverse=True)
