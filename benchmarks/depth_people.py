"""People who were not used to select the constants of `vitruvian.lift.depth`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitruvian.synthetic import POSE_SETS, Camera, Figure, Person, Room, Scene, motions
from vitruvian.synthetic.crowds import random_figure

if TYPE_CHECKING:
    from vitruvian.synthetic.motions import Motion

FOV_DEG = 68.8  # colour camera of an OAK-D
SEED = 15
STEEPEST = 0.8  # height of the camera above the hips / distance
MOTIONS = (
    motions.turn(),
    motions.pace(),
    motions.mirrored(motions.wave(1.1)),
    motions.semaphore("R"),
    motions.squat(2.4, depth=0.25),
    motions.jumping_jack(1.3),
)
POSTURES = (*POSE_SETS["dance"], *POSE_SETS["hiit"])
ROOM = Room((0.0, 0.0, 0.0), (12.0, 3.5, 20.0))


def held_out(distance_m: float, number: int) -> tuple[Scene, Person]:
    """Return a scene with one random person, whose hips are that far from the camera.

    The person is at the middle of the image or beside it; half are in the middle of a motion, half
    in a posture of dance or interval training. The camera is 0.7 to 2.2 m above the floor.
    """
    generator = np.random.default_rng([SEED, round(1000 * distance_m), number])
    uniform = generator.uniform
    figure = Figure(
        height_m=float(uniform(1.45, 2.0)),
        girth=float(uniform(0.8, 1.35)),
        leg_ratio=float(uniform(0.94, 1.06)),
        arm_ratio=float(uniform(0.94, 1.06)),
        shoulder_ratio=float(uniform(0.9, 1.1)),
        clothes=random_figure(generator).clothes,
    )
    heading_deg, time_s = float(uniform(-180, 180)), float(uniform(0, 4))
    person = Person(figure, _motion(figure, number, generator), heading_deg=heading_deg)
    hips = person.body(time_s).landmarks[[23, 24]].mean(axis=0)
    person = Person(
        figure,
        person.motion,
        position=(-float(hips[0]), -float(hips[2])),
        heading_deg=heading_deg,
        delay_s=-time_s,
    )
    highest = STEEPEST * distance_m
    rise = float(np.clip(uniform(0.7, 2.2) - hips[1], -highest, highest))
    away = float(np.sqrt(distance_m**2 - rise**2))
    aside = distance_m * float(uniform(-0.25, 0.25)) * (distance_m > 1.2)
    target = (aside, float(hips[1]) + 0.1 * min(distance_m, 2.0), 0.0)
    camera = Camera((0.0, float(hips[1]) + rise, away), target, FOV_DEG)
    return Scene([person], camera, room=ROOM, seed=number), person


def _motion(figure: Figure, number: int, generator: np.random.Generator) -> Motion:
    if number % 2:
        return MOTIONS[number // 2 % len(MOTIONS)]
    maker = POSTURES[int(generator.integers(len(POSTURES)))]
    return motions.stand(maker(figure, generator))
