"""Which inputs are images, and of which format: by the content of a file, otherwise by its name."""

from __future__ import annotations

import os.path  # unlike those of Path, its functions never raise
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from vitruvian.media.address import camera_address, is_url
from vitruvian.media.pattern import is_pattern

if TYPE_CHECKING:
    from os import PathLike

__all__ = [
    "HEAD_BYTES",
    "image_format",
    "is_image_input",
    "is_image_name",
    "is_pdf",
    "is_still_brand",
    "may_hold_several",
    "names_images",
    "names_several_images",
]

HEAD_BYTES = 256  # enough for `image_format`; the `ftyp` box of a HEIC file is the longest header

# Formats that Pillow decodes, without those that FFmpeg plays and page descriptions.
# fmt: off
_SUFFIXES = frozenset({
    ".apng", ".avif", ".avifs", ".blp", ".bmp", ".bw", ".cur", ".dcx", ".dds", ".dib", ".ftc",
    ".ftu", ".gbr", ".gif", ".heic", ".heics", ".heif", ".heifs", ".hif", ".icb", ".icns", ".ico",
    ".im", ".j2c", ".j2k", ".jfif", ".jp2", ".jpc", ".jpe", ".jpeg", ".jpf", ".jpg", ".jps",
    ".jpx", ".jxl", ".mpo", ".msp", ".pbm", ".pcd", ".pcx", ".pgm", ".png", ".pnm", ".ppm", ".psd",
    ".pxr", ".qoi", ".ras", ".rgb", ".rgba", ".sgi", ".tga", ".tif", ".tiff", ".vda", ".vst",
    ".webp", ".xbm", ".xpm",
})
# fmt: on
_MAX_JPEG_BYTES = 2**25  # of the first picture of a video
_MJPEG_SUFFIXES = frozenset({".mjpeg", ".mjpg"})  # JPEGs one after the other, without a header
_SIGNATURES = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
    b"\xb1\x68\xde\x3a": "DCX",
    b"Pf\n": "PPM",  # grey floats, which FFmpeg takes for limited range
    b"\xff\x0a": "JXL",
    b"\0\0\0\x0cJXL \r\n\x87\n": "JXL",
}
# Brands of the `ftyp` box: ISO/IEC 23008-12, AV1 Image File Format
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEVC_BRANDS = frozenset({b"heic", b"heim", b"heis", b"heix", b"hevc", b"hevm", b"hevs", b"hevx"})
_IMAGE_BRANDS = (
    _AVIF_BRANDS
    | _HEVC_BRANDS
    | {b"avci", b"avcs", b"heif", b"j2ki", b"jpeg", b"miaf", b"mif1", b"mif2", b"msf1", b"vvic"}
)
_HEVC_SEQUENCE_BRANDS = frozenset({b"hevc", b"hevm", b"hevs", b"hevx", b"msf1"})


def image_format(head: bytes) -> str | None:
    r"""Return the image format that a file begins with, by Pillow's name.

    Only formats that are often misnamed, or that hold several pictures, are known.

    Examples
    --------
    >>> image_format(b"\x89PNG\r\n\x1a\n"), image_format(b"BM")
    ('PNG', None)
    """
    for signature, name in _SIGNATURES.items():
        if head.startswith(signature):
            return name
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    brands = _brands(head)
    if not brands or brands[0] not in _IMAGE_BRANDS:
        return None
    is_avif = not _AVIF_BRANDS.isdisjoint(brands) and _HEVC_BRANDS.isdisjoint(brands)
    return "AVIF" if is_avif else "HEIF"


def _is_video(head: bytes) -> bool:
    """Return whether a file begins like an MP4, MOV, MKV, WebM or AVI file."""
    return head[4:8] == b"ftyp" or head[:4] == b"\x1aE\xdf\xa3" or head[8:12] == b"AVI "


def _brands(head: bytes) -> list[bytes]:
    """Return the major brand and the compatible brands of an ISO media file."""
    if head[4:8] != b"ftyp":
        return []
    box = head[: int.from_bytes(head[:4], "big")]
    return [box[8:12], *(box[i : i + 4] for i in range(16, len(box) - 3, 4))]


def is_still_brand(brand: str) -> bool:
    """Return whether FFmpeg may show a part of an ISO media file with this major brand only."""
    return brand.encode() in _IMAGE_BRANDS - _HEVC_SEQUENCE_BRANDS


def is_image_name(path: Path) -> bool:
    """Return whether a path has the suffix of an image format."""
    return path.suffix.lower() in _SUFFIXES


def is_image_input(what: str) -> bool:
    """Return whether a string names a folder, a pattern, or a file that Pillow reads.

    The content of a file counts, its suffix only if the content is not known. FFmpeg reads GIFs,
    sequences of HEVC pictures and raw MJPEG, as it reads videos.
    """
    if os.path.isdir(what) or is_pattern(what):
        return True
    suffix = Path(what).suffix.lower()
    head = _head(what)
    kind = image_format(head)
    if kind is None:
        return suffix in _SUFFIXES and suffix != ".gif" and not _is_video(head)
    if kind == "HEIF":
        return head[8:12] not in _HEVC_SEQUENCE_BRANDS
    if kind == "JPEG":
        return suffix in _SUFFIXES or not (suffix in _MJPEG_SUFFIXES or _is_raw_mjpeg(what))
    return kind != "GIF"


def names_images(what: str) -> bool:
    """Return whether a string names still images: one, a folder, a pattern, or pages of a file.

    Animations are videos, and so are all GIFs, because most of them are animated. "0" is a camera,
    also if there is a folder of that name.

    Examples
    --------
    >>> names_images("Photo.JPG"), names_images("photos/*.jpg"), names_images("dance.gif")
    (True, True, False)
    """
    if camera_address(what) is not None or is_url(what) or not is_image_input(what):
        return False
    if not may_hold_several(what):
        return True
    from vitruvian.media.picture_file import is_animation

    return not is_animation(what)


def names_several_images(what: str) -> bool:
    """Return whether a string names a folder, a pattern, or a file with several pages."""
    if os.path.isdir(what) or is_pattern(what):
        return True
    if not names_images(what) or not may_hold_several(what):
        return False
    from vitruvian.media.picture_file import n_pictures

    return n_pictures(what) > 1


def may_hold_several(path: str | PathLike[str]) -> bool:
    """Return whether the header of an image file allows more than one picture."""
    head = _head(path)
    kind = image_format(head)
    if kind == "WEBP":
        return head[12:16] == b"VP8X" and bool(head[20] & 2)  # WebP container specification
    if kind == "PNG":
        try:
            with open(path, "rb") as file:
                return _is_animated_png(file)
        except OSError:
            return False
    return kind in ("AVIF", "DCX", "GIF", "HEIF", "TIFF")


def _is_animated_png(file: BinaryIO) -> bool:
    """Return whether there is an ``acTL`` chunk before the first pixels."""
    file.seek(8)
    while len(header := file.read(8)) == 8 and header[4:] not in (b"IDAT", b"IEND"):
        if header[4:] == b"acTL":
            return True
        file.seek(int.from_bytes(header[:4], "big") + 4, os.SEEK_CUR)
    return False


def _is_raw_mjpeg(path: str) -> bool:
    """Return whether one JPEG follows another without a gap."""
    with open(path, "rb") as file:
        return b"\xff\xd9\xff\xd8\xff" in file.read(_MAX_JPEG_BYTES)


def is_pdf(path: Path) -> bool:
    """Return whether a file is a PDF, of which FFmpeg would show the JPEGs only."""
    return _head(path).startswith(b"%PDF-")


def _head(path: str | PathLike[str]) -> bytes:
    """Return the first bytes of a regular file; empty if it can't be read."""
    try:
        if not os.path.isfile(path):  # a pipe can be read only once
            return b""
        with open(path, "rb") as file:
            return file.read(HEAD_BYTES)
    except (OSError, ValueError):
        return b""
