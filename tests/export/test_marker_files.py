"""TRC, C3D and MOT: what is in them, as their readers see it, and what can't be written."""

from __future__ import annotations

import logging
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.export.walkers import absent, person, results_of

from vitruvian.analysis.angles import angle_names, joint_angles
from vitruvian.core.sequence import PoseSequence
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.errors import BackendUnavailableError, SinkError
from vitruvian.export import c3d_file, open_output, save_results
from vitruvian.export.markers import markers_of
from vitruvian.export.motion import MotionOptions, motion_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from vitruvian.core.pose import PoseResult

FORMATS = ("walk.trc", "walk.c3d", "walk.mot")
FPS = 30_000 / 1001


def written(
    folder: Path, results: Iterable[PoseResult], name: str, options: MotionOptions | None = None
) -> Path:
    with open_output(folder / name, motion=options) as sink:
        for result in results:
            sink.write(result)
    return folder / name


def pose2sim_names(path: Path) -> list[str]:
    """Return the names as Pose2Sim finds them: every third cell of line 4, from the third."""
    return path.read_text(encoding="utf-8").split("\n")[3].split("\t")[2:-1:3]


def trc_points(path: Path) -> tuple[np.ndarray, np.ndarray]:
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").split("\n")[6:-1]]
    table = np.array(rows, np.float64)
    return table[:, :2], table[:, 2:].reshape(len(table), -1, 3)


@pytest.fixture(scope="module")
def results() -> list[PoseResult]:
    """90 frames at 29.97 fps, a gap of 2 s in the last part."""
    return results_of(absent(person(150, FPS), 70, 130))


@pytest.mark.parametrize("markers", ["pose2sim", "pose2sim+derived", "blazepose"])
def test_a_trc_holds_every_marker_of_every_frame(
    tmp_path: Path, results: list[PoseResult], markers: Any
) -> None:
    options = MotionOptions(markers=markers, height_m=1.74)
    path = written(tmp_path, results, "walk.trc", options)
    names, points = markers_of(motion_of(PoseSequence.from_results(results), options))
    head = path.read_text(encoding="utf-8").split("\n")
    assert head[0] == "PathFileType\t4\t(X/Y/Z)\twalk.trc"
    n = len(names)
    assert head[2] == f"29.97002997\t29.97002997\t150\t{n}\tm\t29.97002997\t1\t150"
    assert head[5] == ""
    assert pose2sim_names(path) == names
    times, read = trc_points(path)
    assert_allclose(times[:, 0], np.arange(1, 151))
    assert_allclose(times[:, 1], np.arange(150) / FPS, atol=1e-6)
    assert_allclose(read, points, atol=1e-6)
    assert np.isnan(read[70:130]).all()


def test_the_name_of_a_file_may_have_any_letters(tmp_path: Path) -> None:
    path = written(tmp_path, results_of(person(3)), "gehen_früh_歩く.trc")
    assert path.read_text(encoding="utf-8").split("\n")[0].endswith("\tgehen_früh_歩く.trc")


def test_a_c3d_without_its_library_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ezc3d", None)
    monkeypatch.delitem(sys.modules, "vitruvian.export.c3d_file")
    with pytest.raises(BackendUnavailableError, match=r"pip install 'vitruvian\[c3d\]'"):
        open_output(tmp_path / "walk.c3d")
    assert list(tmp_path.iterdir()) == []


def test_markers_are_named_as_in_the_model_of_pose2sim() -> None:
    names, points = markers_of(motion_of(person(), MotionOptions(markers="pose2sim+derived")))
    assert len(names) == 25 + 3
    assert names[-3:] == ["Hip", "Neck", "Head"]
    for knee in ("LKnee", "RKnee"):
        assert knee in names
    left, right = names.index("LHip"), names.index("RHip")
    assert_allclose(points[:, names.index("Hip")], points[:, [left, right]].mean(axis=1))
    assert (points[:, names.index("LBigToe"), 0] > points[:, names.index("LHeel"), 0]).all()
    all_names, _ = markers_of(motion_of(person(), MotionOptions(markers="blazepose")))
    assert tuple(all_names) == BLAZEPOSE.names


@pytest.mark.interop
@pytest.mark.parametrize("name", ["walk.c3d", "gehen_früh_歩く.c3d"])
def test_ezc3d_reads_the_markers_of_a_c3d(
    tmp_path: Path, results: list[PoseResult], name: str
) -> None:
    ezc3d = pytest.importorskip("ezc3d")
    path = written(tmp_path, results, name)
    plain = tmp_path / "plain.c3d"  # ezc3d opens names of ASCII on every system
    plain.write_bytes(path.read_bytes())
    file = ezc3d.c3d(str(plain))
    names, points = markers_of(motion_of(PoseSequence.from_results(results)))
    parameters = file["parameters"]
    assert parameters["POINT"]["LABELS"]["value"] == names
    assert parameters["POINT"]["RATE"]["value"] == pytest.approx([FPS], rel=1e-6)
    assert parameters["POINT"]["UNITS"]["value"] == ["mm"]
    assert parameters["POINT"]["X_SCREEN"]["value"] == ["+X"]
    assert parameters["POINT"]["Y_SCREEN"]["value"] == ["+Y"]
    assert parameters["MANUFACTURER"]["COMPANY"]["value"] == ["vitruvian"]
    assert_allclose(file["data"]["points"][:3].transpose(2, 1, 0), 1000 * points, atol=1e-3)


@pytest.mark.interop
@pytest.mark.filterwarnings("ignore:No analog data found")
def test_c3d_reads_the_same(tmp_path: Path, results: list[PoseResult]) -> None:
    c3d = pytest.importorskip("c3d")
    path = written(tmp_path, results, "walk.c3d")
    names, points = markers_of(motion_of(PoseSequence.from_results(results)))
    with path.open("rb") as stream:
        reader = c3d.Reader(stream)
        assert [label.strip() for label in reader.point_labels] == names
        assert reader.point_rate == pytest.approx(FPS, rel=1e-6)
        frames = np.array([frame for _, frame, _ in reader.read_frames()])
    assert_allclose(frames[:70, :, :3], 1000 * points[:70], atol=1e-3)
    assert_allclose(frames[130:, :, :3], 1000 * points[130:], atol=1e-3)
    assert (frames[70:130, :, 3] == -1).all()


@pytest.mark.slow
def test_a_clip_that_is_too_long_for_c3d_is_split(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ezc3d = pytest.importorskip("ezc3d")
    motion = motion_of(person(70_000, 60.0), MotionOptions(smooth_hz=0))
    path = tmp_path / "draft"
    with caplog.at_level(logging.WARNING):
        c3d_file.write_c3d(motion, path, final=tmp_path / "walk.c3d", provenance=None)
    assert "the rest of 70000 is in walk.part2.c3d; .trc has no such limit" in caplog.text
    path.rename(tmp_path / "walk.c3d")
    parts = [ezc3d.c3d(str(tmp_path / n))["data"]["points"] for n in ("walk.c3d", "walk.part2.c3d")]
    whole = np.concatenate(parts, axis=2)
    assert whole.shape == (4, 25, 70_000)
    _, points = markers_of(motion)
    assert_allclose(whole[:3].transpose(2, 1, 0), 1000 * points, atol=1e-3)
    assert not list(tmp_path.glob(".*"))


@pytest.mark.slow
def test_a_trc_has_no_limit_of_frames(tmp_path: Path) -> None:
    from vitruvian.export.trc_file import write_trc

    motion = motion_of(person(70_000, 60.0), MotionOptions(smooth_hz=0))
    write_trc(motion, tmp_path / "x", final=tmp_path / "walk.trc", provenance=None)
    last = (tmp_path / "x").read_text(encoding="utf-8").splitlines()[-1].split("\t")
    assert last[:2] == ["70000", f"{69_999 / 60:.6f}"]


def test_a_mot_holds_the_angles_of_the_smoothed_landmarks(
    tmp_path: Path, results: list[PoseResult]
) -> None:
    lines = written(tmp_path, results, "walk.mot").read_text(encoding="utf-8").split("\n")
    names = angle_names()
    assert lines[:7] == [
        "Coordinates",
        "version=1",
        "nRows=150",
        f"nColumns={len(names) + 1}",
        "inDegrees=yes",
        "",
        "endheader",
    ]
    assert lines[7] == "\t".join(["time", *names])
    assert not any(" " in name for name in names)
    table = np.array([line.split("\t") for line in lines[8:-1]], np.float64)
    angles = joint_angles(motion_of(PoseSequence.from_results(results)).person)
    assert_allclose(table[:, 0], np.arange(150) / FPS, atol=1e-6)
    assert_allclose(table[:, 1:], np.column_stack(list(angles.values())), atol=1e-6)
    assert np.isfinite(table[:70, 1 + names.index("left_knee")]).all()


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_of_nobody_is_an_error_and_its_frames_are_kept(tmp_path: Path, name: str) -> None:
    nobody = [replace(result, poses=()) for result in results_of(person(5))]
    with pytest.raises(SinkError, match=r"nobody was found in 5 frames; .*walk\.partial\.jsonl"):
        written(tmp_path, nobody, name)
    assert [path.name for path in tmp_path.iterdir()] == ["walk.partial.jsonl"]


@pytest.mark.parametrize("name", FORMATS)
def test_one_frame_is_a_file(tmp_path: Path, name: str) -> None:
    assert written(tmp_path, results_of(person(1)), name).stat().st_size > 500


@pytest.mark.parametrize("name", FORMATS)
def test_landmarks_that_are_not_finite_are_missing(tmp_path: Path, name: str) -> None:
    one = person(20)
    world = np.array(one.world)
    world[:, 13] = np.nan
    path = written(tmp_path, results_of(replace(one, world=world)), name)
    if name == "walk.trc":
        _, points = trc_points(path)
        elbow = pose2sim_names(path).index("LElbow")
        assert np.isnan(points).any(axis=(0, 2)).tolist() == [i == elbow for i in range(25)]


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_results_give_the_same_bytes(tmp_path: Path, name: str) -> None:
    results = results_of(person(40))
    first = written(tmp_path, results, name).read_bytes()
    assert written(tmp_path, results, name).read_bytes() == first


def test_a_sequence_is_saved_like_its_results(tmp_path: Path) -> None:
    one, options = person(40), MotionOptions(height_m=1.74, markers="blazepose")
    save_results(one, tmp_path / "a.trc", motion=options)
    expected = written(tmp_path, results_of(one), "b.trc", options).read_text(encoding="utf-8")
    text = (tmp_path / "a.trc").read_text(encoding="utf-8")
    assert text == expected.replace("b.trc", "a.trc")


def test_each_person_gets_a_file(tmp_path: Path) -> None:
    results = results_of(absent(person(number=2), 0, 20), person(number=7))
    written(tmp_path, results, "walk_{id}.trc")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["walk_2.trc", "walk_7.trc"]
    for number in (2, 7):
        one = written(tmp_path, results, "one.trc", MotionOptions(person=number))
        in_series = (tmp_path / f"walk_{number}.trc").read_text(encoding="utf-8")
        assert in_series == one.read_text(encoding="utf-8").replace("one.trc", f"walk_{number}.trc")


def test_without_people_no_file_is_written_for_each(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    nobody = [replace(result, poses=()) for result in results_of(person(5))]
    written(tmp_path, nobody, "walk_{id}.trc")
    assert list(tmp_path.iterdir()) == []
    assert "walk_{id}.trc: nobody was found, so no file was written" in caplog.text


def test_frames_of_each_person_are_kept_if_one_file_fails(tmp_path: Path) -> None:
    (tmp_path / "walk_7.trc").mkdir()
    results = results_of(person(number=2), person(number=7))
    with pytest.raises(SinkError, match=r"it exists and is not a file; .*partial\.jsonl"):
        written(tmp_path, results, "walk_{id}.trc")
    names = sorted(p.name for p in tmp_path.iterdir())
    assert names == ["walk_7.trc", "walk_{id}.partial.jsonl"]


def test_what_the_user_should_know_is_logged_with_the_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, results: list[PoseResult]
) -> None:
    written(tmp_path, results, "walk.trc")
    assert "walk.trc: person 1 is missing in frames 70 to 129 (2.3 to 4.3 s)" in caplog.text
