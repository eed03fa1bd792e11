from __future__ import annotations

from dataclasses import FrozenInstanceError, fields

import pytest

from vitruvian.engine.profile import PROFILES, Profile
from vitruvian.track.smoothing import FILTERS
from vitruvian.track.tracker import MULTI_POSE


def row(name: str) -> dict[str, object]:
    return {field.name: getattr(PROFILES[name], field.name) for field in fields(Profile)}


def difference(one: str, other: str) -> dict[str, tuple[object, object]]:
    a, b = row(one), row(other)
    return {name: (a[name], b[name]) for name in a if a[name] != b[name]}


def test_python_wheels_drop_two_options_of_the_graph() -> None:
    assert difference("solutions", "graph") == {
        "heatmap_kernel": (9, 7),
        "mask_smoothing": (0.0, 0.7),
    }


def test_tasks_differ_from_the_graph_in_overlap_next_region_scale_masks_and_several() -> None:
    assert difference("graph", "tasks") == {
        "nms_iou": (0.3, 0.5),
        "smooth_roi": (True, False),
        "object_scale": (1.0, 1.25),
        "mask_smoothing": (0.7, 0.0),
        "multi_pose": (None, "tasks"),
    }


def test_default_is_the_graph_with_its_defects_repaired_other_filters_and_several() -> None:
    changed = difference("default", "graph")
    assert changed.pop("reset_all_filters") == (True, False)
    assert changed.pop("filters") == ("catch-up", "one-euro")
    assert changed.pop("multi_pose") == ("multi", None)
    assert changed.pop("persistent_ids") == (True, False)
    assert changed.pop("tries_all") == (True, False)
    assert changed.pop("calibrated_visibility") == (True, False)
    assert changed.pop("second_look") == (True, False)
    ours, theirs = changed.pop("roi_refinements")
    assert ours > theirs == 0
    ours, theirs = changed.pop("duplicate_oks")
    assert ours < theirs == 1
    assert changed == {}


@pytest.mark.parametrize("name", ["solutions", "graph", "tasks"])
def test_mediapipe_keeps_similar_poses_and_has_no_persistent_ids(name: str) -> None:
    assert (PROFILES[name].duplicate_oks, PROFILES[name].persistent_ids) == (1.0, False)


@pytest.mark.parametrize("name", PROFILES)
def test_multi_pose_trackers_and_filters_of_profiles_exist(name: str) -> None:
    profile = PROFILES[name]
    assert profile.multi_pose in {*MULTI_POSE, None}
    assert profile.filters in FILTERS


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_cannot_be_changed(name: str) -> None:
    with pytest.raises(FrozenInstanceError):
        PROFILES[name].nms_iou = 0.9
