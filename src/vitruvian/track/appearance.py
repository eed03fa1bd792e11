"""Appearance: a few clothing colours of a person, for re-identification."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.skeleton import BLAZEPOSE

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Appearance", "appearance_of"]

MIN_VISIBILITY = 0.5
LIGHTNESS_WEIGHT = 0.5  # light and shadow change lightness more than hue
MIN_PARTS = 4  # of eight, for a comparison
UPDATE = 0.1  # weight of the colours of a frame against those of the track

# Parts of the body, each a quadrilateral of landmarks; the same landmark twice makes it a line.
PARTS = tuple(
    tuple(BLAZEPOSE.index(name) for name in names)
    for names in (
        ("left_shoulder", "right_shoulder", "right_hip", "left_hip"),
        ("left_hip", "left_hip", "left_knee", "left_knee"),
        ("right_hip", "right_hip", "right_knee", "right_knee"),
        ("left_knee", "left_knee", "left_ankle", "left_ankle"),
        ("right_knee", "right_knee", "right_ankle", "right_ankle"),
        ("left_shoulder", "left_shoulder", "left_elbow", "left_elbow"),
        ("right_shoulder", "right_shoulder", "right_elbow", "right_elbow"),
        ("left_ear", "right_ear", "mouth_right", "mouth_left"),
    )
)
CORNERS = np.array(PARTS)
# CIE 1976 L*a*b* of sRGB (IEC 61966-2-1) with the white point D65, as in OpenCV's COLOR_RGB2Lab.
_SRGB = np.arange(256) / 255
LINEAR = np.where(_SRGB <= 0.04045, _SRGB / 12.92, ((_SRGB + 0.055) / 1.055) ** 2.4).astype(
    np.float32
)
XYZ_FROM_RGB = np.array(
    [
        [0.412453, 0.357580, 0.180423],
        [0.212671, 0.715160, 0.072169],
        [0.019334, 0.119193, 0.950227],
    ]
)
_WHITE = np.array([0.950456, 1, 1.088754])
RESPONSE_FROM_RGB = (XYZ_FROM_RGB / _WHITE[:, None]).T.astype(np.float32)
LAB_FROM_ROOTS = np.array([[0, 500, 0], [116, -500, 200], [0, 0, -200]], np.float32)
DARK = np.float32(0.008856)  # below it, a straight line replaces the cube root

TRUNK = 0
TRUNK_TOLERANCE = 1.5  # an arm may cover much of the trunk


def _grid(n: int) -> NDArray[np.float64]:
    """Return the (n * n, 4) weights of a quadrilateral's corners at points spread inside it."""
    steps = np.linspace(0.15, 0.85, n)
    across, down = (axis.ravel() for axis in np.meshgrid(steps, steps))
    return np.column_stack(
        [(1 - across) * (1 - down), across * (1 - down), across * down, (1 - across) * down]
    )


GRID = _grid(6)


class Appearance:
    """Colours of the parts of a person's body.

    Attributes
    ----------
    colours : (8, 3) float32 array
        Lab colour of trunk, thighs, shins, upper arms and face, lightness halved; NaN for parts
        that were never visible.
    """

    def __init__(self, colours: NDArray[np.float32]) -> None:
        self.colours = colours

    def distance(self, other: Appearance) -> float | None:
        """Return the colour difference of two people; None if too few parts are visible in both.

        It is the greater of two: that of the trunk, divided by 1.5, and the median of all parts.
        The trunk is the largest and most reliable part, but from the side an arm covers much of
        it. The median ignores an occluded limb, whose landmarks are on another object.
        """
        apart = np.linalg.norm(self.colours - other.colours, axis=1)
        seen = apart[~np.isnan(apart)]
        if np.isnan(apart[TRUNK]) or len(seen) < MIN_PARTS:
            return None
        return float(max(apart[TRUNK] / np.float32(TRUNK_TOLERANCE), np.median(seen)))

    def blended(self, newer: Appearance, n_frames: int = 1) -> Appearance:
        """Return this appearance moved towards that of the last `n_frames` frames."""
        weight = np.float32(1 - (1 - UPDATE) ** n_frames)
        moved = self.colours + weight * (newer.colours - self.colours)
        moved = np.where(np.isnan(newer.colours), self.colours, moved)
        return Appearance(np.where(np.isnan(self.colours), newer.colours, moved))


def _lab_from_rgb(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the CIE Lab colours of (..., 3) RGB values; L from 0 to 100."""
    xyz = LINEAR[rgb] @ RESPONSE_FROM_RGB
    roots = np.cbrt(xyz)
    is_dark = xyz <= DARK
    if is_dark.any():
        roots[is_dark] = xyz[is_dark] * np.float32(7.787) + np.float32(16 / 116)
    lab: NDArray[np.float32] = roots @ LAB_FROM_ROOTS
    lab[..., 0] -= 16
    return lab


def appearance_of(
    image: NDArray[np.uint8],
    points: NDArray[np.float32],
    visibility: NDArray[np.float32],
    others: NDArray[np.float32],
) -> Appearance:
    """Return the colours of a person in an (H, W, 3) RGB image.

    Parameters
    ----------
    points : (33, 2) array, image px
    visibility : (33,) array
    others : (N, 4) array, image px
        Boxes xyxy of other people, who may be in front. Parts that reach into one are left out.
    """
    height, width = image.shape[:2]
    samples = np.rint(GRID @ points[CORNERS])  # (parts, points, 2)
    inside = ((samples >= 0) & (samples < (width, height))).all(axis=2)
    spots = samples[:, :, None]
    covered = ((spots >= others[:, :2]) & (spots <= others[:, 2:])).all(axis=3).any(axis=2)
    x, y = np.clip(samples, 0, (width - 1, height - 1)).astype(np.int32).transpose(2, 0, 1)
    colours = np.median(_lab_from_rgb(image[y, x]), axis=1) * np.array(
        [LIGHTNESS_WEIGHT, 1, 1], np.float32
    )
    seen = (visibility[CORNERS] > MIN_VISIBILITY).all(axis=1)
    colours[~(seen & (inside & ~covered).all(axis=1))] = np.nan
    return Appearance(colours)
