"""Nothing connects to the network, or looks up a name, but what the user asked for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vitruvian.cli.demo import packaged_clip
from vitruvian.core.camera import Camera
from vitruvian.export import save_results
from vitruvian.lift.calibration import save_calibration
from vitruvian.media import open_input
from vitruvian.track.tracker import PoseTracker

pytestmark = pytest.mark.weights

PROGRAM = str(Path(sys.executable).with_name("vitruvian"))
COMMANDS = {
    "import": [sys.executable, "-c", "import vitruvian as vt; [getattr(vt, n) for n in dir(vt)]"],
    "photo": [PROGRAM, "track", "photo.png", "-o", "photo.json", "-o", "photo.annotated.png"],
    "video": [PROGRAM, "track", "demo.mp4", "--limit", "5", "-o", "x.jsonl", "-o", "x.mp4"],
    "several": [PROGRAM, "track", "demo.mp4", "photo.png", "--jobs", "2", "-o", "out/{name}.csv"],
    "litert": [PROGRAM, "track", "photo.png", "--backend", "litert", "-o", "photo.npz"],
    "parquet": [PROGRAM, "track", "photo.png", "-o", "photo.parquet"],
    "motion": [PROGRAM, "track", "demo.mp4", "--limit", "20", "-o", "m.glb", "-o", "m.trc"],
    "convert": [PROGRAM, "convert", "poses.jsonl", "c.bvh", "c.dlc.csv", "--camera-space"],
    "analyse": [
        PROGRAM,
        "analyse",
        "demo.mp4",
        "--limit",
        "20",
        "--plot",
        "r.html",
        "--path",
        "p.svg",
    ],
    "triangulate": [
        *(PROGRAM, "triangulate", "a=poses.jsonl", "b=poses.jsonl"),
        *("--calibration", "cameras.toml", "-o", "t.csv"),
    ],
    "evaluate": [PROGRAM, "evaluate", "rendered", "yoga", "--limit", "1", "-m", "lite"],
    "poses": [PROGRAM, "poses", "train", "classes", "classes.csv"],
    "bench": [PROGRAM, "bench", "--model", "lite"],
    "models": [PROGRAM, "models", "list"],
    "mediapipe": [PROGRAM, "run", "program.py"],
}
MEDIAPIPE_PROGRAM = """
import mediapipe as mp, numpy as np
with mp.solutions.pose.Pose() as pose:
    pose.process(np.zeros((64, 64, 3), np.uint8))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    with packaged_clip() as clip, open_input(clip) as source:
        shutil.copy(clip, folder / "demo.mp4")
        frames = list(islice(source, 20, 35))
    photo = Image.fromarray(frames[9].image)
    photo.save(folder / "photo.png")
    for name in ("up", "down"):
        (folder / "classes" / name).mkdir(parents=True)
        photo.save(folder / "classes" / name / "photo.png")
    with PoseTracker("lite") as tracker:
        save_results([tracker.update(frame) for frame in frames], folder / "poses.jsonl")
    a = replace(Camera.from_fov(photo.size), name="a", is_assumed=False)
    save_calibration(
        [a, replace(a, name="b", translation=np.array((0.5, 0, 0)))], folder / "cameras.toml"
    )
    (folder / "program.py").write_text(MEDIAPIPE_PROGRAM)
    return folder


def socket_calls(command: list[str], folder: Path, environment: dict[str, str]) -> list[str]:
    """The calls of a command and its children that make a socket of the internet protocols."""
    trace = folder / "trace.txt"
    traced = ["strace", "-f", "-qq", "-e", "trace=socket", "-o", str(trace), *command]
    done = subprocess.run(
        traced, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return [line for line in trace.read_text().splitlines() if "AF_INET" in line]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment of a user who has never been asked for a consent."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    cache = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
    return {**os.environ, "HOME": str(tmp_path), "XDG_CACHE_HOME": cache}


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_opens_an_internet_socket(
    name: str, folder: Path, environment: dict[str, str]
) -> None:
    if name == "litert":
        pytest.importorskip("ai_edge_litert")
    if name == "parquet":
        pytest.importorskip("pyarrow")
    assert socket_calls(COMMANDS[name], folder, environment) == []
    assert not (Path(environment["HOME"]) / "intel").exists()  # OpenVINO's telemetry keeps an id


def test_the_check_sees_a_name_that_is_looked_up(folder: Path, environment: dict[str, str]) -> None:
    code = (
        "import socket, contextlib\nwith contextlib.suppress(OSError):\n socket.create_connection"
    )
    command = [sys.executable, "-c", code + "(('127.0.0.1', 9), 1)"]
    assert socket_calls(command, folder, environment) != []


def test_the_telemetry_of_openvino_is_not_loaded() -> None:
    code = "import sys, vitruvian.backends.openvino; print('openvino_telemetry' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
