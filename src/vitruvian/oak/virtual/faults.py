"""Faults: what goes wrong with a virtual camera, for tests."""

from __future__ import annotations

from dataclasses import dataclass

from vitruvian.oak.limits import MAX_SCRIPT_BYTES

__all__ = ["Faults"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What goes wrong with a virtual camera.

    Attributes
    ----------
    vanishes_after : int or None
        Frames after which the camera is lost, the first time it is opened.
    is_in_use : bool
        Whether another program uses the camera.
    script_fails_after : int or None
        Messages that the script reads before it gets a damaged one, which makes it fail.
    max_script_bytes : int
        The longest script that the camera takes.
    """

    vanishes_after: int | None = None
    is_in_use: bool = False
    script_fails_after: int | None = None
    max_script_bytes: int = MAX_SCRIPT_BYTES
