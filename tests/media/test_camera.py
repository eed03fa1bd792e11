"""Cameras without a device: OpenCV's capture of a file replaces it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

import vitruvian
from vitruvian.errors import SourceError
from vitruvian.media.camera import Camera

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("what", [97, "97", "/dev/video97"])
def test_a_missing_camera_raises_an_error_with_the_devices_present(what: object) -> None:
    present = ", ".join(sorted(str(path) for path in Path("/dev").glob("video*"))) or "none"
    with pytest.raises(SourceError, match=f"no camera 97: devices present: {present}"):
        vitruvian.open_input(what)


def test_timestamps_are_arrival_times(make_clip: Callable[..., Path]) -> None:
    with Camera(cv2.VideoCapture(str(make_clip())), "camera 7") as source:
        frames = list(source)
    assert (source.name, source.is_live, source.wh) == ("camera 7", True, (64, 48))
    assert (source.path, source.n_frames, source.fps) == (None, None, 25.0)
    assert frames[0].timestamp_us == 0
    assert all(a.timestamp_us < b.timestamp_us for a, b in pairwise(frames))
    assert [frame.index for frame in frames] == list(range(10))


def test_a_camera_that_stops_logs_a_warning_with_the_number_of_frames(
    make_clip: Callable[..., Path],
) -> None:
    with Camera(cv2.VideoCapture(str(make_clip())), "camera 7") as source:
        list(source)
    assert source.warnings == ["camera 7 stopped after 10 frames"]


def test_pixels_are_rgb(make_clip: Callable[..., Path]) -> None:
    path = make_clip()
    with Camera(cv2.VideoCapture(str(path)), "camera 7") as source:
        first = next(iter(source))
    expected = cv2.VideoCapture(str(path)).read()[1][..., ::-1]
    np.testing.assert_array_equal(first.image, expected)


def test_a_capture_that_is_not_open_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="camera 7 can't be opened or returns no frame"):
        Camera(cv2.VideoCapture(), "camera 7")
