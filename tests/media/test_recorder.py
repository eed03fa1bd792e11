"""Written videos keep timestamps, colours and audio; write errors are `SinkError`."""

from __future__ import annotations

import resource
from contextlib import contextmanager
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

import vitruvian
from vitruvian.errors import SinkError
from vitruvian.media.recorder import VideoWriter

from .conftest import AUDIO_RATE_HZ, sine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

UNEVEN_TIMES_US = [0, 40_000, 50_000, 170_000, 180_101, 1_200_000, 1_233_333]


def picture(
    wh: tuple[int, int] = (64, 48), rgb: tuple[int, int, int] = (90, 90, 90)
) -> NDArray[np.uint8]:
    return np.full((wh[1], wh[0], 3), rgb, np.uint8)


def times_us(path: Path) -> list[int]:
    with vitruvian.open_input(path) as source:
        times = [frame.timestamp_us for frame in source]
        assert source.warnings == []
    return times


def sound(path: Path) -> tuple[float, NDArray[np.float32]]:
    """Return the start of the audio relative to the video, s, and its samples."""
    with av.open(str(path)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        frames = list(container.decode(audio))
        start = float(frames[0].pts * audio.time_base - (video.start_time or 0) * video.time_base)
        return start, np.concatenate([frame.to_ndarray()[0] for frame in frames])


def copy(source: Path, target: Path, n_frames: int | None = None) -> None:
    with (
        vitruvian.open_input(source) as frames,
        VideoWriter(target, frames.wh, fps=frames.fps, audio_from=source) as writer,
    ):
        for frame in frames:
            if frame.index == n_frames:
                break
            writer.write(frame.image, frame.timestamp_us)


def test_uneven_timestamps_are_stored_exactly(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "a.mp4", (64, 48), fps=30) as writer:
        for time in UNEVEN_TIMES_US:
            writer.write(picture(), time)
    assert times_us(tmp_path / "a.mp4") == UNEVEN_TIMES_US


def test_the_path_is_used_as_given_and_the_file_starts_with_its_index(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "a.part", (64, 48), fps=30) as writer:
        writer.write(picture(), 0)
    data = (tmp_path / "a.part").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    assert [path.name for path in tmp_path.iterdir()] == ["a.part"]


def test_another_container_can_be_selected(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "a.part", (64, 48), fps=25, container="matroska") as writer:
        for number in range(5):
            writer.write(picture(), number * 40_000)
    assert times_us(tmp_path / "a.part") == list(range(0, 200_000, 40_000))


@pytest.mark.parametrize(
    "rgb", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (200, 150, 120), (0, 0, 0), (255, 255, 255)]
)
def test_colours_are_preserved(rgb: tuple[int, int, int], tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "a.mp4", (64, 48), fps=30) as writer:
        writer.write(picture(rgb=rgb), 0)
    with vitruvian.open_input(tmp_path / "a.mp4") as source:
        image = next(iter(source)).image
    np.testing.assert_allclose(image.reshape(-1, 3).mean(axis=0), rgb, atol=4)


@pytest.mark.parametrize("wh", [(1, 1), (3, 5), (321, 242), (322, 241)])
def test_odd_sides_grow_by_one_repeated_row_or_column(wh: tuple[int, int], tmp_path: Path) -> None:
    image = picture(wh, (40, 60, 80))
    image[-1:], image[:, -1:] = (200, 60, 30), (200, 60, 30)
    with VideoWriter(tmp_path / "a.mp4", wh, fps=30) as writer:
        for number in range(3):
            writer.write(image, number * 33_333)
    with vitruvian.open_input(tmp_path / "a.mp4") as source:
        frames = list(source)
    assert source.wh == (wh[0] + wh[0] % 2, wh[1] + wh[1] % 2)
    assert len(frames) == 3
    np.testing.assert_allclose(frames[0].image[-1, -1], (200, 60, 30), atol=12)


@pytest.mark.parametrize("wh", [(2, 2), (16_384, 2), (2, 16_384)])
def test_extreme_sizes_are_written(wh: tuple[int, int], tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "a.mp4", wh, fps=30) as writer:
        writer.write(picture(wh), 0)
    with vitruvian.open_input(tmp_path / "a.mp4") as source:
        assert source.wh == wh
        assert len(list(source)) == 1


@pytest.mark.parametrize("codec", ["aac", "libmp3lame"])
def test_audio_is_copied_without_re_encoding(
    codec: str, tmp_path: Path, make_clip: Callable[..., Path]
) -> None:
    clip = make_clip(range(0, 2_000_000, 40_000), wh=(16, 16), sound=codec)
    copy(clip, tmp_path / "copy.mp4")
    (start, expected), (start_of_copy, samples) = sound(clip), sound(tmp_path / "copy.mp4")
    assert start_of_copy == pytest.approx(start, abs=1e-4)
    assert abs(len(samples) - len(expected)) <= 2 * 1152
    shared = min(len(samples), len(expected))
    np.testing.assert_array_equal(samples[:shared], expected[:shared])
    assert np.corrcoef(samples[4096:40_000], sine(2.0)[4096:40_000])[0, 1] > 0.99
    assert times_us(tmp_path / "copy.mp4") == times_us(clip)


def test_audio_of_a_clip_that_starts_late_stays_in_sync(
    tmp_path: Path, make_clip: Callable[..., Path]
) -> None:
    clip = make_clip(range(0, 1_000_000, 40_000), "a.ts", wh=(16, 16), sound="aac")
    copy(clip, tmp_path / "copy.mp4")
    (start, expected), (start_of_copy, samples) = sound(clip), sound(tmp_path / "copy.mp4")
    lead = round((start_of_copy - start) * AUDIO_RATE_HZ)  # AAC priming samples before time 0
    assert 0 <= lead <= 1024
    np.testing.assert_array_equal(samples[:20_000], expected[lead : lead + 20_000])


def test_audio_ends_with_the_last_frame(tmp_path: Path, make_clip: Callable[..., Path]) -> None:
    copy(make_clip(range(0, 2_000_000, 40_000), wh=(16, 16), sound="aac"), tmp_path / "a.mp4", 10)
    _, samples = sound(tmp_path / "a.mp4")
    assert len(samples) / AUDIO_RATE_HZ == pytest.approx(0.4, abs=0.03)


def test_a_source_without_audio_gives_a_video_without_audio(
    tmp_path: Path, make_clip: Callable[..., Path], caplog: pytest.LogCaptureFixture
) -> None:
    copy(make_clip(), tmp_path / "copy.mp4")
    with av.open(str(tmp_path / "copy.mp4")) as container:
        assert [stream.type for stream in container.streams] == ["video"]
    assert caplog.records == []


def test_audio_that_the_container_can_not_store_is_dropped_with_a_warning(
    tmp_path: Path, make_clip: Callable[..., Path], caplog: pytest.LogCaptureFixture
) -> None:
    copy(make_clip(name="a.avi", sound="adpcm_ms"), tmp_path / "copy.mp4")
    with av.open(str(tmp_path / "copy.mp4")) as container:
        assert [stream.type for stream in container.streams] == ["video"]
    assert "mp4 can't store adpcm_ms" in caplog.text


def test_damaged_audio_does_not_affect_the_video(
    tmp_path: Path, make_clip: Callable[..., Path], caplog: pytest.LogCaptureFixture
) -> None:
    clip = make_clip(range(0, 1_000_000, 40_000), "a.ts", wh=(16, 16), sound="aac")
    data = bytearray(clip.read_bytes())
    with av.open(str(clip)) as container:
        headers = [
            data.index(bytes(packet)[:7], packet.pos)
            for packet in container.demux(audio=0)
            if packet.size
        ]
    for header in headers[10:20]:
        data[header : header + 2] = b"\0\0"
    damaged = tmp_path / "damaged.ts"
    damaged.write_bytes(data)
    with VideoWriter(tmp_path / "a.mp4", (16, 16), fps=25, audio_from=damaged) as writer:
        for number in range(25):
            writer.write(picture((16, 16)), number * 40_000)
    assert len(times_us(tmp_path / "a.mp4")) == 25
    assert "damaged audio packets are left out" in caplog.text


def test_without_frames_no_file_is_left(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "a.mp4", (64, 48), fps=30) as writer:
        pass
    writer.close()
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_leaves_a_playable_video(tmp_path: Path) -> None:
    def interrupted_loop() -> None:
        with VideoWriter(tmp_path / "a.mp4", (64, 48), fps=30) as writer:
            for number in range(5):
                writer.write(picture(), number * 40_000)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted_loop()
    assert len(times_us(tmp_path / "a.mp4")) == 5


def test_an_interrupt_during_close_leaves_a_playable_video(tmp_path: Path) -> None:
    class Interrupted:
        """Audio copy interrupted by Ctrl-C."""

        def copy_until(self, time_us: int) -> None:
            raise KeyboardInterrupt

        def close(self) -> None:
            pass

    writer = VideoWriter(tmp_path / "a.mp4", (64, 48), fps=30)
    for number in range(5):
        writer.write(picture(), number * 40_000)
    writer._audio = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        writer.close()
    assert len(times_us(tmp_path / "a.mp4")) == 5


@pytest.mark.parametrize("name", ["none/a.mp4", "", "/dev/full"])
def test_an_unwritable_path_raises_an_error_in_the_constructor(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    with pytest.raises(SinkError, match=f"can't write '{path}': ") as caught:
        VideoWriter(path, (64, 48), fps=30)
    assert "\n" not in str(caught.value)


def test_a_full_disk_raises_an_error_and_closes_the_writer(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (240, 320, 3), np.uint8)

    def write_much() -> None:
        for number in range(200):
            writer.write(np.roll(noise, number, axis=0), number * 40_000)
        writer.close()

    with limited_file_size(200_000):
        writer = VideoWriter(tmp_path / "a.mp4", (320, 240), fps=25)
        with pytest.raises(SinkError, match=r"can't write '.*a\.mp4': File too large"):
            write_much()
        writer.close()
    with pytest.raises(ValueError, match="is closed"):
        writer.write(noise, 10_000_000)


def test_a_full_disk_at_the_end_raises_an_error_in_close(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (240, 320, 3), np.uint8)
    writer = VideoWriter(tmp_path / "a.mp4", (320, 240), fps=25)
    with limited_file_size(20_000):
        writer.write(noise, 0)
        with pytest.raises(SinkError, match="File too large"):
            writer.close()


def test_a_frame_too_large_for_the_codec_raises_an_error(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match=r"16384 px per side, got \(20000, 50\)"):
        VideoWriter(tmp_path / "a.mp4", (20_000, 50), fps=30)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("wh", "fps"), [((0, 5), 30), ((5, 5), 0), ((5, 5), float("nan"))])
def test_invalid_settings_raise_value_error(
    wh: tuple[int, int], fps: float, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="must be"):
        VideoWriter(tmp_path / "a.mp4", wh, fps=fps)


@pytest.mark.parametrize(
    ("wh", "inner"),  # the size of the image, and the part of 64×48 that it fills
    [
        ((128, 96), (slice(None), slice(None))),
        ((320, 80), (slice(16, 32), slice(None))),
        ((10, 30), (slice(None), slice(24, 40))),
        ((1, 1000), (slice(None), slice(31, 32))),
    ],
)
def test_an_image_of_another_size_is_fitted_with_black_bars(
    tmp_path: Path, wh: tuple[int, int], inner: tuple[slice, slice]
) -> None:
    with VideoWriter(tmp_path / "a.mp4", (64, 48), fps=30) as writer:
        writer.write(picture(rgb=(255, 255, 255)), 0)
        writer.write(picture(wh, (200, 200, 200)), 40_000)
    with vitruvian.open_input(tmp_path / "a.mp4") as frames:
        _, fitted = (frame.image for frame in frames)
    expected = np.zeros((48, 64, 3))
    expected[inner] = 200
    assert np.abs(fitted - expected).mean() < 4  # the encoder blurs edges


def test_invalid_frames_raise_value_error_and_the_writer_stays_usable(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "a.mp4", (64, 48), fps=30) as writer:
        writer.write(picture(), 1000)
        with pytest.raises(ValueError, match=r"image must be a \(H, W, 3\) uint8 array"):
            writer.write(picture()[..., :2], 2000)
        with pytest.raises(ValueError, match="image must be"):
            writer.write(picture().astype(np.float32), 2000)
        for late in (1000, 999):
            with pytest.raises(
                ValueError, match=f"timestamp_us must increase, got {late} after 1000"
            ):
                writer.write(picture(), late)
        writer.write(picture(), 41_000)
    assert times_us(tmp_path / "a.mp4") == [0, 40_000]


@contextmanager
def limited_file_size(n_bytes: int) -> Iterator[None]:
    """Limit the file size of this process, to simulate a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
