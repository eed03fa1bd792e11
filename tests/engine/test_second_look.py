"""Poses with doubtful legs are estimated again in regions of other sizes."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from vitruvian import PoseEstimator
from vitruvian.core.roi import Roi
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.engine.landmarker import RawPose
from vitruvian.engine.model import open_pipeline
from vitruvian.engine.options import EstimatorOptions
from vitruvian.engine.pipeline import Candidate, PoseEstimate
from vitruvian.engine.second_look import (
    CLEAR_SPREAD,
    DOUBTFUL_SPREAD,
    LEGS,
    SCALES,
    has_doubtful_legs,
    looked_again,
)
from vitruvian.engine.warp import scaled_roi
from vitruvian.synthetic import Box, Camera, Figure, Person, Posture, Scene, motions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitruvian.synthetic import View

ROI = Roi((100.0, 120.0), (200.0, 200.0), 0.1)
IMAGE = np.zeros((240, 200, 3), np.uint8)
DOUBTFUL, CLEAR = DOUBTFUL_SPREAD + 0.002, CLEAR_SPREAD - 0.005
ANKLES = [BLAZEPOSE.index("left_ankle"), BLAZEPOSE.index("right_ankle")]


def estimate_of(spread: float | None, *, roi: Roi = ROI, **changes: Any) -> PoseEstimate:
    """A pose whose legs spread by this share of the region."""
    points = np.random.default_rng(0).uniform(60, 140, (33, 3)).astype(np.float32)
    raw = RawPose(
        landmarks=points,
        auxiliary=np.array([[100, 120, 0], [100, 40, 0]], np.float32),
        visibility=np.ones(33, np.float32),
        presence=np.ones(33, np.float32),
        world=np.zeros((33, 3), np.float32),
        score=0.99,
        mask=None,
        spread_px=None if spread is None else np.full(33, spread * roi.wh[0], np.float32),
    )
    return PoseEstimate(replace(raw, **changes), Candidate(roi))


def with_legs(name: str, value: float) -> dict[str, np.ndarray]:
    values = np.ones(33, np.float32)
    values[LEGS] = value
    return {name: values}


class FakePipeline:
    """Answers with given poses, in the order of `SCALES`."""

    def __init__(self, *answers: PoseEstimate | None) -> None:
        self.answers = answers
        self.rois: list[Roi] = []

    def estimate(
        self, image: np.ndarray, candidates: Sequence[Candidate]
    ) -> list[PoseEstimate | None]:
        self.rois += [candidate.roi for candidate in candidates]
        return list(self.answers)


def only_look(first: PoseEstimate, *answers: PoseEstimate | None) -> PoseEstimate:
    (best,) = looked_again(FakePipeline(*answers), IMAGE, [first])
    return best


def test_legs_are_doubtful_if_they_spread_but_are_present() -> None:
    assert has_doubtful_legs(estimate_of(DOUBTFUL))
    assert not has_doubtful_legs(estimate_of(CLEAR))
    assert not has_doubtful_legs(estimate_of(DOUBTFUL, **with_legs("presence", 0.5)))
    assert not has_doubtful_legs(estimate_of(None))


def test_only_poses_with_doubtful_legs_are_estimated_again() -> None:
    pipeline = FakePipeline(None, None)
    poses = [estimate_of(CLEAR), estimate_of(DOUBTFUL), estimate_of(CLEAR)]
    results = looked_again(pipeline, IMAGE, poses)
    assert pipeline.rois == [scaled_roi(ROI, scale) for scale in SCALES]
    assert [pose.look_scale for pose in results] == [None, 1.0, None]
    assert [pose.raw for pose in results] == [pose.raw for pose in poses]


def test_no_network_runs_without_doubt() -> None:
    pipeline = FakePipeline()
    poses = [estimate_of(CLEAR)]
    assert looked_again(pipeline, IMAGE, poses) == poses
    assert looked_again(pipeline, IMAGE, []) == []
    assert pipeline.rois == []


@pytest.mark.parametrize("clearer", range(len(SCALES)))
def test_the_pose_with_the_clearest_legs_is_kept(clearer: int) -> None:
    answers = [estimate_of(CLEAR - 0.002 * (i == clearer)) for i in range(len(SCALES))]
    best = only_look(estimate_of(DOUBTFUL), *answers)
    assert best.raw is answers[clearer].raw
    assert best.look_scale == SCALES[clearer]


def test_two_doubtful_poses_get_the_looks_of_their_own_regions() -> None:
    one, other = estimate_of(CLEAR), estimate_of(CLEAR - 0.002)
    poses = [estimate_of(DOUBTFUL), estimate_of(DOUBTFUL)]
    results = looked_again(FakePipeline(one, None, None, other), IMAGE, poses)
    assert [pose.raw for pose in results] == [one.raw, other.raw]
    assert [pose.look_scale for pose in results] == list(SCALES)


MOVED = estimate_of(CLEAR).raw.landmarks + np.float32(100)
WITHOUT_SIZE = np.zeros((2, 3), np.float32)


@pytest.mark.parametrize(
    "second",
    [
        None,
        estimate_of(DOUBTFUL),
        estimate_of(CLEAR_SPREAD + 0.001),
        estimate_of(CLEAR, **with_legs("visibility", 0.3)),
        estimate_of(CLEAR, landmarks=MOVED),
        estimate_of(CLEAR, auxiliary=WITHOUT_SIZE),
        estimate_of(math.nan),
    ],
    ids=["no pose", "as doubtful", "hardly better", "hidden", "other person", "no size", "NaN"],
)
def test_the_first_pose_is_kept_if_the_second_is_no_better(second: PoseEstimate | None) -> None:
    first = estimate_of(DOUBTFUL)
    best = only_look(first, second, second)
    assert best.raw is first.raw
    assert best.candidate is first.candidate
    assert best.look_scale == 1.0


# --- rendered people whose feet are outside the region ---

FIGURE = Figure()
SEAT_M = 0.55  # height of the hips of a person who sits
SEATED = Posture(
    hips=(0.0, SEAT_M - FIGURE.hip_height_m, -0.38),
    lean=(0.15, 0.0, 0.0),
    feet=((0.06, 0.0, 0.02), (-0.06, 0.0, 0.02)),
)
CAMERA = Camera(position=(0.0, 1.2, 4.2), target=(0.0, 0.9, 0.0))
SIDEWAYS = Camera(position=(1.55, 1.2, 4.2), target=(1.55, 0.9, 0.0))
CHAIR = Box((0.0, 0.21, -0.38), (0.42, 0.42, 0.4))
DESK = Box((0.45, 0.6, 0.7), (0.8, 1.2, 0.2))
SCENES = {  # name: (scene, scale of a region that cuts the feet off)
    "standing": (Scene([Person(FIGURE)], CAMERA), 0.65),
    "seated": (Scene([Person(FIGURE, motions.stand(SEATED))], CAMERA, [CHAIR]), 0.55),
    "at the edge of the image": (Scene([Person(FIGURE)], SIDEWAYS), 0.65),
    "half hidden": (Scene([Person(FIGURE)], CAMERA, [DESK]), 0.65),
}


def ankle_error(estimate: PoseEstimate, view: View) -> float:
    """Mean error of the visible ankles, in heights of the person in the image."""
    truth = view.people[0]
    visible = [i for i in ANKLES if truth.visibility[i] > 0]
    errors = np.linalg.norm(estimate.points[visible] - truth.landmarks[visible, :2], axis=1)
    return float(errors.mean() / np.ptp(truth.landmarks[:, 1]))


@pytest.mark.weights
@pytest.mark.parametrize(("scene", "scale"), SCENES.values(), ids=SCENES)
def test_feet_that_the_region_cuts_off_are_found_in_one_look(scene: Scene, scale: float) -> None:
    view = scene.render(0.0, (360, 360))
    pipeline = open_pipeline(EstimatorOptions("lite"))
    (candidate,) = pipeline.refine_rois(view.image, pipeline.detect(view.image))
    cut = Candidate(scaled_roi(candidate.roi, scale))
    whole, first = pipeline.estimate(view.image, [candidate, cut])
    assert whole is not None
    assert first is not None
    second, unchanged = looked_again(pipeline, view.image, [first, whole])
    pipeline.close()
    assert ankle_error(first, view) > 0.1
    assert ankle_error(second, view) < 0.04
    assert second.look_scale == 1.25
    assert_allclose(unchanged.points, whole.points)


@pytest.mark.weights
def test_feet_outside_the_image_are_not_searched() -> None:
    near = Camera(position=(0.0, 1.3, 2.2), target=(0.0, 1.35, 0.0))
    view = Scene([Person(FIGURE)], near).render(0.0, (360, 360))
    assert not view.people[0].visibility[ANKLES].any()
    with PoseEstimator("lite") as estimator:
        estimator.detect(view.image)
        runs = estimator.stats["network"].count
    assert runs == 3  # two refinements and the pose


@pytest.mark.weights
def test_the_estimator_looks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    view = SCENES["standing"][0].render(0.0, (360, 360))
    monkeypatch.setattr("vitruvian.engine.second_look.DOUBTFUL_SPREAD", 0.0)
    for profile, extra in (("default", 1), ("tasks", 0)):
        with PoseEstimator("lite", profile=profile) as estimator:
            estimator.detect(view.image)
            refinements = estimator.options.rules.roi_refinements
            assert estimator.stats["network"].count == 1 + refinements + extra
