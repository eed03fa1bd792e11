"""Annotated images and videos."""

from __future__ import annotations

from fractions import Fraction
from time import sleep

import av
import numpy as np
import pytest

from vitruvian import Frame, PoseResult, Style, draw_poses, open_output
from vitruvian.errors import SinkError
from vitruvian.export.annotation import RateMeter
from vitruvian.media.image import load_image
from vitruvian.media.pictures import ImageFile
from vitruvian.media.video import open_video

VIDEO_SUFFIXES = (".mp4", ".mov", ".mkv")


def frame_of(result):
    image = np.full((result.height, result.width, 3), 128, np.uint8)
    return Frame(image, result.timestamp_us, result.frame_index)


def write(results, *paths, source=None, style=None):
    with open_output(*paths, source=source, style=style) as sink:
        for result in results:
            sink.write(result, frame_of(result))


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def clip_with_sound(tmp_path):
    """A file of 20 grey pictures at 10 fps, with a tone of two seconds."""
    path = tmp_path / "source.mp4"
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=10)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio = container.add_stream("aac", rate=8000, layout="mono")
        for i in range(20):
            picture = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 128, np.uint8), "rgb24")
            picture.pts, picture.time_base = i, Fraction(1, 10)
            container.mux(video.encode(picture))
        container.mux(video.encode(None))
        tone = np.sin(np.arange(16_000) * 0.3).astype(np.float32)[None] / 2
        samples = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
        samples.sample_rate, samples.pts = 8000, 0
        container.mux(audio.encode(samples))
        container.mux(audio.encode(None))
    return path


def test_an_image_shows_the_poses(tmp_path, make_results):
    (result,) = make_results(2)
    write([result], tmp_path / "photo.png")
    drawn = draw_poses(frame_of(result).image, result)
    np.testing.assert_array_equal(load_image(tmp_path / "photo.png"), drawn)


def test_the_given_style_is_used(tmp_path, make_results):
    (result,) = make_results(2)
    style = Style(roi=True, skeleton=False)
    write([result], tmp_path / "photo.png", style=style)
    drawn = draw_poses(frame_of(result).image, result, style)
    np.testing.assert_array_equal(load_image(tmp_path / "photo.png"), drawn)


def test_a_jpeg_is_close_to_the_drawing(tmp_path, make_results):
    (result,) = make_results(0)
    write([result], tmp_path / "photo.jpg")
    np.testing.assert_allclose(load_image(tmp_path / "photo.jpg"), 128, atol=2)


def test_a_second_frame_does_not_fit_in_one_image(tmp_path, make_results):
    path = tmp_path / "photo.png"
    with pytest.raises(
        ValueError, match=r"holds one frame: for more, name it 'photo_\{frame:06d\}"
    ):
        write(make_results(1, 1), path)
    assert names(tmp_path) == ["photo.partial.png"]


def test_a_pattern_makes_an_image_of_each_frame(tmp_path, make_results):
    results = make_results(1, 0, 2)
    write(results, tmp_path / "walk_{frame:04d}.png")
    assert names(tmp_path) == ["walk_0003.png", "walk_0004.png", "walk_0005.png"]
    drawn = draw_poses(frame_of(results[2]).image, results[2])
    np.testing.assert_array_equal(load_image(tmp_path / "walk_0005.png"), drawn)


@pytest.mark.parametrize("name", ["{time}.png", "{}.png", "{frame.png", "{frame:x_y}.png"])
def test_a_wrong_pattern_is_an_error(tmp_path, name):
    with pytest.raises(ValueError, match=r"must be a pattern such as 'out_\{frame:06d\}.png'"):
        open_output(tmp_path / name)


@pytest.mark.parametrize(
    "name", ["a.png", "{frame}.png", *(f"a{suffix}" for suffix in VIDEO_SUFFIXES)]
)
def test_pictures_need_the_frame(tmp_path, make_results, name):
    (result,) = make_results(1)
    with open_output(tmp_path / name) as sink:
        with pytest.raises(ValueError, match=r"call write\(result, frame\)"):
            sink.write(result)
        sink.write(result, frame_of(result))


@pytest.mark.parametrize("name", ["a.png", "a.mp4"])
def test_a_picture_of_no_frames_is_an_error(tmp_path, name):
    with pytest.raises(SinkError, match=r"can't write '.*': .* needs a frame, got none"):
        write([], tmp_path / name)
    assert names(tmp_path) == []


def test_an_image_too_wide_for_its_format_is_an_error(tmp_path, capfd):
    with pytest.raises(SinkError, match=r"a .jpg image can't have 70000x1 px"):
        write([PoseResult(0, 0, 70_000, 1)], tmp_path / "wide.jpg")
    assert names(tmp_path) == []


@pytest.mark.parametrize("suffix", VIDEO_SUFFIXES)
def test_a_video_has_every_frame_at_its_time(tmp_path, make_results, suffix):
    results = make_results(1, 0, 2, 1)
    path = tmp_path / f"walk{suffix}"
    write(results, path)
    with open_video(path) as frames:
        seen = [(frame.timestamp_us, frame.image) for frame in frames]
    tolerance_us = 500 if suffix == ".mkv" else 50  # Matroska stores milliseconds
    drawn = np.array([draw_poses(frame_of(result).image, result) for result in results])
    for i, (timestamp_us, image) in enumerate(seen):
        assert abs(timestamp_us - results[i].timestamp_us) <= tolerance_us
        assert np.abs(drawn - image.astype(int)).mean(axis=(1, 2, 3)).argmin() == i
    assert len(seen) == len(results)
    assert names(tmp_path) == [path.name]


@pytest.mark.parametrize("suffix", VIDEO_SUFFIXES)
def test_a_video_keeps_the_sound_of_its_source(tmp_path, clip_with_sound, suffix):
    path = tmp_path / f"walk{suffix}"
    with open_video(clip_with_sound) as source, open_output(path, source=source) as sink:
        for frame in source:
            sink.write(PoseResult(frame.index, frame.timestamp_us, 64, 48), frame)
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        samples = [picture.to_ndarray() for picture in container.decode(stream)]
        assert stream.codec_context.name == "aac"
    assert 1.8 < sum(s.shape[1] for s in samples) / 8000 < 2.2
    assert np.abs(np.concatenate(samples, axis=1)).max() > 0.4


def test_a_video_may_replace_its_own_source(tmp_path, clip_with_sound):
    with open_video(clip_with_sound) as source, open_output(clip_with_sound, source=source) as sink:
        for frame in source:
            sink.write(PoseResult(frame.index, frame.timestamp_us, 64, 48), frame)
    with open_video(clip_with_sound) as frames:
        assert sum(1 for _ in frames) == 20


def test_a_photo_has_no_sound_to_keep(tmp_path, make_results):
    (result,) = make_results(1)
    write([result], tmp_path / "photo.png")
    with ImageFile(tmp_path / "photo.png") as source:
        write([result], tmp_path / "photo.mp4", source=source)
    assert (tmp_path / "photo.mp4").exists()


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_a_video_that_is_interrupted_can_be_played(tmp_path, make_results, error):
    def interrupted(results):
        yield from results
        raise error

    with pytest.raises(error):
        write(interrupted(make_results(1, 1, 1)), tmp_path / "walk.mp4")
    name = "walk.mp4" if error is KeyboardInterrupt else "walk.partial.mp4"
    assert names(tmp_path) == [name]
    with open_video(tmp_path / name) as frames:
        assert sum(1 for _ in frames) == 3


def test_a_video_shows_the_rate_only_where_the_style_asks_for_it(tmp_path, make_results):
    results = make_results(0, 0, 0)
    write(results, tmp_path / "plain.mp4")
    write(results, tmp_path / "rate.mp4", style=Style(fps=True))
    is_marked = {}
    for name in ("plain", "rate"):
        with open_video(tmp_path / f"{name}.mp4") as frames:
            is_marked[name] = [bool(np.ptp(frame.image) > 60) for frame in frames]
    assert is_marked == {"plain": [False] * 3, "rate": [False, True, True]}


def test_the_rate_is_that_of_the_last_frames():
    meter = RateMeter()
    assert meter.tick() is None
    sleep(0.02)
    rate = meter.tick()
    assert 1 < rate <= 50
    for _ in range(40):
        rate = meter.tick()
    assert rate > 50


def test_frames_of_another_size_are_fitted_into_a_video(tmp_path, make_results):
    (result,) = make_results(1)
    path = tmp_path / "walk.mp4"
    write([result, PoseResult(9, 99_000, 24, 48), PoseResult(10, 132_000, 64, 48)], path)
    with open_video(path) as frames:
        _, narrow, _ = (frame.image for frame in frames)
    assert narrow.shape == (48, 64, 3)
    assert narrow[24, 32] == pytest.approx(128, abs=8)
    assert narrow[:, [2, 61]].mean() < 8
