"""Skeleton: names, sides and connections of the landmarks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

__all__ = ["BLAZEPOSE", "BODY25", "COCO17", "COCO18", "Skeleton", "blazepose_sources"]


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

_HEAD_OF_OPENPOSE = ("right_eye", "left_eye", "right_ear", "left_ear")
_ARMS_OF_OPENPOSE = (
    "nose",
    "neck",
    *("right_shoulder", "right_elbow", "right_wrist"),
    *("left_shoulder", "left_elbow", "left_wrist"),
)

BODY25 = Skeleton(
    # OpenPose, poseParameters.cpp, POSE_BODY_25_BODY_PARTS and POSE_BODY_25_PAIRS.
    names=(
        *_ARMS_OF_OPENPOSE,
        "mid_hip",
        *("right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle"),
        *_HEAD_OF_OPENPOSE,
        *("left_big_toe", "left_small_toe", "left_heel"),
        *("right_big_toe", "right_small_toe", "right_heel"),
    ),
    connections=(
        *((1, 8), (1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7)),  # trunk, arms
        *((8, 9), (9, 10), (10, 11), (8, 12), (12, 13), (13, 14)),  # legs
        *((1, 0), (0, 15), (15, 17), (0, 16), (16, 18)),  # head
        *((14, 19), (19, 20), (14, 21), (11, 22), (22, 23), (11, 24)),  # feet
    ),
)

COCO18 = Skeleton(
    # OpenPose, poseParameters.cpp, POSE_COCO_BODY_PARTS and POSE_COCO_PAIRS without the ears.
    names=(
        *_ARMS_OF_OPENPOSE,
        *("right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle"),
        *_HEAD_OF_OPENPOSE,
    ),
    connections=(
        *((1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7)),  # arms
        *((1, 8), (8, 9), (9, 10), (1, 11), (11, 12), (12, 13)),  # legs
        *((1, 0), (0, 14), (14, 16), (0, 15), (15, 17)),  # head
    ),
)

_MADE_OF = {
    "left_big_toe": ("left_foot_index",),
    "mid_hip": ("left_hip", "right_hip"),
    "neck": ("left_shoulder", "right_shoulder"),
    "right_big_toe": ("right_foot_index",),
}


def blazepose_sources(skeleton: Skeleton) -> tuple[tuple[int, ...], ...]:
    """Return, for each landmark of a skeleton, the landmarks of BLAZEPOSE whose mean it is.

    Empty for a landmark that BLAZEPOSE does not have.

    Examples
    --------
    >>> blazepose_sources(BODY25)[:3], blazepose_sources(BODY25)[20]
    (((0,), (11, 12), (12,)), ())
    """
    return tuple(
        tuple(BLAZEPOSE.index(part) for part in _MADE_OF.get(name, (name,)) if part in _BLAZEPOSE)
        for name in skeleton.names
    )


_BLAZEPOSE = frozenset(BLAZEPOSE.names)
