"""``mp.packet_getter``: the values of packets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitruvian.compat.mediapipe.python import packet_creator as kinds
from vitruvian.compat.mediapipe.python._framework_bindings.packet import Packet

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.message import Message

__all__ = [
    "get_bool",
    "get_bool_list",
    "get_bytes",
    "get_float",
    "get_float_list",
    "get_image",
    "get_image_frame",
    "get_image_list",
    "get_int",
    "get_int_list",
    "get_matrix",
    "get_packet_list",
    "get_proto",
    "get_proto_list",
    "get_str",
    "get_str_list",
    "get_str_to_packet_dict",
    "get_uint",
]


def _of_kind(kind: str) -> Callable[[Packet], Any]:
    """Return the getter of the values of one type in C++, with MediaPipe's errors."""

    def value_of(packet: Packet) -> Any:
        stored = _checked(packet)._kind
        if stored is None:
            raise RuntimeError(f"Expected a Packet of type: {kind}, but received an empty Packet.")
        if stored != kind:
            raise ValueError(f'The Packet stores "{stored}", but "{kind}" was requested.')
        return packet._content

    return value_of


def _of_kinds(what: str, *names: str) -> Callable[[Packet], Any]:
    """Return the getter of the values of several types in C++, with MediaPipe's errors."""

    def value_of(packet: Packet) -> Any:
        if _checked(packet)._kind not in names:
            raise ValueError(f"Packet doesn't contain {what}.")
        return packet._content

    return value_of


def _checked(packet: Packet) -> Packet:
    if not isinstance(packet, Packet):
        raise TypeError(f"a value is read from a mediapipe.Packet, got {packet!r}")
    return packet


get_bool = _of_kind(kinds.BOOL)
get_bool_list = _of_kind(kinds.BOOLS)
get_image = _of_kind(kinds.IMAGE)
get_image_frame = _of_kind(kinds.IMAGE_FRAME)
get_image_list = _of_kind(kinds.IMAGES)
get_matrix = _of_kind(kinds.MATRIX)
get_packet_list = _of_kind(kinds.PACKETS)
get_str_list = _of_kind(kinds.STRINGS)
get_str_to_packet_dict = _of_kind(kinds.PACKET_MAP)
get_int = _of_kinds(
    "int, int8, int16, int32, or int64 data", "int", "signed char", "short", "int64_t"
)
get_uint = _of_kinds(
    "uint8, uint16, uint32, or uint64 data",
    "unsigned char",
    "unsigned short",
    "unsigned int",
    "uint64_t",
)
get_float = _of_kinds("float or double data", "float", "double")
get_int_list = _of_kinds("int, int8, int16, int32, or int64 containers", kinds.INTS)
get_float_list = _of_kinds(
    "std::vector<float> or std::array<float, 4 / 16> containers", kinds.FLOATS
)


def get_str(packet: Packet) -> str:
    """Return the text of a packet of a string."""
    text = _of_kind(kinds.STRING)(packet)
    return text.decode() if isinstance(text, bytes) else str(text)


def get_bytes(packet: Packet) -> bytes:
    """Return the bytes of a packet of a string."""
    text = _of_kind(kinds.STRING)(packet)
    return text if isinstance(text, bytes) else str(text).encode()


def get_proto(packet: Packet) -> Message:
    """Return a copy of the message in a packet.

    Raises
    ------
    ValueError
        If the packet has no message, where MediaPipe aborts the process.
    """
    from google.protobuf.message import Message

    message = _checked(packet)._content
    if not isinstance(message, Message):
        raise ValueError(f"the packet must hold a protobuf message, got {packet!r}")
    copy = type(message)()
    copy.CopyFrom(message)
    return copy


def get_proto_list(packet: Packet) -> list[Message]:
    """Raise ValueError: no packet that Python can create has a list of messages."""
    raise ValueError(f"the packet must hold a list of protobuf messages, got {_checked(packet)!r}")
