"""Reader of Yoga-82: images with the class of the pose, without landmarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitruvian.evaluation._files import reading
from vitruvian.evaluation.data_set import AnnotatedImage, data_set_of_files

if TYPE_CHECKING:
    from vitruvian.evaluation.data_set import DataSet, Place

__all__ = ["load"]


def load(place: Place) -> DataSet:
    """Return the data set of ``yoga_test.txt``; its images are where you fetched them.

    A line is ``CLASS/NAME.jpg,6,20,82``: the name of the file, and the numbers of the class in
    the three hierarchies. The label of an image is the folder, which is one of the 82 classes.
    """
    images = []
    with reading(place.path):
        for number, line in enumerate(place.path.read_text("utf-8").splitlines(), 1):
            if not line.strip():
                continue
            name, *classes = line.strip().rsplit(",", 3)
            if len(classes) != 3 or not all(one.strip().isdecimal() for one in classes):
                raise ValueError(f"line {number} must be NAME,CLASS6,CLASS20,CLASS82, got {line!r}")
            label = name.rpartition("/")[0] or classes[-1].strip()
            images.append(AnnotatedImage(name, (), label=label, has_people=False))
    return data_set_of_files(images, place)
