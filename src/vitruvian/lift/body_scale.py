"""The scale of world landmarks that fits a given body height, as a camera needs it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.skeleton import BLAZEPOSE

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BodyScale", "checked_height"]

MIN_HEIGHT_M, MAX_HEIGHT_M = 0.4, 2.6

# Drillis and Contini (1966), as in Winter, "Biomechanics and Motor Control of Human Movement",
# figure 4.1: lengths of trunk, thigh and shank as shares of the body height.
SHARES = np.array([0.288, 0.245, 0.246])
CHAIN = np.array(
    [
        [BLAZEPOSE.index(f"{side}_{part}") for side in ("left", "right")]
        for part in ("shoulder", "hip", "knee", "ankle")
    ]
)
STIFFNESS = 0.005  # how much both factors are held together; tuned on two cameras of a clip
MIN_VISIBILITY = 0.1  # legs outside the image are near 0, occluded ones are not
MEMORY_S = 30.0


class BodyScale:
    """Fits the scale of one person's world landmarks to a body height.

    The models shorten bones that point toward the camera, so the ratio of the heights
    overestimates the scale of a tilted view. The squared lengths of trunk, thighs and shanks are
    fitted by two factors, one across the line of sight and one along it. Only the first decides
    how far away the person is, and it is the scale.

    Parameters
    ----------
    height_m : float
        Body height.
    """

    def __init__(self, height_m: float) -> None:
        self._lengths = (checked_height(height_m) * SHARES) ** 2
        self._sums = np.zeros(6)  # of 1, a², a b, b², a, b: squared lengths across and along
        self._last_us: int | None = None

    def add(
        self,
        points: NDArray[np.float64],
        visibility: NDArray[np.floating],
        timestamp_us: int | None = None,
    ) -> None:
        """Add frames of the person.

        Parameters
        ----------
        points : (T, 33, 3) array, m
            World landmarks, turned so that z is along the ray to the hips.
        visibility : (T, 33) array
        timestamp_us : int, optional
            Time of a live frame: earlier ones are forgotten with a time constant of 30 s.
        """
        if timestamp_us is not None:
            if self._last_us is not None:
                self._sums *= math.exp(min(self._last_us - timestamp_us, 0) / (1e6 * MEMORY_S))
            self._last_us = timestamp_us
        chain = points[:, CHAIN]
        squared = (chain[:, 1:] - chain[:, :-1]) ** 2
        along = squared[..., 2] / self._lengths[:, None]
        across = (squared[..., 0] + squared[..., 1]) / self._lengths[:, None]
        seen = visibility[:, CHAIN] >= MIN_VISIBILITY
        is_known = np.isfinite(across + along) & seen[:, 1:] & seen[:, :-1]
        a, b = across[is_known], along[is_known]
        self._sums += np.array([len(a), a @ a, a @ b, b @ b, a.sum(), b.sum()])

    @property
    def scale(self) -> float:
        """The factor of world landmarks; 1 before anything was seen."""
        n, aa, ab, bb, a, b = self._sums.tolist()
        if not a + b > 0:
            return 1.0
        hold = STIFFNESS * n
        aa, ab, bb = aa + hold, ab - hold, bb + hold
        determinant = aa * bb - ab * ab
        squared = (a * bb - b * ab) / determinant if determinant > 0 else 0.0
        return math.sqrt(squared if squared > 0 else n / (a + b))


def checked_height(height_m: float) -> float:
    """Return a body height; ValueError if no person has it."""
    if not MIN_HEIGHT_M <= height_m <= MAX_HEIGHT_M:
        raise ValueError(
            f"height_m must be from {MIN_HEIGHT_M} to {MAX_HEIGHT_M}, got {height_m!r}"
        )
    return float(height_m)
