"""The calibration in a device as a Camera."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.core.camera import MAX_DISTORTIONS, Camera

if TYPE_CHECKING:
    from vitruvian.oak.depthai.library import DepthAI

__all__ = ["camera_from_calibration"]

logger = logging.getLogger(__name__)

FISHEYE_DISTORTIONS = 4
FOV_DEG = 69.0  # OAK-D, OAK-1: horizontal field of view of the IMX378; docs.luxonis.com


def camera_from_calibration(library: DepthAI, calibration: Any, wh: tuple[int, int]) -> Camera:
    """Return the colour camera for its whole image scaled to `wh`, px.

    depthai scales the calibrated image so that it covers `wh` and crops its middle, as the camera
    does. Of the 14 distortion coefficients the first 8 are used: those of tilted lenses are 0.
    """
    dai = library.module
    socket = dai.CameraBoardSocket.CAM_A
    try:
        matrix = np.array(calibration.getCameraIntrinsics(socket, *wh), np.float64)
        distortions = np.array(calibration.getDistortionCoefficients(socket), np.float64)
        model = calibration.getDistortionModel(socket).name
        is_known = bool(matrix[0, 0] > 0 and np.isfinite(matrix).all())
    except RuntimeError as err:
        logger.warning("the camera has no calibration: %s", err)
        is_known = False
    if not is_known:
        logger.warning("the focal length of the camera is assumed: %g degrees", FOV_DEG)
        return replace(Camera.from_fov(wh, FOV_DEG), is_assumed=True)
    is_fisheye = model == "Fisheye"
    n = FISHEYE_DISTORTIONS if is_fisheye else MAX_DISTORTIONS
    distortions = np.resize(np.append(distortions[:n], np.zeros(n)), n)
    return Camera(wh=wh, matrix=matrix, distortions=distortions, is_fisheye=is_fisheye)
