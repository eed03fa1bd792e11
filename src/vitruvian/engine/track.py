"""Track: one person over time; Sighting: one look at somebody, not yet known whose."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.similarity import likeness
from vitruvian.engine.individual import Individual
from vitruvian.engine.warp import alignment_side

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.core.frame import Frame
    from vitruvian.core.roi import Roi
    from vitruvian.engine.appearance import Appearance
    from vitruvian.engine.options import Options
    from vitruvian.engine.pipeline import Look, Person

__all__ = ["Sighting", "Track"]

SLACK = 0.3  # how far a person may be from where they are expected, in sizes
SPEED = 2.0  # and how much farther for each second out of view: some 4 m/s
GROWTH = 0.5  # how much the logarithm of a person's size may change, and more for each second
VELOCITY_S = 0.2  # time constant of the remembered velocity
PREDICTED_S = 1.0  # how long somebody out of view is expected to go on moving
COLOUR = 10.0  # difference in colour of one person at two times, at most
CONTRADICTION = 3.0  # what other colours than theirs count at most against somebody who is followed
UNSEEN_S = 2.0  # how long somebody is known by place alone


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """Somebody seen in one frame.

    Attributes
    ----------
    person : Person
        What was seen.
    track : Track or None
        Who was looked for there; None for a detection.
    appearance : Appearance or None
        What they wear, where it is asked for and nobody else is in the way.
    """

    person: Person
    track: Track | None
    appearance: Appearance | None = None

    def fit(self, now_us: int) -> float:
        """Return how well this is what was expected, 0 to 1; less than 0 of a detection."""
        if self.track is not None:
            return likeness(self.track.expected(now_us), self.person.points, self.track.size_px)
        detection = self.person.look.detection
        return -1.0 + (0.0 if detection is None else detection.score)


class Track:
    """What is remembered of one person.

    Attributes
    ----------
    id : int
    last_us : int
        When they were seen last.
    """

    def __init__(self, identity: int, options: Options) -> None:
        self.id = identity
        self.last_us = 0
        self.size_px = math.nan
        self._options = options
        self._individual = Individual(options)
        self._points: NDArray[np.float32] = np.empty((0, 2), np.float32)
        self._hips: NDArray[np.float32] = np.empty(2, np.float32)
        self._velocity = np.zeros(2)
        self._appearance: Appearance | None = None

    @property
    def roi(self) -> Roi | None:
        """Where to look for them in the next frame; None while they are out of view."""
        return self._individual.roi

    def expected(self, now_us: int) -> NDArray[np.floating]:
        """Return the (33, 2) landmarks, image px, of somebody who went on moving as they did."""
        return self._points + self._moved(now_us)

    def _moved(self, now_us: int) -> NDArray[np.floating]:
        return self._velocity * min((now_us - self.last_us) / 1e6, PREDICTED_S)

    def detection_cost(self, look: Look, now_us: int) -> float:
        """Return how little a detection agrees with this person, from 0; inf if not at all."""
        if look.detection is None:
            return math.inf
        hips, size_px = look.detection.keypoints[0], alignment_side(look.detection.keypoints[:2])
        return self._motion_cost(hips, size_px, now_us)

    def _motion_cost(self, hips: NDArray[np.floating], size_px: float, now_us: int) -> float:
        absence_s = (now_us - self.last_us) / 1e6
        if abs(math.log(size_px / self.size_px)) > GROWTH * (1 + absence_s):
            return math.inf
        apart = np.linalg.norm(hips - self._hips - self._moved(now_us)) / self.size_px
        cost = float(apart) / (SLACK + SPEED * absence_s)
        return cost if cost <= 1 else math.inf

    def cost(self, sighting: Sighting, now_us: int) -> float:
        """Return how little a sighting agrees with this person, from 0; inf if not at all."""
        motion = self._motion_cost(sighting.person.hips, sighting.person.size_px, now_us)
        if not math.isfinite(motion):
            return motion
        colour = self._colour_cost(sighting)
        if self.roi is not None:  # seen in the last frame
            unlike = 1 - likeness(self.expected(now_us), sighting.person.points, self.size_px)
            return motion + unlike + (0.5 if colour is None else min(colour, CONTRADICTION))
        absence_s = (now_us - self.last_us) / 1e6
        if colour is None:
            return 2 + motion if absence_s <= UNSEEN_S else math.inf
        tolerance = 1 + 1 / (1 + absence_s)
        return 2 + motion + colour / tolerance if colour <= tolerance else math.inf

    def _colour_cost(self, sighting: Sighting) -> float | None:
        if self._appearance is None or sighting.appearance is None:
            return None
        distance = self._appearance.distance(sighting.appearance)
        return None if distance is None else distance / COLOUR

    def see(self, sighting: Sighting, frame: Frame) -> Person:
        """Return the person smoothed over time; remember where they are and how they look."""
        now_us = frame.timestamp_us
        if self.roi is not None:
            seconds = (now_us - self.last_us) / 1e6
            velocity = (sighting.person.hips - self._hips) / seconds
            self._velocity += (velocity - self._velocity) * (1 - math.exp(-seconds / VELOCITY_S))
        else:
            self._velocity = np.zeros(2)
        self.last_us = now_us
        self.size_px = sighting.person.size_px
        self._points, self._hips = sighting.person.points, sighting.person.hips
        new, known = sighting.appearance, self._appearance
        if new is not None:
            self._appearance = new if known is None else known.blended(new)
        return self._individual.see(sighting.person, now_us, (frame.width, frame.height))

    def lose(self) -> None:
        """Note that they are out of view."""
        self._individual.lose()
