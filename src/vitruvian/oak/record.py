"""EdgeRecord: what the script of the device found in one frame.

A packet of the script, little-endian. Version 1:

| bytes | what |
|---|---|
| 2 | ``VE`` |
| 1 | version |
| 1 | flags: 1 the detector ran, 2 with landmarks, 4 with depths, 128 the script failed |
| 1 | reference: 0 none, 1 "mid_hips", 2 "mid_shoulders" |
| 3 | 0 |
| 8 | number of the frame, int64 |
| 48 | detection score, landmark score, centre x, centre y, side, rotation: float64, NaN for none |
| 1176 | with landmarks: 195 + 99 float32 |
| 152 | with depths: zone, 4 int32; depth of the reference and of 33 landmarks, 34 float32, m |

If the script failed, the text of its error follows the flags.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core._arrays import read_only
from vitruvian.core.depth import LandmarkDepths
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.oak.runtime import ScriptError

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    from vitruvian.core.camera import Camera

__all__ = ["EdgeRecord"]

MARK, VERSION = b"VE", 1
DETECTED, WITH_LANDMARKS, WITH_DEPTHS, FAILED = 1, 2, 4, 128
START = struct.Struct("<2s2B")
HEADER = struct.Struct("<2s3B3xq6d")
N_BODY, N_VALUES, N_WORLD = len(BLAZEPOSE), 195, 99
LANDMARKS_SIZE = 4 * (N_VALUES + N_WORLD)
ZONE = struct.Struct("<4i")
DEPTHS_SIZE = ZONE.size + 4 * (1 + N_BODY)
SIZES = {  # by the flags; depths come with landmarks only
    kind | detected: HEADER.size + size
    for detected in (0, DETECTED)
    for kind, size in (
        (0, 0),
        (WITH_LANDMARKS, LANDMARKS_SIZE),
        (WITH_LANDMARKS | WITH_DEPTHS, LANDMARKS_SIZE + DEPTHS_SIZE),
    )
}
REFERENCES = (None, "mid_hips", "mid_shoulders")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class EdgeRecord:
    """What the script of the device found in one frame.

    Every frame that a network of the device saw has one record, in order. There are four cases:

    - a person: `landmarks` is given;
    - a person was detected, and the landmark network runs on the next frame: `is_pending`;
    - the detector found nobody: `side` is NaN;
    - the person was lost: `score` is too low, and `landmarks` is None.

    Attributes
    ----------
    number : int
        Sequence number of the frame.
    is_detected : bool
        Whether the region comes from the detector, on this frame or the one before.
    detection_score : float
        Score of the best detection; NaN if the detector did not run.
    score : float
        Landmark score; NaN if the landmark network did not run on this frame.
    center, side, rotation : (float, float), float, float
        The region that the landmark network saw, or will see in the next frame: image px, rad; NaN
        if nobody was detected.
    landmarks : (195,) float32 array or None
        Output of the landmark network, px of the crop and logits; None without a person.
    world : (99,) float32 array or None
        World landmarks, m.
    reference : str or None
        "mid_hips", "mid_shoulders", or None if neither is visible or depth is not measured.
    zone_xyxy : (int, int, int, int) or None
        Zone in which the depth of the reference was measured, image px.
    reference_m : float
        Depth of the surface there, m; NaN if it is not known.
    depths_m : (33,) float32 array or None
        Depths of the surface at the landmarks, m, NaN where they are not known; None without depth.
    """

    number: int
    is_detected: bool
    detection_score: float = math.nan
    score: float = math.nan
    center: tuple[float, float] = (math.nan, math.nan)
    side: float = math.nan
    rotation: float = math.nan
    landmarks: NDArray[np.float32] | None = None
    world: NDArray[np.float32] | None = None
    reference: str | None = None
    zone_xyxy: tuple[int, int, int, int] | None = None
    reference_m: float = math.nan
    depths_m: NDArray[np.float32] | None = None

    @property
    def is_pending(self) -> bool:
        """Whether a person was detected whose landmarks come with the next record."""
        return math.isnan(self.score) and not math.isnan(self.side)

    def landmark_depths(self, camera: Camera) -> LandmarkDepths:
        """Return the depths for `Frame.depth`; all are NaN if none were measured.

        Parameters
        ----------
        camera : Camera
            Intrinsics of the frame, which may be the square in the middle of the image.
        """
        unknown = np.full(N_BODY, np.nan, np.float32)
        return LandmarkDepths(
            depths_m=unknown if self.depths_m is None else self.depths_m,
            camera=camera,
            reference=self.reference,
            reference_m=self.reference_m,
            zone_xyxy=self.zone_xyxy,
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Return the record in a packet of the script.

        Raises
        ------
        ValueError
            If the packet is damaged.
        ScriptError
            If the script failed; the message contains its error.
        """
        flags = _checked_flags(data)
        _, _, _, code, number, *values = HEADER.unpack_from(data)
        detection_score, score, x, y, side, rotation = values
        if code >= len(REFERENCES):
            raise ValueError(f"packet must name reference 0 to {len(REFERENCES) - 1}, got {code}")
        has_region = not math.isnan(side)
        if has_region and not (side > 0 and all(map(math.isfinite, (x, y, side, rotation)))):
            raise ValueError(f"packet must have a region, got {(x, y, side, rotation)}")
        if flags & WITH_LANDMARKS and not has_region:
            raise ValueError("packet must have a region with its landmarks, got none")
        record = cls(
            number=number,
            is_detected=bool(flags & DETECTED),
            detection_score=detection_score,
            score=score,
            center=(x, y),
            side=side,
            rotation=rotation,
            reference=REFERENCES[code],
        )
        if flags & WITH_LANDMARKS:
            points = _floats(data, HEADER.size, N_VALUES + N_WORLD)
            record = replace(record, landmarks=points[:N_VALUES], world=points[N_VALUES:])
        if flags & WITH_DEPTHS:
            zone = ZONE.unpack_from(data, HEADER.size + LANDMARKS_SIZE)
            depths = _floats(data, HEADER.size + LANDMARKS_SIZE + ZONE.size, 1 + N_BODY)
            record = replace(
                record,
                zone_xyxy=zone if code else None,
                reference_m=float(depths[0]),
                depths_m=depths[1:],
            )
        return record


def _checked_flags(data: bytes) -> int:
    """Return the flags of a packet; ValueError if its start or its length is wrong."""
    if len(data) < START.size:
        raise ValueError(f"packet must have at least {START.size} bytes, got {len(data)}")
    mark, version, flags = START.unpack_from(data)
    if mark != MARK:
        raise ValueError(f"packet must start with {MARK!r}, got {mark!r}")
    if version != VERSION:
        raise ValueError(f"packet must have version {VERSION}, got {version}")
    if flags == FAILED:
        text = " ".join(data[START.size :].decode(errors="replace").split())
        raise ScriptError(f"the script of the device failed: {text}")
    if flags not in SIZES:
        raise ValueError(f"packet must have flags of {sorted(SIZES)}, got {flags}")
    if len(data) != SIZES[flags]:
        raise ValueError(f"packet must have {SIZES[flags]} bytes, got {len(data)}")
    return int(flags)


def _floats(data: bytes, offset: int, n: int) -> NDArray[np.float32]:
    return read_only(np.frombuffer(data, "<f4", n, offset).astype(np.float32))
