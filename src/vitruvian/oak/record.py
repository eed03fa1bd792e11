"""EdgeRecord: what the script of the device found in one frame."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Self

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["EdgeRecord"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class EdgeRecord:
    """What the script of the device found in one frame.

    Attributes
    ----------
    number : int
        Sequence number of the frame that the last network saw.
    is_detected : bool
        Whether the detector ran for it, on this frame or the one before.
    detection_score : float
        Score of the best detection; NaN if the detector did not run.
    score : float
        Landmark score; 0 if nobody was detected.
    center, side, rotation : (float, float), float, float
        The region that the landmark network saw: image px, rad.
    landmarks : (195,) float32 array or None
        Output of the landmark network, px of the crop and logits; None without a person.
    world : (99,) float32 array or None
        World landmarks, m.
    reference : str or None
        "mid_hips", "mid_shoulders", or None if neither is visible or depth is not measured.
    zone_xyxy : (int, int, int, int) or None
        Zone in which the depth of the reference was measured, image px.
    reference_m : float
        Depth of the surface there, m; NaN if it is not known.
    depths_m : (33,) float32 array or None
        Depths of the surface at the landmarks, m, NaN where they are not known; None without depth.
    """

    number: int
    is_detected: bool
    detection_score: float = math.nan
    score: float = 0.0
    center: tuple[float, float] = (math.nan, math.nan)
    side: float = math.nan
    rotation: float = 0.0
    landmarks: NDArray[np.float32] | None = None
    world: NDArray[np.float32] | None = None
    reference: str | None = None
    zone_xyxy: tuple[int, int, int, int] | None = None
    reference_m: float = math.nan
    depths_m: NDArray[np.float32] | None = None

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Return the record in a packet of the script.

        Raises
        ------
        ValueError
            If the packet is damaged.
        """
        raise NotImplementedError
