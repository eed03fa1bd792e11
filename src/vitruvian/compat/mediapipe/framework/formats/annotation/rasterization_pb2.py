"""Messages of run-length encoded masks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf.message import Message

from vitruvian.compat.protobuf import INT32, define_messages, repeated, required

if TYPE_CHECKING:
    from google.protobuf.internal.containers import RepeatedCompositeFieldContainer

__all__ = ["Rasterization"]


class Rasterization(Message):
    """The pixels of a mask."""

    class Interval(Message):
        """A run of pixels in a row, both ends included."""

        y: int = required(1, INT32)
        left_x: int = required(2, INT32)
        right_x: int = required(3, INT32)

    interval: RepeatedCompositeFieldContainer[Interval] = repeated(1, Interval)


DESCRIPTOR = define_messages(__name__)
