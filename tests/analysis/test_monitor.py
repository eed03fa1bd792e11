"""ExerciseMonitor counts everybody in a stream of results."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import pytest
from tests.analysis.people import results_of, times_us

from vitruvian.analysis.monitor import MAX_PEOPLE, ExerciseMonitor
from vitruvian.synthetic import motions
from vitruvian.synthetic.exercises import exercise

TIMES = times_us(7.2)


def pair(numbers: tuple[int | None, int | None] = (3, 8)) -> list:
    """Return results with a person who squats and one who stands."""
    one = results_of(exercise("squat", 3, 2.0), TIMES, numbers[0])
    other = results_of(motions.stand(), TIMES, numbers[1])
    return [replace(a, poses=(a.pose, b.pose)) for a, b in zip(one, other, strict=True)]


def test_each_person_is_counted_and_reported() -> None:
    reported = []
    monitor = ExerciseMonitor("squat", lambda number, rep: reported.append((number, rep.number)))
    for result in pair():
        noted = monitor.update(result)
    assert reported == [(3, 1), (3, 2), (3, 3)]
    assert monitor.counts == {3: 3, 8: 0}
    assert monitor.counters[3].count == 3
    squat, stand = noted.notes
    assert squat.startswith("squat 3 · knee 17")
    assert stand.startswith("squat 0 · knee 17")
    assert noted == result  # notes are not compared


def test_people_without_ids_are_counted_by_place() -> None:
    monitor = ExerciseMonitor("squat")
    for result in pair((None, None)):
        monitor.update(result)
    assert monitor.counts == {-2: 0, -1: 3}


def test_a_person_who_leaves_and_comes_back_keeps_the_count() -> None:
    monitor = ExerciseMonitor("squat")
    for i, result in enumerate(pair()):
        monitor.update(replace(result, poses=result.poses[:1] if i < 90 else result.poses[1:]))
    assert monitor.counts == {3: 1, 8: 0}
    monitor.reset()
    assert monitor.counts == {}


def test_the_memory_is_bounded() -> None:
    monitor = ExerciseMonitor("squat")
    (one,) = results_of(motions.stand(), [0])
    for number in range(MAX_PEOPLE + 10):
        pose = replace(one.pose, id=number)
        monitor.update(replace(one, timestamp_us=number, poses=(pose,)))
    assert len(monitor.counts) == MAX_PEOPLE
    assert min(monitor.counts) == 10


def test_an_error_of_the_callback_is_raised() -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("stop here")

    monitor = ExerciseMonitor("squat", fail)
    results = iter(pair())
    with pytest.raises(RuntimeError, match="stop here"):
        deque(map(monitor.update, results))
    assert next(results).timestamp_us < 4_000_000  # the first repetition
