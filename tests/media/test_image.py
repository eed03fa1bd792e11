"""Images of every bit depth, colour model and orientation become upright 8-bit RGB."""

from __future__ import annotations

import io
import random
import resource
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from PIL import Image, TiffImagePlugin, TiffTags

import vitruvian
from vitruvian.errors import SourceError
from vitruvian.media.image import load_image

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


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


def test_float_images_are_from_0_to_1(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    Image.fromarray((three_bands()[..., 0] / 255).astype(np.float32)).save(path)
    np.testing.assert_array_equal(load_image(path)[..., 1], three_bands()[..., 0])
    Image.fromarray(np.full((4, 4), 2, np.float32)).save(path)
    with pytest.raises(
        SourceError, match=r"a\.tif.*image must hold floats from 0 to 1, got 2 to 2"
    ):
        load_image(path)


def test_a_float_map_is_from_0_to_1(tmp_path: Path) -> None:
    grey = three_bands()[..., 0]
    Image.fromarray((grey / 255).astype(np.float32)).save(tmp_path / "a.pfm")
    with vitruvian.open_input(tmp_path / "a.pfm") as source:
        np.testing.assert_array_equal(next(iter(source)).image[..., 1], grey)


def tiff(pixels: bytes, tags: dict[int, object]) -> bytes:
    """An uncompressed TIFF with these tags, such as 256: width and 257: height."""
    ifd = TiffImagePlugin.ImageFileDirectory_v2()
    ifd.tagtype[258] = ifd.tagtype[339] = TiffTags.SHORT
    for tag, value in {259: 1, 273: 0, 278: 2**20, 279: len(pixels), **tags}.items():
        ifd[tag] = value
    file = io.BytesIO()
    ifd.save(file)
    return file.getvalue() + pixels


def test_12_bits_of_a_tiff_are_scaled() -> None:
    packed = bytes([0x00, 0x08, 0x00, 0xFF, 0xF1, 0x23])  # 0, 0x800, 0xFFF, 0x123
    data = tiff(packed, {256: 4, 257: 1, 258: 12, 262: 1, 277: 1})
    assert load_image(data)[0, :, 0].tolist() == [0, 0x80, 0xFF, 0x12]


@pytest.mark.parametrize(
    ("pixels", "bits", "kind"),
    [("<u2", 16, 1), ("u1", 8, 1), ("<f4", 32, 3)],
)
def test_grey_tiffs_in_which_0_is_white_are_inverted(pixels: str, bits: int, kind: int) -> None:
    grey = three_bands()[..., 0]
    scale = 257 if bits == 16 else 1 / 255 if bits == 32 else 1
    stored = ((255 - grey) * np.array(scale)).astype(pixels).tobytes()
    data = tiff(stored, {256: 60, 257: 40, 258: bits, 262: 0, 277: 1, 339: kind})
    np.testing.assert_array_equal(load_image(data)[..., 1], grey)


@pytest.mark.parametrize("n_channels", [3, 4])
def test_the_16_bit_planes_of_a_tiff_are_its_colours(n_channels: int) -> None:
    image = np.dstack([three_bands(), np.full((40, 60), 255, np.uint8)])[..., :n_channels]
    planes = np.moveaxis(image, 2, 0).astype("<u2") * 257
    tags = {256: 60, 257: 40, 258: (16,) * n_channels, 262: 2, 277: n_channels, 284: 2, 278: 40}
    if n_channels == 4:
        tags[338] = 2
    n_bytes = planes[0].nbytes
    tags[273] = tuple(range(0, planes.nbytes, n_bytes))
    tags[279] = (n_bytes,) * n_channels
    data = tiff(planes.tobytes(), tags)
    np.testing.assert_array_equal(load_image(data), three_bands())


@pytest.mark.parametrize("orientation", [None, *range(1, 9)])
def test_float_colours_of_a_tiff_are_from_0_to_1(orientation: int | None) -> None:
    upright = np.random.default_rng(0).integers(0, 256, (4, 6, 3), np.uint8)
    undone = {2: upright[:, ::-1], 3: upright[::-1, ::-1], 4: upright[::-1]}
    undone |= {5: upright.transpose(1, 0, 2), 6: np.rot90(upright), 8: np.rot90(upright, -1)}
    undone[7] = upright[::-1, ::-1].transpose(1, 0, 2)
    stored = undone.get(orientation or 1, upright)
    pixels = (stored / 255).astype("<f4").tobytes()
    tags = {256: stored.shape[1], 257: stored.shape[0], 258: (32,) * 3, 262: 2, 277: 3}
    tags[339] = (3,) * 3
    if orientation is not None:
        tags[274] = orientation
    np.testing.assert_array_equal(load_image(tiff(pixels, tags)), upright)


def test_float_colours_that_opencv_writes_are_read(tmp_path: Path) -> None:
    path = str(tmp_path / "a.tif")
    cv2.imwrite(path, (three_bands()[..., ::-1] / 255).astype(np.float32))
    np.testing.assert_array_equal(load_image(path), three_bands())
    cv2.imwrite(path, three_bands().astype(np.float32))
    with pytest.raises(SourceError, match=r"a\.tif.*image must hold floats from 0 to 1, got 20 to"):
        load_image(path)


@pytest.mark.parametrize("tags", [{254: 1, 330: 8}, {50706: b"\1\4\0\0"}])
def test_a_raw_photo_is_an_error_not_its_preview(tags: dict[int, object]) -> None:
    data = tiff(bytes(8 * 6), {256: 8, 257: 6, 258: 8, 262: 1, 277: 1} | tags)
    with pytest.raises(SourceError, match="a raw photo of a camera: save it as JPEG or TIFF"):
        load_image(data)


def test_a_raw_photo_of_canon_is_an_error_not_its_preview() -> None:
    data = tiff(bytes(8 * 6), {256: 8, 257: 6, 258: 8, 262: 1, 277: 1})
    data = data[:4] + (16).to_bytes(4, "little") + b"CR\2\0\0\0\0\0" + data[8:]
    with pytest.raises(SourceError, match="a raw photo of a camera: save it as JPEG or TIFF"):
        load_image(data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xff\x0a" + bytes(50), "JPEG XL is not supported: save it as JPEG or PNG"),
        (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(50), "JPEG XL is not supported"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n", "a page descript"),
        (b"%PDF-1.7", "not an image"),
        (b"<svg></svg>", "not an image"),
    ],
)
def test_formats_that_are_not_supported_are_an_error(data: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        load_image(data)


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


def test_an_image_with_too_many_pixels_raises_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.new("RGB", (60, 40)).save(tmp_path / "a.png")
    monkeypatch.setattr("vitruvian.media.upright.MAX_PIXELS", 2000)
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
