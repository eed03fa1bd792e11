"""Reader of COCO keypoint files: the people of each image."""

from __future__ import annotations

import reprlib
from itertools import filterfalse
from math import hypot
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.core import similarity
from vitruvian.core.skeleton import COCO17
from vitruvian.evaluation._files import json_of, reading
from vitruvian.evaluation.average_precision import AnnotatedPose
from vitruvian.evaluation.data_set import AnnotatedImage, data_set_of_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from vitruvian.evaluation.data_set import DataSet, Place

__all__ = ["load", "read_images"]

MAX_NUMBER = 1e12  # greater ones overflow in the scores
HEAD_OF_DIAGONAL = 0.6  # MPII's evalMPII, SC_BIAS; PoseTrack has MPII's boxes of heads
HALPE_COUNTS = (3 * 26, 3 * 136)


def load(place: Place) -> DataSet:
    """Return the data set of a COCO keypoint file."""
    return data_set_of_files(read_images(place.path), place)


def read_images(path: Path) -> list[AnnotatedImage]:
    """Return the images of a COCO keypoint file, those without people included.

    PoseTrack's additions are read as well: track IDs, boxes of heads, frames that are not labelled
    and regions to ignore, which are people of a crowd.

    Raises
    ------
    SourceError
        If the file can't be read or is not of this format.
    """
    with reading(path):
        return list(_images(json_of(path)))


def _images(data: Any) -> Iterator[AnnotatedImage]:
    if not isinstance(data, dict):
        raise _error("the top level", f"must be an object, got {_kind(data)}")
    images, categories, annotations = (
        list(_objects(data, key)) for key in ("images", "categories", "annotations")
    )
    names_of = _landmark_names(categories)
    if annotations and not names_of:
        raise _error("'categories'", "none is named 'person' or has 'keypoints'")
    people: dict[Any, list[AnnotatedPose]] = {}
    for where, image in images:
        image_id = _id(image, "id", where)
        if image_id in people:
            raise _error(where, f"'id' {reprlib.repr(image_id)} is used twice")
        people[image_id] = []
    for where, annotation in annotations:
        names = names_of.get(_id(annotation, "category_id", where))
        if names is not None:
            image_id = _id(annotation, "image_id", where)
            if image_id not in people:
                raise _error(where, f"no image has its 'image_id' {reprlib.repr(image_id)}")
            person = _person(annotation, names, f"{where} of image {reprlib.repr(image_id)}")
            people[image_id].append(person)
    for where, image in images:
        yield _image(image, tuple(people[image["id"]]), where)


def _image(image: dict[str, Any], people: tuple[AnnotatedPose, ...], where: str) -> AnnotatedImage:
    name = _value(image, "file_name", where)
    if not isinstance(name, str) or not name:
        raise _error(where, "'file_name' must be the name of a file")
    wh = None
    if "width" in image:
        width, height = (_numbers(image, key, where, 1)[0] for key in ("width", "height"))
        wh = int(width), int(height)
    has_people = image.get("is_labeled") is not False
    people = (*people, *_ignored_regions(image, where)) if has_people else ()
    return AnnotatedImage(name, people, wh, _id(image, "id", where), has_people=has_people)


def _ignored_regions(image: dict[str, Any], where: str) -> Iterator[AnnotatedPose]:
    outlines = zip(
        image.get("ignore_regions_x") or (), image.get("ignore_regions_y") or (), strict=False
    )
    for x, y in outlines:
        outline = {"x": x, "y": y}
        xy = [_numbers(outline, key, where, max(2, len(outline[key]))) for key in ("x", "y")]
        box = np.array([part(values) for part in (np.min, np.max) for values in xy])
        area_px2 = float(np.prod(box[2:] - box[:2]))
        yield AnnotatedPose(np.full((17, 2), np.nan), area_px2, box, is_crowd=True)


def _landmark_names(categories: list[tuple[str, dict[str, Any]]]) -> dict[Any, Sequence[str]]:
    """Return the names of the landmarks by the ID of their category; of people only."""
    names_of: dict[Any, Sequence[str]] = {}
    for where, category in categories:
        if "keypoints" in category or category.get("name") == "person":
            names = category.get("keypoints") or COCO17.names
            if not isinstance(names, list | tuple) or not all(
                isinstance(name, str) for name in names
            ):
                raise _error(where, "'keypoints' must be a list of names")
            if not {*names} & {*COCO17.names}:
                reason = "none of its landmarks is one of COCO's 17"
                raise _error(where, f"{reason}: {', '.join(names)}")
            names_of[_id(category, "id", where)] = names
    return names_of


def _person(annotation: dict[str, Any], names: Sequence[str], where: str) -> AnnotatedPose:
    landmarks = np.full((len(COCO17), 2), np.nan)
    if annotation.get("keypoints"):
        values = _labels(annotation, names, where)
        for name, (x, y, label) in zip(names, values, strict=True):
            if label > 0 and name in COCO17.names:
                landmarks[COCO17.index(name)] = x, y
    box_xyxy, area_px2 = None, None
    if annotation.get("area"):
        area_px2 = float(_numbers(annotation, "area", where, 1)[0]) or None
    if "bbox" in annotation:
        x, y, width, height = _numbers(annotation, "bbox", where, 4).tolist()
        box_xyxy = np.array([x, y, x + width, y + height])
        area_px2 = area_px2 or similarity.AREA_OF_BOX * width * height
    elif np.isnan(landmarks).all():
        raise _error(where, "it has neither labelled 'keypoints' nor a 'bbox'")
    return AnnotatedPose(
        landmarks,
        area_px2,
        box_xyxy,
        bool(annotation.get("iscrowd")),
        id=int(_numbers(annotation, "track_id", where, 1)[0]) if "track_id" in annotation else None,
        head_px=_head_px(annotation, where),
    )


def _labels(annotation: dict[str, Any], names: Sequence[str], where: str) -> NDArray[np.float64]:
    """Return x, y and label of the named landmarks.

    Halpe has no names in its category, and more landmarks: the first 17 are COCO's.
    """
    count = 3 * len(names)
    values = annotation["keypoints"]
    if names is COCO17.names and isinstance(values, list) and len(values) in HALPE_COUNTS:
        annotation = {"keypoints": values[:count]}
    return _numbers(annotation, "keypoints", where, count).reshape(-1, 3)


def _head_px(annotation: dict[str, Any], where: str) -> float | None:
    if not annotation.get("bbox_head"):
        return None
    _, _, width, height = _numbers(annotation, "bbox_head", where, 4).tolist()
    return HEAD_OF_DIAGONAL * hypot(width, height) or None


def _objects(data: dict[str, Any], key: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return where in the file each object of a list is, and the object."""
    values = _value(data, key, "the top level")
    if not isinstance(values, list):
        raise _error(repr(key), f"must be a list, got {_kind(values)}")
    for index, value in enumerate(values):
        where = f"{key}[{index}]"
        if not isinstance(value, dict):
            raise _error(where, f"must be an object, got {_kind(value)}")
        yield where, value


def _id(item: dict[str, Any], key: str, where: str) -> int | float | str:
    value = _value(item, key, where)
    if isinstance(value, int | float | str):
        return value
    raise _error(where, f"{key!r} must be a number or a string, got {_kind(value)}")


def _numbers(item: dict[str, Any], key: str, where: str, count: int) -> NDArray[np.float64]:
    wanted = f"{key!r} must be {count} number{'s'[: count > 1]}"
    value = _value(item, key, where)
    if not isinstance(value, list if count > 1 else int | float):
        raise _error(where, f"{wanted}, got {_kind(value)}")
    try:
        values = np.asarray(value).ravel()
    except ValueError:  # lists of different lengths
        raise _error(where, f"{wanted}, got lists of different lengths") from None
    if values.size != count:
        raise _error(where, f"{wanted}, got {values.size}")
    if values.dtype.kind not in "iuf" or not (np.abs(values.astype(float)) < MAX_NUMBER).all():
        wrong = next(filterfalse(_is_number, np.asarray(value, object).ravel()))
        raise _error(where, f"{wanted} below {MAX_NUMBER:.0e}, got {reprlib.repr(wrong)}")
    return values.astype(np.float64)


def _is_number(value: object) -> bool:
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < MAX_NUMBER
    )


def _value(item: dict[str, Any], key: str, where: str) -> Any:
    if key not in item:
        raise _error(where, f"{key!r} is missing")
    return item[key]


def _kind(value: object) -> str:
    """Return the type of a value as JSON calls it."""
    kinds = {dict: "an object", list: "a list", str: "a string", type(None): "null"}
    return kinds.get(type(value), "true or false" if isinstance(value, bool) else "a number")


def _error(where: str, reason: str) -> ValueError:
    return ValueError(f"not a COCO keypoint file: {where}: {reason}")
