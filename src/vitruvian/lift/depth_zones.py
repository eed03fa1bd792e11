"""Depths in zones of a depth image: of the surface around each point of a body."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.lift.depth_points import MID_HIPS, MID_SHOULDERS, SHARES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.core.depth import DepthImage, LandmarkDepths
    from vitruvian.core.pose import Pose

    Floats = NDArray[np.float64]
    Zone = tuple[int, int, int, int]

__all__ = [
    "REFERENCES",
    "DeviceSurfaces",
    "ImageSurfaces",
    "median_in_zone",
    "reference_of",
    "zone_half_px",
    "zone_of",
]

# depthai_blazepose, BlazeposeDepthai.py, query_xyz and create_pipeline: the size of the zone, and
# the thresholds of the depths that count.
ROI_SHARE, MIN_HALF_PX = 1 / 90, 4
MIN_M, MAX_M = 0.1, 10.0

VISIBLE = 0.5
MIN_BEHIND_M = 0.05
MIN_SHARE = 0.25  # of the zone that must have a depth which counts
MAX_SAMPLES = 9  # of a zone, in x and in y

REFERENCES = {
    name: ([BLAZEPOSE.index(f"{side}_{part}") for side in ("left", "right")], point)
    for name, part, point in (
        ("mid_hips", "hip", MID_HIPS),
        ("mid_shoulders", "shoulder", MID_SHOULDERS),
    )
}
"""By name: the two landmarks between which the point is, and its row in `SHARES`."""


def zone_half_px(pose: Pose) -> int:
    """Return half the side of the zones, image px: the width of the region / 90, at least 4."""
    return max(int(pose.roi.wh[0] * ROI_SHARE), MIN_HALF_PX)


def zone_of(center: Floats, half_px: int, wh: tuple[int, int]) -> Zone:
    """Return left, top, right and bottom of the zone around a point, inside the image, px."""
    x, y = (int(value) for value in np.clip(center, -half_px, np.array(wh) + half_px))
    last_x, last_y = wh[0] - 1, wh[1] - 1
    return (
        min(max(x - half_px, 0), last_x),
        min(max(y - half_px, 0), last_y),
        max(min(x + half_px, last_x), 0),
        max(min(y + half_px, last_y), 0),
    )


def reference_of(pose: Pose, wh: tuple[int, int]) -> str | None:
    """Return the point whose depth is the person's: "mid_hips", "mid_shoulders" or None.

    Both landmarks must be inside the image and visible. One may be hidden by the body itself, as
    in a side view: at least 5 cm behind the other one, which is visible.
    """
    points = pose.landmarks[:, :2]
    is_inside = np.all((points >= 0) & (points < wh), axis=1)
    is_visible = np.asarray(pose.visibility > VISIBLE, bool)
    for name, (pair, _) in REFERENCES.items():
        (near_m, near), (far_m, far) = sorted((float(pose.world[i, 2]), i) for i in pair)
        is_behind = far_m - near_m > MIN_BEHIND_M
        if is_inside[pair].all() and is_visible[near] and (is_visible[far] or is_behind):
            return name
    return None


def median_in_zone(depth: DepthImage, zone: Zone, frame_wh: tuple[int, int]) -> float:
    """Return the median depth, m, of a zone in image px of the frame; NaN without one.

    Depths below 0.1 m and above 10 m do not count.
    """
    left, right = (_scaled(x, depth.camera.wh[0], frame_wh[0]) for x in (zone[0], zone[2]))
    top, bottom = (_scaled(y, depth.camera.wh[1], frame_wh[1]) for y in (zone[1], zone[3]))
    inside = depth.values[top : bottom + 1, left : right + 1].astype(np.float64) * depth.unit_m
    known = inside[(inside >= MIN_M) & (inside <= MAX_M)]
    return float(np.median(known)) if known.size else float("nan")


def _scaled(pixel: int, n_depth: int, n_frame: int) -> int:
    return pixel if n_depth == n_frame else min(int((pixel + 0.5) * n_depth / n_frame), n_depth - 1)


class ImageSurfaces:
    """The surface of one person in a depth image.

    Parameters
    ----------
    depth : DepthImage
    pose : Pose
    frame_wh : (int, int)
        Size of the frame that the pose was found in.
    """

    def __init__(self, depth: DepthImage, pose: Pose, frame_wh: tuple[int, int]) -> None:
        ratio = np.divide(depth.camera.wh, frame_wh)
        centers = np.nan_to_num(SHARES @ np.nan_to_num(pose.landmarks[:, :2].astype(np.float64)))
        half = max(zone_half_px(pose) * float(ratio.max()), 1.0)
        steps = np.linspace(-half, half, min(2 * int(half) + 1, MAX_SAMPLES))
        width, height = depth.camera.wh
        x = np.floor(np.clip(centers[:, :1] * ratio[0], -1e6, 1e6) + steps).astype(np.int64)
        y = np.floor(np.clip(centers[:, 1:] * ratio[1], -1e6, 1e6) + steps).astype(np.int64)
        is_column, is_row = (x >= 0) & (x < width), (y >= 0) & (y < height)
        columns, rows = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
        found = depth.values[rows[:, :, None], columns[:, None, :]].astype(np.float64)
        found *= depth.unit_m
        is_known = is_row[:, :, None] & is_column[:, None, :]
        with np.errstate(invalid="ignore"):
            is_known &= (found >= MIN_M) & (found <= MAX_M)
        self._values = np.where(is_known, found, np.nan).reshape(len(SHARES), -1)

    def medians(self) -> Floats:
        """Return the median depths (n,), m, of the zones; NaN where little is known."""
        ordered = np.sort(self._values, axis=1)  # NaN last
        n = np.isfinite(ordered).sum(axis=1)
        each = np.arange(len(ordered))
        middle = (ordered[each, np.maximum(n - 1, 0) // 2] + ordered[each, n // 2 - (n == 0)]) / 2
        return np.where(n >= MIN_SHARE * ordered.shape[1], middle, np.nan)

    def near(self, expected_m: Floats, gate_m: Floats) -> Floats:
        """Return the depths (n,), m, of what is at most `gate_m` from the expected depth.

        It is the harmonic mean, which is that of the disparities of a stereo camera.
        """
        with np.errstate(invalid="ignore"):
            counts = np.abs(self._values - expected_m[:, None]) <= gate_m[:, None]
        n = counts.sum(axis=1)
        sums = np.divide(1.0, self._values, where=counts, out=np.zeros(counts.shape)).sum(axis=1)
        enough = n >= MIN_SHARE * counts.shape[1]
        means: Floats = np.divide(n, sums, where=enough, out=np.full(len(n), np.nan))
        return means


class DeviceSurfaces:
    """The surface of a person at the landmarks, as a device measured it.

    Parameters
    ----------
    depths : LandmarkDepths
    """

    def __init__(self, depths: LandmarkDepths) -> None:
        values = np.full(len(SHARES), np.nan)
        values[: len(BLAZEPOSE)] = depths.depths_m
        if depths.reference in REFERENCES:
            values[REFERENCES[depths.reference][1]] = depths.reference_m
        with np.errstate(invalid="ignore"):
            self._values = np.where((values >= MIN_M) & (values <= MAX_M), values, np.nan)

    def medians(self) -> Floats:
        """Return the depths (n,), m; NaN where they are not known."""
        return self._values

    def near(self, expected_m: Floats, gate_m: Floats) -> Floats:
        """Return the depths (n,), m, that are at most `gate_m` from the expected ones."""
        with np.errstate(invalid="ignore"):
            return np.where(np.abs(self._values - expected_m) <= gate_m, self._values, np.nan)
