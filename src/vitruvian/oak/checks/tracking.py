"""Checks of tracking with a device: frame rates, the script, frames and results that belong."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median, quantiles
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.engine.options import TrackerOptions
from vitruvian.oak.checks.check import CheckResult
from vitruvian.oak.opening import open_oak
from vitruvian.oak.options import OakOptions
from vitruvian.track.tracker import PoseTracker

if TYPE_CHECKING:
    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import Pose
    from vitruvian.oak.camera import OakCounts
    from vitruvian.oak.checks.check import CheckSetup
    from vitruvian.oak.record import EdgeRecord

__all__ = [
    "Run",
    "check_agreement",
    "check_arrival",
    "check_fps",
    "check_huge_roi",
    "check_laconic",
    "check_memory",
    "check_pairing",
    "check_script",
    "tracked",
]

PROFILE = "graph"  # the detector runs once a frame at most, as in depthai_blazepose
NOBODY = "nobody in view: stand 2 to 3 m before the camera"
LEAST_FRAMES = 3
KEPT = 20  # frames that are compared
VISIBLE = 0.5
MAX_APART = 0.02  # of the side of the region: heat maps refine landmarks here, not on the device
HUGE = 1.5  # side of a region, in sides of the image


@dataclass(slots=True)
class Run:
    """What came from a device in one measurement.

    Attributes
    ----------
    wanted_fps : float
        Frame rate that was asked for.
    has_depth : bool
        Whether the device measured depth.
    frame_wh : (int, int)
        Size of the frames, px.
    times_s : list of float
        When each frame was processed, by the clock of this computer.
    device_s : list of float
        Time of each frame by the clock of the device.
    poses : list of Pose
    records : list of EdgeRecord
    kept : list of (Frame, Pose or None)
        The first frames.
    counts : OakCounts or None
    """

    wanted_fps: float
    has_depth: bool
    frame_wh: tuple[int, int]
    times_s: list[float] = field(default_factory=list)
    device_s: list[float] = field(default_factory=list)
    poses: list[Pose] = field(default_factory=list)
    records: list[EdgeRecord] = field(default_factory=list)
    kept: list[tuple[Frame, Pose | None]] = field(default_factory=list)
    counts: OakCounts | None = None

    def add(self, frame: Frame, pose: Pose | None, *, keep: bool) -> None:
        """Add a frame."""
        self.times_s.append(perf_counter())
        self.device_s.append(frame.timestamp_us / 1e6)
        self.poses += [] if pose is None else [pose]
        record = getattr(frame, "record", None)  # of an OakFrame
        self.records += [] if record is None else [record]
        if keep:
            self.kept.append((frame, pose))

    @property
    def span_s(self) -> float:
        """Time from the first frame to the last."""
        return self.times_s[-1] - self.times_s[0] if self.times_s else 0.0

    @property
    def fps(self) -> float:
        """Frames per second."""
        return (len(self.times_s) - 1) / self.span_s if self.span_s > 0 else 0.0

    @property
    def seen(self) -> float:
        """Share of the frames with a person."""
        return len(self.poses) / len(self.times_s) if self.times_s else 0.0


def tracked(
    setup: CheckSetup, model: str, options: OakOptions, *, n_kept: int = 0, seconds: float = 0.0
) -> Run:
    """Track with a device for some seconds, those of the setup by default; return what came."""
    options = replace(options, device=setup.device, shaves=setup.shaves)
    tracker_options = TrackerOptions(
        model, profile=PROFILE, smoothing=0.0, models_dir=setup.models_dir
    )
    with open_oak(options, tracker_options) as camera:
        run = Run(camera.fps or 0.0, camera.options.xyz, camera.wh or (0, 0))
        tracker = PoseTracker.from_options(replace(tracker_options, model=camera.model))
        with tracker:
            for frame in camera:
                run.add(frame, tracker.update(frame).pose, keep=len(run.kept) < n_kept)
                is_long = run.span_s >= (seconds or setup.seconds)
                if is_long and len(run.times_s) >= max(n_kept, LEAST_FRAMES):
                    break
        run.counts = camera.counts
    return run


def check_fps(setup: CheckSetup, mode: str, model: str, xyz: bool) -> CheckResult:
    """Return the frame rate of a mode."""
    run = tracked(setup, model, OakOptions(mode=mode, xyz=xyz))
    if xyz and not run.has_depth:
        return CheckResult("skipped", "the camera has no depth")
    dropped = run.counts.dropped if run.counts else 0
    text = f"{run.fps:.1f} of {run.wanted_fps:g} frames/s, {dropped} dropped"
    return CheckResult(
        "measured",
        f"{text}, person in {100 * run.seen:.0f} %" if run.poses else f"{text}; {NOBODY}",
        {"fps": run.fps, "wanted_fps": run.wanted_fps, "frames": len(run.times_s),
         "dropped": dropped, "seen": run.seen},
    )  # fmt: skip


def check_memory(setup: CheckSetup) -> CheckResult:
    """Return whether the pipeline that needs most memory runs."""
    options = OakOptions(mode="edge", xyz=True, frame_height=1080)
    run = tracked(setup, "heavy", options)
    return CheckResult("pass", f"{len(run.times_s)} frames, {run.fps:.1f} frames/s",
                       {"fps": run.fps})  # fmt: skip


def check_script(setup: CheckSetup) -> CheckResult:
    """Return whether the script of the device runs, and tracks from landmarks."""
    return _edge_result(tracked(setup, "lite", OakOptions(mode="edge")))


def check_laconic(setup: CheckSetup) -> CheckResult:
    """Return whether the results of the script come without pictures."""
    return _edge_result(tracked(setup, "lite", OakOptions(mode="edge", laconic=True)))


def _edge_result(run: Run) -> CheckResult:
    with_landmarks = [record for record in run.records if record.landmarks is not None]
    n_followed = sum(not record.is_detected for record in with_landmarks)
    text = f"{len(run.records)} results, {len(with_landmarks)} with landmarks"
    values = {
        "results": len(run.records),
        "with_landmarks": len(with_landmarks),
        "followed": n_followed,
        "fps": run.fps,
    }
    if not with_landmarks:
        return CheckResult("measured", f"{text}; {NOBODY}", values)
    verdict = "pass" if n_followed else "fail"
    return CheckResult(verdict, f"{text}, {n_followed} of them without a new detection", values)


def check_pairing(setup: CheckSetup) -> CheckResult:
    """Return how many frames of mode edge have no result, or come out of order."""
    run = tracked(setup, "lite", OakOptions(mode="edge"))
    is_ordered = all(early < late for early, late in pairwise(run.device_s))
    n, dropped = len(run.times_s), run.counts.dropped if run.counts else 0
    return CheckResult(
        "pass" if is_ordered else "fail",
        f"{dropped} of {n + dropped} frames have no result"
        + ("" if is_ordered else "; frames came out of order"),
        {"frames": n, "dropped": dropped},
    )


def check_agreement(setup: CheckSetup) -> CheckResult:
    """Return how far landmarks of mode edge are from those that this computer finds."""
    run = tracked(setup, "lite", OakOptions(mode="edge"), n_kept=KEPT, seconds=1e-3)
    apart = []
    with PoseTracker("lite", profile=PROFILE, smoothing=0.0, models_dir=setup.models_dir) as here:
        for frame, there in run.kept:
            pose = here.update(frame).pose
            if pose is not None and there is not None:
                px = np.linalg.norm(pose.landmarks[:, :2] - there.landmarks[:, :2], axis=1)
                apart.append(float(np.median(px[pose.visibility > VISIBLE])) / pose.roi.wh[0])
    if not apart:
        return CheckResult("measured", NOBODY)
    return CheckResult(
        "pass" if median(apart) <= MAX_APART else "fail",
        f"median {100 * median(apart):.2f} % of the region, at most {100 * max(apart):.2f} % "
        f"({len(apart)} frames)",
        {"median_part": median(apart), "max_part": max(apart), "frames": len(apart)},
    )


def check_arrival(setup: CheckSetup) -> CheckResult:
    """Return how regularly frames arrive, against the clock of the device."""
    with open_oak(OakOptions(device=setup.device), TrackerOptions()) as camera:
        run = Run(camera.fps or 0.0, has_depth=False, frame_wh=camera.wh or (0, 0))
        for frame in camera:
            run.add(frame, None, keep=False)
            if run.span_s >= setup.seconds and len(run.times_s) >= LEAST_FRAMES:
                break
    here, there = np.diff(run.times_s), np.diff(run.device_s)
    late_ms = np.abs(1e3 * (here - there))
    p95 = quantiles(late_ms.tolist(), n=20, method="inclusive")[-1]
    return CheckResult(
        "measured",
        f"every {1e3 * median(there):.1f} ms on the device; 95 % arrive within {p95:.1f} ms of it",
        {"interval_ms": 1e3 * median(there), "jitter_p95_ms": p95},
    )


def check_huge_roi(setup: CheckSetup) -> CheckResult:
    """Return whether the device survives a person close to the lens."""
    setup.say("Step so close to the camera that your trunk fills the picture, and move about.")
    run = tracked(setup, "lite", OakOptions(mode="edge"), seconds=3 * setup.seconds)
    sides = [record.side for record in run.records if record.landmarks is not None]
    if not sides:
        return CheckResult("measured", "nobody was tracked: start further away, then come closer")
    largest = max(sides) / max(run.frame_wh)
    text = f"{len(run.times_s)} frames, the largest region has {largest:.1f} times the image width"
    return CheckResult(
        "pass" if largest >= HUGE else "measured",
        text if largest >= HUGE else f"{text}; come closer, for {HUGE:g}",
        {"max_side_part": largest, "frames": len(run.times_s)},
    )
