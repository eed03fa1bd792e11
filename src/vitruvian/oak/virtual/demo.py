"""The scene of a virtual camera that is given none: one person who moves."""

from __future__ import annotations

from functools import cache

from vitruvian.synthetic import Camera, Clothes, Figure, Person, Scene, motions

__all__ = ["demo_scene"]

FOV_DEG = 68.8  # Luxonis, OAK-D: horizontal field of view of the colour camera


@cache
def demo_scene() -> Scene:
    """Return an endless scene: one person, 2 to 4 m away, squats, waves, and walks to and fro."""
    figure = Figure(height_m=1.74, clothes=Clothes(shirt=(176, 46, 48), trousers=(52, 60, 92)))
    motion = motions.sequence(
        [
            (4.0, motions.squat(2.0)),
            (2.4, motions.wave(0.8)),
        ],
        repeat=True,
    )
    camera = Camera(position=(0.0, 1.1, 3.0), target=(0.0, 0.9, 0.0), fov_deg=FOV_DEG)
    return Scene([Person(figure, motion)], camera)
