"""Crops and depths of the virtual camera against the nodes of depthai 3 that run on the host."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.oak.virtual_views import scene
from vitruvian.core.camera import Camera
from vitruvian.oak.messages import DepthPicture
from vitruvian.oak.virtual.crop import cropped
from vitruvian.oak.virtual.locations import locations_of_zones
from vitruvian.oak.virtual.requests import CropRequest, RotatedBox, Zone, Zones
from vitruvian.oak.virtual.runtime import QUEUE, QUEUES_OF_NODES

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

WH = 576, 324
BOXES = (
    RotatedBox((300.0, 160.0), (250.0, 250.0), 0.0),
    RotatedBox((300.0, 160.0), (250.0, 250.0), 30.0),
    RotatedBox((210.5, 101.25), (333.0, 333.0), -75.0),
    RotatedBox((40.0, 300.0), (400.0, 400.0), 10.0),  # reaches far outside the image
    RotatedBox((288.0, 162.0), (60.0, 60.0), 180.0),
    RotatedBox((288.0, 162.0), (1700.0, 1700.0), 5.0),  # larger than the image
    RotatedBox((301.3, 160.7), (200.4, 200.4), 0.0),
    RotatedBox((301.3, 160.7), (120.6, 120.6), 33.0),
    RotatedBox((560.25, 20.5), (431.9, 431.9), -147.0),
)


@pytest.fixture(scope="module")
def dai() -> Any:
    os.environ["DEPTHAI_TELEMETRY"] = "0"
    library = pytest.importorskip("depthai", minversion="3", reason="needs depthai 3")
    if not hasattr(library.node, "ThreadedHostNode"):
        pytest.skip("needs depthai 3")
    return library


def _answer(dai: Any, kind: str, configure: Callable[[Any], Any], message: Any) -> Any:
    """Return what a node of depthai answers to one message, on the host."""

    class Sender(dai.node.ThreadedHostNode):
        def __init__(self) -> None:
            super().__init__()
            self.out = self.createOutput()

        def run(self) -> None:
            self.out.send(message)

    with dai.Pipeline(createImplicitDevice=False) as pipeline:
        sender = pipeline.create(Sender)
        node = pipeline.create(getattr(dai.node, kind))
        node.setRunOnHost(True)
        sender.out.link(configure(node))
        queue = node.out.createOutputQueue()
        pipeline.start()
        return queue.get()


def _cropped_by_depthai(
    dai: Any, bgr: NDArray[np.uint8], wh: tuple[int, int], box: RotatedBox | None
) -> NDArray[np.uint8]:
    def configure(node: Any) -> Any:
        config = node.initialConfig
        if box is None:
            config.setOutputSize(*wh, dai.ImageManipConfig.ResizeMode.LETTERBOX)
        else:
            rect = dai.RotatedRect(dai.Point2f(*box.center), dai.Size2f(*box.wh), box.angle_deg)
            config.addCropRotatedRect(rect.normalize(*bgr.shape[1::-1]), True)
            config.setOutputSize(*wh)
        node.setMaxOutputFrameSize(wh[0] * wh[1] * 3)
        return node.inputImage

    frame = dai.ImgFrame()
    frame.setCvFrame(bgr, dai.ImgFrame.Type.BGR888i)
    answer: NDArray[np.uint8] = _answer(dai, "ImageManip", configure, frame).getCvFrame()
    return answer


def _as_received(box: RotatedBox) -> RotatedBox:
    """Return the box after its way to the device: fractions of the image, float32."""
    center, wh = (
        tuple(
            float(np.float32(v) / np.float32(side)) * side for v, side in zip(pair, WH, strict=True)
        )
        for pair in (box.center, box.wh)
    )
    return RotatedBox(center, wh, box.angle_deg)


@pytest.fixture(scope="module")
def picture() -> NDArray[np.uint8]:
    return scene().render(0.5, WH).image


@pytest.mark.oak
@pytest.mark.parametrize("wh", [(224, 224), (300, 200)])
def test_letterbox_equals_that_of_depthai_to_the_last_bit(
    dai: Any, picture: NDArray[np.uint8], wh: tuple[int, int]
):
    theirs = _cropped_by_depthai(dai, picture, wh, None)
    np.testing.assert_array_equal(cropped(picture, CropRequest(wh)), theirs)


@pytest.mark.oak
@pytest.mark.parametrize("wh", [(201, 324), (576, 200)])
def test_letterbox_of_other_shapes_equals_that_of_depthai(
    dai: Any, picture: NDArray[np.uint8], wh: tuple[int, int]
):
    image = np.ascontiguousarray(picture[: wh[1], : wh[0]])
    theirs = _cropped_by_depthai(dai, image, (224, 224), None)
    np.testing.assert_array_equal(cropped(image, CropRequest((224, 224))), theirs)


@pytest.mark.oak
@pytest.mark.parametrize("box", BOXES, ids=str)
def test_rotated_crop_equals_that_of_depthai(dai: Any, picture: NDArray[np.uint8], box: RotatedBox):
    """Positions are rounded to 1/32 px: float32 there, float64 here. Few of them differ by 1/32."""
    theirs = _cropped_by_depthai(dai, picture, (256, 256), box)
    ours = cropped(picture, CropRequest((256, 256), _as_received(box)))
    difference = np.abs(ours.astype(int) - theirs)
    assert difference.mean() < 0.15
    assert difference.max() <= 12
    is_black = (ours == 0).all(axis=2)
    assert np.mean(is_black != (theirs == 0).all(axis=2)) < 1e-3


@pytest.mark.oak
@pytest.mark.parametrize(
    ("kind", "name", "ports"),
    [
        ("crop", "ImageManip", ("inputImage", "inputConfig")),
        ("locations", "SpatialLocationCalculator", ("inputDepth", "inputConfig")),
        ("sync", "Sync", ("inputs",)),
    ],
)
def test_queues_of_inputs_are_those_of_depthai(
    dai: Any, kind: str, name: str, ports: tuple[str, ...]
):
    with dai.Pipeline(createImplicitDevice=False) as pipeline:
        node = pipeline.create(getattr(dai.node, name))
        for port in ports:
            entry = node.inputs["color"] if port == "inputs" else getattr(node, port)
            queue = QUEUES_OF_NODES.get(kind, QUEUE)
            assert (entry.getMaxSize(), entry.getBlocking()) == queue


def test_crop_of_the_whole_image_is_the_image():
    image = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    box = RotatedBox((32.0, 32.0), (64.0, 64.0), 0.0)
    np.testing.assert_array_equal(cropped(image, CropRequest((64, 64), box)), image)


def test_crop_turns_clockwise():
    """With 90 degrees, the top of the crop is the right side of the box."""
    image = np.zeros((65, 65, 3), np.uint8)
    image[:, 48:] = 200
    crop = cropped(image, CropRequest((64, 64), RotatedBox((32.0, 32.0), (64.0, 64.0), 90.0)))
    assert crop[4:12, 8:56].min() == 200
    assert crop[24:, 8:56].max() == 0


def test_crop_is_black_outside_the_image():
    image = np.full((40, 60, 3), 255, np.uint8)
    crop = cropped(image, CropRequest((50, 50), RotatedBox((0.0, 0.0), (100.0, 100.0), 0.0)))
    assert crop[:25].max() == 0
    assert crop[:, :25].max() == 0
    assert crop[26:44, 26:].min() == 255


def _depth_image() -> NDArray[np.uint16]:
    generator = np.random.default_rng(0)
    depth = generator.integers(1, 4000, (100, 200)).astype(np.uint16)
    depth[generator.random(depth.shape) < 0.2] = 0
    return depth


CAMERA = Camera(wh=(200, 100), matrix=np.array([[150.0, 0, 101.5], [0, 140.0, 48.5], [0, 0, 1]]))


def _zones() -> tuple[Zone, ...]:
    generator = np.random.default_rng(1)
    zones = []
    for i in range(60):
        corner, wh = generator.integers(-5, (190, 90)), generator.integers(1, 30, 2)
        part = generator.random(4) if i % 3 == 0 else np.zeros(4)
        low, high = generator.integers(0, 500), generator.integers(2000, 4000)
        left, top, right, bottom = (np.concatenate([corner, corner + wh]) + part).tolist()
        zones.append(Zone((left, top, max(right, left), max(bottom, top)), (int(low), int(high))))
    return tuple(zones)


@pytest.mark.oak
def test_locations_equal_those_of_depthai(dai: Any):
    depth, zones = _depth_image(), _zones()

    def configure(node: Any) -> Any:
        for zone in zones:
            data = dai.SpatialLocationCalculatorConfigData()
            data.depthThresholds.lowerThreshold, data.depthThresholds.upperThreshold = (
                zone.limits_mm
            )
            left, top, right, bottom = zone.xyxy
            data.roi = dai.Rect(dai.Point2f(left, top), dai.Point2f(right, bottom))
            node.initialConfig.addROI(data)
        return node.inputDepth

    frame = dai.ImgFrame()
    frame.setType(dai.ImgFrame.Type.RAW16)
    frame.setWidth(200)
    frame.setHeight(100)
    frame.setData(depth.view(np.uint8).ravel())
    frame.setTransformation(dai.ImgTransformation(200, 100, CAMERA.matrix.tolist()))
    answer = _answer(dai, "SpatialLocationCalculator", configure, frame)
    theirs = [
        (*(getattr(found.spatialCoordinates, axis) for axis in "xyz"), found.depthAveragePixelCount)
        for found in answer.getSpatialLocations()
    ]
    ours = locations_of_zones(DepthPicture(depth, 5, 0), CAMERA, Zones(zones))
    assert ours.number == 5
    np.testing.assert_allclose(
        [(*found.xyz_mm, found.n_pixels) for found in ours.locations], theirs, atol=0.01
    )
    assert sum(found.n_pixels > 0 for found in ours.locations) > 40


def test_location_is_the_median_between_the_limits():
    depth = np.full((60, 60), 2500, np.uint16)
    depth[:30] = 0
    depth[30:34] = 9000
    message = DepthPicture(depth, 0, 0)
    camera = Camera.from_focal((60, 60), 50.0)
    zones = Zones((Zone((20, 20, 40, 40), (100, 8000)), Zone((20, 5, 40, 15), (100, 8000))))
    found, unknown = locations_of_zones(message, camera, zones).locations
    assert found.xyz_mm == (0.0, 0.0, 2500.0)
    assert unknown.xyz_mm == (0.0, 0.0, 0.0)
    assert unknown.n_pixels == 0


def test_location_is_right_and_down_of_the_optical_axis():
    depth = np.full((100, 100), 2000, np.uint16)
    camera = Camera.from_focal((100, 100), 100.0)
    zones = Zones((Zone((70, 60, 90, 80)),))
    x, y, z = locations_of_zones(DepthPicture(depth, 0, 0), camera, zones).locations[0].xyz_mm
    assert (x, y, z) == pytest.approx((600.0, 400.0, 2000.0))
    assert math.isclose(z, 2000.0)
