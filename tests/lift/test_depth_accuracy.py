"""Errors of hips and joints on rendered people, as a stereo camera measures them.

``pytest tests/lift/test_depth_accuracy.py -rP`` shows the table; `benchmarks/depth.py` prints a
longer one.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
import pytest

from vitruvian import PoseEstimator, PoseResult
from vitruvian.core.camera import Camera
from vitruvian.core.depth import DepthImage
from vitruvian.lift.depth import DepthPlacer
from vitruvian.lift.depth_zones import REFERENCES
from vitruvian.lift.placement import View
from vitruvian.synthetic import Camera as SceneCamera
from vitruvian.synthetic import Figure, Person, Scene, motions
from vitruvian.synthetic import View as SceneView
from vitruvian.synthetic.stereo import StereoModel, stereo_depth

pytestmark = pytest.mark.weights

WH = (512, 288)
CAMERA = Camera.from_fov(WH, 68.8)
HIPS = [23, 24]
JOINTS = np.arange(11, 33)
DISTANCES_M = (1.0, 1.5, 2.0, 3.0, 4.5, 6.0)
PEOPLE = (
    (Person(motion=motions.wave(), heading_deg=25), 0.2),
    (Person(Figure(height_m=1.65), motions.walk(), heading_deg=-40), 0.3),
)
# At 1 m the image is 0.77 m high: the model recognizes those whose face and hips are both in it.
NEAR_M = 1.0
NEAR_PEOPLE = tuple(
    (Person(Figure(height_m=1.6), motions.stand(), heading_deg=h), 0.0) for h in (10, -20)
)
N_SEEDS = 3
SUBPIXEL, INTEGER = StereoModel(subpixel_bits=3), StereoModel()


@dataclass(frozen=True)
class Errors:
    """Of one frame: distance of the hips, and median of the joints in the image, m."""

    hips_m: float
    joints_m: float

    @classmethod
    def of(cls, camera: np.ndarray, view: SceneView) -> Errors:
        person = view.people[0]
        off = np.linalg.norm(camera - person.camera, axis=1)[JOINTS]
        points = person.landmarks[JOINTS, :2]
        is_inside = ((points >= 0) & (points < WH)).all(axis=1)
        found, true = (np.linalg.norm(p[HIPS].mean(axis=0)) for p in (camera, person.camera))
        return cls(abs(found - true), float(np.median(off[is_inside])))


@pytest.fixture(scope="module")
def scenes() -> dict[float, list[tuple[SceneView, PoseResult]]]:
    """By distance: what the model full sees of people in front of the camera."""
    found: dict[float, list[tuple[SceneView, PoseResult]]] = {}
    with PoseEstimator("full") as estimator:
        for distance_m in DISTANCES_M:
            is_near = distance_m == NEAR_M
            target = (0, 1.15 if distance_m < 2 else 1.0, 0)
            camera = SceneCamera((0, 1.2, distance_m), target, 68.8)
            for k, (person, time_s) in enumerate(NEAR_PEOPLE if is_near else PEOPLE):
                view = Scene([person], camera, seed=k).render(time_s, WH)
                found.setdefault(distance_m, []).append((view, estimator.detect(view.image)))
    return found


def errors_with(
    scenes: list[tuple[SceneView, PoseResult]], model: StereoModel
) -> tuple[list[Errors], list[Errors]]:
    """Of our fit, and of world landmarks placed at the one point of the surface."""
    ours, reference = [], []
    for k, (view, result) in enumerate(scenes):
        for seed in range(N_SEEDS):
            values = stereo_depth(view.depth_m, CAMERA, seed=[k, seed], model=model)
            pose = DepthPlacer().update(result, DepthImage(values, CAMERA)).poses[0]
            assert pose.camera is not None
            assert pose.measured is not None
            ours.append(Errors.of(pose.camera, view))
            arrays = (pose.landmarks, pose.visibility, pose.world)
            world = View.of(CAMERA, *(np.float64(a)[None] for a in arrays)).points[0]
            pair, _ = REFERENCES[pose.measured.reference]
            placed = world - world[pair].mean(axis=0) + np.array(pose.measured.surface_xyz_m)
            reference.append(Errors.of(placed, view))
    return ours, reference


@pytest.mark.parametrize("distance_m", DISTANCES_M)
def test_hips_are_within_1_percent_and_joints_within_60_mm(
    scenes: dict[float, list[tuple[SceneView, PoseResult]]], distance_m: float
) -> None:
    ours, reference = errors_with(scenes[distance_m], SUBPIXEL)
    hips, joints = (np.median([getattr(e, n) for e in ours]) for n in ("hips_m", "joints_m"))
    placed = np.median([e.joints_m for e in reference])
    sys.stdout.write(
        f"{distance_m} m: hips {100 * hips / distance_m:.2f} %, joints {1e3 * joints:.0f} mm, "
        f"of the reference alone {1e3 * placed:.0f} mm\n"
    )
    assert hips < 0.01 * distance_m
    assert joints < 0.06
    assert joints < 0.5 * placed


def test_integer_disparities_are_exact_to_1_percent_only_near_the_camera(
    scenes: dict[float, list[tuple[SceneView, PoseResult]]],
) -> None:
    hips = {
        d: np.median([e.hips_m for e in errors_with(scenes[d], INTEGER)[0]]) / d
        for d in DISTANCES_M
    }
    sys.stdout.write(", ".join(f"{d} m: {100 * share:.1f} %" for d, share in hips.items()) + "\n")
    assert hips[1.0] < 0.015
    step = 1 / (INTEGER.focal_px * INTEGER.baseline_m)  # of the depth, 1/m
    assert all(share < 0.5 * step * d + 0.01 for d, share in hips.items())
