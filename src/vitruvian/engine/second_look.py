"""A second look: poses with doubtful legs are estimated again, in a larger region."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.engine.warp import expanded_roi

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vitruvian.engine.pipeline import Pipeline, PoseEstimate

__all__ = ["has_doubtful_legs", "looked_again"]

LEGS = slice(BLAZEPOSE.index("left_knee"), BLAZEPOSE.index("right_foot_index") + 1)
EXPANSION = 1.25  # of the region for the second look
# Mean spread of the legs in sides of the region: 0.03 to 0.035 where they are clear, 0.044 where
# the heat map has no maximum. docs/profiles.md shows how the limits were chosen.
DOUBTFUL_SPREAD = 0.040
MIN_PRESENCE = 0.95  # legs outside the picture or behind something have less
MIN_GAIN = 0.005  # how much less the legs must spread in the larger region


def has_doubtful_legs(estimate: PoseEstimate) -> bool:
    """Return whether the network places the legs in the image, but does not know where."""
    return (
        _spread_of_legs(estimate) > DOUBTFUL_SPREAD
        and float(estimate.raw.presence[LEGS].mean()) > MIN_PRESENCE
    )


def _spread_of_legs(estimate: PoseEstimate) -> float:
    """Return the mean spread in sides of the region; 0 if it is not known."""
    spread_px = estimate.raw.spread_px
    if spread_px is None:
        return 0.0
    return float(spread_px[LEGS].mean()) / estimate.candidate.roi.wh[0]


def looked_again(
    pipeline: Pipeline, image: NDArray[np.uint8], estimates: Sequence[PoseEstimate]
) -> list[PoseEstimate]:
    """Return the poses, each replaced by that of a larger region if its legs are clear there.

    Only poses with doubtful legs cost a run of the landmark network. The legs of a person are
    mostly doubtful because the region is so small that the feet are at its edge: the network then
    puts the feet at the knees, and asks for an even smaller region. `PoseEstimate.has_improved`
    tells the result.
    """
    doubtful = [i for i, estimate in enumerate(estimates) if has_doubtful_legs(estimate)]
    if not doubtful:
        return list(estimates)
    candidates = [
        replace(estimates[i].candidate, roi=expanded_roi(estimates[i].candidate.roi, EXPANSION))
        for i in doubtful
    ]
    results = list(estimates)
    for i, second in zip(doubtful, pipeline.estimate(image, candidates), strict=True):
        first = estimates[i]
        is_better = (
            second is not None
            and second.is_measurable
            and _spread_of_legs(second) < _spread_of_legs(first) - MIN_GAIN
        )
        best = second if is_better and second is not None else first
        results[i] = replace(best, has_improved=is_better)
    return results
