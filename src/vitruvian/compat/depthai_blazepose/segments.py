"""The 23 connections of depthai_blazepose's skeleton, and the colours of the body sides."""

from __future__ import annotations

from vitruvian.core.skeleton import BLAZEPOSE

__all__ = ["COLOR_OF_SIDE", "SEGMENTS"]

COLOR_OF_SIDE = {"right": (0, 255, 0), "left": (255, 0, 0), "center": (255, 255, 0)}  # RGB

_MIDDLE = ((9, 10), (12, 11), (11, 23), (23, 24), (24, 12))  # mouth, trunk
_LEFT = (
    (1, 3),  # eye
    *((11, 13), (13, 15), (15, 19), (19, 17), (17, 15)),  # arm and hand
    *((23, 25), (25, 27), (29, 31)),  # leg and foot
)

SEGMENTS = (
    *((pair, "center") for pair in _MIDDLE),
    *((pair, "left") for pair in _LEFT),
    *(((BLAZEPOSE.mirrored[a], BLAZEPOSE.mirrored[b]), "right") for a, b in _LEFT),
)
"""Pairs of landmark indices, and the body side that sets the colour in the 3D view."""
