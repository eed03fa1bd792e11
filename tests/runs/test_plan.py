"""Which inputs and outputs given names stand for, and which jobs are complete."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest
from PIL import Image

from vitruvian.runs.job import Job
from vitruvian.runs.plan import is_complete, planned_jobs


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def touch(*names: str, time_s: float | None = None) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()
        if time_s is not None:
            os.utime(name, (time_s, time_s))


def outputs_of(input_: str, *outputs: str) -> list[str]:
    (job,) = planned_jobs([input_], list(outputs))
    return [str(path) for path in job.outputs]


@pytest.mark.parametrize(
    ("word", "drawn"),
    [
        ("walk.mp4", "walk.annotated.mp4"),
        ("in/my walk (1).mkv", "my-walk-1.annotated.mp4"),
        ("dance.gif", "dance.annotated.mp4"),
        ("photo.jpg", "photo.annotated.png"),
        ("photos", "photos.annotated/{frame:06d}.jpg"),
        ("photos/*.jpg", "result.annotated/{frame:06d}.jpg"),
        ("photos/img_%04d.jpg", "img_.annotated/{frame:06d}.jpg"),
        ("photos/####.jpg", "result.annotated/{frame:06d}.jpg"),
        ("0", "camera-0.annotated.mp4"),
        ("/dev/video2", "camera-2.annotated.mp4"),
        ("rtsp://me:secret@door.local/main", "main.annotated.mp4"),
    ],
)
def test_outputs_are_named_after_the_input_in_the_current_folder(word: str, drawn: str) -> None:
    touch("photos/1.jpg")
    landmarks = drawn.partition(".annotated")[0] + ".jsonl"
    assert outputs_of(word) == [drawn, landmarks]


@pytest.mark.parametrize(
    ("kind", "drawn"),
    [
        ("TIFF", "a.annotated/{frame:06d}.jpg"),
        ("PNG", "a.annotated.mp4"),
        ("WEBP", "a.annotated.mp4"),
        ("GIF", "a.annotated.mp4"),
    ],
)
def test_outputs_suit_the_number_of_pictures_in_an_image_file(kind: str, drawn: str) -> None:
    pictures = [Image.new("RGB", (8, 6), (80 * i, 0, 0)) for i in range(2)]
    pictures[0].save("a.jpg", kind, save_all=True, append_images=pictures[1:])
    assert outputs_of("a.jpg") == [drawn, "a.jsonl"]
    pictures[0].save("a.jpg")
    assert outputs_of("a.jpg") == ["a.annotated.png", "a.jsonl"]


def test_only_the_folder_for_pictures_is_made() -> None:
    touch("photos/1.jpg")
    assert planned_jobs(["photos"])[0].folders == (Path("photos.annotated"),)
    assert planned_jobs(["walk.mp4"])[0].folders == ()


def test_name_in_an_output_is_the_name_of_the_input_and_its_folder_is_made() -> None:
    (job,) = planned_jobs(["in/walk.mp4"], [Path("out/{name}/{frame}.png"), Path("a/b.csv")])
    assert job.outputs == (Path("out/walk/{frame}.png"), Path("a/b.csv"))
    assert job.folders == (Path("out/walk"),)


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("in/walk.mp4", "walk.mp4"),
        ("rtsp://me:secret@door.local/main", "rtsp://door.local/main"),
        ("0", "camera 0"),
        ("in", "in"),
    ],
)
def test_the_name_of_a_job_is_short_and_has_no_password(word: str, name: str) -> None:
    touch("in/walk.mp4")
    assert planned_jobs([word])[0].name == name


def test_a_pattern_of_videos_is_expanded() -> None:
    touch("in/b.mp4", "in/a.mp4", "in/c.txt")
    assert [job.input for job in planned_jobs(["in/*.mp4"])] == ["in/a.mp4", "in/b.mp4"]


@pytest.mark.parametrize("word", ["in/*", "in/*.jpg", "none/*.mp4", "http://a/b.mp4?token=1"])
def test_other_patterns_are_one_input(word: str) -> None:
    touch("in/b.mp4", "in/1.jpg", "in/2.jpg")
    assert [job.input for job in planned_jobs([word])] == [word]


def test_an_input_that_is_given_twice_is_one_job() -> None:
    touch("a.mp4", "b.mp4")
    assert [job.input for job in planned_jobs(["b.mp4", "*.mp4"])] == ["b.mp4", "a.mp4"]


def test_annotated_videos_of_an_earlier_run_are_skipped(caplog: pytest.LogCaptureFixture) -> None:
    touch("a.mp4", "a.annotated.mp4", "b.annotated.mp4", "a.annotated.annotated.mp4")
    with caplog.at_level(logging.WARNING):
        jobs = planned_jobs(["*.mp4"])
    assert [job.input for job in jobs] == ["a.mp4", "b.annotated.mp4"]
    assert caplog.messages == [
        "skipped a.annotated.annotated.mp4: it is an output of a.annotated.mp4",
        "skipped a.annotated.mp4: it is an output of a.mp4",
    ]


@pytest.mark.parametrize(
    ("words", "outputs"),
    [
        (["a/walk.mp4", "b/walk.mp4"], []),
        (["walk.mp4", "walk.mov"], ["{name}.csv"]),
        (["walk.mp4", "./walk.mp4"], []),
        (["a.mp4", "b.mp4"], ["x.csv"]),
        (["a.mp4", "b.mp4"], ["{name}.csv", "x.csv"]),
    ],
)
def test_two_inputs_must_not_be_written_to_one_file(words: list[str], outputs: list[str]) -> None:
    with pytest.raises(
        ValueError, match=r"would both be written to '.*': put {name} into its name"
    ):
        planned_jobs(words, [Path(output) for output in outputs])


@pytest.mark.parametrize("output", ["walk.mp4", "./walk.mp4", "{name}.mp4", "link.mp4"])
def test_an_output_must_not_be_its_input(output: str) -> None:
    touch("walk.mp4")
    Path("link.mp4").symlink_to("walk.mp4")
    with pytest.raises(ValueError, match=r"must not be the input itself, got 'walk\.mp4'"):
        planned_jobs(["walk.mp4"], [Path(output)])


def test_an_unknown_suffix_is_an_error() -> None:
    with pytest.raises(ValueError, match="the suffix must be one of"):
        planned_jobs(["a.mp4", "b.mp4"], [Path("{name}.txt")])


# --- complete jobs ---


def job(name: str = "in.mp4", *outputs: str) -> Job:
    return Job(name, name, tuple(map(Path, outputs or ("in.jsonl", "in.annotated.mp4"))))


def test_a_job_is_complete_when_all_its_files_are_there_and_not_older() -> None:
    touch("in.mp4", time_s=1000)
    assert not is_complete(job())
    touch("in.jsonl", time_s=1000)
    assert not is_complete(job())
    touch("in.annotated.mp4", time_s=2000)
    assert is_complete(job())
    touch("in.mp4", time_s=1001)
    assert not is_complete(job())


def test_partial_files_of_an_interrupted_run_are_not_complete() -> None:
    touch("in.mp4", time_s=1000)
    touch("in.partial.jsonl", "in.annotated.partial.mp4", ".in.0123.tmp", time_s=2000)
    assert not is_complete(job())


def test_a_folder_changes_with_its_images() -> None:
    touch("in/1.jpg", time_s=1000)
    os.utime("in", (1000, 1000))
    touch("in.jsonl", time_s=2000)
    assert is_complete(job("in", "in.jsonl", "in.annotated/{frame:06d}.jpg"))
    assert is_complete(job("in/*.jpg", "in.jsonl"))
    touch("in/1.jpg", time_s=3000)
    assert not is_complete(job("in", "in.jsonl"))
    assert not is_complete(job("in/*.jpg", "in.jsonl"))


def test_pictures_alone_do_not_show_that_all_frames_are_there() -> None:
    touch("in.mp4", time_s=1000)
    touch("000000.png", time_s=2000)
    assert not is_complete(job("in.mp4", "{frame:06d}.png"))


@pytest.mark.parametrize("name", ["0", "/dev/video0", "rtsp://door.local/main", "absent.mp4"])
def test_an_input_without_an_end_or_a_file_is_never_complete(name: str) -> None:
    touch("out.jsonl", "0")
    assert not is_complete(job(name, "out.jsonl"))
