"""Programs that PyInstaller has frozen, without options for this package."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from vitruvian import __pyinstaller as hooks

NATIVE = """
from importlib.resources import files
import vitruvian as vt
from vitruvian import native
from vitruvian.compat import depthai_blazepose, tfjs

clip = next(p for p in files("vitruvian").joinpath("data").iterdir() if p.name.endswith(".mp4"))
with vt.PoseTracker("lite", num_poses=2) as tracker, vt.open_input(clip) as frames:
    for frame in frames:
        tracker.update(frame)
        break
print(bool(native.core))
"""
DROP_IN = """
import mediapipe as mp
import numpy as np
from mediapipe.tasks.python import vision

with mp.solutions.pose.Pose(model_complexity=0) as pose:
    print(pose.process(np.zeros((64, 64, 3), np.uint8)).pose_landmarks, vision.RunningMode.IMAGE)
"""


def test_the_entry_point_leads_to_the_hooks() -> None:
    (folder,) = map(Path, hooks.hook_dirs())
    assert {path.name for path in folder.iterdir()} >= {
        "hook-openvino.py",
        "hook-vitruvian.py",
        "pre_safe_import_module",
        "rthooks",
        "rthooks.dat",
    }


@pytest.mark.slow
@pytest.mark.weights
@pytest.mark.parametrize(
    ("program", "printed"), [(NATIVE, "True\n"), (DROP_IN, "None VisionTaskRunningMode.IMAGE\n")]
)
def test_a_frozen_program_runs(tmp_path: Path, program: str, printed: str) -> None:
    pytest.importorskip("PyInstaller", reason="needs PyInstaller")
    (tmp_path / "program.py").write_text(dedent(program))
    command = [sys.executable, "-m", "PyInstaller", "--log-level", "ERROR"]
    command += ["--additional-hooks-dir", *hooks.hook_dirs()]  # also if not installed by pip
    subprocess.run([*command, "program.py"], cwd=tmp_path, check=True, timeout=600)
    done = subprocess.run(
        [tmp_path / "dist/program/program"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.returncode) == (printed, 0), done.stderr
