from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.fakes import STEP_US, Actor, TrackedClip, fake_scene

from vitruvian.engine.options import TrackerOptions
from vitruvian.engine.place import Place
from vitruvian.engine.tiles import tiles
from vitruvian.track.search_plan import (
    GAP_US,
    MIN_FRAMES,
    TILE_PERIOD_US,
    SearchPlan,
)

if TYPE_CHECKING:
    from vitruvian.engine.warp import Part

WH = (1280, 720)
ANN = Actor(hips=(120, 100), seed=1, detection_score=0.9, colour=(190, 30, 40))


def searched(
    plan: SearchPlan, n_tracked: int, *, step_us: int = STEP_US, n: int = 300
) -> list[tuple[int, Part | None]]:
    """Time and part of each search in `n` frames."""
    found = []
    for i in range(n):
        plan.start_frame(i * step_us)
        parts = plan.parts(WH, n_tracked, looks_on=False)
        found += [(i * step_us, part) for part in [*parts, *plan.next_tile(WH, n_tracked)]]
    return found


def plan_of(num_poses: int = 6, **options: str) -> SearchPlan:
    return SearchPlan(TrackerOptions(num_poses=num_poses, **options))


@pytest.mark.parametrize("n_tracked", [0, 1, 3])
def test_the_large_tiles_are_searched_within_two_seconds_and_a_small_one_after_every_two(
    n_tracked: int,
) -> None:
    """A search is late by a frame of the video at most, and by one with a whole-image search."""
    first_us: dict[Part, int] = {}
    for time_us, part in searched(plan_of(), n_tracked, n=900):
        if part is not None:
            first_us.setdefault(part, time_us)
    assert set(first_us) == set(tiles(WH))
    widest = max(part[2] for part in first_us)
    assert max(us for part, us in first_us.items() if part[2] == widest) <= 2_000_000
    n_small = sum(part[2] < widest for part in first_us)
    period_us = TILE_PERIOD_US + 2 * STEP_US  # a tile waits for a frame without another search
    assert max(first_us.values()) <= 3 * n_small * period_us


def test_with_normal_reach_only_the_whole_image_is_searched() -> None:
    assert {part for _, part in searched(plan_of(reach="normal"), 1)} == {None}


def test_the_detector_takes_the_same_share_of_the_time_with_more_people() -> None:
    runs = [len(searched(plan_of(), n_tracked)) for n_tracked in (1, 2, 3)]
    assert runs[1] / runs[0] == pytest.approx(2, rel=0.2)
    assert runs[2] / runs[0] == pytest.approx(3, rel=0.3)


def test_at_a_low_frame_rate_every_second_frame_is_without_a_search_of_the_whole_image() -> None:
    times = [us for us, part in searched(plan_of(), 3, step_us=200_000) if part is None]
    assert {b - a for a, b in pairwise(times)} == {MIN_FRAMES * 200_000}


def test_nothing_is_searched_while_all_people_are_tracked_but_after_a_gap() -> None:
    plan = plan_of(2)
    assert [part for _, part in searched(plan, 2)] == [None]
    plan.start_frame(300 * STEP_US + GAP_US)
    assert plan.parts(WH, 2, looks_on=False) == [None]


def test_a_lost_person_is_looked_for_at_once_where_they_were() -> None:
    plan = plan_of()
    searched(plan, 2, n=4)
    plan.start_frame(4 * STEP_US)
    plan.note_loss(Place(640, 400, 200))
    assert plan.parts(WH, 1, looks_on=False) == [None, (440, 200, 400, 400)]


def test_a_person_seen_on_scattered_frames_only_is_tracked_from_the_first_hit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene = fake_scene(monkeypatch, ANN, wh=(640, 480))
    clip = TrackedClip(scene, num_poses=3)
    faint = replace(ANN, hips=(600, 240), seed=5, colour=(30, 50, 170), detection_score=0.3)
    is_seen = np.random.default_rng(0).random(60) < 0.3
    scene.actors, scene.detected = [ANN, replace(faint, close_score=0.6)], [ANN]
    clip.track_frames(30)
    counts = []
    for seen in is_seen:
        scene.detected = scene.actors if seen else [ANN]
        counts.append(len(clip.track_frame()))
    first = counts.index(2)
    assert first * STEP_US < 2_000_000
    assert counts[first:] == [2] * (60 - first)


def test_a_small_person_is_found_with_far_reach_only(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = fake_scene(monkeypatch, ANN, wh=WH)
    small = Actor(hips=(900, 500), size_px=60, seed=2, detection_score=0.01, close_score=0.9)
    scene.actors = [ANN, small]
    far, normal = (TrackedClip(scene, num_poses=2, reach=reach) for reach in ("far", "normal"))
    assert len(far.track_frames(60)[-1]) == 2
    assert len(normal.track_frames(60)[-1]) == 1
