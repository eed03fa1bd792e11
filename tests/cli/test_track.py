from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest
from PIL import Image

from vitruvian.export import load_provenance, load_results
from vitruvian.media import open_input
from vitruvian.media.image import load_image

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typer.testing import Result

    Program = Callable[..., Result]

pytestmark = pytest.mark.weights


def n_frames_of(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def test_video_becomes_landmarks_and_a_video_named_after_it_in_the_current_folder(
    vitruvian: Program, empty_room: Path, tmp_path: Path
) -> None:
    result = vitruvian("track", empty_room, "--model", "lite")
    assert result.exit_code == 0, result.output
    assert len(load_results(tmp_path / "room.jsonl")) == 12
    assert n_frames_of(tmp_path / "room.annotated.mp4") == 12
    assert "room.mp4: 12 frames, people in 0" in result.stdout
    assert "wrote room.annotated.mp4" in result.stdout


def test_outputs_are_the_given_ones(vitruvian: Program, empty_room: Path, tmp_path: Path) -> None:
    result = vitruvian("track", empty_room, "-m", "lite", "-o", "a.csv", "-o", "b.npz", "-q")
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "a.csv.meta.json", "b.npz"]
    for name in ("a.csv", "b.npz"):
        provenance = load_provenance(name)
        assert (provenance.model, provenance.profile) == ("lite", "default")
        assert provenance.options["num_poses"] == 1
        assert provenance.source == empty_room.name
    assert result.output == ""


def test_image_becomes_landmarks_and_an_image(vitruvian: Program, tmp_path: Path) -> None:
    Image.new("RGB", (60, 40), "teal").save(tmp_path / "wall.jpg")
    result = vitruvian("track", "wall.jpg", "-m", "lite")
    assert result.exit_code == 0, result.output
    assert "wall.jpg: 1 frame, people in 0\n" in result.stdout
    assert load_image(tmp_path / "wall.annotated.png").shape == (40, 60, 3)
    assert len(load_results(tmp_path / "wall.jsonl")) == 1


def test_damage_beside_the_pixels_prints_nothing(tmp_path: Path) -> None:
    path = tmp_path / "wall.jpg"
    Image.new("RGB", (60, 40), "teal").save(path, exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    words = ["track", path, "-m", "lite", "-q"]
    command = [sys.executable, "-c", "from vitruvian.cli.main import run; run()", *words]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert run.stdout + run.stderr == ""


def test_folder_becomes_a_folder_and_its_images_may_differ_in_size(
    vitruvian: Program, tmp_path: Path
) -> None:
    (tmp_path / "walls").mkdir()
    for side in (30, 40, 50):
        Image.new("RGB", (60, side), "teal").save(tmp_path / "walls" / f"{side}.png")
    result = vitruvian("track", "walls", "-m", "lite")
    assert result.exit_code == 0, result.output
    pictures = sorted((tmp_path / "walls.annotated").iterdir())
    assert [load_image(path).shape[:2] for path in pictures] == [(30, 60), (40, 60), (50, 60)]
    assert [result.height for result in load_results(tmp_path / "walls.jsonl")] == [30, 40, 50]


@pytest.mark.parametrize("kind", ["TIFF", "WEBP", "PNG", "AVIF"])
def test_every_picture_of_a_file_is_processed(
    kind: str, vitruvian: Program, tmp_path: Path
) -> None:
    pictures = [Image.new("RGB", (60, 40), (80 * i, 0, 0)) for i in range(3)]
    (tmp_path / "walls").mkdir()
    for name in ("walls.jpg", "walls/IMG_0007.PNG"):
        pictures[0].save(tmp_path / name, kind, save_all=True, append_images=pictures[1:])
    for word, name in (("walls.jpg", "walls"), ("walls/IMG_%04d.PNG", "IMG_")):
        result = vitruvian("track", word, "-m", "lite")
        assert result.exit_code == 0, result.output
        assert ": 3 frames, people in 0" in result.stdout
        assert [one.frame_index for one in load_results(tmp_path / f"{name}.jsonl")] == [0, 1, 2]
        is_video = kind != "TIFF" and name == "walls"
        drawn = tmp_path / (f"{name}.annotated.mp4" if is_video else f"{name}.annotated")
        assert (n_frames_of(drawn) if is_video else len(list(drawn.iterdir()))) == 3


def test_limit_and_stats(vitruvian: Program, empty_room: Path, tmp_path: Path) -> None:
    result = vitruvian("track", empty_room, "-m", "lite", "--limit", "3", "--stats")
    assert len(load_results(tmp_path / "room.jsonl")) == 3
    assert all(stage in result.stdout for stage in ("read", "find", "detector", "write", "p95 ms"))


def test_a_video_at_its_own_rate_is_a_live_source(
    vitruvian: Program, empty_room: Path, tmp_path: Path
) -> None:
    words = ("track", empty_room, "-m", "lite", "-o", "a.jsonl", "--realtime", "--stats")
    result = vitruvian(*words)
    assert result.exit_code == 0, result.output
    n_frames = len(load_results(tmp_path / "a.jsonl"))
    assert 0 < n_frames <= 12
    assert f"room.mp4: {n_frames} frames, people in 0" in result.stdout
    assert "12 frames seen, " in result.stdout
    assert "median" in result.stdout
    assert "detector" in result.stdout


@pytest.mark.testdata
def test_several_people_are_found(vitruvian: Program, tmp_path: Path, testdata: Path) -> None:
    image = testdata / "images" / "couple.jpg"
    vitruvian("track", image, "-m", "lite", "--num-poses", "4", "-o", "a.json")
    assert len(load_results(tmp_path / "a.json")[0]) == 2


@pytest.mark.testdata
def test_person_in_a_clip_is_found_on_every_frame(
    vitruvian: Program, tmp_path: Path, testdata: Path
) -> None:
    clip = testdata / "clips" / "yoga_floor.mp4"
    result = vitruvian("track", clip, "-m", "lite", "--limit", "10", "--mask", "--box", "--roi")
    assert "10 frames, people in 10" in result.stdout
    first = json.loads((tmp_path / "yoga_floor.jsonl").read_text().splitlines()[0])
    assert len(first["poses"][0]["landmarks"]) == 33


@pytest.mark.testdata
def test_rotation_finds_a_person_in_a_rotated_image(
    vitruvian: Program, tmp_path: Path, testdata: Path
) -> None:
    clip = testdata / "clips" / "yoga_floor.mp4"
    with open_input(clip) as source:
        upright = next(iter(source)).image
    Image.fromarray(upright).save(tmp_path / "upright.png")
    Image.fromarray(np.rot90(upright)).save(tmp_path / "side.png")
    for name, turn in (("upright", "0"), ("side", "90")):
        words = ["track", f"{name}.png", "-m", "lite", "--rotation", turn, "-o", f"{name}.json"]
        assert "people in 1" in vitruvian(*words).stdout
    (a,), (b,) = load_results(tmp_path / "upright.json"), load_results(tmp_path / "side.json")
    turned_back = np.stack([upright.shape[1] - 1 - b.pose.landmarks[:, 1], b.pose.landmarks[:, 0]])
    np.testing.assert_allclose(turned_back.T, a.pose.landmarks[:, :2], atol=1e-3)


def test_a_video_of_images_that_differ_in_size_has_the_first_size(
    vitruvian: Program, tmp_path: Path
) -> None:
    for side in (30, 40):
        Image.new("RGB", (60, side), "teal").save(tmp_path / f"{side}.png")
    assert vitruvian("track", "*.png", "-m", "lite", "-o", "all.mp4").exit_code == 0
    with open_input(tmp_path / "all.mp4") as frames:
        assert [frame.image.shape for frame in frames] == [(30, 60, 3)] * 2


def test_the_rate_is_drawn_on_request(vitruvian: Program, empty_room: Path, tmp_path: Path) -> None:
    for name, words in (("plain", []), ("rate", ["--fps"])):
        vitruvian("track", empty_room, "-m", "lite", "-o", f"{name}.mp4", *words)
    contrast = {}
    for name in ("plain", "rate"):
        with open_input(tmp_path / f"{name}.mp4") as source:
            contrast[name] = max(int(np.ptp(frame.image)) for frame in source)
    assert contrast["plain"] < 40 < contrast["rate"]


def test_poses_are_sent_to_an_avatar(vitruvian: Program, empty_room: Path, tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(5)
        address = f"vmc://127.0.0.1:{receiver.getsockname()[1]}"
        outcome = vitruvian("track", empty_room, "-m", "lite", "-o", address, "--limit", "3")
        assert outcome.exit_code == 0, outcome.output
        packets = [receiver.recv(2000) for _ in range(3)]
    assert all(packet.startswith(b"#bundle\0") and b"/VMC/Ext/T" in packet for packet in packets)
    assert f"sent to {address}" in outcome.output
    assert sorted(tmp_path.glob("*.jsonl")) == []


def test_output_must_not_be_the_input(vitruvian: Program, empty_room: Path) -> None:
    content = empty_room.read_bytes()
    result = vitruvian("track", empty_room, "-o", empty_room)
    assert result.exit_code == 2
    assert "must not be the input itself" in result.stderr
    assert empty_room.read_bytes() == content


def test_truncated_video_gives_its_frames_and_a_warning(vitruvian: Program, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    with av.open(str(tmp_path / "whole.mkv"), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for _ in range(40):
            image = rng.integers(0, 255, (64, 96, 3), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image)))
        container.mux(stream.encode())
    whole = (tmp_path / "whole.mkv").read_bytes()
    (tmp_path / "cut.mkv").write_bytes(whole[: len(whole) // 2])
    result = vitruvian("track", "cut.mkv", "-m", "lite", "-o", "cut.jsonl")
    assert result.exit_code == 0, result.output
    assert 0 < len(load_results(tmp_path / "cut.jsonl")) < 40
    assert "warning: " in result.stderr


@pytest.mark.slow
def test_ctrl_c_keeps_the_frames_so_far_and_reports_it(empty_room: Path, tmp_path: Path) -> None:
    with av.open(str(tmp_path / "long.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for _ in range(6000):
            container.mux(stream.encode(av.VideoFrame(96, 64, "yuv420p")))
        container.mux(stream.encode())
    words = ["track", "long.mp4", "-m", "lite", "-o", "long.jsonl", "-o", "drawn.mp4"]
    program = subprocess.Popen(
        [sys.executable, "-c", "from vitruvian.cli.main import run; run()", *words],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    for _ in range(600):
        if list(tmp_path.glob(".*.tmp")):
            break
        time.sleep(0.1)
    time.sleep(1)
    program.send_signal(signal.SIGINT)
    _, stderr = program.communicate(timeout=60)
    n_frames = len(load_results(tmp_path / "long.partial.jsonl"))
    assert program.returncode == 130
    assert 0 < n_frames < 6000
    assert n_frames_of(tmp_path / "drawn.partial.mp4") == n_frames
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "drawn.partial.mp4",
        "long.mp4",
        "long.partial.jsonl",
        "long.partial.jsonl.meta.json",
    ]
    assert (
        f"interrupted after {n_frames} frames; 'long.jsonl': what was written so far is" in stderr
    )


def test_a_video_is_smoothed_after_tracking(
    vitruvian: Program, empty_room: Path, tmp_path: Path
) -> None:
    words = ["track", empty_room, "-m", "lite", "--smooth-after", 6, "-o", "a.mp4", "-o", "a.json"]
    result = vitruvian(*words)
    assert result.exit_code == 0, result.output
    assert n_frames_of(tmp_path / "a.mp4") == len(load_results(tmp_path / "a.json")) == 12
    assert "room.mp4: 12 frames, people in 0" in result.stdout
    assert "skipped" in vitruvian(*words, "--resume").output
    for wrong in (["--smoothing", 0.3], ["--realtime"]):
        result = vitruvian(*words, *wrong)
        assert result.exit_code == 2
        assert "--smooth-after" in result.output


def test_images_of_a_coco_file_are_numbered_by_it(vitruvian: Program, tmp_path: Path) -> None:
    (tmp_path / "walls").mkdir()
    for name in ("a.jpg", "b.jpg"):
        Image.new("RGB", (60, 40), "teal").save(tmp_path / "walls" / name)
    images = [{"id": 7, "file_name": "a.jpg"}, {"id": 3, "file_name": "b.jpg"}]
    (tmp_path / "truth.json").write_text(json.dumps({"images": images}))
    words = ["track", "walls", "-m", "lite", "-o", "r.annotations.coco.json"]
    result = vitruvian(*words, "--coco-images", "truth.json")
    assert result.exit_code == 0, result.output
    document = json.loads((tmp_path / "r.annotations.coco.json").read_text())
    assert [image["id"] for image in document["images"]] == [7, 3]
    assert vitruvian(*words, "--coco-images", "absent.json").exit_code == 2
