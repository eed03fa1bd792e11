"""`vitruvian analyse`: what it writes and prints, and what it says of bad input."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.analysis.figures import person_doing

from vitruvian.analysis.angles import angle_names, joint_angles
from vitruvian.analysis.classes import PoseSamples
from vitruvian.core.pose import PoseResult
from vitruvian.core.provenance import Provenance
from vitruvian.core.sequence import PoseSequence
from vitruvian.export import load_results, save_results
from vitruvian.synthetic import motions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typer.testing import Result

    Program = Callable[..., Result]


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text())))


@pytest.fixture(scope="module")
def squats(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("squats") / "squats.jsonl"
    save_results(person_doing(motions.squat(2.0), 150, heading_deg=45), path)
    return path


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("two") / "two.jsonl"
    walk = person_doing(motions.walk(1.2), 80, position=(-1.6, 0.0), heading_deg=90)
    other = person_doing(motions.squat(), 80, position=(1.0, -1.0), id_=4)
    save_results(PoseSequence.from_people([walk, other]), path)
    return path


def test_repetitions_angles_and_report(vitruvian: Program, squats: Path, tmp_path: Path) -> None:
    done = vitruvian(
        *("analyse", squats, "--reps", "squat,curl", "--reps", "lunge"),
        *("--angles", "angles.csv", "--plot", "report.html", "--path", "path.png"),
    )
    assert done.exit_code == 0, done.output
    assert "squat: 2 repetitions" in done.output
    assert "lunge: " in done.output
    rows = rows_of(tmp_path / "angles.csv")
    assert len(rows) == 150
    assert tuple(rows[0])[:3] == ("frame", "timestamp_us", "id")
    assert tuple(rows[0])[3:] == angle_names()
    assert {row["id"] for row in rows} == {"1"}
    assert 80 < float(rows[30]["left_knee"]) < 130
    assert "Repetitions: squat" in (tmp_path / "report.html").read_text()
    assert (tmp_path / "path.png").read_bytes().startswith(b"\x89PNG")


def test_angles_are_those_of_the_library(vitruvian: Program, squats: Path, tmp_path: Path) -> None:
    vitruvian("analyse", squats, "--angles", "a.csv", "--smooth", "0", "-m", "full")
    person = person_doing(motions.squat(2.0), 150, heading_deg=45)
    wanted = joint_angles(person)["right_elbow"]
    got = [float(row["right_elbow"]) for row in rows_of(tmp_path / "a.csv")]
    np.testing.assert_allclose(got, wanted, atol=6e-4)


def test_clinical_angles(vitruvian: Program, squats: Path, tmp_path: Path) -> None:
    assert vitruvian("analyse", squats, "--angles", "a.csv", "--angle-set", "isb").exit_code == 0
    assert tuple(rows_of(tmp_path / "a.csv")[0])[3:] == angle_names("isb")


def test_everyone_is_written_and_one_can_be_chosen(
    vitruvian: Program, two: Path, tmp_path: Path
) -> None:
    done = vitruvian("analyse", two, "--angles", "a.csv", "--gait", "steps.csv")
    assert {row["id"] for row in rows_of(tmp_path / "a.csv")} == {"1", "4"}
    assert {row["id"] for row in rows_of(tmp_path / "steps.csv")} == {"1"}
    assert "person 4" in done.output
    assert "gait: no walking found" in done.output
    assert "steps per minute" in done.output
    vitruvian("analyse", two, "--angles", "a.csv", "--person", "4")
    assert {row["id"] for row in rows_of(tmp_path / "a.csv")} == {"4"}
    wrong = vitruvian("analyse", two, "--person", "3")
    assert wrong.exit_code == 2
    assert "--person must be one of [1, 4], got 3" in wrong.output


def test_same_input_gives_the_same_bytes(vitruvian: Program, two: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        vitruvian("analyse", two, "--plot", f"{name}.html", "--angles", f"{name}.csv", "-q")
    for suffix in (".html", ".csv"):
        one, other = (tmp_path / f"{name}{suffix}" for name in "ab")
        assert one.read_bytes() == other.read_bytes()


def test_several_inputs_need_their_names_in_the_outputs(
    vitruvian: Program, two: Path, squats: Path, tmp_path: Path
) -> None:
    done = vitruvian("analyse", two, squats, "--angles", "angles.csv")
    assert done.exit_code == 2
    assert "several inputs need {name} or {folder}" in done.output
    assert vitruvian("analyse", two, squats, "--angles", "{name}.csv").exit_code == 0
    assert (tmp_path / "two.csv").exists()
    assert (tmp_path / "squats.csv").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--reps", "yoga"], "exercise must be one of ['curl'"),
        (["--angles", "angles.txt"], "'angles.txt' must end with .csv"),
        (["--plot", "report.pdf"], "must end with .html"),
        (["--path", "path.gif"], "must end with .png or .svg"),
        (["--angle-set", "mine", "--angles", "a.csv"], "angle_set must be sports2d or isb"),
        (["--count", "down"], "--count needs --classes"),
        (["--angles", "there/is/no.csv"], "there is no folder"),
        (["--classes", "none.csv"], "--classes needs a file of samples, there is no 'none.csv'"),
        (["--angles", "a.csv", "--gait", "a.csv"], "can't be the file of angles and of gait"),
    ],
)
def test_wrong_options_are_one_line(
    vitruvian: Program, squats: Path, words: list[str], message: str
) -> None:
    done = vitruvian("analyse", squats, *words)
    assert done.exit_code == 2
    assert message in done.output
    assert done.output.count("\n") == 1


def test_the_input_is_not_replaced(vitruvian: Program, tmp_path: Path) -> None:
    save_results(person_doing(motions.squat(), 5), tmp_path / "squats.csv")
    before = (tmp_path / "squats.csv").read_bytes()
    done = vitruvian("analyse", "squats.csv", "--angles", "./squats.csv")
    assert done.exit_code == 2
    assert "'squats.csv' would replace the input" in done.output
    assert (tmp_path / "squats.csv").read_bytes() == before


def test_unknown_classes_are_told_before_the_video_is_tracked(
    vitruvian: Program, tmp_path: Path
) -> None:
    landmarks = person_doing(motions.squat(), 2).landmarks
    PoseSamples(("a", "b"), ("up", "down"), landmarks).save(tmp_path / "model.csv")
    done = vitruvian("analyse", "none.mp4", "--classes", "model.csv", "--count", "low")
    assert done.exit_code == 2
    assert "--count must be one of the classes ['down', 'up'], got 'low'" in done.output


def test_report_tells_the_smoothing_that_was_possible(
    vitruvian: Program, squats: Path, tmp_path: Path
) -> None:
    save_results(person_doing(motions.squat(2.0), 25, fps=5), tmp_path / "slow.jsonl")
    for path, told in ((squats, "6 Hz"), ("slow.jsonl", "2.25 Hz")):
        vitruvian("analyse", path, "--plot", "r.html")
        assert f"<dt>Smoothing</dt><dd>{told}</dd>" in (tmp_path / "r.html").read_text()


def test_no_path_is_written_without_people(vitruvian: Program, tmp_path: Path) -> None:
    save_results([PoseResult(i, 40_000 * i, 640, 480) for i in range(20)], tmp_path / "e.jsonl")
    (tmp_path / "p.png").touch()
    done = vitruvian("analyse", "e.jsonl", "--path", "p.png")
    assert "no paths" in done.output
    assert "wrote" not in done.output


def test_missing_file_is_one_line(vitruvian: Program) -> None:
    done = vitruvian("analyse", "none.jsonl", "--reps", "squat")
    assert done.exit_code == 1
    assert "can't read 'none.jsonl'" in done.output


def test_nobody_gives_files_without_rows(vitruvian: Program, tmp_path: Path) -> None:
    save_results([PoseResult(i, 40_000 * i, 640, 480) for i in range(20)], tmp_path / "e.jsonl")
    done = vitruvian(
        *("analyse", "e.jsonl", "--reps", "squat", "--angles", "a.csv", "--gait", "g.csv"),
        *("--plot", "r.html", "--path", "p.png"),
    )
    assert done.exit_code == 0, done.output
    assert "e.jsonl: 20 frames, 0.8 s, no person" in done.output
    assert rows_of(tmp_path / "a.csv") == rows_of(tmp_path / "g.csv") == []
    assert "No person found" in (tmp_path / "r.html").read_text()
    assert not (tmp_path / "p.png").exists()


@pytest.mark.parametrize("n", [1, 2, 5])
def test_few_frames_are_analysed(vitruvian: Program, tmp_path: Path, n: int) -> None:
    save_results(person_doing(motions.squat(), n), tmp_path / "few.jsonl")
    done = vitruvian(
        *("analyse", "few.jsonl", "--reps", "squat", "--gait", "g.csv", "--angles", "a.csv"),
        *("--plot", "r.html", "--path", "p.svg"),
    )
    assert done.exit_code == 0, done.output
    assert len(rows_of(tmp_path / "a.csv")) == n


def test_gap_of_two_seconds_has_no_rows(vitruvian: Program, tmp_path: Path) -> None:
    results = person_doing(motions.squat(2.0), 180).to_results()
    results[60:120] = [replace(result, poses=()) for result in results[60:120]]
    save_results(results, tmp_path / "gap.jsonl")
    done = vitruvian(
        "analyse", "gap.jsonl", "--angles", "a.csv", "--reps", "squat", "--plot", "r.html"
    )
    assert done.exit_code == 0, done.output
    assert not {int(r["frame"]) for r in rows_of(tmp_path / "a.csv")} & set(range(60, 120))


def test_variable_rate_is_analysed(vitruvian: Program, tmp_path: Path) -> None:
    person = person_doing(motions.squat(2.0), 150)
    times = np.sort(person.timestamps_us + np.random.default_rng(0).integers(-12_000, 12_000, 150))
    save_results(replace(person, timestamps_us=times - times[0]), tmp_path / "v.jsonl")
    done = vitruvian("analyse", "v.jsonl", "--reps", "squat", "--gait", "g.csv", "--plot", "r.html")
    assert done.exit_code == 0, done.output
    assert "squat: 2 repetitions" in done.output


def test_nan_landmarks_are_empty_cells(vitruvian: Program, tmp_path: Path) -> None:
    person = person_doing(motions.squat(2.0), 60)
    world = person.world.copy()
    world[20:40, 25] = np.nan
    image = person.landmarks.copy()
    image[20:40, 25] = np.nan
    broken = replace(person, world=world, landmarks=image, camera=None)
    save_results(broken, tmp_path / "n.jsonl")
    done = vitruvian("analyse", "n.jsonl", "--angles", "a.csv", "--plot", "r.html")
    assert done.exit_code == 0, done.output
    rows = rows_of(tmp_path / "a.csv")
    assert rows[30]["left_knee"] == ""
    assert float(rows[30]["right_knee"]) >= 0


def test_images_have_angles_and_nothing_else(vitruvian: Program, tmp_path: Path) -> None:
    results = person_doing(motions.squat(2.0), 4).to_results()
    photos = [
        replace(r, timestamp_us=0, poses=tuple(replace(p, id=None) for p in r.poses))
        for r in results
    ]
    save_results(photos, tmp_path / "photos.json")
    done = vitruvian("analyse", "photos.json", "--angles", "a.csv")
    assert done.exit_code == 0, done.output
    assert "photos.json: 4 images, 4 poses" in done.output
    rows = rows_of(tmp_path / "a.csv")
    assert {row["id"] for row in rows} == {""}
    assert len(rows) == 4
    wrong = vitruvian("analyse", "photos.json", "--reps", "squat")
    assert wrong.exit_code == 2
    assert "need a video, 'photos.json' has images" in wrong.output


def test_pictures_come_from_the_video_beside_the_results(
    vitruvian: Program, empty_room: Path, tmp_path: Path
) -> None:
    (tmp_path / "room.mp4").write_bytes(empty_room.read_bytes())
    person = person_doing(motions.squat(), 12, fps=25)
    small = replace(
        person, wh=np.tile([96, 64], (12, 1)), landmarks=person.landmarks / 10, camera=None
    )
    provenance = Provenance(source="room.mp4")
    save_results(small, tmp_path / "room.jsonl", provenance=provenance)
    vitruvian("analyse", "room.jsonl", "--plot", "r.html")
    assert (tmp_path / "r.html").read_text().count("data:image/jpeg") == 4
    (tmp_path / "room.mp4").unlink()
    vitruvian("analyse", "room.jsonl", "--plot", "r.html")
    assert "data:image/jpeg" not in (tmp_path / "r.html").read_text()


@pytest.mark.weights
def test_video_without_people(vitruvian: Program, empty_room: Path) -> None:
    done = vitruvian("analyse", empty_room, "--reps", "squat", "--plot", "r.html", "-m", "lite")
    assert done.exit_code == 0, done.output
    assert "12 frames" in done.output
    assert "no person" in done.output


@pytest.mark.weights
@pytest.mark.slow
def test_squats_of_a_woman(vitruvian: Program, testdata: Path, tmp_path: Path) -> None:
    clip = testdata / "clips" / "squats.mp4"
    done = vitruvian("analyse", clip, "--reps", "squat", "--plot", "r.html")
    assert done.exit_code == 0, done.output
    assert "squat: 2 repetitions and 1 partial" in done.output
    assert (tmp_path / "r.html").read_text().count("data:image/jpeg") == 3


def test_an_assumed_focal_length_is_told_if_it_matters(vitruvian: Program, squats: Path) -> None:
    poses = PoseSequence.from_results(load_results(squats))
    save_results(replace(poses, camera=None), "plain.jsonl")
    for words, is_told in (
        (["--path", "path.svg"], True),
        (["--path", "path.svg", "--fov", "60"], False),
        (["--angles", "angles.csv"], False),
    ):
        outcome = vitruvian("analyse", "plain.jsonl", *words)
        assert outcome.exit_code == 0
        assert ("the focal length is not known" in outcome.output) is is_told
