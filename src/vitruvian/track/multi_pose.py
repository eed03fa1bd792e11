"""MultiPoseFollower: tracks people with persistent IDs."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.assignment import match
from vitruvian.engine.closer import closer_look, needs_closer_look
from vitruvian.engine.pipeline import Candidate
from vitruvian.engine.place import Place
from vitruvian.engine.search import (
    candidates_in,
    is_duplicate,
    is_same_person,
    merged_candidates,
    verified_poses,
)
from vitruvian.engine.second_look import looked_again
from vitruvian.track.chooser import Chooser, at_point
from vitruvian.track.person_track import Observation
from vitruvian.track.search_plan import SearchPlan
from vitruvian.track.track_pool import TrackPool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vitruvian.core.frame import Frame
    from vitruvian.engine.options import TrackerOptions
    from vitruvian.engine.pipeline import Pipeline, PoseEstimate
    from vitruvian.engine.warp import Part
    from vitruvian.track.person_track import Track

__all__ = ["MultiPoseFollower"]

MAX_PLACE_COST = 1.01  # of leaving a detection without a pose; finite costs end at 1
MIN_AGREEMENT = 0.8  # with the predicted pose; a pose that agrees less may be of another person
APPEARANCE_PERIOD_US = 250_000  # between samples of clothing colours; one costs 2 % of a frame
CANDIDATES_PER_SLOT = 3  # tried for each missing person: limits the time of a crowded frame


class MultiPoseFollower:
    """Tracks up to `num_poses` people, each with an ID that persists through an absence.

    - The landmarks of a frame give each person's region of interest in the next.
    - The detector runs when `SearchPlan` says so. Detections of people whose pose was found in this
      frame are ignored.
    - Of two similar poses, the one that agrees less with its own track is dropped, and its track is
      lost, so that no person is tracked twice.
    - All poses of a frame are assigned to tracks at once (`TrackPool`).
    """

    def __init__(self, pipeline: Pipeline, options: TrackerOptions) -> None:
        self._pipeline = pipeline
        self._options = options
        self._duplicate_oks = options.rules.duplicate_oks
        self._pool = TrackPool(options)
        self._plan = SearchPlan(options)
        self._chooser = Chooser(options)
        self._sampled_us = 0  # time of the last sample of clothing colours

    def follow(self, frame: Frame) -> list[tuple[PoseEstimate, int | None]]:
        """Return the people in the next frame with their IDs, in the order of the IDs."""
        now_us, tracked = frame.timestamp_us, self._pool.tracked
        self._plan.start_frame(now_us)
        observed = self._without_duplicates(self._tracked_poses(frame), now_us)
        found = {id(observation.track) for observation in observed}
        for track in tracked:
            if id(track) not in found:
                self._plan.note_loss(_predicted_place(track, now_us))
        image_wh = frame.width, frame.height
        parts = self._plan.parts(image_wh, len(observed), looks_on=self._chooser.looks_on)
        if parts:
            observed = self._with_new(frame, observed, parts)
        tile = self._plan.next_tile(image_wh, len(observed))
        if tile:
            observed = self._with_new(frame, observed, tile)
        return self._smoothed(frame, self._looked_again(frame, observed))

    def _smoothed(
        self, frame: Frame, observed: Sequence[Observation]
    ) -> list[tuple[PoseEstimate, int | None]]:
        """Return the poses, assigned to tracks and smoothed, with their IDs."""
        now_us = frame.timestamp_us
        start = self._pipeline.timer.start()
        if self._needs_appearance(observed, now_us):
            observed, self._sampled_us = self._pool.with_appearance(frame, observed), now_us
        matched = self._pool.matched(observed, now_us)
        taken = {id(observation) for _, observation in matched}
        self._plan.note_rejected([o.estimate.candidate for o in observed if id(o) not in taken])
        for track, observation in matched:
            if observation.track is None and track.roi is not None:
                track.mark_lost()  # their region has failed: no filter goes on across a loss
        poses = {track.id: track.update(observation, frame) for track, observation in matched}
        self._pool.mark_lost(seen_us=now_us)
        if any(track.roi is None for track, _ in matched):  # too low a score to track
            self._plan.restart()
        self._pipeline.timer.lap("smooth", start)
        return [(poses[track_id], track_id) for track_id in sorted(poses)]

    def _needs_appearance(self, observed: Sequence[Observation], now_us: int) -> bool:
        is_alone = self._options.num_poses == 1 and all(o.track is not None for o in observed)
        return not is_alone or now_us - self._sampled_us >= APPEARANCE_PERIOD_US

    def _tracked_poses(self, frame: Frame) -> list[Observation]:
        """Return the poses found in the regions of tracked people."""
        tracks = [track for track in self._pool.tracked if track.roi is not None]
        candidates: Sequence[Candidate] = [
            Candidate(track.roi) for track in tracks if track.roi is not None
        ]
        if tracks and self._options.force_detection and self._options.num_poses == 1:
            place = _predicted_place(tracks[0], frame.timestamp_us)
            detected = self._pipeline.detect(frame.image)  # a region comes from it, if possible
            nearest = min(detected, key=lambda c: _cost(c, place), default=None)
            if nearest is not None and _cost(nearest, place) < math.inf:
                candidates = [nearest]
        if not candidates:
            return []
        estimates = self._pipeline.estimate(frame.image, candidates)
        return [
            Observation(estimate, track)
            for estimate, track in zip(estimates, tracks, strict=True)
            if estimate is not None and estimate.is_measurable
        ]

    def _with_new(
        self, frame: Frame, tracked: list[Observation], parts: Sequence[Part | None]
    ) -> list[Observation]:
        """Return the poses of tracked people and those of new ones, found in parts of the image."""
        image, now_us, num_poses = frame.image, frame.timestamp_us, self._options.num_poses
        unknown, seen = _unknown(candidates_in(self._pipeline, image, parts), tracked)
        is_full = len(tracked) >= num_poses
        if is_full and len(seen) == len(tracked):
            wh = frame.width, frame.height
            unknown = self._chooser.challengers(unknown, tracked, wh, now_us)
        elif self._options.follow is not None and not self._pool:
            unknown = at_point(unknown, self._options.follow)
        n_free = max(1, num_poses - len(tracked))
        new = [Observation(pose, None) for pose in self._verified(image, unknown, n_free)]
        kept = [o for o in tracked if o in seen or not _is_stale(o, new, now_us)]
        people = self._without_duplicates([*kept, *new], now_us)
        return self._chooser.chosen(people, (frame.width, frame.height)) if is_full else people

    def _verified(
        self, image: NDArray[np.uint8], candidates: Sequence[Candidate], n_free: int
    ) -> list[PoseEstimate]:
        """Return the poses of `n_free` new people, or of all if a lost person may be among them."""
        tried = self._plan.promising(candidates)[: CANDIDATES_PER_SLOT * n_free]
        tried = self._closely_seen(image, tried)
        n_wanted = len(tried) if self._pool.has_lost else n_free
        poses = verified_poses(self._pipeline, image, tried, n_wanted, self._options)
        if len(poses) < n_wanted:
            self._plan.note_rejected(
                [c for c in tried if not any(is_same_person(c, p.candidate) for p in poses)]
            )
        return [pose for pose in poses if pose.is_measurable]

    def _closely_seen(
        self, image: NDArray[np.uint8], candidates: Sequence[Candidate]
    ) -> list[Candidate]:
        """Return the candidates; uncertain ones only if a closer look confirms them."""
        seen: list[Candidate] = []
        confidence, image_wh = self._options.detection_confidence, (image.shape[1], image.shape[0])
        for candidate in candidates:
            if not needs_closer_look(candidate, image_wh):
                seen.append(candidate)
                continue
            closer = closer_look(self._pipeline, image, candidate, confidence)
            if closer is None:
                self._plan.note_rejected([candidate])
            else:
                seen.append(closer)
        return merged_candidates(seen, image_wh)

    def _without_duplicates(
        self, observations: Sequence[Observation], now_us: int
    ) -> list[Observation]:
        """Return one observation of each person: of two similar ones, that of better agreement."""
        if len(observations) < 2:  # agreement takes time
            return list(observations)
        ranked = sorted(observations, key=lambda o: o.agreement(now_us), reverse=True)
        kept: list[Observation] = []
        for observation in ranked:
            if not any(self._is_duplicate(observation, other) for other in kept):
                kept.append(observation)
        return kept

    def _is_duplicate(self, observation: Observation, other: Observation) -> bool:
        """Return whether two poses are of one person; tracked faces may meet."""
        one, two, max_oks = observation.estimate, other.estimate, self._duplicate_oks
        if observation.track is None:
            return is_duplicate(one, two, max_oks)
        return one.similarity(two) > max_oks

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
        self._plan.restart()
        self._pool.mark_lost()

    def resize(self, ratio: tuple[float, float]) -> None:
        """Prepare for a next frame of another size: all tracks are lost, and get their IDs back."""
        self.mark_lost()
        self._pool.resize(ratio)


def _predicted_place(track: Track, now_us: int) -> Place:
    x, y = track.predicted_hips(now_us).tolist()
    return Place(x, y, track.size_px)


def _cost(candidate: Candidate, place: Place) -> float:
    """Return the distance of a detection to a place from 0 to 1; inf if it is not the same."""
    detection = candidate.detection
    return math.inf if detection is None else Place.of_detection(detection).cost(place)


def _unknown(
    detected: Sequence[Candidate], tracked: Sequence[Observation]
) -> tuple[list[Candidate], list[Observation]]:
    """Return the candidates who are not tracked, and the tracked people who were detected."""
    places = [Place.of_pose(observation.estimate) for observation in tracked]
    costs = [[_cost(candidate, place) for place in places] for candidate in detected]
    pairs = dict(match(np.array(costs), MAX_PLACE_COST))
    unknown = [candidate for i, candidate in enumerate(detected) if i not in pairs]
    return unknown, [tracked[column] for column in pairs.values()]


def _is_stale(observation: Observation, new: Sequence[Observation], now_us: int) -> bool:
    """Return whether a pose that was not detected is at the old place of a person who moved.

    It agrees badly with its track, and a new pose fits the track.
    """
    track = observation.track
    if track is None or observation.agreement(now_us) >= MIN_AGREEMENT:
        return False
    return any(math.isfinite(track.cost(other, now_us)) for other in new)
