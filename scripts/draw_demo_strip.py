"""Draw docs/images/demo.png: moments of the packaged clip with the poses found in them.

Run ``python scripts/draw_demo_strip.py`` in the repository.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np
from PIL import Image

import vitruvian as vt

OUTPUT = Path(__file__).resolve().parents[1] / "docs" / "images" / "demo.png"
MOMENTS = (26, 80, 112, 160, 184)  # of the clip: walk, wave, squat, jump, turn
WINDOW_WH = (250, 445)
GAP = 4  # px between two moments
TOP = 10  # px of the clip that are cut off
WIDTH = 1000  # px of the strip
COLORS = 200


def main() -> None:
    """Track the clip, cut a window around the person at each moment, write the strip."""
    tiles = []
    gap = np.full((WINDOW_WH[1], GAP, 3), 255, np.uint8)
    clip = str(files("vitruvian") / "data" / "demo.mp4")
    with vt.open_input(clip) as frames, vt.PoseTracker("full") as tracker:
        for frame in frames:
            result = tracker.update(frame)
            if frame.index not in MOMENTS or result.pose is None:
                continue
            width, height = WINDOW_WH
            left = round(result.pose.landmarks[[23, 24], 0].mean()) - width // 2
            left = min(max(left, 0), frame.width - width)
            drawn = vt.draw_poses(frame.image, result)
            tiles += [drawn[TOP : TOP + height, left : left + width], gap]
    strip = Image.fromarray(np.hstack(tiles[:-1]))
    strip = strip.resize(
        (WIDTH, round(strip.height * WIDTH / strip.width)), Image.Resampling.LANCZOS
    )
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    strip.quantize(COLORS, dither=Image.Dither.NONE).save(OUTPUT, optimize=True)
    print(f"{OUTPUT}: {strip.width}x{strip.height}, {OUTPUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
