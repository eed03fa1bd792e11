"""Messages of classifications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf.message import Message

from vitruvian.compat.protobuf import FLOAT, INT32, STRING, define_messages, optional, repeated

if TYPE_CHECKING:
    from google.protobuf.internal.containers import RepeatedCompositeFieldContainer

__all__ = ["Classification", "ClassificationList", "ClassificationListCollection"]


class Classification(Message):
    """A class, by number and name, and its score."""

    index: int = optional(1, INT32)
    score: float = optional(2, FLOAT)
    label: str = optional(3, STRING)
    display_name: str = optional(4, STRING)


class ClassificationList(Message):
    """The possible classes of an object."""

    classification: RepeatedCompositeFieldContainer[Classification] = repeated(1, Classification)


class ClassificationListCollection(Message):
    """The possible classes of several objects."""

    classification_list: RepeatedCompositeFieldContainer[ClassificationList] = repeated(
        1, ClassificationList
    )


DESCRIPTOR = define_messages(__name__)
