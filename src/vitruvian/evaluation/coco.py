"""Reader of COCO keypoint files: the people of each image."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.core.skeleton import COCO17
from vitruvian.errors import SourceError
from vitruvian.evaluation.average_precision import AnnotatedPose
from vitruvian.evaluation.data_set import AnnotatedImage
from vitruvian.evaluation.landmarks import AREA_OF_BOX

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["read_images"]


def read_images(path: Path) -> list[AnnotatedImage]:
    """Return the images of a COCO keypoint file, those without people included.

    Raises
    ------
    SourceError
        If the file can't be read or is not of this format.
    """
    try:
        data = json.loads(path.read_bytes())
    except OSError as err:
        raise SourceError(f"can't read {str(path)!r}: {err.strerror}") from err
    except (RecursionError, ValueError) as err:
        raise SourceError(f"can't read {str(path)!r}: not JSON: {err}") from err
    try:
        return list(_images(data))
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as err:
        reason = f"{err} is not there" if isinstance(err, KeyError) else str(err)
        raise SourceError(f"can't read {str(path)!r}: not a COCO keypoint file: {reason}") from err


def _images(data: dict[str, Any]) -> Iterator[AnnotatedImage]:
    names_of = {
        category["id"]: category.get("keypoints") or COCO17.names
        for category in data["categories"]
        if "keypoints" in category or category.get("name") == "person"
    }
    for names in names_of.values():
        if not {*names} & {*COCO17.names}:
            raise ValueError(f"none of its landmarks is one of COCO's 17: {', '.join(names)}")
    people: dict[Any, list[AnnotatedPose]] = {image["id"]: [] for image in data["images"]}
    for annotation in data["annotations"]:
        names = names_of.get(annotation["category_id"])
        if names is not None:
            people[annotation["image_id"]].append(_person(annotation, names))
    for image in data["images"]:
        wh = (int(image["width"]), int(image["height"])) if "width" in image else None
        yield AnnotatedImage(str(image["file_name"]), tuple(people[image["id"]]), wh)


def _person(annotation: dict[str, Any], names: Sequence[str]) -> AnnotatedPose:
    values = np.asarray(annotation.get("keypoints") or [], np.float64).reshape(-1, 3)
    if len(values) not in (0, len(names)):
        raise ValueError(f"{len(names)} landmarks have names, an annotation has {len(values)}")
    landmarks = np.full((len(COCO17), 2), np.nan)
    for name, (x, y, label) in zip(names, values, strict=False):
        if label > 0 and name in COCO17.names:
            landmarks[COCO17.index(name)] = x, y
    box_xyxy, area_px2 = None, float(annotation.get("area") or 0) or None
    if "bbox" in annotation:
        x, y, width, height = map(float, annotation["bbox"])
        box_xyxy = np.array([x, y, x + width, y + height])
        area_px2 = area_px2 or AREA_OF_BOX * width * height
    return AnnotatedPose(landmarks, area_px2, box_xyxy, bool(annotation.get("iscrowd")))
