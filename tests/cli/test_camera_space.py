"""`track --camera-space`: where people stand, in the files of a run."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from vitruvian.core.camera import Camera
from vitruvian.export import load_provenance, load_results
from vitruvian.lift.calibration import save_calibration
from vitruvian.synthetic import Camera as SceneCamera
from vitruvian.synthetic import Figure, Person, Scene

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    from typer.testing import Result

    Program = Callable[..., Result]

pytestmark = pytest.mark.weights

WH = (360, 400)
DISTANCE_M = 4.0
FOV_DEG = 60.0


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    camera = SceneCamera((0.0, 0.95, DISTANCE_M), (0.0, 0.95, 0.0), FOV_DEG)
    return Scene([Person(Figure(height_m=1.7))], camera).render(0.0, WH).image


@pytest.fixture
def photo(tmp_path: Path, pixels: np.ndarray) -> Path:
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def depth_m(path: Path | str) -> float:
    (result,) = load_results(path)
    (pose,) = result.poses
    assert pose.camera is not None
    return float(pose.camera[[23, 24], 2].mean())


def test_positions_are_written_and_the_guess_of_the_focal_length_is_told(
    vitruvian: Program, photo: Path
) -> None:
    result = vitruvian(
        *("track", photo, "-m", "lite", "--camera-space", "--height", 1.7),
        *("-o", "a.jsonl", "-o", "a.csv", "-o", "a.npz", "-o", "a.parquet"),
    )
    assert result.exit_code == 0, result.output
    assert result.stderr.count("focal length is not known, 346 px (60°") == 1
    for name in ("a.jsonl", "a.csv", "a.npz", "a.parquet"):
        assert depth_m(name) == pytest.approx(DISTANCE_M, rel=0.1)
        told = load_provenance(name).camera
        assert (told["origin"], told["is_assumed"], told["height_m"]) == ("assumed", True, 1.7)
    with open("a.csv", newline="") as file:
        row = next(csv.DictReader(file))
    assert float(row["left_hip_camera_z"]) == pytest.approx(DISTANCE_M, rel=0.1)


def test_depth_goes_with_the_focal_length_and_its_sources_are_told(
    vitruvian: Program, photo: Path, pixels: np.ndarray, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[41989] = 28
    Image.fromarray(pixels).save(tmp_path / "phone.jpg", exif=exif, quality=98)
    cameras = {name: Camera.from_focal(WH, f) for name, f in (("one", 400.0), ("two", 800.0))}
    save_calibration(cameras, tmp_path / "rig.toml")
    depths = {}
    for origin, words in {
        "fov": (photo, "--fov", FOV_DEG),
        "focal": (photo, "--focal", 692.8),
        "calibration": (photo, "--calibration", "rig.toml:two"),
        "metadata": ("phone.jpg", "--camera-space"),
    }.items():
        result = vitruvian("track", *words, "-m", "lite", "-o", f"{origin}.json")
        assert (result.exit_code, result.stderr) == (0, ""), result.output
        depths[origin] = depth_m(f"{origin}.json")
        told = load_provenance(f"{origin}.json").camera
        assert (told["origin"], told["is_assumed"]) == (origin, False)
    assert depths["focal"] == pytest.approx(2 * depths["fov"], rel=0.05)
    assert depths["calibration"] == pytest.approx(800 / 346.4 * depths["fov"], rel=0.05)
    assert depths["metadata"] == pytest.approx(348.3 / 346.4 * depths["fov"], rel=0.05)


def test_without_the_option_there_are_no_positions(vitruvian: Program, photo: Path) -> None:
    assert vitruvian("track", photo, "-m", "lite", "-o", "a.jsonl").exit_code == 0
    assert load_results("a.jsonl")[0].poses[0].camera is None
    assert load_provenance("a.jsonl").camera is None


def test_resume_tracks_again_with_another_camera(vitruvian: Program, photo: Path) -> None:
    words = ("track", photo, "-m", "lite", "-o", "a.jsonl", "--resume")
    assert vitruvian(*words, "--fov", 60).exit_code == 0
    assert "skipped photo.png" in vitruvian(*words, "--fov", 60).stdout
    assert "tracked again" in vitruvian(*words, "--fov", 70).stdout
    assert "tracked again" in vitruvian(*words).stdout


def test_several_inputs_are_placed_in_processes_of_their_own(
    vitruvian: Program, empty_room: Path, photo: Path
) -> None:
    words = ("track", photo, empty_room, "-m", "lite", "-o", "{name}.jsonl", "--fov", FOV_DEG)
    result = vitruvian(*words, "--jobs", 2)
    assert result.exit_code == 0, result.output
    assert depth_m("photo.jsonl") > 3
    assert load_provenance("room.jsonl").camera["origin"] == "fov"


@pytest.mark.parametrize(
    ("words", "message", "code"),
    [
        (("--focal", 0), "focal_px must be positive, got 0.0", 2),
        (("--fov", 200), "fov_deg must be from 1 to 170, got 200.0", 2),
        (("--focal", 900, "--fov", 60), "--focal and --fov must not be given together", 2),
        (("--height", 1.7), "--height must be given with --camera-space", 2),
        (("--camera-space", "--height", 17), "height_m must be from 0.4 to 2.6, got 17.0", 2),
        (("--calibration", "no.toml"), "can't read 'no.toml': No such file", 1),
        (("--calibration", "rig.toml"), "there are several cameras: name one of ['a', 'b']", 2),
        (("--calibration", "rig.toml:c"), "the camera must be one of ['a', 'b'], got 'c'", 2),
        (("--calibration", "rig.toml:a"), "images of 640x480 px, got 360x400", 1),
    ],
)
def test_mistakes_are_one_line(
    vitruvian: Program, photo: Path, words: tuple[object, ...], message: str, code: int
) -> None:
    camera = Camera.from_focal((640, 480), 500.0)
    save_calibration({"a": camera, "b": camera}, "rig.toml")
    result = vitruvian("track", photo, "-m", "lite", "-o", "a.jsonl", *words)
    assert result.exit_code == code, result.output
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
