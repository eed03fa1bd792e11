"""A clip of a camera whose pictures carry their number, and a tracker that reads it."""

from __future__ import annotations

import time
from dataclasses import replace
from importlib.resources import as_file, files
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

import av
import numpy as np
from PIL import Image

from tests.studio import stick_figure
from vitruvian import PoseResult

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from vitruvian import Frame

__all__ = ["BarCodeTracker", "write_camera_clip"]

WH = (320, 240)
N_BITS, SIDE = 10, 32
N_PICTURES = 90
FPS = 30
PERSON = PoseResult.from_dict(stick_figure.results(1, people=1, wh=WH)[0]).poses[0]


def write_camera_clip(path: Path) -> None:
    """Write the packaged clip as MJPEG, each picture with its number in bars at the bottom."""
    with as_file(files("vitruvian") / "data" / "demo.mp4") as demo, av.open(demo) as clip:
        images = [
            np.array(frame.to_image().resize(WH))
            for frame, _ in zip(clip.decode(video=0), range(N_PICTURES), strict=False)
        ]
    with path.open("wb") as file:
        for number, image in enumerate(images):
            for bit in range(N_BITS):
                bar = image[WH[1] - SIDE :, bit * SIDE : (bit + 1) * SIDE]
                bar[:] = 255 if number >> bit & 1 else 0
            Image.fromarray(image).save(file, "JPEG", quality=85)


def number_of(image: NDArray[np.uint8]) -> int:
    """Return the number in the bars of a picture."""
    row = image[-SIDE // 2, SIDE // 2 :: SIDE, 1] > 127
    return int(sum(1 << bit for bit, is_set in enumerate(row) if is_set))


class BarCodeTracker:
    """Stands in for `PoseTracker`: finds one person, whose mask is the bars of the picture.

    `frame_index` of a result is the number in the picture.
    """

    delay_s = 0.0

    def __init__(self) -> None:
        self.live_lock = Lock()
        self.stats: dict[str, Any] = {}

    @classmethod
    def from_options(cls, _: object) -> Self:
        """Return a tracker."""
        return cls()

    def update(self, frame: Frame, *, rotation_deg: int = 0) -> PoseResult:
        """Read the number of a picture."""
        time.sleep(self.delay_s)
        mask = (frame.image[:, :, 1] > 127).astype(np.float32)
        mask[:-SIDE] = 0
        return PoseResult(
            number_of(frame.image),
            frame.timestamp_us,
            frame.width,
            frame.height,
            (replace(PERSON, mask=mask),),
        )

    def reset(self) -> None:
        """Forget nobody."""

    note_gap = close = reset
