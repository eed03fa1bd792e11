"""Place: where a person is in the image, to compare detections and poses with each other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitruvian.engine.warp import alignment_side

if TYPE_CHECKING:
    from vitruvian.core.detection import Detection
    from vitruvian.engine.pipeline import PoseEstimate

__all__ = ["Place"]

SAME_PLACE = 0.35  # distance of the hips, in body sizes
SAME_LOG_SIZE = 0.5  # difference of the logarithms of the body sizes


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person may be: the middle of the hips and the body size, image px."""

    x: float
    y: float
    size_px: float

    @classmethod
    def of_detection(cls, detection: Detection) -> Place:
        """Return the place of a detection."""
        x, y = detection.keypoints[0].tolist()
        return cls(x, y, alignment_side(detection.keypoints[:2]))

    @classmethod
    def of_pose(cls, estimate: PoseEstimate) -> Place:
        """Return the place of a pose."""
        x, y = estimate.hips.tolist()
        return cls(x, y, estimate.size_px)

    def cost(self, other: Place) -> float:
        """Return the distance to another place from 0 to 1; inf if it is not the same."""
        if not (self.size_px > 0 and other.size_px > 0):
            return math.inf
        if abs(math.log(self.size_px / other.size_px)) > SAME_LOG_SIZE:
            return math.inf
        distance = math.hypot(self.x - other.x, self.y - other.y) / other.size_px / SAME_PLACE
        return distance if distance <= 1 else math.inf

    def is_same(self, other: Place) -> bool:
        """Return whether the two places may be of one person."""
        return self.cost(other) < math.inf
