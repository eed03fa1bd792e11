"""Bad input of each kind: a clear error or a correct result, no lost results, no crash.

End to end, through the library and the program; each stage is tested in its own module. The
networks are fakes that find a person in every image.
"""

from __future__ import annotations

import os
import resource
import threading
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any

import av
import cv2
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image
from typer.testing import CliRunner, Result

from tests.fakes import FakeNetworks, fake_networks, picture
from vitruvian import (
    Frame,
    PoseEstimator,
    PoseTracker,
    load_provenance,
    load_results,
    open_input,
)
from vitruvian.cli.main import app
from vitruvian.errors import ModelIntegrityError, SourceError
from vitruvian.media.image import load_image
from vitruvian.models import store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Track = Callable[..., Result]

CONFIDENCES = ("detection_confidence", "presence_confidence", "tracking_confidence")


@pytest.fixture
def networks(monkeypatch: pytest.MonkeyPatch) -> FakeNetworks:
    fakes = fake_networks(monkeypatch)
    monkeypatch.setattr(store, "find_models", lambda *_arguments, **_options: None)
    return fakes


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The empty folder in which the program runs."""
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.fixture
def track(out: Path, monkeypatch: pytest.MonkeyPatch, kept_logging: None) -> Track:
    """Run `vitruvian track` with the given arguments."""
    monkeypatch.chdir(out)
    return lambda *words: CliRunner().invoke(app, ["track", *map(str, words)])


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def assert_one_line(result: Result, *parts: str, code: int = 1) -> None:
    """The program has failed with a one-line message, without a traceback."""
    assert result.exit_code == code, result.output
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    for part in parts:
        assert part in line
    assert result.stdout == ""


def write_video(path: Path, n_frames: int = 40, wh: tuple[int, int] = (96, 64)) -> Path:
    """Noise, so that every packet is large."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        (stream.width, stream.height), stream.pix_fmt = wh, "yuv420p"
        for seed in range(n_frames):
            frame = av.VideoFrame.from_ndarray(picture(*wh, seed), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """Limit files of this process to `size` bytes."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)


# --- not an image, zero bytes, no frames ---


@pytest.mark.parametrize(
    "name", ["a.jpg", "a.png", "a.tif", "a.mp4", "a.mkv", "a.avi", "a", "a.txt"]
)
@pytest.mark.parametrize("content", [b"", b"not an image\n" * 99, b"\xff\xd8\xff\xe0", bytes(5000)])
def test_a_file_without_an_image_is_named_and_nothing_is_written(
    networks: FakeNetworks, track: Track, out: Path, tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert_one_line(track(path), str(path))
    assert names(out) == []
    with pytest.raises(SourceError, match=name):
        PoseEstimator().detect(path)


def test_a_video_without_frames_is_named(
    networks: FakeNetworks, track: Track, out: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        container.mux(stream.encode(None))
    assert_one_line(track(path), str(path))
    assert names(out) == []


def test_a_folder_without_images_is_named(
    networks: FakeNetworks, track: Track, out: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    assert_one_line(track(tmp_path / "empty"), "no images in folder", "empty")
    assert_one_line(track(tmp_path / "absent.mp4"), "absent.mp4", "No such file")
    assert names(out) == []


# --- truncated video ---


def test_the_error_of_a_video_without_provenance_names_it_once(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"not a video\n" * 99)
    reason = "Invalid data found when processing input"
    with pytest.raises(SourceError) as caught:
        load_provenance(path)
    assert str(caught.value) == f"can't read poses from {str(path)!r}: {reason}"


def test_a_null_character_in_a_name_is_an_error_of_the_source() -> None:
    with pytest.raises(SourceError, match="null"):
        open_input("a\0b")


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
def test_a_truncated_video_gives_its_frames_and_a_warning(
    networks: FakeNetworks, track: Track, out: Path, tmp_path: Path, name: str
) -> None:
    whole = tmp_path / f"whole.{name}"
    write_video(whole)
    if name == "a.mp4":  # move the index from the end of the file to its start
        with (
            av.open(str(whole)) as old,
            av.open(str(tmp_path / name), "w", options={"movflags": "+faststart"}) as new,
        ):
            stream = new.add_stream_from_template(old.streams.video[0])
            for packet in old.demux(video=0):
                if packet.dts is not None:
                    packet.stream = stream
                    new.mux(packet)
        whole = tmp_path / name
    path = tmp_path / f"cut.{name}"
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    with open_input(path) as source:
        n_frames = len(list(source))
        (warning,) = source.warnings
    assert 15 < n_frames < 40
    assert str(n_frames) in warning
    result = track(path, "-o", "poses.jsonl", "-o", "drawn.mp4")
    assert result.exit_code == 0, result.output
    assert f"warning: {warning}" in result.stderr
    assert [one.frame_index for one in load_results(out / "poses.jsonl")] == list(range(n_frames))


# --- NaN, wrong dtype, wrong shape ---


@pytest.mark.parametrize(
    ("array", "error"),
    [
        (np.full((48, 64, 3), np.nan), ValueError),
        (np.full((48, 64, 3), np.nan, np.float32), ValueError),
        (np.full((48, 64, 3), 255.0, np.float32), ValueError),
        (np.full((48, 64, 3), -0.5), ValueError),
        (np.full((48, 64, 3), np.inf), ValueError),
        (np.zeros((48, 64, 3), np.int64), TypeError),
        (np.zeros((48, 64, 3), complex), TypeError),
        (np.zeros((48, 64, 3), object), TypeError),
        (np.zeros((48, 64, 3), "U1"), TypeError),
        ([[[0, 0, 0]]], TypeError),
        (None, TypeError),
        (np.zeros((48, 64, 5), np.uint8), ValueError),
        (np.zeros((1, 48, 64, 3), np.uint8), ValueError),
        (np.zeros((0, 64, 3), np.uint8), ValueError),
        (np.zeros((48, 0, 3), np.uint8), ValueError),
        (np.zeros(9, np.uint8), ValueError),
    ],
)
def test_an_array_that_is_no_image_is_a_value_or_type_error(
    networks: FakeNetworks, array: Any, error: type[Exception]
) -> None:
    tracker = PoseTracker()
    calls = (
        lambda: Frame(array),
        lambda: PoseEstimator().detect(array),
        lambda: tracker.update(array, timestamp_us=0),
    )
    for call in calls:
        with pytest.raises(error, match="image must") as info:
            call()
        assert "\n" not in str(info.value)
    assert networks.detector.n_runs == 0
    assert tracker.update(picture(), timestamp_us=0)


# --- 1×1 and 20000×50 images, grayscale, RGBA, 16-bit ---


@pytest.mark.parametrize("wh", [(1, 1), (1, 9), (20_000, 50), (50, 20_000)])
def test_an_image_of_an_extreme_shape_is_answered_in_its_own_pixels(
    networks: FakeNetworks, track: Track, out: Path, tmp_path: Path, wh: tuple[int, int]
) -> None:
    Image.new("RGB", wh, "teal").save(tmp_path / "a.png")
    pose = PoseEstimator(segmentation=False).detect(tmp_path / "a.png").pose
    assert pose is not None
    assert_allclose(pose.roi.center, np.divide(wh, 2), rtol=1e-5)
    assert_allclose(pose.roi.wh, max(wh), rtol=1e-4)
    result = track(tmp_path / "a.png")
    assert result.exit_code == 0, result.output
    assert load_image(out / "a.annotated.png").shape == (wh[1], wh[0], 3)
    (row,) = load_results(out / "a.jsonl")
    assert (row.width, row.height) == wh
    assert_array_equal(row.pose.landmarks, pose.landmarks)


@pytest.mark.weights
@pytest.mark.parametrize("wh", [(1, 1), (20_000, 50), (50, 20_000)])
def test_the_real_networks_accept_extreme_shapes(wh: tuple[int, int]) -> None:
    with PoseTracker("lite", detection_confidence=0.0, presence_confidence=0.0) as tracker:
        for i in range(2):
            result = tracker.update(picture(*wh), timestamp_us=i)
            assert (result.width, result.height) == wh
            assert all(np.isfinite(pose.landmarks).all() for pose in result)


def deep_png(path: Path, image: np.ndarray) -> None:
    cv2.imwrite(str(path), image[..., ::-1].astype(np.uint16) * 256 + 77)


def rgba_png(path: Path, image: np.ndarray) -> None:
    alpha = np.full((*image.shape[:2], 1), 9, np.uint8)
    Image.fromarray(np.concatenate([image, alpha], axis=2), "RGBA").save(path)


def grey_png(path: Path, image: np.ndarray) -> None:
    Image.fromarray(image[..., 0], "L").save(path)


def deep_grey_png(path: Path, image: np.ndarray) -> None:
    cv2.imwrite(str(path), image[..., 0].astype(np.uint16) * 256 + 77)


@pytest.mark.filterwarnings("ignore:'mode' parameter is deprecated")
@pytest.mark.parametrize("write", [deep_png, rgba_png, grey_png, deep_grey_png])
def test_grey_transparent_and_deep_images_are_seen_as_rgb_of_8_bits(
    networks: FakeNetworks, track: Track, out: Path, tmp_path: Path, write: Callable[..., None]
) -> None:
    image = picture(64, 48)
    if "grey" in write.__name__:
        image = np.repeat(image[..., :1], 3, axis=2)
    write(tmp_path / "a.png", image)
    estimator = PoseEstimator()
    estimator.detect(tmp_path / "a.png")
    estimator.detect(image)
    assert_array_equal(networks.detector.images[0], networks.detector.images[1])
    assert track(tmp_path / "a.png").exit_code == 0
    assert load_image(out / "a.annotated.png").shape == (48, 64, 3)


# --- unwritable output, full disk ---


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return write_video(tmp_path / "walk.mp4", n_frames=12)


@pytest.mark.parametrize(
    ("name", "code"),
    [("absent/a.csv", 2), ("file/a.csv", 2), ("folder.csv", 1), ("/proc/a.csv", 1), ("a.xy", 2)],
)
def test_an_unwritable_output_is_an_error_before_the_first_frame(
    networks: FakeNetworks, track: Track, out: Path, video: Path, name: str, code: int
) -> None:
    (out / "file").touch()
    (out / "folder.csv").mkdir()
    result = track(video, "-o", "good.jsonl", "-o", name)
    assert_one_line(result, name.split("/")[-1], code=code)
    assert names(out) == ["file", "folder.csv"]
    assert networks.detector.n_runs == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_an_error_before_the_first_frame(
    networks: FakeNetworks, track: Track, out: Path, video: Path
) -> None:
    out.chmod(0o500)
    assert_one_line(track(video), "Permission denied")


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".npz", ".json"])
def test_a_disk_that_fills_up_keeps_the_frames_so_far(
    networks: FakeNetworks, track: Track, out: Path, video: Path, suffix: str
) -> None:
    kept = f"a.partial{'.jsonl' if suffix == '.npz' else suffix}"
    with full_disk(30_000):
        result = track(video, "-o", f"a{suffix}", "-q")
    assert_one_line(result, f"can't write 'a{suffix}'", f"is kept in '{kept}'")
    beside = [] if suffix == ".json" else [f"{kept}.meta.json"]
    assert names(out) == [kept, *beside]
    assert 0 < len(load_results(out / kept)) < 12
    assert load_provenance(out / kept).model == "fake"


def test_a_disk_that_fills_up_with_video_does_not_affect_the_landmarks(
    networks: FakeNetworks, track: Track, out: Path, tmp_path: Path
) -> None:
    video = write_video(tmp_path / "walk.mp4", n_frames=6, wh=(320, 240))
    with full_disk(60_000):
        result = track(video, "-o", "a.jsonl", "-o", "drawn.mp4", "-q")
    assert_one_line(result, "can't write 'drawn.mp4'")
    (landmarks,) = out.glob("a*.jsonl")
    assert load_results(landmarks)


# --- unknown model, corrupt model ---


def test_an_unknown_model_lists_the_known_ones(track: Track, out: Path, video: Path) -> None:
    message = "model must be one of ['lite', 'full', 'heavy'] or the path of a .tflite or .task"
    assert_one_line(track(video, "--model", "huge"), message, "got 'huge'", code=2)
    assert_one_line(track(video, "--model", "none.task"), "no model file at 'none.task'", code=2)
    assert names(out) == []


@pytest.mark.parametrize("name", ["a.tflite", "a.task"])
@pytest.mark.parametrize("content", [b"", b"no model", bytes(5000), b"PK\x03\x04 cut short"])
def test_a_corrupt_model_is_named(
    track: Track, out: Path, video: Path, tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert_one_line(track(video, "--model", path), str(path))
    assert names(out) == []
    with pytest.raises(ModelIntegrityError, match=name):
        PoseTracker(path)


def test_a_published_model_of_the_wrong_digest_is_named(
    track: Track, out: Path, video: Path, tmp_path: Path
) -> None:
    (tmp_path / "models").mkdir()
    for file in ("pose_detection.tflite", "pose_landmark_full.tflite"):
        (tmp_path / "models" / file).write_bytes(b"\x1c\0\0\0TFL3 not these weights")
    result = track(video, "--models", tmp_path / "models")
    assert_one_line(result, "pose_detection.tflite", "must have SHA-256")
    assert names(out) == []


# --- negative or decreasing timestamps ---


@pytest.mark.parametrize(
    ("times_us", "message"),
    [
        ([-1], "timestamp_us must not be negative, got -1"),
        ([5, 5], "timestamp_us must increase, got 5 after 5"),
        ([5, 4], "timestamp_us must increase, got 4 after 5"),
        ([0, 0], "timestamp_us must increase, got 0 after 0"),
        ([None], "timestamp_us must be given with an image, got None"),
    ],
)
def test_an_invalid_time_is_refused_and_the_tracker_continues(
    networks: FakeNetworks, times_us: list[int | None], message: str
) -> None:
    tracker = PoseTracker()
    *before, bad = times_us
    for timestamp_us in before:
        tracker.update(picture(), timestamp_us=timestamp_us)
    with pytest.raises(ValueError, match=message):
        tracker.update(picture(), timestamp_us=bad)
    assert tracker.update(picture(), timestamp_us=6).pose.id == 0


# --- confidence outside [0, 1] ---


@pytest.mark.parametrize("name", CONFIDENCES)
@pytest.mark.parametrize("value", ["1.01", "-0.01", "nan", "inf"])
def test_a_confidence_outside_0_to_1_is_refused(
    networks: FakeNetworks, track: Track, out: Path, video: Path, name: str, value: str
) -> None:
    message = f"{name} must be from 0 to 1, got {float(value)}"
    assert_one_line(track(video, f"--{name.replace('_', '-')}", value), message, code=2)
    assert names(out) == []
    with pytest.raises(ValueError, match=message):
        PoseTracker(**{name: float(value)})


# --- two threads on one tracker ---


def test_two_threads_on_one_tracker_lose_no_frame(networks: FakeNetworks) -> None:
    tracker, turn, times_us, results = PoseTracker(), threading.Lock(), count(), []

    def feed() -> None:
        for _ in range(40):
            with turn:  # frames of a camera arrive in order, whichever thread takes them
                results.append(tracker.update(picture(), timestamp_us=next(times_us)))

    threads = [threading.Thread(target=feed) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result.timestamp_us for result in results] == list(range(80))
    assert {result.pose.id for result in results} == {0}
