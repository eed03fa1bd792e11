"""Draw docs/images/paths.png: two rendered people from above, as the full model places them.

Run ``python scripts/draw_paths.py`` in the repository. It prints the mean error of each path.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

import vitruvian as vt
from vitruvian.core.camera import Camera
from vitruvian.draw.path import path_image
from vitruvian.lift.placement import placed
from vitruvian.synthetic import Camera as SceneCamera
from vitruvian.synthetic import Figure, Person, Scene, motions

OUTPUT = Path(__file__).resolve().parents[1] / "docs" / "images" / "paths.png"
WH, FOV_DEG, HEIGHT_M = (640, 480), 60.0, 1.75
HIPS = [23, 24]
PEOPLE = [
    Person(
        Figure(HEIGHT_M), motions.walk(1.2, distance_m=2.4), position=(-1.9, -0.5), heading_deg=75
    ),
    Person(Figure(HEIGHT_M), motions.walk(1.0), position=(1.5, -2.0), heading_deg=5),
]
SCENE = Scene(PEOPLE, SceneCamera((0.0, 1.4, 5.0), (0.0, 0.9, 0.0), FOV_DEG))


def main() -> None:
    """Track the people, place them, draw them and print how far off they are."""
    results, truth = [], []
    with vt.PoseTracker("full", num_poses=2, smoothing=0) as tracker:
        for frame, view in SCENE.frames(3.2, 15.0, WH):
            results.append(tracker.update(frame))
            truth.append([person.camera[HIPS].mean(axis=0) for person in view.people])
    camera = Camera.from_fov(WH, FOV_DEG)
    sequence = placed(vt.PoseSequence.from_results(results), camera, height_m=HEIGHT_M)
    for number in sequence.ids.tolist():
        hips = sequence.person(number).camera[:, HIPS].mean(axis=1)
        errors = np.linalg.norm(hips[:, None] - np.array(truth), axis=-1)
        print(f"person {number}: {np.nanmean(errors, axis=0).min():.3f} m")
    Image.fromarray(path_image(sequence, camera, wh=(840, 630))).save(OUTPUT, optimize=True)


if __name__ == "__main__":
    main()
