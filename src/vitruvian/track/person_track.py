"""Track: one person over time; Observation: one pose in one frame, not yet assigned to a track."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.similarity import pose_similarity
from vitruvian.engine.segmentation import MaskSmoother
from vitruvian.engine.visibility import VisibilitySmoother
from vitruvian.engine.warp import alignment_side, resized_roi, roi_from_alignment, scaled_roi
from vitruvian.track.smoothing import PoseSmoother, RoiSmoother

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.core.frame import Frame
    from vitruvian.core.roi import Roi
    from vitruvian.engine.options import TrackerOptions
    from vitruvian.engine.pipeline import PoseEstimate
    from vitruvian.track.appearance import Appearance

__all__ = ["Observation", "Track"]

MAX_DISTANCE = 0.3  # allowed distance from the predicted position, in body sizes
MAX_DISTANCE_PER_S = 2.0  # additional distance for each second out of view: about 4 m/s
MAX_LOG_SIZE_CHANGE = 0.5  # of the logarithm of the size; as much more for each second out of view
VELOCITY_S = 0.2  # time constant of the velocity estimate
PREDICTION_S = 1.0  # how long a lost person is predicted to move at constant velocity
LOOK_PERIOD_US = 500_000  # between second looks that do not improve the pose
# After a second look that did, the next regions are scaled alike at first, but less.
RESCALING = 0.4  # of the logarithm of the scale
RESCALING_S = 2.0  # time constant of the decay
MAX_COLOUR_DISTANCE = 10.0  # largest colour difference of one person between two frames
MAX_COLOUR_COST = 3.0  # limit of the colour cost of a person who is tracked
POSITION_MEMORY_S = 2.0  # how long a lost person can be re-identified by position alone


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """A pose in one frame that is not yet assigned to a track.

    Attributes
    ----------
    estimate : PoseEstimate
    track : Track or None
        The track whose region it was found in; None for a detection.
    appearance : Appearance or None
        Clothing colours, with option `appearance`.
    """

    estimate: PoseEstimate
    track: Track | None
    appearance: Appearance | None = None

    def agreement(self, now_us: int) -> float:
        """Return the similarity to the predicted pose, 0 to 1; -1 for a detection."""
        if self.track is None:
            return -1.0
        return pose_similarity(
            self.track.predicted(now_us), self.estimate.points, self.track.size_px
        )


class Track:
    """The state of one person from frame to frame: filters, region, motion and appearance.

    Attributes
    ----------
    id : int
    roi : Roi or None
        Region of interest in the next frame; None while the person is not tracked.
    last_us : int
        Time of the last observation.
    size_px : float
        Side of the square around the whole body in that frame.
    """

    def __init__(self, track_id: int, options: TrackerOptions) -> None:
        self.id = track_id
        self.roi: Roi | None = None
        self.last_us = 0
        self.size_px = math.nan
        self._options = options
        self._profile = options.rules
        self._pose_smoother = PoseSmoother(self._profile, options.smoothing)
        self._roi_smoother = RoiSmoother(self._profile)
        self._visibility_smoother = VisibilitySmoother(options.smoothing)
        ratio = self._profile.mask_smoothing if options.smooth_segmentation else 0.0
        self._mask_smoother = MaskSmoother(ratio)
        self._points: NDArray[np.float32] = np.empty((0, 2), np.float32)
        self._hips: NDArray[np.float32] = np.empty(2, np.float32)
        self._velocity = np.zeros(2)
        self._appearance: Appearance | None = None
        self._n_unsampled = 0  # frames since the last sample of clothing colours
        self._looked_us: int | None = None  # time of the last second look
        self._look_scale = 1.0  # that gave the better pose

    def smoothed(
        self, estimate: PoseEstimate, timestamp_us: int, image_wh: tuple[int, int]
    ) -> PoseEstimate:
        """Return the pose smoothed over time, and set the region for the next frame."""
        raw = estimate.raw
        auxiliary = raw.auxiliary[:, :2]
        size_px = alignment_side(auxiliary) * self._profile.object_scale
        if self._profile.smooth_roi:
            auxiliary = self._roi_smoother(auxiliary, timestamp_us, size_px)
        is_tracked = raw.score > self._options.tracking_confidence
        roi = roi_from_alignment(auxiliary, image_wh) if is_tracked else None
        self.roi = roi and self._rescaled(roi, estimate, timestamp_us)
        raw = self._pose_smoother(raw, timestamp_us, size_px)
        if self._profile.calibrated_visibility:
            seen_roi = estimate.candidate.roi
            visibility = self._visibility_smoother(raw, seen_roi, image_wh, timestamp_us)
            raw = replace(raw, visibility=visibility)
        if raw.mask is not None:
            raw = replace(raw, mask=self._mask_smoother(raw.mask))
        return replace(estimate, raw=raw)

    def _rescaled(self, roi: Roi, estimate: PoseEstimate, now_us: int) -> Roi:
        """Return the region, scaled for a while as in a second look that improved the pose."""
        if estimate.look_scale is not None:
            self._looked_us, self._look_scale = now_us, estimate.look_scale
        if self._looked_us is None or self._look_scale == 1:
            return roi
        age_s = (now_us - self._looked_us) / 1e6
        return scaled_roi(roi, self._look_scale ** (RESCALING * math.exp(-age_s / RESCALING_S)))

    def may_look_again(self, now_us: int) -> bool:
        """Return whether a second look is due if the legs are doubtful."""
        if not self._profile.second_look:
            return False
        if self._looked_us is None or self._look_scale != 1:
            return True
        return now_us - self._looked_us >= LOOK_PERIOD_US

    def update(self, observation: Observation, frame: Frame) -> PoseEstimate:
        """Return the pose smoothed over time, and update motion and appearance."""
        now_us, estimate = frame.timestamp_us, observation.estimate
        if self.roi is not None:
            seconds = (now_us - self.last_us) / 1e6
            velocity = (estimate.hips - self._hips) / seconds
            self._velocity += (velocity - self._velocity) * (1 - math.exp(-seconds / VELOCITY_S))
        else:
            self._velocity = np.zeros(2)
        self.last_us = now_us
        self.size_px = estimate.size_px
        self._points, self._hips = estimate.points, estimate.hips
        self._n_unsampled += 1
        new, known = observation.appearance, self._appearance
        if new is not None:
            self._appearance = known.blended(new, self._n_unsampled) if known else new
            self._n_unsampled = 0
        return self.smoothed(estimate, now_us, (frame.width, frame.height))

    def mark_lost(self) -> None:
        """End the region, and reset the filters that the profile resets on a loss."""
        self.roi = None
        self._looked_us = None
        self._roi_smoother.reset()
        self._visibility_smoother.reset()
        self._pose_smoother.mark_lost()
        if self._profile.reset_all_filters:
            self._mask_smoother.reset()

    def resize(self, ratio: tuple[float, float]) -> None:
        """Scale region and motion for a next frame that is `ratio` times as wide and as high."""
        self.roi = self.roi and resized_roi(self.roi, ratio)
        scale = np.array(ratio, np.float32)
        self._points, self._hips = self._points * scale, self._hips * scale
        self._velocity = self._velocity * scale
        self.size_px *= math.sqrt(ratio[0] * ratio[1])

    def predicted(self, now_us: int) -> NDArray[np.floating]:
        """Return the (33, 2) landmarks, image px, moved on at the last velocity."""
        return self._points + self._predicted_motion(now_us)

    def predicted_hips(self, now_us: int) -> NDArray[np.floating]:
        """Return the (2,) middle of the hips, image px, moved on at the last velocity."""
        return self._hips + self._predicted_motion(now_us)

    def _predicted_motion(self, now_us: int) -> NDArray[np.floating]:
        return self._velocity * min((now_us - self.last_us) / 1e6, PREDICTION_S)

    def _motion_cost(self, hips: NDArray[np.floating], size_px: float, now_us: int) -> float:
        absence_s = (now_us - self.last_us) / 1e6
        if abs(math.log(size_px / self.size_px)) > MAX_LOG_SIZE_CHANGE * (1 + absence_s):
            return math.inf
        distance = np.linalg.norm(hips - self.predicted_hips(now_us)) / self.size_px
        cost = float(distance) / (MAX_DISTANCE + MAX_DISTANCE_PER_S * absence_s)
        return cost if cost <= 1 else math.inf

    def cost(self, observation: Observation, now_us: int) -> float:
        """Return the cost of matching an observation, from 0; inf if it can't be this person."""
        estimate = observation.estimate
        motion = self._motion_cost(estimate.hips, estimate.size_px, now_us)
        if not math.isfinite(motion):
            return motion
        colour = self._colour_cost(observation)
        if self.roi is not None:  # tracked in the last frame
            unlike = 1 - pose_similarity(self.predicted(now_us), estimate.points, self.size_px)
            return motion + unlike + (0.5 if colour is None else min(colour, MAX_COLOUR_COST))
        absence_s = (now_us - self.last_us) / 1e6
        if colour is None:
            return 2 + motion if absence_s <= POSITION_MEMORY_S else math.inf
        tolerance = 1 + 1 / (1 + absence_s)
        return 2 + motion + colour / tolerance if colour <= tolerance else math.inf

    def _colour_cost(self, observation: Observation) -> float | None:
        if self._appearance is None or observation.appearance is None:
            return None
        distance = self._appearance.distance(observation.appearance)
        return None if distance is None else distance / MAX_COLOUR_DISTANCE
