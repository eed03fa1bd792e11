"""Draw docs/images/hidden.webp: a person from four sides, with hidden landmarks drawn as hidden.

Run ``python scripts/draw_visibility.py`` in the repository. The upper row shows the visibility that
the network gives, which is MediaPipe's; the lower one is the default.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

import vitruvian as vt
from vitruvian.synthetic import Box, Camera, Person, Scene, motions

OUTPUT = Path(__file__).resolve().parents[1] / "docs" / "images" / "hidden.webp"
CAMERA = Camera(position=(0.0, 1.3, 3.1), target=(0.0, 0.9, 0.0), fov_deg=40)
TABLE = Box((0.0, 0.42, 0.7), (1.2, 0.84, 0.4))
HEADINGS_DEG = (20, 90, 180)


def main() -> None:
    """Render, estimate, draw and save."""
    people = [Person(motion=motions.walk(0.8), heading_deg=heading) for heading in HEADINGS_DEG]
    scenes = [Scene([person], CAMERA) for person in people]
    scenes.append(Scene([Person(heading_deg=10)], CAMERA, [TABLE]))
    images = [scene.render(0.3, (360, 400), samples=3).image for scene in scenes]
    rows = []
    for profile in ("graph", "default"):
        with vt.PoseEstimator("full", profile=profile) as estimator:
            drawn = [vt.draw_poses(image, estimator.detect(image)) for image in images]
        rows.append(np.concatenate(drawn, axis=1))
    Image.fromarray(np.concatenate(rows)).save(OUTPUT, quality=88)


if __name__ == "__main__":
    main()
