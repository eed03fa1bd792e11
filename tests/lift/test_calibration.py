"""Files of calibrated cameras, by hand-made ones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.testing import assert_allclose

from vitruvian.core.camera import Camera
from vitruvian.core.rotations import matrix_from_vector
from vitruvian.errors import SinkError, SourceError
from vitruvian.lift.calibration import load_calibration, load_camera, save_calibration
from vitruvian.lift.camera_options import camera_record, world_camera, world_record

if TYPE_CHECKING:
    from pathlib import Path

POSE2SIM = """
[cam_01]
name = "cam_01"
size = [ 1088.0, 1920.0]
matrix = [ [ 1681.25, 0.0, 532.5], [ 0.0, 1681.0, 948.0], [ 0.0, 0.0, 1.0]]
distortions = [ -0.0007, 0.0022, 9.5e-06, 1.0e-05]
rotation = [ 1.688, 1.048, -0.420]
translation = [ 0.321, 0.956, 2.891]
fisheye = false

[metadata]
adjusted = false
error = 0.0
"""
ANIPOSE = """
[cam_0]
name = "left"
size = [ 640, 480,]
matrix = [ [ 500.0, 0.0, 319.5,], [ 0.0, 500.0, 239.5,], [ 0.0, 0.0, 1.0,],]
distortions = [ -0.1, 0.0, 0.0, 0.0, 0.0,]
rotation = [ 0.0, 0.0, 0.0,]
translation = [ 0.0, 0.0, 0.0,]

[cam_1]
name = "right"
size = [ 640, 480,]
matrix = [ [ 300.0, 0.0, 319.5,], [ 0.0, 300.0, 239.5,], [ 0.0, 0.0, 1.0,],]
distortions = [ 0.1, 0.01, 0.0, 0.0,]
rotation = [ 0.0, 0.5, 0.0,]
translation = [ -1.0, 0.0, 0.2,]
fisheye = true
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "calib.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_file_of_pose2sim_is_read(tmp_path: Path) -> None:
    cameras = load_calibration(written(tmp_path, POSE2SIM))
    assert list(cameras) == ["cam_01"]
    camera = cameras["cam_01"]
    assert camera.wh == (1088, 1920)
    assert camera.focal_xy == (1681.25, 1681.0)
    assert not camera.is_fisheye
    assert not camera.is_assumed
    assert_allclose(camera.rotation, matrix_from_vector([1.688, 1.048, -0.42]))
    origin_in_the_camera = camera.camera_from_world([0, 0, 0])
    assert_allclose(origin_in_the_camera, [0.321, 0.956, 2.891])


def test_the_file_of_anipose_is_read(tmp_path: Path) -> None:
    cameras = load_calibration(written(tmp_path, ANIPOSE))
    assert list(cameras) == ["left", "right"]
    assert len(cameras["left"].distortions) == 5
    assert cameras["right"].is_fisheye


def test_a_camera_without_a_place_is_the_origin(tmp_path: Path) -> None:
    lines = [line for line in POSE2SIM.splitlines() if line[:3] not in ("rot", "tra", "dis", "nam")]
    camera = load_calibration(written(tmp_path, "\n".join(lines)))["cam_01"]
    assert_allclose(camera.position, 0)
    assert not camera.distortions.any()


def test_a_saved_calibration_reads_back(tmp_path: Path) -> None:
    cameras = load_calibration(written(tmp_path, POSE2SIM + ANIPOSE))
    odd = Camera.from_focal((64, 48), 50.0)
    cameras['K"ü\\\n1'] = odd
    save_calibration(cameras, tmp_path / "again.toml")
    again = load_calibration(tmp_path / "again.toml")
    assert list(again) == list(cameras)
    for name, camera in cameras.items():
        assert again[name].wh == camera.wh
        assert again[name].is_fisheye == camera.is_fisheye
        for array in ("matrix", "distortions", "rotation", "translation"):
            assert_allclose(getattr(again[name], array), getattr(camera, array), atol=1e-12)


def test_cameras_are_saved_by_their_own_names(tmp_path: Path) -> None:
    cameras = load_calibration(written(tmp_path, ANIPOSE))
    save_calibration(cameras.values(), tmp_path / "again.toml")
    assert list(load_calibration(tmp_path / "again.toml")) == ["left", "right"]
    with pytest.raises(ValueError, match="a name of its own"):
        save_calibration([cameras["left"], cameras["left"]], tmp_path / "again.toml")
    with pytest.raises(ValueError, match="a name of its own"):
        save_calibration([], tmp_path / "again.toml")
    with pytest.raises(SinkError, match="can't write"):
        save_calibration(cameras, tmp_path / "none" / "again.toml")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("size = [ 1088.0, 1920.0]\n", "", r"\[cam_01\] size is missing"),
        ("matrix", "matrices", r"\[cam_01\] matrix is missing"),
        ("translation", "position", r"\[cam_01\] translation is missing"),
        ("rotation", "turn", r"\[cam_01\] rotation is missing"),
        ("[ 1088.0, 1920.0]", "[ 1088.0]", r"\[cam_01\] size must be 2 numbers, got \[1088"),
        ("[ 1088.0, 1920.0]", "[ 1088.5, 1920]", r"\[cam_01\] size must be whole numbers"),
        ("[ 1088.0, 1920.0]", "[ 0, 1920]", r"\[cam_01\] wh must be positive"),
        ("1681.25, 0.0,", "1681.25,", r"\[cam_01\] matrix must be 3 x 3 numbers"),
        ("1681.25", "-1681.25", r"\[cam_01\] the focal lengths must be positive"),
        ("0.0, 0.0, 1.0]", "0.0, 0.0, 2.0]", r"\[cam_01\] matrix must be \[\[fx"),
        ("-0.0007,", "", r"\[cam_01\] distortions must have 4, 5 or 8 values"),
        ("-0.0007", "nan", r"\[cam_01\] distortions must be a list of numbers"),
        ("-0.420]", "'x']", r"\[cam_01\] rotation must be 3 numbers"),
        ("= false\n\n", "= 'no'\n\n", r"\[cam_01\] fisheye must be true or false, got 'no'"),
        ('"cam_01"', "1", r"\[cam_01\] name must be a text, got 1"),
        ("[cam_01]", "[cam_01", "Expected ']'"),
        (POSE2SIM, "[metadata]\nerror = 0.0", "it has no camera"),
        (POSE2SIM, "", "it has no camera"),
        ("[metadata]", POSE2SIM.split("\n\n")[0].replace("[cam_01]", "[cam_02]"), "several cam"),
    ],
)
def test_a_wrong_calibration_is_one_clear_line(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    path = written(tmp_path, POSE2SIM.replace(old, new, 1))
    with pytest.raises(SourceError, match=message) as caught:
        load_calibration(path)
    assert "calib.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_calibration_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="No such file"):
        load_calibration(tmp_path / "none.toml")
    with pytest.raises(SourceError, match="can't read"):
        load_calibration(tmp_path)
    path = tmp_path / "calib.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SourceError, match="it is not text in UTF-8"):
        load_calibration(path)


@pytest.mark.testdata
def test_the_calibration_of_real_cameras_projects_the_truth_onto_them(testdata: Path) -> None:
    cameras = load_calibration(testdata / "clips" / "balance_calibration.toml")
    assert list(cameras) == ["cam_01", "cam_02", "cam_03", "cam_04"]
    lines = (testdata / "clips" / "balance.trc").read_text().splitlines()[5:]
    trc = np.array([[float(cell) for cell in line.split("\t")[2:]] for line in lines])
    points = trc.reshape(len(trc), -1, 3)[..., [2, 0, 1]]
    for camera in cameras.values():
        pixels = camera.image_from_world(points)
        assert (pixels > 0).all()
        assert (pixels < camera.wh).all()


def test_the_record_of_a_camera_in_the_world_gives_the_camera_back(tmp_path: Path) -> None:
    camera = load_calibration(written(tmp_path, ANIPOSE))["right"]
    again = world_camera(json.loads(json.dumps(world_record(camera))))
    assert again == camera
    assert world_camera(camera_record(camera)) is None
    assert world_camera(None) is None


def test_one_camera_of_a_file(tmp_path: Path) -> None:
    cameras = {name: Camera.from_focal((640, 480), f) for name, f in (("a", 500.0), ("b", 600.0))}
    save_calibration({"a": cameras["a"]}, tmp_path / "one:1.toml")
    assert load_camera(str(tmp_path / "one:1.toml")).focal_px == 500
    path = str(tmp_path / "two.toml")
    save_calibration(cameras, path)
    assert load_camera(f"{path}:b").focal_px == 600
    with pytest.raises(ValueError, match=r"several cameras: name one of \['a', 'b'\]"):
        load_camera(path)
    with pytest.raises(ValueError, match=r"must be one of \['a', 'b'\], got 'c'"):
        load_camera(f"{path}:c")
    with pytest.raises(SourceError, match="can't read"):
        load_camera(str(tmp_path / "three.toml"))
