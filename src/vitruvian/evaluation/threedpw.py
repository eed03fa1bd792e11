"""Reader of 3DPW: people outdoors, a moving camera, joints of SMPL in metres."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitruvian.core.camera import Camera
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.evaluation._arrays import placed
from vitruvian.evaluation._files import array_of, files_in, reading
from vitruvian.evaluation._pickles import pickle_of
from vitruvian.evaluation.data_set import data_set_of_files
from vitruvian.evaluation.projected import annotated_frame

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.evaluation.data_set import AnnotatedImage, DataSet, Place

__all__ = ["load"]

NAME_OF_SMPL = {
    **{1: "left_hip", 2: "right_hip", 4: "left_knee", 5: "right_knee"},
    **{7: "left_ankle", 8: "right_ankle", 16: "left_shoulder", 17: "right_shoulder"},
    **{18: "left_elbow", 19: "right_elbow", 20: "left_wrist", 21: "right_wrist"},
}
NAMES = tuple(NAME_OF_SMPL.get(i, "") for i in range(24))
FPS = 30.0


def load(place: Place) -> DataSet:
    """Return the data set of ``sequenceFiles/test/*.pkl``, or of one file, with ``imageFiles/``.

    The pickles are read without running their code. People in a frame whose camera pose is not
    valid are left out, and the frame with them. The truth in the image is that of the joints in
    space, projected.
    """
    images: list[AnnotatedImage] = []
    for path in files_in(place.path, "*.pkl"):
        with reading(path):
            images += _frames(path)
    found = place
    if place.images is None:  # imageFiles is beside sequenceFiles, above its parts
        for above in place.path.absolute().parents:
            if (above / "imageFiles").is_dir():
                found = type(place)(place.path, above / "imageFiles")
                break
    return data_set_of_files(images, found)


def _frames(path: Path) -> Iterator[AnnotatedImage]:
    data = pickle_of(path.read_bytes())
    if not isinstance(data, dict):
        raise ValueError("not 3DPW: the top level must be a dictionary")
    for key in ("sequence", "jointPositions", "cam_poses", "cam_intrinsics", "campose_valid"):
        if key not in data:
            raise ValueError(f"not 3DPW: {key!r} is missing")
    matrix = array_of(data["cam_intrinsics"], (3, 3), "'cam_intrinsics'")
    poses = array_of(data["cam_poses"], (-1, 4, 4), "'cam_poses'")
    wh = round(2 * matrix[0, 2]), round(2 * matrix[1, 2])  # a principal point is near the middle
    people = [
        placed(_joints(joints, len(poses)), NAMES, BLAZEPOSE) for joints in data["jointPositions"]
    ]
    valid = [array_of(flags, (len(poses),), "'campose_valid'") for flags in data["campose_valid"]]
    if len(valid) != len(people):
        raise ValueError(f"not 3DPW: {len(people)} people, but {len(valid)} in 'campose_valid'")
    for frame, pose in enumerate(poses):
        camera = Camera(wh=wh, matrix=matrix, rotation=pose[:3, :3], translation=pose[:3, 3])
        seen = [who for who in range(len(people)) if valid[who][frame] > 0]
        if len(seen) < len(people):
            continue  # a pose of the person without truth would count as false
        yield annotated_frame(
            f"{data['sequence']}/image_{frame:05d}.jpg",
            {who: people[who][frame] for who in seen},
            camera,
            sequence=str(data["sequence"]),
            timestamp_us=round(frame / FPS * 1e6),
        )


def _joints(value: Any, n_frames: int) -> NDArray[np.float64]:
    return array_of(value, (n_frames, 72), "'jointPositions'").reshape(n_frames, 24, 3)
