"""Which inputs and outputs given names stand for, and which jobs are complete."""

from __future__ import annotations

import logging
import os
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vitruvian.core.frame import Frame
from vitruvian.core.pose import PoseResult
from vitruvian.export import open_output
from vitruvian.export.series import series_names
from vitruvian.runs.plan import planned_jobs


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


def test_an_address_is_a_receiver_and_no_file() -> None:
    address = "vmc://127.0.0.1:39539"
    (job,) = planned_jobs(["0"], [address])
    assert (job.outputs, job.receivers) == ((), (address,))
    (job,) = planned_jobs(["0"], ["walk.csv", address])
    assert (job.outputs, job.receivers) == ((Path("walk.csv"),), (address,))
    with pytest.raises(ValueError, match="poses of 2 inputs can't be sent to one 'vmc://127"):
        planned_jobs(["a.mp4", "b.mp4"], [address])
    with pytest.raises(ValueError, match="the address must be vmc://HOST:PORT"):
        planned_jobs(["0"], ["vmc://:1"])


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


def test_jobs_of_the_same_name_are_called_by_their_path() -> None:
    touch("a/walk.mp4", "b/walk.mp4", "b/run.mp4")
    jobs = planned_jobs(["a/walk.mp4", "b/*.mp4"], ["{folder}/{name}.csv"])
    assert [job.name for job in jobs] == ["a/walk.mp4", "run.mp4", "b/walk.mp4"]


def test_a_pattern_of_videos_is_expanded() -> None:
    touch("in/b.mp4", "in/a.mp4", "in/c.txt")
    assert [job.input for job in planned_jobs(["in/*.mp4"])] == ["in/a.mp4", "in/b.mp4"]


@pytest.mark.parametrize("word", ["in/*", "in/*.jpg", "none/*.mp4", "http://a/b.mp4?token=1"])
def test_other_patterns_are_one_input(word: str) -> None:
    touch("in/b.mp4", "in/1.jpg", "in/2.jpg")
    assert [job.input for job in planned_jobs([word])] == [word]


def test_an_input_that_is_given_twice_is_one_job() -> None:
    touch("a.mp4", "b.mp4")
    jobs = planned_jobs(["b.mp4", "*.mp4", "./a.mp4", os.path.abspath("b.mp4")])
    assert [job.input for job in jobs] == ["b.mp4", "a.mp4"]


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
    ("words", "outputs", "remedy"),
    [
        (["a/walk.mp4", "b/walk.mp4"], [], "put {folder} into its name, such as '{folder}/{name}."),
        (["a/1.mp4", "b/1.mp4"], ["out/{name}.csv"], "such as '{folder}/{name}.csv'"),
        (["a/x/1.mp4", "b/x/1.mp4"], ["x.csv"], "put {folder} into its name"),
        (["walk.mp4", "walk.mov"], ["{name}.csv"], "give the inputs different names, or track"),
        (["a.mp4", "b.mp4"], ["x.csv"], "put {name} into its name"),
        (["a.mp4", "b.mp4"], ["{name}.csv", "x.csv"], "put {name} into its name"),
        (["a.mp4", "b.mp4"], ["{frame:06d}.png"], "put {name} into its name"),
    ],
)
def test_two_inputs_must_not_be_written_to_one_file(
    words: list[str], outputs: list[str], remedy: str
) -> None:
    message = r"would both be written to '.*': .*" + re.escape(remedy)
    with pytest.raises(ValueError, match=message):
        planned_jobs(words, [Path(output) for output in outputs])


def test_one_input_must_not_be_written_to_one_file_twice() -> None:
    with pytest.raises(ValueError, match=r"the outputs must be different, got \['a\.csv'"):
        planned_jobs(["a.mp4"], ["a.csv", "./{name}.csv"])


@pytest.mark.parametrize(
    ("word", "output"),
    [
        ("in", "in/{frame:06d}.png"),
        ("in", "./{name}/{frame}.png"),
        ("./in/*.png", "{folder}/{frame}.png"),
        ("in/**", "in/{frame}.png"),
    ],
)
def test_numbered_images_must_not_replace_the_images_that_are_read(word: str, output: str) -> None:
    touch("in/000001.png", "in/a.png", "in/b.jpg")
    with pytest.raises(ValueError, match=r"would replace the input '.*in/000001\.png'"):
        planned_jobs([word], [output])
    assert planned_jobs(["in/*.jpg"], ["in/{frame}.png"])
    assert planned_jobs([word], ["in/x{frame:06d}.png"])


@pytest.mark.parametrize("output", ["walk.mp4", "./walk.mp4", "{name}.mp4", "link.mp4"])
def test_an_output_must_not_be_its_input(output: str) -> None:
    touch("walk.mp4")
    Path("link.mp4").symlink_to("walk.mp4")
    with pytest.raises(ValueError, match=r"must not be the input itself, got 'walk\.mp4'"):
        planned_jobs(["walk.mp4"], [Path(output)])


# --- fields ---


@pytest.mark.parametrize(
    ("word", "folder"),
    [
        ("walk.mp4", "."),
        ("./walk.mp4", "."),
        ("a/walk.mp4", "a"),
        ("a/../b/c d/walk.mp4", "b/c-d"),
        ("a/photos", "a"),
        ("a/*/*.jpg", "a"),
        ("0", "."),
        ("https://me:secret@site.org/a/b/walk.mp4?key=1", "site.org/a/b"),
    ],
)
def test_folder_in_an_output_is_that_of_the_input(word: str, folder: str) -> None:
    touch("a/photos/1.jpg", "a/b/1.jpg")
    assert outputs_of(word, "out/{folder}/x.csv") == [str(Path("out", folder, "x.csv"))]


def test_folder_of_an_input_elsewhere_is_its_path_from_the_root(tmp_path: Path) -> None:
    here = Path("here")
    here.mkdir()
    os.chdir(here)  # the fixture returns to the folder of the session
    elsewhere = (tmp_path / "a").relative_to("/").as_posix()
    assert outputs_of("../a/walk.mp4", "{folder}/{name}.csv") == [f"{elsewhere}/walk.csv"]
    assert outputs_of(f"{tmp_path}/here/b/walk.mp4", "{folder}/{name}.csv") == ["b/walk.csv"]


def test_folders_of_the_same_name_stay_apart() -> None:
    words = ["a/x/walk.mp4", "b/x/walk.mp4", "x/walk.mp4", "walk.mp4"]
    jobs = planned_jobs(words, ["out/{folder}/{name}.csv", "{folder}_{name}.csv"])
    assert [list(map(str, job.outputs)) for job in jobs] == [
        ["out/a/x/walk.csv", "a/x_walk.csv"],
        ["out/b/x/walk.csv", "b/x_walk.csv"],
        ["out/x/walk.csv", "x_walk.csv"],
        ["out/walk.csv", "._walk.csv"],
    ]
    assert jobs[0].folders == (Path("out/a/x"), Path("a"))


@pytest.mark.parametrize(
    "output",
    [
        *("{x}.csv", "{.csv", "}.csv", "{{name}}.csv", "{name!r}.csv", "{0}.csv", "{}.csv"),
        *("{name.__class__}.csv", "{name:>9}.csv", "{Name}/a.csv", "{frame}.csv", "{frame}/a.png"),
        *(
            "{frame!r}.png",
            "{frame:x}.png",
            "{frame:999}.png",
            "{frame.real}.png",
            "{frame[0]}.png",
        ),
    ],
)
def test_other_braces_are_an_error(output: str) -> None:
    with pytest.raises(ValueError, match=r"braces in an output must be {name}") as caught:
        planned_jobs(["walk.mp4"], [output])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "field", ["{frame}", "{frame:06d}", "{frame:6d}", "{frame:06}", "{frame:d}"]
)
def test_every_form_of_the_frame_number_that_is_planned_can_be_written(
    field: str, tmp_path: Path
) -> None:
    (job,) = planned_jobs(["my {walk}.mp4"], [f"{{folder}}_{{name}}_{field}.png"])
    with open_output(tmp_path / job.outputs[0]) as sink:
        sink.write(PoseResult(7, 0, 4, 4), Frame(np.zeros((4, 4, 3), np.uint8)))
    (name,) = os.listdir(tmp_path)
    numbered = series_names(job.outputs[0])
    assert numbered is not None
    assert int(numbered.fullmatch(name)[1]) == 7  # type: ignore[index]


def test_an_unknown_suffix_is_an_error() -> None:
    with pytest.raises(ValueError, match="the suffix must be one of"):
        planned_jobs(["a.mp4", "b.mp4"], [Path("{name}.txt")])
