"""`vitruvian view`: a recording of Rerun, read back with Rerun's own reader."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest
from tests.export.walkers import absent, person, results_of

import vitruvian as vt
from vitruvian.analysis.angles import joint_angles
from vitruvian.errors import BackendUnavailableError
from vitruvian.export import rerun_log

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typer.testing import Result

FRAMES = 12
PEOPLE = (2, 5)


@pytest.fixture(autouse=True)
def _needs_rerun(request: pytest.FixtureRequest) -> None:
    """Skip the tests that read a recording where Rerun is not installed."""
    if request.node.get_closest_marker("interop") is not None:
        pytest.importorskip("rerun.chunk", reason="needs rerun-sdk, of the group interop")


def save_walk(path: Path) -> list[vt.PoseResult]:
    """Write results of two people, of whom the second leaves."""
    first, second = (person(FRAMES, 25.0, number=number) for number in PEOPLE)
    results = results_of(first, absent(second, 8, FRAMES))
    vt.save_results(results, path)
    return results


def chunks_of(path: Path) -> dict[str, list[Any]]:
    """Return what a recording holds, by entity."""
    from rerun.chunk import RrdReader

    reader = RrdReader(path)
    found: dict[str, list[Any]] = {}
    for chunk in reader.store().stream().to_chunks():
        found.setdefault(str(chunk.entity_path), []).append(chunk)
    return found


def columns_of(chunks: list[Any], name: str) -> dict[str, Any]:
    """Return the columns of the chunk that has one of this name."""
    batches = [chunk.to_record_batch() for chunk in chunks]
    batch = next(batch for batch in batches if name in batch.schema.names)
    return {column: batch.column(column) for column in batch.schema.names}


@pytest.mark.interop
def test_the_recording_has_landmarks_in_image_and_world(
    vitruvian: Callable[..., Result], tmp_path: Path
) -> None:
    results = save_walk(tmp_path / "walk.jsonl")
    done = vitruvian("view", "walk.jsonl", "--save", "walk.rrd")
    assert (done.exit_code, done.stdout) == (0, "wrote walk.rrd\n")
    chunks = chunks_of(tmp_path / "walk.rrd")
    world = columns_of(chunks["/world/person_2"], "Points3D:positions")
    points = np.array(world["Points3D:positions"].to_pylist())
    assert np.allclose(points, [result.poses[0].world for result in results], atol=1e-6)
    times_s = np.array(world["time"].cast("int64").to_pylist()) / 1e9
    assert np.allclose(times_s, [result.timestamp_us / 1e6 for result in results])
    assert world["frame"].to_pylist() == list(range(FRAMES))
    image = columns_of(chunks["/image/person_5"], "Points2D:positions")
    points = np.array(image["Points2D:positions"].to_pylist())
    assert points.shape == (8, 33, 2)
    assert np.allclose(points, [result.poses[1].landmarks[:, :2] for result in results[:8]])


@pytest.mark.interop
def test_a_person_who_leaves_is_cleared(vitruvian: Callable[..., Result], tmp_path: Path) -> None:
    save_walk(tmp_path / "walk.jsonl")
    vitruvian("view", "walk.jsonl", "--save", "walk.rrd")
    chunks = chunks_of(tmp_path / "walk.rrd")
    cleared = columns_of(chunks["/world/person_5"], "Clear:is_recursive")
    assert cleared["frame"].to_pylist() == [8]
    assert len(chunks["/world/person_2"]) == 1


@pytest.mark.interop
def test_angles_and_visibility_are_series(vitruvian: Callable[..., Result], tmp_path: Path) -> None:
    results = save_walk(tmp_path / "walk.jsonl")
    vitruvian("view", "walk.jsonl", "--save", "walk.rrd")
    chunks = chunks_of(tmp_path / "walk.rrd")
    knee = columns_of(chunks["/angles/person_2/left_knee"], "Scalars:scalars")
    truth = joint_angles(vt.PoseSequence.from_results(results).person(2))["left_knee"]
    assert np.allclose(np.ravel(knee["Scalars:scalars"].to_pylist()), truth)
    seen = columns_of(chunks["/visibility/person_5/nose"], "Scalars:scalars")
    assert len(seen["frame"]) == 8


@pytest.mark.interop
def test_it_names_landmarks_and_people_and_has_a_layout(
    vitruvian: Callable[..., Result], tmp_path: Path
) -> None:
    save_walk(tmp_path / "walk.jsonl")
    vitruvian("view", "walk.jsonl", "--save", "walk.rrd")
    chunks = chunks_of(tmp_path / "walk.rrd")
    context = columns_of(chunks["/"], "AnnotationContext:context")
    classes = context["AnnotationContext:context"].to_pylist()[0][0]
    text = str(classes)
    assert len(classes) == len(PEOPLE)
    assert text.count("left_wrist") == len(PEOPLE)
    assert "person 2" in text
    for described, number in zip(classes, PEOPLE, strict=True):
        points = columns_of(chunks[f"/world/person_{number}"], "Points3D:class_ids")
        used = {id_ for ids in points["Points3D:class_ids"].to_pylist() for id_ in ids}
        assert used == {described["class_id"]}
        assert described["class_description"]["info"]["label"] == f"person {number}"
    from rerun.chunk import RrdReader

    reader = RrdReader(tmp_path / "walk.rrd")
    assert len(reader.blueprints()) == 1


def save_video(path: Path, codec: str, rotation: int = 0) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for level in range(0, 20 * FRAMES, 20):
            image = np.full((64, 96, 3), level, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image)))
        container.mux(stream.encode())


@pytest.mark.interop
def test_an_mp4_is_stored_as_it_is_with_the_frame_of_each_result(
    vitruvian: Callable[..., Result], tmp_path: Path
) -> None:
    save_walk(tmp_path / "walk.jsonl")
    save_video(tmp_path / "walk.mp4", "libx264")
    done = vitruvian("view", "walk.jsonl", "--video", "walk.mp4", "--save", "walk.rrd")
    assert done.exit_code == 0, done.stderr
    image = chunks_of(tmp_path / "walk.rrd")["/image"]
    blob = columns_of(image, "AssetVideo:blob")["AssetVideo:blob"].to_pylist()[0][0]
    assert bytes(blob) == (tmp_path / "walk.mp4").read_bytes()
    frames = columns_of(image, "VideoFrameReference:timestamp")
    references = frames["VideoFrameReference:timestamp"].to_pylist()
    times_ns = np.ravel(references).astype(np.int64)
    assert np.allclose(times_ns, np.arange(FRAMES) * 40e6)
    assert frames["frame"].to_pylist() == list(range(FRAMES))


@pytest.mark.interop
def test_another_video_is_stored_as_images(
    vitruvian: Callable[..., Result], tmp_path: Path
) -> None:
    save_walk(tmp_path / "walk.jsonl")
    save_video(tmp_path / "walk.mkv", "mpeg4")
    done = vitruvian("view", "walk.jsonl", "--video", "walk.mkv", "--save", "walk.rrd")
    assert done.exit_code == 0, done.stderr
    image = chunks_of(tmp_path / "walk.rrd")["/image"]
    frames = sum(chunk.num_rows for chunk in image)
    assert frames == FRAMES
    assert all("EncodedImage:blob" in c.to_record_batch().schema.names for c in image)


@pytest.mark.interop
def test_poses_without_ids_have_the_numbers_of_their_slots(tmp_path: Path) -> None:
    (result,) = results_of(person(1, number=1))
    unknown = vt.PoseResult(
        0, 0, 640, 480, tuple(vt.Pose.from_dict(p.to_dict() | {"id": None}) for p in result)
    )
    rerun_log.save_recording([unknown], tmp_path / "photo.rrd")
    assert "/world/person_0" in chunks_of(tmp_path / "photo.rrd")


@pytest.mark.interop
def test_writing_a_file_opens_no_connection(tmp_path: Path) -> None:
    if shutil.which("strace") is None:
        pytest.skip("needs strace, which lists the system calls of a program")
    save_walk(tmp_path / "walk.jsonl")
    program = "from vitruvian.cli.main import app; app()"
    command = [sys.executable, "-c", program, "view", "walk.jsonl", "--save", "walk.rrd"]
    trace = ["strace", "-f", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o", "calls.txt"]
    subprocess.run([*trace, *command], cwd=tmp_path, check=True, capture_output=True)
    calls = (tmp_path / "calls.txt").read_text()
    assert "AF_INET" not in calls


@pytest.mark.interop
def test_the_viewer_runs_without_telemetry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    viewer = tmp_path / "python"
    viewer.write_text(
        f'#!/bin/sh\nenv > "{tmp_path}/env.txt"\necho "$@" > "{tmp_path}/words.txt"\n'
    )
    viewer.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(viewer))
    monkeypatch.setenv("FORCE_RERUN_ANALYTICS", "1")
    monkeypatch.delenv("CI", raising=False)
    rerun_log.view_recording(results_of(person(FRAMES)))
    told = (tmp_path / "env.txt").read_text().splitlines()
    assert "CI=1" in told  # Rerun: "Analytics disabled on CI"
    assert not any(line.startswith("FORCE_RERUN_ANALYTICS") for line in told)
    assert (tmp_path / "words.txt").read_text().startswith("-m rerun ")
    assert os.environ["FORCE_RERUN_ANALYTICS"] == "1"
    assert "CI" not in os.environ


def test_without_the_extra_one_line_says_how_to_get_it(
    vitruvian: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_walk(tmp_path / "walk.jsonl")
    monkeypatch.setitem(sys.modules, "rerun", None)
    done = vitruvian("view", "walk.jsonl")
    assert done.exit_code == 1
    assert done.stderr == "error: rerun-sdk is not installed: pip install 'vitruvian[rerun]'\n"
    with pytest.raises(BackendUnavailableError):
        rerun_log.save_recording([], tmp_path / "walk.rrd")


def test_only_an_rrd_file_can_be_saved(vitruvian: Callable[..., Result], tmp_path: Path) -> None:
    save_walk(tmp_path / "walk.jsonl")
    done = vitruvian("view", "walk.jsonl", "--save", "walk.mp4")
    assert done.exit_code == 2
    assert "--save must name a .rrd file" in done.stderr
