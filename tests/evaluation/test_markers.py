"""Markers of TRC and C3D files as truth of a clip."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.evaluation.miniatures import BODY, LIMBS, camera, write_video

from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.errors import BackendUnavailableError, SourceError
from vitruvian.evaluation import load_data_set
from vitruvian.evaluation.markers import read_trc
from vitruvian.lift.calibration import save_calibration

if TYPE_CHECKING:
    from pathlib import Path

MARKERS = [
    name.replace("left_", "L_").replace("right_", "R_").title().replace("_", "") for name in LIMBS
]
IN_FILE = BODY[:, [1, 2, 0]]  # world X, Y, Z are Z, X, Y of the file


def write_trc(path: Path, n_frames: int = 3, unit: str = "m") -> Path:
    head = "DataRate CameraRate NumFrames NumMarkers Units OrigDataRate OrigDataStartFrame"
    values = (IN_FILE * {"m": 1, "mm": 1000}[unit]).ravel()
    lines = [
        f"PathFileType\t4\t(X/Y/Z)\t{path.name}",
        head.replace(" ", "\t"),
        f"50\t50\t{n_frames}\t{len(MARKERS) + 1}\t{unit}\t50\t1",
        "Frame#\tTime\t" + "\t\t\t".join([*MARKERS, "Hip"]),
        "\t\t" + "\t".join(f"{axis}{i + 1}" for i in range(len(MARKERS) + 1) for axis in "XYZ"),
    ]
    for frame in range(n_frames):
        cells = [str(frame + 1), f"{frame / 50}", *map(str, values), "nan", "", "nan"]
        lines.append("\t".join(cells))
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def clip(tmp_path: Path) -> dict[str, object]:
    calibration = tmp_path / "calib.toml"
    save_calibration({"cam_01": camera(), "cam_02": camera((32, 32))}, calibration)
    return {
        "video": write_video(tmp_path / "walk.mp4", 3),
        "calibration": f"{calibration}:cam_01",
    }


def assert_is_the_body(path: Path, kind: str, clip: dict[str, object]) -> None:
    data = load_data_set(kind, path, **clip)
    assert [image.frame for image in data.images] == [0, 1, 2]
    assert [image.timestamp_us for image in data.images] == [0, 20_000, 40_000]
    assert [image.id for image in data.images] == [0, 1, 2]
    person = data.images[2].people[0]
    limbs = [BLAZEPOSE.index(name) for name in LIMBS]
    np.testing.assert_allclose(person.camera[limbs], BODY, atol=1e-6)
    assert np.isfinite(person.camera).all(axis=1).sum() == len(LIMBS)
    assert abs(data.pixels(data.images[2]).mean() - 80) < 3
    data.close()


@pytest.mark.parametrize("unit", ["m", "mm"])
def test_markers_of_a_trc_are_seen_by_the_camera(
    tmp_path: Path, clip: dict[str, object], unit: str
) -> None:
    assert_is_the_body(write_trc(tmp_path / "walk.trc", unit=unit), "trc", clip)


def test_markers_of_a_c3d_are_seen_by_the_camera(tmp_path: Path, clip: dict[str, object]) -> None:
    ezc3d = pytest.importorskip("ezc3d")
    file = ezc3d.c3d()
    file["parameters"]["POINT"]["RATE"]["value"] = [50.0]
    file["parameters"]["POINT"]["UNITS"]["value"] = ["mm"]
    file["parameters"]["POINT"]["LABELS"]["value"] = tuple(MARKERS)
    points = np.ones((4, len(MARKERS), 3))
    points[:3] = 1000 * IN_FILE.T[:, :, None]
    file["data"]["points"] = points
    file.write(str(tmp_path / "walk.c3d"))
    assert_is_the_body(tmp_path / "walk.c3d", "c3d", clip)


def test_names_of_markers_are_those_of_pose2sim_or_ours(tmp_path: Path) -> None:
    path = write_trc(tmp_path / "walk.trc")
    text = path.read_text().replace("LShoulder", "LBigToe").replace("RShoulder", "right_heel")
    path.write_text(text.replace("LElbow", "Nose"))
    assert read_trc(path).names[:3] == ("LBigToe", "right_heel", "Nose")
    from vitruvian.evaluation.markers import _landmark

    assert [_landmark(name) for name in ("LBigToe", "right_heel", "Nose", "RIndex", "Hip")] == [
        *("left_foot_index", "right_heel", "nose", "right_index", "hip")
    ]


@pytest.mark.parametrize("n_frames", [2, 4, 90])
def test_a_truth_of_another_length_than_the_clip(
    tmp_path: Path, clip: dict[str, object], n_frames: int
) -> None:
    path = write_trc(tmp_path / "walk.trc", n_frames)
    if n_frames == 2:  # a camera may run on
        assert len(load_data_set("trc", path, **clip).images) == 2
        return
    with pytest.raises(SourceError, match=rf"walk.mp4': it has 3 frames, its truth {n_frames}"):
        load_data_set("trc", path, **clip)


def test_a_clip_of_another_size_than_the_calibration_is_an_error(
    tmp_path: Path, clip: dict[str, object]
) -> None:
    path = write_trc(tmp_path / "walk.trc")
    other = str(clip["calibration"]).replace("cam_01", "cam_02")
    with pytest.raises(SourceError, match="it has 64x96 px, its camera is calibrated for 32x32"):
        load_data_set("trc", path, video=clip["video"], calibration=other)


def test_what_is_not_given_is_a_value_error(tmp_path: Path, clip: dict[str, object]) -> None:
    path = write_trc(tmp_path / "walk.trc")
    with pytest.raises(ValueError, match=r"'walk.trc' needs a video and a calibration"):
        load_data_set("trc", path)
    one_of = r"one of \['cam_01', 'cam_02'\]"
    for name, reason in (("", f"name {one_of}"), (":cam_9", f"{one_of}, got 'cam_9'")):
        calibration = str(clip["calibration"]).replace(":cam_01", name)
        with pytest.raises(ValueError, match=reason):
            load_data_set("trc", path, video=clip["video"], calibration=calibration)
    with pytest.raises(SourceError, match="can't read"):
        load_data_set("trc", path, **{**clip, "video": tmp_path / "absent.mp4"})


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("PathFileType", "Other", "it does not begin with 'PathFileType'"),
        ("\tm\t", "\tfurlong\t", "no valid DataRate or Units: 'furlong'"),
        ("0.0\t-0.5", "-0.5", r"line \d+ must have 39 coordinates, got"),
        ("3.0", "x", "line 6 has a coordinate that is not a number"),
    ],
)
def test_a_damaged_trc_is_an_error(tmp_path: Path, old: str, new: str, reason: str) -> None:
    path = write_trc(tmp_path / "walk.trc")
    assert old in path.read_text() or old.startswith("0.0")
    path.write_text(path.read_text().replace(old, new).replace("\t3.0\t0.2\t", "\t0.2\t")
                    if old.startswith("0.0") else path.read_text().replace(old, new))  # fmt: skip
    with pytest.raises(SourceError, match=reason):
        read_trc(path)


def test_a_file_without_frames_or_landmarks_is_an_error(
    tmp_path: Path, clip: dict[str, object]
) -> None:
    path = write_trc(tmp_path / "walk.trc", n_frames=0)
    with pytest.raises(SourceError, match="it has no frames"):
        read_trc(path)
    text = write_trc(path).read_text()
    for i, name in enumerate(MARKERS):
        text = text.replace(f"\t{name}\t", f"\tM{i}\t")
    path.write_text(text)
    with pytest.raises(SourceError, match="none of its markers is a landmark: M0, M1"):
        load_data_set("trc", path, **clip)


def test_a_damaged_c3d_is_an_error_and_names_the_extra_without_ezc3d(
    tmp_path: Path, clip: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("ezc3d")
    path = tmp_path / "walk.c3d"
    path.write_bytes(b"nothing of a C3D file")
    with pytest.raises(SourceError, match="not a C3D file"):
        load_data_set("c3d", path, **clip)
    monkeypatch.setitem(sys.modules, "ezc3d", None)
    with pytest.raises(BackendUnavailableError, match=r"pip install 'vitruvian\[c3d\]'"):
        load_data_set("c3d", path, **clip)
