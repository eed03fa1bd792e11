"""Checks of the depth that a device measures: coverage, sign, scale, and that modes agree."""

from __future__ import annotations

from itertools import islice
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.depth import DepthImage
from vitruvian.engine.options import TrackerOptions
from vitruvian.oak.checks.check import CheckResult
from vitruvian.oak.checks.tracking import NOBODY, Run, tracked
from vitruvian.oak.opening import open_oak
from vitruvian.oak.options import OakOptions

if TYPE_CHECKING:
    from vitruvian.core.depth import MeasuredPosition
    from vitruvian.oak.checks.check import CheckSetup

__all__ = ["check_coverage", "check_modes", "check_scale", "check_sign"]

NO_DEPTH = CheckResult("skipped", "the camera has no depth")
SETTLING_FRAMES, FRAMES = 5, 5
MAX_SCALE = 0.05  # of the distance; stereo of 7.5 cm is as exact up to about 4 m
MIN_OFFSET = 0.1  # of the sides: nearer to the middle, the sign may be that of the error


def check_coverage(setup: CheckSetup) -> CheckResult:
    """Return which part of the image has depth."""
    options = OakOptions(device=setup.device, xyz=True)
    with open_oak(options, TrackerOptions()) as camera:
        if not camera.options.xyz:
            return NO_DEPTH
        frames = list(islice(camera, SETTLING_FRAMES, SETTLING_FRAMES + FRAMES))
    images = [frame.depth for frame in frames if isinstance(frame.depth, DepthImage)]
    if not images:
        return CheckResult("fail", "no frame came with depth")
    shares = [float((image.values > 0).mean()) for image in images]
    known_m = [image.values[image.values > 0] * image.unit_m for image in images]
    middle_m = float(np.median(np.concatenate(known_m))) if any(map(len, known_m)) else 0.0
    return CheckResult(
        "measured" if max(shares) > 0 else "fail",
        f"{100 * median(shares):.0f} % of the pixels, median {middle_m:.2f} m",
        {"share": median(shares), "median_m": middle_m, "frames_with_depth": len(images)},
    )


def check_sign(setup: CheckSetup) -> CheckResult:
    """Return whether the landmarks in camera space lie where the picture shows them."""
    run, _ = _positions(setup, "edge")
    placed = [pose for pose in run.poses if pose.camera is not None]
    if not placed:
        return _nothing(run)
    n_right = n_wrong = 0
    for pose in placed:
        offsets = pose.landmarks[:, :2] / run.frame_wh - 0.5
        xyz = np.asarray(pose.camera)
        is_far = (np.abs(offsets) > MIN_OFFSET) & np.isfinite(xyz[:, :2])
        is_right = (offsets * xyz[:, :2] > 0) & (xyz[:, 2:] > 0)
        n_right += int((is_far & is_right).sum())
        n_wrong += int((is_far & ~is_right).sum())
    return CheckResult(
        "fail" if n_wrong else "pass",
        f"x right, y down, z away: {n_right} of {n_right + n_wrong} coordinates",
        {"right": n_right, "wrong": n_wrong},
    )


def check_scale(setup: CheckSetup) -> CheckResult:
    """Return the distance of the person, and its error if the true one is known."""
    run, found = _positions(setup, "edge")
    if not found:
        return _nothing(run)
    z_m = median(measured.xyz_m[2] for measured in found)
    values = {"z_m": z_m, "references": sorted({measured.reference for measured in found})}
    if setup.distance_m is None:
        text = f"{z_m:.2f} m; give the true distance of the hips with --distance"
        return CheckResult("measured", text, values)
    error = z_m / setup.distance_m - 1
    verdict = "pass" if abs(error) <= MAX_SCALE else "fail"
    text = f"{z_m:.2f} m instead of {setup.distance_m:.2f} m: {100 * error:+.1f} %"
    return CheckResult(verdict, text, {**values, "error_part": error})


def check_modes(setup: CheckSetup) -> CheckResult:
    """Return whether host mode, with the whole depth image, and edge mode measure the same."""
    setup.say("Stand still, 2 to 3 m before the camera, until the next line.")
    z_m = {}
    for mode in ("host", "edge"):
        run, found = _positions(setup, mode)
        if not found:
            return _nothing(run)
        z_m[mode] = median(measured.xyz_m[2] for measured in found)
    apart = abs(z_m["host"] / z_m["edge"] - 1)
    return CheckResult(
        "pass" if apart <= MAX_SCALE else "fail",
        f"host {z_m['host']:.2f} m, edge {z_m['edge']:.2f} m",
        {"host_m": z_m["host"], "edge_m": z_m["edge"]},
    )


def _positions(setup: CheckSetup, mode: str) -> tuple[Run, list[MeasuredPosition]]:
    """Return where a mode measured the person."""
    run = tracked(setup, "lite", OakOptions(mode=mode, xyz=True))
    return run, [pose.measured for pose in run.poses if pose.measured is not None]


def _nothing(run: Run) -> CheckResult:
    if not run.has_depth:
        return NO_DEPTH
    if not run.poses:
        return CheckResult("measured", NOBODY)
    return CheckResult("fail", "no depth was measured at the person")
