"""With reach="far", small people are found in tall, wide and fish-eye pictures, too."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import vitruvian as vt
from vitruvian.core.assignment import linear_assignment
from vitruvian.evaluation import coco_landmarks, oks
from vitruvian.synthetic import Camera, Clothes, Figure, Person, Room, Scene, motions

pytestmark = [pytest.mark.slow, pytest.mark.weights]

FOUND_OKS = 0.5
SHIRTS = ((196, 150, 60), (176, 46, 48), (52, 108, 168), (40, 92, 84), (226, 186, 74))
MOTIONS = (motions.stand(), motions.wave(), motions.walk(), motions.jumping_jack(), motions.squat())
HALL = Room((0.0, 0.0, -8.0), (60.0, 6.0, 36.0))


def people_at(places: list[tuple[float, float]]) -> list[Person]:
    """Different people at places (x, z), who face the camera more or less."""
    return [
        Person(
            Figure(height_m=1.6 + 0.06 * i, clothes=Clothes(shirt=SHIRTS[i % len(SHIRTS)])),
            MOTIONS[i % len(MOTIONS)],
            place,
            heading_deg=(40.0 * i) % 100 - 50,
        )
        for i, place in enumerate(places)
    ]


@cache
def tall() -> tuple[np.ndarray, list[np.ndarray]]:
    """A 9:16 picture with four people far away: image and their 17 landmarks."""
    scene = Scene(
        people_at([(-1.6, -9.0), (-0.2, -11.0), (1.3, -8.0), (2.2, -12.5)]),
        Camera((0.0, 1.7, 3.0), (0.2, 1.2, -10.0), 60.0),
        room=HALL,
    )
    return rendered(scene, (720, 1280))


@cache
def panorama(aspect: int) -> tuple[np.ndarray, list[np.ndarray]]:
    """A wide picture with five people side by side."""
    scene = Scene(
        people_at([(-7.2, -8.0), (-3.9, -9.5), (-0.5, -8.5), (3.3, -10.0), (7.0, -8.0)]),
        Camera((0.0, 1.3, 3.0), (0.0, 1.0, -8.0), 88.0),
        room=HALL,
    )
    return rendered(scene, (360 * aspect, 360))


def rendered(scene: Scene, wh: tuple[int, int]) -> tuple[np.ndarray, list[np.ndarray]]:
    view = scene.render(0.9, wh)
    return view.image, [coco_landmarks(person.landmarks)[:, :2] for person in view.people]


@cache
def fisheye() -> tuple[np.ndarray, list[np.ndarray]]:
    """A fish-eye picture, where equal angles from the axis are equal distances from the centre."""
    size, fov_deg = 900, 130.0
    scene = Scene(
        people_at([(-4.6, -2.6), (-1.6, -5.0), (0.4, -4.0), (2.6, -5.5), (5.2, -3.0)]),
        Camera((0.0, 1.6, 3.0), (0.0, 1.1, -4.0), fov_deg),
        room=HALL,
    )
    image, people = rendered(scene, (size, size))
    focal_px = scene.camera.focal_px((size, size))
    px_of_rad = size / np.radians(fov_deg)
    middle = (size - 1) / 2

    def bent(points: np.ndarray) -> np.ndarray:
        offset = points - middle
        radius = np.linalg.norm(offset, axis=-1, keepdims=True)
        angle = np.arctan(radius / focal_px)
        return middle + offset * px_of_rad * angle / np.maximum(radius, 1e-9)

    y, x = np.indices((size, size)) - middle
    radius = np.hypot(x, y)
    angle = np.minimum(radius / px_of_rad, np.radians(fov_deg / 2))
    stretch = focal_px * np.tan(angle) / np.maximum(radius, 1e-9)
    columns, rows = (np.rint(middle + v * stretch).astype(int) for v in (x, y))
    is_inside = (np.minimum(columns, rows) >= 0) & (np.maximum(columns, rows) < size)
    is_inside &= radius < px_of_rad * np.radians(fov_deg / 2)
    warped = np.zeros_like(image)
    warped[is_inside] = image[rows[is_inside], columns[is_inside]]
    return warped, [bent(points) for points in people]


def n_found(image: np.ndarray, people: list[np.ndarray], reach: str) -> tuple[int, int]:
    """Number of people found, and of poses that fit nobody."""
    with vt.PoseEstimator("lite", num_poses=8, reach=reach) as estimator:
        poses = [coco_landmarks(pose.landmarks)[:, :2] for pose in estimator.detect(image)]
    fit = np.array([[oks(pose, person) for pose in poses] for person in people])
    fit = fit.reshape(len(people), len(poses))
    found = sum(bool(fit[pair] >= FOUND_OKS) for pair in linear_assignment(-fit))
    return found, len(poses) - found


PICTURES = {
    "tall 9:16": tall,
    "panorama 4:1": lambda: panorama(4),
    "panorama 6:1": lambda: panorama(6),
    "fish-eye": fisheye,
}


@pytest.mark.parametrize("name", PICTURES)
def test_far_reach_finds_people_whom_normal_reach_misses(name: str) -> None:
    image, people = PICTURES[name]()
    far, false = n_found(image, people, "far")
    normal, _ = n_found(image, people, "normal")
    assert far >= len(people) - 1
    assert normal < far
    assert false == 0
