"""What something is."""

from __future__ import annotations

from vitruvian.compat.protobuf import (
    FLOAT,
    INT32,
    STRING,
    Message,
    RepeatedCompositeContainer,
    optional,
    repeated,
)

__all__ = ["Classification", "ClassificationList", "ClassificationListCollection"]


class Classification(Message):
    """A class, by number and name, and its score."""

    index: int = optional(1, INT32)
    score: float = optional(2, FLOAT)
    label: str = optional(3, STRING)
    display_name: str = optional(4, STRING)


class ClassificationList(Message):
    """The classes that something may be of."""

    classification: RepeatedCompositeContainer[Classification] = repeated(1, Classification)


class ClassificationListCollection(Message):
    """The classes that several things may be of."""

    classification_list: RepeatedCompositeContainer[ClassificationList] = repeated(
        1, ClassificationList
    )
