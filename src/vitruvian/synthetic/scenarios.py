"""Scenarios: short scenes with several people and known identities."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from vitruvian.synthetic import motions
from vitruvian.synthetic.camera import Camera
from vitruvian.synthetic.figure import Clothes, Figure
from vitruvian.synthetic.light import Light
from vitruvian.synthetic.room import Box, Room
from vitruvian.synthetic.scene import Person, Scene

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vitruvian.core.frame import Frame
    from vitruvian.synthetic.motions import Motion
    from vitruvian.synthetic.posture import Posture
    from vitruvian.synthetic.view import View

__all__ = ["CROSSINGS", "SCENARIOS", "Scenario"]

CAMERA = Camera(position=(0.0, 1.3, 4.5), target=(0.0, 0.95, 0.0))
MIRROR_X = 0.75  # m, position of the plane of the mirror

_TALL = Figure(
    height_m=1.82, leg_ratio=1.03,
    clothes=Clothes(shirt=(176, 46, 48), trousers=(52, 60, 92), hair=(58, 40, 28), legs=1.95),
)  # fmt: skip
_SHORT = Figure(
    height_m=1.66, girth=0.94, shoulder_ratio=0.92,
    clothes=Clothes((141, 92, 66), (26, 20, 18), (226, 186, 74), (40, 92, 84), sleeves=1.9),
)  # fmt: skip
_BROAD = Figure(
    height_m=1.76, girth=1.15, shoulder_ratio=1.06,
    clothes=Clothes((236, 196, 172), (150, 118, 70), (52, 108, 168), (150, 140, 124), legs=1.1),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scene with duration, frame rate and image size.

    The identity of a person is the index in ``scene.people``, and so in ``View.people``.

    Attributes
    ----------
    name : str
        Name of the scenario.
    scene : Scene
        The scene.
    duration_s : float
        Duration.
    fps : float
        Frames per second.
    wh : tuple of int, px
        Width and height; a standing person fills 55 to 75 % of the height.
    """

    name: str
    scene: Scene
    duration_s: float
    fps: float = 15.0
    wh: tuple[int, int] = (480, 360)

    def frames(self) -> Iterator[tuple[Frame, View]]:
        """Yield every frame with its view."""
        yield from self.scene.frames(self.duration_s, self.fps, self.wh)


def crossing(
    near: Figure = _TALL,
    far: Figure = _SHORT,
    *,
    speed_m_s: float = 1.0,
    depths_m: tuple[float, float] = (0.35, -0.3),
) -> Scenario:
    """Two people cross paths, one in front of the other, and turn to the camera.

    Parameters
    ----------
    near, far : Figure
        The person who walks in front, to the right, and the one behind, to the left.
    speed_m_s : float
        Speed of both.
    depths_m : (float, float)
        z of their paths in scene axes.
    """
    walk_s = 2.6 / speed_m_s + 0.8

    def across(turn_s: float) -> Motion:
        return motions.sequence([
            (0.7, motions.stand()), (walk_s, motions.walk(speed_m_s, distance_m=2.6)),
            (2.0, motions.turn(turn_s, angle=math.pi / 2)),
        ])  # fmt: skip

    people = [
        Person(near, across(-4.0), position=(-1.3, depths_m[0]), heading_deg=90),
        Person(far, across(4.0), position=(1.3, depths_m[1]), heading_deg=-90),
    ]
    return Scenario("crossing", Scene(people, CAMERA), duration_s=walk_s + 2.6)


def walk_in_and_out() -> Scenario:
    """Three people enter, the second and third stop for a while, then all leave."""

    def visit(steps_m: float, *, hand: str) -> Motion:
        about = motions.turn(2.0 if hand == "right" else -2.0, angle=math.pi)
        return motions.sequence([
            (steps_m / 1.1 + 0.6, motions.walk(1.1, distance_m=steps_m)),
            (1.2, motions.wave(hand=hand)), (1.0, about), (9.0, motions.walk(1.2)),
        ])  # fmt: skip

    people = [
        Person(_TALL, motions.walk(1.3), position=(-2.6, 0.5), heading_deg=90),
        Person(_SHORT, visit(1.9, hand="right"), (2.7, -0.3), heading_deg=-90, delay_s=0.8),
        Person(_BROAD, visit(1.7, hand="left"), (-2.6, 0.0), heading_deg=90, delay_s=2.4),
    ]
    return Scenario("walk_in_and_out", Scene(people, CAMERA), duration_s=8.4)


def passing_behind() -> Scenario:
    """One person walks behind another, stays occluded for a second, and walks on."""
    passer = motions.sequence([
        (0.6, motions.stand()), (2.1, motions.walk(1.1, distance_m=1.6)),
        (1.0, motions.stand()), (2.1, motions.walk(1.1, distance_m=1.6)),
        (1.6, motions.turn(-4.0, angle=math.pi / 2)),
    ])  # fmt: skip
    people = [
        Person(_BROAD, motions.stand(), position=(0.0, 0.5)),
        Person(_SHORT, passer, position=(-1.6, -0.2), heading_deg=90),
    ]
    return Scenario("passing_behind", Scene(people, CAMERA), duration_s=7.4)


def leave_and_reenter() -> Scenario:
    """One person leaves to the left and re-enters from the right; another stays."""
    away_s = 4.4
    leaver = _after_jump(
        motions.sequence([(0.6, motions.stand()), (9.0, motions.walk(1.2))]),
        motions.sequence([(2.4, motions.walk(1.1, distance_m=1.6)), (9.0, motions.stand())]),
        at_s=away_s,
        travel=(0.0, 0.0, -3.9),
    )
    people = [
        Person(_BROAD, motions.wave(1.4), position=(-0.1, -0.1)),
        Person(_TALL, leaver, position=(-1.1, 0.1), heading_deg=-90),
    ]
    return Scenario("leave_and_reenter", Scene(people, CAMERA), duration_s=7.6)


def mirror() -> Scenario:
    """One person moves beside a mirror; the mirror image is the second identity.

    Room and light are symmetric about the plane of the mirror. So a person on the other side with
    the mirrored posture gives the image of a mirror, except for the shade of the floor boards.
    """
    left = math.pi / 2
    motion = motions.sequence([
        (1.6, motions.wave(hand="right")), (0.9, motions.turn(3.6, angle=left)),
        (1.4, motions.walk(0.7, distance_m=0.3)), (0.9, motions.turn(-3.6, angle=left)),
        (2.4, motions.jumping_jack(1.2)),
    ])  # fmt: skip
    real = Person(_TALL, motion, position=(-0.4, 0.0))
    image = Person(_TALL, motions.mirrored(motion), position=(2 * MIRROR_X + 0.4, 0.0))
    rail = Box((MIRROR_X, 0.02, 2.0), (0.03, 0.04, 9.0), rgb=(70, 66, 62))
    scene = Scene(
        [real, image],
        replace(CAMERA, position=(0.4, 1.3, 4.4), target=(MIRROR_X, 0.95, 0.0)),
        [rail],
        Room(center=(MIRROR_X, 0.0, 2.0)),
        Light(direction=(0.0, 1.0, 0.75)),
    )
    return Scenario("mirror", scene, duration_s=7.2)


SCENARIOS: dict[str, Callable[[], Scenario]] = {
    make.__name__: make
    for make in (crossing, walk_in_and_out, passing_behind, leave_and_reenter, mirror)
}
"""Every scenario by name."""

CROSSINGS: dict[str, Callable[[], Scenario]] = {
    "crossing_shorter_in_front": partial(crossing, _SHORT, _TALL),
    "crossing_same_clothes": partial(crossing, _TALL, _TALL),
    "crossing_close": partial(crossing, _TALL, _BROAD, depths_m=(0.1, -0.2)),
    "crossing_fast": partial(crossing, speed_m_s=1.6),
    "crossing_slow": partial(crossing, _BROAD, _SHORT, speed_m_s=0.6),
}
"""Variations of the crossing by name, which were not used for tuning."""


def _after_jump(
    first: Motion, second: Motion, *, at_s: float, travel: tuple[float, float, float]
) -> Motion:
    """Do `first` until `at_s`, then `second` from the place `travel`."""

    def motion(time_s: float, figure: Figure) -> Posture:
        if time_s < at_s:
            return first(time_s, figure)
        posture = second(time_s - at_s, figure)
        x, y, z = (a + b for a, b in zip(posture.travel, travel, strict=True))
        return replace(posture, travel=(x, y, z))

    return motion
