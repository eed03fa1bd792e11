"""ExerciseMonitor: counts the repetitions of everybody in view, and writes them on the poses."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING

from vitruvian.analysis.exercises import exercise_named
from vitruvian.analysis.repetitions import RepetitionCounter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vitruvian.analysis.exercises import Exercise
    from vitruvian.analysis.repetitions import Repetition
    from vitruvian.core.pose import PoseResult

__all__ = ["ExerciseMonitor"]

MAX_PEOPLE = 256  # the ones who were last seen the longest ago are forgotten


class ExerciseMonitor:
    """Counts the repetitions of an exercise for each person in a stream of results.

    Parameters
    ----------
    exercise : str or Exercise
        One of `vitruvian.analysis.exercises.EXERCISES`, or your own.
    on_repetition : callable, optional
        Called with the ID of the person and the `Repetition` that is complete. An error in it ends
        `update`.
    adaptive : bool
        As for `RepetitionCounter`.

    Examples
    --------
    ::

        monitor = ExerciseMonitor("squat", on_repetition=print)
        with LiveStream(tracker, 0) as stream:
            for frame, result in stream:
                image = draw_poses(frame, monitor.update(result))
    """

    def __init__(
        self,
        exercise: str | Exercise,
        on_repetition: Callable[[int | None, Repetition], object] | None = None,
        *,
        adaptive: bool = False,
    ) -> None:
        self.exercise = exercise_named(exercise)
        self._on_repetition = on_repetition
        self._adaptive = adaptive
        self._counters: OrderedDict[int, RepetitionCounter] = OrderedDict()

    @property
    def counters(self) -> Mapping[int, RepetitionCounter]:
        """The counter of each person, by ID; of poses without an ID by place: -1, -2, ..."""
        return self._counters

    @property
    def counts(self) -> dict[int, int]:
        """Number of repetitions of each person, by ID."""
        return {key: counter.count for key, counter in sorted(self._counters.items())}

    def reset(self) -> None:
        """Reset to the state of a new monitor."""
        self._counters.clear()

    def update(self, result: PoseResult) -> PoseResult:
        """Count, and return the result with a note for each pose: count and angle.

        Raises
        ------
        ValueError
            If the times of the results do not increase.
        """
        notes = []
        for place, pose in enumerate(result):
            key = -1 - place if pose.id is None else pose.id
            counter = self._counters.get(key)
            if counter is None:
                counter = RepetitionCounter(self.exercise, adaptive=self._adaptive)
                self._counters[key] = counter
            self._counters.move_to_end(key)
            repetition = counter.update(pose, result.timestamp_us)
            if repetition is not None and self._on_repetition is not None:
                self._on_repetition(pose.id, repetition)
            notes.append(counter.text)
        while len(self._counters) > MAX_PEOPLE:
            self._counters.popitem(last=False)
        return replace(result, notes=tuple(notes))
