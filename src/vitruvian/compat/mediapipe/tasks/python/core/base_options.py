"""``BaseOptions``: the model file of a task."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from vitruvian.compat.declared import OtherRecord
from vitruvian.compat.pickling import Portable, reference

__all__ = ["BaseOptions"]


@dataclass
class BaseOptions(Portable, OtherRecord):
    """Model file and delegate of a task.

    Attributes
    ----------
    model_asset_path : str or path, optional
        A ``.task`` bundle; or ``"lite"``, ``"full"`` or ``"heavy"`` for the published models.
    model_asset_buffer : bytes, optional
        The content of a bundle; takes precedence over the path.
    delegate : BaseOptions.Delegate, optional
        Inference always runs on the CPU; GPU logs a warning.
    """

    class Delegate(IntEnum):
        """Device for inference."""

        DEFAULT = 0
        CPU = 1
        GPU = 2

        def __reduce_ex__(self, proto: object) -> tuple[Any, ...]:
            """Return what pickle needs."""
            return reference(type(self)), (self.value,)

    model_asset_path: str | None = None
    model_asset_buffer: bytes | None = None
    delegate: Delegate | None = None
