"""Second look: poses with uncertain legs are estimated again, in regions of other sizes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.engine.warp import scaled_roi

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from vitruvian.engine.pipeline import Pipeline, PoseEstimate

__all__ = ["has_doubtful_legs", "looked_again"]

TRUNK = [
    BLAZEPOSE.index(f"{side}_{name}") for side in ("left", "right") for name in ("shoulder", "hip")
]
LEGS = slice(BLAZEPOSE.index("left_knee"), BLAZEPOSE.index("right_foot_index") + 1)
SCALES = (0.8, 1.25)  # of the region in the second look
# Mean spread of the legs in sides of the region. It is 0.030 to 0.035 for clear legs, and 0.044
# where the heat maps have no maximum. docs/profiles.md says how the limits were chosen.
DOUBTFUL_SPREAD = 0.040
CLEAR_SPREAD = 0.038
MIN_GAIN = 0.003  # decrease of the spread in the second look
MIN_PRESENCE = 0.85  # mean presence of the legs; legs outside the image have less
MIN_VISIBILITY = 0.6  # mean visibility of the legs in the second look
MAX_SHIFT = 0.15  # of shoulders and hips, in body sizes; another person is farther away


def has_doubtful_legs(estimate: PoseEstimate) -> bool:
    """Return whether the legs are in the image, but the network does not know where."""
    return (
        _leg_spread(estimate) > DOUBTFUL_SPREAD
        and float(estimate.raw.presence[LEGS].mean()) > MIN_PRESENCE
    )


def _leg_spread(estimate: PoseEstimate) -> float:
    """Return the mean spread of the legs in sides of the region; 0 if it is not known."""
    spread_px = estimate.raw.spread_px
    return (
        0.0 if spread_px is None else float(spread_px[LEGS].mean()) / estimate.candidate.roi.wh[0]
    )


def _shows_legs(second: PoseEstimate, first: PoseEstimate) -> bool:
    """Return whether the second look shows the same person, with legs that are visible."""
    shifts = np.linalg.norm(second.points[TRUNK] - first.points[TRUNK], axis=1)
    return (
        second.is_measurable
        and float(shifts.max()) <= MAX_SHIFT * first.size_px
        and float(second.raw.visibility[LEGS].mean()) >= MIN_VISIBILITY
    )


def looked_again(
    pipeline: Pipeline, image: NDArray[np.uint8], estimates: Sequence[PoseEstimate]
) -> list[PoseEstimate]:
    """Return the poses; one with doubtful legs is replaced if another region shows them clearly.

    The landmark network runs again for poses with doubtful legs only. Their `look_scale` is the
    scale of the region that gave the better pose, or 1 if none did.

    Notes
    -----
    The region of the next frame comes from the landmarks, so a region of the wrong size can last:
    if the feet are at its edge, the network may put them at the knees, and the next region is as
    small; if it holds other people, their limbs may widen it.
    """
    doubtful = [i for i, estimate in enumerate(estimates) if has_doubtful_legs(estimate)]
    candidates = [
        replace(estimates[i].candidate, roi=scaled_roi(estimates[i].candidate.roi, scale))
        for i in doubtful
        for scale in SCALES
    ]
    results = list(estimates)
    if not candidates:
        return results
    looks = pipeline.estimate(image, candidates)
    for k, i in enumerate(doubtful):
        seconds = zip(SCALES, looks[k * len(SCALES) :], strict=False)
        results[i] = _clearest(estimates[i], seconds)
    return results


def _clearest(
    first: PoseEstimate, seconds: Iterable[tuple[float, PoseEstimate | None]]
) -> PoseEstimate:
    """Return the pose with the clearest legs, which is the first one if no other has clear legs."""
    best = replace(first, look_scale=1.0)
    limit = min(CLEAR_SPREAD, _leg_spread(first) - MIN_GAIN)
    for scale, second in seconds:
        if second is not None and _leg_spread(second) < limit and _shows_legs(second, first):
            best, limit = replace(second, look_scale=scale), _leg_spread(second)
    return best
