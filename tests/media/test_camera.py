"""Cameras without a device: FFmpeg's generated test picture is read through the same code."""

from __future__ import annotations

from itertools import pairwise

import pytest

import vitruvian
from vitruvian.errors import SourceError
from vitruvian.media.camera import Camera, cameras
from vitruvian.media.container import open_container


def generated(description: str) -> Camera:
    """Return a camera whose device is FFmpeg's ``lavfi``."""
    return Camera(open_container(description, format="lavfi"), "camera 7")


@pytest.mark.parametrize("what", [97, "97", "/dev/video97"])
def test_a_missing_camera_raises_an_error_with_the_cameras_present(what: object) -> None:
    present = ", ".join(map(str, cameras())) or "none"
    with pytest.raises(SourceError, match=f"no camera 97; cameras present: {present}"):
        vitruvian.open_input(what)


def test_frames_are_live_and_their_times_start_at_zero_and_increase() -> None:
    with generated("testsrc=size=64x48:rate=25:duration=0.4") as source:
        frames = list(source)
    assert (source.name, source.is_live, source.wh) == ("camera 7", True, (64, 48))
    assert (source.path, source.n_frames, source.fps) == (None, None, 25.0)
    assert frames[0].timestamp_us == 0
    assert all(a.timestamp_us < b.timestamp_us for a, b in pairwise(frames))
    assert all(a.index < b.index for a, b in pairwise(frames))


def test_a_camera_that_stops_logs_a_warning_with_the_number_of_frames() -> None:
    with generated("testsrc=size=64x48:rate=25:duration=0.4") as source:
        n_read = len(list(source))
    assert len(source.warnings) == 1
    assert f"camera 7 stopped after {n_read} frames" in source.warnings[0]


def test_pixels_are_rgb() -> None:
    with generated("color=c=0xff8000:size=64x48:rate=25:duration=0.1,format=rgb24") as source:
        first = next(iter(source))
    assert first.image[24, 32].tolist() == [255, 128, 0]
