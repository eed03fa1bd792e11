"""Draw docs/images/animation.webp: a clip, and the animated figure made of it, in three.js.

Run ``python scripts/draw_animation.py NODE_MODULES`` in the repository, where NODE_MODULES is a
folder in which ``npm install three`` was run. Chromium must be installed. The clip is rendered, so
that no picture of a person is needed; model heavy tracks it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

import vitruvian as vt
from vitruvian.synthetic import Camera, Clothes, Figure, Person, Posture, Room, Scene
from vitruvian.synthetic.posture import blended

OUTPUT = Path(__file__).resolve().parents[1] / "docs" / "images" / "animation.webp"
PAGE = Path(__file__).with_name("draw_animation.html")
FPS, STEP_S, SHOWN_S = 30.0, 0.8, (0.0, 0.8, 1.6, 2.4, 3.2)
CLIP_WH, THUMBNAIL_WH, FIGURES_WH = (480, 480), (300, 330), (1600, 620)
CAMERA = Camera(position=(0.0, 1.15, 4.6), target=(0.0, 1.0, 0.0), fov_deg=33)
DANCER = Figure(height_m=1.74, clothes=Clothes(shirt=(196, 64, 58), trousers=(44, 58, 92)))
POSTURES = (
    Posture(),
    Posture(  # arms like wings, a knee lifted
        lean=(0.05, 0.05, 0.2),
        upper_arms=((0.95, 0.35, 0.1), (-0.95, 0.35, 0.1)),
        forearms=((0.6, 0.8, 0.2), (-0.6, 0.8, 0.2)),
        feet=((0.0, 0.0, 0.0), (0.02, 0.32, 0.22)),
        foot_pitch=(0.0, 0.6),
    ),
    Posture(  # a lunge to the left, arms along a line
        hips=(0.16, -0.2, 0.0),
        lean=(0.0, 0.25, 0.1),
        head=(0.0, 0.0, 0.5),
        upper_arms=((0.95, 0.1, 0.2), (-0.85, 0.5, 0.0)),
        forearms=((0.97, 0.15, 0.1), (-0.8, 0.6, 0.1)),
        feet=((0.42, 0.0, 0.0), (-0.3, 0.0, 0.0)),
        foot_yaw=(0.7, 0.1),
    ),
    Posture(  # a squat with the hands in front
        hips=(0.0, -0.3, -0.12),
        lean=(0.45, 0.0, -0.25),
        upper_arms=((0.3, -0.1, 0.9), (-0.3, -0.1, 0.9)),
        forearms=((-0.5, 0.4, 0.8), (0.5, 0.4, 0.8)),
        feet=((0.12, 0.0, 0.0), (-0.12, 0.0, 0.0)),
        foot_yaw=(0.5, 0.5),
    ),
    Posture(  # stretched, one arm up
        hips=(-0.05, 0.02, 0.0),
        lean=(-0.05, -0.22, 0.0),
        head=(-0.2, -0.2, -0.3),
        upper_arms=((0.3, 0.95, 0.05), (-0.7, -0.7, 0.2)),
        forearms=((-0.15, 1.0, 0.05), (0.75, -0.5, 0.5)),
        feet=((0.3, 0.02, 0.0), (0.0, 0.0, 0.0)),
        foot_pitch=(0.5, 0.0),
    ),
)


def dance(time_s: float, _figure: Figure) -> Posture:
    """Return the posture between two of `POSTURES`."""
    at = min(max(time_s / STEP_S, 0.0), len(POSTURES) - 1.001)
    one, other = list(pairwise(POSTURES))[int(at)]
    part = at % 1.0
    return blended(one, other, part * part * (3 - 2 * part))


def tracked(path: Path) -> list[Image.Image]:
    """Track the rendered clip, write the figure to a path, and return the frames that are shown."""
    scene = Scene([Person(DANCER, dance)], CAMERA, room=Room())
    shown = {round(time_s * FPS) for time_s in SHOWN_S}
    pictures = []
    with vt.PoseTracker("heavy", smoothing=0) as tracker, vt.open_output(path) as sink:
        for frame, _ in scene.frames(max(SHOWN_S) + 1 / FPS, FPS, CLIP_WH):
            result = tracker.update(frame)
            sink.write(result)
            if frame.index in shown:
                image = scene.render(frame.index / FPS, CLIP_WH, samples=3).image
                pictures.append(Image.fromarray(vt.draw_poses(image, result)))
    return pictures


def figures(glb: Path, modules: Path, folder: Path) -> Image.Image:
    """Return what three.js draws of a file, in Chromium without a window."""
    served = folder / "served"
    served.mkdir()
    shutil.copy(PAGE, served / "page.html")
    shutil.copy(glb, served / "figure.glb")
    shutil.copytree(modules / "three" / "build", served / "three")
    shutil.copytree(modules / "three" / "examples" / "jsm", served / "addons")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(served)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    times = ",".join(map(str, SHOWN_S))
    width, height = FIGURES_WH
    picture = folder / "figures.png"
    command = [
        *("chromium", "--headless=new", "--no-sandbox", "--hide-scrollbars"),
        *("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"),
        *(f"--window-size={width},{height + 200}", "--virtual-time-budget=20000"),
        f"--screenshot={picture}",
        f"http://127.0.0.1:{server.server_address[1]}/page.html?times={times}&height={height}",
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    server.shutdown()
    return Image.open(picture).convert("RGB").crop((0, 0, width, height))


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Print nothing."""


def main() -> None:
    """Render, track, write, draw and save."""
    modules = Path(sys.argv[1]).resolve()
    with TemporaryDirectory() as name:
        folder = Path(name)
        pictures = tracked(folder / "dance.glb")
        drawn = figures(folder / "dance.glb", modules, folder)
    width, height = THUMBNAIL_WH
    sheet = Image.new("RGB", (drawn.width, height + drawn.height), "white")
    left = np.linspace(0, drawn.width, len(pictures) + 1)
    for picture, x in zip(pictures, left, strict=False):
        crop_width = picture.height * width / height
        x0 = (picture.width - crop_width) / 2
        box = (x0, 0.0, x0 + crop_width, float(picture.height))
        column = round(x + (drawn.width / len(pictures) - width) / 2)
        sheet.paste(picture.resize(THUMBNAIL_WH, Image.Resampling.LANCZOS, box=box), (column, 0))
    sheet.paste(drawn, (0, height))
    sheet.save(OUTPUT, quality=86, method=6)


if __name__ == "__main__":
    main()
