"""What is known of the camera, and what counts first."""

from __future__ import annotations

import json

import numpy as np
import pytest

from vitruvian.core.camera import Camera
from vitruvian.lift.camera_options import (
    CameraOptions,
    camera_from_35mm,
    camera_of_record,
)

WH = (1920, 1080)


def test_the_first_source_that_is_there_counts() -> None:
    calibrated = Camera.from_focal(WH, 1234.0)
    assert CameraOptions(camera=calibrated).camera_for(WH, 26.0) is calibrated
    assert CameraOptions(focal_px=1500).camera_for(WH, 26.0).focal_px == 1500
    assert CameraOptions(fov_deg=90).camera_for(WH, 26.0).focal_px == pytest.approx(960)
    assert CameraOptions().camera_for(WH, 26.0).focal_px == pytest.approx(1323.7, abs=0.5)
    assumed = CameraOptions().camera_for(WH)
    assert assumed.focal_px == pytest.approx(0.866 * 1920, rel=1e-4)
    assert assumed.is_assumed
    assert not CameraOptions().camera_for(WH, 26.0).is_assumed


def test_a_focal_length_of_35_mm_film_goes_with_the_diagonal() -> None:
    upright, lying = (camera_from_35mm(wh, 43.27).focal_px for wh in ((1080, 1920), WH))
    assert upright == lying == pytest.approx((1080**2 + 1920**2) ** 0.5)


def test_the_record_in_the_provenance_gives_the_camera_back() -> None:
    camera = Camera(
        wh=WH,
        matrix=np.array([[1500.0, 0, 970], [0, 1490, 530], [0, 0, 1]]),
        distortions=np.array([0.1, -0.2, 0.01, 0.02, 0.3]),
        name="left",
    )
    for options in (CameraOptions(camera=camera), CameraOptions(), CameraOptions(fov_deg=70)):
        record = json.loads(json.dumps(options.record(WH)))
        assert camera_of_record(record) == options.camera_for(WH)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"focal_px": 0.0}, "focal_px must be positive, got 0.0"),
        ({"focal_px": -5}, "focal_px must be positive"),
        ({"focal_px": float("nan")}, "focal_px must be positive"),
        ({"fov_deg": 0.5}, "fov_deg must be from 1 to 170"),
        ({"fov_deg": 200}, "fov_deg must be from 1 to 170"),
        ({"height_m": 0.1}, "height_m must be from 0.4 to 2.6"),
        ({"focal_px": 900, "fov_deg": 60}, "focal_px and fov_deg must not be given together"),
    ],
)
def test_values_out_of_range_are_refused(values: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CameraOptions(**values)  # type: ignore[arg-type]
