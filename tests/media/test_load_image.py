"""`load_image` takes whatever holds an image, and applies the stored orientation once."""

from __future__ import annotations

import io
import logging
import os
import zipfile
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest
from PIL import Image, ImageOps, PngImagePlugin, TiffImagePlugin
from tests.fakes import FakeNetworks, fake_networks

import vitruvian
from vitruvian import PoseEstimator, PoseTracker, load_image
from vitruvian.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

EXIF_ORIENTATION = 274


@pytest.fixture
def networks(monkeypatch: pytest.MonkeyPatch) -> FakeNetworks:
    return fake_networks(monkeypatch)


def upright() -> NDArray[np.uint8]:
    image = np.zeros((64, 96, 3), np.uint8)
    image[:32, :32], image[32:, 64:] = 255, (200, 20, 20)
    return image


def stored(orientation: int) -> NDArray[np.uint8]:
    """The pixels in a file with an EXIF orientation that shows `upright`."""
    image = upright()
    pixels = {
        1: image,
        2: image[:, ::-1],
        3: image[::-1, ::-1],
        4: image[::-1],
        5: image.transpose(1, 0, 2),
        6: np.rot90(image),
        7: image[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(image, -1),
    }
    return np.ascontiguousarray(pixels[orientation])


def assert_upright(image: NDArray[np.uint8]) -> None:
    assert image.shape == upright().shape
    difference = np.abs(image.astype(int) - upright())
    for part in (difference[4:28, 4:28], difference[4:28, 68:92], difference[36:60, 68:92]):
        assert part.max() < 30


def png_bytes(image: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".jpg", ".mpo", ".png", ".webp", ".tif", ".avif", ".heic"])
def test_a_stored_orientation_is_applied_once(
    orientation: int, suffix: str, tmp_path: Path
) -> None:
    if suffix == ".heic":
        pytest.importorskip("pillow_heif", reason="needs the extra vitruvian[heif]")
        from pillow_heif import register_heif_opener

        register_heif_opener()
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = orientation
    path = tmp_path / f"a{suffix}"
    Image.fromarray(stored(orientation)).save(path, exif=exif.tobytes())
    opened = Image.open(path)
    opened.load()
    for image in (path, path.read_bytes(), io.BytesIO(path.read_bytes()), Image.open(path), opened):
        assert_upright(load_image(image))
    assert_upright(load_image(ImageOps.exif_transpose(Image.open(path))))
    with vitruvian.open_input(path) as one, vitruvian.open_input(tmp_path) as folder:
        for frame in (*one, *folder):
            assert_upright(frame.image)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_an_orientation_in_xmp_is_applied(format: str) -> None:  # noqa: A002 - as in Pillow
    xmp = '<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/>'
    xmp = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF>{xmp}</rdf:RDF></x:xmpmeta>'
    file = io.BytesIO()
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", xmp)
    options = {"pnginfo": info} if format == "PNG" else {"xmp": xmp.encode()}
    Image.fromarray(stored(6)).save(file, format, **options)
    assert_upright(load_image(file))


@pytest.mark.parametrize("rotation_deg", [0, 90, 180, -90])
def test_a_decoded_frame_is_upright(rotation_deg: int, make_clip: Callable[..., Path]) -> None:
    path = make_clip(rotation_deg=rotation_deg)
    with av.open(str(path)) as container, vitruvian.open_input(path) as source:
        for decoded, frame in zip(container.decode(video=0), source, strict=True):
            np.testing.assert_array_equal(load_image(decoded), frame.image)


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw"])
def test_each_page_of_a_tiff_has_its_own_orientation(compression: str, tmp_path: Path) -> None:
    pages = []
    for orientation in range(1, 9):
        page = Image.fromarray(stored(orientation))
        tags = TiffImagePlugin.ImageFileDirectory_v2()
        tags[EXIF_ORIENTATION] = orientation
        page.encoderinfo = {"tiffinfo": tags, "compression": compression}
        pages.append(page)
    pages[0].save(
        tmp_path / "a.tif", save_all=True, append_images=pages[1:], compression=compression
    )
    with vitruvian.open_input(tmp_path / "a.tif") as source:
        frames = list(source)
    assert len(frames) == 8
    for frame in frames:
        assert_upright(frame.image)


class Tensor:
    """Channels first, floats from 0 to 1: an image as PyTorch programs hold it."""

    def __init__(self, image: NDArray[np.uint8]) -> None:
        self.image = image

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[np.float32]:
        return (self.image / 255).astype(np.float32).transpose(2, 0, 1)


class PathLike:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __fspath__(self) -> str:
        return str(self.path)


def holders(image: NDArray[np.uint8], folder: Path) -> dict[str, Any]:
    """The same image in everything that may hold it."""
    data = png_bytes(image)
    path = folder / "a.png"
    path.write_bytes(data)
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("a.png", data)
    at_its_end = io.BytesIO(data)
    at_its_end.seek(0, os.SEEK_END)
    read_only = image.copy()
    read_only.flags.writeable = False
    frame = av.VideoFrame.from_ndarray(image, format="rgb24")
    frame.pts, frame.time_base = 1, Fraction(1, 25)
    return {
        "str": str(path),
        "path": path,
        "path-like": PathLike(path),
        "bytes": data,
        "bytearray": bytearray(data),
        "memoryview": memoryview(data),
        "BytesIO": io.BytesIO(data),
        "BytesIO that was written": at_its_end,
        "open file": path.open("rb"),
        "unbuffered file": path.open("rb", buffering=0),
        "file of an archive": zipfile.ZipFile(folder / "a.zip").open("a.png"),
        "Pillow": Image.fromarray(image),
        "Pillow from a file": Image.open(path),
        "Pillow RGBA": Image.fromarray(image).convert("RGBA"),
        "PyAV": frame,
        "PyAV bgr24": av.VideoFrame.from_ndarray(image[..., ::-1].copy(), format="bgr24"),
        "array": image,
        "subclass": image.view(np.ma.MaskedArray),
        "read-only array": read_only,
        "strided array": np.repeat(image, 2, axis=1)[:, ::2],
        "float64 array": image / 255,
        "uint16 array": image.astype(np.uint16) * 257,
        "RGBA array": np.dstack([image, image[..., 0]]),
        "tensor": Tensor(image),
    }


def test_every_holder_gives_the_same_pixels(tmp_path: Path) -> None:
    image = np.random.default_rng(0).integers(0, 256, (24, 32, 3), np.uint8)
    for name, holder in holders(image, tmp_path).items():
        np.testing.assert_array_equal(load_image(holder), image, err_msg=name)
        if hasattr(holder, "close") and name != "Pillow from a file":
            holder.close()


def test_estimator_and_tracker_take_every_holder(networks: FakeNetworks, tmp_path: Path) -> None:
    estimator, tracker = PoseEstimator(), PoseTracker()
    image = np.random.default_rng(0).integers(0, 256, (24, 32, 3), np.uint8)
    for number, (name, holder) in enumerate(holders(image, tmp_path).items()):
        assert (estimator.detect(holder).width, estimator.detect(holder).height) == (32, 24), name
        assert tracker.update(holder, timestamp_us=number * 40_000).width == 32, name
        if hasattr(holder, "close"):
            holder.close()


def test_a_pillow_image_is_not_changed(tmp_path: Path) -> None:
    image = Image.fromarray(upright()).quantize(4)
    image.info["transparency"] = 0
    before = image.info.copy(), image.mode, image.tobytes()
    load_image(image)
    assert (image.info, image.mode, image.tobytes()) == before


def test_the_current_picture_of_a_pillow_image_is_taken(tmp_path: Path) -> None:
    pictures = [Image.new("RGB", (8, 6), (80 * i, 0, 0)) for i in range(3)]
    pictures[0].save(tmp_path / "a.tif", save_all=True, append_images=pictures[1:])
    with Image.open(tmp_path / "a.tif") as image:
        image.seek(2)
        assert load_image(image)[0, 0, 0] == 160


@pytest.mark.parametrize(
    ("image", "error", "message"),
    [
        (b"", SourceError, "can't read the image bytes: the file is empty"),
        (b"not an image", SourceError, "can't read the image bytes: not an image, or a damaged"),
        (png_bytes(upright())[:90], SourceError, "can't read the image bytes: the image is damag"),
        (b"\0\0\0\x18ftypisom" + bytes(50), SourceError, "a video, not an image: vitruvian.open_i"),
        (io.BytesIO(b"no"), SourceError, "can't read the image file: not an image"),
        (io.StringIO("no"), TypeError, r"must be open in binary mode: read\(\) gave str"),
        (Image.new("RGB", (0, 4)), SourceError, "the Pillow image: 0 x 4 px: it has no pixels"),
        ("https://me:secret@host/a.png", SourceError, "can't read 'https://host/a.png': give the"),
        ("a\0b.png", SourceError, "can't read 'a.x00b.png': embedded null"),
        (".", SourceError, "can't read '.': Is a directory"),
        ("none.png", SourceError, "can't read 'none.png': No such file"),
    ],
)
def test_what_can_not_be_read_is_an_error_of_one_line(
    image: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as info:
        load_image(image)
    assert "\n" not in str(info.value)
    assert "secret" not in str(info.value)


def test_a_truncated_pillow_image_is_a_source_error() -> None:
    image = Image.open(io.BytesIO(png_bytes(upright())[:90]))
    with pytest.raises(SourceError, match="can't read the Pillow image: the image is damaged"):
        load_image(image)


@pytest.mark.parametrize("kind", ["path", "bytes", "Pillow"])
def test_too_many_pixels_are_an_error_however_they_are_given(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.png"
    data = png_bytes(upright())
    path.write_bytes(data)
    monkeypatch.setattr("vitruvian.media.upright.MAX_PIXELS", 2000)
    image = {"path": path, "bytes": data, "Pillow": Image.open(io.BytesIO(data))}[kind]
    with pytest.raises(SourceError, match="96 x 64 px, the limit is"):
        load_image(image)


@pytest.mark.parametrize("format", ["PNG", "WEBP", "TIFF", "GIF", "AVIF"])
def test_several_pictures_give_the_first_and_a_warning(
    format: str,  # noqa: A002 - as in Pillow
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    pictures = [Image.new("RGB", (16, 16), (200 - 60 * i, 0, 0)) for i in range(3)]
    path = tmp_path / "a.jpg"
    pictures[0].save(path, format, save_all=True, append_images=pictures[1:])
    with caplog.at_level(logging.WARNING):
        assert abs(int(load_image(path)[8, 8, 0]) - 200) < 4
    assert [record.getMessage() for record in caplog.records] == [
        f"{str(path)!r} has 3 pictures, only one is used: open_input reads all"
    ]
