"""Random scenes for `visibility.py`: one person, plain, occluded, or cut off by the image."""

from __future__ import annotations

import numpy as np

from vitruvian.synthetic import Box, Camera, Clothes, Figure, Light, Person, Room, Scene, motions

__all__ = ["SIDE", "random_scene"]

SIDE = 352  # px of the square image
KINDS = {"plain": 0.4, "box": 0.25, "person": 0.2, "crop": 0.15}
SKINS = ((222, 178, 150), (141, 92, 66), (90, 60, 44), (236, 196, 172))
WALKS = (4, 5)  # of the motions: shown for a shorter time

Generator = np.random.Generator


def random_scene(seed: int) -> tuple[Scene, float]:
    """Return a scene, and the time at which to render it."""
    g = np.random.default_rng([12, seed])
    kind = g.choice(list(KINDS), p=list(KINDS.values()))
    heading = 45 * int(g.integers(8)) + _between(g, -20, 20)
    person, motion = _person(g, (0.0, 0.0), heading)
    time_s = _between(g, 0, 1.2 if motion in WALKS else 4)
    hips = np.mean(person.body(time_s).pair("hip"), axis=0)
    middle = -float(hips[0]), -float(hips[2])
    people = [Person(person.figure, person.motion, middle, heading)]
    distance, height = _between(g, 3, 6), _between(g, 0.5, 2.3)
    position = (_between(g, -0.3, 0.3), height, distance)
    target = [_between(g, -0.25, 0.25), _between(g, 0.75, 1.05), 0.0]
    fov_deg = np.degrees(2 * np.arctan(1.75 / 2 / distance / g.uniform(0.5, 0.8)))
    boxes = [_box(g) for _ in range(int(g.integers(1, 3)))] if kind == "box" else []
    if kind == "person":
        place = _between(g, -0.55, 0.55), _between(g, 0.6, 1.2)
        people.append(_person(g, place, 45 * int(g.integers(8)) + _between(g, -20, 20))[0])
    if kind == "crop":
        _turn_away(g, target)
    light = Light(
        (_between(g, -1, 1), 1.0, _between(g, -0.2, 1)), _between(g, 0.5, 0.9),
        _between(g, 0.25, 0.5),
    )  # fmt: skip
    wall = _rgb(g) if g.random() < 0.6 else Room().wall
    floor = _rgb(g) if g.random() < 0.6 else Room().floor
    camera = Camera(position, tuple(target), float(fov_deg))
    room, noise = Room(wall=wall, floor=floor), _between(g, 0, 5)
    return Scene(people, camera, boxes, room, light, noise=noise, seed=seed), time_s


def _between(g: Generator, low: float, high: float) -> float:
    return float(g.uniform(low, high))


def _rgb(g: Generator) -> tuple[int, int, int]:
    red, green, blue = (int(value) for value in g.integers(20, 240, 3))
    return red, green, blue


def _person(g: Generator, position: tuple[float, float], heading_deg: float) -> tuple[Person, int]:
    """Return a person, and the number of the motion."""
    clothes = Clothes(
        SKINS[g.integers(4)], _rgb(g), _rgb(g), _rgb(g), _rgb(g), sleeves=_between(g, 0, 2),
        legs=_between(g, 0.5, 2),
    )  # fmt: skip
    figure = Figure(
        height_m=_between(g, 1.5, 1.95), girth=_between(g, 0.85, 1.3),
        leg_ratio=_between(g, 0.95, 1.05), clothes=clothes,
    )  # fmt: skip
    number = int(g.integers(7))
    hand, text = ("left", "right")[g.integers(2)], "BLAZEPOSE"[int(g.integers(9)) :]
    motion = (
        motions.stand(), motions.squat(), motions.jumping_jack(), motions.wave(hand=hand),
        motions.walk(1.2), motions.walk(0.8), motions.semaphore(text),
    )[number]  # fmt: skip
    return Person(figure, motion, position, heading_deg), number


def _box(g: Generator) -> Box:
    """Return a table, a post, or a board in the air, in front of the person."""
    shape, z, x = g.integers(3), _between(g, 0.55, 1.0), _between(g, -0.45, 0.45)
    if shape == 0:
        height = _between(g, 0.4, 1.15)
        return Box((x, height / 2, z), (_between(g, 0.3, 1.4), height, 0.3), rgb=_rgb(g))
    if shape == 1:
        return Box((x, 1.0, z), (_between(g, 0.08, 0.35), 2.0, 0.1), rgb=_rgb(g))
    y = _between(g, 0.3, 1.7)
    return Box((x, y, z), (_between(g, 0.15, 0.6), _between(g, 0.15, 0.5), 0.1), rgb=_rgb(g))


def _turn_away(g: Generator, target: list[float]) -> None:
    """Move the target so that the legs, a side, or the head leave the image."""
    side = g.integers(3)
    if side == 0:
        target[1] = _between(g, 1.2, 1.75)
    elif side == 1:
        target[0] += float(g.choice([-1, 1])) * _between(g, 0.4, 0.95)
    else:
        target[1] = _between(g, 0.2, 0.6)
