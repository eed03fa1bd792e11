"""The orientation that a picture stores is applied in every compatibility layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image, ImageOps
from tests.fakes import Actor, fake_scene

import vitruvian.compat.mediapipe as mp
from vitruvian.compat import tfjs
from vitruvian.compat.depthai_blazepose.inputs import open_input_src

if TYPE_CHECKING:
    from pathlib import Path

ORIENTATION = 0x112  # the tag in EXIF
LOSSLESS = {"png": {}, "webp": {"lossless": True}, "tiff": {}}


def saved(folder: Path, suffix: str, orientation: int, mode: str = "RGB") -> Path:
    """Save a picture of 12 x 8 px, 8 x 12 px when upright for an orientation above 4."""
    pixels = np.random.default_rng(0).integers(0, 255, (8, 12, 4), np.uint8)
    picture = Image.fromarray(pixels).convert(mode)
    exif = picture.getexif()
    exif[ORIENTATION] = orientation
    path = folder / f"picture.{suffix}"
    picture.save(path, exif=exif, **LOSSLESS.get(suffix, {}))
    return path


def upright(path: Path, mode: str = "RGB") -> Any:
    with Image.open(path) as picture:
        return np.asarray(ImageOps.exif_transpose(picture).convert(mode))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", *LOSSLESS])
def test_mediapipe_create_from_file(tmp_path: Path, suffix: str, orientation: int) -> None:
    path = saved(tmp_path, suffix, orientation)
    image = mp.Image.create_from_file(str(path))
    assert image.image_format == mp.ImageFormat.SRGB
    np.testing.assert_array_equal(image.numpy_view(), upright(path))


@pytest.mark.parametrize("orientation", [3, 6, 7])
@pytest.mark.parametrize(("mode", "suffix"), [("RGBA", "png"), ("RGBA", "webp"), ("L", "png")])
def test_mediapipe_files_with_one_or_four_channels(
    tmp_path: Path, mode: str, suffix: str, orientation: int
) -> None:
    path = saved(tmp_path, suffix, orientation, mode)
    image = mp.Image.create_from_file(path)
    assert image.channels == len(mode)
    np.testing.assert_array_equal(image.numpy_view(), upright(path, mode))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_tfjs_paths_and_pillow_images(
    tmp_path: Path, orientation: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[np.ndarray] = []
    fake_scene(monkeypatch, Actor(hips=(4, 6), seed=1), wh=(8, 12))
    made = tfjs.create_detector(tfjs.SupportedModels.BlazePose, {"runtime": "tfjs"})
    update = made._tracker.update
    monkeypatch.setattr(
        made._tracker, "update", lambda frame: seen.append(frame.image) or update(frame)
    )
    path = saved(tmp_path, "png", orientation)
    with Image.open(path) as picture:
        for given in (path, str(path), picture):
            made.estimatePoses(given)
    for image in seen:
        np.testing.assert_array_equal(image, upright(path))
    assert len(seen) == 3


@pytest.mark.parametrize("orientation", range(1, 9))
def test_depthai_image_files(tmp_path: Path, orientation: int) -> None:
    path = saved(tmp_path, "png", orientation)
    for given in (path, str(path)):
        with open_input_src(given, fps=25) as source:
            (frame,) = source
            np.testing.assert_array_equal(frame.image, upright(path))
