"""Run the programs of the tests under MediaPipe 0.10.21 and here, and compare their output.

python benchmarks/programs.py [PROGRAM...] [--record]

The programs are in tests/compat/programs; --record writes the output under MediaPipe to
recorded.json.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from setting import REPOSITORY, default_clip, machine_line
from side_env import bundle, make_env
from vitruvian.models.store import find_models

PROGRAMS = REPOSITORY / "tests" / "compat" / "programs"
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
VITRUVIAN = [sys.executable, "-c", "from vitruvian.cli.main import run; run()", "run"]
TODAY = (  # current spelling of the one program that is older than 0.10.21
    "self.mode, self.upBody, self.smooth, self.detectionCon, self.trackCon\n",
    "self.mode, 1, self.smooth, False, True, self.detectionCon, self.trackCon\n",
)


def main() -> None:
    """Print a row per program."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", nargs="*")
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    recorded = json.loads((PROGRAMS / "recorded.json").read_text())
    legacy = make_env("mediapipe-0.10.21", "mediapipe==0.10.21", newest_minor=12)
    task = str(bundle(legacy, find_models("lite")))
    print(machine_line())
    print(f"{'program':20} {'MediaPipe s':>11} {'here s':>7}  what they print")
    for name in options.program or recorded:
        case = recorded[name]
        args = [_found(arg) for arg in case["args"]]
        theirs = [task if arg == "lite" else arg for arg in args]
        there, there_s = _printed([str(legacy.python)], name, theirs)
        here, here_s = _printed(VITRUVIAN, name, args)
        print(f"{name:20} {there_s:11.1f} {here_s:7.1f}  {_verdict(there, here)}")
        if options.record:
            case["prints"] = there.splitlines()
    if options.record:
        (PROGRAMS / "recorded.json").write_text(json.dumps(recorded, indent=2) + "\n")


def _found(arg: str) -> str:
    """Return an argument, as a path if it names test data."""
    path = default_clip().parents[1] / arg
    return str(path) if path.is_file() else arg


def _printed(command: list[str], name: str, args: list[str]) -> tuple[str, float]:
    """Return a program's output and the seconds it took."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, f"{name}.py")
        text = (PROGRAMS / program.name).read_text()
        program.write_text(text if command is VITRUVIAN else text.replace(*TODAY))
        env: dict[str, Any] = os.environ | {"GLOG_minloglevel": "3"}
        start = time.perf_counter()
        done = subprocess.run(
            [*command, program, *args],
            cwd=folder,
            env=env,
            check=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        return done.stdout, time.perf_counter() - start


def _verdict(there: str, here: str) -> str:
    if there == here:
        return "the same"
    if NUMBER.sub("#", there) != NUMBER.sub("#", here):
        return "DIFFERS"
    pairs = zip(NUMBER.findall(there), NUMBER.findall(here), strict=True)
    return f"the same but numbers, by up to {max(abs(float(a) - float(b)) for a, b in pairs):.2g}"


if __name__ == "__main__":
    main()
