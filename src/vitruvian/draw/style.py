"""Style: the options of an overlay."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Style"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """Which elements an overlay shows.

    Attributes
    ----------
    skeleton : bool
        Lines between connected landmarks, in the colour of the person (by ID).
    landmarks : bool
        A dot on each landmark: orange on the person's left side, cyan on the right.
    box : bool
        Bounding box of the visible landmarks.
    roi : bool
        Region of interest that the landmark network processed; its upper side is thick.
    score : bool
        ID and score in a label at the head of each person.
    mask : bool
        Tint on the pixels of each person, in their colour, if the result has masks.
    fps : bool
        Frames per second in the upper left corner: the value given to `draw_poses`, or in a video
        file the speed of the run that writes it.
    hidden : bool
        Hidden landmarks (see `min_visibility`) as small dots, and their connections as thin dashed
        lines, both translucent; if False, they are not drawn.
    min_visibility : float
        Landmarks with a lower visibility are hidden; 0 to 1.
    """

    skeleton: bool = True
    landmarks: bool = True
    box: bool = False
    roi: bool = False
    score: bool = False
    mask: bool = True
    fps: bool = False
    hidden: bool = True
    min_visibility: float = 0.5  # MediaPipe, python/solutions/drawing_utils.py

    def __post_init__(self) -> None:
        if not 0 <= self.min_visibility <= 1:
            raise ValueError(f"min_visibility must be from 0 to 1, got {self.min_visibility!r}")
