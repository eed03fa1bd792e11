"""Lists of landmarks from arrays; MediaPipe has no such module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitruvian.compat.mediapipe.framework.formats.landmark_pb2 import (
    Landmark,
    LandmarkList,
    NormalizedLandmark,
    NormalizedLandmarkList,
)
from vitruvian.compat.protobuf.repeated import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

__all__ = ["landmark_list", "normalized_landmark_list"]


def normalized_landmark_list(
    landmarks: npt.ArrayLike,
    visibility: npt.ArrayLike | None = None,
    presence: npt.ArrayLike | None = None,
) -> NormalizedLandmarkList:
    """Return a list whose landmarks are made from arrays when one of them is asked for.

    Parameters
    ----------
    landmarks : array_like, shape (n, 3)
        x, y and z in the units of `NormalizedLandmark`.
    visibility, presence : array_like, shape (n,), optional
        Without them, the field is not set.
    """
    message = NormalizedLandmarkList()
    columns = _columns(landmarks, visibility, presence)
    message.__dict__["landmark"] = table(NormalizedLandmark, *columns)
    return message


def landmark_list(
    landmarks: npt.ArrayLike,
    visibility: npt.ArrayLike | None = None,
    presence: npt.ArrayLike | None = None,
) -> LandmarkList:
    """Return a list of landmarks in metres; as `normalized_landmark_list` else."""
    message = LandmarkList()
    message.__dict__["landmark"] = table(Landmark, *_columns(landmarks, visibility, presence))
    return message


def _columns(
    landmarks: npt.ArrayLike, visibility: npt.ArrayLike | None, presence: npt.ArrayLike | None
) -> tuple[list[str], list[Sequence[float]]]:
    names = ["x", "y", "z"]
    columns: list[Sequence[float]] = np.asarray(landmarks, np.float32).T.tolist()
    for name, values in (("visibility", visibility), ("presence", presence)):
        if values is not None:
            names.append(name)
            columns.append(np.asarray(values, np.float32).tolist())
    return names, columns
