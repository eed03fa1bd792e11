"""Smoothing after tracking, in two passes; the networks are fakes with jitter."""

from __future__ import annotations

import os
import pickle
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest
from PIL import Image
from tests.fakes import CROP, FakeNetworks, crop_points, fake_networks, pose_answer

from vitruvian import (
    PoseSequence,
    SourceError,
    TrackerOptions,
    load_provenance,
    load_results,
    open_input,
)
from vitruvian.analysis.filtering import Filtering, filtered
from vitruvian.export.spool import ResultSpool
from vitruvian.lift.camera_options import CameraOptions
from vitruvian.lift.placer import placed_results
from vitruvian.runs import (
    Failed,
    Finished,
    Job,
    LocalExecutor,
    Progress,
    Settings,
    Stop,
    is_complete,
    reason_to_run,
)
from vitruvian.runs.second_pass import with_frames

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    MakeJob = Callable[[str, int], Job]

SMOOTH = Settings(filtering=Filtering(cutoff_hz=3))


@pytest.fixture(autouse=True)
def networks(monkeypatch: pytest.MonkeyPatch) -> FakeNetworks:
    """Networks that find one person, whose landmarks jitter with the grey of the frame."""

    def jittering(image: NDArray[np.uint8]) -> Any:
        grey = round(float(image[CROP // 2, CROP // 2].mean()))
        noise = np.random.default_rng(grey).normal(0, 3, (39, 3)).astype(np.float32)
        mask = np.full((CROP, CROP, 1), 5, np.float32)
        return pose_answer(crop_points() + noise, mask=mask)

    networks = fake_networks(monkeypatch)
    networks.landmarker.answer = jittering
    return networks


def run(job: Job, settings: Settings, stop: Stop | None = None) -> Any:
    *_, last = LocalExecutor().run([job], settings, stop)
    return last


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".meta.json"))


def test_the_outputs_are_the_filtered_unsmoothed_poses(make_job: MakeJob, tmp_path: Path) -> None:
    job = make_job("a", 30)
    run(job, Settings(options=TrackerOptions(smoothing=0)))
    raw = PoseSequence.from_results(load_results(job.outputs[0]))
    last = run(job, SMOOTH)
    assert isinstance(last, Finished), last
    assert (last.summary.n_frames, last.summary.n_with_pose) == (30, 30)
    found = PoseSequence.from_results(load_results(job.outputs[0]))
    assert found == filtered(raw, SMOOTH.filtering)
    assert found != raw
    assert names(tmp_path) == ["a.jsonl", "a.mp4"]


def test_every_output_gets_the_same_poses(make_job: MakeJob, tmp_path: Path) -> None:
    job = make_job("a", 12)
    files = [tmp_path / f"b{suffix}" for suffix in (".jsonl", ".npz", ".csv", ".mp4")]
    job = replace(job, outputs=(*files, tmp_path / "{frame:03d}.png"))
    last = run(job, SMOOTH)
    assert isinstance(last, Finished), last
    assert load_results(files[0]) == load_results(files[1]) == load_results(files[2])
    with av.open(str(files[3])) as container:
        assert sum(1 for _ in container.decode(video=0)) == 12
    assert len(list(tmp_path.glob("0??.png"))) == 12


def test_drawn_poses_are_the_smoothed_ones_with_their_masks(
    make_job: MakeJob, tmp_path: Path
) -> None:
    def drawn(settings: Settings) -> NDArray[np.uint8]:
        job = replace(make_job("a", 9), outputs=(tmp_path / "{frame}.png",))
        assert isinstance(run(job, settings), Finished)
        return np.asarray(Image.open(tmp_path / "4.png"))

    raw, smooth, masked = (
        drawn(settings)
        for settings in (
            Settings(options=TrackerOptions(smoothing=0)),
            SMOOTH,
            replace(SMOOTH, options=TrackerOptions(segmentation=True)),
        )
    )
    assert (raw != smooth).any()
    assert (masked != smooth).any()


def test_progress_counts_both_passes(make_job: MakeJob) -> None:
    job = make_job("a", 5)
    events = [e for e in LocalExecutor().run([job], SMOOTH) if isinstance(e, Progress)]
    n_done = [event.n_done for event in events]
    assert n_done == sorted(n_done)
    assert (n_done[0], n_done[-1]) == (0, 10)
    assert {event.n_total for event in events} == {10}


@pytest.mark.parametrize("n_done", [3, 23])
def test_a_stop_request_keeps_the_unsmoothed_poses(
    make_job: MakeJob, tmp_path: Path, n_done: int
) -> None:
    job = make_job("a", 20)
    job = replace(job, outputs=(tmp_path / "b.csv",))
    stop = Stop()
    last = None
    for last in LocalExecutor().run([job], SMOOTH, stop):
        if isinstance(last, Progress) and last.n_done == n_done:
            stop.request()
    assert isinstance(last, Finished)
    assert last.summary.is_interrupted
    kept = load_results(tmp_path / "b.unsmoothed.partial.jsonl")
    assert len(kept) == min(n_done, 20)
    assert not (tmp_path / "b.csv").exists()
    assert any("b.unsmoothed.partial.jsonl" in note for note in last.summary.notes)
    assert any(note.startswith(f"{str(job.outputs[0])!r}: ") for note in last.summary.notes)
    if n_done > 20:
        assert len(load_results(tmp_path / "b.partial.csv")) == n_done - 20


def test_an_error_of_the_second_pass_keeps_the_unsmoothed_poses(
    make_job: MakeJob, tmp_path: Path
) -> None:
    job = replace(make_job("a", 5), outputs=(tmp_path / "b.mp4", tmp_path / "none" / "c.csv"))
    last = run(job, SMOOTH)
    assert isinstance(last, Failed)
    assert "there is no folder" in last.message
    assert "b.unsmoothed.partial.jsonl" in last.message
    assert len(load_results(tmp_path / "b.unsmoothed.partial.jsonl")) == 5


def test_a_clip_without_people_or_with_one_frame_is_written(
    make_job: MakeJob, tmp_path: Path, networks: FakeNetworks
) -> None:
    assert isinstance(run(make_job("one", 1), SMOOTH), Finished)
    assert len(load_results(tmp_path / "one.jsonl")[0]) == 1
    networks.landmarker.answer = pose_answer(score=0.0)
    assert isinstance(run(make_job("none", 4), SMOOTH), Finished)
    assert [len(result) for result in load_results(tmp_path / "none.jsonl")] == [0] * 4


def test_a_limit_holds_for_both_passes(make_job: MakeJob, tmp_path: Path) -> None:
    job = replace(make_job("a", 9), outputs=(tmp_path / "b.mp4", tmp_path / "b.jsonl"))
    last = run(job, replace(SMOOTH, limit=4))
    assert last.summary.n_frames == 4
    assert len(load_results(tmp_path / "b.jsonl")) == 4


def test_a_resumed_run_compares_the_filtering(make_job: MakeJob) -> None:
    job = make_job("a", 4)
    run(job, SMOOTH)
    assert is_complete(job, SMOOTH)
    assert "filtering was" in str(reason_to_run(job, Settings()))
    other = Settings(filtering=Filtering(cutoff_hz=6))
    assert "filtering was" in str(reason_to_run(job, other))
    provenance = load_provenance(job.outputs[0])
    assert provenance is not None
    assert provenance.options["smoothing"] == 0


def test_settings_with_filtering_are_pickled_and_have_a_fingerprint() -> None:
    assert pickle.loads(pickle.dumps(SMOOTH)) == SMOOTH
    assert SMOOTH.fingerprint != Settings().fingerprint


def test_live_inputs_images_receivers_and_pipes_are_refused(
    tmp_path: Path, make_job: MakeJob
) -> None:
    Image.new("RGB", (60, 40), "teal").save(tmp_path / "wall.png")
    job = Job(str(tmp_path / "wall.png"), "wall.png", (tmp_path / "wall.json",))
    assert "needs a video, got images" in run(job, SMOOTH).message
    with pytest.raises(ValueError, match="filtering needs a whole recording"):
        replace(SMOOTH, realtime=True)
    sent = replace(make_job("a", 4), outputs=(), receivers=("vmc://127.0.0.1",))
    assert "can't be smoothed afterwards: vmc://127.0.0.1" in run(sent, SMOOTH).message
    video = Path(make_job("a", 4).input).read_bytes()
    for name, expected in (("b.mp4", "can be read only once"), ("b.jsonl", None)):
        read, write = os.pipe()
        os.write(write, video)
        os.close(write)
        last = run(Job(f"/dev/fd/{read}", "pipe", (tmp_path / name,)), SMOOTH)
        os.close(read)
        if expected is None:
            assert isinstance(last, Finished), last
            assert len(load_results(tmp_path / name)) == 4
        else:
            assert expected in last.message
            assert not (tmp_path / name).exists()


def test_a_frame_that_is_missing_the_second_time_is_an_error(make_job: MakeJob) -> None:
    job = make_job("a", 4)
    run(job, Settings())
    results = load_results(job.outputs[0])
    with open_input(job.input) as source:
        frames = [frame for frame in source if frame.index != 2]
    pairs = with_frames(iter(results), iter(frames), Stop())
    with pytest.raises(SourceError, match="frame 2 was read for tracking and is missing"):
        list(pairs)


def test_a_spool_gives_its_results_again_and_leaves_nothing(
    make_job: MakeJob, tmp_path: Path
) -> None:
    job = make_job("a", 4)
    run(job, Settings())
    results = load_results(job.outputs[0])
    folder = tmp_path / "spool"
    folder.mkdir()
    spool = ResultSpool(folder / "a.jsonl")
    with spool:
        for result in results:
            spool.write(result)
    assert list(spool.results()) == list(spool.results()) == results
    assert [result.provenance for result in spool.results()] == [r.provenance for r in results]
    spool.discard()
    assert names(folder) == []


def test_the_clip_is_placed_and_counted_with_all_its_frames_known(
    make_job: MakeJob, tmp_path: Path
) -> None:
    job = make_job("a", 30)
    camera = CameraOptions(fov_deg=50, height_m=1.7)
    last = run(job, replace(SMOOTH, camera_space=camera, exercise="squat"))
    assert last.summary.repetitions == {0: 0}
    written = load_results(job.outputs[0])
    run(job, Settings(options=TrackerOptions(smoothing=0)))
    raw = placed_results(load_results(job.outputs[0]), camera)
    expected = filtered(PoseSequence.from_results(raw), SMOOTH.filtering)
    assert PoseSequence.from_results(written).person(0) == expected.person(0)


def test_repetitions_are_counted_on_the_smoothed_poses(make_job: MakeJob, tmp_path: Path) -> None:
    job = replace(make_job("a", 9), outputs=(tmp_path / "b.mp4", tmp_path / "b.jsonl"))
    last = run(job, replace(SMOOTH, exercise="squat"))
    assert isinstance(last, Finished), last
    assert list(last.summary.repetitions.values()) == [0]
