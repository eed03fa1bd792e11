"""Which camera took the frames: from a calibration, a focal length, a field of view, metadata."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitruvian.core.camera import Camera
from vitruvian.lift.body_scale import checked_height

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitruvian.core.provenance import Provenance

__all__ = [
    "DEPTH_ORIGIN",
    "DIAGONAL_35MM",
    "CameraOptions",
    "camera_from_35mm",
    "camera_of_record",
    "camera_record",
    "focal_35mm_of",
    "is_measured",
    "world_camera",
    "world_record",
]

DIAGONAL_35MM = 43.27
"""Diagonal, mm, of a frame of 35 mm film, 36 × 24 mm: CIPA DCG-001."""

DEPTH_ORIGIN = "depth"
"""`origin` in `Provenance.camera` of positions that a depth camera has measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraOptions:
    """What is known of the camera and of the people in front of it.

    The first of these counts: the calibrated camera, `focal_px`, `fov_deg`, the focal length in the
    metadata of the photo or video. Without any of them the field of view is assumed to be 60° along
    the longer side.

    Attributes
    ----------
    camera : Camera or None
        A calibrated camera: see `vitruvian.lift.calibration.load_calibration`.
    focal_px : float or None
        Focal length, px.
    fov_deg : float or None
        Field of view along the longer side of the image.
    height_m : float or None
        Body height of everyone in view. Without it people have the size that the model expects.

    Raises
    ------
    ValueError
        If two of the first three are given, or a value is out of range.
    """

    camera: Camera | None = None
    focal_px: float | None = None
    fov_deg: float | None = None
    height_m: float | None = None

    def __post_init__(self) -> None:
        names = [n for n in ("camera", "focal_px", "fov_deg") if getattr(self, n) is not None]
        if len(names) > 1:
            raise ValueError(f"{' and '.join(names)} must not be given together")
        if self.height_m is not None:
            checked_height(self.height_m)
        for name in ("focal_px", "fov_deg", "height_m"):
            value = getattr(self, name)
            object.__setattr__(self, name, None if value is None else float(value))
        self.camera_for((1, 1) if self.camera is None else self.camera.wh)  # checks the values

    def camera_for(self, wh: tuple[int, int], focal_35mm: float | None = None) -> Camera:
        """Return the camera of frames of this size.

        Parameters
        ----------
        wh : (int, int)
            Width and height, px.
        focal_35mm : float, optional
            Focal length in the metadata: `Frame.focal_35mm`.

        Raises
        ------
        ValueError
            If the calibration is of another size.
        """
        if self.camera is not None:
            return self.camera.checked_for(wh)
        if self.focal_px is not None:
            return Camera.from_focal(wh, self.focal_px)
        if self.fov_deg is None and focal_35mm is not None:
            return camera_from_35mm(wh, focal_35mm)
        return Camera.from_fov(wh, self.fov_deg)

    def origin(self, focal_35mm: float | None = None) -> str:
        """Return where the focal length comes from: the word in the provenance of files."""
        given = {"calibration": self.camera, "focal": self.focal_px, "fov": self.fov_deg}
        words = [word for word, value in given.items() if value is not None]
        return words[0] if words else "assumed" if focal_35mm is None else "metadata"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON keeps exactly."""
        camera = None if self.camera is None else camera_record(self.camera)
        values = {"focal_px": self.focal_px, "fov_deg": self.fov_deg, "height_m": self.height_m}
        return {"camera": camera, **values}

    def record(self, wh: tuple[int, int], focal_35mm: float | None = None) -> dict[str, Any]:
        """Return what files tell of the camera, as plain values: see `Provenance.camera`."""
        camera = camera_record(self.camera_for(wh, focal_35mm))
        return {**camera, "origin": self.origin(focal_35mm), "height_m": self.height_m}


def camera_from_35mm(wh: tuple[int, int], focal_35mm: float) -> Camera:
    """Return the camera of images with this focal length, mm, converted to 35 mm film.

    The diagonals of the image and of the film correspond.
    """
    return Camera.from_focal(wh, focal_35mm * math.hypot(*wh) / DIAGONAL_35MM)


def focal_35mm_of(camera: Camera) -> float:
    """Return the focal length of a camera, mm, converted to 35 mm film: `Frame.focal_35mm`."""
    return camera.focal_px * DIAGONAL_35MM / math.hypot(*camera.wh)


def camera_record(camera: Camera) -> dict[str, Any]:
    """Return a camera as plain values that JSON keeps exactly."""
    return {
        "name": camera.name,
        "wh": [int(side) for side in camera.wh],
        "focal_px": camera.focal_px,
        "matrix": camera.matrix.tolist(),
        "distortions": camera.distortions.tolist(),
        "is_fisheye": camera.is_fisheye,
        "is_assumed": camera.is_assumed,
    }


def is_measured(provenance: Provenance | None) -> bool:
    """Return whether a depth camera measured `Pose.camera` of the results with this provenance."""
    record = None if provenance is None else provenance.camera
    return record is not None and record.get("origin") == DEPTH_ORIGIN


def camera_of_record(record: Mapping[str, Any]) -> Camera:
    """Return the camera whose `camera_record` is `record`, as it stands in `Provenance.camera`."""
    names = ("name", "matrix", "distortions", "is_fisheye", "is_assumed")
    width, height = record["wh"]
    return Camera(wh=(width, height), **{name: record[name] for name in names})


def world_record(camera: Camera) -> dict[str, Any]:
    """Return the record of a camera with its place in the world of the calibration."""
    place = {"rotation": camera.rotation.tolist(), "translation": camera.translation.tolist()}
    return {**camera_record(camera), **place, "origin": "calibration", "height_m": None}


def world_camera(record: Mapping[str, Any] | None) -> Camera | None:
    """Return the camera of a `world_record`; None for a record without a place in a world."""
    if record is None or "rotation" not in record or "translation" not in record:
        return None
    names = ("matrix", "distortions", "is_fisheye", "rotation", "translation", "name")
    width, height = record["wh"]
    return Camera(wh=(width, height), **{name: record[name] for name in names})
