"""COCO: results of a detector, and annotations, with COCO's 17 landmarks."""

from __future__ import annotations

import json
import logging
import os
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from vitruvian.core._arrays import json_floats
from vitruvian.core.similarity import expected_oks
from vitruvian.core.skeleton import COCO17, blazepose_sources
from vitruvian.errors import SourceError
from vitruvian.export.heading import compact_json, file_heading, provenance_in
from vitruvian.export.record_file import RecordFile
from vitruvian.export.spool import SpooledWriter
from vitruvian.media.pictures import ImageFile, ImageFolder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import Pose, PoseResult
    from vitruvian.core.provenance import Provenance
    from vitruvian.export import SinkOptions
    from vitruvian.media.source import Source

__all__ = ["CocoResultsWriter", "annotations_writer", "read_annotations_provenance"]

PERSON = 1  # ID of COCO's category "person"
VISIBLE = 0.5  # visibility above which a landmark counts as visible
_SOURCES = [source for (source,) in blazepose_sources(COCO17)]

logger = logging.getLogger(__name__)


class CocoResultsWriter:
    """A list with one object for each pose, as pycocotools' ``loadRes`` takes it."""

    def __init__(self, path: Path, options: SinkOptions) -> None:
        self._images = _Images(options)
        self._file = RecordFile(path, header=b"[", footer=b"\n]\n")
        self._separator = b"\n"

    def append(self, result: PoseResult, frame: Frame | None) -> None:
        """Add the poses of one frame."""
        image = self._images.of(result)
        if image is None:
            return
        for pose in result:
            values: dict[str, Any] = {
                "image_id": image.id,
                "category_id": PERSON,
                "keypoints": _keypoints(pose, pose.visibility[_SOURCES]),
                "score": expected_oks(pose),
            }
            if pose.id is not None:
                values["track_id"] = pose.id
            self._file.append(self._separator + compact_json(values))
            self._separator = b",\n"

    def finish(self) -> None:
        """Close the list."""
        self._file.close()

    def salvage(self) -> str:
        """Close the list after the last whole pose."""
        self._file.close()
        return ".coco.json"


def annotations_writer(path: Path, options: SinkOptions) -> SpooledWriter:
    """Return a writer of a COCO keypoint file with images, categories and annotations."""
    write = partial(_write_annotations, images=_Images(options))
    return SpooledWriter(path, options.path, write, options.provenance)


def read_annotations_provenance(path: Path) -> Provenance | None:
    """Return the provenance in the `info` of a file that `annotations_writer` wrote."""
    document = json.loads(path.read_bytes())
    return provenance_in(document.get("info") if isinstance(document, dict) else None)


def _write_annotations(
    results: Iterable[PoseResult],
    quantities: object,
    path: Path,
    provenance: Provenance | None,
    images: _Images,
) -> None:
    listed: list[bytes] = []
    annotations: list[bytes] = []
    for result in results:
        image = images.of(result)
        if image is None:
            continue
        wh = {"width": result.width, "height": result.height}
        listed.append(compact_json({"id": image.id, "file_name": image.file_name} | wh))
        for pose in result:
            number = {"id": len(annotations) + 1, "image_id": image.id}
            annotations.append(compact_json(number | _annotation(pose, result)))
    info = file_heading(provenance)
    del info["skeleton"]
    skeleton = [[a + 1, b + 1] for a, b in COCO17.connections]
    category = {"id": PERSON, "name": "person", "supercategory": "person"}
    category |= {"keypoints": COCO17.names, "skeleton": skeleton}
    with path.open("wb") as file:
        head = {"info": info, "licenses": [], "categories": [category]}
        file.write(compact_json(head).removesuffix(b"}"))
        for name, objects in ((b"images", listed), (b"annotations", annotations)):
            file.write(b',\n"' + name + b'":[\n' + b",\n".join(objects) + b"]")
        file.write(b"}\n")


def _annotation(pose: Pose, result: PoseResult) -> dict[str, Any]:
    """Return the annotation of a pose, without its numbers."""
    points = pose.landmarks[_SOURCES, :2]
    with np.errstate(invalid="ignore"):
        is_inside = ((points >= 0) & (points < (result.width, result.height))).all(axis=1)
        flags = np.where(is_inside, np.where(pose.visibility[_SOURCES] > VISIBLE, 2, 1), 0)
    box = [0.0, 0.0, 0.0, 0.0]
    if flags.any():
        labelled = points[flags > 0].astype(np.float64)
        corner, extent = labelled.min(axis=0), np.ptp(labelled, axis=0)
        box = np.round(np.concatenate([corner, extent]), 3).tolist()
    values = {
        "category_id": PERSON,
        "keypoints": _keypoints(pose, flags),
        "num_keypoints": int((flags > 0).sum()),
        "bbox": box,
        "area": round(box[2] * box[3], 3),
        "iscrowd": 0,
    }
    return values if pose.id is None else values | {"track_id": pose.id}


def _keypoints(pose: Pose, flags: NDArray[Any]) -> list[float]:
    """Return x, y and a flag of each landmark; three zeros for one that is missing.

    Whole flags are COCO's, so that landmarks with flag 0 are missing, too.
    """
    points = pose.landmarks[_SOURCES, :2]
    is_known = np.isfinite(points.sum(axis=1))
    if flags.dtype.kind == "i":
        is_known &= flags > 0
    known = np.where(is_known[:, None], points, 0)
    third = np.nan_to_num(np.where(is_known, flags, 0))
    rows = zip(json_floats(known), _plain(third), strict=True)
    return [value for (x, y), flag in rows for value in (x, y, flag)]


def _plain(flags: NDArray[Any]) -> Any:
    return flags.tolist() if flags.dtype.kind == "i" else json_floats(flags.astype(np.float32))


class _Image(NamedTuple):
    id: int
    file_name: str


class _Images:
    """The number and the file name of each frame.

    With a COCO file of the same images, the numbers are those in the file, and frames whose image
    is not in it are left out. Otherwise the numbers are those of the frames.
    """

    def __init__(self, options: SinkOptions) -> None:
        self._names = _names_of(options.source)
        self._ids: Mapping[str, int] | None = None
        if options.coco_images is None:
            return
        if self._names is None:
            name = "None" if options.source is None else repr(options.source.name)
            raise ValueError(f"coco_images needs images as the source, got {name}")
        self._ids = _ids_in(options.coco_images)
        n_missing = sum(os.path.basename(name) not in self._ids for name in self._names)
        if n_missing:
            logger.warning(
                "%d of %d images are not in %r: left out",
                *(n_missing, len(self._names), str(options.coco_images)),
            )

    def of(self, result: PoseResult) -> _Image | None:
        """Return the image of a result; None if it is to be left out."""
        index = result.frame_index
        if self._names is None:
            return _Image(index, f"{index:06d}.jpg")
        name = self._names[index]
        if self._ids is None:
            return _Image(index, name)
        number = self._ids.get(os.path.basename(name))
        return None if number is None else _Image(number, name)


def _names_of(source: Source | None) -> list[str] | None:
    """Return the name of the file of each frame, with its folder if it is needed."""
    if isinstance(source, ImageFile) and source.path is not None:
        return [source.path.name]
    if not isinstance(source, ImageFolder):
        return None
    names = [path.name for path in source.paths]
    if len(set(names)) == len(set(source.paths)):
        return names
    return [path.as_posix() for path in source.paths]


def _ids_in(path: Path) -> dict[str, int]:
    """Return the ID of each image in a COCO file, by the name of its file without folders."""
    problem = f"can't read images from {str(path)!r}"
    try:
        images = json.loads(path.read_bytes())["images"]
        ids = {PurePath(image["file_name"]).name: image["id"] for image in images}
    except OSError as error:
        raise SourceError(f"{problem}: {error.strerror or error}") from error
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise SourceError(f"{problem}: it is not a COCO file: {error!r}") from error
    if len(ids) < len(images):
        raise SourceError(f"{problem}: two images have the same file name")
    return ids
