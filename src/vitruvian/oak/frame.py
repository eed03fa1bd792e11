"""OakFrame: a frame of an OAK camera, with what the device found in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitruvian.core.frame import Frame

if TYPE_CHECKING:
    from vitruvian.oak.record import EdgeRecord

__all__ = ["OakFrame"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OakFrame(Frame):
    """A frame of an OAK camera.

    Attributes
    ----------
    record : EdgeRecord or None
        With mode "edge", what the device found in this frame; see `Frame` for the others.
    """

    record: EdgeRecord | None = None
