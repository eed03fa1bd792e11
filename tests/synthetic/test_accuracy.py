"""Error of the full model's landmarks against the true joints of the mannequin.

``pytest tests/synthetic/test_accuracy.py -rP`` shows the table: for each pose and view the median
joint error in percent of the body height / the PA-MPJPE of the world landmarks in mm.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest

from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.evaluation import pa_mpjpe
from vitruvian.synthetic import Camera, Clothes, Figure, Person, PersonTruth, Scene, motions

if TYPE_CHECKING:
    from vitruvian.core.pose import Pose

pytestmark = pytest.mark.weights

WH = (400, 400)
JOINTS = range(BLAZEPOSE.index("left_shoulder"), len(BLAZEPOSE))  # the face has no joints
POSES = {
    "standing": (motions.stand(), 0.0),
    "squat": (motions.squat(), 0.9),
    "arms up": (motions.jumping_jack(), 0.45),
    "arms out": (motions.jumping_jack(), 0.18),
    "wave": (motions.wave(), 0.2),
    "step": (motions.walk(), 0.0),
    "mid-step": (motions.walk(), 0.3),
    "semaphore L": (motions.semaphore("L"), 0.9),
    "semaphore N": (motions.semaphore("N"), 0.9),
}
VIEWS_DEG = {"front": 0, "left 40": 40, "right 40": -40, "side": 90, "behind": 180, "half": 140}
FIGURES = [
    Figure(),
    Figure(height_m=1.62, girth=0.95, shoulder_ratio=0.92,
           clothes=Clothes((141, 92, 66), (28, 22, 20), (196, 150, 60), (90, 60, 60), sleeves=1.6)),
]  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    truth: PersonTruth
    pose: Pose | None
    height_px: float

    @property
    def errors(self) -> np.ndarray:
        """(22,) array, body heights; infinite if no pose was found."""
        if self.pose is None:
            return np.full(len(JOINTS), np.inf)
        offsets = self.pose.landmarks[JOINTS, :2] - self.truth.landmarks[JOINTS, :2]
        return np.linalg.norm(offsets, axis=1) / self.height_px

    @property
    def pa_mpjpe_mm(self) -> float:
        return np.inf if self.pose is None else 1e3 * pa_mpjpe(self.pose.world, self.truth.world)


@pytest.fixture(scope="module")
def outcomes() -> dict[tuple[str, str], Outcome]:
    from vitruvian.engine.estimator import PoseEstimator

    found = {}
    with PoseEstimator("full") as estimator:
        for k, (pose, (motion, time_s)) in enumerate(POSES.items()):
            figure = FIGURES[k % 2]
            for name, angle in VIEWS_DEG.items():
                x, z = 3.6 * math.sin(math.radians(angle)), 3.6 * math.cos(math.radians(angle))
                camera = Camera(position=(x, 1.3, z))
                view = Scene([Person(figure, motion)], camera).render(time_s, WH)
                truth = view.people[0]
                depth_m = truth.camera[[23, 24], 2].mean()
                height_px = figure.height_m * camera.focal_px(WH) / depth_m
                result = estimator.detect(view.image)
                found[pose, name] = Outcome(truth, result.pose, float(height_px))
    return found


def test_full_model_finds_every_figure(outcomes: dict[tuple[str, str], Outcome]) -> None:
    scores = {key: 0.0 if o.pose is None else o.pose.score for key, o in outcomes.items()}
    assert min(scores.values()) > 0.9, scores
    assert np.median(list(scores.values())) > 0.99


def test_median_joint_error_is_below_two_percent_of_the_body_height(
    outcomes: dict[tuple[str, str], Outcome], record_property: pytest.RecordProperty
) -> None:
    median = 100 * float(np.median([o.errors for o in outcomes.values()]))
    pa_mm = [o.pa_mpjpe_mm for o in outcomes.values()]
    record_property("median_joint_error_percent", median)
    record_property("pa_mpjpe_mm_mean", float(np.mean(pa_mm)))
    record_property("pa_mpjpe_mm_median", float(np.median(pa_mm)))
    lines = [f"{'':<12}" + "".join(f"{name:>12}" for name in VIEWS_DEG)]
    for pose in POSES:
        cells = [outcomes[pose, view] for view in VIEWS_DEG]
        row = (f"{100 * np.median(o.errors):5.2f} /{o.pa_mpjpe_mm:4.0f}" for o in cells)
        lines.append(f"{pose:<12}" + "".join(f"{cell:>12}" for cell in row))
    lines.append(f"median joint error {median:.2f} % of the body height, PA-MPJPE "
                 f"{np.mean(pa_mm):.0f} mm mean, {np.median(pa_mm):.0f} mm median")  # fmt: skip
    sys.stdout.write("\n".join(lines) + "\n")
    assert median <= 2.0


def test_visible_main_joints_are_correct_in_nearly_every_image(
    outcomes: dict[tuple[str, str], Outcome],
) -> None:
    main = [i for i, name in enumerate(BLAZEPOSE.names) if name.split("_")[-1] in
            {"shoulder", "elbow", "wrist", "hip", "knee", "ankle"}]  # fmt: skip
    errors = [
        o.errors[i - JOINTS[0]] for o in outcomes.values() for i in main if o.truth.visibility[i]
    ]
    assert np.mean(np.array(errors) < 0.05) > 0.97
