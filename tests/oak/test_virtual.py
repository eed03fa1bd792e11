"""The virtual camera: frames, times, depth, calibration, faults."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.oak.crafted import crafted_network
from tests.oak.virtual_views import FOV_DEG, WH, numbered_frames, person_frames, received, scene
from vitruvian.core.camera import Camera
from vitruvian.core.depth import DepthImage
from vitruvian.core.frame import Frame
from vitruvian.errors import DeviceError, ModelIntegrityError, SourceError
from vitruvian.media.recorder import VideoWriter
from vitruvian.oak.connecting import connect
from vitruvian.oak.graph import Graph, Link, Node
from vitruvian.oak.messages import Picture
from vitruvian.oak.opening import open_oak
from vitruvian.oak.options import OakOptions
from vitruvian.oak.pipelines import FRAMES, camera_graph, edge_graph, host_graph
from vitruvian.oak.runtime import NoDepthError, ScriptError
from vitruvian.oak.sizes import nearest_size
from vitruvian.oak.virtual import Faults, VirtualOak, virtual_runtime
from vitruvian.oak.virtual.sensors import START_US
from vitruvian.synthetic import motions
from vitruvian.synthetic.stereo import StereoModel

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.oak.runtime import Runtime


def opened(device: VirtualOak | str, **options: Any) -> Runtime:
    """Return a camera whose frames, and depth with `xyz`, arrive at the host."""
    asked = OakOptions(device=device, **{"frame_height": 288, **options})
    return virtual_runtime(camera_graph(asked, "full"), asked)


# --- frames ---


def test_frames_are_numbered_and_timed_by_the_clock_of_the_device():
    pictures = received(opened(VirtualOak(numbered_frames(5)), fps=25), FRAMES, 5)
    assert [picture.number for picture in pictures] == [0, 1, 2, 3, 4]
    assert [picture.time_us for picture in pictures] == [START_US + 40_000 * i for i in range(5)]
    assert START_US > 1_000_000
    assert [int(picture.image[0, 0, 0]) for picture in pictures] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("resolution", ["full", "ultra"])
@pytest.mark.parametrize("height", [162, 288, 640])
def test_frames_have_the_size_that_the_options_ask_for(height: int, resolution: str):
    size = nearest_size(height, resolution=resolution)
    camera = opened(VirtualOak(numbered_frames(1)), frame_height=height, resolution=resolution)
    picture = camera.receive(FRAMES, 1)
    assert picture.image.shape == (size.wh[1], size.wh[0], 3)


def test_crop_is_the_square_in_the_middle_of_the_whole_image():
    size = nearest_size(432, crop=True)
    width, height = size.scaled_wh
    whole = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    picture = opened(VirtualOak([whole]), frame_height=432, crop=True).receive(FRAMES, 1)
    left = size.crop_left_px
    np.testing.assert_array_equal(picture.image, whole[:, left : left + size.wh[0]])


def test_a_frame_of_another_shape_is_fitted_between_black_bars():
    upright = Frame(np.full((288, 162, 3), 90, np.uint8))
    picture = opened(VirtualOak([upright])).receive(FRAMES, 1)
    assert picture.image[:, 176:336].min() == 90
    assert picture.image[:, :174].max() == 0


def test_no_frame_comes_after_the_last_given_one():
    camera = opened(VirtualOak(numbered_frames(3)))
    received(camera, FRAMES, 3)
    assert camera.receive(FRAMES, 0.05) is None


def test_a_scene_is_seen_at_the_times_of_the_frames():
    pictures = received(opened(VirtualOak(scene()), fps=10), FRAMES, 3)
    np.testing.assert_array_equal(pictures[2].image, scene().render(0.2, WH).image)


def test_a_video_is_seen_at_its_own_speed_and_repeats(tmp_path: Path):
    path = tmp_path / "grey.mp4"
    with VideoWriter(path, (256, 144), fps=10) as writer:
        for i in range(5):
            writer.write(np.full((144, 256, 3), 40 * i + 20, np.uint8), i * 100_000)
    pictures = received(opened(VirtualOak(path), fps=20), FRAMES, 30)
    seen = [round((float(picture.image.mean()) - 20) / 40) for picture in pictures]
    assert seen == [i // 2 % 5 for i in range(30)]


def test_a_missing_video_is_an_error_when_the_camera_is_opened(tmp_path: Path):
    with pytest.raises(SourceError, match="absent"):
        opened(VirtualOak(tmp_path / "absent.mp4"))


def test_an_empty_list_of_frames_is_refused():
    with pytest.raises(ValueError, match="at least one frame"):
        VirtualOak([])


# --- depth and calibration ---


def test_depth_is_aligned_with_the_colour_image_and_paired_with_it():
    synced = opened(VirtualOak(scene()), xyz=True, fps=20).receive(FRAMES, 1).messages
    picture, depth = synced["color"], synced["depth"]
    assert 0 < abs(depth.time_us - picture.time_us) < 25_000  # other sensors, not in step
    assert depth.number != picture.number
    truth = scene().render(0.0, WH)
    is_person = (truth.ids == 0) & (depth.values > 0)
    assert is_person.sum() > 0.7 * (truth.ids == 0).sum()
    error_m = np.abs(depth.values[is_person] / 1000 - truth.depth_m[is_person])
    assert np.median(error_m) < 0.15  # a step of disparity is 0.27 m at 3 m


def test_depth_has_the_width_of_the_stereo_node_and_the_field_of_view_of_the_image():
    """The whole image is 1138 px wide, 640 of which are the frame; the depth image is 1136 px."""
    size = nearest_size(640, crop=True)
    values = np.tile(1000 + np.arange(size.scaled_wh[0], dtype=np.uint16), (640, 1))
    seen = DepthImage(values, Camera.from_fov(size.scaled_wh, FOV_DEG))
    device = VirtualOak([Frame(np.zeros((640, 1138, 3), np.uint8), depth=seen)])
    options = OakOptions(device=device, frame_height=640, crop=True, xyz=True)
    with open_oak(options) as camera:
        depth = next(iter(camera)).depth
    height, width = depth.values.shape
    assert (height, width) == (640, 638)
    column_px = (np.arange(width) + 0.5) * size.wh[0] / width + size.crop_left_px
    np.testing.assert_allclose(depth.values[0], 1000 + column_px, atol=1.5)


def test_noise_of_the_depth_changes_from_frame_to_frame_and_with_the_seed():
    standing = scene(motions.stand())
    first, second = (
        synced.messages["depth"].values
        for synced in received(opened(VirtualOak(standing), xyz=True), FRAMES, 2)
    )
    other = opened(VirtualOak(standing, seed=1), xyz=True).receive(FRAMES, 1)
    assert (first != second).mean() > 0.02
    assert (first != other.messages["depth"].values).mean() > 0.02


def test_given_depth_arrives_as_it_was_given():
    frame = person_frames(1)[0]
    synced = opened(VirtualOak([frame]), xyz=True).receive(FRAMES, 1)
    np.testing.assert_array_equal(synced.messages["depth"].values, frame.depth.values)


@pytest.mark.parametrize("wh", [(1920, 1080), (512, 288), (1138, 640)])
def test_calibration_is_that_of_the_scene_for_images_of_any_size(wh: tuple[int, int]):
    camera = opened(VirtualOak(scene())).camera_for(wh)
    assert tuple(camera.wh) == wh
    expected = scene().camera.focal_px(wh)
    assert camera.focal_xy == pytest.approx((expected, expected), rel=1e-3)
    assert camera.matrix[:2, 2] == pytest.approx([wh[0] / 2, wh[1] / 2])


def test_calibration_of_given_frames_is_that_of_their_depth():
    camera = opened(VirtualOak(person_frames(1))).camera_for(WH)
    assert camera.focal_px == pytest.approx(person_frames(1)[0].depth.camera.focal_px)


def test_positions_of_the_person_follow_from_depth_and_calibration():
    """The middle of the hips, projected by the calibration, is where the scene has it."""
    view = scene().render(0.0, WH)
    camera = opened(VirtualOak(scene())).camera_for(WH)
    hips = view.people[0].landmarks[[23, 24], :2].mean(axis=0)
    world = scene().camera.camera_from_scene([[0.0, 0.9, 0.0]])
    ray = camera.rays_from_image(hips)
    assert abs(ray[0]) < 0.02
    assert world[0, 2] == pytest.approx(3.0, abs=0.05)


# --- order of events ---


def test_two_runs_give_the_same_messages():
    def run() -> list[tuple[int, int, bytes, bytes]]:
        synced = received(opened(VirtualOak(scene(), seed=4), xyz=True), FRAMES, 2)
        return [
            (
                s.messages["color"].number,
                s.messages["depth"].time_us,
                s.messages["color"].image.tobytes(),
                s.messages["depth"].values.tobytes(),
            )
            for s in synced
        ]

    assert run() == run()


def test_time_passes_only_while_the_host_waits():
    camera = opened(VirtualOak(numbered_frames(9)), fps=20)
    time.sleep(0.2)
    assert camera.receive(FRAMES, 1).number == 0
    assert camera.receive(FRAMES, 0.02) is None
    assert camera.receive(FRAMES, 0.02) is None
    assert camera.receive(FRAMES, 0.02).number == 1


def test_real_time_gives_frames_at_their_rate_and_misses_those_that_the_host_is_too_late_for():
    camera = opened(VirtualOak(numbered_frames(200), is_real_time=True), fps=50)
    start_s = time.monotonic()
    pictures = received(camera, FRAMES, 6)
    assert 0.09 < time.monotonic() - start_s < 2
    time.sleep(0.4)
    late = camera.receive(FRAMES, 1)
    assert late.number >= pictures[-1].number + 15
    elapsed_us = late.time_us - pictures[0].time_us
    assert elapsed_us == 20_000 * (late.number - pictures[0].number)


def test_real_time_returns_nothing_in_time_that_is_too_short():
    camera = opened(VirtualOak(numbered_frames(9), is_real_time=True), fps=2)
    received(camera, FRAMES, 1)
    start_s = time.monotonic()
    assert camera.receive(FRAMES, 0.05) is None
    assert 0.04 < time.monotonic() - start_s < 0.4


def test_the_demo_moves_without_end_in_real_time():
    camera = opened("virtual")
    first, second = received(camera, FRAMES, 2)
    assert first.image.shape == (288, 512, 3)
    assert second.number > first.number
    camera.close()


def test_the_demo_is_a_loop():
    from vitruvian.core.camera import Camera
    from vitruvian.oak.virtual.demo import LOOP_S, RenderedLoop

    loop, camera = RenderedLoop(StereoModel(), 0), Camera.from_fov(WH, FOV_DEG)
    first, again = (loop.sight(i, time_s, camera) for i, time_s in enumerate((0.3, LOOP_S + 0.3)))
    other = loop.sight(2, 1.2, camera)
    np.testing.assert_array_equal(first.image, again.image)
    assert (first.image != other.image).mean() > 0.02
    assert first.depth_mm.shape == WH[::-1]


# --- faults ---


def test_a_second_program_can_not_use_the_camera():
    device = VirtualOak(numbered_frames(2))
    first = opened(device)
    with pytest.raises(DeviceError, match="in use by another program"):
        opened(device)
    first.close()
    first.close()
    opened(device).close()
    with pytest.raises(DeviceError, match="in use by another program"):
        opened(VirtualOak(numbered_frames(2), faults=Faults(is_in_use=True)))


def test_a_camera_that_is_unplugged_is_an_error_and_can_be_opened_again():
    device = VirtualOak(numbered_frames(9), faults=Faults(vanishes_after=3))
    camera = opened(device)
    received(camera, FRAMES, 3)
    for _ in range(2):
        with pytest.raises(DeviceError, match="lost: check its cable"):
            camera.receive(FRAMES, 1)
    camera.close()
    assert [picture.number for picture in received(opened(device), FRAMES, 5)] == [0, 1, 2, 3, 4]


def test_a_camera_that_is_not_used_any_more_is_free_without_being_closed():
    device = VirtualOak(numbered_frames(2))
    assert opened(device).receive(FRAMES, 1).number == 0
    assert opened(device).receive(FRAMES, 1).number == 0


def test_a_closed_camera_gives_nothing_more():
    camera = opened(VirtualOak(numbered_frames(9)))
    camera.close()
    with pytest.raises(DeviceError, match="closed"):
        camera.receive(FRAMES, 1)


def test_closing_ends_the_wait_of_another_thread():
    camera = opened(VirtualOak(numbered_frames(1), is_real_time=True), fps=1)
    received(camera, FRAMES, 1)
    threading.Timer(0.1, camera.close).start()
    start_s = time.monotonic()
    with pytest.raises(DeviceError, match="closed"):
        camera.receive(FRAMES, 20)
    assert time.monotonic() - start_s < 5


@pytest.mark.parametrize(
    "device", [VirtualOak(scene(), stereo=None), VirtualOak(numbered_frames(1))], ids=repr
)
def test_stereo_on_a_camera_without_depth_is_refused(device: VirtualOak):
    assert device.info.has_depth is False
    with pytest.raises(NoDepthError, match="does not measure depth"):
        opened(device, xyz=True)
    opened(device).close()


def test_a_size_that_the_sensor_does_not_have_is_refused():
    node = camera_graph(OakOptions(), "full")["camera"]
    for change in ({"wh": (1000, 700)}, {"fps": 90.0}, {"fps": 50.0, "resolution": "ultra"}):
        camera = Node("camera", "color_camera", {**node.properties, **change})
        graph = Graph((camera, Node("out", "to_host", {"stream": FRAMES})), ())
        with pytest.raises(DeviceError, match="choose"):
            VirtualOak(numbered_frames(1)).open(graph)


def _scripted(text: str, links: tuple[Link, ...] = (), **parts: Any) -> Runtime:
    """Return a camera with a script that has an input of frames and an output of results."""
    node = camera_graph(OakOptions(frame_height=288), "full")["camera"]
    graph = Graph(
        (
            node,
            Node("script", "script", {"text": text}),
            Node("crop", "crop", {"wh": (256, 256)}),
            Node("out", "to_host", {"stream": "results"}),
        ),
        (
            Link(("camera", "frames"), ("crop", "image"), 1, False),
            Link(("script", "config"), ("crop", "config")),
            Link(("script", "result"), ("out", "in")),
            *links,
        ),
    )
    return VirtualOak(numbered_frames(50), **parts).open(graph)


def test_a_script_that_fails_is_an_error_with_its_text():
    camera = _scripted("node.io['result'].send(Buffer(3))\nraise ValueError('no region')")
    assert camera.receive("results", 1).data == bytes(3)
    for _ in range(2):
        with pytest.raises(ScriptError, match="ValueError: no region"):
            camera.receive("results", 1)
    camera.close()


@pytest.mark.parametrize(
    ("text", "message"),
    [("def (", "not Python 3.9"), ("match 3:\n    case _: pass", "not Python 3.9")],
)
def test_a_script_that_the_device_can_not_read_is_refused(text: str, message: str):
    with pytest.raises(ScriptError, match=message):
        _scripted(text)


def test_a_script_that_is_larger_than_the_device_takes_is_refused():
    with pytest.raises(ScriptError, match="2000 bytes, the camera takes 1000: use mode 'host'"):
        _scripted("#" * 2000, faults=Faults(max_script_bytes=1000))


def test_a_script_that_is_too_large_is_refused_before_it_is_sent():
    options = OakOptions(mode="edge", device=VirtualOak(numbered_frames(1)))
    with pytest.raises(DeviceError, match="at most 65536 bytes, got 70000"):
        connect(edge_graph(options, "lite", "#" * 70_000), options)


def test_the_thread_of_a_script_that_waits_ends_with_the_camera():
    before = threading.active_count()
    camera = _scripted(
        "node.io['result'].send(Buffer(1))\nwhile True: node.io['frames'].get()",
        links=(Link(("crop", "out"), ("script", "frames")),),
    )
    received(camera, "results", 1)
    assert camera.receive("results", 0.3) is None
    assert threading.active_count() == before + 1
    camera.close()
    assert threading.active_count() == before


@pytest.mark.parametrize("side", [3000, 1e6])
def test_a_region_that_is_much_larger_than_the_image_crashes_the_device(side: float):
    text = (
        "config = ImageManipConfig()\nrect = RotatedRect()\n"
        "rect.center.x, rect.center.y = 0.5, 0.5\n"
        f"rect.size.width, rect.size.height = {side} / 512, {side} / 288\n"
        "config.addCropRotatedRect(rect, True)\nconfig.setOutputSize(256, 256)\n"
        "node.io['config'].send(config)\n"
    )
    with pytest.raises(DeviceError, match="invalid configuration"):
        _scripted(text).receive("results", 1)


def test_a_crop_that_is_larger_than_its_memory_crashes_the_device():
    text = (
        "config = ImageManipConfig()\n"
        "config.setOutputSize(300, 300, ImageManipConfig.ResizeMode.LETTERBOX)\n"
        "node.io['config'].send(config)\n"
    )
    with pytest.raises(DeviceError, match="may have 256x256 px, the script asks for 300x300"):
        _scripted(text).receive("results", 1)


def _with_blob(path: Path, content: bytes, shaves: int) -> None:
    path.write_bytes(content)
    options = OakOptions(
        mode="host", device=VirtualOak(numbered_frames(1)), detector_blob=path, shaves=shaves
    )
    connect(host_graph(options, "lite", masks=False, with_camera=True), options)


def test_a_blob_for_another_number_of_shaves_or_version_is_refused(tmp_path: Path):
    path = tmp_path / "detector.blob"
    with pytest.raises(ModelIntegrityError, match=r"for 6 shaves, got 4: set shaves to 4, or"):
        _with_blob(path, crafted_network("detector", shaves=4), 6)
    with pytest.raises(ModelIntegrityError, match=r"another version of OpenVINO"):
        _with_blob(path, crafted_network("detector", version=5), 4)
    with pytest.raises(ModelIntegrityError, match=r"is not the network 'detector'"):
        _with_blob(path, crafted_network("lite"), 4)
    with pytest.raises(ModelIntegrityError, match=r"is not a compiled network"):
        _with_blob(path, b"no network", 4)


def test_a_stream_that_the_graph_does_not_have_is_a_mistake_in_the_call():
    with pytest.raises(ValueError, match="stream must be one of"):
        opened(VirtualOak(numbered_frames(1))).receive("results", 1)


def test_streams_can_be_read_by_two_threads():
    """Each gets all of its messages, in order, while the other one reads, too."""
    text = "for i in range(40): node.io['result'].send(Buffer(i + 1))"
    graph_node = camera_graph(OakOptions(frame_height=288), "full")["camera"]
    graph = Graph(
        (
            graph_node,
            Node("script", "script", {"text": text}),
            Node("frames", "to_host", {"stream": FRAMES}),
            Node("results", "to_host", {"stream": "results"}),
        ),
        (
            Link(("camera", "frames"), ("frames", "in")),
            Link(("script", "result"), ("results", "in")),
        ),
    )
    camera = VirtualOak(numbered_frames(40)).open(graph)
    seen: dict[str, list[int]] = {FRAMES: [], "results": []}

    def read(stream: str) -> None:
        while (message := camera.receive(stream, 0.3)) is not None:
            is_picture = isinstance(message, Picture)
            seen[stream].append(message.number if is_picture else len(message.data))

    threads = [threading.Thread(target=read, args=(stream,)) for stream in seen]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert seen[FRAMES] == sorted(set(seen[FRAMES]))
    assert seen["results"] == sorted(set(seen["results"]))
    assert seen[FRAMES][-1] == 39
    camera.close()
