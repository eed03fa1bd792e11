"""SinglePoseFollower: tracks one person as MediaPipe does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitruvian.engine.pipeline import Candidate
from vitruvian.track.person_track import Track

if TYPE_CHECKING:
    from vitruvian.core.frame import Frame
    from vitruvian.engine.options import TrackerOptions
    from vitruvian.engine.pipeline import Pipeline, PoseEstimate

__all__ = ["SinglePoseFollower"]


class SinglePoseFollower:
    """Tracks the person with the highest detection score.

    The detector runs until a person is found. From then on the landmarks of a frame give the region
    of interest of the next, until the person is lost. The next person found gets a new ID.

    Source: MediaPipe, ``pose_landmark_cpu.pbtxt``, ``pose_landmarker_graph.cc``.
    """

    def __init__(self, pipeline: Pipeline, options: TrackerOptions) -> None:
        self._pipeline = pipeline
        self._options = options
        self._track = Track(-1, options)
        self._has_person = False

    def follow(self, frame: Frame) -> list[tuple[PoseEstimate, int | None]]:
        """Return the person in the next frame with their ID."""
        roi = self._track.roi
        is_tracked = roi is not None
        if roi is None or self._options.force_detection:
            is_tracked = self._has_person
            candidates = self._pipeline.detect(frame.image)[:1]
        else:
            candidates = [Candidate(roi)]
        (estimate,) = self._pipeline.estimate(frame.image, candidates) or (None,)
        if estimate is None:
            self.mark_lost()
            return []
        start = self._pipeline.timer.start()
        if not is_tracked:
            self._track.mark_lost()
            self._track.id += 1
        smooth = self._track.smoothed(estimate, frame.timestamp_us, (frame.width, frame.height))
        self._has_person = True
        self._pipeline.timer.lap("smooth", start)
        return [(smooth, self._track.id)]

    def mark_lost(self) -> None:
        """End the track: no person is tracked into the next frame."""
        self._has_person = False
        self._track.mark_lost()

    def resize(self, ratio: tuple[float, float]) -> None:
        """Prepare for a next frame that is `ratio` times as wide and as high as the last one."""
        self._track.resize(ratio)
