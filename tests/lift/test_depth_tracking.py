"""Frames with depth, through trackers, live streams, files and runs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.lift.depth_scenes import CAMERA, FOV_DEG, HIPS, WH, seen

import vitruvian as vt
from vitruvian import Frame, PoseEstimator, PoseTracker
from vitruvian.core.camera import Camera
from vitruvian.core.depth import DepthImage
from vitruvian.export import load_results
from vitruvian.lift.camera_options import CameraOptions
from vitruvian.lift.placer import Placer
from vitruvian.runs.runner import _placed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def tracker() -> Iterator[PoseTracker]:
    with PoseTracker("lite", num_poses=2) as opened:
        yield opened


def frame_of(name: str, time_us: int = 0, index: int = 0) -> Frame:
    return Frame(seen(name).view.image, time_us, index, depth=seen(name).depth)


def hips_of(pose: vt.Pose) -> np.ndarray:
    assert pose.camera is not None
    return pose.camera[HIPS].mean(axis=0)


def test_a_tracker_places_everyone_in_a_frame_with_depth(tracker: PoseTracker) -> None:
    tracker.reset()
    result = tracker.update(frame_of("two"))
    found = sorted((hips_of(pose) for pose in result), key=lambda hips: hips[0])
    true = seen("two").joints[:, HIPS].mean(axis=1)
    np.testing.assert_allclose(found, true, atol=0.08)
    assert {pose.xyz_ref for pose in result} == {"mid_hips"}


def test_without_depth_a_tracker_places_nobody(tracker: PoseTracker) -> None:
    tracker.reset()
    result = tracker.update(replace(frame_of("two"), depth=None))
    assert len(result) == 2
    assert {(pose.camera, pose.measured) for pose in result} == {(None, None)}


def test_reset_forgets_the_filters_of_depth(tracker: PoseTracker) -> None:
    tracker.reset()
    first = tracker.update(frame_of("alone"))
    tracker.update(frame_of("two", 40_000, 1))
    tracker.reset()
    assert tracker.update(frame_of("alone")) == first


def test_a_gap_starts_the_filters_anew(tracker: PoseTracker) -> None:
    tracker.reset()
    near = frame_of("alone")
    tracker.update(near)
    tracker.note_gap()
    far = DepthImage(seen("alone").view.depth_m + np.float32(0.3), CAMERA, 1.0)
    pose = tracker.update(replace(near, timestamp_us=40_000, depth=far)).pose
    assert pose is not None
    assert pose.measured is not None
    assert pose.measured.surface_xyz_m is not None
    left, top, right, bottom = pose.measured.zone_xyxy
    surface = float(np.median(far.values[top : bottom + 1, left : right + 1]))
    assert pose.measured.surface_xyz_m[2] == pytest.approx(surface)


def test_a_live_stream_places_people(tracker: PoseTracker) -> None:
    tracker.reset()
    with vt.LiveStream(tracker) as stream:
        stream.push(frame_of("alone"))
        _, result = next(iter(stream))
    assert result.pose is not None
    assert result.pose.measured is not None


def test_an_estimator_places_people() -> None:
    with PoseEstimator("lite") as estimator:
        pose = estimator.detect(frame_of("alone")).pose
    assert pose is not None
    true = seen("alone").joints[0, HIPS].mean(axis=0)
    np.testing.assert_allclose(hips_of(pose), true, atol=0.08)


@pytest.mark.parametrize("rotation_deg", [90, 180, 270])
def test_a_rotated_frame_has_its_positions_in_its_own_axes(rotation_deg: int) -> None:
    quarters = rotation_deg // 90
    view = seen("alone").view
    image, values = (
        np.ascontiguousarray(np.rot90(a, quarters)) for a in (view.image, view.depth_m)
    )
    camera = Camera.from_fov(values.shape[::-1], FOV_DEG)
    frame = Frame(image, depth=DepthImage(values, camera, 1.0))
    with PoseEstimator("lite") as estimator:
        upright = estimator.detect(frame_of("alone")).pose
        pose = estimator.detect(frame, rotation_deg=rotation_deg).pose
    assert upright is not None
    assert pose is not None
    x, y, z = np.moveaxis(np.asarray(upright.camera, np.float64), -1, 0)
    for _ in range(quarters):  # the image is rotated anticlockwise
        x, y = y, -x
    expected = np.stack([x, y, z], axis=-1)
    np.testing.assert_allclose(hips_of(pose), expected[HIPS].mean(axis=0), atol=0.02)
    assert pose.camera is not None
    assert np.median(np.linalg.norm(pose.camera - expected, axis=1)) < 0.02


def test_json_files_hold_the_measured_position_and_tables_the_joints(
    tracker: PoseTracker, tmp_path: Path
) -> None:
    tracker.reset()
    result = tracker.update(frame_of("alone"))
    names = ["poses.jsonl", "poses.json", "poses.csv", "poses.npz"]
    with vt.open_output(*[str(tmp_path / name) for name in names]) as sink:
        sink.write(result)
    for name in names:
        (back,) = load_results(tmp_path / name)
        assert back.pose is not None
        assert result.pose is not None
        np.testing.assert_allclose(back.pose.camera, result.pose.camera, atol=1e-4)
        is_kept = back.pose.measured == result.pose.measured
        assert is_kept == ("json" in name)


def test_a_run_with_camera_space_keeps_measured_positions(tracker: PoseTracker) -> None:
    tracker.reset()
    frame = frame_of("alone")
    result = tracker.update(frame)
    without = replace(frame, depth=None)
    poses = tuple(replace(pose, camera=None, measured=None) for pose in result)
    plain = replace(result, poses=poses, provenance=None)
    placer = Placer(CameraOptions(fov_deg=FOV_DEG))
    found = [r for _, r in _placed([(frame, result), (without, plain)], placer, "test")]
    assert found[0] == result
    assert found[1].poses[0].camera is not None
    assert found[1].width == WH[0]
