"""Reader of MPII Human Pose, in the JSON files of mmpose and HRNet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.core.skeleton import COCO17
from vitruvian.errors import SourceError
from vitruvian.evaluation._arrays import placed
from vitruvian.evaluation._files import array_of, json_of, mat_of, reading
from vitruvian.evaluation.average_precision import AnnotatedPose
from vitruvian.evaluation.data_set import AnnotatedImage, data_set_of_files

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from vitruvian.evaluation.data_set import DataSet, Place

__all__ = ["load"]

NAMES = (
    *("right_ankle", "right_knee", "right_hip", "left_hip", "left_knee", "left_ankle"),
    *("pelvis", "thorax", "upper_neck", "head_top", "right_wrist", "right_elbow"),
    *("right_shoulder", "left_shoulder", "left_elbow", "left_wrist"),
)
HEAD_OF_DIAGONAL = 0.6  # MPII's evalMPII, SC_BIAS
BOX_PX = 200.0  # `scale` 1 is a box of this height


def load(place: Place) -> DataSet:
    """Return the data set of ``mpii_val.json`` with ``images/``.

    The lengths of the heads are read from ``mpii_gt_val.mat`` beside it, if that is there. People
    who are not in the file are not annotated, so poses of them count as false.
    """
    path = place.path
    with reading(path):
        items = json_of(path)
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise ValueError("not MPII: the top level must be a list of objects")
        heads_px = _heads_px(path, len(items))
        people: dict[str, list[AnnotatedPose]] = {}
        for index, item in enumerate(items):
            name = item.get("image")
            if not isinstance(name, str) or not name:
                raise ValueError(f"not MPII: [{index}]: 'image' must be the name of a file")
            head_px = None if heads_px is None else float(heads_px[index])
            people.setdefault(name, []).append(_person(item, f"not MPII: [{index}]", head_px))
    return data_set_of_files(
        [AnnotatedImage(name, tuple(poses)) for name, poses in people.items()], place
    )


def _person(item: dict[str, Any], where: str, head_px: float | None) -> AnnotatedPose:
    points = array_of(item.get("joints"), (len(NAMES), 2), f"{where}: 'joints'") - 1  # MATLAB's 1
    labels = array_of(item.get("joints_vis"), (len(NAMES),), f"{where}: 'joints_vis'")
    points[labels <= 0] = np.nan
    centre = array_of(item.get("center"), (2,), f"{where}: 'center'") - 1
    half = BOX_PX * float(array_of(item.get("scale"), (), f"{where}: 'scale'")) / 2
    box = np.concatenate([centre - half, centre + half])
    landmarks = placed(points, NAMES, COCO17)
    known = landmarks[np.isfinite(landmarks).all(axis=1)]
    if len(known) > 1:  # tighter than the box of the scale, which has a margin
        box = np.concatenate([known.min(axis=0), known.max(axis=0)])
        return AnnotatedPose(landmarks, None, box, head_px=head_px)
    return AnnotatedPose(landmarks, 4 * half * half, box, head_px=head_px)


def _heads_px(path: Path, n_people: int) -> NDArray[np.float64] | None:
    stem = path.stem.removeprefix("mpii_")
    for name in (f"mpii_gt_{stem}.mat", f"gt_{stem}.mat"):
        mat = path.with_name(name)
        if mat.is_file():
            with reading(mat):
                boxes = array_of(mat_of(mat, "headboxes_src"), (2, 2, -1), "'headboxes_src'")
            if boxes.shape[2] != n_people:
                raise SourceError(
                    f"can't use {str(mat)!r}: it has {boxes.shape[2]} heads, "
                    f"{path.name!r} {n_people} people"
                )
            diagonals = np.linalg.norm(boxes[1] - boxes[0], axis=0)
            return np.asarray(HEAD_OF_DIAGONAL * diagonals)
    return None
