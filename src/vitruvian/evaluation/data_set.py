"""Data sets of images with truth: one container, and a table of the readers."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from itertools import compress
from operator import not_
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        from vitruvian.media.image import load_image  # here, because the metrics need NumPy only

        path = self.folder / image.name
        pixels = load_image(path)
        height, width = pixels.shape[:2]
        if image.wh not in (None, (width, height)):
            raise SourceError(
                f"can't use {str(path)!r}: it has {width}x{height} px, its truth is for "
                f"{image.wh[0]}x{image.wh[1]}"
            )
        return pixels


def load_data_set(kind: str, path: str | Path, images: str | Path | None = None) -> DataSet:
    """Return the truth of a data set. The images themselves are not read.

    Parameters
    ----------
    kind : str
        "coco": a COCO keypoint file. Landmarks are found by the names in its category, so files
        with other landmarks than COCO's 17 can be read; those that COCO does not have are dropped.
    path : path
        File of the annotations.
    images : path, optional
        Folder of the images. By default the one with most of them: that of `path`, one in it, the
        one above, or one beside it.

    Raises
    ------
    SourceError
        If the file can't be read, has another format, or none of its images is found.
    ValueError
        If the format is not known.
    """
    if kind not in READERS:
        raise ValueError(f"kind must be one of {list(READERS)}, got {kind!r}")
    annotated = import_module(READERS[kind]).read_images(Path(path))
    if not annotated:
        raise SourceError(f"can't use {str(path)!r}: it has no images")
    here = Path(path).absolute().parent
    folders = [Path(images)] if images is not None else _folders_near(here)
    are_there = [[_is_file(folder / image.name) for image in annotated] for folder in folders]
    best = max(range(len(folders)), key=lambda i: sum(are_there[i]))  # the first of equals
    if not any(are_there[best]):
        where = f"in {str(images)!r}" if images is not None else "near it: give their folder"
        raise SourceError(
            f"no image of {str(path)!r}, such as {annotated[0].name!r}, was found {where}"
        )
    found = tuple(compress(annotated, are_there[best]))
    missing = (image.name for image in compress(annotated, map(not_, are_there[best])))
    return DataSet(folders[best], found, tuple(missing))


def _folders_near(folder: Path) -> list[Path]:
    """Return the folder, those in it, the one above, and those beside it."""
    above = folder.parent
    return [folder, *_subfolders(folder), above, *_subfolders(above)]


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # not a name of a file, such as one that is too long
        return False


def _subfolders(folder: Path) -> Sequence[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError:  # not readable
        return ()
