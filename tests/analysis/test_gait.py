"""Heel strikes and toe-offs against a walk with known ones; steps, peaks, bad input."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.signal import find_peaks
from tests.analysis.figures import person_doing

from vitruvian.analysis.gait import STEP_VALUES, Step, gait, symmetry_index
from vitruvian.analysis.gait_events import gait_events
from vitruvian.analysis.peaks import peaks
from vitruvian.synthetic import Figure, motions

SPEED = 1.2
STRIDE_M = 0.78 * Figure().height_m * math.sqrt(SPEED / 1.3)  # of motions.walk
STRIDE_S = STRIDE_M / SPEED
STANCE = 0.62


def walking(n: int = 80, **place: float) -> object:
    return person_doing(motions.walk(SPEED), n, position=(-1.6, 0.0), heading_deg=90.0, **place)


def true_times(n: int, side: str, kind: str) -> np.ndarray:
    first = {"left": 0.0, "right": 0.5}[side] + {"strike": 0.0, "toe_off": STANCE}[kind]
    times = (np.arange(-1, 9) + first) * STRIDE_S
    return times[(times >= 0) & (times <= (n - 1) / 30)]


@pytest.mark.parametrize("space", ["world", "image"])
@pytest.mark.parametrize("heading_deg", [90.0, -90.0])
def test_events_are_within_a_frame_of_the_truth(space: str, heading_deg: float) -> None:
    start = (-1.6 if heading_deg > 0 else 1.6, 0.0)
    person = person_doing(motions.walk(SPEED), 80, position=start, heading_deg=heading_deg)
    events = gait_events(person, space=space)
    assert len(events) >= 7
    for event in events:
        off = np.abs(true_times(80, event.side, event.kind) - event.time_us / 1e6).min()
        assert off <= 0.034, event
    for side in ("left", "right"):
        inside = [t for t in true_times(80, side, "strike") if 0.3 < t < 2.3]
        found = [e.time_us / 1e6 for e in events if (e.side, e.kind) == (side, "strike")]
        assert all(np.abs(np.array(found) - t).min() <= 0.034 for t in inside)


def test_steps_have_the_times_and_lengths_of_the_walk() -> None:
    walk = gait(walking())
    assert_allclose(walk.cadence, 120 / STRIDE_S, rtol=0.03)
    assert_allclose(walk.median("stride_s"), STRIDE_S, rtol=0.03)
    assert_allclose(walk.median("stance_percent"), 100 * STANCE, atol=5)
    assert_allclose(walk.median("double_support_s"), (2 * STANCE - 1) * STRIDE_S, atol=0.06)
    assert_allclose(walk.median("stride_m"), STRIDE_M, rtol=0.05)
    assert_allclose(walk.median("speed_m_s"), SPEED, rtol=0.05)
    assert abs(walk.symmetry("step_s")) < 8
    assert [s.side for s in walk.steps] == [("left", "right")[i % 2] for i in _sides(walk)]


def _sides(walk: object) -> range:
    start = 0 if walk.steps[0].side == "left" else 1
    return range(start, start + len(walk.steps))


def test_limp_shows_in_the_symmetry_index() -> None:
    person = walking()
    times_s = person.timestamps_us / 1e6
    late_s = 0.07 * np.sin(2 * np.pi * times_s / STRIDE_S + np.pi / 2)  # left late, right early
    slow = (times_s + late_s - late_s[0]) * 1e6
    limping = gait(replace(person, timestamps_us=slow.astype(np.int64)))
    assert abs(limping.symmetry("step_s")) > 10
    assert_allclose(limping.median("stride_s"), STRIDE_S, rtol=0.1)


def test_lengths_need_camera_landmarks() -> None:
    walk = gait(replace(walking(), camera=None))
    assert math.isnan(walk.median("stride_m"))
    assert walk.cadence > 60


@pytest.mark.parametrize(
    "motion", [motions.stand(), motions.squat(2.0), motions.jumping_jack(1.0), motions.wave()]
)
def test_who_does_not_walk_has_no_steps(motion: motions.Motion) -> None:
    walk = gait(person_doing(motion, 90, heading_deg=60))
    assert walk.steps == ()
    assert math.isnan(walk.cadence)


def test_fewer_than_three_strikes_are_no_walking() -> None:
    assert gait_events(walking(45)) == ()  # two strikes
    assert len([e for e in gait_events(walking(60)) if e.kind == "strike"]) == 3


def test_small_steps_on_the_spot_are_no_walking() -> None:
    person = walking()
    assert gait_events(replace(person, world=person.world * 0.25)) == ()


def test_steps_at_uneven_intervals_are_no_walking() -> None:
    person = walking()
    wanted_s = np.array([0.0, 0.54, 0.9, 1.9, 2.25, 3.0])  # strikes, and both ends
    times_s = np.interp(person.timestamps_us / 1e6, [0, 0.54, 1.09, 1.63, 2.18, 2.7], wanted_s)
    assert (
        gait_events(replace(person, timestamps_us=np.round(times_s * 1e6).astype(np.int64))) == ()
    )


def test_walking_after_a_single_step_is_found_once() -> None:
    person = walking()
    times_s = np.interp(person.timestamps_us / 1e6, [0, 0.54, 1.09, 2.7], [0, 0.54, 2.0, 3.6])
    late = replace(person, timestamps_us=np.round(times_s * 1e6).astype(np.int64))
    events = gait_events(late)
    assert [e.side for e in events if e.kind == "strike"] == ["left", "right", "left"]
    assert len(set(events)) == len(events)


def test_events_out_of_view_are_left_out() -> None:
    person = walking()
    shifted = person.landmarks.copy()
    shifted[..., 0] += 150  # the right part of the walk is outside
    cut = gait_events(replace(person, landmarks=shifted))
    assert 0 < len(cut) < len(gait_events(person))
    assert max(e.time_us for e in cut) < 2_000_000


def test_events_of_a_hidden_foot_are_left_out() -> None:
    person = walking()
    hidden = person.visibility.copy()
    hidden[40:, 27] = 0.2
    events = gait_events(replace(person, visibility=hidden))
    assert {e.side for e in events if e.time_us > 40 / 30 * 1e6} == {"right"}


def test_gap_of_two_seconds_splits_the_walk() -> None:
    person = walking(150)
    values = {}
    for name in ("world", "landmarks", "camera", "rois"):
        array = getattr(person, name).copy()
        array[20:80] = np.nan
        values[name] = array
    walk = gait(replace(person, **values))
    assert all(not step.step_s > 1.2 for step in walk.steps)


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_few_frames_have_no_steps(n: int) -> None:
    assert gait(walking(5)[:n]).steps == ()


def test_nan_landmarks_have_no_steps() -> None:
    person = walking(20)
    nothing = replace(person, world=person.world * np.nan, landmarks=person.landmarks * np.nan)
    assert gait(nothing).steps == ()


def test_one_foot_without_landmarks_leaves_no_steps_and_no_warning() -> None:
    person = walking(60)
    world = person.world.copy()
    world[:, [29, 31]] = np.nan
    assert gait(replace(person, world=world)).steps == ()


def test_unknown_space_is_told() -> None:
    with pytest.raises(ValueError, match="space must be world or image, got 'camera'"):
        gait_events(walking(5), space="camera")


def test_every_value_of_a_step_can_be_read() -> None:
    step = Step(side="left", strike_us=0)
    assert all(math.isnan(getattr(step, name)) for name in STEP_VALUES)


def test_symmetry_index_of_equal_sides_is_zero() -> None:
    assert symmetry_index(2.0, 2.0) == 0
    assert symmetry_index(1.0, 3.0) == -symmetry_index(3.0, 1.0) == 100
    assert math.isnan(symmetry_index(0.0, 0.0))


@pytest.mark.parametrize("seed", range(8))
def test_peaks_equal_those_of_scipy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = np.round(np.cumsum(rng.normal(size=120)), 1 if seed % 2 else 6)
    for prominence in (0.01, 0.5, 2.0):
        wanted, _ = find_peaks(values, prominence=prominence)
        assert peaks(values, prominence).tolist() == wanted.tolist()
