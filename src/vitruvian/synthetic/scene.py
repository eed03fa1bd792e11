"""Scene: people, objects and a camera, and the image that the camera takes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vitruvian.core.frame import Frame
from vitruvian.synthetic.body import Body, body_from_posture
from vitruvian.synthetic.camera import Camera
from vitruvian.synthetic.face import painted_face
from vitruvian.synthetic.figure import Figure
from vitruvian.synthetic.light import Light, shadow
from vitruvian.synthetic.motions import Motion, stand
from vitruvian.synthetic.render import hits_of_rays
from vitruvian.synthetic.room import Box, Room
from vitruvian.synthetic.shapes import Shapes, shapes_of_body
from vitruvian.synthetic.view import View, truth_of_body

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Person", "Scene"]

Floats = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Person:
    """A person in the scene.

    Attributes
    ----------
    figure : Figure
        Body dimensions and clothes.
    motion : Motion
        Motion of the person: posture as a function of time.
    position : tuple of float, m
        x and z of the start on the floor.
    heading_deg : float
        Heading at the start: 0 along the z axis, toward the default camera; positive to the
        person's left.
    delay_s : float
        Delay of the motion relative to the time of the scene.
    """

    figure: Figure = field(default_factory=Figure)
    motion: Motion = field(default_factory=stand)
    position: tuple[float, float] = (0.0, 0.0)
    heading_deg: float = 0.0
    delay_s: float = 0.0

    def body(self, time_s: float) -> Body:
        """Return the body at a time, in the scene."""
        posture = self.motion(time_s - self.delay_s, self.figure)
        heading = math.radians(self.heading_deg)
        return body_from_posture(self.figure, posture, position=self.position, heading=heading)


@dataclass(frozen=True, slots=True)
class Scene:
    """People and objects in a room, with a lamp and a camera.

    Scene axes: x to the right of the default camera, y up from the floor, z toward it.

    Attributes
    ----------
    people : sequence of Person
        The people.
    camera : Camera
        The camera.
    occluders : sequence of Box
        Objects that occlude what is behind them.
    room : Room
        Floor and walls.
    light : Light
        Lamp and ambient light.
    noise : float
        Standard deviation of the sensor noise, in grey levels of 255.
    seed : int
        Seed of the noise. The same seed and time give the same noise.
    """

    people: Sequence[Person] = ()
    camera: Camera = field(default_factory=Camera)
    occluders: Sequence[Box] = ()
    room: Room = field(default_factory=Room)
    light: Light = field(default_factory=Light)
    noise: float = 2.0
    seed: int = 0

    def render(
        self, time_s: float = 0.0, wh: tuple[int, int] = (320, 320), *, samples: int = 1
    ) -> View:
        """Return the image at a time, with ground truth.

        Parameters
        ----------
        time_s : float
            Time.
        wh : tuple of int, px
            Width and height.
        samples : int
            Rays per pixel in x and in y; more than 1 smooths edges. Depth and ids come from one
            of them.
        """
        if min(wh) < 1 or samples < 1:
            raise ValueError(f"wh and samples must be positive, got {wh!r} and {samples!r}")
        bodies = [person.body(time_s) for person in self.people]
        image, t, ids, outlines, directions = _traced(self, bodies, wh, samples)
        w, h = wh
        if samples > 1:
            image = image.reshape(h, samples, w, samples, 3).mean(axis=(1, 3))
        generator = np.random.default_rng([self.seed, round(time_s * 1e6) % 2**32])
        grain = generator.standard_normal(image.shape, np.float32) * np.float32(self.noise)
        image = image * 255 + grain
        middle = (slice(samples // 2, None, samples),) * 2
        depth = (t * directions[..., 2])[middle].astype(np.float32)
        depth[~np.isfinite(depth)] = np.nan
        ids = np.ascontiguousarray(ids[middle])
        people = tuple(
            truth_of_body(self.camera, body, depth, ids == i, np.ascontiguousarray(outline[middle]))
            for i, (body, outline) in enumerate(zip(bodies, outlines, strict=True))
        )
        pixels = np.clip(image + 0.5, 0, 255).astype(np.uint8)
        return View(pixels, depth, ids, people, self.camera, time_s)

    def frames(
        self, duration_s: float, fps: float = 25.0, wh: tuple[int, int] = (320, 320)
    ) -> Iterator[tuple[Frame, View]]:
        """Yield frames at a constant rate, each with its view."""
        for index in range(round(duration_s * fps)):
            view = self.render(index / fps, wh)
            yield Frame(view.image, timestamp_us=round(index * 1e6 / fps), index=index), view


def _traced(
    scene: Scene, bodies: list[Body], wh: tuple[int, int], samples: int
) -> tuple[Floats, Floats, NDArray[np.int32], NDArray[np.bool_], Floats]:
    """Return what the rays of all pixels hit.

    Colours (H, W, 3), ray lengths and ids (H, W), whether a ray would hit each of n bodies
    without occlusion (n, H, W), and ray directions in camera axes (H, W, 3).
    """
    camera = scene.camera
    directions = camera.rays(wh, samples).astype(np.float32)
    shape = directions.shape[:2]
    axes = camera.axes.astype(np.float32)
    origin = np.array(camera.position, np.float32)
    rays = directions.reshape(-1, 3) @ axes
    room = scene.room.surface(origin, rays)
    t, normals, rgb = room.t, room.normals, room.rgb
    ids = np.full(t.size, -1, np.int32)
    for box in scene.occluders:
        side = box.surface(origin, rays)
        nearer = side.t < t
        t[nearer], normals[nearer], rgb[nearer] = (
            side.t[nearer], side.normals[nearer], side.rgb[nearer])  # fmt: skip
    shapes = [shapes_of_body(body) for body in bodies]
    outlines = np.zeros((len(bodies), t.size), np.bool_)
    for i, (body, parts) in enumerate(zip(bodies, shapes, strict=True)):
        hits = hits_of_rays(_in_camera(parts, origin, axes), directions)
        outlines[i, hits.pixels] = True
        length = np.linalg.norm(hits.points, axis=1)
        first = length < t[hits.pixels]
        where = hits.pixels[first]
        points = hits.points[first] @ axes + origin
        t[where], ids[where] = length[first], i
        normals[where] = hits.normals[first] @ axes
        rgb[where] = painted_face(body, points, hits.rgb[first])
    points = origin + rays * np.where(np.isfinite(t), t, 0)[:, None]
    lit = np.ones(t.size, np.float32)
    facing = np.flatnonzero(normals @ scene.light.unit > 0)
    for parts in shapes:
        lit[facing] = np.minimum(lit[facing], shadow(points[facing], parts, scene.light))
    image = scene.light.shaded(rgb, normals, lit).reshape(*shape, 3)
    return (
        image, t.reshape(shape), ids.reshape(shape), outlines.reshape(-1, *shape), directions,
    )  # fmt: skip


def _in_camera(shapes: Shapes, origin: Floats, axes: Floats) -> Shapes:
    return replace(
        shapes, a=(shapes.a - origin) @ axes.T, b=(shapes.b - origin) @ axes.T,
        thin=shapes.thin @ axes.T,
    )  # fmt: skip
