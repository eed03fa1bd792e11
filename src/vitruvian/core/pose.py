"""Pose, one person in one frame; PoseResult, the poses of one frame."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from vitruvian.core._arrays import (
    ArrayValue,
    float_of_json,
    frozen_array,
    frozen_floats,
    json_float,
    json_floats,
    whole_number,
)
from vitruvian.core.depth import MeasuredPosition
from vitruvian.core.detection import Detection
from vitruvian.core.roi import Roi
from vitruvian.core.schema import OPTIONAL, QUANTITIES, REQUIRED
from vitruvian.core.skeleton import BLAZEPOSE, Skeleton

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from vitruvian.core.provenance import Provenance

__all__ = ["Landmark", "Pose", "PoseResult"]

VISIBLE = 0.5  # MediaPipe, python/solutions/drawing_utils.py, _VISIBILITY_THRESHOLD
_HEAD = ("frame_index", "timestamp_us", "width", "height")
MAX_MASK_PIXELS = 2**28  # as many as an image may have: `vitruvian.media.upright.MAX_PIXELS`


class Landmark(NamedTuple):
    """One landmark of a pose.

    Attributes
    ----------
    x, y, z : float, image px
    visibility, presence : float
        From 0 to 1.
    world : (float, float, float), m
        x, y, z from the middle of the hips.
    camera : (float, float, float) or None, m
        x, y, z from the camera.
    spread_px : float or None
        Uncertainty: see `Pose`.
    """

    x: float
    y: float
    z: float
    visibility: float
    presence: float
    world: tuple[float, float, float]
    camera: tuple[float, float, float] | None = None
    spread_px: float | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Pose(ArrayValue):
    """One person in one frame.

    The arrays are read-only. An array that could be written to elsewhere is copied. Poses with
    equal values are equal.

    Attributes
    ----------
    landmarks : (33, 3) float32 array, image px
        x to the right, y down; z in the scale of x, 0 at the middle of the hips, smaller is nearer
        to the camera. May lie outside the image.
    visibility : (33,) float32 array
        Probability that each landmark is in the image and not occluded.
    presence : (33,) float32 array
        Probability that each landmark is in the image.
    world : (33, 3) float32 array, m
        Origin at the middle of the hips; x to the right of the image, y down, z away from the
        camera.
    roi : Roi
        The region of interest: input of the landmark network.
    score : float
        Probability that the region shows a person, from the landmark network.
    detection : Detection or None
        The person's detection, if the detector ran on this frame.
    mask : (H, W) float32 array or None
        Probability that each pixel of the frame shows the person, with option `segmentation`.
    id : int or None
        Persistent ID of the person; None for a single image.
    camera : (33, 3) float32 array, m, or None
        Position in camera space: origin at the camera, axes as those of `world`.
    spread_px : (33,) float32 array, image px, or None
        Uncertainty of each landmark: the root mean square distance of the heat in the heat map
        from the landmark. The median error is 0.34 of it for visible landmarks and 0.55 for hidden
        ones (model full, rendered people).
    measured : MeasuredPosition or None
        Where a depth camera measured the person; `camera_xyz`, `xyz_ref` and `xyz_zone` are its
        parts.

    Examples
    --------
    ``pose["left_wrist"].x``, ``pose.world[15]`` and ``pose.skeleton.names`` all work, and
    ``print(pose)`` shows a table.
    """

    landmarks: NDArray[np.float32]
    visibility: NDArray[np.float32]
    presence: NDArray[np.float32]
    world: NDArray[np.float32]
    roi: Roi
    score: float
    detection: Detection | None = None
    mask: NDArray[np.float32] | None = None
    id: int | None = None
    camera: NDArray[np.float32] | None = None
    spread_px: NDArray[np.float32] | None = None
    measured: MeasuredPosition | None = None

    def __post_init__(self) -> None:
        for q in QUANTITIES:
            values = getattr(self, q.name)
            if values is not None or not q.is_optional:
                frozen = frozen_array(values, q.dtype, q.shape, q.name)
                object.__setattr__(self, q.name, frozen)
        if self.mask is not None:
            object.__setattr__(self, "mask", frozen_floats(self.mask, (-1, -1), "mask"))

    @property
    def skeleton(self) -> Skeleton:
        """Names and connections of the landmarks."""
        return BLAZEPOSE

    @property
    def camera_xyz(self) -> tuple[float, float, float] | None:
        """Measured position of the person in camera space, m: of the point `xyz_ref`."""
        return None if self.measured is None else self.measured.xyz_m

    @property
    def xyz_ref(self) -> str | None:
        """The point that was measured: "mid_hips" or "mid_shoulders"."""
        return None if self.measured is None else self.measured.reference

    @property
    def xyz_zone(self) -> tuple[int, int, int, int] | None:
        """Left, top, right and bottom, image px, of the zone in which it was measured."""
        return None if self.measured is None else self.measured.zone_xyxy

    @property
    def box_xyxy(self) -> NDArray[np.float32]:
        """(4,) array, image px: the box around the visible landmarks, or around all if none is.

        Landmarks that are not finite are left out; if none is finite, the box is NaN.
        """
        is_known = np.isfinite(self.landmarks[:, :2]).all(axis=1)
        if not is_known.any():
            return np.full(4, np.nan, np.float32)
        seen = is_known & (self.visibility > VISIBLE)
        points = self.landmarks[seen if seen.any() else is_known, :2]
        return np.concatenate([points.min(axis=0), points.max(axis=0)])

    def __getitem__(self, name: str | int) -> Landmark:
        """Return one landmark by its name or number."""
        i = BLAZEPOSE.index(name) if isinstance(name, str) else name
        x, y, z = self.landmarks[i].tolist()
        wx, wy, wz = self.world[i].tolist()
        return Landmark(
            *(x, y, z, float(self.visibility[i]), float(self.presence[i]), (wx, wy, wz)),
            camera=None if self.camera is None else tuple(self.camera[i].tolist()),
            spread_px=None if self.spread_px is None else float(self.spread_px[i]),
        )

    def __len__(self) -> int:
        return len(BLAZEPOSE)

    def __contains__(self, name: object) -> bool:
        return name in BLAZEPOSE.names

    def __repr__(self) -> str:
        x0, y0, x1, y1 = self.box_xyxy.round().tolist()
        seen = int((self.visibility > VISIBLE).sum())
        who = "" if self.id is None else f"id={self.id}, "
        return (
            f"Pose({who}score={self.score:.3f}, "
            f"{x1 - x0:.0f}x{y1 - y0:.0f} px at ({x0:.0f}, {y0:.0f}), "
            f"{seen} of {len(BLAZEPOSE)} landmarks visible)"
        )

    def __str__(self) -> str:
        head = (
            f"{'landmark':<16}  {'x px':>8} {'y px':>8}  {'x m':>6} {'y m':>6} {'z m':>6}  visible"
        )
        rows = [
            f"{name:<16}  {x:8.1f} {y:8.1f}  {wx:6.2f} {wy:6.2f} {wz:6.2f}  {v:7.0%}"
            for name, (x, y, _), (wx, wy, wz), v in zip(
                BLAZEPOSE.names, self.landmarks, self.world, self.visibility, strict=True
            )
        ]
        return "\n".join([repr(self), head, *rows])

    def to_dict(self, *, extras: bool = True) -> dict[str, Any]:
        """Return plain lists and numbers that JSON keeps exactly; None for NaN and infinity.

        Parameters
        ----------
        extras : bool
            Whether to include detection and mask, which the files leave out.
        """
        number = None if self.id is None else int(self.id)
        data: dict[str, Any] = {"id": number, "score": json_float(self.score)}
        for q in QUANTITIES:
            values = getattr(self, q.name)
            if values is not None:
                data[q.name] = json_floats(values)
        data["roi"] = self.roi.to_dict()
        if self.measured is not None:
            data |= self.measured.to_dict()
        if extras and self.detection is not None:
            data["detection"] = self.detection.to_dict()
        if extras and self.mask is not None:
            packed = base64.b64encode(zlib.compress(self.mask.tobytes(), 1)).decode("ascii")
            data["mask"] = {"hw": list(self.mask.shape), "zlib_float32": packed}
        return data

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Pose:
        """Return the pose whose `to_dict` is `data`; unknown keys are ignored."""
        roi = Roi.from_dict(data["roi"])
        detection, mask, number = data.get("detection"), data.get("mask"), data["id"]
        arrays: dict[str, Any] = {q.name: data[q.name] for q in REQUIRED}
        arrays |= {q.name: data.get(q.name) for q in OPTIONAL}
        return cls(
            **arrays,
            roi=roi,
            score=float_of_json(data["score"]),
            detection=None if detection is None else Detection.from_dict(detection),
            mask=None if mask is None else _unpacked(mask["zlib_float32"], mask["hw"]),
            id=None if number is None else whole_number(number, "id"),
            measured=MeasuredPosition.from_dict(data),
        )


def _unpacked(packed: str, hw: list[int]) -> NDArray[np.float32]:
    """Return a mask; ValueError, in bounded memory, if it has not the size that it states."""
    height, width = (whole_number(side, "hw of a mask") for side in hw)
    n_pixels = height * width
    if min(height, width) < 1 or n_pixels > MAX_MASK_PIXELS:
        raise ValueError(f"a mask must have 1 to {MAX_MASK_PIXELS} px, got {width} x {height}")
    stream = zlib.decompressobj()
    try:
        raw = stream.decompress(base64.b64decode(packed), 4 * n_pixels)
        rest = stream.decompress(stream.unconsumed_tail, 1)
    except zlib.error as error:
        raise ValueError(f"a mask is damaged: {error}") from error
    if len(raw) != 4 * n_pixels or rest or not stream.eof:
        raise ValueError(f"a mask does not hold the {width} x {height} px that it states")
    return np.frombuffer(raw, np.float32).reshape(height, width)


@dataclass(frozen=True, slots=True, eq=False)
class PoseResult(ArrayValue):
    """The poses of one frame; none if no person is in view.

    Results with equal values are equal.

    Attributes
    ----------
    frame_index : int
        Position of the frame in its source, from 0.
    timestamp_us : int
        Presentation time of the frame in µs.
    width, height : int
        Size of the frame in px.
    poses : tuple of Pose
        One for each person.
    provenance : Provenance or None
        How the result was made: files take it from here. It is not compared.
    notes : tuple of str
        Text that drawings show at each pose, one for each; files leave it out. It is not compared.
    """

    frame_index: int
    timestamp_us: int
    width: int
    height: int
    poses: tuple[Pose, ...] = field(default=())
    provenance: Provenance | None = field(default=None, compare=False, repr=False)
    notes: tuple[str, ...] = field(default=(), compare=False, repr=False)

    @property
    def pose(self) -> Pose | None:
        """The first pose, or None if no person is in view."""
        return self.poses[0] if self.poses else None

    def __len__(self) -> int:
        return len(self.poses)

    def __bool__(self) -> bool:
        return bool(self.poses)

    def __iter__(self) -> Iterator[Pose]:
        return iter(self.poses)

    def to_dict(self, *, extras: bool = True) -> dict[str, Any]:
        """Return plain lists and numbers that JSON keeps exactly.

        Without `extras` (detections and masks) it is one line of a ``.jsonl`` file.
        """
        return {
            "frame_index": int(self.frame_index),
            "timestamp_us": int(self.timestamp_us),
            "width": int(self.width),
            "height": int(self.height),
            "poses": [pose.to_dict(extras=extras) for pose in self.poses],
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> PoseResult:
        """Return the result whose `to_dict` is `data`; unknown keys are ignored."""
        index, timestamp_us, width, height = (whole_number(data[name], name) for name in _HEAD)
        poses = tuple(Pose.from_dict(pose) for pose in data["poses"])
        return cls(index, timestamp_us, width, height, poses)
