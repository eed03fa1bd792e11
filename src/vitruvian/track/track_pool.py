"""TrackPool: the tracks of people in view and of lost people who can still be re-identified."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.assignment import match
from vitruvian.track.appearance import appearance_of
from vitruvian.track.person_track import Track

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitruvian.core.frame import Frame
    from vitruvian.engine.options import TrackerOptions
    from vitruvian.track.person_track import Observation

__all__ = ["TrackPool"]

UNMATCHED_COST = 6.0  # of leaving an observation without a track, on the scale of Track.cost


class TrackPool:
    """Assigns poses to tracks, so that an ID persists through an absence of `id_memory_s`.

    All poses of a frame are assigned at once, at the least total cost of position, similarity and
    clothing colours. A pose that matches no track starts a new one.
    """

    def __init__(self, options: TrackerOptions) -> None:
        self._options = options
        self._tracks: list[Track] = []
        self._next_id = 0

    def __len__(self) -> int:
        return len(self._tracks)

    @property
    def tracked(self) -> list[Track]:
        """The tracks that have a region in the next frame."""
        return [track for track in self._tracks if track.roi is not None]

    @property
    def has_lost(self) -> bool:
        """Whether there are lost people who can be re-identified."""
        return any(track.roi is None for track in self._tracks)

    def with_appearance(
        self, frame: Frame, observations: Sequence[Observation]
    ) -> list[Observation]:
        """Return the observations with clothing colours of parts that no other person occludes."""
        if not self._options.appearance:
            return list(observations)
        estimates = [observation.estimate for observation in observations]
        boxes = np.array([estimate.box_xyxy for estimate in estimates]).reshape(-1, 4)
        return [
            replace(
                observation,
                appearance=appearance_of(
                    frame.image, e.points, e.raw.visibility, np.delete(boxes, i, axis=0)
                ),
            )
            for i, (observation, e) in enumerate(zip(observations, estimates, strict=True))
        ]

    def matched(
        self, observations: Sequence[Observation], now_us: int
    ) -> list[tuple[Track, Observation]]:
        """Return each observation with its track; unmatched ones start a track if one is free."""
        self._drop_expired(now_us)
        if self._options.num_poses == 1 and len(observations) == 1 and observations[0].track:
            return [(observations[0].track, observations[0])]  # nobody else can be it
        costs = np.array([[track.cost(o, now_us) for track in self._tracks] for o in observations])
        known = [(row, self._tracks[column]) for row, column in match(costs, UNMATCHED_COST)]
        known.sort(key=lambda pair: pair[1].last_us, reverse=True)  # tracks in view come first
        track_of = dict(known[: self._options.num_poses])
        taken = self._tracks if self._options.keeps_first else track_of
        for row in range(len(observations)):
            if row not in track_of and len(taken) < self._options.num_poses:
                track_of[row] = Track(self._next_id, self._options)
                self._tracks.append(track_of[row])
                self._next_id += 1
        return [(track, observations[row]) for row, track in track_of.items()]

    def _drop_expired(self, now_us: int) -> None:
        """Drop tracks that have been out of view for longer than `id_memory_s`."""
        oldest_us = now_us - self._options.id_memory_s * 1e6
        self._tracks = [t for t in self._tracks if t.roi is not None or t.last_us >= oldest_us]

    def mark_lost(self, *, seen_us: int | None = None) -> None:
        """End the regions of all tracks, but of those that were observed at `seen_us`.

        Their IDs can still be recovered.
        """
        for track in self._tracks:
            if track.last_us != seen_us:
                track.mark_lost()

    def resize(self, ratio: tuple[float, float]) -> None:
        """Scale all tracks for a next frame that is `ratio` times as wide and as high."""
        for track in self._tracks:
            track.resize(ratio)
