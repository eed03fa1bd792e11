"""MultiPoseFollower: tracks people with persistent IDs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.assignment import match
from vitruvian.engine.pipeline import Candidate, passes_verification
from vitruvian.engine.second_look import looked_again
from vitruvian.track.person_track import Observation
from vitruvian.track.track_pool import TrackPool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitruvian.core.frame import Frame
    from vitruvian.engine.options import TrackerOptions
    from vitruvian.engine.pipeline import Pipeline, PoseEstimate
    from vitruvian.track.person_track import Track

__all__ = ["MultiPoseFollower"]

SEARCH_PERIOD_US = 250_000  # between runs of the detector while fewer than num_poses are tracked
ALERT_PERIOD_US = 66_000  # the same after a track has been lost
ALERT_US = 1_000_000  # how long after a loss
MAX_DETECTION_COST = 1.01  # of leaving a detection without a track; finite costs end at 1
CANDIDATES_PER_SLOT = 3  # limits the time of a frame that shows a crowd


class MultiPoseFollower:
    """Tracks up to `num_poses` people, each with an ID that persists through an absence.

    - The landmarks of a frame give each person's region of interest in the next.
    - The detector runs while fewer than `num_poses` people are tracked: at once after a loss, else
      every 0.25 s. Detections of people who are tracked already are ignored.
    - Of two similar poses, the one that agrees less with its own track is dropped, and its track is
      lost, so that no person is tracked twice.
    - All poses of a frame are assigned to tracks at once (`TrackPool`).
    """

    def __init__(self, pipeline: Pipeline, options: TrackerOptions) -> None:
        self._pipeline = pipeline
        self._options = options
        self._duplicate_oks = options.rules.duplicate_oks
        self._pool = TrackPool(options)
        self._search_us: int | None = None  # time of the last run of the detector
        self._loss_us: int | None = None  # time of the last loss

    def follow(self, frame: Frame) -> list[tuple[PoseEstimate, int | None]]:
        """Return the people in the next frame with their IDs, in the order of the IDs."""
        now_us = frame.timestamp_us
        tracked = self._pool.tracked
        candidates: list[tuple[Candidate, Track | None]] = [
            (Candidate(track.roi), track) for track in tracked if track.roi is not None
        ]
        is_searched = self._is_search_due(now_us, len(tracked))
        if is_searched:
            candidates += self._new_candidates(frame, tracked)
        observed = self._without_duplicates(self._observations(frame, candidates), now_us)
        found = [observation.track for observation in observed if observation.track is not None]
        if len(found) < len(tracked):
            self._loss_us = now_us
            if not is_searched:
                new = self._observations(frame, self._new_candidates(frame, found))
                observed = self._without_duplicates([*observed, *new], now_us)
        observed = self._looked_again(frame, observed)
        start = self._pipeline.timer.start()
        observed = self._pool.with_appearance(frame, observed)
        matched = self._pool.matched(observed, now_us)
        poses = {track.id: track.update(observation, frame) for track, observation in matched}
        self._pool.mark_lost(seen_us=now_us)
        if any(track.roi is None for track, _ in matched):  # too low a score to track
            self._search_us = None
        self._pipeline.timer.lap("smooth", start)
        return [(poses[track_id], track_id) for track_id in sorted(poses)]

    def _is_search_due(self, now_us: int, n_tracked: int) -> bool:
        if self._options.force_detection or self._search_us is None or not n_tracked:
            return True
        if n_tracked >= self._options.num_poses:
            return False
        is_alert = self._loss_us is not None and now_us - self._loss_us < ALERT_US
        period_us = ALERT_PERIOD_US if is_alert else SEARCH_PERIOD_US
        return now_us - self._search_us >= period_us

    def _new_candidates(
        self, frame: Frame, tracked: Sequence[Track]
    ) -> list[tuple[Candidate, Track | None]]:
        """Return refined candidates of detections that do not match a tracked person."""
        self._search_us = now_us = frame.timestamp_us
        detected = self._pipeline.detect(frame.image, low_scores=True)
        costs = np.array([[t.detection_cost(c, now_us) for t in tracked] for c in detected])
        known = {row for row, _ in match(costs, MAX_DETECTION_COST)}
        n_free = max(1, self._options.num_poses - len(tracked))
        new = [c for i, c in enumerate(detected) if i not in known][: CANDIDATES_PER_SLOT * n_free]
        return [(candidate, None) for candidate in self._pipeline.refine_rois(frame.image, new)]

    def _observations(
        self, frame: Frame, candidates: Sequence[tuple[Candidate, Track | None]]
    ) -> list[Observation]:
        """Return the verified poses of the candidates."""
        estimates = self._pipeline.estimate(frame.image, [c for c, _ in candidates])
        confidence = self._options.detection_confidence
        return [
            Observation(estimate, track)
            for estimate, (_, track) in zip(estimates, candidates, strict=True)
            if estimate is not None
            and estimate.is_measurable
            and passes_verification(estimate, confidence)
        ]

    def _without_duplicates(
        self, observations: Sequence[Observation], now_us: int
    ) -> list[Observation]:
        """Return one observation of each person: of two similar ones, that of better agreement."""
        ranked = sorted(observations, key=lambda o: o.agreement(now_us), reverse=True)
        kept: list[Observation] = []
        for observation in ranked:
            estimate = observation.estimate
            if all(o.estimate.similarity(estimate) <= self._duplicate_oks for o in kept):
                kept.append(observation)
        return kept

    def _looked_again(self, frame: Frame, observed: Sequence[Observation]) -> list[Observation]:
        """Return the observations, those with doubtful legs improved where possible."""
        if not self._options.rules.second_look:
            return list(observed)
        now_us = frame.timestamp_us
        is_due = [o.track is None or o.track.may_look_again(now_us) for o in observed]
        due = [o.estimate for o, is_one in zip(observed, is_due, strict=True) if is_one]
        results = iter(looked_again(self._pipeline, frame.image, due))
        return [
            replace(o, estimate=next(results)) if is_one else o
            for o, is_one in zip(observed, is_due, strict=True)
        ]

    def mark_lost(self) -> None:
        """End the regions of all tracks; their IDs can still be recovered."""
        self._search_us = None
        self._pool.mark_lost()

    def resize(self, ratio: tuple[float, float]) -> None:
        """Prepare for a next frame of another size: all tracks are lost."""
        self.mark_lost()
