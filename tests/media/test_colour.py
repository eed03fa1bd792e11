"""Colour conversion of written videos: equal to OpenCV, compiled or by NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import av
import cv2
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from vitruvian import native
from vitruvian.media import colour
from vitruvian.media.colour import i420_from_rgb
from vitruvian.media.recorder import VideoWriter

if TYPE_CHECKING:
    from pathlib import Path

SHAPES = [(48, 64), (2, 2), (34, 130), (200, 6)]


@pytest.fixture(params=["used", "NumPy"])
def kernels(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernels in use, then their NumPy twins."""
    if request.param == "NumPy":
        monkeypatch.setattr(native, "core", None)


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.usefixtures("kernels")
@pytest.mark.parametrize("hw", SHAPES)
def test_planes_are_those_of_opencv(hw: tuple[int, int]) -> None:
    image = noise(*hw)
    assert_array_equal(i420_from_rgb(image), cv2.cvtColor(image, cv2.COLOR_RGB2YUV_I420))


@pytest.mark.usefixtures("kernels")
def test_an_odd_side_is_treated_as_one_pixel_longer() -> None:
    image = noise(5, 7)
    padded = np.pad(image, ((0, 1), (0, 1), (0, 0)), "edge")
    assert_array_equal(i420_from_rgb(image), i420_from_rgb(padded))


@pytest.mark.skipif(native.core is None, reason="there is no compiled core")
def test_the_compiled_conversion_refuses_wrong_arrays() -> None:
    assert native.core is not None
    for image, out in (
        (noise(4, 4), np.empty((4, 4), np.uint8)),
        (noise(3, 4), np.empty((4, 4), np.uint8)),
        (noise(4, 4)[:, ::-1], np.empty((6, 4), np.uint8)),
        (noise(4, 4)[..., 0], np.empty((6, 4), np.uint8)),
    ):
        with pytest.raises(ValueError, match="must"):
            native.core.i420_from_rgb(image, out)


def test_saturated_colours_survive_a_video(tmp_path: Path) -> None:
    colours = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0], [128, 128, 128]])
    chart = np.repeat(np.repeat(colours[None], 32, axis=1), 64, axis=0).astype(np.uint8)
    with VideoWriter(tmp_path / "chart.mp4", chart.shape[1::-1], fps=25) as writer:
        for i in range(5):
            writer.write(chart, i * 40_000)
    with av.open(str(tmp_path / "chart.mp4")) as container:
        frame = next(container.decode(video=0))
        read = colour.RgbConverter().rgb(frame)
    middles = read[32, 16::32].astype(int)
    assert np.abs(middles - colours).max() <= 6
