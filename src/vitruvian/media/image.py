"""Images: one file, a folder or a pattern, decoded to upright RGB."""

from __future__ import annotations

import glob
import io
import os.path
import re
import warnings
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image, ImageOps

from vitruvian.core.frame import Frame
from vitruvian.errors import SourceError
from vitruvian.media.address import is_image_name, is_pattern
from vitruvian.media.source import Source

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from numpy.typing import NDArray

__all__ = ["ImageFile", "ImageFolder", "load_image", "open_images"]

# Pillow clips these modes to 8 bits instead of scaling them. OpenCV reads most such files first.
_CLIPPED_MODES = frozenset({"F", "I", "I;16", "I;16B", "I;16L", "I;16N"})
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_OPENCV_LOG_LEVEL = Lock()  # the log level is shared by all threads


def load_image(path: str | os.PathLike[str]) -> NDArray[np.uint8]:
    """Return the pixels of an image file, rotated by its EXIF orientation.

    Parameters
    ----------
    path : str or path
        Any format that OpenCV or Pillow reads. Grey, palette and CMYK pixels are converted to RGB.
        Of 16 bits the upper 8 are kept, transparency is dropped. Of an animation, the first frame.

    Returns
    -------
    (H, W, 3) uint8 array
        RGB, contiguous. If OpenCV can read the file, equal to its ``imread`` with the channels
        reversed.

    Raises
    ------
    SourceError
        If the file can't be read, is empty, truncated, or not an image.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as err:
        raise SourceError(f"can't read {str(path)!r}: {err.strerror}") from err
    if not data:
        raise SourceError(f"can't read {str(path)!r}: the file is empty")
    # OpenCV first: the recorded outputs of MediaPipe were made with its decoder.
    image = _opencv_image(data)
    return _pillow_image(data, path) if image is None else image


def _opencv_image(data: bytes) -> NDArray[np.uint8] | None:
    """Return RGB pixels, or None if OpenCV can't read them."""
    if data.startswith(_PNG_SIGNATURE) and not _has_complete_chunks(data):
        return None  # OpenCV would allocate gigabytes for a chunk of a wrong length
    try:
        with _opencv_log_disabled():
            bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        return None
    if bgr is None:
        return None
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


def _has_complete_chunks(png: bytes) -> bool:
    """Return whether all chunks of a PNG, up to the end chunk, lie inside its data."""
    start = len(_PNG_SIGNATURE)
    while start + 12 <= len(png):
        end = start + 12 + int.from_bytes(png[start : start + 4], "big")
        if png[start + 4 : start + 8] == b"IEND":
            return end <= len(png)
        start = end
    return False


def _pillow_image(data: bytes, path: Path) -> NDArray[np.uint8]:
    """Return RGB pixels of a format that OpenCV does not read."""
    try:
        with warnings.catch_warnings(action="ignore"):
            upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
            rgb = np.array(upright.convert("RGB"), np.uint8)
    except Exception as err:  # Pillow's plug-ins raise any exception on bad data
        raise SourceError(f"can't read {str(path)!r}: not an image, or a damaged one") from err
    if upright.mode in _CLIPPED_MODES:
        raise SourceError(
            f"can't read {str(path)!r}: pixel format {upright.mode!r} is not supported"
        )
    return rgb


@contextmanager
def _opencv_log_disabled() -> Iterator[None]:
    """Silence OpenCV's messages: the error is raised anyway."""
    logging = cv2.utils.logging
    with _OPENCV_LOG_LEVEL:
        level = logging.getLogLevel()
        logging.setLogLevel(logging.LOG_LEVEL_SILENT)
        try:
            yield
        finally:
            logging.setLogLevel(level)


class ImageFile(Source):
    """One image, at time 0."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self._frame = Frame(load_image(path))
        self.path = path
        self.n_frames = 1
        self.wh = (self._frame.width, self._frame.height)

    def _read(self) -> Generator[Frame, None, None]:
        yield self._frame


class ImageFolder(Source):
    """Several images as the frames of one recording at a constant rate.

    An image that can't be read causes a warning; its index and timestamp are skipped.

    Attributes
    ----------
    paths : tuple of Path
        The files in natural order; ``paths[frame.index]`` is the file of a frame.
    """

    def __init__(self, name: str, paths: Sequence[Path], *, fps: float) -> None:
        super().__init__(name)
        self.paths = tuple(sorted(paths, key=_natural_order))
        self.n_frames = len(self.paths)
        self.fps = fps
        self._us_per_frame = 1e6 / fps

    def _read(self) -> Generator[Frame, None, None]:
        unreadable = 0
        for index, path in enumerate(self.paths):
            try:
                image = load_image(path)
            except SourceError as err:
                unreadable += 1
                self._log_warning(f"skipped: {err}")
                continue
            yield Frame(image, timestamp_us=round(index * self._us_per_frame), index=index)
        if unreadable == len(self.paths):
            raise SourceError(f"none of the {unreadable} images of {self.name!r} can be read")
        if unreadable:
            self._log_warning(
                f"{unreadable} of {len(self.paths)} images of {self.name} can't be read"
            )


def open_images(what: str, *, fps: float) -> ImageFile | ImageFolder:
    """Return the source of an image file, or of the images of a folder or a pattern.

    Parameters
    ----------
    what : str
        Path or glob pattern (``**`` matches subfolders). Images are in natural order: ``img2``
        before ``img10``. Hidden files and other formats are skipped.
    fps : float
        Images per second of a folder or a pattern.

    Raises
    ------
    SourceError
        If the file or folder does not exist, contains no image, or the one image can't be read.
    """
    if os.path.isdir(what):
        found = _visible_entries(Path(what))
        missing = f"no images in folder {what!r}"
    elif is_pattern(what):
        found = [Path(entry) for entry in glob.glob(what, recursive=True)]
        missing = f"no images match {what!r}"
    else:
        return ImageFile(Path(what))
    images = [entry for entry in found if is_image_name(entry) and os.path.isfile(entry)]
    if not images:
        raise SourceError(
            f"{missing}: {len(found)} other entries; to open a video, give the path of the file"
        )
    return ImageFolder(what, images, fps=fps)


def _visible_entries(folder: Path) -> list[Path]:
    try:
        return [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
    except OSError as err:
        raise SourceError(f"can't read folder {str(folder)!r}: {err.strerror}") from err


def _natural_order(path: Path) -> tuple[list[str | int], str]:
    """Return a sort key that compares the numbers in names by value."""
    parts = re.split(r"([0-9]+)", str(path).casefold())
    return [int(part) if i % 2 else part for i, part in enumerate(parts)], str(path)
