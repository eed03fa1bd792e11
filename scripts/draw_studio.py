"""Take the pictures of the studio for the documentation, in Chromium without a window.

Run ``python scripts/draw_studio.py`` in the repository, with the extra ``studio`` and Playwright
installed. The video is the rendered scene of `draw_readme_picture`; rendering takes some minutes.
"""

from __future__ import annotations

import argparse
import io
import shutil
import time
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from rich.progress import track

from draw_readme_picture import LOOP_S, SCENE
from vitruvian.engine.options import TrackerOptions
from vitruvian.media.recorder import VideoWriter
from vitruvian.studio.options import StudioOptions
from vitruvian.studio.server import StudioServer
from vitruvian.studio.state import Studio

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
FLAGS = ["--no-sandbox", "--enable-unsafe-swiftshader"]
VIDEO_WH, FPS = (1280, 576), 25
LIMIT_S = 120
IS_DONE = "vitruvian.store.state.job?.state === 'done' && vitruvian.store.state.shown !== null"


class Shot(NamedTuple):
    """A picture of the page."""

    name: str
    wh: tuple[int, int]
    scheme: str
    settings: dict[str, object]
    scale: float = 1.0


SHOTS = (
    Shot("studio.webp", (1440, 900), "light", {"exercise": "squat", "person": 0, "follow": False}),
    Shot("studio_dark.webp", (1440, 900), "dark", {"trail": True, "box": True, "score": True}),
    Shot("studio_phone.webp", (390, 844), "light", {"exercise": "squat", "person": 0}, 1.5),
)


def render(path: Path) -> None:
    """Write one loop of the scene as a video."""
    with VideoWriter(path, VIDEO_WH, fps=Fraction(FPS)) as video:
        for i in track(range(round(LOOP_S * FPS)), description="rendering"):
            image = SCENE.render(i / FPS, VIDEO_WH).image
            video.write(image, round(1e6 * i / FPS))


def take(browser: Browser, server: StudioServer, shot: Shot, time_s: float) -> Image.Image:
    """Return a picture of the page at a time of the video."""
    width, height = shot.wh
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=shot.scheme,
        device_scale_factor=shot.scale,
        is_mobile=width < height,
        has_touch=width < height,
    )
    page = context.new_page()
    page.goto(server.login_url)
    page.wait_for_selector("html[data-state=ready]")
    end_s = time.monotonic() + LIMIT_S
    while not page.evaluate(IS_DONE):
        if time.monotonic() > end_s:
            raise TimeoutError(f"the video was not tracked in {LIMIT_S} s")
        time.sleep(0.1)
    page.evaluate("(changed) => vitruvian.store.setSettings(changed)", shot.settings)
    page.evaluate("(time_us) => vitruvian.actions.seek(time_us)", round(1e6 * time_s))
    page.wait_for_timeout(1000)
    picture = Image.open(io.BytesIO(page.screenshot()))
    context.close()
    return picture


def main() -> None:
    """Render the video, track it in the studio, and save the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--video", type=Path, help="a video that was rendered before")
    parser.add_argument("--time", type=float, default=4.6, help="time of the pictures, s")
    args = parser.parse_args()
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        video = args.video or Path(folder) / "people.mp4"
        if not video.exists():
            render(video)
        tracker = TrackerOptions("full", num_poses=len(SCENE.people))
        options = StudioOptions(tracker=tracker, inputs=(str(video),))
        with StudioServer(Studio(options)) as server:
            program = shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
            for shot in SHOTS:
                path = IMAGES / shot.name
                take(browser, server, shot, args.time).save(path, quality=80, method=6)
                print(f"{path}: {path.stat().st_size} bytes")
            browser.close()


if __name__ == "__main__":
    main()
