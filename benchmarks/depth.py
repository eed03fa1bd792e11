"""Errors of hips and joints that a depth camera measures, on rendered people at 1 to 6 m.

    python benchmarks/depth.py [--model full] [--seeds 2] [--held-out 30]

People are rendered with their true joints and their true depth, which `vitruvian.synthetic.stereo`
turns into what an OAK-D measures. Three ways to place the world landmarks are compared: at the one
measured point of the surface; at that point, moved into the body; and fitted to all depths, as
`vitruvian.lift.depth` does it, from the depth image or from the depths of 34 zones (mode "edge").

The constants of `vitruvian.lift` were selected on the people of the default tables.
``--held-out N`` renders N random people per distance instead, in 1152x648 px: other bodies,
clothes, postures, headings and heights of the camera. All whom the model finds count.
"""

from __future__ import annotations

import argparse
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from depth_people import FOV_DEG, held_out
from setting import MODELS, machine_line
from vitruvian import PoseEstimator
from vitruvian.core.camera import Camera
from vitruvian.core.depth import DepthImage, LandmarkDepths
from vitruvian.lift.depth import DepthPlacer
from vitruvian.lift.depth_points import BELOW_FRONT_M
from vitruvian.lift.depth_zones import REFERENCES, ImageSurfaces
from vitruvian.lift.placement import View
from vitruvian.synthetic import Camera as SceneCamera
from vitruvian.synthetic import Figure, Person, Scene, motions
from vitruvian.synthetic.stereo import StereoModel, stereo_depth

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vitruvian import Pose, PoseResult
    from vitruvian.synthetic import View as SceneView

WH, HELD_OUT_WH = (640, 480), (1152, 648)
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
WAYS = ("fit", "edge", "inside", "reference")
SHOWN = ("reference", "inside", "fit", "edge")
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
    height_m: float

    @property
    def camera(self) -> Camera:
        """Intrinsics of the view."""
        return Camera.from_fov((self.result.width, self.result.height), FOV_DEG)

    @property
    def is_clear(self) -> bool:
        """Whether someone is found whose hips are in the image and whose landmarks are right."""
        if self.result.pose is None:
            return False
        truth = self.view.people[0]
        hips = truth.camera[HIPS].mean(axis=0)
        off = np.linalg.norm(self.result.pose.landmarks[:, :2] - truth.landmarks[:, :2], axis=1)
        limit_px = MAX_ERROR * self.height_m * self.camera.focal_px / hips[2]
        is_inside = self.inside[HIPS].all()
        return bool(is_inside and np.median(off[truth.visibility > 0.5]) < limit_px)

    @property
    def inside(self) -> np.ndarray:
        """(33,): whether each true landmark is in the image."""
        points = self.view.people[0].landmarks[:, :2]
        return ((points >= 0) & (points < (self.result.width, self.result.height))).all(axis=1)


def main() -> None:
    """Render, measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", choices=MODELS, default="full")
    parser.add_argument("--seeds", type=int, default=2, help="samples of the noise")
    parser.add_argument("--distances", type=float, nargs="+", default=DISTANCES_M)
    parser.add_argument("--held-out", type=int, metavar="N", help="random people per distance")
    args = parser.parse_args()
    if args.held_out:
        _print_held_out(args.model, args.distances, args.held_out, args.seeds)
        return
    cases = [case for case in _cases(args.model, args.distances) if case.is_clear]
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
            hips = [_percentiles(ways[way], "hips_percent", 2) for way in ("fit", "edge")]
            joints = [f"{np.nanmedian([row.joints_mm for row in ways[way]]):.0f}" for way in SHOWN]
            print(f"| {distance_m:g} m | {' | '.join([*hips, *joints])} |")
        print()


def _print_held_out(model: str, distances_m: Sequence[float], n_people: int, n_seeds: int) -> None:
    print(f"model {model}, {n_people} people per distance; {machine_line()}")
    print("found: people found / without position / without reference / not clear")
    print("hips: % of the distance; joints: mm; median and 90th percentile of those found\n")
    for name in ("subpixel, 3 bits", "integer"):
        heads = [f"{quantity}: {way}" for quantity in ("hips", "joints") for way in WAYS]
        print(f"| {name} | found | {' | '.join(heads)} |")
        print("|" + "---|" * (len(heads) + 2))
        for distance_m in distances_m:
            cases = list(_held_out_cases(model, distance_m, n_people))
            ways = _errors(cases, NOISE[name], n_seeds)
            n_samples = n_seeds * len(cases)
            lacking = [n_samples - len(ways.get(way, ())) for way in ("fit", "reference")]
            n_unclear = sum(not case.is_clear for case in cases)
            found = " / ".join(
                [str(len(cases)), *(f"{n / n_seeds:g}" for n in lacking), str(n_unclear)]
            )
            values = [_percentiles(ways.get(way, ()), "hips_percent", 2) for way in WAYS]
            values += [_percentiles(ways.get(way, ()), "joints_mm", 0) for way in WAYS]
            print(f"| {distance_m:g} m | {found} | {' | '.join(values)} |", flush=True)
        print()


@cache
def _held_out_cases(model: str, distance_m: float, n_people: int) -> list[Case]:
    """Return the cases of the held-out people whom the model finds."""
    found = []
    with PoseEstimator(model) as estimator:
        for k in range(n_people):
            scene, person = held_out(distance_m, k)
            view = scene.render(wh=HELD_OUT_WH)
            result = estimator.detect(view.image)
            if result.pose is not None:
                found.append(Case(view, result, distance_m, person.figure.height_m))
    return found


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
                    yield Case(view, estimator.detect(view.image), distance_m, figure.height_m)


def _errors(
    cases: Sequence[Case], stereo: StereoModel | None, n_seeds: int
) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for k, case in enumerate(cases):
        for seed in range(1 if stereo is None else n_seeds):
            if stereo is None:
                depth = DepthImage(case.view.depth_m, case.camera, 1.0)
            else:
                values = stereo_depth(case.view.depth_m, case.camera, seed=[k, seed], model=stereo)
                depth = DepthImage(values, case.camera)
            for way, joints in _placed(case.result, depth).items():
                found.setdefault(way, []).append(_row(joints, case))
    return found


def _placed(result: PoseResult, depth: DepthImage) -> dict[str, np.ndarray]:
    """Return the joints (33, 3) of each way; without a measured reference only the fit."""
    pose = DepthPlacer().update(result, depth).poses[0]
    ways = {}
    if pose.camera is not None:
        ways["fit"] = np.float64(pose.camera)
    if pose.measured is not None:
        arrays = (pose.landmarks, pose.visibility, pose.world)
        world = View.of(depth.camera, *(np.float64(a)[None] for a in arrays)).points[0]
        pair, point = REFERENCES[pose.measured.reference]
        world -= world[pair].mean(axis=0)
        surface = np.array(pose.measured.surface_xyz_m)
        ways["reference"] = world + surface
        ways["inside"] = world + surface * (1 + BELOW_FRONT_M[point] / surface[2])
        edge = DepthPlacer().update(result, _device_depths(pose, depth)).poses[0]
        if edge.camera is not None:
            ways["edge"] = np.float64(edge.camera)
    return ways


def _device_depths(pose: Pose, depth: DepthImage) -> LandmarkDepths:
    assert pose.measured is not None  # noqa: S101
    return LandmarkDepths(
        depths_m=ImageSurfaces(depth, pose, depth.camera.wh).medians()[:33],
        camera=depth.camera,
        reference=pose.measured.reference,
        reference_m=float(np.array(pose.measured.surface_xyz_m)[2]),
        zone_xyxy=pose.measured.zone_xyxy,
    )


def _row(joints: np.ndarray, case: Case) -> Row:
    truth = case.view.people[0]
    off = 1e3 * np.linalg.norm(joints - truth.camera, axis=1)
    chosen = off[JOINTS][case.inside[JOINTS]]
    found, true = (np.linalg.norm(p[HIPS].mean(axis=0)) for p in (joints, truth.camera))
    joints_mm = float(np.median(chosen)) if chosen.size else np.nan
    return Row(100 * abs(found - true) / true, joints_mm)


def _percentiles(rows: Sequence[Row], field: str, n_digits: int) -> str:
    values = [getattr(row, field) for row in rows]
    if not values:
        return "–"
    median, high = np.nanpercentile(values, [50, 90])
    return f"{median:.{n_digits}f} / {high:.{n_digits}f}"


if __name__ == "__main__":
    main()
