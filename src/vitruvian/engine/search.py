"""Search: from the candidates of an image to verified poses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitruvian.engine.pipeline import passes_verification

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.engine.options import EstimatorOptions
    from vitruvian.engine.pipeline import Candidate, Pipeline, PoseEstimate

__all__ = ["CANDIDATES_PER_SLOT", "verified_poses"]

CANDIDATES_PER_SLOT = 3
"""Candidates that a tracker tries for each missing person: limits the time of a crowded frame."""


def verified_poses(
    pipeline: Pipeline,
    image: NDArray[np.uint8],
    candidates: Sequence[Candidate],
    num_poses: int,
    options: EstimatorOptions,
) -> list[PoseEstimate]:
    """Return up to `num_poses` people: candidates are tried in order until enough pass.

    A candidate passes if its pose is verified and no earlier one is the same person. So the first
    pose does not depend on `num_poses`.
    """
    confidence, max_oks = options.detection_confidence, options.rules.duplicate_oks
    found: list[PoseEstimate] = []
    rest = list(candidates)
    while rest and len(found) < num_poses:
        n_missing = num_poses - len(found)
        tried, rest = rest[:n_missing], rest[n_missing:]
        for estimate in pipeline.estimate(image, pipeline.refine_rois(image, tried)):
            if (
                estimate is not None
                and passes_verification(estimate, confidence)
                and all(estimate.similarity(other) <= max_oks for other in found)
            ):
                found.append(estimate)
    return found
