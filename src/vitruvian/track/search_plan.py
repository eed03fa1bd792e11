"""SearchPlan: when the detector runs in a video, and on which parts of the image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitruvian.engine.closer import part_around
from vitruvian.engine.place import Place
from vitruvian.engine.tiles import tiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitruvian.core.detection import Detection
    from vitruvian.engine.options import TrackerOptions
    from vitruvian.engine.pipeline import Candidate
    from vitruvian.engine.warp import Part

__all__ = ["SearchPlan"]

# The period is for one tracked person; with N people it is N times as short, so that the detector
# takes the same share of the time.
PERIOD_US = 160_000  # between searches of the whole image
TILE_PERIOD_US = 200_000  # between tiles with reach far
SHORTEST_PERIOD_US = 66_000  # also the period after a track has been lost
MIN_FRAMES = 2  # from search to search of the whole image: limits its share at a low frame rate
MIN_TILE_FRAMES = 5  # from tile to tile, for one tracked person
MIN_EMPTY_FRAMES = 6  # from tile to tile while nobody is tracked: a sixth more detections
ALERT_US = 1_000_000  # how long after a loss
GAP_US = 250_000  # time between two frames after which everyone is searched

LOST_RATIO = 2.0  # side of the part around a lost person, in body sizes: they may have moved
MAX_LOST = 2  # parts around lost people on one frame

FIRST_PAUSE_US = 100_000  # after a rejection; twice as long after each further one
LONGEST_PAUSE_US = 1_000_000
BETTER_SCORE = 0.1  # a detection that scores as much more is tried during the pause, too


@dataclass(slots=True)
class _Rejection:
    """A place where a detection was not verified: it is not tried again until `until_us`."""

    place: Place
    score: float
    until_us: int
    pause_us: int


class SearchPlan:
    """Decides on which frames the detector runs, and on which parts of the image.

    - The whole image is searched periodically while fewer than `num_poses` people are tracked; on
      every frame while there are none.
    - With reach "far", one tile after the other is searched as well.
    - A place where a detection was not verified is left alone for a while.
    - After a loss, the detector runs more often, and on a part around the lost person as well.

    All periods are times of the frames, so that results do not depend on the machine.
    """

    def __init__(self, options: TrackerOptions) -> None:
        self._options = options
        self._now_us: int | None = None  # time of the last frame
        self._whole_us: int | None = None  # time of the last search of the whole image
        self._tile_us: int | None = None
        self._n_frames = 0  # since the last search of the whole image
        self._n_tile_frames = 0  # since the last tile
        self._n_tiles = 0  # searched so far
        self._lost: list[tuple[Place, int]] = []  # with the time of the loss
        self._rejections: list[_Rejection] = []

    def restart(self) -> None:
        """Search the whole image on the next frame."""
        self._whole_us = None

    def note_loss(self, place: Place) -> None:
        """Note that a person was lost on this frame, before `parts`."""
        self.restart()
        if self._now_us is not None:
            self._lost.append((place, self._now_us))

    def start_frame(self, now_us: int) -> None:
        """Begin a frame: before anything else."""
        if self._now_us is not None and now_us - self._now_us > GAP_US:
            self.restart()
        self._now_us = now_us
        self._n_frames += 1
        self._n_tile_frames += 1
        self._lost = [(place, us) for place, us in self._lost if now_us - us < ALERT_US]
        self._rejections = [r for r in self._rejections if now_us < r.until_us + r.pause_us]

    def parts(
        self, image_wh: tuple[int, int], n_tracked: int, *, looks_on: bool
    ) -> list[Part | None]:
        """Return the parts of this frame to search; None is the whole image.

        Parameters
        ----------
        image_wh : tuple of int, px
        n_tracked : int
            Number of people who are tracked in this frame.
        looks_on : bool
            Whether the whole image is searched while all `num_poses` people are tracked, too.
        """
        is_full = n_tracked >= self._options.num_poses
        parts: list[Part | None] = []
        if self._is_whole_due(n_tracked, is_full=is_full and not looks_on):
            self._whole_us, self._n_frames = self._now_us, 0
            parts.append(None)
            parts += self._parts_of_lost(image_wh)
        return parts[:1] if is_full else parts

    def _parts_of_lost(self, image_wh: tuple[int, int]) -> list[Part]:
        """Return parts around the people who were lost last."""
        places = [place for place, _ in self._lost[-MAX_LOST:]]
        parts = [part_around((p.x, p.y), LOST_RATIO * p.size_px, image_wh) for p in places]
        return [part for part in parts if part is not None]

    def _is_whole_due(self, n_tracked: int, *, is_full: bool) -> bool:
        if self._whole_us is None or not n_tracked:
            return True
        if self._options.force_detection and self._options.num_poses > 1:
            return True
        if is_full or self._n_frames < MIN_FRAMES:
            return False
        period_us = SHORTEST_PERIOD_US if self._lost else _period_us(n_tracked)
        return self._since(self._whole_us) >= period_us

    def _since(self, time_us: int) -> int:
        return (self._now_us or 0) - time_us

    def next_tile(self, image_wh: tuple[int, int], n_tracked: int) -> list[Part]:
        """Return the tile to search on this frame, after `parts`; none if it is too early.

        While people are tracked, no tile is searched on a frame on which the whole image was.
        """
        is_far = self._options.has_far_reach and n_tracked < self._options.num_poses
        if not is_far or (n_tracked and self._n_frames == 0):
            return []
        min_frames = MIN_TILE_FRAMES / n_tracked if n_tracked else MIN_EMPTY_FRAMES
        is_early = self._n_tile_frames < min_frames
        if self._tile_us is not None and (
            is_early or self._since(self._tile_us) < _period_us(n_tracked, TILE_PERIOD_US)
        ):
            return []
        self._tile_us, self._n_tile_frames = self._now_us, 0
        self._n_tiles += 1
        return _tile(self._n_tiles - 1, image_wh)

    def promising(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Return the candidates without those at a place where one was rejected a moment ago."""
        return [c for c in candidates if not self._is_paused(c)]

    def _is_paused(self, candidate: Candidate) -> bool:
        detection = candidate.detection
        if detection is None:
            return False
        place = Place.of_detection(detection)
        return any(
            (self._now_us or 0) < r.until_us
            and detection.score < r.score + BETTER_SCORE
            and place.is_same(r.place)
            for r in self._rejections
        )

    def note_rejected(self, candidates: Sequence[Candidate]) -> None:
        """Note that candidates of this frame were not verified."""
        for candidate in candidates:
            if candidate.detection is not None:
                self._note_rejected(candidate.detection)

    def _note_rejected(self, detection: Detection) -> None:
        now_us, place = self._now_us or 0, Place.of_detection(detection)
        known = [r for r in self._rejections if place.is_same(r.place)]
        pause_us = min(
            max((2 * r.pause_us for r in known), default=FIRST_PAUSE_US), LONGEST_PAUSE_US
        )
        self._rejections = [r for r in self._rejections if r not in known]
        self._rejections.append(_Rejection(place, detection.score, now_us + pause_us, pause_us))


def _period_us(n_tracked: int, of_one_us: int = PERIOD_US) -> float:
    return max(SHORTEST_PERIOD_US, of_one_us / max(1, n_tracked))


def _tile(index: int, image_wh: tuple[int, int]) -> list[Part]:
    """Return the tile to search after `index` others: two large ones, a small one, and so on."""
    all_tiles = tiles(image_wh)
    large = [tile for tile in all_tiles if tile[2:] == all_tiles[0][2:]]
    small = all_tiles[len(large) :]
    if not all_tiles:
        return []
    turn, place = divmod(index, 3)
    if place == 2 and small:
        return [small[turn % len(small)]]
    return [large[(2 * turn + place if small else index) % len(large)]]
