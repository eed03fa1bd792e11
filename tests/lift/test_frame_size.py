"""Clips that were cropped or resized after the calibration."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.lift.stage import cameras_around, clip_of, true_points

from vitruvian.lift.frame_size import best_crop, fitted_cameras
from vitruvian.synthetic import Person, motions

CAMERAS = cameras_around(3)
POINTS = true_points([Person(motion=motions.walk(1.0), position=(0.0, -1.0))], np.arange(40) / 20)
CROPPED = {**CAMERAS, "cam2": CAMERAS["cam2"].cropped(30, 60, (1200, 640))}


def clips_of(cameras):
    return {
        name: clip_of(camera, POINTS, noise_px=1.0, seed=k)
        for k, (name, camera) in enumerate(cameras.items())
    }


def test_a_crop_is_found_by_the_rays() -> None:
    clips = clips_of(CROPPED)
    assert best_crop(clips, {**CAMERAS}, "cam2") == (30.0, 60.0)
    fitted = fitted_cameras(clips, CAMERAS, {"cam2": "auto"})
    assert_allclose(fitted["cam2"].matrix, CROPPED["cam2"].matrix)
    assert fitted["cam2"].wh == (1200, 640)


def test_a_crop_or_a_scale_can_be_given() -> None:
    fitted = fitted_cameras(clips_of(CROPPED), CAMERAS, {"cam2": (30.0, 60.0)})
    assert_allclose(fitted["cam2"].matrix, CROPPED["cam2"].matrix)
    small = {**CAMERAS, "cam2": CAMERAS["cam2"].scaled((640, 360))}
    fitted = fitted_cameras(clips_of(small), CAMERAS, {"cam2": "scale"})
    assert_allclose(fitted["cam2"].matrix, small["cam2"].matrix)


def test_another_size_is_an_error() -> None:
    with pytest.raises(
        ValueError, match="'cam2' is calibrated for images of 1280x720 px, got 1200"
    ):
        fitted_cameras(clips_of(CROPPED), CAMERAS, {})
    with pytest.raises(ValueError, match="camera 'cam7' is not in the calibration"):
        fitted_cameras(clips_of(CAMERAS), CAMERAS, {"cam7": "auto"})
    large = {**CAMERAS, "cam2": CAMERAS["cam2"].scaled((1920, 1080))}
    with pytest.raises(ValueError, match="1920x1080, are no crop of those of its calibration"):
        fitted_cameras(clips_of(large), CAMERAS, {"cam2": "auto"})
    nobody = {**clips_of(CAMERAS), "cam2": clip_of(CROPPED["cam2"], np.full_like(POINTS, np.nan))}
    with pytest.raises(ValueError, match="nobody is seen by camera 'cam2' and another one"):
        fitted_cameras(nobody, CAMERAS, {"cam2": "auto"})
    with pytest.raises(ValueError, match="the clip of camera 'cam2' has no frames"):
        fitted_cameras({**clips_of(CAMERAS), "cam2": clips_of(CAMERAS)["cam2"][:0]}, CAMERAS, {})
