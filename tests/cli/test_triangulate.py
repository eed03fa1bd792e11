"""`vitruvian triangulate`, by virtual cameras."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.lift.stage import cameras_around, clip_of, true_points

import vitruvian as vt
from vitruvian.core.sequence import PoseSequence
from vitruvian.lift.calibration import save_calibration
from vitruvian.synthetic import Person, motions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typer.testing import Result

FPS = 25.0
CAMERAS = cameras_around(3)
WALKER = Person(motion=motions.walk(1.2), position=(0.3, -1.2))
STANDER = Person(motion=motions.wave(1.4), position=(-1.0, 0.5))
TIMES_S = np.arange(40) / FPS
TRUTH = true_points([WALKER, STANDER], TIMES_S)


@pytest.fixture
def triangulate(vitruvian: Callable[..., Result], tmp_path: Path) -> Callable[..., Result]:
    """Run the command in a folder with the clips of three cameras and their calibration."""
    save_calibration(CAMERAS, tmp_path / "calib.toml")
    for name, camera in CAMERAS.items():
        vt.save_results(clip_of(camera, TRUTH, fps=FPS), tmp_path / f"{name}.jsonl")
    return lambda *words: vitruvian("triangulate", *words, "--calibration", "calib.toml")


def markers_of(path: Path) -> tuple[list[str], np.ndarray]:
    lines = path.read_text().splitlines()
    rows = [[float(cell) for cell in line.split("\t")[2:] if cell] for line in lines[5:] if line]
    names = [name for name in lines[3].split("\t")[2:] if name]
    return names, np.array(rows).reshape(len(rows), len(names), 3)


def test_markers_are_y_z_x_of_the_world_as_those_of_pose2sim(
    triangulate: Callable[..., Result], tmp_path: Path
) -> None:
    result = triangulate("cam1.jsonl", "cam2.jsonl", "-o", "walk.trc", "--smooth", "0")
    assert result.exit_code == 0, result.output
    names, markers = markers_of(tmp_path / "walk.trc")
    for name, landmark in (("Nose", 0), ("LKnee", 25), ("RBigToe", 32)):
        expected = TRUTH[:, 0, landmark][:, [1, 2, 0]]
        assert_allclose(markers[:, names.index(name)], expected, atol=2e-3)


def test_the_summary_tells_the_errors_and_the_people(triangulate: Callable[..., Result]) -> None:
    result = triangulate("cam1.jsonl", "cam3.jsonl", "-o", "walk.jsonl")
    assert result.exit_code == 0, result.output
    assert "cam1: reprojection error 0.0 px, 100% of the landmarks used\n" in result.stdout
    assert result.stderr == ""
    assert "2 people are seen by two cameras, in 40 of 40 frames" in result.stdout
    assert "wrote walk.jsonl" in result.stdout
    assert triangulate("cam1.jsonl", "cam3.jsonl", "-o", "w.csv", "-q").stdout == ""


def test_the_results_convert_to_the_same_files(
    triangulate: Callable[..., Result], vitruvian: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    done = triangulate(
        *("cam1.jsonl", "cam2.jsonl", "cam3.jsonl", "-o", "a/walk.trc", "-o", "a/walk.jsonl"),
        *("-o", "a/of{id}.trc"),
    )
    assert done.exit_code == 0, done.output
    assert (tmp_path / "a" / "of0.trc").exists()
    assert (tmp_path / "a" / "of1.trc").exists()
    again = vitruvian("convert", "a/walk.jsonl", "b/walk.trc", "--smooth", "0")
    assert again.exit_code == 0, again.output
    assert (tmp_path / "a/walk.trc").read_bytes() == (tmp_path / "b/walk.trc").read_bytes()


def test_the_provenance_tells_the_first_camera_and_its_place(
    triangulate: Callable[..., Result], tmp_path: Path
) -> None:
    assert triangulate("cam2.jsonl", "cam1.jsonl", "-o", "walk.jsonl").exit_code == 0
    provenance = vt.load_provenance(tmp_path / "walk.jsonl")
    assert provenance is not None
    assert provenance.camera is not None
    assert provenance.camera["name"] == "cam2"
    assert_allclose(provenance.camera["translation"], CAMERAS["cam2"].translation)
    assert json.loads(json.dumps(provenance.to_dict()))["camera"]["origin"] == "calibration"
    found = PoseSequence.from_results(vt.load_results(tmp_path / "walk.jsonl"))
    in_camera = CAMERAS["cam2"].camera_from_world(TRUTH[:, 1])
    assert_allclose(found.person(1).camera, in_camera, atol=0.02)  # of the low-pass filter


def test_without_the_world_up_is_that_of_the_body(
    triangulate: Callable[..., Result], tmp_path: Path
) -> None:
    words = ("cam1.jsonl", "cam2.jsonl", "-o", "walk.trc", "--no-world")
    assert triangulate(*words).exit_code == 0
    names, markers = markers_of(tmp_path / "walk.trc")
    assert abs(np.nanmin(markers[..., 1])) < 0.05  # the floor
    height = np.nanmean(markers[:, names.index("Nose"), 1])
    assert 1.2 < height < 1.8


def test_cameras_are_named_by_files_by_words_or_by_order(
    triangulate: Callable[..., Result], tmp_path: Path
) -> None:
    for k, name in enumerate(CAMERAS):
        (tmp_path / f"{name}.jsonl").rename(tmp_path / f"clip{k}.jsonl")
    named = triangulate("cam3=clip2.jsonl", "cam1=clip0.jsonl", "-o", "walk.jsonl")
    assert named.exit_code == 0, named.output
    assert "cam3: reprojection error 0.0 px" in named.stdout
    ordered = triangulate("clip0.jsonl", "clip1.jsonl", "clip2.jsonl", "-o", "walk.jsonl")
    assert ordered.exit_code == 0, ordered.output
    assert "note: the cameras are taken in order: cam1 is clip0.jsonl, cam2 is" in ordered.stderr
    few = triangulate("clip0.jsonl", "clip1.jsonl", "-o", "walk.jsonl")
    assert few.exit_code == 2
    assert "no file has the name of a camera: give one for each of ['cam1'," in few.stderr
    mixed = triangulate("cam1=clip0.jsonl", "clip1.jsonl", "-o", "walk.jsonl")
    assert "'clip1.jsonl' has the name of none of ['cam1'," in mixed.stderr
    unknown = triangulate("cam1=clip0.jsonl", "cam9=clip1.jsonl", "-o", "walk.jsonl")
    assert "camera must be one of ['cam1', 'cam2', 'cam3'], got 'cam9'" in unknown.stderr
    twice = triangulate("cam1=clip0.jsonl", "cam1=clip1.jsonl", "-o", "walk.jsonl")
    assert "each camera must have one file" in twice.stderr


def test_a_clip_of_another_size_needs_a_fit(
    triangulate: Callable[..., Result], tmp_path: Path
) -> None:
    cut = CAMERAS["cam2"].cropped(80, 0, (1200, 720))
    vt.save_results(clip_of(cut, TRUTH, fps=FPS), tmp_path / "cam2.jsonl")
    words = ("cam1.jsonl", "cam2.jsonl", "-o", "walk.jsonl")
    refused = triangulate(*words)
    assert refused.exit_code == 2
    assert (
        "camera 'cam2' is calibrated for images of 1280x720 px, got 1200x720: "
        "give --fit cam2=LEFT,TOP"
    ) in refused.stderr
    assert "\n" not in refused.stderr.strip()
    for fit in ("cam2=80,0", "cam2=auto"):
        done = triangulate(*words, "--fit", fit)
        assert done.exit_code == 0, done.output
        assert "cam2: reprojection error 0.0 px" in done.stdout
    for fit in ("cam2", "cam2=1", "cam2=left"):
        wrong = triangulate(*words, "--fit", fit)
        assert wrong.exit_code == 2
        assert "--fit must be NAME=LEFT,TOP, NAME=scale or NAME=auto" in wrong.stderr
    words += ("--fit", "cam2=auto", "--fit", "cam7=auto")
    assert "'cam7' is not in the calibration" in triangulate(*words).stderr


def test_clips_that_start_at_other_times(
    triangulate: Callable[..., Result], tmp_path: Path
) -> None:
    late = clip_of(CAMERAS["cam2"], true_points([WALKER, STANDER], TIMES_S + 0.12), fps=FPS)
    vt.save_results(late, tmp_path / "cam2.jsonl")
    words = ("cam1.jsonl", "cam2.jsonl", "-o", "walk.jsonl")
    together = triangulate(*words)
    assert "warning: cam2 fits better if it starts at +0.12" in together.stderr
    given = triangulate(*words, "--sync", "1,1.12")
    assert given.exit_code == 0, given.output
    assert given.stderr == ""
    assert "cam2: reprojection error 0.0 px" in given.stdout
    for sync in ("0", "0,1,2", "soon,late"):
        wrong = triangulate(*words, "--sync", sync)
        assert wrong.exit_code == 2
        assert "--sync must be none, auto or 2 times in s, as 0,0.12" in wrong.stderr
    short = triangulate(*words, "--sync", "auto")
    assert short.exit_code == 2
    assert "synchronisation needs people in view for 5 s" in short.stderr


def test_starts_are_found_and_told(triangulate: Callable[..., Result], tmp_path: Path) -> None:
    squats = motions.sequence([(s, motions.squat(s)) for s in (1.9, 1.1, 2.6, 1.4, 2.2)])
    for name, start_s in (("cam1", 0.0), ("cam2", 0.3)):
        points = true_points([Person(motion=squats)], start_s + np.arange(180) / FPS)
        vt.save_results(clip_of(CAMERAS[name], points, fps=FPS), tmp_path / f"{name}.jsonl")
    result = triangulate("cam1.jsonl", "cam2.jsonl", "-o", "walk.jsonl", "--sync", "auto")
    assert result.exit_code == 0, result.output
    assert "cam2: starts at +0.30" in result.stdout
    assert "(correlation 0.9" in result.stdout


def test_a_camera_that_was_moved_is_told(
    triangulate: Callable[..., Result], tmp_path: Path
) -> None:
    moved = CAMERAS["cam3"].cropped(-60, -60, CAMERAS["cam3"].wh)
    vt.save_results(clip_of(moved, TRUTH, fps=FPS), tmp_path / "cam3.jsonl")
    files = ("cam1.jsonl", "cam2.jsonl", "cam3.jsonl")
    result = triangulate(*files, "-o", "walk.jsonl", "--max-error", "80")
    assert result.exit_code == 0, result.output
    assert "has a reprojection error of" in result.stderr
    result = triangulate(*files, "-o", "walk.jsonl")
    assert "of the landmarks that cam3 sees fit the other cameras: check the order" in result.stderr


def test_files_in_the_wrong_order_are_told(triangulate: Callable[..., Result]) -> None:
    result = triangulate("cam1=cam2.jsonl", "cam2=cam1.jsonl", "-o", "walk.jsonl")
    for name in ("cam1", "cam2"):
        assert f"of the landmarks that {name} sees fit the other cameras" in result.stderr


def test_a_calibration_in_mm_is_told(triangulate: Callable[..., Result], tmp_path: Path) -> None:
    in_mm = {n: replace(c, translation=1000 * c.translation) for n, c in CAMERAS.items()}
    save_calibration(in_mm, tmp_path / "calib.toml")
    result = triangulate("cam1.jsonl", "cam2.jsonl", "-o", "walk.jsonl")
    assert result.exit_code == 0, result.output
    assert re.search(r"a person is 1\d\d\d\.\d m tall: the calibration must be in m", result.stderr)


def test_a_camera_that_sees_nobody_is_told_and_one_without_frames_is_an_error(
    triangulate: Callable[..., Result], tmp_path: Path
) -> None:
    files = ("cam1.jsonl", "cam2.jsonl", "cam3.jsonl")
    nobody = clip_of(CAMERAS["cam2"], np.full_like(TRUTH, np.nan), fps=FPS)
    vt.save_results(nobody, tmp_path / "cam2.jsonl")
    result = triangulate(*files, "-o", "walk.jsonl")
    assert "cam2: not used\n" in result.stdout
    assert result.stderr == ""
    (tmp_path / "cam2.jsonl").write_text("")
    assert "the clip of camera 'cam2' has no frames" in triangulate(*files, "-o", "w.csv").stderr


def test_starts_must_be_numbers(triangulate: Callable[..., Result]) -> None:
    for words in ("0,nan", "0", "0,x"):
        result = triangulate("cam1.jsonl", "cam2.jsonl", "-o", "walk.jsonl", "--sync", words)
        assert result.exit_code == 2
        assert "--sync must be none, auto or 2 times in s" in result.stderr


def test_nobody_gives_results_without_poses_and_no_markers(
    triangulate: Callable[..., Result], tmp_path: Path
) -> None:
    for name in ("cam1", "cam2"):
        empty = clip_of(CAMERAS[name], np.full_like(TRUTH, np.nan), fps=FPS)
        vt.save_results(empty, tmp_path / f"{name}.jsonl")
    result = triangulate("cam1.jsonl", "cam2.jsonl", "-o", "walk.jsonl")
    assert result.exit_code == 0, result.output
    assert "nobody is seen by two cameras, in 0 of 40 frames" in result.stdout
    assert not any(map(len, vt.load_results(tmp_path / "walk.jsonl")))
    failed = triangulate("cam1.jsonl", "cam2.jsonl", "-o", "walk.trc")
    assert failed.exit_code == 1
    assert "nobody was found in 40 frames" in failed.stderr


def test_wrong_files_are_one_line(triangulate: Callable[..., Result], tmp_path: Path) -> None:
    assert triangulate("cam1.jsonl", "-o", "w.jsonl").exit_code == 2
    picture = triangulate("cam1.jsonl", "cam2.jsonl", "-o", "walk.mp4")
    assert picture.exit_code == 2
    assert "'walk.mp4' needs the frames: triangulate writes no pictures" in picture.stderr
    (tmp_path / "calib.toml").write_text("[cam1]\nmatrix = 3\n")
    broken = triangulate("cam1.jsonl", "cam2.jsonl", "-o", "walk.jsonl")
    assert broken.exit_code == 1
    assert "can't read a calibration from 'calib.toml': [cam1] size is missing" in broken.stderr
    (tmp_path / "calib.toml").unlink()
    assert "can't read 'calib.toml'" in triangulate("cam1.jsonl", "-o", "walk.jsonl").stderr
