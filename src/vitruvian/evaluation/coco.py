"""Reader of COCO keypoint files: the people of each image."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.core.skeleton import COCO17
from vitruvian.errors import SourceError
from vitruvian.evaluation.average_precision import AnnotatedPose

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

__all__ = ["AnnotatedImage", "images_folder", "load_coco"]

AREA_OF_BOX = 0.53  # as for people without an area: see landmarks.py


@dataclass(frozen=True, slots=True, eq=False)
class AnnotatedImage:
    """One image of a data set.

    Attributes
    ----------
    name : str
        Name of the file, relative to the folder of the images.
    wh : (int, int) or None
        Width and height in px, if the data set states them.
    people : tuple of AnnotatedPose
        The people in it; none if nobody is annotated.
    """

    name: str
    wh: tuple[int, int] | None
    people: tuple[AnnotatedPose, ...]


def load_coco(path: str | Path) -> list[AnnotatedImage]:
    """Return the images of a COCO keypoint file, those without people included.

    Parameters
    ----------
    path : path
        JSON with ``images``, ``annotations`` and ``categories``. Landmarks are found by the names
        in the category, so sets with other landmarks than COCO's 17 can be read, too; those that
        COCO does not have are dropped. A category without names must have COCO's 17.

    Raises
    ------
    SourceError
        If the file can't be read or is not of this format.
    """
    name = str(path)
    try:
        data = json.loads(Path(path).read_bytes())
    except OSError as err:
        raise SourceError(f"can't read {name!r}: {err.strerror}") from err
    except ValueError as err:
        raise SourceError(f"can't read {name!r}: not JSON: {err}") from err
    try:
        return list(_images(data))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as err:
        reason = f"no {err}" if isinstance(err, KeyError) else str(err)
        raise SourceError(f"can't read {name!r}: not a COCO keypoint file: {reason}") from err


def images_folder(path: str | Path, images: Sequence[AnnotatedImage]) -> Path:
    """Return the folder of the images of a file: its own folder, one in it, or one beside it.

    Raises
    ------
    SourceError
        If none of the images is in one of them.
    """
    here = Path(path).absolute().parent
    folders = [here, *_subfolders(here), here.parent, *_subfolders(here.parent)]
    for folder in folders:
        if any((folder / image.name).is_file() for image in images):
            return folder
    example = images[0].name if images else "an image"
    raise SourceError(
        f"no image of {str(path)!r}, such as {example!r}, is in its folder or one beside it: "
        "give the folder of the images"
    )


def _subfolders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir())


def _images(data: dict[str, Any]) -> Iterator[AnnotatedImage]:
    names_of = {
        entry["id"]: entry.get("keypoints") for entry in data["categories"] if _has_people(entry)
    }
    people: dict[Any, list[AnnotatedPose]] = {image["id"]: [] for image in data["images"]}
    for entry in data["annotations"]:
        if entry["category_id"] in names_of:
            person = _person(entry, names_of[entry["category_id"]] or COCO17.names)
            people[entry["image_id"]].append(person)
    for image in data["images"]:
        wh = (int(image["width"]), int(image["height"])) if "width" in image else None
        yield AnnotatedImage(str(image["file_name"]), wh, tuple(people[image["id"]]))


def _has_people(category: dict[str, Any]) -> bool:
    return "keypoints" in category or category.get("name") == "person"


def _person(entry: dict[str, Any], names: Sequence[str]) -> AnnotatedPose:
    landmarks = np.full((len(COCO17), 2), np.nan)
    values = np.asarray(entry.get("keypoints") or [], np.float64).reshape(-1, 3)
    if len(values) not in (0, len(names)):
        raise ValueError(f"{len(names)} landmarks have names, an annotation has {len(values)}")
    for name, (x, y, label) in zip(names, values, strict=False):
        if label > 0 and name in COCO17.names:
            landmarks[COCO17.index(name)] = x, y
    box = None
    if "bbox" in entry:
        x, y, width, height = entry["bbox"]
        box = np.array([x, y, x + width, y + height], np.float64)
    area_px2 = entry.get("area")
    if not area_px2 and box is not None:
        area_px2 = AREA_OF_BOX * float(np.prod(box[2:] - box[:2]))
    return AnnotatedPose(landmarks, area_px2, box, bool(entry.get("iscrowd")))
