"""``Category``: a classification result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitruvian.compat.pickling import Portable

if TYPE_CHECKING:
    from vitruvian.compat.mediapipe.framework.formats.classification_pb2 import Classification

__all__ = ["Category"]


@dataclass
class Category(Portable):
    """A class with its score.

    Attributes
    ----------
    index : int
        Index of the class.
    score : float
        Confidence, 0 to 1.
    display_name, category_name : str
        Localized name and label of the class.
    """

    index: int | None = None
    score: float | None = None
    display_name: str | None = None
    category_name: str | None = None

    def to_pb2(self) -> Classification:
        """Return the category as a protobuf message."""
        from vitruvian.compat.mediapipe.framework.formats.classification_pb2 import Classification

        return Classification(
            index=self.index,
            score=self.score,
            label=self.category_name,
            display_name=self.display_name,
        )

    @classmethod
    def create_from_pb2(cls, pb2_obj: Classification) -> Category:
        """Return the category from a protobuf message."""
        return cls(pb2_obj.index, pb2_obj.score, pb2_obj.display_name, pb2_obj.label)
