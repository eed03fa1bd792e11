"""``mp.packet_creator``: packets from values."""

from __future__ import annotations

from operator import index
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.compat.mediapipe.python._framework_bindings.image import Image
from vitruvian.compat.mediapipe.python._framework_bindings.image_frame import ImageFrame
from vitruvian.compat.mediapipe.python._framework_bindings.packet import Packet

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from google.protobuf.message import Message
    from numpy.typing import NDArray

    from vitruvian.compat.mediapipe.tasks.python.vision.core.image import ImageFormat

__all__ = [
    "create_bool",
    "create_bool_vector",
    "create_double",
    "create_float",
    "create_float_array",
    "create_float_vector",
    "create_image",
    "create_image_frame",
    "create_image_vector",
    "create_int",
    "create_int8",
    "create_int16",
    "create_int32",
    "create_int64",
    "create_int_array",
    "create_int_vector",
    "create_matrix",
    "create_packet_vector",
    "create_proto",
    "create_proto_vector",
    "create_string",
    "create_string_to_packet_map",
    "create_string_vector",
    "create_uint8",
    "create_uint16",
    "create_uint32",
    "create_uint64",
]

# Types in C++ that `packet_getter` reads, too.
BOOL, STRING = "bool", "string"
BOOLS, STRINGS = "::std::vector<bool>", "::std::vector<std::string>"
FLOATS, INTS = "::std::vector<float>", "::std::vector<int>"
IMAGE, IMAGE_FRAME = "::mediapipe::Image", "::mediapipe::ImageFrame"
IMAGES = "::std::vector<::mediapipe::Image>"
MATRIX = "Eigen::Matrix<float, -1, -1, 0, -1, -1>"
PACKETS = "::std::vector<::mediapipe::Packet>"
PACKET_MAP = "::std::map<std::string,::mediapipe::Packet>"


def _bool(value: Any) -> bool:
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"a packet of bool needs True or False, got {value!r}")
    return bool(value)


def _float(value: Any) -> float:
    if not isinstance(value, float | int | np.floating | np.integer):
        raise TypeError(f"a packet of float needs a number, got {value!r}")
    return float(np.float32(value))  # of double, too, as in MediaPipe


def _string(value: Any) -> str | bytes:
    if not isinstance(value, str | bytes):
        raise TypeError(f"a packet of string needs str or bytes, got {value!r}")
    return value


def _packet(value: Any) -> Packet:
    if not isinstance(value, Packet):
        raise TypeError(f"a packet of packets needs mediapipe.Packet, got {value!r}")
    return value


def _image(value: Any) -> Image:
    if not isinstance(value, Image):
        raise TypeError(f"a packet of images needs mediapipe.Image, got {value!r}")
    return value


def _int_between(lowest: int, highest: int) -> Callable[[Any], int]:
    def checked(value: Any) -> int:
        number = index(value)
        if number > highest:  # MediaPipe's messages, with their spelling
            raise OverflowError(
                f"{number} execeeds the maximum value ({highest}) the data type can have."
            )
        if number < lowest:
            raise OverflowError(
                f"{number} goes below the minimum value ({lowest}) the data type can have."
            )
        return number

    return checked


def _one(kind: str, checked: Callable[[Any], Any]) -> Callable[[Any], Packet]:
    """Return the creator of packets of one value."""
    return lambda value: Packet.of(kind, checked(value))


def _several(kind: str, checked: Callable[[Any], Any]) -> Callable[[Sequence[Any]], Packet]:
    """Return the creator of packets of a list."""
    return lambda values: Packet.of(kind, [*map(checked, values)])


def _int(bits: int, kind: str) -> Callable[[Any], Packet]:
    return _one(kind, _int_between(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1))


def _uint(bits: int, kind: str) -> Callable[[Any], Packet]:
    return _one(kind, _int_between(0, 2**bits - 1))


create_bool = _one(BOOL, _bool)
create_int = _int(32, "int")
create_int8 = _int(8, "signed char")
create_int16 = _int(16, "short")
create_int32 = _int(32, "int")
create_int64 = _int(64, "int64_t")
create_uint8 = _uint(8, "unsigned char")
create_uint16 = _uint(16, "unsigned short")
create_uint32 = _uint(32, "unsigned int")
create_uint64 = _uint(64, "uint64_t")
create_float = _one("float", _float)
create_double = _one("double", _float)
create_string = _one(STRING, _string)
create_bool_vector = _several(BOOLS, _bool)
create_int_array = _several("int []", _int_between(-(2**31), 2**31 - 1))
create_int_vector = _several(INTS, _int_between(-(2**31), 2**31 - 1))
create_float_array = _several("float []", _float)
create_float_vector = _several(FLOATS, _float)
create_string_vector = _several(STRINGS, _string)
create_packet_vector = _several(PACKETS, _packet)
create_image_vector = _several(IMAGES, _image)


def create_string_to_packet_map(packets: Mapping[str, Packet]) -> Packet:
    """Return the packet of a mapping of names to packets."""
    return Packet.of(PACKET_MAP, {key: _packet(value) for key, value in packets.items()})


def create_matrix(matrix: NDArray[np.floating], transpose: bool = False) -> Packet:
    """Return the packet of a float32 copy of a matrix, transposed or not."""
    array = np.array(matrix, np.float32)
    return Packet.of(MATRIX, array.T if transpose else array)


def create_proto(proto_message: Message) -> Packet:
    """Return the packet of a copy of a protobuf message."""
    copy = type(proto_message)()
    copy.CopyFrom(proto_message)
    return Packet.of(f"::{copy.DESCRIPTOR.full_name.replace('.', '::')}", copy)


def create_proto_vector(message_list: Sequence[Message]) -> Packet:
    """Raise NotImplementedError, as in MediaPipe."""
    raise NotImplementedError("create_proto_vector is not implemented.")


def create_image(
    data: Image | NDArray[Any],
    *,
    image_format: ImageFormat | None = None,
    copy: bool | None = None,
) -> Packet:
    """Return the packet of an image, or of an array in a format; `copy` has no effect."""
    return Packet.of(IMAGE, _image_of(Image, data, image_format))


def create_image_frame(
    data: ImageFrame | NDArray[Any],
    *,
    image_format: ImageFormat | None = None,
    copy: bool | None = None,
) -> Packet:
    """Return the packet of an image frame, or of an array in a format; `copy` has no effect."""
    return Packet.of(IMAGE_FRAME, _image_of(ImageFrame, data, image_format))


def _image_of(cls: type[Image], data: Any, image_format: ImageFormat | None) -> Image:
    if image_format is not None:
        return cls(image_format, data)
    if not isinstance(data, cls):
        raise ValueError("Please provide 'image_format' with 'data'.")
    return data
