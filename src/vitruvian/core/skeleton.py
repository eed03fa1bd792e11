"""Skeleton: names, sides and connections of the landmarks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

__all__ = ["BLAZEPOSE", "COCO17", "Skeleton"]


@dataclass(frozen=True)
class Skeleton:
    """Names and connections of a set of landmarks.

    Attributes
    ----------
    names : tuple of str
        One name for each landmark, in the order of the arrays.
    connections : tuple of (int, int)
        Pairs of landmarks that drawings connect by a line.

    Examples
    --------
    >>> BLAZEPOSE.index("left_wrist")
    15
    >>> BLAZEPOSE.names[BLAZEPOSE.mirrored[15]]
    'right_wrist'
    """

    names: tuple[str, ...]
    connections: tuple[tuple[int, int], ...]

    @cached_property
    def _index_of(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.names)}

    def index(self, name: str) -> int:
        """Return the index of the landmark called `name`; a KeyError lists the names."""
        try:
            return self._index_of[name]
        except KeyError:
            known = ", ".join(self.names)
            raise KeyError(f"no landmark is called {name!r}; there are {known}") from None

    @cached_property
    def sides(self) -> tuple[str, ...]:
        """'left', 'right' or 'center' of each landmark; left is the person's own left."""
        return tuple(_side(name) for name in self.names)

    @cached_property
    def mirrored(self) -> tuple[int, ...]:
        """Index of each landmark's counterpart on the other side; its own in the middle."""
        swap = {"left": "right", "right": "left", "center": "center"}
        return tuple(
            self._index_of[name.replace(side, swap[side])]
            for name, side in zip(self.names, self.sides, strict=True)
        )

    def __len__(self) -> int:
        return len(self.names)


def _side(name: str) -> str:
    words = name.split("_")
    return "left" if "left" in words else "right" if "right" in words else "center"


BLAZEPOSE = Skeleton(
    # The order and the 35 connections of MediaPipe, python/solutions/pose.py, pose_connections.py.
    names=(
        "nose",
        "left_eye_inner",
        "left_eye",
        "left_eye_outer",
        "right_eye_inner",
        "right_eye",
        "right_eye_outer",
        "left_ear",
        "right_ear",
        "mouth_left",
        "mouth_right",
        "left_shoulder",
        "right_shoulder",
        "left_elbow",
        "right_elbow",
        "left_wrist",
        "right_wrist",
        "left_pinky",
        "right_pinky",
        "left_index",
        "right_index",
        "left_thumb",
        "right_thumb",
        "left_hip",
        "right_hip",
        "left_knee",
        "right_knee",
        "left_ankle",
        "right_ankle",
        "left_heel",
        "right_heel",
        "left_foot_index",
        "right_foot_index",
    ),
    connections=(
        *((0, 1), (1, 2), (2, 3), (3, 7), (0, 4), (4, 5), (5, 6), (6, 8), (9, 10)),  # face
        *((11, 12), (11, 13), (13, 15), (15, 17), (15, 19), (15, 21), (17, 19)),  # left arm
        *((12, 14), (14, 16), (16, 18), (16, 20), (16, 22), (18, 20)),  # right arm
        *((11, 23), (12, 24), (23, 24)),  # trunk
        *((23, 25), (24, 26), (25, 27), (26, 28)),  # legs
        *((27, 29), (28, 30), (29, 31), (30, 32), (27, 31), (28, 32)),  # feet
    ),
)

COCO17 = Skeleton(
    # COCO, category "person": person_keypoints_val2017.json.
    names=(
        "nose",
        "left_eye",
        "right_eye",
        "left_ear",
        "right_ear",
        "left_shoulder",
        "right_shoulder",
        "left_elbow",
        "right_elbow",
        "left_wrist",
        "right_wrist",
        "left_hip",
        "right_hip",
        "left_knee",
        "right_knee",
        "left_ankle",
        "right_ankle",
    ),
    connections=(
        *((15, 13), (13, 11), (16, 14), (14, 12), (11, 12)),  # legs
        *((5, 11), (6, 12), (5, 6)),  # trunk
        *((5, 7), (6, 8), (7, 9), (8, 10)),  # arms
        *((1, 2), (0, 1), (0, 2), (1, 3), (2, 4), (3, 5), (4, 6)),  # face
    ),
)
