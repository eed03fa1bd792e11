"""Sources of images: every picture of every file becomes a frame."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

import vitruvian
from vitruvian.errors import SourceError
from vitruvian.media.image_kind import names_images, names_several_images
from vitruvian.media.pictures import Animation, ImageFile, ImageFolder
from vitruvian.media.video import Video

if TYPE_CHECKING:
    from pathlib import Path

ANIMATIONS = ["WEBP", "PNG", "AVIF"]
SUFFIX = {"WEBP": ".webp", "PNG": ".png", "AVIF": ".avif", "TIFF": ".tif", "GIF": ".gif"}
LEVELS = [20, 90, 160, 230]


def save_pictures(path: Path, kind: str, **options: object) -> Path:
    pictures = [Image.new("RGB", (32, 24), (level, 0, 0)) for level in LEVELS]
    pictures[0].save(path, kind, save_all=True, append_images=pictures[1:], **options)
    return path


def save_video(path: Path, kind: str, codec: str) -> Path:
    with av.open(str(path), "w", format=kind) as container:
        stream = container.add_stream(codec, rate=10)
        stream.width, stream.height = 32, 24
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        for _ in range(3):
            image = np.zeros((24, 32, 3), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def levels(frames: list[vitruvian.Frame]) -> list[int]:
    return [int(frame.image[12, 16, 0]) for frame in frames]


@pytest.mark.parametrize("name", ["a{}", "a.jpg", "a.PNG", "a.mp4", "a"])
@pytest.mark.parametrize("kind", ANIMATIONS)
def test_an_animation_gives_all_pictures_at_their_times(
    kind: str, name: str, tmp_path: Path
) -> None:
    path = save_pictures(tmp_path / name.format(SUFFIX[kind]), kind, duration=[40, 200, 1000, 40])
    assert not names_images(str(path))
    with vitruvian.open_input(path) as source:
        frames = list(source)
    assert isinstance(source, Animation)
    assert (source.n_frames, source.fps, source.wh, source.path) == (4, 25, (32, 24), path)
    assert [frame.timestamp_us for frame in frames] == [0, 40_000, 240_000, 1_240_000]
    assert [frame.index for frame in frames] == [0, 1, 2, 3]
    np.testing.assert_allclose(levels(frames), LEVELS, atol=4)
    assert source.warnings == []


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_pictures_without_a_duration_last_100_ms_as_in_browsers(kind: str, tmp_path: Path) -> None:
    path = save_pictures(tmp_path / "a", kind, duration=[0, 0, 50, 0])
    with vitruvian.open_input(path) as source:
        times = [frame.timestamp_us for frame in source]
    assert times == [0, 100_000, 200_000, 250_000]


def test_rounded_times_of_an_avif_do_not_add_up(tmp_path: Path) -> None:
    path = save_pictures(tmp_path / "a.avif", "AVIF", duration=33)
    with vitruvian.open_input(path) as source:
        assert [frame.timestamp_us for frame in source] == [0, 33_000, 66_000, 99_000]


def test_the_still_of_an_animated_png_is_not_a_frame(tmp_path: Path) -> None:
    path = save_pictures(tmp_path / "a.png", "PNG", duration=40, default_image=True)
    with vitruvian.open_input(path) as source:
        assert levels(list(source)) == LEVELS[1:]
    assert vitruvian.load_image(path)[0, 0, 0] == LEVELS[1]


@pytest.mark.parametrize("kind", ANIMATIONS)
def test_a_truncated_animation_gives_its_first_pictures_and_a_warning(
    kind: str, tmp_path: Path
) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (4, 48, 64, 3), np.uint8)
    pictures = [Image.fromarray(image) for image in noise]
    path = tmp_path / "a"
    pictures[0].save(path, kind, save_all=True, append_images=pictures[1:], duration=40)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 5 // 8])
    try:
        with vitruvian.open_input(path) as source:
            n_frames = len(list(source))
    except SourceError as err:
        assert "\n" not in str(err)  # noqa: PT017 - libwebp and libavif may refuse all of it
    else:
        assert 1 <= n_frames < 4
        assert f"{n_frames} of 4 pictures read" in source.warnings[0]


@pytest.mark.parametrize("name", ["a.tif", "A.TIFF", "a.jpg", "a.mp4"])
def test_the_pages_of_a_tiff_are_frames_like_images_of_a_folder(name: str, tmp_path: Path) -> None:
    path = save_pictures(tmp_path / name, "TIFF")
    assert names_images(str(path))
    assert names_several_images(str(path))
    with vitruvian.open_input(path, fps=10) as source:
        frames = list(source)
    assert isinstance(source, ImageFolder)
    assert (source.n_frames, source.path, source.paths) == (4, path, (path,) * 4)
    assert levels(frames) == LEVELS
    assert [frame.timestamp_us for frame in frames] == [0, 100_000, 200_000, 300_000]


def save_pages(path: Path, *pages: tuple[int, int]) -> Path:
    """Save pages of these levels and types: 1 is a preview, 2 an ordinary page, 4 a mask."""
    images = []
    for level, subfile_type in pages:
        image = Image.new("RGB", (32, 24), (level, 0, 0))
        tags = TiffImagePlugin.ImageFileDirectory_v2()
        tags[254] = subfile_type
        image.encoderinfo = {"tiffinfo": tags}
        images.append(image)
    images[0].save(path, save_all=True, append_images=images[1:], **images[0].encoderinfo)
    return path


def test_previews_and_masks_of_a_tiff_are_not_frames(tmp_path: Path) -> None:
    path = save_pages(tmp_path / "a.tif", (20, 0), (90, 1), (160, 2), (230, 4))
    with vitruvian.open_input(path) as source:
        assert levels(list(source)) == [20, 160]


def test_the_image_of_a_tiff_is_its_first_page_that_is_no_preview(tmp_path: Path) -> None:
    path = save_pages(tmp_path / "a.tif", (20, 1), (90, 0))
    assert vitruvian.load_image(path)[0, 0, 0] == 90
    with vitruvian.open_input(path) as source:
        assert levels(list(source)) == [90]
    assert vitruvian.load_image(save_pages(tmp_path / "b.tif", (20, 1)))[0, 0, 0] == 20


def test_a_damaged_page_and_what_follows_it_cause_warnings(tmp_path: Path) -> None:
    path = save_pictures(tmp_path / "a.tif", "TIFF")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 5 // 8])
    for what in (path, tmp_path):
        with vitruvian.open_input(what) as source:
            assert levels(list(source)) == LEVELS[:2]
        assert "what follows page" in " ".join(source.warnings)


def test_one_page_is_one_image(tmp_path: Path) -> None:
    Image.new("RGB", (8, 6)).save(tmp_path / "a.tif")
    Image.new("RGB", (8, 6)).save(tmp_path / "a.webp")
    for path in tmp_path.iterdir():
        assert not names_several_images(str(path))
        with vitruvian.open_input(path) as source:
            assert isinstance(source, ImageFile)


def test_a_folder_counts_every_picture_of_its_files(tmp_path: Path) -> None:
    for kind, suffix in SUFFIX.items():
        save_pictures(tmp_path / f"{kind}{suffix.upper()}", kind, duration=40)
    Image.new("RGB", (8, 6)).save(tmp_path / "Z.JPG")
    with vitruvian.open_input(tmp_path, fps=10) as source:
        frames = list(source)
    assert source.n_frames == len(frames) == 21
    np.testing.assert_allclose(levels(frames[:-1]), LEVELS * 5, atol=4)
    assert [frame.index for frame in frames] == list(range(21))
    assert [frame.timestamp_us for frame in frames] == [100_000 * i for i in range(21)]
    assert [source.paths[i].name for i in (0, 3, 4, 20)] == [
        "AVIF.AVIF",
        "AVIF.AVIF",
        "GIF.GIF",
        "Z.JPG",
    ]
    assert source.warnings == []


def test_other_views_of_an_mpo_are_not_frames(tmp_path: Path) -> None:
    save_pictures(tmp_path / "a.jpg", "MPO")
    for what in (tmp_path, tmp_path / "a.jpg"):
        with vitruvian.open_input(what) as source:
            assert len(list(source)) == 1


def test_an_announced_number_of_pictures_is_bounded_by_the_file(tmp_path: Path) -> None:
    path = save_pictures(tmp_path / "a.png", "PNG", duration=40)
    data = path.read_bytes()
    at = data.index(b"acTL")
    chunk = b"acTL" + struct.pack(">II", 2**31 - 1, 0)
    path.write_bytes(data[:at] + chunk + struct.pack(">I", zlib.crc32(chunk)) + data[at + 16 :])
    for what in (path, tmp_path):
        with vitruvian.open_input(what) as source:
            assert source.n_frames < len(data)
            assert len(list(source)) == 4
        assert source.warnings


@pytest.mark.parametrize("name", ["a.mp4", "a.png", "a.gif", "a"])
def test_the_content_of_an_image_counts_and_not_its_suffix(name: str, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[274] = 6
    Image.new("RGB", (8, 6)).save(tmp_path / name, "JPEG", exif=exif)
    with vitruvian.open_input(tmp_path / name) as source:
        assert [(f.width, f.height) for f in source] == [(6, 8)]
    assert isinstance(source, ImageFile)


def test_a_gif_is_a_video_whatever_its_suffix(tmp_path: Path) -> None:
    path = save_pictures(tmp_path / "a.jpg", "GIF", duration=40)
    with vitruvian.open_input(path) as source:
        assert levels(list(source)) == LEVELS
    assert isinstance(source, Video)


@pytest.mark.parametrize(
    ("kind", "codec"),
    [("mp4", "libx264"), ("matroska", "libx264"), ("webm", "libvpx-vp9"), ("avi", "mjpeg")],
)
def test_a_video_is_read_as_one_whatever_its_suffix(kind: str, codec: str, tmp_path: Path) -> None:
    path = save_video(tmp_path / "a.jpg", kind, codec)
    assert not names_images(str(path))
    with vitruvian.open_input(path) as source:
        assert len(list(source)) == 3


@pytest.mark.parametrize("name", ["a.mjpeg", "a.MJPG", "a.mp4", "a.avi", "a"])
def test_raw_mjpeg_is_a_video(name: str, tmp_path: Path) -> None:
    path = save_video(tmp_path / name, "mjpeg", "mjpeg")
    with vitruvian.open_input(path) as source:
        assert len(list(source)) == 3


@pytest.mark.parametrize("cut", [0, 1, 40, 400])
def test_a_gif_without_its_trailer_is_read_with_a_warning(cut: int, tmp_path: Path) -> None:
    path = save_pictures(tmp_path / "a.gif", "GIF", duration=40)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) - cut] if cut else data + bytes(100))
    with vitruvian.open_input(path) as source:
        assert list(source)
    assert len(source.warnings) == bool(cut)
    assert all("its trailer is missing" in warning for warning in source.warnings)


@pytest.mark.parametrize("name", ["a.pdf", "a.mp4"])
def test_a_pdf_is_an_error_not_the_photos_in_it(name: str, tmp_path: Path) -> None:
    save_pictures(tmp_path / name, "PDF")
    with pytest.raises(SourceError, match=r"a\.\w+': a PDF: save its pages as images"):
        vitruvian.open_input(tmp_path / name)


def test_an_image_that_is_too_long_does_not_end_a_folder(tmp_path: Path) -> None:
    Image.new("L", (32_767, 2)).save(tmp_path / "a.png")
    Image.new("L", (32_766, 2)).save(tmp_path / "b.png")
    with vitruvian.open_input(tmp_path) as source:
        assert [frame.width for frame in source] == [32_766]
    assert "32767 x 2 px, the limit is 268 megapixels and 32766 px per side" in source.warnings[0]


def test_a_folder_is_read_in_natural_order_with_even_timestamps(tmp_path: Path) -> None:
    for number in (10, 2, 1):
        Image.new("RGB", (4, 4), (number, 0, 0)).save(tmp_path / f"img{number}.png")
    (tmp_path / "notes.txt").write_text("no image")
    (tmp_path / ".hidden.png").write_text("no image")
    with vitruvian.open_input(tmp_path, fps=24) as source:
        frames = list(source)
    assert [int(frame.image[0, 0, 0]) for frame in frames] == [1, 2, 10]
    assert [frame.timestamp_us for frame in frames] == [0, 41_667, 83_333]
    assert (source.n_frames, source.fps, source.wh, source.path) == (3, 24, None, None)
    assert source.warnings == []


def test_a_recursive_pattern_reads_all_matching_images(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for name in ("a.png", "deep/b.png", "c.jpg"):
        Image.new("RGB", (4, 4)).save(tmp_path / name)
    with vitruvian.open_input(f"{tmp_path}/**/*.png") as source:
        assert [path.name for path in source.paths] == ["a.png", "b.png"]


def test_an_unreadable_image_of_a_folder_is_skipped_and_its_index_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(3):
        Image.new("RGB", (4, 4)).save(tmp_path / f"{number}.png")
    (tmp_path / "1.png").write_bytes(b"")
    with vitruvian.open_input(tmp_path, fps=10) as source:
        assert [(f.index, f.timestamp_us) for f in source] == [(0, 0), (2, 200_000)]
    assert len(source.warnings) == 2
    assert "1.png" in source.warnings[0]
    assert "1 of 3 images" in source.warnings[1]
    assert [record.getMessage() for record in caplog.records] == source.warnings


def test_a_folder_of_unreadable_images_raises_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"")
    with (
        vitruvian.open_input(tmp_path) as source,
        pytest.raises(SourceError, match="none of the 1 images"),
    ):
        list(source)
