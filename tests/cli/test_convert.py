"""`vitruvian convert`: the files that `vitruvian track` writes, from results on disk."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.export.walkers import absent, person, results_of

from vitruvian import MotionOptions, PoseSequence
from vitruvian.analysis.filtering import Filtering, filtered
from vitruvian.core.camera import Camera
from vitruvian.core.provenance import Provenance
from vitruvian.export import load_provenance, load_results, save_results
from vitruvian.lift.placement import placed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typer.testing import Result

    Program = Callable[..., Result]

NAMES = ("walk.trc", "walk.c3d", "walk.mot", "walk_{id}.trc", "walk.csv", "walk.npz")


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A file with a person of 60 frames and one of 40."""
    path = tmp_path / "walk.jsonl"
    save_results(results_of(person(number=1), absent(person(number=2), 0, 20)), path)
    return path


def test_several_files_are_written_and_named(results: Path, vitruvian: Program) -> None:
    outcome = vitruvian("convert", results, *NAMES, "--height", "1.74")
    assert outcome.exit_code == 0, outcome.output
    assert "".join(f"wrote {name}\n" for name in NAMES) in outcome.output
    names = {p.name for p in results.parent.iterdir() if not p.name.endswith(".meta.json")}
    people = {"walk_1.trc", "walk_2.trc"}
    assert names == {"walk.jsonl", *NAMES, *people} - {"walk_{id}.trc"}
    assert load_results("walk.npz") == load_results(results)


@pytest.mark.weights
def test_the_files_are_those_of_track(tmp_path: Path, vitruvian: Program) -> None:
    from importlib.resources import files

    clip = files("vitruvian") / "data" / "demo.mp4"
    options = ("--height", "1.74", "--up", "camera", "--markers", "blazepose+derived", "-q")
    outputs = (
        *("{name}.trc", "{name}.c3d", "{name}.mot", "{name}_{id}.trc"),
        *("{name}.glb", "{name}.vrma", "{name}.bvh"),
    )
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    tracked = [f"a/{name}" for name in outputs]
    outcome = vitruvian(
        "track", clip, "-m", "lite", "--limit", "20", "-o", "a/demo.jsonl",
        *[word for name in tracked for word in ("-o", name)], *options,
    )  # fmt: skip
    assert outcome.exit_code == 0, outcome.output
    outcome = vitruvian("convert", "a/demo.jsonl", *[f"b/{name}" for name in outputs], *options)
    assert outcome.exit_code == 0, outcome.output
    written = sorted(p.name for p in (tmp_path / "b").iterdir())
    assert len(written) == 12  # with sidecars for those without a place for provenance
    for name in written:
        assert (tmp_path / "b" / name).read_bytes() == (tmp_path / "a" / name).read_bytes(), name


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("x.mp4",), 2, "'x.mp4' needs the frames: use vitruvian track"),
        (("x.trc", "--person", "4"), 2, "--person must be one of [1, 2], got 4"),
        (("x.trc", "--up", "left"), 2, "up must be one of ['body', 'camera'], got 'left'"),
        (("x.trc", "--height", "174"), 2, "height_m must be 0.3 to 3, got 174.0"),
        (("x.trc", "--root", "camera"), 2, "--root camera needs results with positions"),
        (("x_{id}.csv",), 2, "braces in an output must be {name} or {folder}, got '{id}'"),
        (("x_{frame}.trc",), 2, "or, in the name of the file, {id}, got '{frame}'"),
        (("walk.jsonl",), 2, "the output must not be the input itself"),
        (("no/x.trc",), 1, "there is no folder 'no'"),
    ],
)
def test_a_mistake_is_one_line(
    results: Path, vitruvian: Program, words: tuple[str, ...], code: int, message: str
) -> None:
    outcome = vitruvian("convert", results.name, *words)
    assert message in outcome.output
    assert len(outcome.output.strip().splitlines()) == 1
    assert outcome.exit_code == code
    assert not list(results.parent.glob("x*"))


def test_files_of_nobody_are_not_named(results: Path, vitruvian: Program) -> None:
    nobody = [replace(result, poses=()) for result in load_results(results)]
    save_results(nobody, results)
    outcome = vitruvian("convert", results, "each_{id}.trc", "walk.csv")
    assert outcome.exit_code == 0, outcome.output
    assert "wrote walk.csv" in outcome.output
    assert "wrote each_{id}.trc" not in outcome.output


def test_results_that_are_not_there_are_an_error(vitruvian: Program) -> None:
    outcome = vitruvian("convert", "walk.jsonl", "walk.trc")
    assert outcome.exit_code == 1
    assert "can't read 'walk.jsonl': No such file or directory" in outcome.output


def test_a_camera_places_the_whole_clip(results: Path, vitruvian: Program) -> None:
    outcome = vitruvian("convert", results, "placed.jsonl", "--focal", 900, "--height", 1.74)
    assert outcome.exit_code == 0, outcome.output
    written = load_results(results.with_name("placed.jsonl"))
    sequence = PoseSequence.from_results(load_results(results))
    wh = written[0].width, written[0].height
    expected = placed(sequence, Camera.from_focal(wh, 900), height_m=1.74)
    assert PoseSequence.from_results(written).person(1) == expected.person(1)
    provenance = written[0].provenance
    assert provenance is not None
    assert provenance.camera is not None
    assert (provenance.camera["origin"], provenance.camera["height_m"]) == ("focal", 1.74)


def test_what_was_scaled_to_the_body_height_is_not_scaled_again(
    results: Path, vitruvian: Program
) -> None:
    assert vitruvian("convert", results, "p.jsonl", "--fov", 50, "--height", 1.9).exit_code == 0
    for height in ("1.9", None):
        options = () if height is None else ("--height", height)
        assert vitruvian("convert", "p.jsonl", f"{height}.trc", *options).exit_code == 0
    folder = results.parent
    scaled, plain = ((folder / f"{h}.trc").read_text().partition("m\t")[2] for h in ("1.9", None))
    assert scaled == plain
    assert (
        vitruvian("convert", "p.jsonl", "stand.trc", "--height", 1.9, "--root", "stand").exit_code
        == 0
    )
    assert (folder / "stand.trc").read_text().partition("m\t")[2] != plain


def test_smooth_filters_every_output(results: Path, vitruvian: Program) -> None:
    assert vitruvian("convert", results, "s.npz", "s.trc", "--smooth", 3).exit_code == 0
    sequence = PoseSequence.from_results(load_results(results))
    expected = filtered(sequence, Filtering(cutoff_hz=3))
    written = PoseSequence.from_results(load_results(results.with_name("s.npz")))
    assert written.person(1) == expected.person(1)
    save_results(sequence, results.with_name("t.trc"), motion=MotionOptions(smooth_hz=3))
    with_options = results.with_name("t.trc").read_text().splitlines()
    assert results.with_name("s.trc").read_text().splitlines()[1:] == with_options[1:]


def test_what_was_done_to_the_results_is_in_the_provenance(
    results: Path, vitruvian: Program
) -> None:
    provenance = Provenance(model="lite", run={"settings": {"limit": None}})
    save_results(load_results(results), results, provenance=provenance)
    options = {"same.csv": (), "smooth.csv": ("--smooth", 3), "placed.csv": ("--fov", 50)}
    done = {}
    for name, words in options.items():
        assert vitruvian("convert", results, name, *words).exit_code == 0
        written = load_provenance(results.with_name(name))
        assert written is not None
        assert written.run is not None
        done[name] = written.run["settings"].get("converted")
    assert done["same.csv"] is None
    assert done["smooth.csv"] == {"smooth_hz": 3}
    assert done["placed.csv"]["camera_space"]["fov_deg"] == 50


def test_an_assumed_focal_length_is_told(results: Path, vitruvian: Program) -> None:
    for words, is_told in ((["--camera-space"], True), (["--fov", "60"], False)):
        outcome = vitruvian("convert", results, "a.csv", *words)
        assert outcome.exit_code == 0
        assert ("the focal length is not known" in outcome.output) is is_told
