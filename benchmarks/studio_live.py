"""Measure the studio with a camera of the browser: capture to drawn, and the cost of a frame.

python benchmarks/studio_live.py [CLIP] [--model full] [--seconds 20]
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageOps

import vitruvian
from setting import MODELS, default_clip, load_frames, machine_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.sync_api import Page

N_FRAMES = 90
QUALITY = 90
WARM_UP_S = 4
FLAGS = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
STAGES = ("encode", "up", "wait", "decode", "track", "down", "draw", "total", "total_p95")
TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")
COUNT_BYTES = """
window.n_bytes = 0;
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (data) {
  window.n_bytes += data.byteLength ?? data.length;
  send.call(this, data);
};
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the table: how frames are sent, and the size of the window."""

    codec: str
    wh: tuple[int, int]
    window: tuple[int, int]

    @property
    def title(self) -> str:
        """Codec, size of the frames, and what of the page is shown."""
        shown = "whole page" if self.window[0] > 1000 else "picture"
        return f"{self.codec} {self.wh[0]}x{self.wh[1]}, {shown}"


CASES = [
    Case(codec, wh, window)
    for codec, wh in (("jpeg", (640, 480)), ("h264", (1280, 720)))
    for window in ((390, 844), (1440, 900))
]


def main() -> None:
    """Print the times of a frame and the processor time it costs, for each case."""
    args = _arguments()
    print(machine_line())
    print(f"{args.clip.name}, model {args.model}, medians in ms; cpu: ms of processor time a frame")
    columns = [*STAGES, "fps", "kB", "server", "tracker", "browser"]
    print(f"{'':<28}" + "".join(f"{name:>10}" for name in columns), flush=True)
    images = [frame.image for frame in load_frames(args.clip, N_FRAMES)]
    for case in CASES:
        values = measure(case, images, args.model, args.seconds)
        print(
            f"{case.title:<28}" + "".join(f"{values[name]:10.1f}" for name in columns), flush=True
        )


def measure(case: Case, images: Sequence[Any], model: str, seconds: float) -> dict[str, float]:
    """Show a clip to the camera of a browser, and return the values of a row."""
    from playwright.sync_api import sync_playwright

    from vitruvian.studio.options import StudioOptions
    from vitruvian.studio.server import StudioServer
    from vitruvian.studio.state import Studio

    images = [np.asarray(ImageOps.fit(Image.fromarray(image), case.wh)) for image in images]
    options = StudioOptions(tracker=vitruvian.TrackerOptions(model))
    with TemporaryDirectory() as folder, StudioServer(Studio(options)) as server:
        clip = Path(folder) / "camera.mjpeg"
        with clip.open("wb") as file:
            for image in images:
                Image.fromarray(image).save(file, "JPEG", quality=QUALITY)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"),
                args=[*FLAGS, f"--use-file-for-fake-video-capture={clip}"],
            )
            width, height = case.window
            page = browser.new_page(viewport={"width": width, "height": height})
            page.add_init_script(COUNT_BYTES)
            page.goto(server.login_url)
            page.wait_for_selector("html[data-state=ready]")
            values = _watch(page, case.codec, seconds)
            browser.close()
    return values | {"tracker": _tracker_cpu_ms(images, model)}


def _watch(page: Page, codec: str, seconds: float) -> dict[str, float]:
    """Start the camera, wait, and return what a frame took."""
    page.evaluate("codec => vitruvian.store.setSettings({ codec })", codec)
    page.evaluate("vitruvian.actions.startCamera()")
    time.sleep(WARM_UP_S)
    before = _state(page)
    time.sleep(seconds)
    after = _state(page)
    n = after["n"] - before["n"]
    each = {name: (after[name] - before[name]) / n for name in ("kB", "server", "browser")}
    return after["times"] | each | {"fps": n / (after["at"] - before["at"])}


def _state(page: Page) -> dict[str, Any]:
    told = page.evaluate("""() => {
      const { times, historyVersion } = vitruvian.store.state;
      return { times, n: historyVersion, kB: n_bytes / 1000 };
    }""")
    server, browser = time.process_time() * 1000, _children_cpu_ms()
    return told | {"at": time.monotonic(), "server": server, "browser": browser}


def _children_cpu_ms() -> float:
    """Return the processor time of all processes of the browser."""
    parents, used_ms = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().rpartition(")")
        except OSError:  # it has ended
            continue
        fields = rest.split()
        pid = int(stat.parent.name)
        parents[pid] = int(fields[1])
        if "chrom" in name:
            used_ms[pid] = TICK_MS * (int(fields[11]) + int(fields[12]))
    return sum(ms for pid, ms in used_ms.items() if _is_below(pid, os.getpid(), parents))


def _is_below(pid: int, ancestor: int, parents: dict[int, int]) -> bool:
    while pid > 1 and pid != ancestor:
        pid = parents.get(pid, 0)
    return pid == ancestor


def _tracker_cpu_ms(images: Sequence[Any], model: str) -> float:
    """Return the processor time of the tracker alone."""
    with vitruvian.PoseTracker(model) as tracker:
        for step, image in enumerate(images):
            if step == len(images) // 3:
                start = time.process_time()
            tracker.update(vitruvian.Frame(image, timestamp_us=step * 33_333, index=step))
        return 1000 * (time.process_time() - start) / (len(images) - len(images) // 3)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("clip", type=Path, nargs="?", default=default_clip(), help="video (default: %(default)s)")
    add("--model", choices=MODELS, default="full", help="(default: %(default)s)")
    add("--seconds", type=float, default=20, help="of each row (default: %(default)s)")
    if sys.platform != "linux":
        parser.error("needs Linux: processor times are read from /proc")
    return parser.parse_args()


if __name__ == "__main__":
    main()
