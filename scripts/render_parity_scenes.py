"""Render the pictures and clips on which `scripts/record_mediapipe.py` records MediaPipe.

Run ``python scripts/render_parity_scenes.py`` in the repository. The pixels depend on the machine
(sums are rounded differently), so the pictures are committed, and recordings are only valid
for the pictures that they were made from: record again after this.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np
from PIL import Image

from vitruvian.synthetic import Camera, Clothes, Figure, Person, Posture, Room, Scene, motions

OUTPUT = Path(__file__).resolve().parents[1] / "tests" / "parity" / "recordings"
FPS = 15

TALL = Figure(height_m=1.82, leg_ratio=1.03, clothes=Clothes(shirt=(176, 46, 48)))
SHORT = Figure(
    height_m=1.64, girth=0.95, shoulder_ratio=0.92,
    clothes=Clothes((141, 92, 66), (28, 22, 20), (196, 150, 60), (90, 60, 60), sleeves=1.6),
)  # fmt: skip
BROAD = Figure(
    height_m=1.74, girth=1.15, clothes=Clothes(shirt=(52, 108, 168), trousers=(150, 140, 124))
)
LUNGE = Posture(
    hips=(0.0, -0.22, 0.0),
    lean=(0.1, 0.0, 0.0),
    upper_arms=((1.0, 0.05, 0.0), (-1.0, 0.05, 0.0)),
    forearms=((1.0, 0.1, 0.1), (-1.0, 0.1, 0.1)),
    feet=((0.0, 0.0, 0.45), (0.0, 0.03, -0.45)),
    foot_pitch=(0.0, 0.6),
)


def alone(figure: Figure, motion: motions.Motion, heading_deg: float = 0.0) -> list[Person]:
    """Return one person in the middle of the room."""
    return [Person(figure, motion, heading_deg=heading_deg)]


def sway(time_s: float, _figure: Figure) -> Posture:
    """Bend to the sides with raised forearms."""
    swing = math.sin(2 * math.pi * time_s / 1.6)
    return Posture(
        lean=(0.0, 0.5 * swing, 0.3 * swing),
        upper_arms=((0.9, -0.5, 0.1), (-0.9, -0.5, 0.1)),
        forearms=((0.7, 0.7, 0.2), (-0.7, 0.7, 0.2)),
    )


NEAR = Camera()
WIDE = Camera(position=(0.0, 1.3, 4.5), target=(0.0, 0.95, 0.0))
THREE = [
    Person(TALL, motions.wave(0.8), position=(-1.15, 0.0)),
    Person(SHORT, sway, position=(0.05, 0.1)),
    Person(BROAD, motions.wave(1.1, hand="left"), position=(1.2, 0.0), heading_deg=-20),
]

# name: scene, time in s, width and height
PICTURES = {
    "standing": (Scene(alone(TALL, motions.stand()), NEAR, noise=0), 0.0, (256, 256)),
    "lunge": (Scene(alone(SHORT, motions.stand(LUNGE), 20), NEAR, noise=0), 0.0, (320, 240)),
    "arms_up": (
        Scene(alone(SHORT, motions.jumping_jack(1.2)), Camera(target=(0.0, 1.05, 0.0)), noise=0),
        0.4,
        (240, 320),
    ),
    "cut_off": (
        Scene(alone(SHORT, motions.wave(0.8)), Camera((0.0, 1.4, 1.9), (0.25, 1.25, 0.0)), noise=0),
        0.3,
        (301, 227),
    ),
    "small": (
        Scene(alone(TALL, motions.walk(1.2), 30), Camera((0.8, 1.5, 6.2)), noise=0),
        0.3,
        (400, 300),
    ),
    "turned": (Scene(alone(BROAD, motions.wave()), Camera(roll_deg=90), noise=0), 0.2, (320, 240)),
    "nobody": (Scene([], NEAR, noise=0), 0.0, (256, 256)),
    "three": (Scene(THREE, WIDE, noise=0), 16 / FPS, (400, 240)),
}

LEFT = [Person(TALL, motions.wave(0.8), position=(-0.9, 0.0), heading_deg=20)]
RIGHT = [Person(BROAD, motions.wave(0.8), position=(0.9, 0.0))]
DARK = Room(wall=(96, 112, 104), floor=(84, 78, 74))

# name: parts, each a scene and its number of frames, and width and height
CLIPS = {
    "sways": ([(Scene(alone(BROAD, sway), NEAR, noise=0), 30)], (240, 240)),
    "cuts": (  # the next person is found on the second frame, or at once after an empty one
        [
            (Scene(LEFT, NEAR, noise=0), 8),
            (Scene(RIGHT, NEAR, room=DARK, noise=0), 10),
            (Scene([], NEAR, room=DARK, noise=0), 3),
            (Scene(LEFT, NEAR, noise=0), 7),
        ],
        (256, 192),
    ),
    "group": ([(Scene(THREE, WIDE, noise=0), 20)], (400, 240)),
}


def main() -> None:
    """Render every picture, and each clip as one picture with the frames one below the other."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path, nargs="?", default=OUTPUT)
    folder = parser.parse_args().output
    folder.mkdir(parents=True, exist_ok=True)
    for name, (scene, time_s, wh) in PICTURES.items():
        _write(folder / f"{name}.webp", scene.render(time_s, wh, samples=2).image)
    for name, (parts, wh) in CLIPS.items():
        frames = [
            scene.render(i / FPS, wh, samples=2).image
            for scene, n_frames in parts
            for i in range(n_frames)
        ]
        _write(folder / f"{name}.{len(frames)}.webp", np.concatenate(frames))


def _write(path: Path, pixels: np.ndarray) -> None:
    Image.fromarray(pixels).save(path, lossless=True, quality=100, method=6)
    with Image.open(path) as picture:
        if not np.array_equal(np.asarray(picture.convert("RGB")), pixels):
            raise SystemExit(f"{path} is not lossless")
    print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
