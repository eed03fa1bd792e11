"""Kinds of input names: a camera, a stream, images, or otherwise a video file."""

from __future__ import annotations

import os.path  # unlike those of Path, its functions never raise
import re
from pathlib import Path

__all__ = [
    "camera_number",
    "is_image_name",
    "is_pattern",
    "is_url",
    "names_images",
    "without_credentials",
    "without_password",
]

_CAMERA = re.compile(r"(?:/dev/video)?([0-9]{1,9})")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_GLOB_CHARACTERS = re.compile(r"[*?\[]")

# Formats that Pillow decodes, without those that FFmpeg plays and page descriptions.
# fmt: off
_IMAGE_SUFFIXES = frozenset({
    ".apng", ".avif", ".avifs", ".blp", ".bmp", ".bw", ".cur", ".dcx", ".dds", ".dib", ".ftc",
    ".ftu", ".gbr", ".gif", ".heic", ".heif", ".hif", ".icb", ".icns", ".ico", ".im", ".j2c",
    ".j2k", ".jfif", ".jp2", ".jpc", ".jpe", ".jpeg", ".jpf", ".jpg", ".jpx", ".mpo", ".msp",
    ".pbm", ".pcd", ".pcx", ".pgm", ".png", ".pnm", ".ppm", ".psd", ".pxr", ".qoi", ".ras", ".rgb",
    ".rgba", ".sgi", ".tga", ".tif", ".tiff", ".vda", ".vst", ".webp", ".xbm", ".xpm",
})
# fmt: on


def camera_number(what: str) -> int | None:
    """Return the camera number in ``0`` or ``/dev/video0``, or None.

    Examples
    --------
    >>> camera_number("/dev/video2"), camera_number("walk2.mp4")
    (2, None)
    """
    match = _CAMERA.fullmatch(what)
    return None if match is None else int(match[1])


def is_url(what: str) -> bool:
    """Return whether a string begins with a URL scheme such as ``rtsp://``."""
    return _URL.match(what) is not None


def without_password(url: str) -> str:
    """Return a URL without user name and password.

    Examples
    --------
    >>> without_password("rtsp://admin:secret@door.local:554/main")
    'rtsp://door.local:554/main'
    """
    return re.sub(r"(?<=://)[^/?#]*@", "", url)


def without_credentials(name: str) -> str:
    """Return a name as it may stand in a file: a URL without user, password, query and fragment.

    Many cameras take the password in the query, some in the path: ``/user=me&password=secret``. So
    the path ends before its first part with an equals sign.

    Examples
    --------
    >>> without_credentials("rtsp://admin:secret@door.local/video?user=me&pwd=secret")
    'rtsp://door.local/video'
    >>> without_credentials("what?.mp4")
    'what?.mp4'
    """
    return re.split("[?#]|/[^/?#]*=", without_password(name))[0] if is_url(name) else name


def is_pattern(what: str) -> bool:
    """Return whether a string is a glob pattern and not the name of an existing file."""
    return _GLOB_CHARACTERS.search(what) is not None and not os.path.exists(what)


def is_image_name(path: Path) -> bool:
    """Return whether a path has the suffix of an image format."""
    return path.suffix.lower() in _IMAGE_SUFFIXES


def names_images(what: str) -> bool:
    """Return whether a string names an image, a folder or a pattern.

    A GIF is a video, because most GIFs are animated.

    Examples
    --------
    >>> names_images("Photo.JPG"), names_images("photos/*.jpg"), names_images("dance.gif")
    (True, True, False)
    """
    if os.path.isdir(what) or is_pattern(what):
        return True
    path = Path(what)
    return is_image_name(path) and path.suffix.lower() != ".gif"
