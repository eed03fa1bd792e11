"""Errors of hips and joints that a depth camera measures, on rendered people at 1 to 6 m.

    python benchmarks/depth.py [--model full] [--seeds 2]

People are rendered with their true joints and their true depth, which `vitruvian.synthetic.stereo`
turns into what an OAK-D measures. Three ways to place the world landmarks are compared: at the one
measured point of the surface; at that point, moved into the body; and fitted to all depths, as
`vitruvian.lift.depth` does it, from the depth image or from the depths of 34 zones (mode "edge").
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from setting import MODELS, machine_line
from vitruvian import PoseEstimator
from vitruvian.core.camera import Camera
from vitruvian.core.depth import DepthImage, LandmarkDepths
from vitruvian.lift.depth import DepthPlacer
from vitruvian.lift.depth_points import BELOW_FRONT_M, MID_HIPS
from vitruvian.lift.depth_zones import ImageSurfaces
from vitruvian.lift.placement import View
from vitruvian.synthetic import Camera as SceneCamera
from vitruvian.synthetic import Figure, Person, Scene, motions
from vitruvian.synthetic.stereo import StereoModel, stereo_depth

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vitruvian import Pose, PoseResult
    from vitruvian.synthetic import View as SceneView

FOV_DEG = 68.8  # colour camera of an OAK-D
WH = (640, 480)
CAMERA = Camera.from_fov(WH, FOV_DEG)
JOINTS = np.arange(11, 33)
HIPS = [23, 24]
DISTANCES_M = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0)
FIGURES = (Figure(), Figure(height_m=1.62, girth=0.95), Figure(height_m=1.88, girth=1.15))
POSES = (
    (motions.stand(), 0.0),
    (motions.wave(), 0.2),
    (motions.jumping_jack(), 0.3),
    (motions.squat(), 0.7),
    (motions.walk(), 0.3),
    (motions.semaphore("L"), 0.9),
)
HEADINGS_DEG = (0, 35, -60, 180, 90, -20, 150)
MAX_ERROR = 0.1  # of the height: a pose that is further off in the image is not that person
NOISE = {
    "true depth": None,
    "subpixel, 5 bits": StereoModel(subpixel_bits=5),
    "subpixel, 3 bits": StereoModel(subpixel_bits=3),
    "3 bits, noise doubled": StereoModel(subpixel_bits=3, noise_px=0.3),
    "3 bits, 0.1 px bias": StereoModel(subpixel_bits=3, bias_px=0.1),
    "integer": StereoModel(),
}


class Row(NamedTuple):
    """Errors of one pose: hips in percent of the distance, joints in the image in mm."""

    hips_percent: float
    joints_mm: float


class Case(NamedTuple):
    """A rendered person, and what the model found."""

    view: SceneView
    result: PoseResult
    distance_m: float


def main() -> None:
    """Render, measure and print a table for each kind of noise."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", choices=MODELS, default="full")
    parser.add_argument("--seeds", type=int, default=2, help="samples of the noise")
    parser.add_argument("--distances", type=float, nargs="+", default=DISTANCES_M)
    args = parser.parse_args()
    cases = list(_cases(args.model, args.distances))
    print(f"model {args.model}, {len(cases)} poses; {machine_line()}")
    print("hips: median and 90th percentile, % of the distance; joints: median, mm\n")
    for name, stereo in NOISE.items():
        print(f"| {name} | hips: fit | hips: edge | joints: reference | inside | fit | edge |")
        print("|---|---|---|---|---|---|---|")
        for distance_m in args.distances:
            chosen = [case for case in cases if case.distance_m == distance_m]
            ways = _errors(chosen, stereo, args.seeds)
            if not ways:
                continue
            hips = [_hips(ways[way]) for way in ("fit", "edge")]
            joints = [_joints(ways[way]) for way in ("reference", "inside", "fit", "edge")]
            print(f"| {distance_m:g} m | {' | '.join([*hips, *joints])} |")
        print()


def _cases(model: str, distances_m: Sequence[float]) -> Iterator[Case]:
    with PoseEstimator(model) as estimator:
        for distance_m in distances_m:
            target = (0, 1.15 if distance_m < 2 else 1.0, 0)
            camera = SceneCamera((0, 1.25, distance_m), target, FOV_DEG)
            for k, (motion, time_s) in enumerate(POSES):
                for i in range(3):
                    x = (0.0, 0.12, -0.2)[(k + i) % 3] * distance_m * (distance_m > 1.2)
                    heading = HEADINGS_DEG[(k + 3 * i) % len(HEADINGS_DEG)]
                    figure = FIGURES[(k + i) % 3]
                    person = Person(figure, motion, position=(x, 0.0), heading_deg=heading)
                    view = Scene([person], camera, seed=k).render(time_s, WH)
                    result = estimator.detect(view.image)
                    if result.pose is not None and _is_found(result.pose, view, figure.height_m):
                        yield Case(view, result, distance_m)


def _is_found(pose: Pose, view: SceneView, height_m: float) -> bool:
    truth = view.people[0]
    hips = truth.camera[HIPS].mean(axis=0)
    off = np.linalg.norm(pose.landmarks[:, :2] - truth.landmarks[:, :2], axis=1)
    limit_px = MAX_ERROR * height_m * CAMERA.focal_px / hips[2]
    is_inside = (truth.landmarks[HIPS, :2] >= 0).all() and (truth.landmarks[HIPS, :2] < WH).all()
    return bool(is_inside and np.median(off[truth.visibility > 0.5]) < limit_px)


def _errors(
    cases: Sequence[Case], stereo: StereoModel | None, n_seeds: int
) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for k, (view, result, _) in enumerate(cases):
        for seed in range(1 if stereo is None else n_seeds):
            if stereo is None:
                depth = DepthImage(view.depth_m, CAMERA, 1.0)
            else:
                values = stereo_depth(view.depth_m, CAMERA, seed=[k, seed], model=stereo)
                depth = DepthImage(values, CAMERA)
            for way, joints in _placed(result, depth).items():
                found.setdefault(way, []).append(_row(joints, view))
    return found


def _placed(result: PoseResult, depth: DepthImage) -> dict[str, np.ndarray]:
    """Return the joints (33, 3) of each way; without a measured reference only the fit."""
    pose = DepthPlacer().update(result, depth).poses[0]
    ways = {}
    if pose.camera is not None:
        ways["fit"] = np.float64(pose.camera)
    if pose.measured is not None:
        arrays = (pose.landmarks, pose.visibility, pose.world)
        world = View.of(CAMERA, *(np.float64(a)[None] for a in arrays)).points[0]
        surface = np.array(pose.measured.surface_xyz_m)
        ways["reference"] = world + surface
        ways["inside"] = world + surface * (1 + BELOW_FRONT_M[MID_HIPS] / surface[2])
        edge = DepthPlacer().update(result, _device_depths(pose, depth)).poses[0]
        if edge.camera is not None:
            ways["edge"] = np.float64(edge.camera)
    return ways


def _device_depths(pose: Pose, depth: DepthImage) -> LandmarkDepths:
    assert pose.measured is not None  # noqa: S101
    return LandmarkDepths(
        depths_m=ImageSurfaces(depth, pose, WH).medians()[:33],
        camera=CAMERA,
        reference=pose.measured.reference,
        reference_m=float(np.array(pose.measured.surface_xyz_m)[2]),
        zone_xyxy=pose.measured.zone_xyxy,
    )


def _row(joints: np.ndarray, view: SceneView) -> Row:
    truth = view.people[0]
    off = 1e3 * np.linalg.norm(joints - truth.camera, axis=1)
    points = truth.landmarks[JOINTS, :2]
    is_inside = ((points >= 0) & (points < WH)).all(axis=1)
    found, true = (np.linalg.norm(p[HIPS].mean(axis=0)) for p in (joints, truth.camera))
    return Row(100 * abs(found - true) / true, float(np.median(off[JOINTS][is_inside])))


def _hips(rows: Sequence[Row]) -> str:
    median, high = np.percentile([row.hips_percent for row in rows], [50, 90])
    return f"{median:.2f} / {high:.2f}"


def _joints(rows: Sequence[Row]) -> str:
    return f"{np.median([row.joints_mm for row in rows]):.0f}"


if __name__ == "__main__":
    main()
