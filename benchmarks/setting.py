"""Common parts of the benchmarks: the default clip and the description of the machine."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

import vitruvian

__all__ = ["MODELS", "REPOSITORY", "default_clip", "load_frames", "machine", "machine_line"]

REPOSITORY = Path(__file__).resolve().parents[1]
MODELS = ("lite", "full", "heavy")


def default_clip() -> Path:
    """Return the test data's 1080p clip of one man balancing, else the packaged demo clip."""
    folder = os.environ.get("VITRUVIAN_TESTDATA", REPOSITORY.parent / "shared" / "testdata")
    balance = Path(folder) / "clips" / "balance_cam01.mp4"
    demo = next(iter((REPOSITORY / "src" / "vitruvian" / "data").glob("*.mp4")), balance)
    return balance if balance.exists() else demo


def load_frames(clip: Path, count: int) -> list[vitruvian.Frame]:
    """Return the first `count` frames of a video, decoded."""
    with vitruvian.open_input(clip) as source:
        return list(islice(source, count))


def machine() -> dict[str, Any]:
    """Return the processor, its cores, the system and the versions of the libraries."""
    packages = ("openvino", "numpy")
    return {
        "cpu": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {package: version(package) for package in packages},
    }


def _processor() -> str:
    """Return the name of the processor with its family and model.

    Virtual machines shorten the name: "AMD EPYC" is a Zen 3 or 4 if the family is 25.
    """
    first = Path("/proc/cpuinfo").read_text().partition("\n\n")[0]
    entries = (line.partition(":") for line in first.split("\n"))
    info = {key.strip(): value.strip() for key, _, value in entries}
    if "model name" not in info:  # ARM
        return platform.machine()
    return "{model name} (family {cpu family}, model {model})".format(**info)


def machine_line() -> str:
    """Return the machine in one line."""
    here = machine()
    versions = ", ".join(f"{name} {number}" for name, number in here["versions"].items())
    return f"{here['cpu']}, {here['cores']} cores; Python {here['python']}, {versions}"
