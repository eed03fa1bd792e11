"""Detection: one person as the detector finds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitruvian.core._arrays import (
    ArrayValue,
    float_of_json,
    frozen_floats,
    json_float,
    json_floats,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Detection"]


@dataclass(frozen=True, slots=True, eq=False)
class Detection(ArrayValue):
    """One person as the detector finds them: a face box and four keypoints.

    Attributes
    ----------
    box_xyxy : (4,) float32 array, image px
        Box around the face: left, top, right, bottom.
    keypoints : (4, 2) float32 array, image px
        Middle of the hips; a point on the circle around the whole body, above the head of an
        upright person; middle of the shoulders; the same point for the upper body.
    score : float
        Confidence, 0 to 1.
    """

    box_xyxy: NDArray[np.float32]
    keypoints: NDArray[np.float32]
    score: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "box_xyxy", frozen_floats(self.box_xyxy, (4,), "box_xyxy"))
        object.__setattr__(self, "keypoints", frozen_floats(self.keypoints, (4, 2), "keypoints"))

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists and numbers, exact to the last bit; None for NaN and infinity."""
        return {
            "box": json_floats(self.box_xyxy),
            "keypoints": json_floats(self.keypoints),
            "score": json_float(self.score),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Detection:
        """Return the detection whose `to_dict` is `data`."""
        return cls(data["box"], data["keypoints"], float_of_json(data["score"]))
