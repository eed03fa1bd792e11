"""``BaseOptions``: which model a task runs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

__all__ = ["BaseOptions"]


@dataclass
class BaseOptions:
    """Which model a task runs, and where.

    Attributes
    ----------
    model_asset_path : str or path, optional
        A ``.task`` bundle; or ``"lite"``, ``"full"`` or ``"heavy"``, the published models.
    model_asset_buffer : bytes, optional
        The content of a bundle; it comes before the path.
    delegate : BaseOptions.Delegate, optional
        Every delegate computes on the processor; of GPU a warning in the log says so.
    """

    class Delegate(IntEnum):
        """Where to compute."""

        DEFAULT = 0
        CPU = 1
        GPU = 2

    model_asset_path: str | None = None
    model_asset_buffer: bytes | None = None
    delegate: Delegate | None = None
