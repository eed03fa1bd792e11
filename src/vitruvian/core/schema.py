"""The schema of a landmark: one row for each quantity that a pose has of its landmarks.

From this table follow the arrays of `Pose` and `PoseSequence`, their JSON form, the columns of CSV
and Parquet, the arrays of NPZ, and how a quantity changes when the image is rotated by 90°.
To add a quantity, add a row here and a typed field in `Pose` and `PoseSequence`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from vitruvian.core.skeleton import BLAZEPOSE

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "FORMAT_VERSION",
    "OPTIONAL",
    "QUANTITIES",
    "REQUIRED",
    "Quantity",
    "columns_of",
    "list_columns_of",
]

FORMAT_VERSION = 2
"""Version of the files. It changes when older readers can't read a file; a new optional quantity
does not change it."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """One quantity of the landmarks: an array with a row for each landmark.

    Attributes
    ----------
    name : str
        Field of `Pose` and `PoseSequence`, key in JSON, array in NPZ.
    doc : str
        Short description.
    axes : tuple of str
        Names of the components of a row; empty for one number a landmark.
    unit : str
        "px", "m", or "" for a probability.
    space : str or None
        "image", "world" (origin mid-hips) or "camera" (origin at the camera); None without axes.
    prefix : str
        Before the axis in the name of a column: columns ``nose_world_x`` and ``world_x`` have the
        prefix "world_".
    rotation : str or None
        What a rotation of the image changes: "image points" turn about the image, "vectors" about
        their origin, None nothing.
    smoothing : str or None
        Which filter of `PoseSmoother` smooths it; None for none.
    is_optional : bool
        Whether a pose, and so a file, may lack it.
    dtype : NumPy type
    """

    name: str
    doc: str
    axes: tuple[str, ...] = ()
    unit: Literal["px", "m", ""] = ""
    space: Literal["image", "world", "camera"] | None = None
    prefix: str = ""
    rotation: Literal["image points", "vectors"] | None = None
    smoothing: Literal["image", "world", "visibility"] | None = None
    is_optional: bool = False
    dtype: type[np.float32] = np.float32

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array of one pose."""
        return (len(BLAZEPOSE), len(self.axes)) if self.axes else (len(BLAZEPOSE),)

    @property
    def suffixes(self) -> tuple[str, ...]:
        """What the names of its columns end with, after the landmark."""
        return tuple(f"{self.prefix}{axis}" for axis in self.axes) or (self.name,)


_XYZ = ("x", "y", "z")
QUANTITIES = (
    Quantity(
        "landmarks", "position in the image; z in the scale of x, 0 at the middle of the hips",
        axes=_XYZ, unit="px", space="image", rotation="image points", smoothing="image",
    ),
    Quantity(
        "visibility", "probability that it is in the image and not occluded", smoothing="visibility"
    ),
    Quantity("presence", "probability that it is in the image"),
    Quantity(
        "world", "position from the middle of the hips",
        axes=_XYZ, unit="m", space="world", prefix="world_", rotation="vectors", smoothing="world",
    ),
    Quantity(
        "camera", "position from the camera",
        axes=_XYZ, unit="m", space="camera", prefix="camera_", rotation="vectors",
        is_optional=True,
    ),
    Quantity(
        "spread_px", "spread of the heat map around it: its uncertainty", unit="px",
        is_optional=True,
    ),
)  # fmt: skip
"""Every quantity, in the order of columns."""

REQUIRED = tuple(q for q in QUANTITIES if not q.is_optional)
"""The quantities that every pose has."""

OPTIONAL = tuple(q for q in QUANTITIES if q.is_optional)
"""The quantities that are None where a pose lacks them."""


def columns_of(quantities: Iterable[Quantity]) -> tuple[str, ...]:
    """Return the names of table columns: those of the first landmark, of the second, and so on.

    Examples
    --------
    >>> columns_of(REQUIRED)[:4]
    ('nose_x', 'nose_y', 'nose_z', 'nose_visibility')
    """
    suffixes = list_columns_of(quantities)
    return tuple(f"{name}_{suffix}" for name in BLAZEPOSE.names for suffix in suffixes)


def list_columns_of(quantities: Iterable[Quantity]) -> tuple[str, ...]:
    """Return the names of table columns whose cells are lists, one number for each landmark.

    Examples
    --------
    >>> list_columns_of(REQUIRED)[:4]
    ('x', 'y', 'z', 'visibility')
    """
    return tuple(suffix for quantity in quantities for suffix in quantity.suffixes)
