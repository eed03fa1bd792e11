"""Reader of Leeds Sports Pose (LSP) and its extended set (LSPET)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.skeleton import COCO17
from vitruvian.evaluation._arrays import placed
from vitruvian.evaluation._files import mat_of, reading
from vitruvian.evaluation.average_precision import AnnotatedPose
from vitruvian.evaluation.data_set import AnnotatedImage, data_set_of_files

if TYPE_CHECKING:
    from vitruvian.evaluation.data_set import DataSet, Place

__all__ = ["load"]

NAMES = (
    *("right_ankle", "right_knee", "right_hip", "left_hip", "left_knee", "left_ankle"),
    *("right_wrist", "right_elbow", "right_shoulder", "left_shoulder", "left_elbow", "left_wrist"),
    *("neck", "head_top"),
)
N_LSP, N_TRAINING = 2000, 1000


def load(place: Place) -> DataSet:
    """Return the data set of ``joints.mat`` with ``images/im0001.jpg``, or ``im00001.jpg``.

    The array `joints` is (3, 14, N) in LSP, where its third row is 1 for an occluded joint, and
    (14, 3, N) in LSPET, where it is 0 for one that is not labelled. Of LSP's 2000 images the last
    1000 are used: those of the test.
    """
    path = place.path / "joints.mat" if place.path.is_dir() else place.path
    with reading(path):
        joints = np.asarray(mat_of(path, "joints"))
        is_lsp = joints.ndim == 3 and joints.shape[:2] == (3, 14)
        if not is_lsp and (joints.ndim != 3 or joints.shape[:2] != (14, 3)):
            raise ValueError(
                f"'joints' must have shape (3, 14, N) or (14, 3, N), got {joints.shape}"
            )
        values = joints.astype(np.float64)
    points = values.transpose(2, 1, 0) if is_lsp else values.transpose(2, 0, 1)  # (N, 14, 3)
    positions = points[..., :2].copy()
    if not is_lsp:
        positions[points[..., 2] <= 0] = np.nan
    landmarks = placed(positions, NAMES, COCO17)
    begin = N_TRAINING if is_lsp and len(points) == N_LSP else 0
    digits = 4 if is_lsp else 5
    images = [
        AnnotatedImage(f"im{i + 1:0{digits}d}.jpg", (AnnotatedPose(landmarks[i]),), id=i + 1)
        for i in range(begin, len(points))
        if np.isfinite(landmarks[i]).all(axis=1).any()
    ]
    return data_set_of_files(images, place)
