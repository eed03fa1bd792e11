"""The second window: a body in 3D, seen by a camera that goes around it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.compat.depthai_blazepose.segments import COLOR_OF_SIDE, SEGMENTS
from vitruvian.core.skeleton import BLAZEPOSE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.compat.depthai_blazepose.body import Body
    from vitruvian.compat.depthai_blazepose.tracker import BlazeposeDepthai
    from vitruvian.compat.depthai_blazepose.view3d import Grid, Limb, Viewpoint

__all__ = ["MODES", "Orbit", "View3D"]

MODES = ("image", "world", "mixed")
N_VIEWS = 8
STEP = 0.003  # rad, Open3D's ViewControl.rotate for 1 px
SWING_STEPS = 200  # how far the view swings to each side, in steps: 34 degrees
FIRST_SPEED = 2  # steps a frame
ELEVATION = math.radians(14)  # lets the floor be seen
LIMB_M = 0.025
LIMB_PARTS = 0.008  # of the larger side of the picture, where the unit is px
CAMERA_COLOR = (51, 178, 255)


class Orbit:
    """How the camera moves: to and fro at first, around, or not at all.

    Attributes
    ----------
    azimuth : float
        Where it is, rad; 0 in front of the scene.
    move : str or None
        "oscillate", "rotate" or None.
    speed : int
        Steps a frame; negative turns back, which only a rotation can be told.
    """

    def __init__(self) -> None:
        self.azimuth = 0.0
        self.move: str | None = "oscillate"
        self.speed = FIRST_SPEED
        self._view = 0
        self._swung = 0
        self._direction = 1

    def step(self) -> None:
        """Move on by one frame."""
        if self.move == "rotate":
            self.azimuth += self.speed * STEP
        elif self.move == "oscillate":
            steps = abs(self.speed) * self._direction
            self._swung += steps
            self.azimuth += steps * STEP
            if abs(self._swung) >= SWING_STEPS:
                self._direction = -int(math.copysign(1, self._swung))

    def oscillate(self) -> None:
        """Swing around where the camera is now."""
        self.move, self._swung = "oscillate", 0

    def rotate(self) -> None:
        """Go around."""
        self.move = "rotate"

    def stop(self) -> None:
        """Stand still."""
        self.move = None

    def accelerate(self, by: int) -> None:
        """Change the speed; through 0 only where it then turns back."""
        speed = self.speed + by
        if self.move == "rotate":
            self.speed = speed or by
        else:
            self.speed = max(1, speed)

    def turn_view(self, by: int) -> None:
        """Stand still in the next of eight places around the scene."""
        self.move = None
        self._view = (self._view + by) % N_VIEWS
        self.azimuth = self._view * 2 * math.pi / N_VIEWS


class View3D:
    """Draws bodies in one of the three modes.

    Parameters
    ----------
    mode : str
        "image": landmarks in px; "world": landmarks in m around the hips; "mixed": those where a
        depth camera has measured the body to be, and nobody where it has not.
    tracker : BlazeposeDepthai
        Whose pictures they are from.
    """

    def __init__(self, mode: str, tracker: BlazeposeDepthai) -> None:
        self.mode = mode
        self.orbit = Orbit()
        self._tracker = tracker
        self._grids, self._ground, self._target, self._distance = _scene(mode, tracker)

    def press(self, key: int) -> None:
        """Obey a key of this view: O, R, S and the arrows."""
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

    def picture(self, body: Body | None) -> NDArray[np.uint8]:
        """Return the (480, 640, 3) BGR picture of a body, and move the camera on."""
        import cv2

        from vitruvian.compat.depthai_blazepose.view3d import draw_view

        self.orbit.step()
        limbs = [] if body is None else self._limbs(body)
        if self.mode == "mixed":
            limbs += _camera()
        rgb = draw_view(self._viewpoint(), limbs, grids=self._grids, ground=self._ground)
        return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), np.uint8)

    def _viewpoint(self) -> Viewpoint:
        from vitruvian.compat.depthai_blazepose.view3d import Viewpoint

        return Viewpoint(self._target, self._distance, self.orbit.azimuth, ELEVATION)

    def _limbs(self, body: Body) -> list[Limb]:
        from vitruvian.compat.depthai_blazepose.view3d import Limb

        points = _points(body, self.mode)
        if points is None:
            return []
        in_px = self.mode == "image"
        radius = LIMB_PARTS * max(self._tracker.img_w, self._tracker.img_h) if in_px else LIMB_M
        return [
            Limb(points[a], points[b], (radius, radius), COLOR_OF_SIDE[side])
            for (a, b), side in SEGMENTS
            if self._tracker.is_present(body, a) and self._tracker.is_present(body, b)
        ]


def _points(body: Body, mode: str) -> NDArray[np.float64] | None:
    """Return the (33, 3) landmarks in the mode's unit; None where they have no place."""
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
    """Return an arrow from the camera to where it looks."""
    from vitruvian.compat.depthai_blazepose.view3d import Limb

    base, neck, tip = np.zeros(3), np.array([0, 0, 0.15]), np.array([0, 0, 0.28])
    return [
        Limb(base, neck, (0.03, 0.03), CAMERA_COLOR),
        Limb(neck, tip, (0.06, 0.0), CAMERA_COLOR),
    ]


def _scene(
    mode: str, tracker: BlazeposeDepthai
) -> tuple[tuple[Grid, Grid], float, tuple[float, float, float], float]:
    """Return floor and wall, the y of the floor, what is looked at, and from how far."""
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
