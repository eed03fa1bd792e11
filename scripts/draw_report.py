"""Draw docs/images/report.webp: the report of a rendered clip, as a browser shows it.

python scripts/draw_report.py   # needs Chromium
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from vitruvian.media.recorder import VideoWriter
from vitruvian.synthetic import Camera, Clothes, Figure, Person, Scene
from vitruvian.synthetic.exercises import exercise

OUT = Path(__file__).resolve().parents[1] / "docs" / "images" / "report.webp"
FPS, SECONDS, WH = 15, 8.0, (480, 600)
SHIRT, TROUSERS, SKIN, HAIR = (30, 112, 140), (60, 62, 78), (176, 124, 92), (40, 30, 26)
PAGE_WH = (1080, 1330)


def main() -> None:
    """Render, analyse, open the page, and save the picture."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("draw_report needs Chromium")
    with tempfile.TemporaryDirectory() as folder:
        video, page, picture = (Path(folder) / n for n in ("squats.mp4", "r.html", "r.png"))
        figure = Figure(clothes=Clothes(SKIN, HAIR, SHIRT, TROUSERS, sleeves=0.9, legs=1.0))
        person = Person(figure, exercise("squat", 3, 2.2), heading_deg=55)
        camera = Camera(position=(0.0, 1.2, 3.7), target=(0.0, 0.86, 0.0), fov_deg=40)
        with VideoWriter(video, WH, fps=FPS) as writer:
            for frame, _ in Scene([person], camera).frames(SECONDS, FPS, WH):
                writer.write(frame.image, frame.timestamp_us)
        program = Path(sys.executable).with_name("vitruvian")
        words = ["analyse", str(video), "--reps", "squat", "--plot", str(page)]
        subprocess.run([program, *words], check=True)
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        command += [f"--screenshot={picture}", f"--window-size={PAGE_WH[0]},{PAGE_WH[1]}"]
        subprocess.run([*command, page.as_uri()], check=True, capture_output=True)
        Image.open(picture).convert("RGB").save(OUT, quality=86, method=6)
    print(f"{OUT}: {OUT.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
