"""People in real clips: how many are found, and that they keep their IDs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import vitruvian
from vitruvian.media import open_input
from vitruvian.track.tracker import PoseTracker

if TYPE_CHECKING:
    from vitruvian import Frame

pytestmark = [pytest.mark.weights, pytest.mark.slow]

DEMO = Path(vitruvian.__file__).parent / "data" / "demo.mp4"


def frames_of(path: Path, indices: range | tuple[int, ...]) -> list[Frame]:
    with open_input(path) as source:
        return [frame for frame in source if frame.index in indices]


@pytest.mark.parametrize("num_poses", [1, 2])
def test_a_person_who_has_moved_while_frames_were_dropped_keeps_their_id(num_poses: int) -> None:
    with PoseTracker("lite", num_poses=num_poses) as tracker:
        results = [tracker.update(f) for f in frames_of(DEMO, (0, 4, 14, 34, 35, 36))]
    assert [[pose.id for pose in result] for result in results[2:]] == [[0]] * 4
    assert all(pose.score > 0.9 for result in results[2:] for pose in result)
    hips_x = [result.pose["left_hip"].x for result in results[2:]]
    assert all(x > hips_x[0] + 150 for x in hips_x[1:])  # where the person stands


@pytest.mark.testdata
def test_far_reach_finds_the_people_behind(testdata: Path) -> None:
    frames = frames_of(testdata / "clips" / "seniors.mp4", range(381))
    found = {}
    for reach in ("normal", "far"):
        with PoseTracker("full", num_poses=6, reach=reach) as tracker:
            found[reach] = sum(len(tracker.update(frame)) for frame in frames) / len(frames)
    assert found["far"] >= 4.5  # of six people
    assert found["far"] >= found["normal"] + 1


@pytest.mark.testdata
def test_nobody_is_found_in_an_empty_room(testdata: Path) -> None:
    empty = frames_of(testdata / "clips" / "one_by_one.mp4", range(56))
    with PoseTracker("full", num_poses=4) as tracker:
        assert [len(tracker.update(frame)) for frame in empty] == [0] * len(empty)
