"""HEIC files are whole and upright, or an error: never one tile, whatever their name is."""

from __future__ import annotations

import http.server
import io
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest
from PIL import Image

import vitruvian
from vitruvian import load_image
from vitruvian.errors import SourceError
from vitruvian.media.image_kind import names_images

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

EXTRA = r"HEIC needs pillow-heif: pip install 'vitruvian\[heif\]'"


def picture() -> NDArray[np.uint8]:
    image = np.zeros((300, 400, 3), np.uint8)
    image[:100, :100], image[200:, 300:] = 255, (200, 20, 20)
    return image


def assert_whole(image: NDArray[np.uint8]) -> None:
    assert image.shape == (300, 400, 3)
    difference = np.abs(image.astype(int) - picture())
    assert difference[10:90, 10:90].max() < 25
    assert difference[210:290, 310:390].max() < 25


@pytest.fixture
def grid(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """An iPhone's kind of HEIC: 3 x 4 tiles of 128 px."""
    pillow_heif = pytest.importorskip("pillow_heif", reason="needs the extra vitruvian[heif]")
    monkeypatch.setattr(pillow_heif.options, "GRID_TILE_SIZE", 128)
    file = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(picture())).save(file)
    return file.getvalue()


@pytest.fixture
def without_pillow_heif(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    monkeypatch.setattr(Image, "ID", [name for name in Image.ID if name != "HEIF"])


def head(brand: bytes) -> bytes:
    return b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1heic" + bytes(100)


NAMES = ["a.heic", "A.HEIC", "a.HIF", "a.heif", "a.jpg", "a.png", "a.mp4", "a.mov", "a"]


@pytest.mark.parametrize("name", NAMES)
def test_the_tiles_of_a_heic_are_composed_whatever_its_name(
    name: str, grid: bytes, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(grid)
    assert names_images(str(path))
    assert_whole(load_image(path))
    with vitruvian.open_input(path) as source:
        (frame,) = source
    assert_whole(frame.image)


@pytest.mark.parametrize("brand", [b"heix", b"mif1", b"heim", b"msf1"])
def test_the_brand_of_a_heic_may_be_another(brand: bytes, grid: bytes) -> None:
    assert_whole(load_image(grid[:8] + brand + grid[12:]))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1", b"heif"])
def test_a_heic_without_the_extra_is_an_error_that_names_it(
    brand: bytes, name: str, tmp_path: Path, without_pillow_heif: None
) -> None:
    path = tmp_path / name
    path.write_bytes(head(brand))
    with pytest.raises(SourceError, match=EXTRA):
        load_image(path)
    with pytest.raises(SourceError, match=EXTRA):
        load_image(path.read_bytes())
    with pytest.raises(SourceError, match=EXTRA):
        vitruvian.open_input(path)


@pytest.mark.parametrize("pattern", ["", "/*.heic"])
def test_a_folder_tells_the_extra_that_its_heics_need(
    pattern: str, tmp_path: Path, without_pillow_heif: None
) -> None:
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    (tmp_path / "b.heic").write_bytes(head(b"heic"))
    (tmp_path / "c.heic").write_bytes(head(b"heic"))
    with vitruvian.open_input(f"{tmp_path}{pattern}") as source:
        if pattern:
            with pytest.raises(SourceError, match="none of the 2 images"):
                list(source)
        else:
            assert len(list(source)) == 1
    assert "HEIC needs pillow-heif" in source.warnings[0]


def test_pages_of_a_heic_are_frames_and_its_main_picture_is_the_image(tmp_path: Path) -> None:
    pillow_heif = pytest.importorskip("pillow_heif", reason="needs the extra vitruvian[heif]")
    file = pillow_heif.HeifFile()
    for level in (40, 120, 200):
        file.add_from_pillow(Image.new("RGB", (64, 64), (level,) * 3))
    file.add_from_pillow(Image.new("RGB", (32, 32)))  # such as a gain map
    file.save(tmp_path / "a.heic", primary_index=1)
    assert abs(int(load_image(tmp_path / "a.heic")[9, 9, 0]) - 120) < 4
    for what in (tmp_path / "a.heic", tmp_path):
        with vitruvian.open_input(what, fps=10) as source:
            frames = list(source)
        assert source.n_frames == 3
        levels = [int(frame.image[9, 9, 0]) for frame in frames]
        np.testing.assert_allclose(levels, [40, 120, 200], atol=4)
        assert [frame.timestamp_us for frame in frames] == [0, 100_000, 200_000]


def test_an_animated_heic_is_a_video(tmp_path: Path) -> None:
    path = tmp_path / "a.heics"
    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        stream = container.add_stream("libx265", rate=10, options={"x265-params": "log-level=none"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for level in (40, 120, 200):
            image = np.full((48, 64, 3), level, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode(None))
    data = (tmp_path / "a.mp4").read_bytes()
    path.write_bytes(data[:8] + b"hevc" + data[12:16] + b"msf1hevc" + data[24:])
    assert not names_images(str(path))
    with vitruvian.open_input(path) as source:
        frames = list(source)
    np.testing.assert_allclose([int(f.image[9, 9, 0]) for f in frames], [40, 120, 200], atol=4)
    assert [frame.timestamp_us for frame in frames] == [0, 100_000, 200_000]


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    handler = partial(Handler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("name", ["one.avif", "several.avif"])
def test_a_remote_avif_is_an_error_not_a_part_of_it(name: str, web: str, tmp_path: Path) -> None:
    pictures = [Image.new("RGB", (64, 48), (80 * i, 0, 0)) for i in range(3)]
    pictures[0].save(tmp_path / "one.avif")
    pictures[0].save(tmp_path / "several.avif", save_all=True, append_images=pictures[1:])
    with pytest.raises(SourceError, match="a HEIC or AVIF image: save it to a file first"):
        vitruvian.open_input(f"{web}/{name}")


def test_a_truncated_heic_is_an_error_not_a_picture_without_its_last_tiles(grid: bytes) -> None:
    for size in (40, len(grid) // 2, len(grid) - 100, len(grid) - 1):
        with pytest.raises(SourceError) as info:
            load_image(grid[:size])
        assert "\n" not in str(info.value)
