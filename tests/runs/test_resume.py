"""Which jobs are complete: outputs, options and inputs of real runs."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import av
import pytest
from PIL import Image

import vitruvian
from vitruvian import TrackerOptions
from vitruvian.draw.style import Style
from vitruvian.export import load_provenance, load_results, save_results
from vitruvian.export.motion import MotionOptions
from vitruvian.models.store import find_file
from vitruvian.runs import Job, LocalExecutor, Settings, Stop, is_complete, reason_to_run

if TYPE_CHECKING:
    from collections.abc import Callable

    MakeJob = Callable[[str, int], Job]

pytestmark = pytest.mark.weights

SETTINGS = Settings(options=TrackerOptions("lite"))
LANDMARKS = ("x.csv", "x.jsonl", "x.json", "x.npz", "x.parquet")
DRAWN = ("x.mp4", "x.mkv", "x.mov", "{frame:03d}.png", "x{frame}.jpg")


def run(job: Job, settings: Settings = SETTINGS) -> None:
    list(LocalExecutor().run([job], settings))


@pytest.fixture
def job(make_job: MakeJob, tmp_path: Path) -> Job:
    """Five frames, in every format."""
    (tmp_path / "out").mkdir()
    outputs = tuple(tmp_path / "out" / name for name in (*LANDMARKS, *DRAWN))
    return replace(make_job("walk", 5), outputs=outputs)


def reasons(job: Job, settings: Settings = SETTINGS) -> set[str | None]:
    """The reasons to run of each output alone, without its name."""
    found = set()
    for output in job.outputs:
        reason = reason_to_run(replace(job, outputs=(output,)), settings)
        found.add(reason and reason.replace(repr(str(output)), "it"))
    return found


def test_a_job_is_complete_after_its_run_whatever_the_formats(job: Job) -> None:
    assert reasons(job) == {"it does not exist"}
    run(job)
    assert reasons(job) == {None}
    assert is_complete(job, SETTINGS)


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (replace(SETTINGS, limit=3), "limit was None, is 3"),
        (replace(SETTINGS, rotation_deg=90), "rotation_deg was 0, is 90"),
        (replace(SETTINGS, realtime=True), "realtime was False, is True"),
        (Settings(options=TrackerOptions("full")), "model was lite, is full"),
        (
            Settings(options=TrackerOptions("lite", num_poses=2, profile="tasks")),
            "num_poses was 1, is 2; profile was default, is tasks",
        ),
        (Settings(options=TrackerOptions("lite", smoothing=0)), "smoothing was 0.5, is 0.0"),
    ],
)
def test_other_settings_are_a_reason_to_run_again(job: Job, other: Settings, reason: str) -> None:
    run(job)
    assert reasons(job, other) == {f"it was made with other settings: {reason}"}


def test_a_shorter_run_does_not_make_the_whole_complete(job: Job) -> None:
    run(job, replace(SETTINGS, limit=3))
    assert reasons(job) == {"it was made with other settings: limit was 3, is None"}
    run(job)
    assert len(load_results(job.outputs[0])) == 5
    assert reasons(job) == {None}


def test_the_drawing_style_counts_for_videos_and_images_only(job: Job) -> None:
    run(job)
    boxes = replace(SETTINGS, style=Style(box=True))
    reason = "it was made with other settings: box was False, is True"
    assert reasons(job, boxes) == {None, reason}
    assert is_complete(replace(job, outputs=job.outputs[: len(LANDMARKS)]), boxes)
    assert is_complete(job, replace(SETTINGS, style=Style()))


def test_threads_and_the_folder_of_models_do_not_count(job: Job) -> None:
    run(job)
    folder = find_file("lite").path.parent
    options = TrackerOptions("lite", threads=1, models_dir=folder)
    assert is_complete(job, Settings(options=options))
    assert str(folder) not in job.outputs[2].read_text()


@pytest.mark.parametrize("change", ["longer", "time", "older"])
def test_another_input_of_the_same_name_is_a_reason_to_run_again(job: Job, change: str) -> None:
    run(job)
    path = Path(job.input)
    now = path.stat()
    if change == "longer":
        path.write_bytes(path.read_bytes() + b"more")
        os.utime(path, ns=(now.st_atime_ns, now.st_mtime_ns))
    else:
        step = 1 if change == "time" else -(10**12)
        os.utime(path, ns=(now.st_atime_ns, now.st_mtime_ns + step))
    assert reasons(job) == {"the input has changed since it was made"}


def test_a_truncated_input_that_is_completed_is_tracked_again(
    make_job: MakeJob, tmp_path: Path
) -> None:
    whole = make_job("whole", 200)
    os.utime(whole.input, (1e9, 1e9))
    content = Path(whole.input).read_bytes()
    job = replace(whole, input=str(tmp_path / "walk.mkv"))
    Path(job.input).write_bytes(content[: len(content) * 9 // 10])
    os.utime(job.input, (1e9, 1e9))
    shutil.copy2(whole.input, tmp_path / "later.mkv")
    list(LocalExecutor().run([job], SETTINGS))
    (tmp_path / "later.mkv").replace(job.input)  # older than the output
    assert not is_complete(job, SETTINGS)


@pytest.mark.parametrize("kept", [0.0, 0.7])
def test_an_output_whose_end_was_lost_is_not_complete(job: Job, kept: float) -> None:
    noticed = [path for path in job.outputs if "{" not in path.name and path.suffix != ".mkv"]
    run(job)
    for path in noticed:
        os.truncate(path, int(kept * path.stat().st_size))
    assert None not in reasons(replace(job, outputs=tuple(noticed)))


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_an_image_whose_end_was_lost_is_not_complete(tmp_path: Path, suffix: str) -> None:
    Image.new("RGB", (64, 48)).save(tmp_path / "a.bmp")
    job = Job(str(tmp_path / "a.bmp"), "a.bmp", (tmp_path / f"b{suffix}",))
    run(job)
    assert is_complete(job, SETTINGS)
    os.truncate(job.outputs[0], job.outputs[0].stat().st_size - 5)
    assert not is_complete(job, SETTINGS)


def test_an_output_that_is_absent_is_a_reason(job: Job) -> None:
    run(job)
    job.outputs[5].unlink()
    assert reason_to_run(job, SETTINGS) == f"{str(job.outputs[5])!r} does not exist"


def test_a_series_of_images_is_complete_with_all_its_images(job: Job) -> None:
    run(job)
    series = replace(job, outputs=(job.outputs[8],))
    folder = job.outputs[8].parent
    assert load_provenance(job.outputs[8]).model == "lite"
    (folder / "002.png").unlink()
    assert reasons(series) == {"it is not a complete series"}
    run(series, replace(SETTINGS, limit=2))
    assert reasons(series, replace(SETTINGS, limit=2)) == {None}  # others are of an earlier run
    assert not is_complete(series, SETTINGS)


def test_an_interrupted_series_is_not_complete(make_job: MakeJob, tmp_path: Path) -> None:
    job = replace(make_job("walk", 60), outputs=(tmp_path / "{frame}.png",))
    stop = Stop()
    for event in LocalExecutor().run([job], SETTINGS, stop):
        if getattr(event, "n_done", 0) == 3:
            stop.request()
    assert (tmp_path / "1.png").is_file()
    assert reasons(job) == {"it is not a complete series"}


def test_an_interrupted_run_is_not_complete(make_job: MakeJob, tmp_path: Path) -> None:
    job = replace(make_job("walk", 60), outputs=(tmp_path / "x.csv", tmp_path / "x.mp4"))
    stop = Stop()
    for event in LocalExecutor().run([job], SETTINGS, stop):
        if getattr(event, "n_done", 0) == 3:
            stop.request()
    assert {p.name for p in tmp_path.glob("x.*")} >= {"x.partial.csv", "x.partial.mp4"}
    assert reasons(job) == {"it does not exist"}


def test_files_that_do_not_say_how_they_were_made_are_not_complete(job: Job) -> None:
    run(job)
    for output in job.outputs[: len(LANDMARKS)]:
        save_results([], output)
    for output in job.outputs[len(LANDMARKS) : len(LANDMARKS) + 3]:
        shutil.copy(job.input, output)
    job = replace(job, outputs=job.outputs[: len(LANDMARKS) + 3])
    assert reasons(job) == {"it does not say how it was made"}
    job.outputs[0].write_bytes(b"")
    job.outputs[5].write_bytes(b"")
    assert not any(is_complete(replace(job, outputs=(o,)), SETTINGS) for o in job.outputs)


def test_the_image_of_an_image_is_complete(tmp_path: Path) -> None:
    for suffix in (".png", ".jpg"):
        Image.new("RGB", (60, 40), "teal").save(tmp_path / f"wall{suffix}")
        job = Job(str(tmp_path / f"wall{suffix}"), "wall", (tmp_path / f"drawn{suffix}",))
        run(job)
        assert is_complete(job, SETTINGS)
        Image.new("RGB", (60, 40), "red").save(job.outputs[0])
        assert reasons(job) == {"it does not say how it was made"}


@pytest.mark.parametrize("pattern", ["", "*.jpg"])
def test_a_folder_changes_with_its_images(tmp_path: Path, pattern: str) -> None:
    (tmp_path / "in").mkdir()
    Image.new("RGB", (60, 40), "teal").save(tmp_path / "in" / "1.jpg")
    output = tmp_path / "in" / "in.jsonl"
    job = Job(os.path.join(tmp_path, "in", pattern), "in", (output,))
    run(job)
    assert is_complete(job, SETTINGS)
    Image.new("RGB", (60, 40), "teal").save(tmp_path / "in" / "2.jpg")
    assert reasons(job) == {"the input has changed since it was made"}


def test_another_model_file_of_the_same_name_is_a_reason(make_job: MakeJob, tmp_path: Path) -> None:
    model = tmp_path / "mine.tflite"
    shutil.copy(find_file("lite").path, model)
    settings = Settings(options=TrackerOptions(model))
    job = make_job("walk", 3)
    run(job, settings)
    assert is_complete(job, settings)
    shutil.copy(find_file("full").path, model)
    assert reasons(job, settings) == {"it was made with another model file of this name"}


@pytest.mark.parametrize(
    "name", ["0", "/dev/video0", "/dev/null", "rtsp://door.local/main", "absent.mp4"]
)
def test_an_input_without_an_end_or_a_file_is_never_complete(name: str) -> None:
    job = Job(name, name, (Path(__file__),))
    assert reason_to_run(job, SETTINGS) == "its input can't be compared with that of an earlier run"


def test_an_input_that_ended_too_early_is_read_again(job: Job) -> None:
    whole = Path(job.input)
    clip = whole.with_name("cut.mp4")
    with (
        av.open(str(whole)) as read,
        av.open(str(clip), "w", options={"movflags": "faststart"}) as written,
    ):
        stream = written.add_stream_from_template(read.streams.video[0])
        packets = [packet for packet in read.demux(read.streams.video[0]) if packet.size]
        n_missing = sum(packet.size for packet in packets[-2:])
        for packet in packets:
            packet.stream = stream
            written.mux(packet)
    clip.write_bytes(clip.read_bytes()[:-n_missing])
    told = [o for o in job.outputs if o.suffix not in (".json", ".mp4", ".mkv", ".mov")]
    cut = replace(job, input=str(clip), outputs=tuple(told))
    run(cut)
    assert all("not read to its end: 3 frames read" in str(reason) for reason in reasons(cut))
    assert len(load_results(told[0])) < 5


def test_files_of_one_person_are_complete_with_the_same_options(tmp_path: Path) -> None:
    names = ("x.trc", "x.c3d", "x_{id}.mot", "x.csv")
    outputs = tuple(tmp_path / name for name in names)
    clip = Path(vitruvian.__file__).parent / "data" / "demo.mp4"
    job = Job(str(clip), clip.name, outputs)
    settings = replace(SETTINGS, limit=20)
    assert reasons(job, settings) == {"it does not exist"}
    run(job, settings)
    assert reasons(job, settings) == {None}
    assert reasons(job, replace(settings, motion=MotionOptions())) == {None}
    taller = replace(settings, motion=MotionOptions(height_m=1.8))
    alone = [reason_to_run(replace(job, outputs=(output,)), taller) for output in outputs]
    change = "made with other settings: height_m was None, is 1.8"
    assert [str(reason).endswith(change) for reason in alone] == [True, True, True, False]
    (tmp_path / "x_0.mot.meta.json").unlink()
    os.truncate(tmp_path / "x.trc", 2000)
    assert reasons(job, settings) >= {"the end of it is missing"}
    people = reason_to_run(replace(job, outputs=outputs[2:]), settings)
    assert people == f"{str(tmp_path / 'x_0.mot')!r} does not say how it was made"


@pytest.mark.parametrize("kept", [0.0, 0.7])
def test_an_export_whose_end_was_lost_is_not_complete(tmp_path: Path, kept: float) -> None:
    names = (
        *("x.glb", "x.vrma", "x.bvh", "x.trc", "x.mot", "x.nc", "x.world.nc"),
        *("x.coco.json", "x.annotations.coco.json", "x.dlc.csv"),
    )
    clip = Path(vitruvian.__file__).parent / "data" / "demo.mp4"
    job = Job(str(clip), clip.name, tuple(tmp_path / name for name in names))
    settings = replace(SETTINGS, limit=20)
    run(job, settings)
    assert reasons(job, settings) == {None}
    for path in job.outputs:
        os.truncate(path, int(kept * path.stat().st_size))
        assert reason_to_run(replace(job, outputs=(path,)), settings), path.name
