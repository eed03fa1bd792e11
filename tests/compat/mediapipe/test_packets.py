"""`Timestamp`, `Packet` and their modules; expected values are those of MediaPipe 0.10.21."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import vitruvian.compat.mediapipe as mp
from vitruvian.compat.mediapipe.framework.formats.landmark_pb2 import Landmark
from vitruvian.compat.mediapipe.python import packet_creator, packet_getter

if TYPE_CHECKING:
    from collections.abc import Callable

Time = mp.Timestamp
PIXELS = np.zeros((4, 5, 3), np.uint8)


@pytest.mark.parametrize(
    ("name", "value", "is_range_value", "is_allowed"),
    [
        ("UNSET", -(2**63), False, False),
        ("UNSTARTED", -(2**63) + 1, False, False),
        ("PRESTREAM", -(2**63) + 2, False, True),
        ("MIN", -(2**63) + 3, True, True),
        ("MAX", 2**63 - 4, True, True),
        ("POSTSTREAM", 2**63 - 3, False, True),
        ("DONE", 2**63 - 1, False, False),
    ],
)
def test_special_timestamps(name: str, value: int, is_range_value: bool, is_allowed: bool) -> None:
    time = getattr(Time, name)
    assert (time.value, time.is_special_value()) == (value, True)
    assert (time.is_range_value(), time.is_allowed_in_stream()) == (is_range_value, is_allowed)
    assert repr(time) == f"<mediapipe.Timestamp with value: {name}>"


def test_a_timestamp_is_in_microseconds_and_compares_with_int() -> None:
    time = Time(1_500_000)
    assert (time.seconds(), time.microseconds(), time.value) == (1.5, 1_500_000, 1_500_000)
    assert time == Time.from_seconds(1.5) == Time(time) == 1_500_000
    assert Time.MIN < time < Time.MAX
    assert time > 5
    assert time != "1500000"
    assert len({time, Time(time)}) == 1
    assert repr(time) == "<mediapipe.Timestamp with value: 1500000>"
    assert copy.copy(time) == pickle.loads(pickle.dumps(time)) == time


@pytest.mark.parametrize("value", [1.5, "1", None])
def test_a_timestamp_of_another_type_raises_an_error(value: Any) -> None:
    with pytest.raises(TypeError):
        Time(value)


def test_a_timestamp_out_of_range_raises_an_error_instead_of_an_abort() -> None:
    with pytest.raises(ValueError, match="timestamp must be in"):
        Time(2**63)


def test_a_packet_keeps_its_value_at_another_time() -> None:
    empty, five = mp.Packet(), packet_creator.create_int(5)
    later = five.at(7)
    assert repr(empty) == "<mediapipe.Packet with timestamp: UNSET and no data>"
    assert repr(later) == "<mediapipe.Packet with timestamp: 7 and C++ type: int>"
    assert (empty.is_empty(), five.is_empty()) == (True, False)
    assert (five.timestamp, later.timestamp) == (Time.UNSET, Time(7))
    assert packet_getter.get_int(mp.Packet(later)) == 5
    with pytest.raises(TypeError, match=r"use mediapipe\.packet_creator"):
        mp.Packet(5)


@pytest.mark.parametrize(
    ("kind", "getter", "value"),
    [
        ("bool", "bool", True),
        *((f"int{bits}", "int", -(2 ** (bits - 1))) for bits in (8, 16, 32, 64)),
        *((f"uint{bits}", "uint", 2**bits - 1) for bits in (8, 16, 32, 64)),
        ("float", "float", 1.5),
        ("double", "float", 0.5),
        ("string", "str", "é"),
        ("string", "bytes", b"\xff"),
        ("bool_vector", "bool_list", [True, False]),
        ("int_vector", "int_list", [1, 2]),
        ("float_vector", "float_list", [1.0, 2.5]),
        ("string_vector", "str_list", ["a", "b"]),
    ],
)
def test_a_value_comes_back(kind: str, getter: str, value: Any) -> None:
    packet = getattr(packet_creator, f"create_{kind}")(value)
    assert getattr(packet_getter, f"get_{getter}")(packet) == value


def test_images_matrices_messages_and_packets_come_back() -> None:
    image = mp.Image(mp.ImageFormat.SRGB, PIXELS)
    five = packet_creator.create_int(5)
    assert packet_getter.get_image(packet_creator.create_image(image)) is image
    array = packet_creator.create_image_frame(PIXELS, image_format=mp.ImageFormat.SRGB, copy=False)
    assert packet_getter.get_image_frame(array).width == 5
    assert packet_getter.get_image_list(packet_creator.create_image_vector([image])) == [image]
    point = packet_getter.get_proto(packet_creator.create_proto(Landmark(x=1)))
    assert point == Landmark(x=1)
    packets = packet_creator.create_packet_vector([five])
    assert packet_getter.get_packet_list(packets) == [five]
    named = packet_creator.create_string_to_packet_map({"a": five})
    assert packet_getter.get_str_to_packet_dict(named) == {"a": five}
    matrix = packet_creator.create_matrix(np.ones((2, 3)), transpose=True)
    assert packet_getter.get_matrix(matrix).shape == (3, 2)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: packet_getter.get_str(packet_creator.create_int(5)),
            ValueError,
            'The Packet stores "int", but "string" was requested.',
        ),
        (
            lambda: packet_getter.get_bool(mp.Packet()),
            RuntimeError,
            "Expected a Packet of type: bool, but received an empty Packet.",
        ),
        (
            lambda: packet_getter.get_float(packet_creator.create_int(5)),
            ValueError,
            "Packet doesn't contain float or double data.",
        ),
        (
            lambda: packet_creator.create_int8(200),
            OverflowError,
            "200 execeeds the maximum value (127) the data type can have.",
        ),
        (
            lambda: packet_creator.create_uint8(-1),
            OverflowError,
            "-1 goes below the minimum value (0) the data type can have.",
        ),
        (
            lambda: packet_creator.create_image(PIXELS),
            ValueError,
            "Please provide 'image_format' with 'data'.",
        ),
        (
            lambda: packet_creator.create_bool(1),
            TypeError,
            "a packet of bool needs True or False, got 1",
        ),
    ],
)
def test_wrong_types_raise_an_error(
    call: Callable[[], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message


def test_graphs_can_be_named_but_not_created() -> None:
    for cls in (mp.CalculatorGraph, mp.ValidatedGraphConfig, mp.Matrix):
        with pytest.raises(NotImplementedError, match=rf"{cls.__name__} can't be created"):
            cls()
    assert mp.GraphInputStreamAddMode.ADD_IF_NOT_FULL.value == 1
    mp.resource_util.set_resource_dir("anywhere")


def test_the_general_names_of_both_versions_are_there() -> None:
    assert {
        *("CalculatorGraph", "GraphInputStreamAddMode", "Image", "ImageFormat", "ImageFrame"),
        *("Matrix", "Packet", "Timestamp", "ValidatedGraphConfig", "calculators", "examples"),
        *("model_ckpt_util", "packet_creator", "packet_getter", "resource_util", "solutions"),
        *("tasks", "__version__"),
    } <= {*dir(mp)}
