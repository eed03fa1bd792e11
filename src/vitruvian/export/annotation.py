"""The annotated picture of one frame, which images and videos store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitruvian.draw.overlay import draw_poses
from vitruvian.draw.style import Style

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import PoseResult
    from vitruvian.export import SinkOptions

__all__ = ["annotated_image"]


def annotated_image(
    result: PoseResult, frame: Frame | None, options: SinkOptions
) -> NDArray[np.uint8]:
    """Return the (H, W, 3) RGB pixels of `frame` with its poses; ValueError without a frame."""
    if frame is None:
        raise ValueError(
            f"{str(options.path)!r} shows the frames themselves: call write(result, frame)"
        )
    return draw_poses(frame.image, result, options.style or Style())
