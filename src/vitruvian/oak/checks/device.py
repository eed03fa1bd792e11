"""Checks of the device itself: what it is, its calibration, its frames, and unplugging it."""

from __future__ import annotations

from itertools import islice
from statistics import median
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.engine.options import TrackerOptions
from vitruvian.errors import DeviceError
from vitruvian.oak import connecting
from vitruvian.oak.checks.check import CheckResult
from vitruvian.oak.opening import open_oak
from vitruvian.oak.options import OakOptions
from vitruvian.oak.pipelines import FRAMES, camera_graph
from vitruvian.oak.runtime import VIRTUAL
from vitruvian.oak.sizes import nearest_size

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.oak.camera import OakCamera
    from vitruvian.oak.checks.check import CheckSetup

__all__ = [
    "check_calibration",
    "check_device",
    "check_focus",
    "check_in_use",
    "check_sizes",
    "check_unplug",
]

PATIENCE_S = 20.0  # a device boots and sends its first frame
SIZES = (  # frame height, crop, resolution
    (640, False, "full"),
    (1080, False, "full"),
    (640, True, "full"),
    (640, False, "ultra"),
)
FOV_DEG = (40.0, 130.0)  # of the colour cameras of all OAKs, wide ones included
MAX_OFFSET = 0.08  # of the principal point from the middle, in widths
FOCUS_FRAMES, SETTLING_FRAMES = 5, 10  # the automatic focus moves at first
UNPLUG_S = 120.0


def check_device(setup: CheckSetup) -> CheckResult:
    """Return what the device is, from its first frame."""
    options = OakOptions(device=setup.device)
    device = connecting.connect(camera_graph(options, "full"), options)
    try:
        start_s = monotonic()
        picture = device.receive(FRAMES, PATIENCE_S)
        wait_s = monotonic() - start_s
        info = device.info
    finally:
        device.close()
    if picture is None:
        return CheckResult("fail", f"no frame came within {PATIENCE_S:g} s")
    depth = {True: "depth", False: "no depth", None: "depth unknown"}[info.has_depth]
    protocol = f", {info.protocol}" if info.protocol != "none" else ""
    return CheckResult(
        "pass",
        f"{info.product or 'OAK'} {info.name}{protocol}, {depth}",
        {
            "name": info.name,
            "product": info.product,
            "state": info.state,
            "protocol": info.protocol,
            "cameras": list(info.cameras),
            "has_depth": info.has_depth,
            "first_frame_s": round(wait_s, 3),
        },
    )


def check_calibration(setup: CheckSetup) -> CheckResult:
    """Return the field of view and the principal point in the calibration of the device."""
    with _opened(setup) as camera:
        found = camera.intrinsics
    width, height = found.wh
    (fx, fy), (cx, cy) = found.focal_xy, found.matrix[:2, 2].tolist()
    fov_deg = float(np.degrees(2 * np.arctan(width / 2 / fx)))
    offset = max(abs(cx - width / 2), abs(cy - height / 2)) / width
    is_good = FOV_DEG[0] <= fov_deg <= FOV_DEG[1] and offset <= MAX_OFFSET
    return CheckResult(
        "pass" if is_good else "fail",
        f"{fov_deg:.1f} degrees wide, middle off by {100 * offset:.1f} % of the width",
        {"fov_deg": fov_deg, "fx_px": fx, "fy_px": fy, "cx_px": cx, "cy_px": cy,
         "width_px": width, "height_px": height},
    )  # fmt: skip


def check_sizes(setup: CheckSetup) -> CheckResult:
    """Return whether frames have the expected sizes."""
    wrong, seen = [], []
    for height, crop, resolution in SIZES:
        expected = nearest_size(height, crop=crop, resolution=resolution).wh
        with _opened(setup, frame_height=height, crop=crop, resolution=resolution) as camera:
            frame = next(iter(camera))
        seen.append([frame.width, frame.height])
        if (frame.width, frame.height) != expected:
            wrong.append(f"{frame.width}x{frame.height} instead of {expected[0]}x{expected[1]}")
    names = ", ".join(f"{width}x{height}" for width, height in seen)
    return CheckResult(
        "fail" if wrong else "pass", "; ".join(wrong) or f"{names} px", {"wh_px": seen}
    )


def check_focus(setup: CheckSetup) -> CheckResult:
    """Return how sharp frames are with the fixed focus of depth, against automatic focus."""
    sharpness = []
    for xyz in (False, True):
        with _opened(setup, xyz=xyz) as camera:
            if xyz and not camera.options.xyz:
                return CheckResult("skipped", "the camera has no depth, so its focus is not fixed")
            frames = islice(camera, SETTLING_FRAMES, SETTLING_FRAMES + FOCUS_FRAMES)
            sharpness.append(median(_sharpness(frame.image) for frame in frames))
    automatic, fixed = sharpness
    ratio = fixed / automatic if automatic else float("nan")
    return CheckResult(
        "measured",
        f"sharpness with fixed focus is {ratio:.2f} of that with automatic focus",
        {"automatic": automatic, "fixed": fixed},
    )


def check_in_use(setup: CheckSetup) -> CheckResult:
    """Return whether a second program gets an error, and the first one goes on."""
    with _opened(setup) as camera:
        frames = iter(camera)
        next(frames)
        try:
            with _opened(setup):
                error = ""
        except DeviceError as err:
            error = " ".join(str(err).split())
        next(frames)
        state = camera.info.state
    if error:
        return CheckResult("pass", f"error: {error}", {"error": error})
    if state == VIRTUAL:
        return CheckResult("measured", "a virtual camera can be opened twice")
    return CheckResult("fail", "the same camera was opened twice")


def check_unplug(setup: CheckSetup) -> CheckResult:
    """Return whether frames come again after the device was unplugged."""
    setup.say("Unplug the camera, wait three seconds, and plug it in again.")
    with _opened(setup) as camera:
        deadline_s, lost_s, last_s = monotonic() + UNPLUG_S, 0.0, monotonic()
        for _ in camera.reconnecting():
            now_s = monotonic()
            if camera.n_gaps:
                lost_s = now_s - last_s
                break
            last_s = now_s
            if now_s > deadline_s:
                return CheckResult("fail", f"it was not unplugged within {UNPLUG_S:g} s")
    return CheckResult("pass", f"frames after {lost_s:.1f} s", {"gap_s": lost_s})


def _opened(
    setup: CheckSetup,
    *,
    xyz: bool = False,
    frame_height: int = 640,
    crop: bool = False,
    resolution: str = "full",
) -> OakCamera:
    """Open the camera without networks."""
    options = OakOptions(
        device=setup.device, xyz=xyz, frame_height=frame_height, crop=crop, resolution=resolution
    )
    return open_oak(options, TrackerOptions())


def _sharpness(image: NDArray[np.uint8]) -> float:
    """Return the variance of the Laplacian of the green channel."""
    green = image[..., 1].astype(np.float32)
    inner = green[1:-1, 1:-1]
    laplacian = green[2:, 1:-1] + green[:-2, 1:-1] + green[1:-1, 2:] + green[1:-1, :-2] - 4 * inner
    return float(laplacian.var())
