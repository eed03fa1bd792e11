"""Crowds: scenes with many people of different build, clothes, pose and distance."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.synthetic import motions
from vitruvian.synthetic.camera import Camera
from vitruvian.synthetic.figure import Clothes, Figure
from vitruvian.synthetic.room import Room
from vitruvian.synthetic.scene import Person, Scene

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitruvian.synthetic.figure import Rgb
    from vitruvian.synthetic.motions import Motion

__all__ = ["crowd", "random_figure"]

FOV_DEG = 75.0
PHASES_S = (0.8, 4.0)  # time since the start of the motions
CANDIDATES = 30  # places tried for each person; the one with the most room is taken
SKINS: tuple[Rgb, ...] = ((236, 196, 172), (222, 178, 150), (186, 138, 104), (141, 92, 66))
HAIRS: tuple[Rgb, ...] = ((26, 20, 18), (66, 46, 34), (150, 118, 70), (170, 168, 164))
MOTIONS: tuple[tuple[Callable[[], Motion], float], ...] = (
    (motions.stand, 0.25),
    (motions.walk, 0.35),
    (motions.wave, 0.1),
    (motions.turn, 0.1),
    (motions.squat, 0.1),
    (partial(motions.jumping_jack, 1.3), 0.1),
)
"""Motions of the people, with their shares."""


def crowd(count: int, *, seed: int = 0, distances_m: tuple[float, float] = (2.0, 15.0)) -> Scene:
    """Return a scene with a crowd in a hall.

    Build, clothes, motion, heading and place of each person are random. The distances at time 0 are
    uniform on a logarithmic scale, so that people of every size in the image are equally frequent.
    Some people walk, and so leave their place later.

    Parameters
    ----------
    count : int
        Number of people.
    seed : int
        Seed. The same seed gives the same crowd.
    distances_m : (float, float)
        Smallest and largest distance from the camera.

    Examples
    --------
    >>> scene = crowd(5, seed=1)
    >>> view = scene.render(wh=(192, 108))
    >>> len(view.people)
    5
    """
    nearest, farthest = distances_m
    if count < 1 or not 0.5 <= nearest <= farthest:
        raise ValueError(
            f"count must be at least 1 and 0.5 <= nearest <= farthest, "
            f"got {count!r} and {distances_m!r}"
        )
    generator = np.random.default_rng([seed, count])
    camera = Camera((0.0, 2.2, 0.0), (0.0, 1.15, -4.0), FOV_DEG)
    places: list[tuple[float, float]] = []  # bearing in rad, logarithm of the distance
    people = []
    for _ in range(count):
        places.append(_place(generator, places, nearest, farthest))
        bearing, distance = places[-1][0], math.exp(places[-1][1])
        place = (distance * math.sin(bearing), -distance * math.cos(bearing))
        people.append(_person(generator, place))
    depth = farthest + 8.0
    room = Room((0.0, 0.0, 4.0 - depth / 2), (2 * farthest + 6.0, 6.0, depth))
    return Scene(people, camera, room=room, seed=seed)


def _place(
    generator: np.random.Generator,
    others: list[tuple[float, float]],
    nearest: float,
    farthest: float,
) -> tuple[float, float]:
    """Return bearing and logarithm of the distance of a place away from the `others`."""
    edge = math.radians(FOV_DEG) * 0.44
    low, high = (-edge, math.log(nearest)), (edge, math.log(farthest))
    candidates = generator.uniform(low, high, (CANDIDATES, 2))
    if others:
        apart = np.linalg.norm(candidates[:, None] - np.array(others), axis=-1).min(axis=1)
        candidates = candidates[[int(np.argmax(apart))]]
    bearing, log_distance = candidates[0]
    return float(bearing), float(log_distance)


def _person(generator: np.random.Generator, place: tuple[float, float]) -> Person:
    """Return a random person who is at `place`, x and z, at time 0, in the middle of a motion."""
    makers, shares = zip(*MOTIONS, strict=True)
    maker: Callable[[], Motion] = makers[int(generator.choice(len(makers), p=shares))]
    motion, figure = maker(), random_figure(generator)
    phase_s = float(generator.uniform(*PHASES_S))
    heading_deg = float(generator.uniform(-180, 180))
    left, _, ahead = motion(phase_s, figure).travel
    c, s = math.cos(math.radians(heading_deg)), math.sin(math.radians(heading_deg))
    start = place[0] - (c * left + s * ahead), place[1] - (c * ahead - s * left)
    return Person(figure, motion, start, heading_deg, delay_s=-phase_s)


def random_figure(generator: np.random.Generator) -> Figure:
    """Return a random adult."""
    shirt, trousers, shoes = generator.integers(20, 236, (3, 3)).tolist()
    clothes = Clothes(
        skin=SKINS[generator.integers(len(SKINS))],
        hair=HAIRS[generator.integers(len(HAIRS))],
        shirt=tuple(shirt),
        trousers=tuple(trousers),
        shoes=tuple(shoes),
        sleeves=float(generator.uniform(0.3, 2.0)),
        legs=float(generator.choice([0.9, 1.9])),
    )
    return Figure(
        height_m=float(generator.uniform(1.55, 1.92)),
        girth=float(generator.uniform(0.9, 1.2)),
        shoulder_ratio=float(generator.uniform(0.92, 1.06)),
        clothes=clothes,
    )
