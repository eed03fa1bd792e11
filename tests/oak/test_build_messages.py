"""Messages of depthai 3 as those of the package; all are real objects of depthai."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tests.oak.build_variants import graph_of
from vitruvian.errors import DeviceError
from vitruvian.oak.depthai.messages import converters, image_message
from vitruvian.oak.messages import DepthPicture, Packet, Picture, Synced, Tensors

pytestmark = pytest.mark.oak

IMAGE = np.random.default_rng(0).integers(0, 256, (6, 10, 3), np.uint8)
EDGE = graph_of(("edge", True, False, False))
CAMERA = graph_of(("camera", True, False, False))
HOST = graph_of(("host", False, False, False))
FILES = graph_of(("files", False, False, False))  # with masks


def frame_of(dai: Any, kind: str, data: np.ndarray[Any, Any], number: int = 3) -> Any:
    frame = dai.ImgFrame()
    frame.setType(getattr(dai.ImgFrame.Type, kind))
    frame.setWidth(10)
    frame.setHeight(6)
    frame.setData(np.ascontiguousarray(data).view(np.uint8).ravel())
    frame.setSequenceNum(number)
    frame.setTimestampDevice(timedelta(seconds=2, microseconds=500))
    return frame


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("BGR888p", IMAGE[..., ::-1].transpose(2, 0, 1)),
        ("BGR888i", IMAGE[..., ::-1]),
        ("RGB888p", IMAGE.transpose(2, 0, 1)),
        ("RGB888i", IMAGE),
    ],
)
def test_frame_of_every_layout_becomes_rgb(dai: Any, kind: str, data: np.ndarray[Any, Any]) -> None:
    picture = converters(EDGE)["frames"](frame_of(dai, kind, data))
    assert isinstance(picture, Picture)
    assert_array_equal(picture.image, IMAGE)
    assert picture.image.flags.c_contiguous
    assert (picture.number, picture.time_us) == (3, 2_000_500)


def test_rows_with_padding_are_read_without_it(dai: Any) -> None:
    padded = np.zeros((3, 6, 16), np.uint8)
    padded[:, :, :10] = IMAGE[..., ::-1].transpose(2, 0, 1)
    picture = converters(EDGE)["frames"](frame_of(dai, "BGR888p", padded))
    assert isinstance(picture, Picture)
    assert_array_equal(picture.image, IMAGE)


@pytest.mark.parametrize(("kind", "n_bytes"), [("NV12", 90), ("GRAY8", 60)])
def test_frame_of_another_type_is_an_error(dai: Any, kind: str, n_bytes: int) -> None:
    with pytest.raises(DeviceError, match=f"BGR888p, got {kind}"):
        converters(EDGE)["frames"](frame_of(dai, kind, np.zeros(n_bytes, np.uint8)))


def test_frame_that_is_cut_off_is_an_error(dai: Any) -> None:
    with pytest.raises(DeviceError, match="10x6 px arrived with 90 values"):
        converters(EDGE)["frames"](frame_of(dai, "BGR888p", np.zeros(90, np.uint8)))


def test_sent_image_comes_back_as_it_was(dai: Any) -> None:
    message = image_message(dai, IMAGE, 8)
    message.setTimestampDevice(timedelta(0))
    picture = converters(EDGE)["frames"](message)
    assert isinstance(picture, Picture)
    assert_array_equal(picture.image, IMAGE)
    assert picture.number == 8


def test_frame_and_depth_of_one_moment_come_together(dai: Any) -> None:
    values = np.arange(60, dtype=np.uint16).reshape(6, 10) * 1000
    group = dai.MessageGroup()
    group["color"] = frame_of(dai, "BGR888i", IMAGE[..., ::-1])
    group["depth"] = frame_of(dai, "RAW16", values, number=5)
    synced = converters(CAMERA)["frames"](group)
    assert isinstance(synced, Synced)
    color, depth = synced.messages["color"], synced.messages["depth"]
    assert isinstance(depth, DepthPicture)
    assert_array_equal(color.image, IMAGE)
    assert_array_equal(depth.values, values)
    assert (color.number, depth.number, depth.time_us) == (3, 5, 2_000_500)


def test_packet_of_the_script_is_its_bytes(dai: Any) -> None:
    buffer = dai.Buffer()
    buffer.setData(b"\x00\x01\xff")
    packet = converters(EDGE)["results"](buffer)
    assert isinstance(packet, Packet)
    assert packet.data == b"\x00\x01\xff"


def answer_of(dai: Any, sizes: dict[str, tuple[int, ...]], kind: str) -> Any:
    """Return a real answer of a network; each output holds its own multiples of 1/8."""
    answer = dai.NNData()
    for i, (name, shape) in enumerate(sizes.items()):
        values = (np.arange(np.prod(shape), dtype=np.float32) % 97 / 8 + i).reshape(1, *shape)
        answer.addTensor(name, values, getattr(dai.TensorInfo.DataType, kind))
    answer.setSequenceNum(21)
    return answer


@pytest.mark.parametrize("kind", ["FP16", "FP32"])
@pytest.mark.parametrize(
    ("graph", "stream", "shapes"),
    [
        (HOST, "detector_out", {"Identity": (2254, 12), "Identity_1": (2254, 1)}),
        (HOST, "landmarks_out", {"Identity_4": (117,), "Identity": (195,), "Identity_1": (1,)}),
        (
            FILES,
            "landmarks_out",
            {
                "Identity": (195,),
                "Identity_1": (1,),
                "Identity_2": (256, 256, 1),
                "Identity_3": (64, 64, 39),
                "Identity_4": (117,),
            },
        ),
    ],
)
def test_outputs_of_a_network_are_float32_in_its_shapes(
    dai: Any, graph: Any, stream: str, shapes: dict[str, tuple[int, ...]], kind: str
) -> None:
    tensors = converters(graph)[stream](answer_of(dai, shapes, kind))
    assert isinstance(tensors, Tensors)
    assert tensors.number == 21
    assert set(tensors.arrays) == set(shapes)
    for i, (name, shape) in enumerate(shapes.items()):
        array = tensors.arrays[name]
        assert (array.dtype, array.shape) == (np.float32, shape)
        assert_array_equal(array.ravel(), np.arange(array.size, dtype=np.float32) % 97 / 8 + i)


def test_further_outputs_of_a_network_are_ignored(dai: Any) -> None:
    shapes = {"Identity": (195,), "extra": (7,), "Identity_1": (1,), "Identity_4": (117,)}
    tensors = converters(HOST)["landmarks_out"](answer_of(dai, shapes, "FP16"))
    assert isinstance(tensors, Tensors)
    assert set(tensors.arrays) == set(shapes) - {"extra"}


def test_network_without_an_output_names_the_command_that_compiles_it(dai: Any) -> None:
    with pytest.raises(
        DeviceError, match=r"'Identity_1', got \['Identity'\].*vitruvian oak compile"
    ):
        converters(HOST)["landmarks_out"](answer_of(dai, {"Identity": (195,)}, "FP16"))


def test_output_that_is_cut_off_is_an_error(dai: Any) -> None:
    shapes = {"Identity": (195,), "Identity_1": (1,), "Identity_4": (90,)}
    with pytest.raises(DeviceError, match="'Identity_4' of network 'full' is cut off"):
        converters(HOST)["landmarks_out"](answer_of(dai, shapes, "FP16"))
