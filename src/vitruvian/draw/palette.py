"""Colours of an overlay."""

from __future__ import annotations

__all__ = ["COLOR_OF_SIDE", "INK", "PERSON_COLORS", "WHITE", "person_color"]

Rgb = tuple[int, int, int]

PERSON_COLORS: tuple[Rgb, ...] = (  # told apart with any common kind of colour blindness
    (70, 156, 255),
    (255, 227, 53),
    (255, 50, 150),
    (145, 255, 165),
    (178, 82, 255),
    (255, 119, 128),
    (25, 218, 205),
    (236, 160, 30),
    (232, 240, 244),
    (137, 147, 30),
)
COLOR_OF_SIDE: dict[str, Rgb] = {
    "left": (255, 138, 0),  # MediaPipe, python/solutions/drawing_styles.py, _LEFT, as RGB
    "right": (0, 217, 231),  # same file, _RIGHT
    "center": (255, 255, 255),  # same file, _WHITE: 224
}
WHITE: Rgb = (255, 255, 255)
INK: Rgb = (16, 20, 28)  # outlines, and text on a colour


def person_color(number: int) -> Rgb:
    """Return the colour of a person: `number` is the persistent ID, or the place in the result."""
    return PERSON_COLORS[number % len(PERSON_COLORS)]
