"""Kinds of scalar fields: what they accept, how they look on the wire and in text."""

from __future__ import annotations

import math
import struct
from ctypes import c_float
from operator import index
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.compat.protobuf import wire

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FLOAT", "INT32", "INT64", "STRING", "Enum", "Kind"]


class Kind:
    """A kind of scalar.

    Parameters
    ----------
    codes : (int, int)
        Its numbers in descriptors: ``type`` and ``cpp_type``.
    wire_type : int
        How its values are delimited on the wire.
    default : object
        Value of a field that is not set.
    accept : callable
        Value of a program to value of the field; raises as protobuf does.
    write, read : callable
        Value to bytes; ``(bytes, place)`` to value and next place.
    text : callable
        Value to its text form.
    """

    def __init__(
        self,
        codes: tuple[int, int],
        wire_type: int,
        default: object,
        accept: Callable[[Any], Any],
        write: Callable[[Any], bytes],
        read: Callable[[bytes, int], tuple[Any, int]],
        text: Callable[[Any], str],
    ) -> None:
        self.type, self.cpp_type = codes
        self.wire_type = wire_type
        self.default = default
        self.accept = accept
        self.write = write
        self.read = read
        self.text = text

    def knows(self, value: object) -> bool:
        """Tell whether a value that was read is one of this kind's."""
        return True


def _accept_float(value: Any) -> float:
    if isinstance(value, np.ndarray):
        raise TypeError(f"{value} has type ndarray, but expected one of: float")
    return c_float(value).value  # rounds to 32 bits; too large becomes infinite


def _read_float(data: bytes, at: int) -> tuple[float, int]:
    raw, at = wire.read_fixed(data, at, 4)
    return struct.unpack("<f", raw)[0], at


def _float_text(value: float) -> str:
    if math.isnan(value):
        return "nan" if math.copysign(1, value) > 0 else "-nan"
    short = f"{value:.6g}"  # C's FLT_DIG; three digits more tell every float apart
    return short if c_float(float(short)).value == value else f"{value:.9g}"


def _accept_integer(bits: int) -> Callable[[Any], int]:
    def accept(value: Any) -> int:
        number = index(value)
        if not -(1 << bits - 1) <= number < 1 << bits - 1:
            raise ValueError(f"Value out of range: {number}")
        return number

    return accept


def _read_integer(bits: int) -> Callable[[bytes, int], tuple[int, int]]:
    def read(data: bytes, at: int) -> tuple[int, int]:
        value, at = wire.read_varint(data, at)
        value &= (1 << bits) - 1
        return value - (value >> bits - 1 << bits), at

    return read


def _accept_string(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode()
    if not isinstance(value, str):
        raise TypeError("bad argument type for built-in operation")
    value.encode()
    return str(value)


def _write_string(value: str) -> bytes:
    data = value.encode()
    return wire.varint(len(data)) + data


def _read_string(data: bytes, at: int) -> tuple[str, int]:
    raw, at = wire.read_bytes(data, at)
    try:
        return raw.decode(), at
    except UnicodeDecodeError:
        raise wire.decode_error() from None


_ESCAPES = {code: f"\\{code:03o}" for code in (*range(32), 127)} | {
    ord(char): f"\\{name}" for char, name in zip("\n\r\t\"'\\", "nrt\"'\\", strict=True)
}


def _string_text(value: str) -> str:
    return f'"{value.translate(_ESCAPES)}"'


FLOAT = Kind(
    (2, 6), wire.FIXED32, 0.0, _accept_float, struct.Struct("<f").pack, _read_float, _float_text
)
INT32, INT64 = (
    Kind(codes, wire.VARINT, 0, _accept_integer(bits), wire.varint, _read_integer(bits), str)
    for codes, bits in (((5, 1), 32), ((3, 2), 64))
)
STRING = Kind((9, 9), wire.BYTES, "", _accept_string, _write_string, _read_string, _string_text)


class Enum(Kind):
    """An enumeration: a kind, and the object that programs ask for its names and numbers.

    Parameters
    ----------
    name : str
    numbers : mapping of str to int
        The first is the default.
    """

    def __init__(self, name: str, numbers: dict[str, int]) -> None:
        self.name = name
        self._numbers = numbers
        self._names = {number: label for label, number in numbers.items()}
        super().__init__(
            (14, 8),
            wire.VARINT,
            self.values()[0],
            self._accept,
            wire.varint,
            INT32.read,
            self._names.__getitem__,
        )

    def _accept(self, value: Any) -> int:
        if isinstance(value, str):
            if value not in self._numbers:
                raise ValueError(f'unknown enum label "{value}"')
            return self._numbers[value]
        number: int = INT32.accept(value)
        if not self.knows(number):
            raise ValueError(f"invalid enumerator {number}")
        return number

    def knows(self, value: object) -> bool:
        """Tell whether a number has a name here."""
        return value in self._names

    def Name(self, number: int) -> str:  # noqa: N802 - protobuf's name
        """Return the name of a number."""
        try:
            number = index(number)
        except TypeError:
            raise TypeError(
                f"Enum value for {self.name} must be an int, but got {type(number)} {number!r}."
            ) from None
        if number not in self._names:
            raise ValueError(f"Enum {self.name} has no name defined for value {number!r}")
        return self._names[number]

    def Value(self, name: str) -> int:  # noqa: N802 - protobuf's name
        """Return the number of a name."""
        if name not in self._numbers:
            raise ValueError(f"Enum {self.name} has no value defined for name {name!r}")
        return self._numbers[name]

    def keys(self) -> list[str]:
        """Return the names."""
        return list(self._numbers)

    def values(self) -> list[int]:
        """Return the numbers."""
        return list(self._numbers.values())

    def items(self) -> list[tuple[str, int]]:
        """Return the names with their numbers."""
        return list(self._numbers.items())

    def __getattr__(self, name: str) -> int:
        numbers = vars(self).get("_numbers", {})
        if name not in numbers:
            raise AttributeError(f"Enum {self.name} has no value defined for name {name!r}")
        number: int = numbers[name]
        return number
