"""Draw docs/images/exercises.webp: the turn of each rendered exercise, with its angle.

python scripts/draw_exercises.py
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

import vitruvian as vt
from vitruvian.analysis.exercises import exercise_angles
from vitruvian.synthetic import Camera, Figure, Person, Scene
from vitruvian.synthetic.exercises import EXERCISES, exercise

OUTPUT = Path(__file__).resolve().parents[1] / "docs" / "images" / "exercises.webp"
WH = (300, 300)
PER_ROW = 5


def main() -> None:
    """Render, track and draw."""
    with vt.PoseEstimator("full") as estimator:
        tiles = [tile(name, estimator) for name in EXERCISES]
    rows = [np.hstack(tiles[i : i + PER_ROW]) for i in range(0, len(tiles), PER_ROW)]
    Image.fromarray(np.vstack(rows)).save(OUTPUT, quality=80, method=6)


def tile(name: str, estimator: vt.PoseEstimator) -> np.ndarray:
    """Return the image of an exercise at its turn, with the pose drawn."""
    back = 0.55 if name == "push_up" else 0.0
    person = Person(Figure(), exercise(name, 1, rest_s=0), (-back, -back), heading_deg=45)
    is_low = name in ("push_up", "sit_up")
    camera = Camera((0.0, 1.2, 3.3), (0.0, 0.35 if is_low else 1.12, 0.0), fov_deg=43)
    image = Scene([person], camera, noise=0).render(1.0, WH, samples=2).image
    result = estimator.detect(image)
    angle, _ = exercise_angles(result.pose, name)
    note = f"{name.replace('_', ' ')} {angle:.0f}°"
    return vt.draw_poses(image, replace(result, notes=(note,)))


if __name__ == "__main__":
    main()
