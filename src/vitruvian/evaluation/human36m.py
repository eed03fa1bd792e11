"""Reader of Human3.6M, in the files of mmpose (images) and of VideoPose3D (videos)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.core.camera import Camera
from vitruvian.core.skeleton import BLAZEPOSE, COCO17
from vitruvian.evaluation._arrays import placed
from vitruvian.evaluation._files import array_of, npz_of, reading
from vitruvian.evaluation._pickles import pickle_of
from vitruvian.evaluation.average_precision import AnnotatedPose
from vitruvian.evaluation.data_set import AnnotatedImage, data_set_of_files
from vitruvian.evaluation.projected import annotated_clip

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vitruvian.evaluation.data_set import DataSet, Place

__all__ = ["load"]

NAMES = (  # of the 17 joints that move
    *("pelvis", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle"),
    *("spine", "thorax", "neck", "head_top", "left_shoulder", "left_elbow", "left_wrist"),
    *("right_shoulder", "right_elbow", "right_wrist"),
)
MOVING = [0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 15, 17, 18, 19, 25, 26, 27]  # of the 32 joints
TEST_SUBJECTS = ("S9", "S11")
FPS = 50.0


def load(place: Place) -> DataSet:
    """Return the data set of an ``.npz`` file.

    ``h36m_test.npz`` of mmpose names ``images/``; ``data_3d_h36m.npz`` of VideoPose3D needs
    ``cameras.pkl`` of mmpose beside it or above it, and videos such as
    ``S9/Videos/Directions 1.54138969.mp4``. Of the latter the subjects of the test are used.
    """
    path = place.path
    with reading(path):
        data = npz_of(path)
        if "positions_3d" in data:
            positions = np.asarray(data["positions_3d"], object)
            subjects = positions.item() if positions.size == 1 else None
            if not isinstance(subjects, dict):
                raise ValueError("not VideoPose3D's: 'positions_3d' must be a dictionary")
            cameras = _cameras(path)
            if not cameras:
                raise ValueError("it needs the cameras: there is no 'cameras.pkl' beside it")
            n_frames: dict[str, int] = {}
            videos = list(_videos(subjects, cameras, place.every, n_frames))
            return data_set_of_files(videos, place, n_frames)
        if not {"imgname", "part", "S"} <= data.keys():
            raise ValueError(
                "not Human3.6M: it needs 'imgname', 'part' and 'S' (mmpose), or 'positions_3d' "
                f"(VideoPose3D); it has {sorted(data)}"
            )
        n = len(data["imgname"])
        image = array_of(data["part"], (n, 17, 3), "'part'")[..., :2]
        space = array_of(data["S"], (n, 17, 4), "'S'")[..., :3]
        names = [str(name) for name in data["imgname"]]
    landmarks, camera = placed(image, NAMES, COCO17), placed(space, NAMES, BLAZEPOSE)
    cameras = _cameras(path)
    return data_set_of_files(
        [
            AnnotatedImage(
                name,
                (AnnotatedPose(landmarks[i], camera=camera[i], id=0),),
                sequence=_sequence(name),
                timestamp_us=_timestamp_us(name),
                camera=cameras.get((name.partition("/")[0], _sequence(name).rpartition(".")[2])),
            )
            for i, name in enumerate(names)
        ],
        place,
    )


def _sequence(name: str) -> str:
    return name.rpartition("/")[0]  # S9/S9_Directions.54138969


def _timestamp_us(name: str) -> int:
    number = name.rpartition("_")[2].partition(".")[0]  # S9_Directions.54138969_000001.jpg
    return round((int(number) - 1) / FPS * 1e6) if number.isdecimal() and int(number) else 0


def _videos(
    subjects: dict[str, Any],
    cameras: dict[tuple[str, str], Camera],
    every: int,
    n_frames: dict[str, int],
) -> Iterator[AnnotatedImage]:
    """Yield each such frame of the test subjects, and note how many there are."""
    for subject in TEST_SUBJECTS:
        for action, value in subjects.get(subject, {}).items():
            points = array_of(value, (-1, 32, 3), f"{subject} {action!r}")[:, MOVING]
            joints = placed(points, NAMES, BLAZEPOSE)
            for (who, number), camera in cameras.items():
                name = f"{subject}/Videos/{action}.{number}.mp4"
                if who != subject:
                    continue
                n_frames[name] = len(joints)
                yield from annotated_clip(name, joints, camera, fps=FPS, every=every, knows_wh=True)


def _cameras(path: Path) -> dict[tuple[str, str], Camera]:
    """Return mmpose's cameras by subject and number; none if there is no file of them."""
    for file in (folder / "cameras.pkl" for folder in path.absolute().parents[:2]):
        if file.is_file():
            with reading(file):
                data = pickle_of(file.read_bytes())
                if not isinstance(data, dict):
                    raise ValueError("not mmpose's cameras: the top level must be a dictionary")
                return {
                    (str(who), str(number)): _camera(values)
                    for (who, number), values in data.items()
                }
    return {}


def _camera(values: dict[str, Any]) -> Camera:
    if not {"R", "T", "f", "c", "k", "p", "w", "h"} <= values.keys():
        raise ValueError("not mmpose's cameras: R, T, f, c, k, p, w or h is missing")
    (fx,), (fy,) = array_of(values["f"], (2, 1), "'f'")
    (cx,), (cy,) = array_of(values["c"], (2, 1), "'c'")
    k, p = (np.ravel(values[name]).astype(np.float64) for name in ("k", "p"))
    rotation = array_of(values["R"], (3, 3), "'R'").T  # the file has that from camera to world
    return Camera(
        wh=(int(values["w"]), int(values["h"])),
        matrix=np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]]),
        distortions=np.array([*k[:2], *p[:2], k[2]]),
        rotation=rotation,
        translation=-rotation @ array_of(values["T"], (3, 1), "'T'")[:, 0],
    )
