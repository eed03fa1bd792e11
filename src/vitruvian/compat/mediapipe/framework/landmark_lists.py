"""Lists of landmarks from arrays; MediaPipe has no such module."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.compat.mediapipe.framework.formats.landmark_pb2 import (
    LandmarkList,
    NormalizedLandmarkList,
)

if TYPE_CHECKING:
    import numpy.typing as npt
    from numpy.typing import NDArray

__all__ = ["landmark_list", "normalized_landmark_list"]

BYTES, FIXED32 = 2, 5  # wire types: the low three bits of a tag; protobuf.dev, "Encoding"


def normalized_landmark_list(
    landmarks: npt.ArrayLike,
    visibility: npt.ArrayLike | None = None,
    presence: npt.ArrayLike | None = None,
) -> NormalizedLandmarkList:
    """Return the message of the landmarks in arrays.

    Parameters
    ----------
    landmarks : array_like, shape (n, 3)
        x, y and z in the units of `NormalizedLandmark`.
    visibility, presence : array_like, shape (n,), optional
        Without them, the field is not set.
    """
    message: NormalizedLandmarkList = NormalizedLandmarkList.FromString(
        _wire_format(landmarks, visibility, presence)
    )
    return message


def landmark_list(
    landmarks: npt.ArrayLike,
    visibility: npt.ArrayLike | None = None,
    presence: npt.ArrayLike | None = None,
) -> LandmarkList:
    """Return the message of landmarks in metres; otherwise as `normalized_landmark_list`."""
    message: LandmarkList = LandmarkList.FromString(_wire_format(landmarks, visibility, presence))
    return message


def _wire_format(
    landmarks: npt.ArrayLike, visibility: npt.ArrayLike | None, presence: npt.ArrayLike | None
) -> bytes:
    """Return a list as protobuf serializes it, which is faster than adding 33 messages."""
    extra = {4: visibility, 5: presence}
    given = {number: values for number, values in extra.items() if values is not None}
    rows = _rows(np.shape(landmarks)[0], (1, 2, 3, *given)).copy()
    values = rows["fields"]["value"]
    values[:, :3] = landmarks
    for column, scores in enumerate(given.values(), start=3):
        values[:, column] = scores
    return rows.tobytes()


@lru_cache(maxsize=8)
def _rows(count: int, numbers: tuple[int, ...]) -> NDArray[np.void]:
    """Return the serialized landmarks of a list with the value 0 in the fields of these numbers."""
    field = np.dtype([("tag", np.uint8), ("value", "<f4")])
    row = np.dtype([("tag", np.uint8), ("size", np.uint8), ("fields", field, len(numbers))])
    rows = np.zeros(count, row)
    rows["tag"] = 1 << 3 | BYTES
    rows["size"] = row["fields"].itemsize
    rows["fields"]["tag"] = [number << 3 | FIXED32 for number in numbers]
    return rows
