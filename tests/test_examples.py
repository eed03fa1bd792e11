"""Every example is short, defines nothing, and runs."""

from __future__ import annotations

import ast
import runpy
import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).resolve().parents[1] / "examples"
EXAMPLES = sorted(FOLDER.glob("*.py"))
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
# Arguments and output files of each example; those without output files only print.
INPUTS = {
    "camera.py": "walk.mp4",  # instead of the number of a camera
    "compare_profiles.py": "walk.mp4",
    "count_squats.py": "walk.mp4",
    "cut_out.py": "photo.png",
    "depth_image.py": None,
    "depthai_blazepose.py": "walk.mp4",
    "fall.py": "walk.mp4",
    "knee_angle.py": "walk.mp4",
    "live.py": "walk.mp4",
    "mannequin.py": None,
    "neck_inclination.py": "walk.mp4",
    "people.py": "walk.mp4",
    "photo.py": "photo.png",
    "semaphore.py": None,
    "studio.py": "walk.mp4",
    "video_to_table.py": "walk.mp4",
}
OUTPUTS = {
    "cut_out.py": {"cut_out.png"},
    "depthai_blazepose.py": {"blazepose.mp4"},
    "mannequin.py": {"mannequin.mp4"},
    "photo.py": {"photo.pose.png"},
    "video_to_table.py": {"poses.csv", "poses.csv.meta.json", "poses.mp4"},
}

by_example = pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)


@by_example
def test_example_is_short_and_defines_nothing(path: Path) -> None:
    source = path.read_text()
    assert len(source.splitlines()) <= 40
    tree = ast.parse(source)
    assert not [node for node in ast.walk(tree) if isinstance(node, DEFINITIONS)]
    assert f"python examples/{path.name}" in ast.get_docstring(tree)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a video and a photo of a person."""
    from PIL import Image

    import vitruvian as vt
    from vitruvian.media.recorder import VideoWriter

    folder = tmp_path_factory.mktemp("examples")
    clip = Path(vt.__file__).parent / "data" / "demo.mp4"
    with vt.open_input(clip) as source:
        frames = list(islice(source, 100, 118))
    width, height = frames[0].width, frames[0].height
    with VideoWriter(folder / "walk.mp4", (width, height), fps=25) as video:
        for frame in frames:
            video.write(frame.image, frame.timestamp_us - frames[0].timestamp_us)
    Image.fromarray(frames[0].image).save(folder / "photo.png")
    return folder


@pytest.fixture
def studio_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A server for the example that uses one."""
    from vitruvian.studio.options import StudioOptions
    from vitruvian.studio.server import StudioServer
    from vitruvian.studio.state import Studio

    with StudioServer(Studio(StudioOptions())) as server:
        monkeypatch.setenv("STUDIO_URL", server.url)
        monkeypatch.setenv("STUDIO_TOKEN", server.studio.token)
        yield


@by_example
@pytest.mark.weights
@pytest.mark.usefixtures("studio_server")
def test_example_runs(
    path: Path,
    files: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    name = INPUTS[path.name]
    arguments = [] if name is None else [str(files / name)]
    monkeypatch.setattr(sys, "argv", [path.name, *arguments])
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(path), run_name="__main__")
    written = OUTPUTS.get(path.name, set())
    assert {entry.name for entry in tmp_path.iterdir()} == written
    assert all((tmp_path / name).stat().st_size > 0 for name in written)
    assert capsys.readouterr().out or written


@pytest.mark.slow
@pytest.mark.weights
def test_fall_is_found_and_a_squat_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from vitruvian.media.recorder import VideoWriter
    from vitruvian.synthetic import Camera, Figure, Person, Posture, Scene, motions

    def fall(time_s: float, figure: Figure) -> Posture:
        part = min(max((time_s - 0.8) / 0.7, 0.0), 1.0) ** 2
        low = (0.0, -part * (figure.hip_height_m - 0.15), 0.45 * part)
        return Posture(pitch=1.52 * part, hips=low)

    camera = Camera(position=(0.6, 1.5, 4.2), target=(0.4, 0.8, 0.0), fov_deg=50)
    for name, motion, wanted in (
        ("fall", fall, "falls: 1"),
        ("squat", motions.squat(2.0, depth=0.45), "falls: 0"),
    ):
        scene = Scene([Person(motion=motion, heading_deg=90.0)], camera=camera)
        with VideoWriter(tmp_path / f"{name}.mp4", (320, 320), fps=15) as video:
            for frame, _ in scene.frames(2.4, 15, (320, 320)):
                video.write(frame.image, frame.timestamp_us)
        monkeypatch.setattr(sys, "argv", ["fall.py", str(tmp_path / f"{name}.mp4")])
        runpy.run_path(str(FOLDER / "fall.py"), run_name="__main__")
        assert wanted in capsys.readouterr().out
