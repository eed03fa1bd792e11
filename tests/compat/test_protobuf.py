"""The engine of messages: laws on the wire, and the manners of protobuf's Python messages."""

from __future__ import annotations

import copy
import pickle
import pydoc
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitruvian.compat.protobuf import (
    FLOAT,
    INT32,
    INT64,
    STRING,
    DecodeError,
    Enum,
    Message,
    RepeatedCompositeContainer,
    RepeatedScalarContainer,
    optional,
    repeated,
)


class Point(Message, package="test"):
    x: float = optional(1, FLOAT)
    tag: str = optional(2, STRING)


class Shape(Message, package="test"):
    Color = Enum("Color", {"RED": 0, "GREEN": 4})

    color: int = optional(1, Color)
    center: Point = optional(2, Point)
    points: RepeatedCompositeContainer[Point] = repeated(3, Point)
    sizes: RepeatedScalarContainer[float] = repeated(4, FLOAT, packed=True)
    ids: RepeatedScalarContainer[int] = repeated(5, INT64)
    count: int = optional(6, INT32)


class Group(Message, package="test"):
    shape: Shape = optional(17, Shape)


class Empty(Message, package="test"):
    pass


texts = st.text('aé😀\n"\\\0', max_size=5)
floats = st.floats(width=32, allow_nan=False)
points = st.fixed_dictionaries({}, optional={"x": floats, "tag": texts})
shapes = st.fixed_dictionaries(
    {},
    optional={
        "color": st.sampled_from(["RED", "GREEN", 0, 4]),
        "center": points,
        "points": st.lists(points, max_size=3),
        "sizes": st.lists(floats, max_size=3),
        "ids": st.lists(st.integers(-(2**63), 2**63 - 1), max_size=3),
        "count": st.integers(-(2**31), 2**31 - 1),
    },
)


@given(shapes)
def test_bytes_give_the_message_back(values):
    shape = Shape(**values)
    assert Shape.FromString(shape.SerializeToString()) == shape
    assert copy.deepcopy(shape) == copy.copy(shape) == pickle.loads(pickle.dumps(shape)) == shape


@given(shapes)
def test_fields_of_other_versions_are_kept(values):
    data = Shape(**values).SerializeToString()
    other = Empty.FromString(data)
    assert other.SerializeToString() == data
    assert str(other) == ""
    assert (other == Empty()) == (data == b"")
    other.DiscardUnknownFields()
    assert other == Empty()


@given(shapes, shapes)
def test_merged_messages_are_their_bytes_one_after_the_other(first, second):
    joined = Shape(**first).SerializeToString() + Shape(**second).SerializeToString()
    shape = Shape(**first)
    shape.MergeFrom(Shape(**second))
    assert Shape.FromString(joined) == shape


@given(shapes, shapes)
def test_copy_forgets_what_was_there(first, second):
    shape = Shape(**first)
    shape.CopyFrom(Shape(**second))
    assert shape == Shape(**second)


@given(st.binary(max_size=30))
def test_any_bytes_are_a_message_or_refused(data):
    loaded = sys.modules.get("google.protobuf.message")
    refusal = getattr(loaded, "DecodeError", DecodeError)
    try:
        shape = Shape.FromString(data)
    except refusal:
        return
    assert str(Shape.FromString(shape.SerializeToString())) == str(shape)


def test_scalars_repeated_are_read_packed_and_unpacked():
    assert Shape.FromString(bytes.fromhex("2a020105")).ids == [1, 5]
    assert Shape.FromString(bytes.fromhex("250000003f")).sizes == [0.5]


def test_number_that_the_enumeration_lacks_counts_as_unknown():
    shape = Shape.FromString(b"\x08\x09")
    assert not shape.HasField("color")
    assert shape.SerializeToString() == b"\x08\x09"


def test_floats_have_32_bits():
    point = Point(x=0.1)
    assert point.x == float(np.float32(0.1))
    point.x = 1e300
    assert point.x == float("inf")


@pytest.mark.parametrize(
    ("values", "error", "text"),
    [
        ({"q": 1}, ValueError, 'Protocol message Shape has no "q" field.'),
        ({"sizes": ["a"]}, TypeError, "must be real number, not str"),
        ({"sizes": 3}, TypeError, "Argument for field test.Shape.sizes is not iterable"),
        ({"ids": [1.0]}, TypeError, "'float' object cannot be interpreted as an integer"),
        ({"count": 2**31}, ValueError, "Value out of range: 2147483648"),
        ({"color": 9}, ValueError, "invalid enumerator 9"),
        ({"color": "BLUE"}, ValueError, 'unknown enum label "BLUE"'),
        ({"center": {"tag": 3}}, TypeError, "bad argument type for built-in operation"),
        ({"center": 3}, TypeError, "Message must be initialized with a dict: test.Shape"),
        ({"points": [Shape()]}, TypeError, "Parameter to MergeFrom() must be instance of same"),
    ],
)
def test_wrong_values_are_refused_in_the_words_of_protobuf(values, error, text):
    with pytest.raises(error) as caught:
        Shape(**values)
    assert str(caught.value).startswith(text)


def test_only_fields_that_are_single_scalars_are_assigned():
    shape = Shape()
    with pytest.raises(AttributeError, match=r'^Protocol message Shape has no "q" field.$'):
        shape.q = 1
    with pytest.raises(AttributeError, match=r"^q$"):
        shape.q  # noqa: B018
    for name in ("center", "points", "sizes"):
        with pytest.raises(
            AttributeError, match=r"^Assignment not allowed to message, map, or rep"
        ):
            setattr(shape, name, [])


def test_reading_sets_nothing_and_gives_the_same_message_again():
    shape = Shape()
    assert shape.center is shape.center
    assert (shape.center.x, shape.color, list(shape.ids)) == (0.0, 0, [])
    assert shape == Shape()
    assert not shape.HasField("center")


@pytest.mark.parametrize(
    "change",
    [
        lambda shape: setattr(shape.center, "x", 0.0),
        lambda shape: shape.center.SetInParent(),
        lambda shape: shape.center.CopyFrom(Point()),
        lambda shape: shape.center.ParseFromString(b""),
        lambda shape: shape.ids.append(1),
        lambda shape: shape.points.add(),
    ],
)
def test_change_in_a_part_sets_all_that_contain_it(change):
    group = Group()
    change(group.shape)
    assert group.HasField("shape")
    assert len(group.SerializeToString()) > 3


def test_part_that_was_cleared_lives_on_by_itself():
    shape = Shape(center={"x": 1}, ids=[1])
    center, ids = shape.center, shape.ids
    group = Group()
    unset = group.shape
    group.Clear()
    shape.Clear()
    center.x = 2
    ids.append(2)
    unset.count = 1
    assert (shape, group) == (Shape(), Group())
    assert (center.x, ids) == (2.0, [1, 2])


def test_repeated_messages_are_a_list_of_copies():
    shape = Shape()
    point = Point(x=1)
    shape.points.append(point)
    point.x = 5
    shape.points.extend([Point(x=3), Point(x=2)])
    shape.points.insert(0, Point(x=4))
    assert [each.x for each in shape.points] == [4, 1, 3, 2]
    assert Point(x=3) in shape.points
    shape.points.sort(key=lambda each: each.x)
    shape.points.reverse()
    shape.points.remove(Point(x=3))
    assert shape.points.pop().x == 1
    assert shape.points == [Point(x=4), Point(x=2)]
    assert shape.points[::-1] == [Point(x=2), Point(x=4)]
    shape.points.extend(shape.points)
    del shape.points[:-1]
    assert shape.points == [Point(x=2)]
    with pytest.raises(TypeError, match=r"^does not support assignment$"):
        shape.points[0] = Point()
    with pytest.raises(TypeError, match=r"^Expected a message object, but got 3.$"):
        shape.points.append(3)
    with pytest.raises(TypeError, match=r"^unsupported operand type\(s\) for \+="):
        shape.points += [Point()]


def test_repeated_scalars_are_a_list_that_checks():
    shape = Shape(sizes=[1, 2, 3])
    shape.sizes[0] = 0.1
    shape.sizes[1:] = [4]
    assert shape.sizes == [float(np.float32(0.1)), 4.0]
    assert shape.sizes != (4.0,)
    with pytest.raises(TypeError, match=r"^must be real number, not str$"):
        shape.sizes.append("a")
    with pytest.raises(TypeError, match=r"^Value must be iterable$"):
        shape.sizes.extend(None)


def test_presence_is_asked_by_name_of_single_fields():
    shape = Shape(count=0, center=None)
    assert shape.HasField("count")
    assert not shape.HasField("center")
    shape.ClearField("count")
    assert not shape.HasField("count")
    with pytest.raises(ValueError, match=r"^Field test.Shape.ids does not have presence.$"):
        shape.HasField("ids")
    with pytest.raises(ValueError, match=r'^Protocol message Shape has no "q" field.$'):
        shape.HasField("q")
    with pytest.raises(
        ValueError, match=r"^Expected a field name, but got non-string argument 3.$"
    ):
        shape.ClearField(3)


def test_messages_equal_by_what_is_set():
    assert Point(x=0) != Point()
    assert Point() != Empty()
    assert Point(x=float("nan")) != Point(x=float("nan"))
    with pytest.raises(TypeError, match=r"^unhashable type: 'Point'$"):
        hash(Point())


def test_copying_from_another_type_is_refused():
    with pytest.raises(TypeError, match=r"^Parameter to CopyFrom\(\) must be instance of same"):
        Point().CopyFrom(Empty())


def test_fields_that_are_set_are_listed_by_number():
    shape = Shape(count=0, points=[{}], ids=[])
    assert [(field.name, value) for field, value in shape.ListFields()] == [
        ("points", [Point()]),
        ("count", 0),
    ]


WITHOUT_PROTOBUF = """
import sys
sys.modules["google.protobuf"] = None
from vitruvian.compat.mediapipe.framework.formats import landmark_pb2
from vitruvian.compat.protobuf import DecodeError
message = landmark_pb2.NormalizedLandmarkList(landmark=[{"x": 0.5}])
(field, value), = message.ListFields()
assert (field.name, field.number, field.message_type.name) == ("landmark", 1, "NormalizedLandmark")
descriptor = landmark_pb2.NormalizedLandmark.DESCRIPTOR
assert list(descriptor.fields_by_name) == ["x", "y", "z", "visibility", "presence"]
assert descriptor.full_name == "mediapipe.NormalizedLandmark"
try:
    message.ParseFromString(b"\\x0d")
except DecodeError as error:
    assert str(error) == "Error parsing message"
else:
    raise AssertionError
assert not {"cv2", "av", "openvino", "scipy"} & sys.modules.keys()
"""


def test_classes_of_messages_have_a_help_page():
    assert Message.DESCRIPTOR is None
    assert "HasField" in pydoc.plain(pydoc.render_doc(Point))


def test_messages_need_no_protobuf():
    subprocess.run([sys.executable, "-c", WITHOUT_PROTOBUF], check=True)


def test_errors_are_of_protobufs_classes_where_that_is_loaded():
    message = pytest.importorskip("google.protobuf.message")
    with pytest.raises(message.DecodeError, match=r"^Error parsing message$"):
        Point.FromString(b"\x0d")
    assert not issubclass(DecodeError, message.DecodeError)
