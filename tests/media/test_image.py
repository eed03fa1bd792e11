"""Images of every bit depth, colour model and orientation become upright 8-bit RGB."""

from __future__ import annotations

import random
import resource
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from PIL import Image

import vitruvian
from vitruvian.errors import SourceError
from vitruvian.media.image import load_image

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

EXIF_ORIENTATION = 274


def three_bands() -> NDArray[np.uint8]:
    image = np.zeros((40, 60, 3), np.uint8)
    image[:, :20], image[:, 20:40], image[:, 40:] = (200, 30, 40), (20, 180, 60), (240, 240, 250)
    return image


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".ppm", ".gif", ".tga", ".pcx", ".qoi"])
def test_lossless_formats_keep_every_pixel(suffix: str, tmp_path: Path) -> None:
    Image.fromarray(three_bands()).save(tmp_path / f"a{suffix}")
    np.testing.assert_array_equal(load_image(tmp_path / f"a{suffix}"), three_bands())


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".avif", ".jp2"])
def test_lossy_formats_keep_the_colours(suffix: str, tmp_path: Path) -> None:
    Image.fromarray(three_bands()).save(tmp_path / f"a{suffix}")
    difference = load_image(tmp_path / f"a{suffix}").astype(int) - three_bands()
    assert np.abs(difference[:, [10, 30, 50]]).max() <= 4


@pytest.mark.parametrize(
    ("mode", "name"), [("CMYK", "a.jpg"), ("CMYK", "a.tif"), ("RGBA", "a.png")]
)
def test_other_colour_models_are_converted_to_rgb(mode: str, name: str, tmp_path: Path) -> None:
    Image.fromarray(three_bands()).convert(mode).save(tmp_path / name)
    difference = load_image(tmp_path / name).astype(int) - three_bands()
    assert np.abs(difference[:, [10, 30, 50]]).max() <= 4


def test_palette_images_are_converted_to_rgb(tmp_path: Path) -> None:
    Image.fromarray(three_bands()).quantize(3).save(tmp_path / "a.png")
    np.testing.assert_array_equal(load_image(tmp_path / "a.png"), three_bands())


@pytest.mark.parametrize(("mode", "levels"), [("L", (82, 118)), ("LA", (82, 118)), ("1", (0, 255))])
def test_grey_images_have_three_equal_channels(
    mode: str, levels: tuple[int, int], tmp_path: Path
) -> None:
    picture = Image.fromarray(three_bands()).convert("L" if mode == "1" else mode)
    if mode == "1":
        picture = picture.point(lambda level: 255 * (level > 100)).convert("1")
    picture.save(tmp_path / "a.png")
    image = load_image(tmp_path / "a.png")
    assert image.shape == (40, 60, 3)
    assert [image[20, x].tolist() for x in (10, 30)] == [[level] * 3 for level in levels]


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.pgm"])
def test_16_bit_images_keep_the_upper_8_bits(name: str, tmp_path: Path) -> None:
    deep = three_bands()[..., 0].astype(np.uint16) * 256 + 77
    cv2.imwrite(str(tmp_path / name), deep)
    np.testing.assert_array_equal(load_image(tmp_path / name)[..., 1], three_bands()[..., 0])


def test_float_pixels_raise_an_error(tmp_path: Path) -> None:
    Image.fromarray(np.ones((4, 4), np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(SourceError, match=r"a\.tif.*'F' is not supported"):
        load_image(tmp_path / "a.tif")


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif"])
def test_exif_orientation_is_applied(orientation: int, suffix: str, tmp_path: Path) -> None:
    upright = np.zeros((32, 48, 3), np.uint8)
    upright[:16, :16] = 255
    undo = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright),
        7: upright[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = orientation
    Image.fromarray(np.ascontiguousarray(undo[orientation])).save(
        tmp_path / f"a{suffix}", exif=exif
    )
    image = load_image(tmp_path / f"a{suffix}")
    assert image.shape == upright.shape
    assert np.abs(image.astype(int) - upright)[4:12, 4:12].max() < 10
    assert image[20:, 20:].max() < 10


@pytest.mark.testdata
def test_reference_photos_equal_opencv(testdata: Path) -> None:
    for path in sorted((testdata / "images").glob("*.*")):
        np.testing.assert_array_equal(load_image(path), cv2.imread(str(path))[..., ::-1])


@pytest.mark.parametrize("wh", [(1, 1), (20_000, 50), (50, 20_000)])
def test_extreme_sizes_load(wh: tuple[int, int], tmp_path: Path) -> None:
    Image.new("RGB", wh, (1, 2, 3)).save(tmp_path / "a.png")
    with vitruvian.open_input(tmp_path / "a.png") as source:
        (frame,) = source
    assert (source.wh, source.n_frames, source.fps, source.is_live) == (wh, 1, None, False)
    assert (frame.width, frame.height) == wh
    assert (frame.index, frame.timestamp_us) == (0, 0)
    assert frame.image[-1, -1].tolist() == [1, 2, 3]


def test_threads_restore_the_limit_of_pillow(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(three_bands()).resize((600, 400)).save(path)
    before = Image.MAX_IMAGE_PIXELS
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(load_image, [path] * 40))
    assert before == Image.MAX_IMAGE_PIXELS


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp"])
@pytest.mark.parametrize("wh", [(64, 48), (33, 17)])
def test_common_formats_equal_opencv(suffix: str, wh: tuple[int, int], tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (*wh[::-1], 3), np.uint8)
    for name, mode in (("colour", "RGB"), ("grey", "L")):
        path = tmp_path / f"{name}{suffix}"
        Image.fromarray(noise).convert(mode).save(path)
        np.testing.assert_array_equal(load_image(path), cv2.imread(str(path))[..., ::-1])


def test_cmyk_jpegs_equal_opencv(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    Image.fromarray(three_bands()).convert("CMYK").save(path)
    np.testing.assert_array_equal(load_image(path), cv2.imread(str(path))[..., ::-1])


def test_heic_is_read_with_its_extra(tmp_path: Path) -> None:
    pillow_heif = pytest.importorskip("pillow_heif", reason="needs the extra vitruvian[heif]")
    path = tmp_path / "a.heic"
    pillow_heif.from_pillow(Image.fromarray(three_bands())).save(path)
    difference = load_image(path).astype(int) - three_bands()
    assert np.abs(difference[:, [10, 30, 50]]).max() <= 6


def test_heic_without_its_extra_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.heic"
    path.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100))
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(SourceError, match=r"needs pillow-heif: pip install 'vitruvian\[heif\]'"):
        load_image(path)


def test_an_image_with_too_many_pixels_raises_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.new("RGB", (60, 40)).save(tmp_path / "a.png")
    monkeypatch.setattr("vitruvian.media.picture_file.MAX_PIXELS", 2000)
    with pytest.raises(SourceError, match="60 x 40 px, the limit is"):
        load_image(tmp_path / "a.png")


@pytest.mark.parametrize("data", [b"", b"not an image", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"])
def test_an_unreadable_image_raises_an_error_with_its_path(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(data)
    with pytest.raises(SourceError, match=r"a\.jpg"):
        vitruvian.open_input(path)


def test_a_png_with_a_wrong_chunk_length_allocates_no_extra_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(three_bands()).save(path)
    data = bytearray(path.read_bytes())
    at = data.index(b"IDAT") - 4
    data[at : at + 4] = (2**31 - 1).to_bytes(4, "big")
    path.write_bytes(data)
    peak_before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    np.testing.assert_array_equal(load_image(path), three_bands())
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak_before < 100_000  # kB


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp", ".tif", ".gif", ".jp2"])
def test_damaged_files_give_an_image_or_an_error(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{suffix}"
    noise = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
    Image.fromarray(noise).save(path)
    whole = path.read_bytes()
    rng = random.Random(suffix)
    for trial in range(40):
        data = bytearray(whole if trial % 2 else whole[: rng.randrange(len(whole))])
        for _ in range(rng.randrange(20)):
            if data:
                data[rng.randrange(len(data))] = rng.randrange(256)
        path.write_bytes(data)
        try:
            image = load_image(path)
        except SourceError as err:
            assert str(path) in str(err)  # noqa: PT017
        else:
            assert image.dtype == np.uint8
            assert image.ndim == 3


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
