"""Key frames of a clip as small pictures with the pose drawn."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from vitruvian.draw.overlay import draw_poses
from vitruvian.media import open_input

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import PoseResult
    from vitruvian.core.sequence import PersonSequence

__all__ = ["KeyFrame", "key_frames"]

MAX_WH = (320, 420)
MARGIN = 0.12  # around the person, of the larger side
QUALITY = 82


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """A picture of a person at one time.

    Attributes
    ----------
    label : str
    time_us : int
    wh : (int, int)
    data_url : str
        The picture, a JPEG.
    """

    label: str
    time_us: int
    wh: tuple[int, int]
    data_url: str


def key_frames(
    video: str | Path, wanted: Sequence[tuple[PersonSequence, Mapping[int, str]]]
) -> dict[int, list[KeyFrame]]:
    """Return pictures of people from the video that was tracked, by their IDs.

    Parameters
    ----------
    video : str or path
    wanted : sequence of (PersonSequence, mapping of int to str)
        Each person, and the label of each frame that is shown by its time in µs. Frames that the
        video or the person lacks are left out.
    """
    rows = [
        (person, int(person.timestamps_us[i]), i, labels[int(person.timestamps_us[i])])
        for person, labels in wanted
        for i in np.flatnonzero(person.is_present).tolist()
        if int(person.timestamps_us[i]) in labels
    ]
    found: dict[int, list[KeyFrame]] = {}
    last_us = max((time_us for _, time_us, _, _ in rows), default=None)
    if last_us is None:
        return found
    with open_input(video) as frames:
        for frame in frames:
            if frame.timestamp_us > last_us:
                break
            for person, time_us, i, label in rows:
                if time_us == frame.timestamp_us:
                    (result,) = person[i : i + 1].to_results()
                    if (frame.width, frame.height) == (result.width, result.height):
                        found.setdefault(person.id, []).append(_key_frame(frame, result, label))
    return found


def _key_frame(frame: Frame, result: PoseResult, label: str) -> KeyFrame:
    drawn = draw_poses(frame, result)
    left, top, right, bottom = _around(result.poses[0].landmarks[:, :2], frame.width, frame.height)
    picture = Image.fromarray(drawn[top:bottom, left:right])
    picture.thumbnail(MAX_WH)
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=QUALITY)
    text = base64.b64encode(data.getvalue()).decode()
    return KeyFrame(label, frame.timestamp_us, picture.size, f"data:image/jpeg;base64,{text}")


def _around(points: NDArray[np.floating], width: int, height: int) -> tuple[int, int, int, int]:
    """Return a part of the image with the person in the middle, as 3 : 4 where it can be."""
    known = points[np.isfinite(points).all(axis=1)]
    low, high = known.min(axis=0), known.max(axis=0)
    tall = (1 + 2 * MARGIN) * max(high[1] - low[1], (high[0] - low[0]) * 4 / 3, 32)
    middle = (low + high) / 2
    half = np.array([tall * 3 / 8, tall / 2])
    left, top = np.clip(middle - half, 0, None)
    right, bottom = np.minimum(middle + half, [width, height])
    if right - left < 2 or bottom - top < 2:  # the person is outside of the image
        return 0, 0, width, height
    return int(left), int(top), int(np.ceil(right)), int(np.ceil(bottom))
