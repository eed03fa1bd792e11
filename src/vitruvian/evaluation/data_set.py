"""Data sets of images with truth: one container, and a table of the readers."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from itertools import compress
from operator import not_
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.errors import SourceError
from vitruvian.media.image import load_image

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.evaluation.average_precision import AnnotatedPose

__all__ = ["READERS", "AnnotatedImage", "DataSet", "load_data_set"]

READERS = {"coco": "vitruvian.evaluation.coco"}
"""Format -> the module whose `read_images` reads it."""


@dataclass(frozen=True, slots=True, eq=False)
class AnnotatedImage:
    """The truth of one image.

    Attributes
    ----------
    name : str
        Name of the file, relative to the folder of the images.
    people : tuple of AnnotatedPose
        The people in it; none if nobody is annotated.
    wh : (int, int) or None
        Width and height in px, if the data set states them.
    """

    name: str
    people: tuple[AnnotatedPose, ...]
    wh: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class DataSet:
    """Annotated images and the folder in which their files are.

    Attributes
    ----------
    folder : Path
        Folder of the images.
    images : tuple of AnnotatedImage
        Those whose file exists.
    missing : tuple of str
        Names of the others.
    """

    folder: Path
    images: tuple[AnnotatedImage, ...]
    missing: tuple[str, ...] = ()

    def pixels(self, image: AnnotatedImage) -> NDArray[np.uint8]:
        """Return the pixels of an image, (H, W, 3) uint8, RGB.

        Raises
        ------
        SourceError
            If the file can't be read, or has another size than the data set states.
        """
        path = self.folder / image.name
        pixels = load_image(path)
        height, width = pixels.shape[:2]
        if image.wh not in (None, (width, height)):
            raise SourceError(
                f"can't use {str(path)!r}: it has {width}x{height} px, its truth is for "
                f"{image.wh[0]}x{image.wh[1]}"
            )
        return pixels


def load_data_set(format_: str, path: str | Path, images: str | Path | None = None) -> DataSet:
    """Return the truth of a data set. The images themselves are not read.

    Parameters
    ----------
    format_ : str
        "coco": a COCO keypoint file. Landmarks are found by the names in its category, so files
        with other landmarks than COCO's 17 can be read; those that COCO does not have are dropped.
    path : path
        File of the annotations.
    images : path, optional
        Folder of the images. By default it is searched: the folder of `path`, the folders in it,
        and the folders beside it.

    Raises
    ------
    SourceError
        If the file can't be read, has another format, or none of its images is found.
    ValueError
        If the format is not known.
    """
    if format_ not in READERS:
        raise ValueError(f"format_ must be one of {list(READERS)}, got {format_!r}")
    annotated = import_module(READERS[format_]).read_images(Path(path))
    if not annotated:
        raise SourceError(f"can't use {str(path)!r}: it has no images")
    here = Path(path).absolute().parent
    folders = _folders_near(here) if images is None else iter([Path(images)])
    for folder in folders:
        is_there = [(folder / image.name).is_file() for image in annotated]
        if any(is_there):
            found = tuple(compress(annotated, is_there))
            missing = (image.name for image in compress(annotated, map(not_, is_there)))
            return DataSet(folder, found, tuple(missing))
    where = f"near {str(here)!r}: give their folder" if images is None else f"in {str(images)!r}"
    raise SourceError(
        f"no image of {str(path)!r}, such as {annotated[0].name!r}, was found {where}"
    )


def _folders_near(folder: Path) -> Iterator[Path]:
    for parent in (folder, folder.parent):
        yield parent
        yield from _subfolders(parent)


def _subfolders(folder: Path) -> Sequence[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError:  # not readable
        return ()
