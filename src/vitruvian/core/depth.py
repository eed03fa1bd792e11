"""Depth: what a depth camera measured together with a frame."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.core._arrays import ArrayValue, frozen_floats, read_only, whole_number
from vitruvian.core.skeleton import BLAZEPOSE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Self

    from numpy.typing import NDArray

    from vitruvian.core.camera import Camera

__all__ = ["DepthImage", "LandmarkDepths", "MeasuredPosition"]


@dataclass(frozen=True, slots=True, eq=False)
class DepthImage(ArrayValue):
    """The depth of each pixel, aligned with the colour image of a frame.

    It may come from any depth camera. Its size may differ from that of the frame if it shows the
    same field of view.

    Attributes
    ----------
    values : (H, W) uint16 or float array
        Depth along the optical axis; 0, NaN and infinity where it is not known. A read-only view of
        the given array, for speed: do not write to that array while the image is used.
    camera : Camera
        Intrinsics of `values`; its size is (W, H). Its rotation and translation are not used.
    unit_m : float
        Metres in one unit of `values`: 0.001 for mm.

    Raises
    ------
    TypeError
        If `values` are of another type.
    ValueError
        If `values` are not two-dimensional or of another size than the camera, or the unit is not
        positive.
    """

    values: NDArray[Any]
    camera: Camera
    unit_m: float = 0.001

    def __post_init__(self) -> None:
        values = np.asarray(self.values)
        if values.dtype != np.uint16 and not np.issubdtype(values.dtype, np.floating):
            raise TypeError(f"values must be uint16 or float, got {values.dtype}")
        if values.ndim != 2 or values.shape[::-1] != tuple(self.camera.wh):
            raise ValueError(
                f"values must have the size of the camera, {self.camera.wh} px, "
                f"got shape {values.shape}"
            )
        if not (math.isfinite(self.unit_m) and self.unit_m > 0):
            raise ValueError(f"unit_m must be positive, got {self.unit_m!r}")
        object.__setattr__(self, "values", read_only(values.view()))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LandmarkDepths(ArrayValue):
    """Depths that a camera measured itself at the landmarks of the only person in a frame.

    Attributes
    ----------
    depths_m : (33,) float32 array
        Depth of the surface at each landmark; NaN where it was not measured.
    camera : Camera
        Intrinsics of the frame.
    reference : str or None
        The point that `Pose.camera_xyz` gives: "mid_hips", "mid_shoulders", or None.
    reference_m : float
        Depth of the surface at that point; NaN if it was not measured.
    zone_xyxy : (int, int, int, int) or None
        Left, top, right and bottom, image px, of the zone in which it was measured.
    """

    depths_m: NDArray[np.float32]
    camera: Camera
    reference: str | None = None
    reference_m: float = math.nan
    zone_xyxy: tuple[int, int, int, int] | None = None

    def __post_init__(self) -> None:
        depths = frozen_floats(self.depths_m, (len(BLAZEPOSE),), "depths_m")
        object.__setattr__(self, "depths_m", depths)


@dataclass(frozen=True, slots=True)
class MeasuredPosition:
    """Where a depth camera measured a person.

    All positions are in camera space, m: x right, y down, z away from the camera.

    Attributes
    ----------
    xyz_m : (float, float, float)
        Position of the reference: a point inside the body, the same as in `Pose.camera`.
    reference : str
        Which point it is: "mid_hips" or "mid_shoulders".
    zone_xyxy : (int, int, int, int)
        Left, top, right and bottom, image px, of the zone in which the depth was measured.
    surface_xyz_m : (float, float, float)
        The point on the surface of the body that was measured there, 7 to 20 cm nearer, low-pass
        filtered over time as in depthai_blazepose, whose `Body.xyz` it is. By default `xyz_m`.
    """

    xyz_m: tuple[float, float, float]
    reference: str
    zone_xyxy: tuple[int, int, int, int]
    surface_xyz_m: tuple[float, float, float] | None = None

    def __post_init__(self) -> None:
        if self.surface_xyz_m is None:
            object.__setattr__(self, "surface_xyz_m", self.xyz_m)

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists and numbers that JSON keeps exactly."""
        return {
            "camera_xyz": list(self.xyz_m),
            "xyz_ref": self.reference,
            "xyz_zone": list(self.zone_xyxy),
            "xyz_surface": list(self.surface_xyz_m or self.xyz_m),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self | None:
        """Return the position whose `to_dict` is part of `data`; None if it is not."""
        if data.get("camera_xyz") is None:
            return None
        left, top, right, bottom = (whole_number(side, "xyz_zone") for side in data["xyz_zone"])
        surface = data.get("xyz_surface")
        return cls(
            xyz_m=_point(data["camera_xyz"]),
            reference=str(data["xyz_ref"]),
            zone_xyxy=(left, top, right, bottom),
            surface_xyz_m=None if surface is None else _point(surface),
        )


def _point(values: Iterable[float]) -> tuple[float, float, float]:
    x, y, z = map(float, values)
    return x, y, z
