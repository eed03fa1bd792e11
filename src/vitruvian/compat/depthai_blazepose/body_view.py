"""View3D: the 3D window of the renderer, a body seen by an orbiting camera."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.compat.depthai_blazepose.segments import COLOR_OF_SIDE, SEGMENTS
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.media.orientation import reversed_channels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.compat.depthai_blazepose.body import Body
    from vitruvian.compat.depthai_blazepose.tracker import BodyTracker
    from vitruvian.compat.depthai_blazepose.view3d import Grid, Limb, Viewpoint

__all__ = ["MODES", "Orbit", "View3D"]

MODES = ("image", "world", "mixed")
N_VIEWS = 8
STEP = 0.003  # rad, Open3D's ViewControl.rotate for 1 px
SWING_STEPS = 200  # amplitude of the oscillation to each side, in steps: 34 degrees
FIRST_SPEED = 2  # steps per frame
ELEVATION = math.radians(14)  # the floor is visible from above
LIMB_M = 0.025
LIMB_FRACTION = 0.008  # limb radius as a fraction of the larger image side, if the unit is px
CAMERA_COLOR = (51, 178, 255)


class Orbit:
    """Motion of the camera: oscillating (at first), rotating, or stopped.

    Attributes
    ----------
    azimuth : float
        Position of the camera, rad; 0 in front of the scene.
    move : str or None
        "oscillate", "rotate" or None.
    speed : int
        Steps per frame; negative reverses the direction, in "rotate" only.
    """

    def __init__(self) -> None:
        self.azimuth = 0.0
        self.move: str | None = "oscillate"
        self.speed = FIRST_SPEED
        self._view = 0
        self._swung = 0
        self._direction = 1

    def step(self) -> None:
        """Move the camera by one frame."""
        if self.move == "rotate":
            self.azimuth += self.speed * STEP
        elif self.move == "oscillate":
            steps = abs(self.speed) * self._direction
            self._swung += steps
            self.azimuth += steps * STEP
            if abs(self._swung) >= SWING_STEPS:
                self._direction = -int(math.copysign(1, self._swung))

    def oscillate(self) -> None:
        """Oscillate around the current position."""
        self.move, self._swung = "oscillate", 0

    def rotate(self) -> None:
        """Rotate around the scene."""
        self.move = "rotate"

    def stop(self) -> None:
        """Stop."""
        self.move = None

    def accelerate(self, by: int) -> None:
        """Change the speed. Only a rotation changes direction; otherwise the minimum is 1."""
        speed = self.speed + by
        if self.move == "rotate":
            self.speed = speed or by
        else:
            self.speed = max(1, speed)

    def turn_view(self, by: int) -> None:
        """Stop at the next of eight positions around the scene."""
        self.move = None
        self._view = (self._view + by) % N_VIEWS
        self.azimuth = self._view * 2 * math.pi / N_VIEWS


class View3D:
    """Renders bodies in one of three modes.

    Parameters
    ----------
    mode : str
        "image": landmarks in px; "world": world landmarks, m; "mixed": world landmarks placed at
        the position measured by a depth camera. A body without a measurement is not drawn.
    tracker : BlazeposeDepthai
        The tracker that returned the bodies.
    """

    def __init__(self, mode: str, tracker: BodyTracker) -> None:
        self.mode = mode
        self.orbit = Orbit()
        self._tracker = tracker
        self._grids, self._ground, self._target, self._distance = _scene(mode, tracker)

    def press(self, key: int) -> None:
        """Handle a key of this view: O, R, S and the arrow keys."""
        from vitruvian.compat.depthai_blazepose.window import DOWN, LEFT, RIGHT, UP

        if key in (ord("O"), ord("o")):
            self.orbit.oscillate()
        elif key == ord("R"):
            self.orbit.rotate()
        elif key == ord("S"):
            self.orbit.stop()
        elif key in (UP, DOWN):
            self.orbit.accelerate(1 if key == UP else -1)
        elif key in (LEFT, RIGHT):
            self.orbit.turn_view(1 if key == RIGHT else -1)

    def render(self, body: Body | None) -> NDArray[np.uint8]:
        """Move the camera by one frame and return the (480, 640, 3) BGR image of a body."""
        from vitruvian.compat.depthai_blazepose.view3d import draw_view

        self.orbit.step()
        limbs = [] if body is None else self._limbs(body)
        if self.mode == "mixed":
            limbs += _camera()
        rgb = draw_view(self._viewpoint(), limbs, grids=self._grids, ground=self._ground)
        return reversed_channels(rgb)

    def _viewpoint(self) -> Viewpoint:
        from vitruvian.compat.depthai_blazepose.view3d import Viewpoint

        return Viewpoint(self._target, self._distance, self.orbit.azimuth, ELEVATION)

    def _limbs(self, body: Body) -> list[Limb]:
        from vitruvian.compat.depthai_blazepose.view3d import Limb

        points = _points(body, self.mode)
        if points is None:
            return []
        in_px = self.mode == "image"
        radius = LIMB_FRACTION * max(self._tracker.img_w, self._tracker.img_h) if in_px else LIMB_M
        return [
            Limb(points[a], points[b], (radius, radius), COLOR_OF_SIDE[side])
            for (a, b), side in SEGMENTS
            if self._tracker.is_present(body, a) and self._tracker.is_present(body, b)
        ]


def _points(body: Body, mode: str) -> NDArray[np.float64] | None:
    """Return the (33, 3) landmarks in the mode's unit; None if "mixed" has no measured position."""
    if mode == "image":
        return body.landmarks[:33].astype(np.float64)
    world = np.asarray(body.landmarks_world, np.float64)
    if mode == "world":
        return world
    if not body.xyz_ref or body.xyz is None:
        return None
    place_m = np.asarray(body.xyz, np.float64) / 1000 * (1, -1, 1)  # mm, its y is up
    if body.xyz_ref == "mid_shoulders":
        shoulders = [BLAZEPOSE.index("left_shoulder"), BLAZEPOSE.index("right_shoulder")]
        place_m = place_m - world[shoulders].mean(axis=0)
    return world + place_m


def _camera() -> list[Limb]:
    """Return an arrow that shows the position and the direction of the depth camera."""
    from vitruvian.compat.depthai_blazepose.view3d import Limb

    base, neck, tip = np.zeros(3), np.array([0, 0, 0.15]), np.array([0, 0, 0.28])
    return [
        Limb(base, neck, (0.03, 0.03), CAMERA_COLOR),
        Limb(neck, tip, (0.06, 0.0), CAMERA_COLOR),
    ]


def _scene(
    mode: str, tracker: BodyTracker
) -> tuple[tuple[Grid, Grid], float, tuple[float, float, float], float]:
    """Return floor and wall, the y of the floor, the target of the camera, and its distance."""
    from vitruvian.compat.depthai_blazepose.view3d import Grid

    if mode == "image":
        w, h = float(tracker.img_w), float(tracker.img_h)
        depth = min(w, h) / 3
        floor = Grid((0.0, h, -depth), (w, 0.0, 0.0), (0.0, 0.0, 2 * depth), 5, 2)
        wall = Grid((0.0, 0.0, depth), (w, 0.0, 0.0), (0.0, h, 0.0), 5, 2)
        return (floor, wall), h, (w / 2, h / 2, 0.0), 1.5 * max(h, 0.75 * w)
    if mode == "world":
        floor = Grid((-1.0, 1.0, -1.0), (2.0, 0.0, 0.0), (0.0, 0.0, 2.0), 2, 2)
        wall = Grid((-1.0, -1.0, 1.0), (2.0, 0.0, 0.0), (0.0, 2.0, 0.0), 2, 2)
        return (floor, wall), 1.0, (0.0, 0.1, 0.0), 3.7
    floor = Grid((-3.0, 1.0, 0.0), (6.0, 0.0, 0.0), (0.0, 0.0, 5.0), 6, 5)
    wall = Grid((-3.0, -1.0, 5.0), (6.0, 0.0, 0.0), (0.0, 2.0, 0.0), 6, 2)
    return (floor, wall), 1.0, (0.0, 0.2, 2.5), 7.5
