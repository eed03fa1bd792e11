from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.fakes import STEP_US, Actor

from vitruvian.core.detection import Detection
from vitruvian.core.frame import Frame
from vitruvian.engine.landmarker import RawPose
from vitruvian.engine.options import TrackerOptions
from vitruvian.engine.pipeline import Candidate, PoseEstimate
from vitruvian.track.appearance import Appearance
from vitruvian.track.person_track import (
    MAX_COLOUR_COST,
    MAX_COLOUR_DISTANCE,
    MAX_DISTANCE,
    MAX_DISTANCE_PER_S,
    MAX_LOG_SIZE_CHANGE,
    POSITION_MEMORY_S,
    PREDICTION_S,
    Observation,
    Track,
)
from vitruvian.track.track_pool import UNMATCHED_COST

BLANK = np.zeros((480, 640, 3), np.uint8)
HERE = (320.0, 240.0)
SIZE_PX = 80.0
S_US = 1_000_000


def shirt(lightness: float) -> Appearance:
    return Appearance(np.full((8, 3), lightness / math.sqrt(3), np.float32))


def candidate_of(actor: Actor, score: float | None = None) -> Candidate:
    if score is None:
        return Candidate(actor.roi())
    keypoints = np.tile(actor.points[33:35, :2], (2, 1))
    return Candidate(actor.roi(), Detection(np.zeros(4), keypoints, score))


def observation(
    hips: tuple[float, float] = HERE,
    *,
    track: Track | None = None,
    appearance: Appearance | None = None,
    detection_score: float | None = None,
    **changes: Any,
) -> Observation:
    actor = Actor(hips=hips, **({"size_px": SIZE_PX} | changes))
    raw = RawPose(
        landmarks=actor.points[:33],
        auxiliary=actor.points[33:35],
        visibility=np.ones(33, np.float32),
        presence=np.ones(33, np.float32),
        world=np.zeros((33, 3), np.float32),
        score=actor.score,
        mask=None,
    )
    return Observation(PoseEstimate(raw, candidate_of(actor, detection_score)), track, appearance)


def seen_track(*, speed: float = 0.0) -> Track:
    """Track of a person who moved right at `speed`, px/s, for 1 s and is at `HERE` now."""
    track = Track(7, TrackerOptions())
    for now_us in range(0, S_US + 1, 20_000):
        x = HERE[0] + speed * (now_us - S_US) / 1e6
        track.update(observation((x, HERE[1])), Frame(BLANK, now_us))
    return track


def lost_track(*, speed: float = 0.0) -> Track:
    track = seen_track(speed=speed)
    track.mark_lost()
    return track


def beside(sizes: float) -> tuple[float, float]:
    return HERE[0] + sizes * SIZE_PX, HERE[1]


def test_a_new_track_has_an_id_and_no_region() -> None:
    track = Track(7, TrackerOptions())
    assert (track.id, track.roi) == (7, None)


def test_a_track_keeps_its_region_until_it_is_lost() -> None:
    track = seen_track()
    assert_allclose(track.roi.center, HERE, atol=1e-3)
    assert (track.last_us, track.size_px) == (S_US, SIZE_PX)
    track.mark_lost()
    assert track.roi is None
    assert track.last_us == S_US


# --- predicted position ---


def test_a_person_at_rest_is_predicted_in_place() -> None:
    track = seen_track()
    assert_allclose(track.predicted(3 * S_US), observation().estimate.points, atol=1e-4)


@pytest.mark.parametrize("seconds", [0.0, 0.02, 0.5, 1.0])
def test_a_walking_person_is_predicted_at_constant_speed(seconds: float) -> None:
    track = seen_track(speed=50.0)
    there = observation((HERE[0] + 50 * seconds, HERE[1])).estimate.points
    assert_allclose(track.predicted(S_US + round(seconds * 1e6)), there, atol=0.5)


def test_prediction_stops_after_a_time_limit() -> None:
    track = seen_track(speed=50.0)
    stop_us = S_US + round(PREDICTION_S * 1e6)
    assert_allclose(track.predicted(stop_us + 9 * S_US), track.predicted(stop_us))


@pytest.mark.parametrize("speed", [0.0, 50.0])
def test_a_recovered_person_is_predicted_at_rest(speed: float) -> None:
    track = lost_track(speed=speed)
    track.update(observation(beside(2)), Frame(BLANK, S_US + 100_000))
    assert_allclose(track.predicted(2 * S_US), observation(beside(2)).estimate.points, atol=1e-4)


# --- agreement ---


def test_agreement_is_highest_at_the_prediction_and_tracked_poses_precede_detections() -> None:
    track = seen_track()
    agreements = [
        found.agreement(S_US + STEP_US)
        for found in (
            observation(track=track),
            observation(beside(0.1), track=track),
            observation(beside(5), track=track),
            observation(detection_score=0.99),
            observation(detection_score=0.4),
            observation(),
        )
    ]
    assert agreements == sorted(agreements, reverse=True)
    assert (agreements[0], agreements[-1]) == (pytest.approx(1.0, abs=1e-5), -1.0)
    assert agreements[2] >= 0 > agreements[3]


# --- cost: position ---


def test_cost_grows_with_distance_and_is_infinite_beyond_the_gate() -> None:
    track, now_us = seen_track(), S_US + STEP_US
    reach = MAX_DISTANCE + MAX_DISTANCE_PER_S * STEP_US / 1e6
    costs = [track.cost(observation(beside(part * reach)), now_us) for part in (0, 0.3, 0.6, 0.9)]
    assert costs == sorted(costs)
    assert np.isfinite(costs).all()
    assert track.cost(observation(beside(1.01 * reach)), now_us) == math.inf


def test_the_distance_gate_grows_with_the_absence() -> None:
    track = lost_track()
    for absence_s in (0.1, 0.5, 1.5):
        reach, now_us = MAX_DISTANCE + MAX_DISTANCE_PER_S * absence_s, S_US + round(absence_s * 1e6)
        assert track.cost(observation(beside(0.99 * reach)), now_us) < math.inf
        assert track.cost(observation(beside(1.01 * reach)), now_us) == math.inf


def test_distance_is_measured_from_the_predicted_position() -> None:
    track, now_us = lost_track(speed=80.0), S_US + 500_000
    there, back = observation((HERE[0] + 40, HERE[1])), observation(HERE)
    assert track.cost(there, now_us) + 0.2 < track.cost(back, now_us)


@pytest.mark.parametrize("absence_s", [0.0, 1.0])
def test_a_large_change_of_size_is_impossible(absence_s: float) -> None:
    track, now_us = lost_track(), S_US + round(absence_s * 1e6)
    growth = MAX_LOG_SIZE_CHANGE * (1 + absence_s)
    for sign in (-1, 1):
        for part, is_possible in ((0.95, True), (1.05, False)):
            size_px = SIZE_PX * math.exp(sign * part * growth)
            cost = track.cost(observation(size_px=size_px), now_us)
            assert (cost < math.inf) == is_possible


def test_another_posture_costs_more_if_the_person_was_in_the_last_frame() -> None:
    track, now_us = seen_track(), S_US + STEP_US
    assert track.cost(observation(seed=1), now_us) > track.cost(observation(), now_us) + 0.5


def test_a_track_of_the_last_frame_costs_less_than_a_lost_one() -> None:
    now_us = S_US + STEP_US
    assert seen_track().cost(observation(), now_us) < lost_track().cost(observation(), now_us)


# --- cost: colours ---


def updated_colours(track: Track, lightness: float, now_us: int = S_US) -> Track:
    track.update(observation(appearance=shirt(lightness)), Frame(BLANK, now_us))
    return track


def coloured_track(*, is_lost: bool) -> Track:
    track = Track(7, TrackerOptions())
    updated_colours(track, 50)
    if is_lost:
        track.mark_lost()
    return track


def test_a_change_of_colour_from_the_last_frame_has_a_bounded_cost() -> None:
    track, now_us = coloured_track(is_lost=False), S_US + STEP_US
    costs = [
        track.cost(observation(appearance=shirt(50 + part * MAX_COLOUR_DISTANCE)), now_us)
        for part in (0, 0.4, 0.9, MAX_COLOUR_COST + 0.1, MAX_COLOUR_COST + 9)
    ]
    assert costs[:4] == sorted(set(costs[:4]))
    assert costs[3] == costs[4] < UNMATCHED_COST


@pytest.mark.parametrize(
    ("absence_s", "part", "is_possible"),
    [
        (0.1, 0.0, True),
        (0.1, 1.5, True),
        (0.1, 2.1, False),
        (5.0, 0.0, True),
        (5.0, 0.9, True),
        (5.0, 1.5, False),
    ],
)
def test_the_colour_gate_narrows_with_the_absence(
    absence_s: float, part: float, is_possible: bool
) -> None:
    track, now_us = coloured_track(is_lost=True), S_US + round(absence_s * 1e6)
    cost = track.cost(observation(appearance=shirt(50 + part * MAX_COLOUR_DISTANCE)), now_us)
    assert (cost < UNMATCHED_COST) == is_possible


def test_without_colours_a_person_is_recovered_for_a_short_time_only() -> None:
    limit_us = S_US + round(POSITION_MEMORY_S * 1e6)
    for track in (coloured_track(is_lost=True), lost_track()):
        assert track.cost(observation(), limit_us) < math.inf
        assert track.cost(observation(), limit_us + 1) == math.inf


def test_colours_are_kept_while_they_are_not_visible() -> None:
    track = coloured_track(is_lost=False)
    track.update(observation(), Frame(BLANK, S_US + STEP_US))
    track.mark_lost()
    far_us = S_US + 9 * S_US
    assert track.cost(observation(appearance=shirt(50)), far_us) < math.inf
    assert track.cost(observation(appearance=shirt(80)), far_us) == math.inf


def test_stored_colours_are_updated_slowly() -> None:
    track, far_us = coloured_track(is_lost=False), 10 * S_US
    updated_colours(track, 50 + 1.5 * MAX_COLOUR_DISTANCE, S_US + STEP_US)
    track.mark_lost()
    assert track.cost(observation(appearance=shirt(50)), far_us) < math.inf
    assert (
        track.cost(observation(appearance=shirt(50 + 1.5 * MAX_COLOUR_DISTANCE)), far_us)
        == math.inf
    )
