"""Calibrated visibility: how likely a landmark is in the image and not occluded.

The landmark network gives 1.00 for every face, shoulder and hip, also from behind. The pose itself
says more: a landmark on the far side of the head, the trunk or a foot is hidden by it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.skeleton import BLAZEPOSE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.core.roi import Roi
    from vitruvian.engine.landmarker import RawPose

__all__ = ["VisibilitySmoother", "calibrated_visibility"]

# probability = sigmoid(a + b × log odds of the network) × sigmoid(c + d × depth): that nothing else
# occludes the landmark, and that it is not on the far side of its own part of the body. The depth
# is that behind the reference, in sides of the region. The same for all models. Fitted by maximum
# likelihood to one half of the rendered and real people of docs/quality.md, which shows the other.
CERTAIN = (20.0, 0.0)  # c and d of a landmark that no part of its own hides
FACTORS = {  # part of the body: a, b, c, d
    "nose": (4.9, 0.02, 0.7, -47.0),
    "eye": (4.9, 0.02, 0.7, -47.0),
    "ear": (1.9, 0.02, 1.05, -26.0),
    "mouth": (1.4, 0.33, 2.8, -56.0),
    "shoulder": (-0.35, 0.4, 7.9, -17.5),
    "elbow": (0.6, 0.7, *CERTAIN),
    "wrist": (0.7, 0.8, *CERTAIN),
    "hand": (0.1, 0.45, *CERTAIN),
    "hip": (-1.0, 0.4, 5.9, -23.0),
    "knee": (0.6, 0.65, *CERTAIN),
    "ankle": (0.35, 0.95, *CERTAIN),
    "heel": (0.7, 1.25, 8.6, -51.0),
    "foot": (0.2, 1.2, 0.1, -30.0),
}
LOWEST, HIGHEST = 3e-4, 1 - 6e-6  # of the network's values that are told apart
SMOOTHING_S = 0.4  # time constant at the highest amount of smoothing


def _part(name: str) -> str:
    """Return the part of the body, a key of `FACTORS`, that a landmark belongs to."""
    return next((part for part in FACTORS if part in name.split("_")), "hand")


def _references(i: int) -> list[int]:
    """Return three landmarks whose mean depth is compared with that of landmark `i`."""
    name = BLAZEPOSE.names[i]
    if _part(name) in {"nose", "eye", "ear", "mouth"}:
        ears = [BLAZEPOSE.index("left_ear"), BLAZEPOSE.index("right_ear")]
        return [BLAZEPOSE.mirrored[i], *ears]
    if _part(name) in {"heel", "foot"}:  # the other end of the same foot
        heel, toe = "heel", "foot_index"
        other = name.replace(heel, toe) if heel in name else name.replace(toe, heel)
        return 3 * [BLAZEPOSE.index(other)]
    return 3 * [BLAZEPOSE.mirrored[i]]


_A, _B, _C, _D = np.array([FACTORS[_part(name)] for name in BLAZEPOSE.names]).T
_REFERENCES = np.array([_references(i) for i in range(len(BLAZEPOSE))]).T
_THIRDS = np.full(3, 1 / 3)


def calibrated_visibility(raw: RawPose, roi: Roi, image_wh: tuple[int, int]) -> NDArray[np.float32]:
    """Return (33,) probabilities that the landmarks are in the image and not occluded.

    They rise with the visibility that the network gives. A landmark outside the image has 0.

    Parameters
    ----------
    raw : RawPose
        The pose, with the visibility that the network gives.
    roi : Roi
        The region that the network saw.
    image_wh : tuple of int
        Size of the image.
    """
    return _zero_outside(_probabilities(raw, roi), raw.landmarks, image_wh)


def _probabilities(raw: RawPose, roi: Roi) -> NDArray[np.float32]:
    """Return (33,) probabilities that the landmarks are not occluded."""
    z = raw.landmarks[:, 2]
    with np.errstate(all="ignore"):  # values may be NaN or infinite
        likely = np.minimum(np.maximum(raw.visibility, LOWEST), HIGHEST)
        depth = (z - _THIRDS @ z.take(_REFERENCES)) / max(roi.wh)
        uncovered = 1 + np.exp(-_A - _B * np.log(likely / (1 - likely)))
        in_front = 1 + np.exp(-_C - _D * depth)
        probabilities: NDArray[np.float32] = (1 / (uncovered * in_front)).astype(np.float32)
    return probabilities


def _zero_outside(
    values: NDArray[np.float32], landmarks: NDArray[np.float32], image_wh: tuple[int, int]
) -> NDArray[np.float32]:
    x, y = landmarks[:, 0], landmarks[:, 1]
    outside = (x < 0) | (y < 0) | (x >= image_wh[0]) | (y >= image_wh[1])
    return np.where(outside, np.float32(0), values)


class VisibilitySmoother:
    """Gives the calibrated visibility of one person, smoothed over time.

    Parameters
    ----------
    amount : float, 0 to 1
        Strength of the smoothing; 0 is none.
    """

    def __init__(self, amount: float) -> None:
        self._time_us = 1e6 * SMOOTHING_S * amount
        self._last: NDArray[np.float32] | None = None
        self._last_us = 0

    def __call__(
        self, raw: RawPose, roi: Roi, image_wh: tuple[int, int], timestamp_us: int
    ) -> NDArray[np.float32]:
        """Return the visibility of the next pose, as `calibrated_visibility`."""
        values = _probabilities(raw, roi)
        if self._last is not None and self._time_us > 0:
            weight = -math.expm1((self._last_us - timestamp_us) / self._time_us)
            smooth = self._last + np.float32(weight) * (values - self._last)
            values = np.where(np.isfinite(smooth), smooth, values)
        self._last, self._last_us = values, timestamp_us
        return _zero_outside(values, raw.landmarks, image_wh)

    def reset(self) -> None:
        """Return to the state of a new smoother."""
        self._last = None
