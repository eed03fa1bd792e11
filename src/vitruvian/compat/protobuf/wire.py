"""The wire format: numbers of variable length, tags, and what to do with unknown fields.

Source: protobuf.dev, "Encoding".
"""

from __future__ import annotations

import sys

__all__ = [
    "BYTES",
    "FIXED32",
    "VARINT",
    "DecodeError",
    "EncodeError",
    "decode_error",
    "encode_error",
    "read_bytes",
    "read_fixed",
    "read_varint",
    "skip",
    "varint",
]

VARINT, FIXED64, BYTES, START_GROUP, END_GROUP, FIXED32 = range(6)  # wire types: a tag's low bits
MAX_TAG = 2**32


class DecodeError(Exception):
    """The bytes are no message. protobuf's own class is raised where that is loaded."""


class EncodeError(Exception):
    """The message lacks required fields. protobuf's own class is raised where that is loaded."""


def decode_error() -> Exception:
    """Return the error for bytes that are no message."""
    return _error(DecodeError, "Error parsing message")


def encode_error(text: str) -> Exception:
    """Return the error for a message that cannot be written."""
    return _error(EncodeError, text)


def _error(ours: type[Exception], text: str) -> Exception:
    # a program that catches protobuf's class has imported it
    theirs = getattr(sys.modules.get("google.protobuf.message"), ours.__name__, ours)
    error: Exception = theirs(text)
    return error


def varint(value: int) -> bytes:
    """Return an integer in base 128, low digits first; negative ones as 64-bit complements."""
    value &= 2**64 - 1
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """Return the unsigned 64-bit integer at a place, and the place after it."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            break
        value |= (data[at] & 127) << shift
        at += 1
        if data[at - 1] < 128:
            return value & 2**64 - 1, at
    raise decode_error()


def read_fixed(data: bytes, at: int, size: int) -> tuple[bytes, int]:
    """Return so many bytes, and the place after them."""
    if at + size > len(data):
        raise decode_error()
    return data[at : at + size], at + size


def read_bytes(data: bytes, at: int) -> tuple[bytes, int]:
    """Return the bytes whose number stands before them, and the place after them."""
    size, at = read_varint(data, at)
    return read_fixed(data, at, size)


def read_tag(data: bytes, at: int) -> tuple[int, int]:
    """Return a tag, ``field number * 8 + wire type``, and the place after it."""
    tag, at = read_varint(data, at)
    if not 8 <= tag < MAX_TAG:
        raise decode_error()
    return tag, at


def skip(data: bytes, at: int, tag: int) -> int:
    """Return the place after a field of an unknown kind, whose tag has been read."""
    groups: list[int] = []
    while True:
        kind = tag & 7
        if kind == VARINT:
            _, at = read_varint(data, at)
        elif kind in (FIXED32, FIXED64):
            _, at = read_fixed(data, at, 4 if kind == FIXED32 else 8)
        elif kind == BYTES:
            _, at = read_bytes(data, at)
        elif kind == START_GROUP:
            groups.append(tag >> 3)
        elif kind != END_GROUP or not groups or groups.pop() != tag >> 3:
            raise decode_error()
        if not groups:
            return at
        tag, at = read_tag(data, at)
