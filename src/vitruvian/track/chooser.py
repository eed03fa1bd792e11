"""Chooser: which people a tracker tracks if there are more than `num_poses`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from vitruvian.engine.place import Place
from vitruvian.engine.preference import preference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitruvian.engine.options import TrackerOptions
    from vitruvian.engine.pipeline import Candidate
    from vitruvian.track.person_track import Observation

__all__ = ["Chooser", "at_point"]

CLEAR_RATIO = 1.25  # by which another person must be larger or nearer to the center
CHALLENGE_US = 500_000  # and for how long, so that a passer-by does not replace a tracked person


class Chooser:
    """Chooses among people by the option `prefer`.

    With `prefer` "largest" or "center", a tracked person is replaced by one who is clearly larger
    or nearer to the center for half a second.
    """

    def __init__(self, options: TrackerOptions) -> None:
        self._options = options
        self._challenge_us: int | None = None  # since when another person is preferred

    @property
    def looks_on(self) -> bool:
        """Whether the image is searched while `num_poses` people are tracked, too."""
        return self._options.prefer in ("largest", "center")

    def challengers(
        self,
        candidates: Sequence[Candidate],
        tracked: Sequence[Observation],
        image_wh: tuple[int, int],
        now_us: int,
    ) -> list[Candidate]:
        """Return the candidates who may replace a tracked person on this frame."""
        prefer, confidence = self._options.prefer, self._options.detection_confidence
        limit = CLEAR_RATIO * min(self._preference(o, image_wh) for o in tracked)
        better = []
        for candidate in candidates:
            detection = candidate.detection
            if (
                detection is not None
                and detection.score >= confidence
                and preference(prefer, Place.of_detection(detection), image_wh) > limit
            ):
                better.append(candidate)
        if not better:
            self._challenge_us = None
            return []
        if self._challenge_us is None:
            self._challenge_us = now_us
        return better if now_us - self._challenge_us >= CHALLENGE_US else []

    def chosen(
        self, observations: Sequence[Observation], image_wh: tuple[int, int]
    ) -> list[Observation]:
        """Return the `num_poses` people who are preferred, tracked or new."""
        if not self.looks_on:
            return list(observations)
        ranked = sorted(observations, key=lambda o: self._preference(o, image_wh), reverse=True)
        return ranked[: self._options.num_poses]

    def _preference(self, observation: Observation, image_wh: tuple[int, int]) -> float:
        place = Place.of_pose(observation.estimate)
        return preference(self._options.prefer, place, image_wh)


def at_point(candidates: Sequence[Candidate], point: tuple[float, float]) -> list[Candidate]:
    """Return the candidates whose circle around the body contains a point, image px.

    The nearest comes first, by the distance of the hips in radii of the circle.
    """
    near = []
    for i, candidate in enumerate(candidates):
        if candidate.detection is not None:
            place = Place.of_detection(candidate.detection)
            radii = math.dist((place.x, place.y), point) / max(place.size_px / 2, 1e-6)
            near.append((radii, i))
    return [candidates[i] for radii, i in sorted(near) if radii <= 1]
