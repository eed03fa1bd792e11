"""``BaseOptions``: the model file of a task."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from vitruvian.compat.declared import OtherRecord

__all__ = ["BaseOptions"]


@dataclass
class BaseOptions(OtherRecord):
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

    model_asset_path: str | None = None
    model_asset_buffer: bytes | None = None
    delegate: Delegate | None = None
