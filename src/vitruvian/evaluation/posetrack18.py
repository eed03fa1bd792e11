"""Reader of PoseTrack18 and PoseTrack21: a COCO-like file for each sequence, with track IDs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vitruvian.errors import SourceError
from vitruvian.evaluation._files import files_in
from vitruvian.evaluation.coco import read_images
from vitruvian.evaluation.data_set import data_set_of_files

if TYPE_CHECKING:
    from vitruvian.evaluation.data_set import DataSet, Place

__all__ = ["load"]

FPS = 25.0  # the frame rate is not in the files


def load(place: Place) -> DataSet:
    """Return the data set of ``annotations/val/*.json``, or of one such file.

    Frames that are not labelled are left out. Regions to ignore are people of a crowd.
    """
    images = []
    for path in files_in(place.path, "*.json"):
        frames = read_images(path)
        for index, image in enumerate(frames):
            if image.has_people:
                timestamp_us = round(index / FPS * 1e6)
                images.append(replace(image, sequence=path.stem, timestamp_us=timestamp_us))
    if not images:
        raise SourceError(f"can't use {str(place.path)!r}: no frame is labelled")
    return data_set_of_files(images, place)
