"""Measure the time from the start of `vitruvian studio CLIP` until its page is shown in Chromium.

python benchmarks/studio_start.py [CLIP] [--runs 5]
"""

from __future__ import annotations

import argparse
import re
import shutil
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from setting import default_clip, machine_line

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PROGRAM = Path(sys.executable).with_name("vitruvian")
URL = re.compile(r"http\S+/login\?token=\S+")


def main() -> None:
    """Start the studio several times, and print the times."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("clip", nargs="?", type=Path, default=default_clip())
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    print(machine_line())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        runs = [measured(browser, args.clip) for _ in range(args.runs)]
        browser.close()
    print("| s | minimum | median |\n|---|---|---|")
    for at, label in enumerate(("URL printed", "page shown", "Ctrl-C to end")):
        times = [run[at] for run in runs]
        print(f"| {label} | {min(times):.2f} | {statistics.median(times):.2f} |")


def measured(browser: Browser, clip: Path) -> tuple[float, float, float]:
    """Return the times until the URL and the page are shown, and that of the end, s."""
    page = browser.new_page()
    start = time.perf_counter()
    process = subprocess.Popen(
        [PROGRAM, "studio", clip, "--no-browser", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    url = next(match[0] for line in process.stdout or () if (match := URL.search(line)))
    printed = time.perf_counter()
    page.goto(url)
    page.wait_for_selector("html[data-state=ready]")
    shown = time.perf_counter()
    page.close()
    stop = time.perf_counter()
    process.send_signal(signal.SIGINT)
    process.communicate()
    return printed - start, shown - start, time.perf_counter() - stop


if __name__ == "__main__":
    main()
