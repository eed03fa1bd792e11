"""Reader of Fit3D: exercises before four calibrated cameras, with counted repetitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.core.camera import Camera
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.errors import SourceError
from vitruvian.evaluation._arrays import placed
from vitruvian.evaluation._files import array_of, json_of, reading
from vitruvian.evaluation.data_set import Place, data_set_of_files
from vitruvian.evaluation.projected import annotated_clip

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vitruvian.evaluation.data_set import AnnotatedImage, DataSet

__all__ = ["load", "repetitions"]

NAME_OF_JOINT = {
    **{1: "left_hip", 2: "left_knee", 3: "left_ankle", 4: "right_hip", 5: "right_knee"},
    **{6: "right_ankle", 11: "left_shoulder", 12: "left_elbow", 13: "left_wrist"},
    **{14: "right_shoulder", 15: "right_elbow", 16: "right_wrist"},
}  # the others are no landmarks of BlazePose, or can't be told apart
NAMES = tuple(NAME_OF_JOINT.get(i, "") for i in range(25))
WH, FPS = (900, 900), 50.0


def load(place: Place) -> DataSet:
    """Return the data set of ``fit3d_train/train``, of one subject in it, or of one exercise.

    A subject is a folder with ``joints3d_25/EXERCISE.json``,
    ``camera_parameters/CAMERA/EXERCISE.json`` and ``videos/CAMERA/EXERCISE.mp4``. To evaluate one
    exercise, give its file of joints.
    """
    path = place.path
    if path.is_file():
        joints = [path]
    else:
        joints = sorted(path.glob("joints3d_25/*.json"))
        joints = joints or sorted(path.glob("*/joints3d_25/*.json"))
    if not joints:
        raise SourceError(f"can't read {str(path)!r}: it has no joints3d_25/*.json")
    root = joints[0].absolute().parents[2]
    n_frames: dict[str, int] = {}
    images = [image for file in joints for image in _frames(file, root, place.every, n_frames)]
    return data_set_of_files(images, Place(path, place.images or root), n_frames)


def repetitions(subject: Path) -> dict[str, list[tuple[int, int]]]:
    """Return the first and last frame of each repetition by exercise, from ``rep_ann.json``."""
    path = subject / "rep_ann.json"
    with reading(path):
        marks = json_of(path)
        if not isinstance(marks, dict):
            raise ValueError("the top level must be an object")
        frames = {
            name: array_of(values, (-1,), f"{name!r}").astype(int) for name, values in marks.items()
        }
    return {
        name: list(zip(values[:-1].tolist(), values[1:].tolist(), strict=True))
        for name, values in frames.items()
    }


def _frames(
    path: Path, root: Path, every: int, n_frames: dict[str, int]
) -> Iterator[AnnotatedImage]:
    """Yield each such frame of an exercise, of each camera, and note how many there are."""
    subject = path.absolute().parents[1]
    with reading(path):
        data = json_of(path)
        values = data.get("joints3d_25") if isinstance(data, dict) else None
        joints = placed(array_of(values, (-1, 25, 3), "'joints3d_25'"), NAMES, BLAZEPOSE)
    for file in sorted(subject.glob(f"camera_parameters/*/{path.name}")):
        with reading(file):
            camera = _camera(json_of(file))
        name = f"{subject.relative_to(root)}/videos/{file.parent.name}/{path.stem}.mp4"
        n_frames[name] = len(joints)
        yield from annotated_clip(name, joints, camera, fps=FPS, every=every)


def _camera(data: Any) -> Camera:
    try:
        lens, place = data["intrinsics_w_distortion"], data["extrinsics"]
        values = [lens[name] for name in ("f", "c", "k", "p")] + [place["R"], place["T"]]
    except (KeyError, TypeError) as err:
        raise ValueError(f"not a camera of Fit3D: {err} is missing") from err
    f, c, k, p, rotation, position = (np.asarray(value, np.float64).squeeze() for value in values)
    if (f.shape, c.shape, k.shape, p.shape) != ((2,), (2,), (3,), (2,)):
        raise ValueError("not a camera of Fit3D: f, c, k or p has another length")
    rotation = array_of(rotation, (3, 3), "'R'")  # X_camera = R (X - T)
    return Camera(
        wh=WH,
        matrix=np.array([[f[0], 0, c[0]], [0, f[1], c[1]], [0, 0, 1]]),
        distortions=np.array([*k[:2], *p, k[2]]),
        rotation=rotation,
        translation=-rotation @ array_of(position, (3,), "'T'"),
    )
