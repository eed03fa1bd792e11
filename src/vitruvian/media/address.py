"""What a string names: a camera, a stream, images, or else a video file."""

from __future__ import annotations

import os.path  # unlike Path's, its questions never raise
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
_PATTERN_SIGNS = re.compile(r"[*?\[]")

# What Pillow or OpenCV decodes to pixels, without what FFmpeg plays and without page descriptions.
# fmt: off
_IMAGE_SUFFIXES = frozenset({
    ".apng", ".avif", ".avifs", ".blp", ".bmp", ".bw", ".cur", ".dcx", ".dds", ".dib", ".ftc",
    ".ftu", ".gbr", ".gif", ".hdr", ".icb", ".icns", ".ico", ".im", ".j2c", ".j2k", ".jfif", ".jp2",
    ".jpc", ".jpe", ".jpeg", ".jpf", ".jpg", ".jpx", ".mpo", ".msp", ".pam", ".pbm", ".pcd", ".pcx",
    ".pfm", ".pgm", ".pic", ".png", ".pnm", ".ppm", ".psd", ".pxm", ".pxr", ".qoi", ".ras", ".rgb",
    ".rgba", ".sgi", ".sr", ".tga", ".tif", ".tiff", ".vda", ".vst", ".webp", ".xbm", ".xpm",
})
# fmt: on


def camera_number(what: str) -> int | None:
    """Return the number of the camera that ``0`` or ``/dev/video0`` names, or None.

    Examples
    --------
    >>> camera_number("/dev/video2"), camera_number("walk2.mp4")
    (2, None)
    """
    match = _CAMERA.fullmatch(what)
    return None if match is None else int(match[1])


def is_url(what: str) -> bool:
    """Whether a string begins with a scheme, as ``rtsp://`` does."""
    return _URL.match(what) is not None


def without_password(url: str) -> str:
    """Return a URL without the user name and password it may carry.

    Examples
    --------
    >>> without_password("rtsp://admin:secret@door.local:554/main")
    'rtsp://door.local:554/main'
    """
    return re.sub(r"(?<=://)[^/?#]*@", "", url)


def without_credentials(name: str) -> str:
    """Return a name as it may stand in a file: a URL without user, password, query and fragment.

    Many cameras take the password in the query.

    Examples
    --------
    >>> without_credentials("rtsp://admin:secret@door.local/video?user=me&pwd=secret")
    'rtsp://door.local/video'
    >>> without_credentials("what?.mp4")
    'what?.mp4'
    """
    return re.split("[?#]", without_password(name))[0] if is_url(name) else name


def is_pattern(what: str) -> bool:
    """Whether a string is a glob pattern and not the name of something that exists."""
    return _PATTERN_SIGNS.search(what) is not None and not os.path.exists(what)


def is_image_name(path: Path) -> bool:
    """Whether a path has the suffix of an image."""
    return path.suffix.lower() in _IMAGE_SUFFIXES


def names_images(what: str) -> bool:
    """Whether a string names an image, a folder or a pattern.

    A GIF by itself is a video, because most of them move.

    Examples
    --------
    >>> names_images("Photo.JPG"), names_images("photos/*.jpg"), names_images("dance.gif")
    (True, True, False)
    """
    if os.path.isdir(what) or is_pattern(what):
        return True
    path = Path(what)
    return is_image_name(path) and path.suffix.lower() != ".gif"
