"""Chooser: whom a tracker tracks where there are more people than `num_poses`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitruvian.engine.preference import preference
from vitruvian.engine.warp import alignment_side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitruvian.core.detection import Detection
    from vitruvian.engine.options import TrackerOptions
    from vitruvian.engine.pipeline import Candidate
    from vitruvian.track.person_track import Observation, Track

__all__ = ["Chooser"]

CLEAR_RATIO = 1.25  # by which somebody else must be larger or nearer to the center
SAME_HIPS = 0.35  # distance of the hips of one person in two frames, in body sizes
CHALLENGE_US = 500_000  # and for how long: a passer-by does not replace a tracked person


class Chooser:
    """Chooses among people by the options `prefer` and `follow`.

    With `prefer` "largest" or "center", a tracked person is replaced by one who is clearly larger
    or nearer to the center for half a second.
    """

    def __init__(self, options: TrackerOptions) -> None:
        self._options = options
        self._challenge_us: int | None = None  # since when somebody else is preferred

    @property
    def looks_on(self) -> bool:
        """Whether the image is searched while `num_poses` people are tracked, too."""
        return self._options.prefer in ("largest", "center")

    def at_point(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Return the candidates around the point of option `follow`, the nearest first."""
        point = np.array(self._options.follow)

        def distance(detection: Detection) -> float:
            """Return the distance in radii of the circle around the body."""
            side = alignment_side(detection.keypoints[:2])
            return float(np.linalg.norm(detection.keypoints[0] - point)) / max(side / 2, 1e-6)

        near = [(distance(c.detection), i) for i, c in enumerate(candidates) if c.detection]
        return [candidates[i] for far, i in sorted(near) if far <= 1]

    def of_track(
        self, detected: Sequence[Candidate], track: Track, tracked: Sequence[Candidate]
    ) -> Sequence[Candidate]:
        """Return the candidate for a tracked person with `force_detection`: the first detected.

        If others are preferred, it is the detection at the place of the person, or the `tracked`
        candidate if there is none.
        """
        if self._options.prefer == "score" and self._options.follow is None:
            return detected[:1]
        place = track.predicted_hips(track.last_us)
        for candidate in detected:
            detection = candidate.detection
            if detection is not None:
                distance = float(np.linalg.norm(detection.keypoints[0] - place))
                if distance <= SAME_HIPS * track.size_px:
                    return [candidate]
        return tracked

    def challengers(
        self,
        candidates: Sequence[Candidate],
        tracked: Sequence[Observation],
        image_wh: tuple[int, int],
        now_us: int,
    ) -> list[Candidate]:
        """Return the candidates who may replace a tracked person on this frame."""
        prefer, confidence = self._options.prefer, self._options.detection_confidence
        least = min(self._preference(observation, image_wh) for observation in tracked)
        better = []
        for candidate in candidates:
            detection = candidate.detection
            if detection is not None and detection.score >= confidence:
                hips, side = detection.keypoints[0], alignment_side(detection.keypoints[:2])
                if preference(prefer, hips, side, image_wh) > CLEAR_RATIO * least:
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
        estimate = observation.estimate
        return preference(self._options.prefer, estimate.hips, estimate.size_px, image_wh)
