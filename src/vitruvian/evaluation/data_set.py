"""Data sets of images and video frames with truth: one container, and a table of the readers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from importlib import import_module
from itertools import compress
from operator import not_
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.core.camera import Camera
    from vitruvian.evaluation.average_precision import AnnotatedPose
    from vitruvian.media.source import Source

    Pixels = Callable[["AnnotatedImage"], NDArray[np.uint8]]

__all__ = ["READERS", "AnnotatedImage", "DataSet", "Place", "data_set_of_files", "load_data_set"]

READERS = {
    "coco": "vitruvian.evaluation.coco",
    "mpii": "vitruvian.evaluation.mpii",
    "lsp": "vitruvian.evaluation.lsp",
    "posetrack18": "vitruvian.evaluation.posetrack18",
    "3dpw": "vitruvian.evaluation.threedpw",
    "h36m": "vitruvian.evaluation.human36m",
    "fit3d": "vitruvian.evaluation.fit3d",
    "yoga82": "vitruvian.evaluation.yoga82",
    "trc": "vitruvian.evaluation.markers",
    "c3d": "vitruvian.evaluation.markers",
    "rendered": "vitruvian.evaluation.rendered",
}
"""Kind -> the module whose `load` reads it: a function of a `Place` that returns a `DataSet`."""

MAX_EXTRA_FRAMES = 2  # of a clip after its truth: cameras may run on, as in Fit3D


@dataclass(frozen=True, slots=True)
class Place:
    """Where a data set is.

    Attributes
    ----------
    path : Path
        File or folder of the annotations.
    images : Path or None
        Folder of the images or videos. None looks near `path`.
    video : Path or None
        The clip, for truth that does not name it.
    calibration : str or None
        File of the cameras; with several, ``FILE:NAME`` chooses one.
    every : int
        Only each such frame of a video is wanted.
    """

    path: Path
    images: Path | None = None
    video: Path | None = None
    calibration: str | None = None
    every: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class AnnotatedImage:
    """The truth of one image, or of one frame of a video.

    Attributes
    ----------
    name : str
        Name of the file, relative to the folder of the images.
    people : tuple of AnnotatedPose
        The people in it; none if nobody is annotated.
    wh : (int, int) or None
        Width and height in px, if the data set states them.
    id : int, float or str
        What COCO results call the image; without one, `load_data_set` gives its number.
    frame : int or None
        Number of the frame if the file is a video, from 0.
    sequence : str
        Images of one sequence show the same people, in the order of their times.
    timestamp_us : int
        Time in its sequence.
    camera : Camera or None
        The camera, if it is calibrated.
    label : str or None
        Class of the pose, if the data set has classes.
    has_people : bool
        Whether people are annotated at all. If not, poses are neither right nor false.
    """

    name: str
    people: tuple[AnnotatedPose, ...]
    wh: tuple[int, int] | None = None
    id: int | float | str = ""
    frame: int | None = None
    sequence: str = ""
    timestamp_us: int = 0
    camera: Camera | None = None
    label: str | None = None
    has_people: bool = True

    @property
    def title(self) -> str:
        """Name for people to read: that of the file, and the frame of a video."""
        return self.name if self.frame is None else f"{self.name} {self.frame}"


@dataclass(frozen=True, slots=True, eq=False)
class DataSet:
    """Annotated images, and what returns their pixels.

    Attributes
    ----------
    images : tuple of AnnotatedImage
        Those whose file exists.
    read : callable
        Returns the pixels of an image, (H, W, 3) uint8, RGB. They may come from files, videos or a
        renderer.
    missing : tuple of str
        Names of the images without a file.
    folder : Path or None
        Folder of the images, if they are files.
    """

    images: tuple[AnnotatedImage, ...]
    read: Pixels
    missing: tuple[str, ...] = ()
    folder: Path | None = None

    def pixels(self, image: AnnotatedImage) -> NDArray[np.uint8]:
        """Return the pixels of an image, (H, W, 3) uint8, RGB.

        Raises
        ------
        SourceError
            If the file can't be read, or has another size than the data set states.
        """
        pixels = self.read(image)
        height, width = pixels.shape[:2]
        if image.wh not in (None, (width, height)):
            path = image.title if self.folder is None else str(self.folder / image.title)
            raise SourceError(
                f"can't use {path!r}: it has {width}x{height} px, its truth is for "
                f"{image.wh[0]}x{image.wh[1]}"
            )
        return pixels

    def close(self) -> None:
        """Close the video that was read last."""
        if isinstance(self.read, FilePixels):
            self.read.close()


@dataclass(slots=True, eq=False)
class FilePixels:
    """Reads images, and the frames of videos in their order, from a folder.

    Attributes
    ----------
    folder : Path
        Folder of the files.
    n_frames : mapping of str to int
        Frames that the truth has of each video.
    """

    folder: Path
    n_frames: Mapping[str, int] = field(default_factory=dict)
    _source: Source | None = None
    _name: str = ""
    _next: int = 0

    def __call__(self, image: AnnotatedImage) -> NDArray[np.uint8]:
        if image.frame is not None:
            return self._frame(image.name, image.frame)
        from vitruvian.media.image import load_image  # here, because the metrics need NumPy only

        return load_image(self.folder / image.name)

    def check(self, name: str, wh: tuple[int, int]) -> None:
        """Raise a `SourceError` if a video has another length or size than its truth."""
        source = self._opened(name)
        if source.wh not in (None, wh):
            raise SourceError(
                f"can't use {str(self.folder / name)!r}: it has {source.wh[0]}x{source.wh[1]} px, "
                f"its camera is calibrated for {wh[0]}x{wh[1]}"
            )

    def close(self) -> None:
        """Close the video that was read last."""
        if self._source is not None:
            self._source.close()
        self._source = None

    def _frame(self, name: str, index: int) -> NDArray[np.uint8]:
        source = self._source
        if source is None or self._name != name or index < self._next:
            source = self._opened(name)
        for frame in source:  # goes on where it stopped
            self._next += 1
            if self._next > index:
                return frame.image
        raise SourceError(
            f"can't use {str(self.folder / name)!r}: it has {self._next} frames, its truth "
            f"{self.n_frames.get(name, index + 1)}"
        )

    def _opened(self, name: str) -> Source:
        from vitruvian.media.video import open_video

        self.close()
        source = open_video(self.folder / name)
        self._source, self._name, self._next = source, name, 0
        has, wanted = source.n_frames, self.n_frames.get(name)
        if has and wanted and not wanted <= has <= wanted + MAX_EXTRA_FRAMES:
            self.close()
            raise SourceError(
                f"can't use {str(self.folder / name)!r}: it has {has} frames, its truth {wanted}"
            )
        return source


def load_data_set(
    kind: str,
    path: str | Path,
    images: str | Path | None = None,
    *,
    video: str | Path | None = None,
    calibration: str | None = None,
    every: int = 1,
) -> DataSet:
    """Return the truth of a data set. The images themselves are not read.

    Parameters
    ----------
    kind : str
        "coco": a COCO keypoint file. Landmarks are found by the names in its category, so files
        with other landmarks than COCO's 17 can be read; those that COCO does not have are dropped.
        Others: "mpii", "lsp", "posetrack18", "3dpw", "h36m", "fit3d", "yoga82", "trc", "c3d" and
        "rendered"; the documentation of the evaluation describes them.
    path : path
        File or folder of the annotations; of "rendered", the name of the set.
    images : path, optional
        Folder of the images. By default the one with most of them: that of `path`, one in it, the
        one above, or one beside it.
    video : path, optional
        The clip of "trc" and "c3d".
    calibration : str, optional
        File of the cameras of "trc" and "c3d", ``FILE`` or ``FILE:NAME``.
    every : int
        Use each such image only; of videos, each such frame.

    Raises
    ------
    SourceError
        If the file can't be read, has another format, or none of its images is found.
    ValueError
        If the kind is not known, or needs something that is not given.
    """
    if kind not in READERS:
        raise ValueError(f"kind must be one of {list(READERS)}, got {kind!r}")
    place = Place(
        Path(path),
        None if images is None else Path(images),
        None if video is None else Path(video),
        calibration,
        every,
    )
    data: DataSet = import_module(READERS[kind]).load(place)
    numbered = [
        image if image.id != "" else replace(image, id=i) for i, image in enumerate(data.images)
    ]
    has_frames = any(image.frame is not None for image in numbered)  # of which each one is wanted
    return replace(data, images=tuple(numbered if has_frames else numbered[::every]))


def data_set_of_files(
    annotated: Sequence[AnnotatedImage], place: Place, n_frames: Mapping[str, int] | None = None
) -> DataSet:
    """Return the data set of annotated files: those that exist in the folder with most of them.

    Parameters
    ----------
    n_frames : mapping of str to int, optional
        Frames that the truth has of each video.

    Raises
    ------
    SourceError
        If there are no images, or none of them is found.
    """
    if not annotated:
        raise SourceError(f"can't use {str(place.path)!r}: it has no images")
    here = place.path.absolute()
    near = _folders_near(here if here.is_dir() else here.parent)
    folders = near if place.images is None else [place.images]
    names = list(dict.fromkeys(image.name for image in annotated))
    there = [{name for name in names if _is_file(folder / name)} for folder in folders]
    best = max(range(len(folders)), key=lambda i: len(there[i]))  # the first of equals
    if not there[best]:
        where = (
            f"in {str(place.images)!r}"
            if place.images is not None
            else "near it: give their folder"
        )
        raise SourceError(
            f"no image of {str(place.path)!r}, such as {annotated[0].name!r}, was found {where}"
        )
    is_there = [image.name in there[best] for image in annotated]
    found = tuple(compress(annotated, is_there))
    missing = dict.fromkeys(image.name for image in compress(annotated, map(not_, is_there)))
    return DataSet(found, FilePixels(folders[best], n_frames or {}), tuple(missing), folders[best])


def _folders_near(folder: Path) -> list[Path]:
    """Return the folder, those in it, the one above, those beside it, and the one above that."""
    above = folder.parent
    return [folder, *_subfolders(folder), above, *_subfolders(above), above.parent]


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
