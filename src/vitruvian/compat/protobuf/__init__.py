"""Protocol buffers' messages, version 2, without the library of that name.

A message is a class whose attributes are its fields; it has the methods, the errors, the text form
and the wire format that protobuf's own Python messages have. Where protobuf is installed, its
``text_format`` and ``json_format`` take these messages too.

>>> class Point(Message, package="example"):
...     x: float = optional(1, FLOAT)
...     tags: RepeatedScalarContainer[str] = repeated(2, STRING)
>>> point = Point(x=0.5, tags=["left"])
>>> print(point)
x: 0.5
tags: "left"
<BLANKLINE>
>>> Point.FromString(point.SerializeToString()) == point
True
"""

from vitruvian.compat.protobuf.kinds import FLOAT, INT32, INT64, STRING, Enum
from vitruvian.compat.protobuf.message import Message, optional, repeated, required
from vitruvian.compat.protobuf.repeated import RepeatedCompositeContainer, RepeatedScalarContainer
from vitruvian.compat.protobuf.wire import DecodeError, EncodeError

__all__ = [
    "FLOAT",
    "INT32",
    "INT64",
    "STRING",
    "DecodeError",
    "EncodeError",
    "Enum",
    "Message",
    "RepeatedCompositeContainer",
    "RepeatedScalarContainer",
    "optional",
    "repeated",
    "required",
]
