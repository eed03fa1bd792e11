"""Programs that PyInstaller has frozen, without options for this package."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from vitruvian import __pyinstaller as hooks
from vitruvian.backends import openvino_graph
from vitruvian.oak.blobs import openvino_2021
from vitruvian.oak.device import edge_script

NATIVE = """
from importlib.resources import files
from pathlib import Path
import vitruvian as vt
from vitruvian import native
from vitruvian.compat import depthai_blazepose, tfjs
from vitruvian.oak import OakOptions
from vitruvian.oak.blobs import openvino_2021
from vitruvian.oak.script import edge_script

clip = next(p for p in files("vitruvian").joinpath("data").iterdir() if p.name.endswith(".mp4"))
with vt.PoseTracker("lite", num_poses=2) as tracker, vt.open_input(clip) as frames:
    for frame in frames:
        tracker.update(frame)
        break
script = edge_script(OakOptions(mode="edge"), vt.TrackerOptions())
print(bool(native.core), "run()" in script, Path(openvino_2021.__file__).is_file())
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


def test_modules_whose_source_is_needed_are_collected_as_source() -> None:
    (folder,) = map(Path, hooks.hook_dirs())
    tree = ast.parse((folder / "hook-vitruvian.py").read_text())
    (modes,) = (
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "module_collection_mode"
    )
    assert modes == {
        openvino_graph.__name__: "pyz+py",
        edge_script.__name__: "py",
        openvino_2021.__name__: "py",
    }


@pytest.mark.slow
@pytest.mark.weights
@pytest.mark.parametrize(
    ("program", "printed"),
    [(NATIVE, "True True True\n"), (DROP_IN, "None VisionTaskRunningMode.IMAGE\n")],
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
