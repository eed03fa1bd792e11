"""Sources of images: one file, an animation, the pages of a file, a folder or a pattern."""

from __future__ import annotations

import os
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.core.frame import Frame
from vitruvian.errors import SourceError
from vitruvian.media.image import load_image, picture_file, readable
from vitruvian.media.image_kind import is_image_name, may_hold_several
from vitruvian.media.pattern import is_pattern, matching_files, natural_order
from vitruvian.media.picture_file import n_pictures
from vitruvian.media.source import Source

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from vitruvian.media.picture_file import PictureFile

__all__ = ["Animation", "ImageFile", "ImageFolder", "open_images"]


class ImageFile(Source):
    """One image, at time 0."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self._frame = Frame(load_image(path), focal_35mm=picture_file(path).focal_35mm)
        self.path = path
        self.n_frames = 1
        self.wh = (self._frame.width, self._frame.height)

    def _read(self) -> Generator[Frame, None, None]:
        yield self._frame


class Animation(Source):
    """The pictures of an animated PNG, WebP or AVIF at their times.

    If a picture can't be read, the source ends with a warning.
    """

    def __init__(self, path: Path, pictures: PictureFile) -> None:
        super().__init__(str(path))
        self._pictures = pictures
        with readable(repr(self.name)):
            first = pictures[0]
        self.path = path
        self.n_frames = len(pictures)
        self.fps = 1e6 / pictures.duration_us
        self.wh = (first.shape[1], first.shape[0])

    def _read(self) -> Generator[Frame, None, None]:
        time_us, next_us = -1, 0
        for index in range(len(self._pictures)):
            try:
                with readable(repr(self.name)):
                    image = self._pictures[index]
            except SourceError as err:
                self._log_warning(f"{index} of {self.n_frames} pictures read: {err}")
                return
            start_us = self._pictures.start_us
            time_us = next_us if start_us is None or start_us <= time_us else start_us
            next_us = time_us + self._pictures.duration_us
            yield Frame(image, timestamp_us=time_us, index=index)


class ImageFolder(Source):
    """Several images as the frames of one recording at a constant rate.

    Each picture of a file with several is a frame. An image that can't be read causes a warning;
    its index and timestamp are skipped.

    Attributes
    ----------
    paths : tuple of Path
        The files in natural order; ``paths[frame.index]`` is the file of a frame.
    """

    def __init__(self, name: str, paths: Sequence[Path], *, fps: float) -> None:
        super().__init__(name)
        in_order = sorted(paths, key=lambda path: natural_order(str(path)))
        self.paths = tuple(path for path in in_order for _ in range(_n_frames(path)))
        self.n_frames = len(self.paths)
        self.fps = fps
        self._us_per_frame = 1e6 / fps

    def _read(self) -> Generator[Frame, None, None]:
        n_read = 0
        for path, group in groupby(enumerate(self.paths), key=lambda item: item[1]):
            for frame in self._frames_of(path, [index for index, _ in group]):
                n_read += 1
                yield frame
        n_unreadable = len(self.paths) - n_read
        if not n_read:
            raise SourceError(f"none of the {n_unreadable} images of {self.name!r} can be read")
        if n_unreadable:
            self._log_warning(
                f"{n_unreadable} of {len(self.paths)} images of {self.name} can't be read"
            )

    def _frames_of(self, path: Path, indices: Sequence[int]) -> Generator[Frame, None, None]:
        """Yield the pictures of a file as frames with these indices."""
        try:
            pictures = picture_file(path)
        except SourceError as err:
            self._log_warning(f"skipped: {err}")
            return
        for number, index in enumerate(indices):
            try:
                with readable(repr(str(path))):
                    image = pictures[number] if len(indices) > 1 else pictures.main()
            except SourceError as err:
                self._log_warning(f"skipped: {err}")
                continue
            time_us = round(index * self._us_per_frame)
            yield Frame(image, time_us, index, focal_35mm=pictures.focal_35mm)
        if pictures.damage is not None:
            self._log_warning(f"{path}: {pictures.damage}")


def open_images(what: str, *, fps: float) -> ImageFile | Animation | ImageFolder:
    """Return the source of an image file, or of the images of a folder or a pattern.

    Parameters
    ----------
    what : str
        Path or pattern, as in `matching_files`. Images are in natural order: ``img2`` before
        ``img10``. Hidden files and other formats are skipped.
    fps : float
        Images per second of a folder, a pattern, or a file with pages.

    Raises
    ------
    SourceError
        If the file or folder does not exist, contains no image, or the one image can't be read.
    """
    if os.path.isdir(what):
        found = _visible_entries(Path(what))
        missing = f"no images in folder {what!r}"
    elif is_pattern(what):
        found = [Path(entry) for entry in matching_files(what)]
        missing = f"no images match {what!r}"
    else:
        return _open_file(Path(what), fps=fps)
    images = [entry for entry in found if is_image_name(entry) and os.path.isfile(entry)]
    if not images:
        others = f": {len(found)} other entries; to open a video, give the path of the file"
        raise SourceError(missing + others if found else missing)
    return ImageFolder(what, images, fps=fps)


def _open_file(path: Path, *, fps: float) -> ImageFile | Animation | ImageFolder:
    if not may_hold_several(path):
        return ImageFile(path)
    pictures = picture_file(path)
    with readable(repr(str(path))):
        n_frames, is_animation = len(pictures), pictures.is_animation
    if is_animation:
        return Animation(path, pictures)
    if n_frames == 1 and pictures.damage is None:
        return ImageFile(path)
    pages = ImageFolder(str(path), [path], fps=fps)
    pages.path = path
    return pages


def _n_frames(path: Path) -> int:
    return n_pictures(path) if may_hold_several(path) else 1


def _visible_entries(folder: Path) -> list[Path]:
    try:
        return [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
    except OSError as err:
        raise SourceError(f"can't read folder {str(folder)!r}: {err.strerror}") from err
