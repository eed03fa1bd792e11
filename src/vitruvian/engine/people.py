"""People: follows several people, each with an identity that lasts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.engine.appearance import appearance_of
from vitruvian.engine.association import assigned
from vitruvian.engine.pipeline import Look
from vitruvian.engine.track import Sighting, Track

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitruvian.core.frame import Frame
    from vitruvian.engine.options import Options
    from vitruvian.engine.pipeline import Person, Pipeline

__all__ = ["People"]

SEARCH_PERIOD_US = 250_000  # how often the detector looks for more people while there is room
ALERT_PERIOD_US = 66_000  # how often while somebody has just been lost
ALERT_US = 1_000_000  # how long after a loss
STRANGER = 6.0  # cost of taking somebody for a stranger, in terms of Track.cost
FARTHEST = 1.01  # and of a detection, in terms of Track.detection_cost, which ends at 1
LOOKS_A_PLACE = 3  # newcomers looked at for each free place: a crowd must not stall a frame


class People:
    """Follows up to `num_poses` people; everyone keeps their id, also through an absence.

    Each person's landmarks say where to look for them next. The detector runs where there is room
    for another person: at once when somebody is lost, now and then otherwise. What it sees of
    people who are followed already changes nothing. Of two poses of one person, the one that fits
    its own past less is dropped, and whoever it was looked for as is lost, not doubled. Then poses
    are given to the people remembered, all at once and at least cost, by place and by colours.
    """

    def __init__(self, pipeline: Pipeline, options: Options) -> None:
        self._pipeline = pipeline
        self._options = options
        self._double_oks = options.rules.double_oks
        self._tracks: list[Track] = []
        self._next_id = 0
        self._search_us: int | None = None  # time of the last search
        self._loss_us: int | None = None  # time of the last loss

    def follow(self, frame: Frame) -> list[tuple[Person, int | None]]:
        """Return the people in the next frame and their ids, in the order of the ids."""
        now_us = frame.timestamp_us
        self._forget(now_us)
        followed = [track for track in self._tracks if track.roi is not None]
        looks: list[tuple[Look, Track | None]] = [
            (Look(track.roi), track) for track in followed if track.roi is not None
        ]
        is_searched = self._is_search_due(now_us, len(followed))
        if is_searched:
            looks += self._newcomers(frame, followed)
        seen = self._different(self._sightings(frame, looks), now_us)
        found = [sighting.track for sighting in seen if sighting.track is not None]
        if len(found) < len(followed):
            self._loss_us = now_us
            if not is_searched:
                newcomers = self._sightings(frame, self._newcomers(frame, found))
                seen = self._different([*seen, *newcomers], now_us)
        start = self._pipeline.timer.start()
        if self._options.appearance:
            seen = self._with_appearance(frame, seen)
        people = {
            track.id: track.see(sighting, frame)
            for track, sighting in self._identified(seen, now_us)
        }
        for track in self._tracks:
            if track.last_us != now_us:
                track.lose()
            elif track.roi is None:  # too unsure to be followed: detected anew, or lost
                self._search_us = None
        self._pipeline.timer.lap("smooth", start)
        return [(people[identity], identity) for identity in sorted(people)]

    def _is_search_due(self, now_us: int, n_followed: int) -> bool:
        if self._options.force_detection or self._search_us is None or not n_followed:
            return True
        if n_followed >= self._options.num_poses:
            return False
        is_alert = self._loss_us is not None and now_us - self._loss_us < ALERT_US
        period_us = ALERT_PERIOD_US if is_alert else SEARCH_PERIOD_US
        return now_us - self._search_us >= period_us

    def _newcomers(
        self, frame: Frame, followed: Sequence[Track]
    ) -> list[tuple[Look, Track | None]]:
        """Return where the detector sees people who are not among those followed."""
        self._search_us = now_us = frame.timestamp_us
        looks = self._pipeline.detect(frame.image, faint=True)
        costs = np.array([[t.detection_cost(look, now_us) for t in followed] for look in looks])
        known = {row for row, _ in assigned(costs, FARTHEST)}
        room = max(1, self._options.num_poses - len(followed))
        new = [look for i, look in enumerate(looks) if i not in known][: LOOKS_A_PLACE * room]
        return [(look, None) for look in self._pipeline.settle(frame.image, new)]

    def _sightings(
        self, frame: Frame, looks: Sequence[tuple[Look, Track | None]]
    ) -> list[Sighting]:
        """Return who is seen in the places where to look."""
        people = self._pipeline.locate(frame.image, [look for look, _ in looks])
        return [
            Sighting(person, track)
            for person, (_, track) in zip(people, looks, strict=True)
            if person is not None and person.is_measurable and self._pipeline.is_credible(person)
        ]

    def _different(self, sightings: Sequence[Sighting], now_us: int) -> list[Sighting]:
        """Return one sighting of each person: of two alike, the one that was expected more."""
        ranked = sorted(sightings, key=lambda sighting: sighting.fit(now_us), reverse=True)
        kept: list[Sighting] = []
        for sighting in ranked:
            if all(other.person.likeness(sighting.person) <= self._double_oks for other in kept):
                kept.append(sighting)
        return kept

    def _with_appearance(self, frame: Frame, sightings: Sequence[Sighting]) -> list[Sighting]:
        """Return the sightings with what people wear, where nobody else is in the way."""
        people = [sighting.person for sighting in sightings]
        boxes = np.array([person.box_xyxy for person in people]).reshape(-1, 4)
        return [
            replace(
                sighting,
                appearance=appearance_of(
                    frame.image, person.points, person.raw.visibility, np.delete(boxes, i, axis=0)
                ),
            )
            for i, (sighting, person) in enumerate(zip(sightings, people, strict=True))
        ]

    def _identified(
        self, sightings: Sequence[Sighting], now_us: int
    ) -> list[tuple[Track, Sighting]]:
        """Return whose sightings they are: people remembered, and new ones while there is room."""
        costs = np.array([[track.cost(s, now_us) for track in self._tracks] for s in sightings])
        known = [(row, self._tracks[column]) for row, column in assigned(costs, STRANGER)]
        known.sort(key=lambda pair: pair[1].last_us, reverse=True)  # who is in view comes first
        owners = dict(known[: self._options.num_poses])
        for row in range(len(sightings)):
            if row not in owners and len(owners) < self._options.num_poses:
                owners[row] = Track(self._next_id, self._options)
                self._tracks.append(owners[row])
                self._next_id += 1
        return [(track, sightings[row]) for row, track in owners.items()]

    def _forget(self, now_us: int) -> None:
        """Forget who has been out of view for too long."""
        oldest_us = now_us - self._options.id_memory_s * 1e6
        self._tracks = [t for t in self._tracks if t.roi is not None or t.last_us >= oldest_us]

    def lose(self) -> None:
        """Note that nobody is followed into the next frame."""
        self._search_us = None
        for track in self._tracks:
            track.lose()

    def resize(self, ratio: tuple[float, float]) -> None:
        """Note that the next frame has another size: nobody is followed into it."""
        self.lose()
