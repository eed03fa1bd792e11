"""Parts of the miniature data sets that the tests of the readers build."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import numpy as np
from PIL import Image

from vitruvian.core.camera import Camera
from vitruvian.core.skeleton import COCO17

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["BODY", "LIMBS", "by_name", "camera", "write_image", "write_json", "write_video"]

LIMBS = COCO17.names[5:]
BODY = np.array([  # the limbs of someone who faces the camera, 3 m ahead; x right, y down, z ahead
    *((0.2, -0.5, 3.0), (-0.2, -0.5, 3.0), (0.3, -0.2, 3.0), (-0.3, -0.2, 3.0)),
    *((0.3, 0.05, 2.9), (-0.3, 0.05, 2.9), (0.12, 0.0, 3.0), (-0.12, 0.0, 3.0)),
    *((0.12, 0.4, 3.0), (-0.12, 0.4, 3.0), (0.12, 0.8, 3.1), (-0.12, 0.8, 3.1)),
])  # fmt: skip


def by_name(names: Sequence[str], points: NDArray[np.floating] = BODY) -> NDArray[np.float64]:
    """Return the limbs in the order of other names; 0 where a name is not that of a limb."""
    result = np.zeros((len(names), points.shape[-1]))
    for name, point in zip(LIMBS, points, strict=True):
        result[list(names).index(name)] = point
    return result


def camera(wh: tuple[int, int] = (64, 96), **extrinsics: NDArray[np.floating]) -> Camera:
    matrix = np.array([[100.0, 0, wh[0] / 2], [0, 100.0, wh[1] / 2], [0, 0, 1]])
    return Camera(wh=wh, matrix=matrix, **extrinsics)


def write_image(path: Path, wh: tuple[int, int] = (64, 96)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", wh, (10, 20, 30)).save(path)


def write_json(path: Path, data: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data))
    return path


def write_video(path: Path, n_frames: int, wh: tuple[int, int] = (64, 96)) -> Path:
    """Write a video whose frame k has grey 40 + 20 k."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=Fraction(50))
        stream.width, stream.height, stream.pix_fmt = *wh, "yuv420p"
        for index in range(n_frames):
            grey = np.full((wh[1], wh[0], 3), 40 + 20 * index, np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path
