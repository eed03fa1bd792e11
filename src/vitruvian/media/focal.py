"""The focal length that cameras and phones store in photos and videos, converted to 35 mm film."""

from __future__ import annotations

import re
import struct
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from PIL import ExifTags

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

    from PIL import Image

__all__ = ["focal_35mm_of_exif", "focal_35mm_of_mov"]

KEY = b"com.apple.quicktime.camera.focal_length.35mm_equivalent"
PLAUSIBLE_MM = (4.0, 2000.0)
MAX_MOOV_BYTES = 2**28
SIGNED, UNSIGNED = (21, 65, 66, 67, 74), (22, 75, 76, 77, 78)  # well-known types of QuickTime
FLOATS = {23: ">f", 24: ">d"}


def focal_35mm_of_exif(exif: Image.Exif) -> float | None:
    """Return `FocalLengthIn35mmFilm` of a photo, mm; None if it is absent, unknown or damaged."""
    with suppress(Exception):  # Pillow raises any on a damaged block
        return _plausible(
            float(exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.FocalLengthIn35mmFilm])
        )
    return None


def focal_35mm_of_mov(path: str | PathLike[str]) -> float | None:
    """Return the focal length that a MOV or MP4 file stores, mm; None without one.

    iPhones store it since 2023 in the metadata of the video track, which FFmpeg does not read.

    Notes
    -----
    Source: Apple, QuickTime File Format Specification, "Metadata"; ISO/IEC 14496-12, 8.11.
    """
    with suppress(OSError, struct.error, ValueError), open(path, "rb") as file:
        moov = _moov(file)
        if KEY in moov:
            return next(_focal_lengths(moov), None)
    return None


def _plausible(focal_mm: float) -> float | None:
    return focal_mm if PLAUSIBLE_MM[0] <= focal_mm <= PLAUSIBLE_MM[1] else None


def _moov(file: IO[bytes]) -> bytes:
    """Return the content of the box `moov`, empty if there is none."""
    while len(head := file.read(8)) == 8:
        size, kind = struct.unpack(">I4s", head)
        length = size - 8
        if size == 1:  # the size stands after the name of the box
            length = struct.unpack(">Q", file.read(8))[0] - 16
        if length < 0:  # 0: until the end of the file
            return b""
        if kind == b"moov":
            return file.read(length) if length <= MAX_MOOV_BYTES else b""
        file.seek(length, 1)
    return b""


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield names and contents of the boxes in a box."""
    start = 0
    while start + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, start)
        if size < 8:
            return
        yield kind, data[start + 8 : start + size]
        start += size


def _focal_lengths(data: bytes) -> Iterator[float]:
    """Yield the focal lengths in the metadata of the film and of its tracks."""
    for kind, content in _boxes(data):
        if kind == b"trak":
            yield from _focal_lengths(content)
        elif kind == b"meta":
            # In ISO files, not in QuickTime's, version and flags precede the boxes.
            is_plain = content[4:8] == b"hdlr"
            boxes = dict(_boxes(content if is_plain else content[4:]))
            yield from _values(boxes.get(b"keys", b""), boxes.get(b"ilst", b""))


def _values(keys: bytes, items: bytes) -> Iterator[float]:
    names = [name for _, name in _boxes(keys[8:])]
    for number, item in _boxes(items):
        index = int.from_bytes(number, "big") - 1
        if not (0 <= index < len(names) and names[index] == KEY):
            continue
        for kind, content in _boxes(item):
            value = _number(content) if kind == b"data" else None
            focal_mm = None if value is None else _plausible(value)
            if focal_mm is not None:
                yield focal_mm


def _number(content: bytes) -> float | None:
    """Return the number in a `data` box: type, locale, value."""
    kind, value = int.from_bytes(content[:4], "big"), content[8:]
    if kind in SIGNED or kind in UNSIGNED:
        return float(int.from_bytes(value, "big", signed=kind in SIGNED))
    if kind in FLOATS:
        return float(struct.unpack(FLOATS[kind], value)[0])
    number = re.match(rb"\d+(\.\d*)?", value)  # such as "50.00mm"
    return float(number[0]) if number else None
