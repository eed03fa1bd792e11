"""Flag semaphore: the directions of the arms that mean a letter."""

from __future__ import annotations

__all__ = ["REST", "SEMAPHORE"]

# The person's right arm and left arm, in eighths of a turn from straight up toward the person's
# own right: 0 up, 2 right, 4 down, 6 left. In the image of a person who faces the camera, they run
# anticlockwise: 2 is to the left of the image.
SEMAPHORE = {
    "A": (3, 4), "B": (2, 4), "C": (1, 4), "D": (0, 4), "E": (4, 7), "F": (4, 6), "G": (4, 5),
    "H": (2, 3), "I": (0, 3), "J": (0, 6), "K": (3, 0), "L": (3, 7), "M": (3, 6), "N": (3, 5),
    "O": (2, 1), "P": (2, 0), "Q": (2, 7), "R": (2, 6), "S": (2, 5), "T": (1, 0), "U": (1, 7),
    "V": (0, 5), "W": (7, 6), "X": (7, 5), "Y": (1, 6), "Z": (5, 6),
}  # fmt: skip
"""Right and left arm of every letter."""

REST = (4, 4)
"""Both arms down: between words."""
