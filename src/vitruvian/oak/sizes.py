"""FrameSize: the sizes of frames that the image processor of an OAK can make."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import gcd
from typing import TYPE_CHECKING

from vitruvian.oak.options import RESOLUTIONS

if TYPE_CHECKING:
    from vitruvian.oak.options import OakOptions

__all__ = ["FrameSize", "nearest_size", "size_for"]

# depthai, ColorCamera.setIspScale: numerator 1 to 16, denominator 1 to 63.
MAX_NUMERATOR, MAX_DENOMINATOR = 16, 63
SENSOR_WH = RESOLUTIONS["full"]
MIN_SIDE = 288  # depthai_blazepose, mediapipe_utils.py, find_isp_scale_params


@dataclass(frozen=True, slots=True)
class FrameSize:
    """A size that the sensor image can be scaled to.

    Attributes
    ----------
    wh : (int, int), px
        Size of the frames.
    scaled_wh : (int, int), px
        Size of the whole scaled sensor image: wider than `wh` if the square in its middle is used.
    scale : (int, int)
        Numerator and denominator of the scale.
    """

    wh: tuple[int, int]
    scaled_wh: tuple[int, int]
    scale: tuple[int, int]

    @property
    def crop_left_px(self) -> int:
        """Columns of the scaled image to the left of the frames."""
        return (self.scaled_wh[0] - self.wh[0]) // 2


def nearest_size(frame_height: int, *, crop: bool = False, resolution: str = "full") -> FrameSize:
    """Return the possible size whose height is nearest to `frame_height`; the larger one of two.

    Examples
    --------
    >>> nearest_size(640).wh, nearest_size(640, crop=True).wh
    ((1152, 648), (640, 640))
    """
    width, height = SENSOR_WH
    wanted = frame_height if crop else frame_height * width / height
    best = min(_sizes(crop), key=lambda size: (abs(size.wh[0] - wanted), -size.wh[0]))
    if resolution == "full":
        return best
    ratio = RESOLUTIONS[resolution][0] // width
    wh = best.wh[0] * ratio, best.wh[1] * ratio
    scaled = best.scaled_wh[0] * ratio, best.scaled_wh[1] * ratio
    return FrameSize(wh, scaled, best.scale)


def size_for(options: OakOptions) -> FrameSize:
    """Return the size of the frames with these options."""
    return nearest_size(options.frame_height, crop=options.crop, resolution=options.resolution)


@cache
def _sizes(crop: bool) -> tuple[FrameSize, ...]:
    """Return the possible sizes for 1080p, each with its least fraction."""
    width, height = SENSOR_WH
    main, other = (height, width) if crop else (width, height)
    found = {}
    for n in range(1, MAX_NUMERATOR + 1):
        for d in range(n + 1, MAX_DENOMINATOR + 1):  # as depthai_blazepose: not 1 / 1
            if gcd(n, d) > 1 or main * n % d or (side := main * n // d) % 16 or side < MIN_SIDE:
                continue
            second = round(other * n / d)
            if second % 2 == 0:
                wh = (side, side) if crop else (side, second)
                found[side] = FrameSize(wh, (second, side) if crop else wh, (n, d))
    return tuple(found.values())
