"""Sets of rendered images of one person: yoga, dance and interval training."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.synthetic import motions
from vitruvian.synthetic.camera import Camera
from vitruvian.synthetic.crowds import random_figure
from vitruvian.synthetic.dance import DANCE
from vitruvian.synthetic.hiit import HIIT
from vitruvian.synthetic.light import Light
from vitruvian.synthetic.room import Box, Room
from vitruvian.synthetic.scene import Person, Scene
from vitruvian.synthetic.yoga import YOGA

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.synthetic.body import Body
    from vitruvian.synthetic.figure import Rgb
    from vitruvian.synthetic.placing import PoseMaker
    from vitruvian.synthetic.view import View

__all__ = ["POSE_SETS", "RenderedPose", "pose_set"]

POSE_SETS: dict[str, tuple[PoseMaker, ...]] = {"yoga": YOGA, "dance": DANCE, "hiit": HIIT}
"""Name of a set -> its postures."""

DISTANCES_M = (2.0, 4.0)
FILLS = (0.45, 0.85)  # of the image: the share of its width or height, whichever is greater
SIZES = ((480, 360), (360, 480))
SEEDS = {name: i for i, name in enumerate(POSE_SETS)}


@dataclass(frozen=True, slots=True)
class RenderedPose:
    """One image of a set.

    Attributes
    ----------
    name : str
        Number and posture, such as "0012 tree".
    scene : Scene
        The person, the room, the light and the camera.
    wh : (int, int)
        Width and height of the image, px.
    """

    name: str
    scene: Scene
    wh: tuple[int, int]

    def render(self) -> View:
        """Return the image with its ground truth."""
        return self.scene.render(wh=self.wh)


def pose_set(name: str, count: int = 240, *, seed: int = 0) -> list[RenderedPose]:
    """Return a set of scenes with one person 2 to 4 m from the camera.

    Postures, their details, bodies, clothes, lights, rooms and views are random; each posture is
    equally frequent, half of them mirrored. The same arguments give the same set.

    Parameters
    ----------
    name : {"yoga", "dance", "hiit"}
    count : int
        Number of images.
    seed : int

    Examples
    --------
    >>> images = pose_set("yoga", 3)
    >>> [image.name for image in images]
    ['0000 mountain', '0001 tree', '0002 warrior_one']
    >>> images[0].render().image.shape
    (360, 480, 3)
    """
    if name not in POSE_SETS:
        raise ValueError(f"name must be one of {list(POSE_SETS)}, got {name!r}")
    if count < 1:
        raise ValueError(f"count must be at least 1, got {count!r}")
    makers = POSE_SETS[name]
    return [
        _rendered(makers[i % len(makers)], i, np.random.default_rng([seed, SEEDS[name], i]))
        for i in range(count)
    ]


def _rendered(maker: PoseMaker, number: int, generator: np.random.Generator) -> RenderedPose:
    figure = random_figure(generator)
    motion = motions.stand(maker(figure, generator))
    if generator.random() < 0.5:
        motion = motions.mirrored(motion)
    person = Person(figure, motion, heading_deg=float(generator.uniform(-180, 180)))
    wh = SIZES[number % 2]
    camera = _camera(person.body(0.0), wh, generator)
    wall, floor = _tones(generator), _tones(generator)
    scene = Scene(
        [person],
        camera,
        _furniture(generator),
        Room(wall=wall, floor=floor),
        _light(generator),
        noise=float(generator.uniform(1, 6)),
        seed=number,
    )
    return RenderedPose(f"{number:04d} {maker.__name__}", scene, wh)


def _camera(body: Body, wh: tuple[int, int], generator: np.random.Generator) -> Camera:
    """Return a camera in which the body fills a random share of the image."""
    low, high = body.landmarks.min(axis=0), body.landmarks.max(axis=0)
    middle = (low + high) / 2
    distance = generator.uniform(*DISTANCES_M)
    azimuth = math.radians(generator.uniform(-35, 35))
    position = (
        float(middle[0] + distance * math.sin(azimuth)),
        float(generator.uniform(0.4, 2.1)),
        float(middle[2] + distance * math.cos(azimuth)),
    )
    fill = generator.uniform(*FILLS)
    fov_deg = 60.0
    off_px = generator.uniform(-0.1, 0.1, 2) * wh
    for _ in range(4):  # the share depends on the perspective, too
        camera = Camera(position, (float(middle[0]), float(middle[1]), float(middle[2])), fov_deg)
        points = camera.image_from_scene(body.landmarks, wh)[:, :2]
        got = float(((points.max(axis=0) - points.min(axis=0)) / wh).max())
        tangent = math.tan(math.radians(fov_deg) / 2) * got / fill
        fov_deg = min(max(2 * math.degrees(math.atan(tangent)), 20.0), 100.0)
    return _aimed(camera, middle, off_px, wh)


def _aimed(
    camera: Camera, middle: NDArray[np.float64], off_px: NDArray[np.float64], wh: tuple[int, int]
) -> Camera:
    """Return the camera turned so that the body is off the middle of the image."""
    right, down, _ = camera.axes
    distance = float(np.linalg.norm(middle - camera.position))
    shift = distance / camera.focal_px(wh)
    x, y, z = (middle - shift * (off_px[0] * right + off_px[1] * down)).tolist()
    return Camera(camera.position, (x, y, z), camera.fov_deg, camera.roll_deg)


def _furniture(generator: np.random.Generator) -> list[Box]:
    """Return boxes behind the person."""
    boxes = []
    for _ in range(int(generator.integers(0, 4))):
        width, height, depth = generator.uniform(0.3, 1.2, 3).tolist()
        x, z = generator.uniform((-2.5, -2.2), (2.5, -1.4)).tolist()
        boxes.append(Box((x, height / 2, z), (width, height, depth), rgb=_tones(generator)))
    return boxes


def _tones(generator: np.random.Generator) -> Rgb:
    """Return a colour of low saturation."""
    grey = generator.uniform(70, 210)
    red, green, blue = np.rint(grey + generator.uniform(-28, 28, 3)).astype(int).tolist()
    return red, green, blue


def _light(generator: np.random.Generator) -> Light:
    x, y, z = generator.uniform((-1.0, 0.5, -0.3), (1.0, 1.2, 1.0)).tolist()
    return Light(
        (x, y, z), float(generator.uniform(0.35, 0.9)), float(generator.uniform(0.2, 0.5)),
    )  # fmt: skip
