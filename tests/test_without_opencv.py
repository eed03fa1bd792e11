"""The package works in a Python that has no OpenCV; only MediaPipe's drawing functions need it."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from vitruvian.cli.demo import packaged_clip
from vitruvian.export import load_results
from vitruvian.media import open_input

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NO_OPENCV = "import sys; sys.modules['cv2'] = None\n"  # `import cv2` is a ModuleNotFoundError
EXTRAS = {"ai_edge_litert", "motmetrics", "pillow_heif", "pyarrow", "scipy"}
N_FRAMES = 16  # of the demo clip; the person enters in frame 10


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with ``demo.mp4`` and one of its frames with a person, ``photo.png``."""
    with packaged_clip() as clip:
        (tmp_path / "demo.mp4").write_bytes(clip.read_bytes())
    with open_input(tmp_path / "demo.mp4") as source:
        frame = next(frame for frame in source if frame.index == 29)
    Image.fromarray(frame.image).save(tmp_path / "photo.png")
    return tmp_path


def printed(program: str, folder: Path) -> list[str]:
    """Run a program in a Python without OpenCV; return the lines that it prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", NO_OPENCV + dedent(program)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_no_import_of_a_module_needs_opencv(tmp_path: Path) -> None:
    program = """
    import importlib, pkgutil, vitruvian

    for module in pkgutil.walk_packages(vitruvian.__path__, "vitruvian."):
        try:
            importlib.import_module(module.name)
        except ImportError as err:
            print(err.name)
    """
    assert set(printed(program, tmp_path)) <= EXTRAS


@pytest.mark.weights
def test_estimator_finds_a_person_and_the_result_is_written_as_an_image(folder: Path) -> None:
    program = """
    import vitruvian

    frame = next(iter(vitruvian.open_input("photo.png")))
    result = vitruvian.PoseEstimator("lite").detect("photo.png")
    with vitruvian.open_output("drawn.png") as sink:
        sink.write(result, frame)
    print(len(result), vitruvian.draw_poses(frame.image, result).shape)
    """
    assert printed(program, folder) == ["1 (480, 640, 3)"]
    drawn, photo = (Image.open(folder / name) for name in ("drawn.png", "photo.png"))
    assert drawn.size == photo.size
    assert drawn.tobytes() != photo.tobytes()


@pytest.mark.weights
def test_tracker_follows_a_person_and_writes_an_annotated_video(folder: Path) -> None:
    program = f"""
    import vitruvian

    tracker = vitruvian.PoseTracker("lite")
    video, poses = map(vitruvian.open_output, ["drawn.mp4", "poses.csv"])
    with vitruvian.open_input("demo.mp4") as frames, video, poses:
        for frame, _ in zip(frames, range({N_FRAMES})):
            result = tracker.update(frame)
            video.write(result, frame)
            poses.write(result)
    """
    assert printed(program, folder) == []
    assert len(load_results(folder / "poses.csv")[-1]) == 1
    with open_input(folder / "drawn.mp4") as source:
        assert (source.wh, sum(1 for _ in source)) == ((640, 480), N_FRAMES)


@pytest.mark.weights
def test_program_for_mediapipe_finds_a_person_and_drawing_names_the_package_to_install(
    folder: Path,
) -> None:
    program = """
    import numpy as np
    from PIL import Image
    import vitruvian.compat

    vitruvian.compat.install()
    import mediapipe as mp

    image = np.array(Image.open("photo.png"))
    with mp.solutions.pose.Pose(static_image_mode=True, model_complexity=0) as pose:
        found = pose.process(image).pose_landmarks
    print(len(found.landmark))
    try:
        mp.solutions.drawing_utils.draw_landmarks(image, found, mp.solutions.pose.POSE_CONNECTIONS)
    except ImportError as err:
        print(type(err).__name__, err.name)
        print(err)
    """
    assert printed(program, folder) == [
        "33",
        "BackendUnavailableError cv2",
        "drawing landmarks needs OpenCV, which is not installed: pip install opencv-python",
    ]


@pytest.mark.weights
def test_renderer_of_depthai_blazepose_names_the_package_before_the_first_frame(
    folder: Path,
) -> None:
    program = """
    from vitruvian.compat.depthai_blazepose import BlazeposeDepthai, BlazeposeRenderer

    tracker = BlazeposeDepthai("photo.png", lm_model="lite")
    try:
        BlazeposeRenderer(tracker)
    except ImportError as err:
        print(type(err).__name__, err.name)
        print(err)
    """
    assert printed(program, folder) == [
        "BackendUnavailableError cv2",
        "drawing with BlazeposeRenderer needs OpenCV, which is not installed: "
        "pip install opencv-python",
    ]


@pytest.mark.weights
def test_command_track_writes_landmarks_and_an_annotated_video(folder: Path) -> None:
    words = ["track", "demo.mp4", "-m", "lite", "--limit", str(N_FRAMES)]
    program = f"""
    sys.argv[1:] = {words}
    from vitruvian.cli.entry import main
    main()
    """
    lines = printed(program, folder)
    assert lines[0].startswith(f"demo.mp4: {N_FRAMES} frames, people in 7")
    assert lines[1:] == ["wrote demo.annotated.mp4", "wrote demo.jsonl"]
