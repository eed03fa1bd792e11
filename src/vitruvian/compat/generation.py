"""The generation of MediaPipe that a program is written for: 0.10, with Solutions, or 1.

Images and masks of one channel are (H, W) arrays in 0.10.21 and (H, W, 1) arrays from 0.10.30 on.
The generation of a program is that of the names it uses which only one of them has. A program that
uses no such name, or names of both, is of 0.10, whose version this package reports.
"""

from __future__ import annotations

import os

__all__ = ["VARIABLE", "Usage", "is_first", "note_use", "usage"]

VARIABLE = "VITRUVIAN_MEDIAPIPE"
"""Environment variable that sets the generation, ``0.10`` or ``1``."""

ONLY_FIRST = (
    "framework",
    "modules",
    "packet_creator",
    "packet_getter",
    "python",
    "solutions",
)
ONLY_SECOND = (
    "tasks.python.decision",
    "tasks.python.retrieval",
    "tasks.python.vision.PoseLandmark",
    "tasks.python.vision.core.image",
    "tasks.python.vision.drawing_styles",
    "tasks.python.vision.drawing_utils",
    "tasks.python.vision.gesture_recognizer_result",
)


class Usage:
    """Which names the program has used so far; there is one in a process."""

    uses_first = False
    uses_second = False
    decision: bool | None = None


usage = Usage()


def note_use(name: str) -> None:
    """Note that the program uses a name of MediaPipe: ``"solutions.pose"``."""
    usage.uses_first |= _is_among(name, ONLY_FIRST)
    usage.uses_second |= _is_among(name, ONLY_SECOND)


def _is_among(name: str, known: tuple[str, ...]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in known)


def is_first() -> bool:
    """Return whether one channel is an (H, W) array; decided by the first call.

    Raises
    ------
    ValueError
        If the environment variable has another value.
    """
    setting = os.environ.get(VARIABLE)
    if setting:
        if setting not in ("0.10", "1"):
            raise ValueError(f"{VARIABLE} must be '0.10' or '1', got {setting!r}")
        return setting == "0.10"
    if usage.decision is None:
        usage.decision = usage.uses_first or not usage.uses_second
    return usage.decision
