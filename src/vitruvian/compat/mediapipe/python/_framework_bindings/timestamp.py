"""``mp.Timestamp``: a time in a graph of MediaPipe."""

from __future__ import annotations

from functools import total_ordering
from operator import index
from typing import ClassVar

__all__ = ["Timestamp"]

# MediaPipe, framework/timestamp.h: numbers at both ends of int64 have a meaning of their own.
LOWEST, HIGHEST = -(2**63), 2**63 - 1
SPECIAL = {
    "UNSET": LOWEST,
    "UNSTARTED": LOWEST + 1,
    "PRESTREAM": LOWEST + 2,
    "MIN": LOWEST + 3,
    "MAX": HIGHEST - 3,
    "POSTSTREAM": HIGHEST - 2,
    "DONE": HIGHEST,
}
NAMES = {value: name for name, value in SPECIAL.items()}


@total_ordering
class Timestamp:
    """A time in µs, or one of the special values; compares with other timestamps and with int.

    Parameters
    ----------
    value : Timestamp or int

    Raises
    ------
    TypeError
        If it is neither.
    ValueError
        If an int is outside `MIN` to `MAX`, where MediaPipe aborts the process.
    """

    UNSET: ClassVar[Timestamp]
    UNSTARTED: ClassVar[Timestamp]
    PRESTREAM: ClassVar[Timestamp]
    MIN: ClassVar[Timestamp]
    MAX: ClassVar[Timestamp]
    POSTSTREAM: ClassVar[Timestamp]
    DONE: ClassVar[Timestamp]

    __slots__ = ("_value",)

    def __init__(self, value: Timestamp | int) -> None:
        self._value = value.value if isinstance(value, Timestamp) else index(value)
        if self._value not in NAMES and not LOWEST + 3 <= self._value <= HIGHEST - 3:
            raise ValueError(
                f"timestamp must be in {LOWEST + 3} to {HIGHEST - 3}, got {self._value}"
            )

    @classmethod
    def from_seconds(cls, seconds: float) -> Timestamp:
        """Return the timestamp at a time in s, rounded to µs."""
        return cls(round(1e6 * seconds))

    @property
    def value(self) -> int:
        """Time in µs, or the number of a special value."""
        return self._value

    def seconds(self) -> float:
        """Return the time in s."""
        return self._value / 1e6

    def microseconds(self) -> int:
        """Return the time in µs."""
        return self._value

    def is_special_value(self) -> bool:
        """Return whether it is one of the special values."""
        return self._value in NAMES

    def is_range_value(self) -> bool:
        """Return whether it is a time, `MIN` to `MAX`."""
        return LOWEST + 3 <= self._value <= HIGHEST - 3

    def is_allowed_in_stream(self) -> bool:
        """Return whether a packet in a stream may have it."""
        return LOWEST + 2 <= self._value <= HIGHEST - 2

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Timestamp | int):
            return NotImplemented
        return self._value == (other.value if isinstance(other, Timestamp) else other)

    def __lt__(self, other: Timestamp | int) -> bool:
        return self._value < (other.value if isinstance(other, Timestamp) else other)

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return f"<mediapipe.Timestamp with value: {name_of(self)}>"


def name_of(timestamp: Timestamp) -> str:
    """Return a special value by name, another by its number."""
    return NAMES.get(timestamp.value, str(timestamp.value))


for _name, _value in SPECIAL.items():
    setattr(Timestamp, _name, Timestamp(_value))
