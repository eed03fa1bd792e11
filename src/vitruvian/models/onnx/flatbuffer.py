"""Table: reader of FlatBuffers, the binary format of TFLite files.

Source: FlatBuffers, "FlatBuffer Internals".
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Table"]


class Table:
    """A table: fields by their slot, the position in the schema.

    All methods raise `ValueError` or `struct.error` if the data is damaged.
    """

    __slots__ = ("_at", "_data", "_slots")

    def __init__(self, data: bytes, at: int) -> None:
        if not 0 <= at < len(data):
            raise ValueError(f"a table must lie in the file of {len(data)} bytes, got offset {at}")
        self._data, self._at = data, at
        slots_at = at - self._scalar(at, "<i")
        n_bytes = self._scalar(slots_at, "<H")
        self._slots = struct.unpack_from(f"<{max(n_bytes - 4, 0) // 2}H", data, slots_at + 4)

    @classmethod
    def root(cls, data: bytes) -> Table:
        """Return the root table of a file."""
        return cls(data, int(struct.unpack_from("<I", data)[0]))

    def number(self, slot: int, form: str, default: int = 0) -> int:
        """Return a scalar; `form` is its code in `struct`, such as "i"."""
        at = self._field(slot)
        return default if at is None else int(self._scalar(at, f"<{form}"))

    def text(self, slot: int) -> str:
        """Return a string; empty if the field is absent."""
        return self.array(slot, np.uint8).tobytes().decode(errors="replace")

    def array(self, slot: int, dtype: Any) -> NDArray[Any]:
        """Return a vector of scalars; empty if the field is absent."""
        dtype = np.dtype(dtype).newbyteorder("<")
        at = self._field(slot)
        if at is None:
            return np.empty(0, dtype)
        at = self._target(at)
        return np.frombuffer(self._data, dtype, self._scalar(at, "<I"), at + 4)

    def table(self, slot: int) -> Table | None:
        """Return a table; None if the field is absent."""
        at = self._field(slot)
        return None if at is None else Table(self._data, self._target(at))

    def tables(self, slot: int) -> list[Table]:
        """Return a vector of tables; empty if the field is absent."""
        at = self._field(slot)
        if at is None:
            return []
        start = self._target(at)
        positions = range(start + 4, start + 4 + 4 * self._scalar(start, "<I"), 4)
        return [Table(self._data, self._target(position)) for position in positions]

    def _field(self, slot: int) -> int | None:
        """Return the position of a field; None if it is absent."""
        offset = self._slots[slot] if slot < len(self._slots) else 0
        return self._at + offset if offset else None

    def _target(self, at: int) -> int:
        return at + self._scalar(at, "<I")

    def _scalar(self, at: int, form: str) -> int:
        if at < 0:
            raise ValueError(f"an offset must be positive, got {at}")
        return int(struct.unpack_from(form, self._data, at)[0])
