"""Solo: follows one person, as MediaPipe does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitruvian.engine.individual import Individual
from vitruvian.engine.pipeline import Look

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.core.frame import Frame
    from vitruvian.engine.options import Options
    from vitruvian.engine.pipeline import Person, Pipeline

__all__ = ["Solo"]


class Solo:
    """Follows the most certain person.

    The detector runs until somebody is found; from then on each frame's landmarks say where to
    look in the next, until they are lost. Whoever is found after that counts as somebody new.
    """

    def __init__(self, pipeline: Pipeline, options: Options) -> None:
        self._pipeline = pipeline
        self._options = options
        self._individual = Individual(options)
        self._id = -1
        self._has_person = False

    def follow(self, frame: Frame) -> list[tuple[Person, int | None]]:
        """Return the person in the next frame and their id."""
        person = self._look(frame.image)
        if person is None:
            self.lose()
            return []
        if not self._has_person:
            self._has_person = True
            self._id += 1
        start = self._pipeline.timer.start()
        smooth = self._individual.see(person, frame.timestamp_us, (frame.width, frame.height))
        self._pipeline.timer.lap("smooth", start)
        return [(smooth, self._id)]

    def _look(self, image: NDArray[np.uint8]) -> Person | None:
        roi = self._individual.roi
        if roi is None or self._options.force_detection:
            return self._find(image, is_new=roi is None)
        (person,) = self._pipeline.locate(image, [Look(roi)])
        if person is not None or not self._options.rules.retry_detection:
            return person
        self.lose()  # whoever is found now may be somebody else
        return self._find(image, is_new=True)

    def _find(self, image: NDArray[np.uint8], *, is_new: bool) -> Person | None:
        """Return the most certain person of the whole image.

        The detector's region is settled for a new person only: one who is known already, and
        detected again on every frame, costs one look of the landmark network.
        """
        looks = self._pipeline.detect(image)[:1]
        if is_new:
            looks = self._pipeline.settle(image, looks)
        for person in self._pipeline.locate(image, looks):
            if person is not None and self._pipeline.is_credible(person):
                return person
        return None

    def lose(self) -> None:
        """Note that nobody is followed into the next frame."""
        self._has_person = False
        self._individual.lose()

    def resize(self, ratio: tuple[float, float]) -> None:
        """Note that the next frame is so many times as wide and as high as the one before."""
        if self._options.rules.follow_resized:
            self._individual.resize(ratio)
        else:
            self.lose()
