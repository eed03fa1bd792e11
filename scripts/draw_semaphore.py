"""Draw docs/images/semaphore.png: every letter as signalled by the mannequin and as recognised.

Run ``python scripts/draw_semaphore.py`` in the repository.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

import vitruvian as vt
from vitruvian.analysis.semaphore import semaphore_letter
from vitruvian.core.semaphore import SEMAPHORE
from vitruvian.synthetic import Camera, Person, Scene, motions

OUTPUT = Path(__file__).resolve().parents[1] / "docs" / "images" / "semaphore.png"
CAMERA = Camera(position=(0.0, 1.25, 3.2), target=(0.0, 1.12, 0.0))
TILE_WH = (330, 390)
SHRINK = 3
COLUMNS = 9
INK = (20, 24, 30)
COLORS = 200


def main() -> None:
    """Render each letter and rest, estimate the pose, write the recognised letter."""
    font = ImageFont.load_default(60)
    tiles = []
    with vt.PoseEstimator("full") as estimator:
        for sign in (*SEMAPHORE, " "):
            scene = Scene([Person(motion=motions.semaphore(sign))], CAMERA)
            image = scene.render(1.0, TILE_WH).image
            result = estimator.detect(image)
            tile = Image.fromarray(vt.draw_poses(image, result))
            letter = None if result.pose is None else semaphore_letter(result.pose)
            ImageDraw.Draw(tile).text((14, 318), letter or "rest", INK, font)
            tiles.append(np.pad(tile, ((0, SHRINK), (0, SHRINK), (0, 0)), constant_values=255))
    rows = [np.hstack(tiles[i : i + COLUMNS]) for i in range(0, len(tiles), COLUMNS)]
    chart = Image.fromarray(np.vstack(rows)).reduce(SHRINK)
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    chart.quantize(COLORS, dither=Image.Dither.NONE).save(OUTPUT, optimize=True)
    print(f"{OUTPUT}: {chart.width}x{chart.height}, {OUTPUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
