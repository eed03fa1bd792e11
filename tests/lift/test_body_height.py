"""The body height that world landmarks imply."""

from __future__ import annotations

import numpy as np
import pytest

from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.lift.body_height import body_height_m, heights_by_frame
from vitruvian.synthetic import Figure, Person, motions

N_FRAMES = 120


def joints_of(figure: Figure, motion: motions.Motion) -> np.ndarray:
    person = Person(figure, motion)
    return np.stack([person.body(t / 30).landmarks for t in range(N_FRAMES)])


def seen(n_frames: int = N_FRAMES) -> np.ndarray:
    return np.ones((n_frames, len(BLAZEPOSE)))


@pytest.mark.parametrize("height_m", [1.50, 1.70, 1.90])
def test_true_joints_give_the_height_of_the_figure_within_6_percent(height_m: float) -> None:
    joints = joints_of(Figure(height_m=height_m), motions.walk())
    assert body_height_m(joints, seen()) == pytest.approx(height_m, rel=0.06)


def test_height_grows_with_the_scale() -> None:
    joints = joints_of(Figure(), motions.squat())
    assert body_height_m(1.25 * joints, seen()) == pytest.approx(
        1.25 * body_height_m(joints, seen())
    )


def test_bent_frames_do_not_count() -> None:
    joints = joints_of(Figure(), motions.stand())
    spoilt = joints.copy()
    spoilt[60:, [25, 26]] += [0.0, 0.4, 1.0]  # the knees far in front: longer legs, bent by > 90°
    assert body_height_m(spoilt, seen()) == pytest.approx(body_height_m(joints, seen()))


def test_single_outliers_do_not_count() -> None:
    joints = joints_of(Figure(), motions.stand())
    spoilt = joints.copy()
    spoilt[:20, 0] += 1.0
    assert body_height_m(spoilt, seen()) == pytest.approx(body_height_m(joints, seen()))


def test_visible_frames_are_preferred() -> None:
    joints = joints_of(Figure(), motions.stand())
    visibility = seen()
    visibility[30:, 25:33] = 0.1
    spoilt = joints.copy()
    spoilt[30:, 25:33, 1] += 0.5
    assert body_height_m(spoilt, visibility) == pytest.approx(body_height_m(joints, seen()))


def test_frames_without_the_person_do_not_count() -> None:
    joints = joints_of(Figure(), motions.stand())
    gaps = joints.copy()
    gaps[::3] = np.nan
    assert body_height_m(gaps, seen()) == pytest.approx(body_height_m(joints, seen()))
    assert np.isnan(heights_by_frame(gaps)[::3]).all()


@pytest.mark.parametrize("n_frames", [0, 3])
def test_nobody_has_no_height(n_frames: int) -> None:
    assert np.isnan(body_height_m(np.full((n_frames, 33, 3), np.nan), seen(n_frames)))


def test_one_frame_suffices() -> None:
    joints = joints_of(Figure(), motions.stand())
    assert body_height_m(joints[:1], seen(1)) == pytest.approx(heights_by_frame(joints[:1])[0])
