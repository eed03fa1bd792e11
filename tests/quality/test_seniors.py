"""The report on the clip with six people, whose places are annotated."""

from __future__ import annotations

import numpy as np
import pytest

from seniors import HIDDEN, N_FRAMES, TRUTH, people_report
from vitruvian.core.skeleton import BLAZEPOSE

SIDES = ("left", "right")
HIPS = [BLAZEPOSE.index(f"{side}_hip") for side in SIDES]
SHOULDERS = [BLAZEPOSE.index(f"{side}_shoulder") for side in SIDES]


def pose(name: str, frame: int, offset_px: float = 0.0) -> np.ndarray:
    """A person whose neck and hips are where they are annotated, on a frame of the annotations."""
    spots = TRUTH[name][frame // 20]
    landmarks = np.zeros((33, 2))
    landmarks[SHOULDERS], landmarks[HIPS] = spots[:2], spots[2:]
    return landmarks + np.array([offset_px, 0])


def test_everybody_is_annotated_until_the_last_frame() -> None:
    assert {len(spots) for spots in TRUTH.values()} == {1 + (N_FRAMES - 1) // 20}
    assert set(HIDDEN) < set(TRUTH)


def test_all_visible_people_are_found_where_they_are() -> None:
    shown = [{i: pose(name, 0) for i, name in enumerate(TRUTH)}]
    report = people_report(shown)
    assert (report["visible"], report["found"], report["false"]) == (5, 5, 0)
    assert report["share"]["woman at the back"] == 0.0  # hidden: neither found nor false


@pytest.mark.parametrize(("offset_px", "found"), [(0.0, 1), (-60.0, 1), (-120.0, 0)])
def test_a_pose_that_is_too_far_from_everybody_is_false(offset_px: float, found: int) -> None:
    report = people_report([{0: pose("man in yellow", 0, offset_px)}])
    assert (report["found"], report["false"]) == (found, 1 - found)


def test_a_second_pose_of_a_person_is_false() -> None:
    report = people_report([{0: pose("trainer", 0), 1: pose("trainer", 0, 10.0)}])
    assert (report["found"], report["false"]) == (1, 1)


def test_people_are_followed_between_the_annotations_and_switches_counted() -> None:
    shown = [{index // 6: pose("man in red", 0)} for index in range(12)]
    report = people_report(shown)
    assert report["share"]["man in red"] == 1.0
    assert report["switches"] == 1


def test_frames_without_poses_find_nobody() -> None:
    report = people_report([{}] * N_FRAMES)
    assert (report["found"], report["false"], report["switches"]) == (0, 0, 0)
    assert 5 < report["visible"] < 6
