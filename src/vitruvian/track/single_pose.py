"""SinglePoseFollower: tracks one person, with the stages and the order of MediaPipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitruvian.engine.pipeline import Candidate, passes_verification
from vitruvian.engine.second_look import looked_again
from vitruvian.track.person_track import Observation, Track
from vitruvian.track.track_pool import TrackPool

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.core.frame import Frame
    from vitruvian.engine.options import TrackerOptions
    from vitruvian.engine.pipeline import Pipeline, PoseEstimate

__all__ = ["SinglePoseFollower"]

APPEARANCE_PERIOD_US = 250_000  # between samples of clothing colours; one costs 2 % of a frame


class SinglePoseFollower:
    """Tracks the person with the highest detection score.

    The detector runs until a person is found. From then on the landmarks of a frame give the region
    of interest of the next, until the person is lost. With `Profile.persistent_ids` the next person
    found gets the ID of the lost track that matches (`TrackPool`); else they get a new one.
    """

    def __init__(self, pipeline: Pipeline, options: TrackerOptions) -> None:
        self._pipeline = pipeline
        self._options = options
        self._pool = TrackPool(options) if options.rules.persistent_ids else None
        self._track = Track(-1, options)
        self._has_person = False
        self._sampled_us = 0  # time of the last sample of clothing colours

    def follow(self, frame: Frame) -> list[tuple[PoseEstimate, int | None]]:
        """Return the person in the next frame with their ID."""
        estimate, is_tracked = self._tracked_or_detected(frame.image)
        if estimate is None:
            self.mark_lost()
            return []
        if self._track.may_look_again(frame.timestamp_us):
            (estimate,) = looked_again(self._pipeline, frame.image, [estimate])
        start = self._pipeline.timer.start()
        if self._pool is None:
            smooth = self._smoothed(estimate, frame, is_tracked=is_tracked)
        else:
            smooth = self._identified(self._pool, estimate, frame, is_tracked=is_tracked)
        self._has_person = True
        self._pipeline.timer.lap("smooth", start)
        return [(smooth, self._track.id)]

    def _tracked_or_detected(self, image: NDArray[np.uint8]) -> tuple[PoseEstimate | None, bool]:
        """Return the person, and whether they are the one of the frame before."""
        roi = self._track.roi
        if roi is None or self._options.force_detection:
            return self._detected(image, is_new=roi is None), self._has_person
        (estimate,) = self._pipeline.estimate(image, [Candidate(roi)])
        if estimate is not None or not self._options.rules.retry_detection:
            return estimate, True
        return self._detected(image, is_new=True), False  # it may be another person

    def _smoothed(self, estimate: PoseEstimate, frame: Frame, *, is_tracked: bool) -> PoseEstimate:
        """Return the smoothed pose; a person who is not tracked gets a new ID."""
        if not is_tracked:
            self._track.mark_lost()
            self._track.id += 1
        return self._track.smoothed(estimate, frame.timestamp_us, (frame.width, frame.height))

    def _identified(
        self, pool: TrackPool, estimate: PoseEstimate, frame: Frame, *, is_tracked: bool
    ) -> PoseEstimate:
        """Return the smoothed pose; a person who is not tracked may be re-identified."""
        if not estimate.is_measurable:  # nothing to compare later poses with
            return self._smoothed(estimate, frame, is_tracked=True)
        observation, now_us = Observation(estimate, None), frame.timestamp_us
        if not is_tracked or now_us - self._sampled_us >= APPEARANCE_PERIOD_US:
            (observation,) = pool.with_appearance(frame, [observation])
            self._sampled_us = now_us
        if not is_tracked:
            ((track, _),) = pool.matched([observation], now_us)
            pool.mark_lost()  # no filter goes on across a loss
            self._track = track
        return self._track.update(observation, frame)

    def _detected(self, image: NDArray[np.uint8], *, is_new: bool) -> PoseEstimate | None:
        """Return the person with the highest detection score in the whole image.

        The region is refined for a new person only: with `force_detection`, a tracked person costs
        one run of the landmark network a frame.
        """
        candidates = self._pipeline.detect(image)[:1]
        if is_new:
            candidates = self._pipeline.refine_rois(image, candidates)
        for estimate in self._pipeline.estimate(image, candidates):
            if estimate is not None and passes_verification(
                estimate, self._options.detection_confidence
            ):
                return estimate
        return None

    def mark_lost(self) -> None:
        """End the track: no person is tracked into the next frame."""
        self._has_person = False
        self._track.mark_lost()

    def resize(self, ratio: tuple[float, float]) -> None:
        """Prepare for a next frame that is `ratio` times as wide and as high as the last one."""
        if self._options.rules.keep_on_resize:
            self._track.resize(ratio)
        else:
            self.mark_lost()
