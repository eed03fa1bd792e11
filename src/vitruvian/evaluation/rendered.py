"""Reader of the rendered sets: yoga, dance and interval training, with exact truth."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.camera import Camera
from vitruvian.evaluation.data_set import AnnotatedImage, DataSet
from vitruvian.evaluation.projected import annotated_frame
from vitruvian.synthetic.pose_sets import pose_set

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.evaluation.data_set import Place
    from vitruvian.synthetic.pose_sets import RenderedPose

__all__ = ["load"]

N_IMAGES = 240


def load(place: Place) -> DataSet:
    """Return the set "yoga", "dance" or "hiit" of 240 images, rendered when they are read.

    Landmarks outside the image are not labelled; occluded ones are.
    """
    images = {image.name: image for image in pose_set(str(place.path), N_IMAGES)}

    def read(image: AnnotatedImage) -> NDArray[np.uint8]:
        return images[image.name].render().image

    return DataSet(tuple(_annotated(i, image) for i, image in enumerate(images.values())), read)


def _annotated(number: int, image: RenderedPose) -> AnnotatedImage:
    width, height = image.wh
    seen = image.scene.camera
    focal_px = seen.focal_px(image.wh)
    matrix = [[focal_px, 0, (width - 1) / 2], [0, focal_px, (height - 1) / 2], [0, 0, 1]]
    rotation = seen.axes
    camera = Camera(
        wh=image.wh,
        matrix=np.array(matrix),
        rotation=rotation,
        translation=-rotation @ np.array(seen.position),
    )
    (person,) = image.scene.people
    truth = annotated_frame(image.name, {0: person.body(0.0).landmarks}, camera, knows_wh=True)
    people = []
    for pose in truth.people:
        points = pose.landmarks
        last = np.subtract(image.wh, 1)
        is_inside: NDArray[np.bool_] = np.all((points >= 0) & (points <= last), axis=1)
        landmarks = np.where(is_inside[:, None], points, np.nan)
        people.append(replace(pose, landmarks=landmarks, area_px2=None, id=None))
    label = image.name.split(maxsplit=1)[1]
    return replace(truth, people=tuple(people), id=number, label=label)
