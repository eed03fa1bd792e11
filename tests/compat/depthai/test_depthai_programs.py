"""Programs written for depthai_blazepose run unmodified, on a virtual OAK camera."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import vitruvian as vt
from vitruvian.compat.depthai_blazepose.networks import DEVICE_VARIABLE
from vitruvian.core.semaphore import SEMAPHORE
from vitruvian.media.recorder import VideoWriter
from vitruvian.synthetic import Camera, Person, Scene, motions

PROGRAMS = Path(__file__).with_name("programs")
RUN = [sys.executable, "-c", "from vitruvian.cli.entry import main; main()", "run"]
ZONE = (180, 0, 180)
N_FRAMES = 6


def run(folder: Path, name: str, *words: object, device: str = "virtual") -> str:
    """Return what a program prints under ``vitruvian run``, without a display."""
    return outputs(folder, name, *words, device=device)[0]


def outputs(folder: Path, name: str, *words: object, device: str = "virtual") -> tuple[str, str]:
    """Return the standard output and the standard error of a program."""
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", DEVICE_VARIABLE)
    environment = {k: v for k, v in os.environ.items() if k not in hidden}
    done = subprocess.run(
        [*RUN, str(PROGRAMS / f"{name}.py"), *map(str, words)],
        cwd=folder,
        env=environment | ({DEVICE_VARIABLE: device} if device else {}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout, done.stderr


def frames_of(video: Path) -> list[np.ndarray]:
    with vt.open_input(video) as source:
        return [frame.image for frame in source]


@pytest.mark.weights
@pytest.mark.parametrize("mode", ["host", "edge"])
def test_a_demo_measures_and_shows_a_person(tmp_path: Path, mode: str) -> None:
    words = ["--frames", N_FRAMES, "--lm_m", "lite", "--internal_frame_height", 270]
    words += ["-xyz", "-3", "mixed", "-o", "seen.avi", *(["-e"] if mode == "edge" else [])]
    told = run(tmp_path, "follow_me", *words)
    places = re.findall(r"^mid_hips (-?\d+) (-?\d+) (\d+)$", told, re.M)
    assert len(places) >= N_FRAMES - 1
    for x, y, z in np.array(places, int):
        assert abs(x) < 300
        assert abs(y) < 600
        assert 3000 < z < 4500
    assert f"(# frames = {N_FRAMES})" in told
    assert ("after landmarks ROI prediction" in told) == (mode == "edge")
    pictures = frames_of(tmp_path / "seen.avi")
    assert [picture.shape for picture in pictures] == [(270, 480, 3)] * N_FRAMES
    assert (np.abs(pictures[-1].astype(int) - ZONE).sum(axis=2) < 60).any()


@pytest.mark.weights
def test_a_demo_takes_every_option_of_the_original(tmp_path: Path) -> None:
    words = ["-e", "-i", "rgb_laconic", "-c", "--no_smoothing", "-f", 20, "-t"]
    words += ["--internal_frame_height", 288, "--force_detection", "-3", "image", "-o", "seen.mp4"]
    told = run(tmp_path, "follow_me", "--frames", 3, "--lm_m", "lite", *words)
    assert "# landmark inferences       : 3 - # after pose detection: 3 -" in told
    pictures = frames_of(tmp_path / "seen.mp4")
    assert [picture.shape for picture in pictures] == [(288, 288, 3)] * 3
    assert not (tmp_path / "tmp_code.py").exists()


@pytest.mark.weights
def test_a_demo_runs_on_a_file_without_a_camera(tmp_path: Path) -> None:
    clip = Path(vt.__file__).parent / "data" / "demo.mp4"
    told = run(tmp_path, "follow_me", "-i", clip, "--lm_m", "lite", "--frames", 5, device="")
    assert "(# frames = 5)" in told


@pytest.mark.weights
@pytest.mark.parametrize("mode", ["host", "edge"])
def test_trace_shows_each_frame_on_standard_error(tmp_path: Path, mode: str) -> None:
    words = ["--internal_frame_height", 288, "--lm_m", "lite", "--frames", 3]
    words += ["-e"] if mode == "edge" else []
    _, told = outputs(tmp_path, "follow_me", *words, "-t")
    assert len(re.findall(r"frame \d+ at \d+ us: ", told)) == 3
    assert ("landmark score" in told) == (mode == "edge")
    _, told = outputs(tmp_path, "follow_me", *words)
    assert " us: " not in told


@pytest.mark.weights
def test_a_semaphore_demo_reads_the_arms_of_a_person(tmp_path: Path) -> None:
    person = Person(motion=motions.semaphore("R", letter_s=0.5))
    scene = Scene([person], Camera((0.0, 1.1, 3.0), (0.0, 0.9, 0.0), fov_deg=68.8))
    with VideoWriter(tmp_path / "arms.mp4", (480, 270), fps=10) as video:
        for i in range(3):
            image = scene.render(5.0 + i / 10, (480, 270)).image
            video.write(image, i * 100_000)
    folder = tmp_path / "examples" / "arms"
    folder.mkdir(parents=True)
    words = ["-m", "lite", "-o", "arms.mp4", "--frames", 3]
    told = run(folder, "arm_signals", *words, device=f"virtual:{tmp_path / 'arms.mp4'}")
    right, left = SEMAPHORE["R"]
    assert told.splitlines()[-1] == f"{right} {left}"
    assert frames_of(folder / "arms.mp4")[0].shape == (1008, 1792, 3)
