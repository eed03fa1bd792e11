"""The focal length in the metadata of photos and videos."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest
from PIL import Image

from vitruvian import open_input
from vitruvian.media.focal import KEY, focal_35mm_of_mov

if TYPE_CHECKING:
    from pathlib import Path

NAME = KEY.decode()


def photo(path: Path, focal_35mm: int | None) -> Path:
    image, exif = Image.new("RGB", (64, 48), "teal"), Image.Exif()
    exif[272] = "a phone"
    if focal_35mm is not None:
        exif.get_ifd(0x8769)[41989] = focal_35mm
    image.save(path, exif=exif)
    return path


def focal_of(what: str | Path) -> float | None:
    with open_input(what) as source:
        return next(iter(source)).focal_35mm


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_exif_of_a_photo(tmp_path: Path, suffix: str) -> None:
    assert focal_of(photo(tmp_path / f"a{suffix}", 26)) == 26.0


@pytest.mark.parametrize("focal_35mm", [None, 0, 60_000])
def test_a_photo_without_a_plausible_focal_length_has_none(
    tmp_path: Path, focal_35mm: int | None
) -> None:
    assert focal_of(photo(tmp_path / "a.jpg", focal_35mm)) is None


def test_photos_of_a_folder_have_each_their_own(tmp_path: Path) -> None:
    for i, focal in enumerate((26, None, 77)):
        photo(tmp_path / f"{i}.jpg", focal)
    with open_input(tmp_path) as source:
        assert [frame.focal_35mm for frame in source] == [26.0, None, 77.0]


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def meta(data: bytes, *, is_plain: bool = True, name: bytes = KEY) -> bytes:
    keys = struct.pack(">II", 0, 2) + box(b"mdta", b"com.apple.quicktime.make") + box(b"mdta", name)
    items = box(b"\0\0\0\1", box(b"data", struct.pack(">II", 1, 0) + b"Apple"))
    items += box(b"\0\0\0\2", box(b"data", data))
    boxes = box(b"hdlr", bytes(25)) + box(b"keys", keys) + box(b"ilst", items)
    return box(b"meta", boxes if is_plain else bytes(4) + boxes)


def film(path: Path, content: bytes) -> Path:
    path.write_bytes(box(b"ftyp", b"qt  ") + box(b"mdat", bytes(100)) + box(b"moov", content))
    return path


@pytest.mark.parametrize("is_plain", [True, False])
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (struct.pack(">IIh", 21, 0, 26), 26.0),
        (struct.pack(">IIi", 67, 0, 27), 27.0),
        (struct.pack(">IIB", 22, 0, 13), 13.0),
        (struct.pack(">IIf", 23, 0, 24.5), 24.5),
        (struct.pack(">II", 1, 0) + b"50.00mm", 50.0),
        (struct.pack(">II", 1, 0) + b"wide", None),
        (struct.pack(">IIh", 21, 0, 0), None),
        (struct.pack(">IIh", 21, 0, -9), None),
        (b"", None),
    ],
)
def test_metadata_of_a_track(
    tmp_path: Path, data: bytes, expected: float | None, is_plain: bool
) -> None:
    track = box(b"trak", box(b"tkhd", bytes(84)) + meta(data, is_plain=is_plain))
    assert focal_35mm_of_mov(film(tmp_path / "a.mov", box(b"mvhd", bytes(100)) + track)) == expected


def test_a_file_that_is_cut_or_without_the_key_has_none(tmp_path: Path) -> None:
    data = struct.pack(">IIh", 21, 0, 26)
    whole = film(tmp_path / "a.mov", box(b"trak", meta(data))).read_bytes()
    for n in range(0, len(whole) - 1, 7):
        (tmp_path / "cut.mov").write_bytes(whole[:n])
        assert focal_35mm_of_mov(tmp_path / "cut.mov") is None
    assert focal_35mm_of_mov(film(tmp_path / "b.mov", meta(data, name=b"other"))) is None
    assert focal_35mm_of_mov(tmp_path / "missing.mov") is None


def test_a_video_gives_it_to_its_frames(tmp_path: Path) -> None:
    for name, metadata in (("with.mov", {NAME: "24"}), ("without.mov", {})):
        options = {"movflags": "use_metadata_tags"}
        with av.open(str(tmp_path / name), "w", options=options) as container:
            container.metadata.update(metadata)
            stream = container.add_stream("mpeg4", rate=25)
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
            for _ in range(3):
                frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    assert focal_of(tmp_path / "with.mov") == 24.0
    assert focal_of(tmp_path / "without.mov") is None
