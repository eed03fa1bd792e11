"""Synchronisation by the motion of people."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.lift.stage import cameras_around, clip_of, true_points

from vitruvian.lift.sync import best_start, synchronised
from vitruvian.synthetic import Person, motions

CAMERAS = cameras_around(3)
IRREGULAR_S = (1.9, 1.1, 2.6, 1.4, 2.2, 1.0, 3.0, 1.6)
SQUATTER = Person(motion=motions.sequence([(s, motions.squat(s)) for s in IRREGULAR_S]))
JUMPER = Person(
    motion=motions.sequence([(s, motions.jumping_jack(s)) for s in IRREGULAR_S[::-1]]),
    position=(1.2, 0.4),
)
REGULAR = Person(motion=motions.squat(1.5))


def clips_at(starts_s, people=(SQUATTER,), *, duration_s=8.0, fps=None, noise_px=2.0):
    """Clips that start at these times, all of the same motion."""
    clips = {}
    for k, (name, start_s) in enumerate(starts_s.items()):
        rate = (fps or {}).get(name, 25.0)
        times_s = start_s + np.arange(round(duration_s * rate)) / rate
        points = true_points(people, times_s)
        clips[name] = clip_of(CAMERAS[name], points, fps=rate, noise_px=noise_px, seed=k)
    return clips


def test_starts_are_found_to_a_fraction_of_a_frame() -> None:
    starts_s = {"cam1": 0.5, "cam2": 1.237, "cam3": 0.013}
    found = synchronised(clips_at(starts_s), CAMERAS)
    assert [*found] == ["cam2", "cam3"]
    for name, start in found.items():
        assert abs(start.start_s - (starts_s[name] - 0.5)) < 0.008  # 0.2 frames
        assert start.peak > 0.8


def test_two_people_who_move_differently_leave_a_clear_margin() -> None:
    starts_s = {"cam1": 0.0, "cam2": 0.4}
    found = synchronised(clips_at(starts_s, (SQUATTER, JUMPER)), CAMERAS)["cam2"]
    assert abs(found.start_s - 0.4) < 0.006
    assert found.margin > 0.1


def test_a_motion_that_repeats_has_no_margin() -> None:
    try:
        margin = synchronised(clips_at({"cam1": 0.0, "cam2": 0.1}, (REGULAR,)), CAMERAS)[
            "cam2"
        ].margin
    except ValueError:
        return
    assert margin < 0.1


def test_clips_of_different_rates_are_synchronised() -> None:
    starts_s = {"cam1": 0.0, "cam2": 0.3}
    rates = {"cam1": 25.0, "cam2": 60.0}
    found = synchronised(clips_at(starts_s, (JUMPER,), fps=rates), CAMERAS)["cam2"]
    assert abs(found.start_s - 0.3) < 0.01


def test_clocks_that_begin_elsewhere_are_taken_into_account() -> None:
    clips = clips_at({"cam1": 0.0, "cam2": 0.3})
    later = clips["cam2"].timestamps_us + 5_000_000
    clips["cam2"] = replace(clips["cam2"], timestamps_us=later)
    found = synchronised(clips, CAMERAS)["cam2"]
    assert abs(found.start_s - (0.3 - 5)) < 0.006


def test_a_short_clip_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"needs people in view for 5 s .* got 3.0 s for camera"):
        synchronised(clips_at({"cam1": 0.0, "cam2": 0.3}, duration_s=3.0), CAMERAS)


def test_nobody_or_no_motion_is_an_error() -> None:
    clips = clips_at({"cam1": 0.0, "cam2": 0.3}, (Person(),))
    with pytest.raises(ValueError, match="does not correlate with the first one"):
        synchronised(clips, CAMERAS)
    with pytest.raises(ValueError, match=r"got 0\.0 s for camera 'cam2'"):
        synchronised({"cam1": clips["cam1"], "cam2": clips["cam2"][:0]}, CAMERAS)
    nobody = clip_of(CAMERAS["cam2"], np.full((200, 1, 33, 3), np.nan))
    with pytest.raises(ValueError, match=r"got 0\.0 s for camera 'cam2'"):
        synchronised({"cam1": clips["cam1"], "cam2": nobody}, CAMERAS)


def test_the_start_is_refined_from_9_frames_away_and_no_farther() -> None:
    clips = clips_at({"cam1": 0.0, "cam2": 0.3})
    for guess_s in (0.3, 0.2, 0.45):
        start_s, before, after = best_start(clips, CAMERAS, guess_s)
        assert abs(start_s - 0.3) < 0.006
        assert after <= before


def test_a_constant_error_of_the_calibration_does_not_move_the_start() -> None:
    clips = clips_at({"cam1": 0.0, "cam2": 0.3})
    cameras = {**CAMERAS, "cam2": CAMERAS["cam2"].cropped(0, 6, CAMERAS["cam2"].wh)}
    start_s, _, _ = best_start(clips, cameras, 0.3)
    assert abs(start_s - 0.3) < 0.008


def test_without_a_common_person_the_start_stays() -> None:
    clips = clips_at({"cam1": 0.0, "cam2": 0.0})
    clips["cam2"] = clip_of(CAMERAS["cam2"], np.full((200, 1, 33, 3), np.nan))
    start_s, before, after = best_start(clips, CAMERAS, 0.1)
    assert start_s == 0.1
    assert np.isnan([before, after]).all()
