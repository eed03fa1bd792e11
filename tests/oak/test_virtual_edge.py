"""Modes "edge" and "host" on the virtual camera: what its script and its networks answer, and when.

The rate and the timing of the virtual camera are assumptions, chosen so that it keeps up with the
default frame rates; see `vitruvian.oak.virtual.nodes`.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import vitruvian
from tests.oak.virtual_views import FOV_DEG, WH, empty_frame, person_frames, scene
from vitruvian.core.camera import Camera
from vitruvian.engine.options import TrackerOptions
from vitruvian.errors import DeviceError
from vitruvian.oak.opening import open_oak
from vitruvian.oak.options import EDGE_FPS, OakOptions
from vitruvian.oak.pipelines import FRAMES, RESULTS, edge_graph
from vitruvian.oak.record import EdgeRecord
from vitruvian.oak.runtime import ScriptError
from vitruvian.oak.script import edge_script
from vitruvian.oak.virtual import Faults, VirtualOak, virtual_runtime

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import PoseResult
    from vitruvian.oak.frame import OakFrame
    from vitruvian.oak.runtime import Runtime

pytestmark = pytest.mark.weights

LITE = TrackerOptions(model="lite")


def edge(
    device: VirtualOak, tracker: TrackerOptions = LITE, **options: Any
) -> tuple[Runtime, OakOptions]:
    """Return a camera with the script of mode "edge"."""
    asked = OakOptions(mode="edge", device=device, **{"frame_height": 288, **options})
    graph = edge_graph(asked, str(tracker.model), edge_script(asked, tracker))
    return virtual_runtime(graph, asked), asked


def records(runtime: Runtime, n: int, timeout_s: float = 1.0) -> list[EdgeRecord]:
    """Return the next records of the script."""
    found = []
    for _ in range(n):
        message = runtime.receive(RESULTS, timeout_s)
        if message is None:
            break
        found.append(EdgeRecord.from_bytes(message.data))
    return found


def tracked(
    frames: Sequence[Frame] | VirtualOak, n: int, tracker: TrackerOptions = LITE, **options: Any
) -> list[tuple[OakFrame, PoseResult]]:
    """Return frames of a camera and the results of the tracker that its mode asks for."""
    device = frames if isinstance(frames, VirtualOak) else VirtualOak(frames)
    asked = OakOptions(device=device, **{"mode": "edge", "frame_height": 288, **options})
    found = []
    with open_oak(asked, tracker) as camera, vitruvian.PoseTracker(camera.model) as follower:
        for frame in camera:
            found.append((frame, follower.update(frame)))
            if len(found) == n:
                break
    return found


# --- the loop on the device ---


@pytest.mark.parametrize("depthai", [2, 3])
def test_the_landmark_network_sees_a_later_frame_than_the_detector(depthai: int):
    camera, _ = edge(VirtualOak(person_frames(), depthai=depthai))
    first, second, third = records(camera, 3)
    assert first.is_pending
    assert (first.number, first.landmarks) == (0, None)
    assert second.is_detected
    assert second.number == 1
    assert second.landmarks is not None
    assert (third.number, third.is_detected) == (2, False)


@pytest.mark.parametrize(("model", "n"), [("lite", 12), ("heavy", 3)])
@pytest.mark.parametrize("xyz", [False, True])
def test_the_device_keeps_up_with_the_default_frame_rate(model: str, n: int, xyz: bool):
    camera, options = edge(VirtualOak(person_frames()), replace(LITE, model=model), xyz=xyz)
    assert options.fps_for(model) == EDGE_FPS[model][xyz]
    numbers = [record.number for record in records(camera, n)]
    assert numbers == list(range(n))


def test_a_frame_rate_that_is_too_high_for_the_mode_drops_frames(
    caplog: pytest.LogCaptureFixture,
):
    frames = tracked(person_frames(), 5, fps=60)
    times_us = [frame.timestamp_us for frame, _ in frames]
    assert np.diff(times_us).min() > 30_000
    assert all(result.poses for _, result in frames[1:])
    options = OakOptions(mode="edge", device=VirtualOak(person_frames()), fps=60)
    with open_oak(options, LITE) as camera:
        next(iter(camera))
    assert "mode 'edge' reaches about 26 frames/s with model 'lite', not 60" in caplog.text


def test_both_networks_may_see_one_frame_which_then_has_one_record():
    """At 8 frames a second a detection ends before the next frame."""
    found = records(edge(VirtualOak(person_frames()), fps=8)[0], 4)
    assert [record.number for record in found] == [0, 1, 2, 3]
    assert found[0].is_detected
    assert found[0].landmarks is not None


def test_force_detection_detects_each_time():
    tracker = replace(LITE, force_detection=True)
    found = records(edge(VirtualOak(person_frames()), tracker)[0], 8)
    assert all(record.is_detected for record in found)
    assert sum(record.landmarks is not None for record in found) >= 3
    assert [record.number for record in found] == sorted(record.number for record in found)


def test_a_person_who_leaves_is_lost_and_found_again():
    empty = [empty_frame()] * 5
    frames = [*person_frames()[:5], *empty, *person_frames()[5:12]]
    results = tracked(frames, 14, fps=20)
    is_seen = {frame.timestamp_us // 50_000: bool(result.poses) for frame, result in results}
    assert all(is_seen[i] for i in (1, 2, 3, 4))
    assert not any(is_seen.get(i) for i in (5, 6, 7, 8, 9))
    assert is_seen[max(is_seen)]


def test_an_empty_room_gives_records_without_a_person():
    found = records(edge(VirtualOak([empty_frame()] * 12))[0], 3)
    assert [record.landmarks for record in found] == [None] * 3
    assert all(record.detection_score < 0.5 for record in found)


def _too_close() -> VirtualOak:
    """Return a camera that a person comes so close to that the face fills the image."""
    image = person_frames()[3].image
    close = [image[90:200, 190:320], image[100:150, 215:300], image[110:130, 240:270]]
    frames = [*person_frames()[:3], *(vitruvian.Frame(np.ascontiguousarray(c)) for c in close * 4)]
    return VirtualOak(frames)


def test_a_region_that_grows_huge_is_clamped_and_the_device_goes_on():
    """A person close to the lens: the most reported crash of depthai_blazepose."""
    found = records(edge(_too_close())[0], 14)
    assert max(record.side for record in found if np.isfinite(record.side)) == 3 * max(WH)
    assert found[-1].number >= 12


def test_a_region_that_is_not_clamped_would_crash_the_device():
    options = OakOptions(mode="edge", device=_too_close(), frame_height=288)
    text = edge_script(options, LITE)
    assert "MAX_SIDE = 3.0 * max(FRAME_WH)" in text
    graph = edge_graph(options, "lite", text.replace("3.0 * max(FRAME_WH)", "1e9"))
    with pytest.raises(DeviceError, match="invalid configuration"):
        records(virtual_runtime(graph, options), 14)


@pytest.mark.parametrize("crop", [False, True])
def test_landmarks_are_on_the_person_with_and_without_crop(crop: bool):
    view = scene().render(0.05, WH)
    (_, _), (frame, result) = tracked(VirtualOak(scene()), 2, crop=crop, fps=20)
    left = (WH[0] - WH[1]) / 2 if crop else 0.0
    assert frame.image.shape == (WH[1], WH[1] if crop else WH[0], 3)
    truth = view.people[0].landmarks[:, :2] - [left, 0]
    error_px = np.linalg.norm(result.poses[0].landmarks[:33, :2] - truth, axis=1)
    assert np.median(error_px) < 4


def test_laconic_sends_no_pictures_and_the_same_results():
    laconic = tracked(person_frames(), 6, laconic=True)
    usual = tracked(person_frames(), 6)
    assert all(frame.image.max() == 0 for frame, _ in laconic)
    for (_, ours), (_, theirs) in zip(laconic, usual, strict=True):
        assert len(ours.poses) == len(theirs.poses)
        for a, b in zip(ours.poses, theirs.poses, strict=True):
            np.testing.assert_allclose(a.landmarks, b.landmarks, atol=1e-3)


def test_trace_logs_each_step_and_changes_no_result(caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.INFO, "vitruvian.oak.trace"):
        traced = records(edge(VirtualOak(person_frames()), trace=True)[0], 4)
    assert "landmark score" in caplog.text
    caplog.clear()
    quiet = records(edge(VirtualOak(person_frames()))[0], 4)
    assert caplog.text == ""
    for ours, theirs in zip(traced, quiet, strict=True):
        assert (ours.number, ours.side) == pytest.approx((theirs.number, theirs.side), nan_ok=True)
        np.testing.assert_array_equal(ours.landmarks, theirs.landmarks)


@pytest.mark.parametrize(("xyz", "largest"), [(False, 2863), (True, 2910)])
def test_packets_are_not_larger_than_those_of_depthai_blazepose(xyz: bool, largest: int):
    camera, _ = edge(VirtualOak(person_frames()), xyz=xyz)
    sizes = {len(camera.receive(RESULTS, 1).data) for _ in range(4)}
    assert max(sizes) == (1392 if xyz else 1240)
    assert max(sizes) < largest


def test_measured_position_is_that_of_the_person():
    """Stereo depth at 3 m has steps of 0.28 m; the surface is in front of the hip joints."""
    results = tracked(person_frames(), 10, xyz=True)[2:]
    hips_z = []
    for frame, result in results:
        measured = result.poses[0].measured
        assert measured is not None
        assert measured.reference == "mid_hips"
        x, y, z = measured.xyz_m
        hips_z.append(z)
        assert abs(x) < 0.1
        assert abs(y) < 0.3
        assert frame.depth is not None
    assert np.median(hips_z) == pytest.approx(3.0, abs=0.3)


def test_two_runs_give_the_same_packets():
    def run() -> list[bytes]:
        camera, _ = edge(VirtualOak(person_frames()), xyz=True)
        return [camera.receive(RESULTS, 1).data for _ in range(5)]

    assert run() == run()


def test_the_order_in_which_the_host_reads_changes_no_message():
    one, _ = edge(VirtualOak(person_frames()))
    by_turns = []
    for _ in range(6):
        assert one.receive(FRAMES, 1) is not None
        by_turns.append(one.receive(RESULTS, 1).data)
    other, _ = edge(VirtualOak(person_frames()))
    assert [other.receive(RESULTS, 1).data for _ in range(6)] == by_turns
    assert [other.receive(FRAMES, 1).number for _ in range(6)] == list(range(6))


# --- faults in use ---


def test_a_script_that_fails_on_the_device_is_an_error_with_its_text():
    device = VirtualOak(person_frames(), faults=Faults(script_fails_after=3))
    with pytest.raises(ScriptError, match=r"error|requires|unpack"):
        tracked(device, 10)


def test_a_camera_that_vanishes_in_the_middle_is_an_error():
    device = VirtualOak(person_frames(), faults=Faults(vanishes_after=4))
    with pytest.raises(DeviceError, match="lost"):
        tracked(device, 10)


def test_a_live_camera_that_vanishes_is_opened_again_and_tracking_goes_on():
    device = VirtualOak(person_frames(), faults=Faults(vanishes_after=5))
    options = OakOptions(mode="edge", device=device, frame_height=288)
    n_after = 0
    with open_oak(options, LITE, live=True) as camera, vitruvian.PoseTracker(camera.model) as t:
        times_us = []
        for frame in camera:
            result = t.update(frame)
            times_us.append(frame.timestamp_us)
            n_after += camera.n_gaps > 0 and bool(result.poses)
            if n_after == 3:
                break
        assert camera.n_gaps == 1
    assert times_us == sorted(set(times_us))


def test_xyz_on_a_camera_without_stereo_is_a_warning(caplog: pytest.LogCaptureFixture):
    plain = [replace(frame, depth=None) for frame in person_frames()]
    results = tracked(plain, 3, xyz=True)
    assert "does not measure depth" in caplog.text
    assert results[2][1].poses
    assert results[2][1].poses[0].measured is None


# --- host mode ---


def test_networks_of_host_mode_answer_with_the_number_of_their_image():
    from vitruvian.oak.pipelines import LANDMARKS_IN, LANDMARKS_OUT, host_graph

    options = OakOptions(mode="host", device=VirtualOak(person_frames()))
    camera = virtual_runtime(host_graph(options, "lite", masks=False, with_camera=False), options)
    crops = [np.ascontiguousarray(f.image[16:272, 128:384]) for f in person_frames()[:3]]
    for number, crop in enumerate(crops):
        camera.send(LANDMARKS_IN, crop, 70 + number)
    answers = [camera.receive(LANDMARKS_OUT, 1) for _ in crops]
    assert [answer.number for answer in answers] == [70, 71, 72]
    assert {name: array.shape for name, array in answers[0].arrays.items()} == {
        "Identity": (195,), "Identity_1": (1,), "Identity_4": (117,)
    }  # fmt: skip
    rounded = answers[0].arrays["Identity"].astype(np.float16).astype(np.float32)
    np.testing.assert_array_equal(rounded, answers[0].arrays["Identity"])
    assert camera.receive(LANDMARKS_OUT, 0.05) is None


@pytest.mark.parametrize("mode", ["camera", "host", "edge"])
def test_calibration_of_the_frames_is_that_of_the_camera(mode: str):
    options = OakOptions(mode=mode, device=VirtualOak(person_frames()), frame_height=288)
    with open_oak(options, LITE) as camera:
        expected = Camera.from_fov(WH, FOV_DEG)
        np.testing.assert_allclose(camera.intrinsics.matrix, expected.matrix, rtol=1e-3)
