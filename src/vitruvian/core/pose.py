"""Pose, one person; PoseResult, the people of one frame."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from vitruvian.core._arrays import frozen_floats, json_floats
from vitruvian.core.detection import Detection
from vitruvian.core.roi import Roi
from vitruvian.core.skeleton import BLAZEPOSE, Skeleton

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["Landmark", "Pose", "PoseResult"]

VISIBLE = 0.5  # MediaPipe, python/solutions/drawing_utils.py, _VISIBILITY_THRESHOLD


class Landmark(NamedTuple):
    """One landmark of a pose.

    Attributes
    ----------
    x, y, z : float, image px
        z in the scale of x; smaller is nearer to the camera.
    visibility : float
        Probability that the landmark is in the image and not occluded, 0 to 1.
    presence : float
        Probability that the landmark is in the image, 0 to 1.
    world : tuple of float, m
        x, y, z from the middle of the hips.
    """

    x: float
    y: float
    z: float
    visibility: float
    presence: float
    world: tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Pose:
    """One person in one frame.

    Attributes
    ----------
    landmarks : (33, 3) float32 array, image px
        x to the right, y down; z in the scale of x, 0 at the middle of the hips, smaller is nearer
        to the camera. May lie outside the image.
    visibility : (33,) float32 array
        How likely each landmark is in the image and not hidden, 0 to 1.
    presence : (33,) float32 array
        How likely each landmark is inside the image, 0 to 1.
    world : (33, 3) float32 array, m
        Origin at the middle of the hips; x to the right of the image, y down, z away from the
        camera.
    roi : Roi
        What the landmark network looked at.
    score : float
        How sure the network is that a person is there, 0 to 1.
    detection : Detection or None
        What the detector said, when it ran on this frame.
    mask : (H, W) float32 array or None
        How likely each pixel of the frame shows the person, 0 to 1, when segmentation was asked.
    id : int or None
        Whose pose it is, the same from frame to frame; None for a single image.

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

    def __post_init__(self) -> None:
        n = len(BLAZEPOSE)
        for name, shape in (
            ("landmarks", (n, 3)),
            ("visibility", (n,)),
            ("presence", (n,)),
            ("world", (n, 3)),
        ):
            object.__setattr__(self, name, frozen_floats(getattr(self, name), shape, name))
        if self.mask is not None:
            object.__setattr__(self, "mask", frozen_floats(self.mask, (-1, -1), "mask"))

    @property
    def skeleton(self) -> Skeleton:
        """Names and connections of the landmarks."""
        return BLAZEPOSE

    @property
    def box_xyxy(self) -> NDArray[np.float32]:
        """(4,) array, image px: the box around the visible landmarks, or around all if none is."""
        seen = self.visibility > VISIBLE
        points = self.landmarks[seen if seen.any() else slice(None), :2]
        return np.concatenate([points.min(axis=0), points.max(axis=0)])

    def __getitem__(self, name: str | int) -> Landmark:
        """Return one landmark by its name or number."""
        i = BLAZEPOSE.index(name) if isinstance(name, str) else name
        x, y, z = self.landmarks[i].tolist()
        wx, wy, wz = self.world[i].tolist()
        visibility, presence = float(self.visibility[i]), float(self.presence[i])
        return Landmark(x, y, z, visibility, presence, (wx, wy, wz))

    def __len__(self) -> int:
        return len(BLAZEPOSE)

    def __contains__(self, name: object) -> bool:
        return name in BLAZEPOSE.names

    def __repr__(self) -> str:
        x0, y0, x1, y1 = (round(float(v)) for v in self.box_xyxy)
        seen = int((self.visibility > VISIBLE).sum())
        who = "" if self.id is None else f"id={self.id}, "
        return (
            f"Pose({who}score={self.score:.3f}, {x1 - x0}x{y1 - y0} px at ({x0}, {y0}), "
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
        """Return plain lists and numbers that JSON keeps exactly.

        Parameters
        ----------
        extras : bool
            With what the JSON-lines form leaves out: detection and mask, where there are any.
        """
        values = np.column_stack([self.landmarks, self.visibility, self.presence])
        data: dict[str, Any] = {
            "id": self.id,
            "score": float(self.score),
            "landmarks": json_floats(values),
            "world": json_floats(self.world),
            "roi": self.roi.to_dict(),
        }
        if extras and self.detection is not None:
            data["detection"] = self.detection.to_dict()
        if extras and self.mask is not None:
            packed = base64.b64encode(zlib.compress(self.mask.tobytes(), 1)).decode("ascii")
            data["mask"] = {"hw": list(self.mask.shape), "zlib_float32": packed}
        return data

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Pose:
        """Return the pose whose `to_dict` is `data`."""
        values = frozen_floats(data["landmarks"], (len(BLAZEPOSE), 5), "landmarks")
        detection, mask = data.get("detection"), data.get("mask")
        if mask is not None:
            raw = zlib.decompress(base64.b64decode(mask["zlib_float32"]))
            mask = np.frombuffer(raw, np.float32).reshape(mask["hw"])
        return cls(
            landmarks=values[:, :3],
            visibility=values[:, 3],
            presence=values[:, 4],
            world=np.array(data["world"], np.float32),
            roi=Roi.from_dict(data["roi"]),
            score=data["score"],
            detection=None if detection is None else Detection.from_dict(detection),
            mask=mask,
            id=data["id"],
        )


@dataclass(frozen=True, slots=True, eq=False)
class PoseResult:
    """The people of one frame. Nobody in view is a result without poses.

    Attributes
    ----------
    frame : int
        Position of the frame in its source, from 0.
    timestamp_us : int
        Presentation time of the frame in µs.
    width, height : int
        Size of the frame in px.
    poses : tuple of Pose
        One for each person.
    """

    frame: int
    timestamp_us: int
    width: int
    height: int
    poses: tuple[Pose, ...] = field(default=())

    @property
    def pose(self) -> Pose | None:
        """The first person, or None where nobody is seen."""
        return self.poses[0] if self.poses else None

    def __len__(self) -> int:
        return len(self.poses)

    def __bool__(self) -> bool:
        return bool(self.poses)

    def __iter__(self) -> Iterator[Pose]:
        return iter(self.poses)

    def to_dict(self, *, extras: bool = True) -> dict[str, Any]:
        """Return plain lists and numbers that JSON keeps exactly.

        Without `extras` it is the fixed form of one line of a ``.jsonl`` file.
        """
        return {
            "frame": self.frame,
            "timestamp_us": self.timestamp_us,
            "width": self.width,
            "height": self.height,
            "poses": [pose.to_dict(extras=extras) for pose in self.poses],
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> PoseResult:
        """Return the result whose `to_dict` is `data`."""
        poses = tuple(Pose.from_dict(pose) for pose in data["poses"])
        return cls(data["frame"], data["timestamp_us"], data["width"], data["height"], poses)
