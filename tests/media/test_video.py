"""Videos give OpenCV's pixels at exact timestamps, with warnings about missing data."""

from __future__ import annotations

import logging
import random
import struct
import subprocess
from fractions import Fraction
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import av
import cv2
import numpy as np
import pytest
from av.bitstream import BitStreamFilterContext
from av.packet import Packet
from av.stream import Disposition
from PIL import Image

import vitruvian
from vitruvian.errors import SourceError

from .broadcast import needs_ffmpeg
from .conftest import grey_level

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from vitruvian import Frame

UNEVEN_TIMES_US = [0, 40_000, 50_000, 170_000, 180_100, 1_200_000, 1_233_300]
CLIPS = [
    "balance_cam01", "balance_cam04", "dribble", "one_by_one", "seniors", "squats", "yoga_floor",
]  # fmt: skip


def read(path: Path) -> tuple[list[Frame], list[str]]:
    with vitruvian.open_input(path) as source:
        return list(source), source.warnings


def numbers(frames: list[Frame]) -> list[int]:
    """Return the index that the brightness of each frame encodes."""
    return [round((float(np.median(frame.image)) - grey_level(0)) / 5) for frame in frames]


def assert_equal_to_opencv(path: Path, limit: int | None = None) -> None:
    capture = cv2.VideoCapture(str(path))
    with vitruvian.open_input(path) as source:
        for frame in source:
            if frame.index == limit:
                return
            is_there, bgr = capture.read()
            assert is_there
            np.testing.assert_array_equal(frame.image, bgr[..., ::-1])
        assert source.warnings == []
    assert not capture.read()[0]


@pytest.mark.testdata
@pytest.mark.parametrize("clip", CLIPS)
def test_reference_clips_equal_opencv_bit_for_bit(clip: str, testdata: Path) -> None:
    assert_equal_to_opencv(testdata / "clips" / f"{clip}.mp4", limit=15)


@pytest.mark.testdata
def test_a_reference_clip_is_read_completely_without_a_warning(testdata: Path) -> None:
    assert_equal_to_opencv(testdata / "clips" / "yoga_floor.mp4")


@pytest.mark.parametrize(
    ("name", "codec", "pixels", "wh", "tags"),
    [
        ("a.mp4", "libx264", "yuv420p", (322, 242), {}),
        ("a.mp4", "libx264", "yuv420p", (320, 240), {"colorspace": 1, "color_range": 2}),
        ("a.mp4", "libx264", "yuv420p", (320, 240), {"colorspace": 9}),
        ("a.mp4", "libx264", "yuv422p", (320, 240), {}),
        ("a.mp4", "libx264", "yuv444p", (321, 241), {}),
        ("a.mp4", "libx264", "yuv420p10le", (320, 240), {}),
        ("a.mkv", "ffv1", "yuv420p", (321, 241), {}),
        ("a.mkv", "ffv1", "gray", (320, 240), {}),
        ("a.mkv", "ffv1", "bgra", (320, 240), {}),
        ("a.avi", "mjpeg", "yuvj422p", (321, 243), {}),
        ("a.webm", "libvpx-vp9", "yuv420p", (321, 241), {}),
    ],
)
def test_every_pixel_format_equals_opencv(
    name: str, codec: str, pixels: str, wh: tuple[int, int], tags: dict[str, int], tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    blobs = cv2.resize(rng.integers(0, 256, (9, 9, 3), np.uint8), wh, interpolation=cv2.INTER_CUBIC)
    with av.open(str(tmp_path / name), "w") as container:
        stream = container.add_stream(codec, rate=25)
        (stream.width, stream.height), stream.pix_fmt = wh, pixels
        for tag, value in tags.items():
            setattr(stream.codec_context, tag, value)
        for number in range(3):
            image = np.roll(blobs, 7 * number, axis=1)
            frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format=pixels)
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert_equal_to_opencv(tmp_path / name)


@pytest.mark.parametrize("name", ["a.mp4", "a.mov"])
def test_uneven_timestamps_are_exact(name: str, make_clip: Callable[..., Path]) -> None:
    frames, warnings = read(make_clip(UNEVEN_TIMES_US, name))
    assert [frame.timestamp_us for frame in frames] == UNEVEN_TIMES_US
    assert numbers(frames) == [frame.index for frame in frames] == list(range(7))
    assert warnings == []


@pytest.mark.parametrize("name", ["a.mkv", "a.ts", "a.flv"])
def test_every_container_gives_all_frames_in_order(
    name: str, make_clip: Callable[..., Path]
) -> None:
    frames, warnings = read(make_clip(name=name))
    assert numbers(frames) == list(range(10))
    steps = [b.timestamp_us - a.timestamp_us for a, b in pairwise(frames)]
    np.testing.assert_allclose(steps, 40_000, atol=1000)  # Matroska and FLV count in ms
    assert warnings == []


def test_avi_without_pts_has_even_timestamps(tmp_path: Path) -> None:
    frames, warnings = read(noisy_clip(tmp_path / "a.avi", n_frames=12))
    assert [frame.timestamp_us for frame in frames] == list(range(0, 480_000, 40_000))
    assert warnings == []


def test_timestamps_count_from_the_first_frame(make_clip: Callable[..., Path]) -> None:
    late = [5_000_000 + time for time in UNEVEN_TIMES_US]
    frames, _ = read(make_clip(late, "a.ts"))
    times = [frame.timestamp_us for frame in frames]
    np.testing.assert_allclose(times, UNEVEN_TIMES_US, atol=12)  # one tick at 90 kHz


def test_metadata_is_available_before_reading(make_clip: Callable[..., Path]) -> None:
    path = make_clip()
    with vitruvian.open_input(path) as source:
        assert (source.name, source.path, source.wh) == (str(path), path, (64, 48))
        assert (source.fps, source.n_frames, source.is_live) == (25.0, 10, False)
    with vitruvian.open_input(make_clip(name="a.mkv")) as source:
        assert source.n_frames == 10


@pytest.mark.parametrize(
    ("degrees", "corner"), [(90, (-1, 0)), (180, (-1, -1)), (-90, (0, -1)), (0, (0, 0))]
)
def test_the_rotation_in_the_file_is_applied(
    degrees: int, corner: tuple[int, int], make_clip: Callable[..., Path]
) -> None:
    path = make_clip(rotation_deg=degrees)
    assert_equal_to_opencv(path)
    with vitruvian.open_input(path) as source:
        image = next(iter(source)).image
        assert source.wh == ((64, 48) if degrees % 180 == 0 else (48, 64))
    assert image[corner].min() > 240
    assert sum(image[y, x].min() > 240 for y in (0, -1) for x in (0, -1)) == 1


def with_track_matrix(path: Path, matrix: list[float]) -> Path:
    """Overwrite the matrix in the track header of an MP4 file; returns the path."""
    data = bytearray(path.read_bytes())
    fixed = [round(value * (1 << (30 if i % 3 == 2 else 16))) for i, value in enumerate(matrix)]
    start = data.index(b"tkhd") + 44
    data[start : start + 36] = struct.pack(">9i", *fixed)
    path.write_bytes(data)
    return path


def white_corners(image: NDArray[np.uint8]) -> list[tuple[int, int]]:
    return [(y, x) for y in (0, -1) for x in (0, -1) if image[y, x].min() > 240]


DISPLAY_MATRICES = {  # a, b, c, d: then the size shown, and where the top left corner is
    (1, 0, 0, 1): ((64, 48), (0, 0)),
    (-1, 0, 0, 1): ((64, 48), (0, -1)),
    (1, 0, 0, -1): ((64, 48), (-1, 0)),
    (-1, 0, 0, -1): ((64, 48), (-1, -1)),
    (0, 1, 1, 0): ((48, 64), (0, 0)),
    (0, 1, -1, 0): ((48, 64), (0, -1)),
    (0, -1, 1, 0): ((48, 64), (-1, 0)),
    (0, -1, -1, 0): ((48, 64), (-1, -1)),
}


@pytest.mark.parametrize("matrix", DISPLAY_MATRICES)
@pytest.mark.parametrize("name", ["a.mp4", "a.mov"])
def test_all_eight_display_matrices_of_a_track_are_applied(
    name: str, matrix: tuple[int, int, int, int], make_clip: Callable[..., Path]
) -> None:
    a, b, c, d = matrix
    path = with_track_matrix(make_clip(name=name), [a, b, 0, c, d, 0, 5, 7, 1])
    frames, _ = read(path)
    wh, corner = DISPLAY_MATRICES[matrix]
    assert frames[0].image.shape[1::-1] == frames[-1].image.shape[1::-1] == wh
    assert white_corners(frames[0].image) == white_corners(frames[-1].image) == [corner]


@needs_ffmpeg
@pytest.mark.parametrize("matrix", DISPLAY_MATRICES)
def test_turned_and_mirrored_frames_equal_those_of_ffmpeg(
    matrix: tuple[int, int, int, int], make_clip: Callable[..., Path]
) -> None:
    a, b, c, d = matrix
    path = with_track_matrix(make_clip(), [a, b, 0, c, d, 0, 0, 0, 1])
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-frames:v", "1"]
    raw = subprocess.run(
        [*command, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"], capture_output=True
    )
    image = read(path)[0][0].image
    shown = np.frombuffer(raw.stdout, np.uint8).reshape(image.shape)
    np.testing.assert_allclose(image.astype(int), shown, atol=3)  # another version of FFmpeg


@pytest.mark.parametrize("is_mirrored", [False, True])
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize("name", ["a.mkv", "a.mov"])
def test_a_rotation_with_a_mirror_is_applied_in_matroska_as_well(
    name: str, degrees: int, is_mirrored: bool, make_clip: Callable[..., Path]
) -> None:
    plain = read(make_clip(name=name))[0][0].image
    turned = read(make_clip(name=name, rotation_deg=degrees, is_mirrored=is_mirrored))[0][0].image
    expected = np.rot90(plain, degrees // 90)
    np.testing.assert_array_equal(turned, expected[:, ::-1] if is_mirrored else expected)


@pytest.mark.parametrize(
    ("matrix", "wh"),
    [
        ([0.0001, 1, 0, -1, 0.0001, 0, 0, 0, 1], (48, 64)),
        ([0.02, -0.9998, 0, 0.9998, 0.02, 0, 0, 0, 1], (48, 64)),
        ([1, 0.4, 0, 0, 1, 0, 0, 0, 1], (64, 48)),
        ([2, 0, 0, 0, 0.5, 0, 0, 0, 1], (64, 48)),
        ([0, 0, 0, 0, 0, 0, 0, 0, 0], (64, 48)),
    ],
    ids=["rounded", "91 degrees", "sheared", "scaled", "zero"],
)
def test_other_display_matrices_turn_to_the_nearest_right_angle(
    matrix: list[float], wh: tuple[int, int], make_clip: Callable[..., Path]
) -> None:
    frames, _ = read(with_track_matrix(make_clip(), matrix))
    assert frames[0].image.shape[1::-1] == wh


def test_the_display_matrix_of_the_file_precedes_that_of_the_bit_stream(
    tmp_path: Path, make_clip: Callable[..., Path]
) -> None:
    oriented = "h264_metadata=display_orientation=insert:rotate=90"
    for name, degrees in {"a.mp4": 0, "b.mp4": 180}.items():
        with av.open(str(make_clip())) as clip, av.open(f"{tmp_path}/{name}", "w") as target:
            stream = target.add_stream_from_template(clip.streams.video[0])
            if degrees:
                stream.set_display_rotation(degrees)
            bits = BitStreamFilterContext(oriented, clip.streams.video[0])
            for packet in clip.demux():
                for changed in bits.filter(packet if packet.size else None):
                    changed.stream = stream
                    target.mux(changed)
    assert white_corners(read(tmp_path / "a.mp4")[0][0].image) == [(-1, 0)]
    assert white_corners(read(tmp_path / "b.mp4")[0][0].image) == [(-1, -1)]


def test_an_audio_stream_does_not_affect_the_frames(make_clip: Callable[..., Path]) -> None:
    frames, warnings = read(make_clip(sound="aac"))
    assert numbers(frames) == list(range(10))
    assert warnings == []


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.flv", "a.avi"])
def test_a_truncated_video_gives_its_intact_frames_and_a_warning(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = noisy_clip(tmp_path / name)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    frames, warnings = read(path)
    assert 20 <= len(frames) <= 40
    assert len(warnings) == 1
    assert f"{path}: {len(frames)} frames read" in warnings[0]
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_truncation_loses_only_the_incomplete_frame(tmp_path: Path) -> None:
    path = noisy_clip(tmp_path / "a.mp4")
    with av.open(str(path)) as container:
        last_whole = [packet for packet in container.demux() if packet.size][29]
    path.write_bytes(path.read_bytes()[: (last_whole.pos or 0) + last_whole.size + 100])
    frames, warnings = read(path)
    assert len(frames) == 30
    assert "30 frames read of 50 expected; 1 packets can't be decoded" in warnings[0]


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts", "a.avi", "a.webm"])
def test_damaged_files_never_crash(name: str, tmp_path: Path) -> None:
    path = noisy_clip(tmp_path / name, n_frames=12)
    whole = path.read_bytes()
    rng = random.Random(name)
    for trial in range(25):
        data = bytearray(whole if trial % 3 else whole[: rng.randrange(len(whole))])
        for _ in range(rng.choice([1, 10, 100])):
            if data:
                data[rng.randrange(len(data))] = rng.randrange(256)
        path.write_bytes(data)
        try:
            frames, _ = read(path)
        except SourceError as err:
            assert str(path) in str(err)  # noqa: PT017
        else:
            assert frames
            assert all(a.timestamp_us < b.timestamp_us for a, b in pairwise(frames))


@pytest.mark.parametrize("data", [b"", b"\0" * 5000, b"plain text\n" * 500, b"\x1a\x45\xdf\xa3"])
@pytest.mark.parametrize("name", ["a.mp4", "a.txt", "a.bin", "a"])
def test_a_file_that_is_not_a_video_raises_an_error_with_its_path(
    data: bytes, name: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(SourceError, match=str(tmp_path / name)):
        vitruvian.open_input(tmp_path / name)


def test_an_audio_file_raises_an_error(tmp_path: Path, make_clip: Callable[..., Path]) -> None:
    with av.open(str(make_clip(sound="aac"))) as clip, av.open(f"{tmp_path}/a.m4a", "w") as target:
        stream = target.add_stream_from_template(clip.streams.audio[0])
        for packet in clip.demux(audio=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    with pytest.raises(SourceError, match="it has no video stream, only \\['audio'\\]"):
        vitruvian.open_input(tmp_path / "a.m4a")


def test_a_video_without_frames_raises_an_error(
    tmp_path: Path, make_clip: Callable[..., Path]
) -> None:
    path = make_clip()
    data = bytearray(path.read_bytes())
    start = data.index(b"mdat") + 4
    end = data.index(b"moov") - 4
    data[start:end] = bytes(end - start)
    path.write_bytes(data)
    with pytest.raises(SourceError, match=f"{path}.*no frame of it can be decoded"):
        vitruvian.open_input(path)


def test_a_cover_is_no_video(tmp_path: Path, make_clip: Callable[..., Path]) -> None:
    cover = BytesIO()
    Image.new("RGB", (64, 64)).save(cover, "jpeg")
    with av.open(str(make_clip(sound="aac"))) as clip, av.open(f"{tmp_path}/a.mp4", "w") as target:
        sound = target.add_stream_from_template(clip.streams.audio[0])
        picture = target.add_stream("mjpeg")
        picture.width = picture.height = 64
        picture.pix_fmt = "yuvj420p"
        picture.disposition = Disposition.attached_pic
        packet = Packet(cover.getvalue())
        packet.stream, packet.pts, packet.dts = picture, 0, 0
        target.mux(packet)
        for each in clip.demux(audio=0):
            if each.dts is not None:
                each.stream = sound
                target.mux(each)
    with pytest.raises(SourceError, match="it has no video stream, only \\['audio', 'cover'\\]"):
        vitruvian.open_input(tmp_path / "a.mp4")


def two_streams(path: Path, whs: list[tuple[int, int]], default: int | None) -> Path:
    """Encode a video of several grey streams; the brightness of each encodes its index."""
    with av.open(str(path), "w", options={"default_mode": "passthrough"}) as container:
        streams = []
        for number, (width, height) in enumerate(whs):
            stream = container.add_stream("libx264", rate=25)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            stream.disposition = Disposition.default if number == default else Disposition(0)
            streams.append(stream)
        for pts in range(10):
            for number, stream in enumerate(streams):
                level = grey_level(number)
                image = np.full((stream.height, stream.width, 3), level, np.uint8)
                frame = av.VideoFrame.from_ndarray(image, format="rgb24")
                frame.pts = pts
                container.mux(stream.encode(frame))
        for stream in streams:
            container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("name", "default", "number"),
    [("a.ts", None, 1), ("a.mkv", None, 1), ("a.mkv", 0, 0), ("a.mkv", 1, 1), ("a.mkv", 2, 2)],
)
def test_of_several_video_streams_the_default_or_the_largest_is_read(
    name: str, default: int | None, number: int, tmp_path: Path
) -> None:
    whs = [(64, 48), (96, 64), (96, 64)]
    path = two_streams(tmp_path / name, whs, default)
    with vitruvian.open_input(path) as source:
        assert source.wh == whs[number]
        frames = list(source)
    assert numbers(frames) == [number] * 10
    assert source.warnings == []


def test_a_much_larger_stream_precedes_the_default_one(tmp_path: Path) -> None:
    path = two_streams(tmp_path / "a.mkv", [(64, 48), (4096, 2160)], default=0)
    with vitruvian.open_input(path) as source:
        assert source.wh == (4096, 2160)


def test_a_codec_without_a_decoder_raises_an_error(make_clip: Callable[..., Path]) -> None:
    path = make_clip()
    data = path.read_bytes()
    start = data.index(b"avc1", data.index(b"stsd"))
    path.write_bytes(data[:start] + b"zzzz" + data[start + 4 :].replace(b"avcC", b"zzzC"))
    with pytest.raises(SourceError, match="no decoder for its video stream"):
        vitruvian.open_input(path)


def test_a_read_error_appears_in_the_message(folder_url: str, tmp_path: Path) -> None:
    noisy_clip(tmp_path / "a.mov")  # its index is at the end, and the server can't seek
    with pytest.raises(SourceError, match=r"can't read .*a\.mov': Input/output error"):
        vitruvian.open_input(f"{folder_url}/a.mov")


def test_frames_that_an_edit_list_cuts_off_are_not_announced(
    tmp_path: Path, make_clip: Callable[..., Path]
) -> None:
    path = make_clip()
    with av.open(str(path)) as clip, av.open(f"{tmp_path}/cut.mp4", "w") as target:
        stream = target.add_stream_from_template(clip.streams.video[0])
        for packet in clip.demux(video=0):
            if packet.pts is None or packet.dts is None:
                continue
            shift = round(Fraction(120, 1000) / Fraction(packet.time_base))
            packet.pts, packet.dts, packet.stream = packet.pts - shift, packet.dts - shift, stream
            target.mux(packet)
    with vitruvian.open_input(tmp_path / "cut.mp4") as source:
        assert source.n_frames == 7
        assert numbers(list(source)) == list(range(3, 10))
    assert source.warnings == []


def test_frames_after_the_end_of_an_edit_list_are_not_announced(
    make_clip: Callable[..., Path],
) -> None:
    path = make_clip()
    data = bytearray(path.read_bytes())
    start = data.index(b"elst") + 12
    (duration,) = struct.unpack_from(">I", data, start)
    struct.pack_into(">I", data, start, duration // 2)
    path.write_bytes(data)
    with vitruvian.open_input(path) as source:
        n_announced, frames = source.n_frames, list(source)
    assert n_announced == len(frames) == 5
    assert source.warnings == []


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
def test_longer_sound_does_not_lengthen_the_announced_video(
    name: str, make_clip: Callable[..., Path]
) -> None:
    with vitruvian.open_input(make_clip(name=name, sound="aac", sound_s=3.0)) as source:
        assert source.n_frames == 10


def test_a_rate_that_is_only_the_clock_of_the_container_is_unknown(tmp_path: Path) -> None:
    times_ms = [0, 33, 70, 101, 140, 171, 202]
    with av.open(str(tmp_path / "a.mkv"), "w") as container:
        stream = container.add_stream("libx264", rate=1000)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for time_ms in times_ms:
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
            frame.pts = time_ms
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with vitruvian.open_input(tmp_path / "a.mkv") as source:
        assert (source.fps, source.n_frames) == (None, None)
        assert [frame.timestamp_us for frame in source] == [1000 * each for each in times_ms]


def test_a_file_that_ends_between_two_frames_gives_both_counts(tmp_path: Path) -> None:
    path = noisy_clip(tmp_path / "a.mp4")
    with av.open(str(path)) as container:
        end = sorted(packet.pos or 0 for packet in container.demux() if packet.size)[45]
    path.write_bytes(path.read_bytes()[:end])
    frames, warnings = read(path)
    assert len(frames) == 45
    assert warnings == [f"{path}: 45 frames read of 50 expected"]


def test_joined_clips_do_not_report_fewer_frames_than_were_read(
    make_clip: Callable[..., Path],
) -> None:
    path = make_clip(name="a.ts")
    path.write_bytes(3 * path.read_bytes() + b"damaged" * 500)
    frames, warnings = read(path)
    assert len(frames) == 30
    assert all("expected" not in warning for warning in warnings)


def test_a_colon_in_a_file_name_is_not_a_protocol(make_clip: Callable[..., Path]) -> None:
    assert len(read(make_clip(name="http: part 1.mp4"))[0]) == 10


def noisy_clip(path: Path, n_frames: int = 50) -> Path:
    """Encode noise, so that packets are large and a cut hits one of them."""
    rng = np.random.default_rng(0)
    options: dict[str, Any] = {"options": {"movflags": "+faststart"}} if ".mp4" in path.name else {}
    codec = "libvpx" if path.suffix == ".webm" else "libx264"
    with av.open(str(path), "w", **options) as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for number in range(n_frames):
            image = rng.integers(0, 256, (64, 96, 3), np.uint8)
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def test_joined_clips_shorter_than_a_second_continue_at_the_nominal_rate(
    make_clip: Callable[..., Path],
) -> None:
    path = make_clip(range(0, 600_000, 40_000), "a.ts")
    path.write_bytes(3 * path.read_bytes())
    frames, warnings = read(path)
    assert [frame.timestamp_us for frame in frames] == list(range(0, 1_800_000, 40_000))
    assert numbers(frames) == 3 * list(range(15))
    assert warnings == []


@pytest.mark.parametrize("starts_s", [(0, 30_000), (30_000, 0)])
def test_joined_clips_with_clocks_far_apart_continue_at_the_nominal_rate(
    starts_s: tuple[int, int], make_clip: Callable[..., Path]
) -> None:
    parts = []
    for start_s in starts_s:
        times_us = range(start_s * 1_000_000, start_s * 1_000_000 + 400_000, 40_000)
        parts.append(make_clip(times_us, "a.ts").read_bytes())
    path = make_clip(name="a.ts")
    path.write_bytes(b"".join(parts))
    frames, warnings = read(path)
    steps = [b.timestamp_us - a.timestamp_us for a, b in pairwise(frames)]
    np.testing.assert_allclose(steps, 40_000, atol=1000)
    assert len(frames) == 20
    assert warnings == []


def test_a_long_pause_in_a_file_is_kept(make_clip: Callable[..., Path]) -> None:
    times_us = [0, 40_000, 3_600_000_000, 3_600_040_000]
    for name in ("a.mp4", "a.mkv"):
        assert [frame.timestamp_us for frame in read(make_clip(times_us, name))[0]] == times_us


def test_a_video_cut_off_before_its_first_frame_says_so(tmp_path: Path) -> None:
    path = tmp_path / "cut.mp4"
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(3):
            container.mux(
                stream.encode(av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8)))
            )
        container.mux(stream.encode())
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"mdat") + 4])
    with pytest.raises(SourceError, match="cut off before the first of 3"):
        vitruvian.open_input(path)
