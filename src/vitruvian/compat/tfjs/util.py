"""Model names of TF.js, and the names, sides and connections of their keypoints."""

from __future__ import annotations

from enum import StrEnum

from vitruvian.core.skeleton import BLAZEPOSE, Skeleton

__all__ = [
    "BLAZEPOSE_CONNECTED_KEYPOINTS_PAIRS",
    "BLAZEPOSE_KEYPOINTS",
    "BLAZEPOSE_KEYPOINTS_BY_SIDE",
    "COCO_CONNECTED_KEYPOINTS_PAIRS",
    "COCO_KEYPOINTS",
    "COCO_KEYPOINTS_BY_SIDE",
    "SupportedModels",
    "getAdjacentPairs",
    "getKeypointIndexByName",
    "getKeypointIndexBySide",
    "get_adjacent_pairs",
    "get_keypoint_index_by_name",
    "get_keypoint_index_by_side",
]


class SupportedModels(StrEnum):
    """The model names of TF.js; only BlazePose is implemented here."""

    MoveNet = "MoveNet"
    BlazePose = "BlazePose"
    PoseNet = "PoseNet"


# Source: TF.js, pose-detection/src/constants.ts, in its order. BlazePose's list has one connection
# twice.
_COCO = Skeleton(
    names=(
        "nose",
        *(f"{side}_{part}" for part in ("eye", "ear") for side in ("left", "right")),
        *(
            f"{side}_{part}"
            for part in ("shoulder", "elbow", "wrist")
            for side in ("left", "right")
        ),
        *(f"{side}_{part}" for part in ("hip", "knee", "ankle") for side in ("left", "right")),
    ),
    connections=(
        *((0, 1), (0, 2), (1, 3), (2, 4), (5, 6), (5, 7), (5, 11), (6, 8), (6, 12)),
        *((7, 9), (8, 10), (11, 12), (11, 13), (12, 14), (13, 15), (14, 16)),
    ),
)
_BLAZEPOSE_CONNECTIONS = (
    *((0, 1), (0, 4), (1, 2), (2, 3), (3, 7), (4, 5), (5, 6), (6, 8), (9, 10)),
    *((11, 12), (11, 13), (11, 23), (12, 14), (14, 16), (12, 24), (13, 15), (15, 17), (16, 18)),
    *((16, 20), (15, 17), (15, 19), (15, 21), (16, 22), (17, 19), (18, 20)),
    *((23, 25), (23, 24), (24, 26), (25, 27), (26, 28), (27, 29), (28, 30)),
    *((27, 31), (28, 32), (29, 31), (30, 32)),
)


def _by_side(skeleton: Skeleton) -> dict[str, list[int]]:
    """Return the landmark indices of each side, by TF.js's names of the sides."""
    words = {"left": "left", "right": "right", "middle": "center"}
    return {
        word: [i for i, its_side in enumerate(skeleton.sides) if its_side == side]
        for word, side in words.items()
    }


COCO_KEYPOINTS = list(_COCO.names)
COCO_KEYPOINTS_BY_SIDE = _by_side(_COCO)
COCO_CONNECTED_KEYPOINTS_PAIRS = [list(pair) for pair in _COCO.connections]
BLAZEPOSE_KEYPOINTS = list(BLAZEPOSE.names)
BLAZEPOSE_KEYPOINTS_BY_SIDE = _by_side(BLAZEPOSE)
BLAZEPOSE_CONNECTED_KEYPOINTS_PAIRS = [list(pair) for pair in _BLAZEPOSE_CONNECTIONS]


def get_keypoint_index_by_side(model: str) -> dict[str, list[int]]:
    """Return the indices of a model's keypoints by side: "left", "right" and "middle".

    Raises
    ------
    ValueError
        If TF.js has no model of this name. The functions below raise it, too.
    """
    return BLAZEPOSE_KEYPOINTS_BY_SIDE if _is_blazepose(model) else COCO_KEYPOINTS_BY_SIDE


def get_adjacent_pairs(model: str) -> list[list[int]]:
    """Return the connections of a model's skeleton as pairs of keypoint indices."""
    if _is_blazepose(model):
        return BLAZEPOSE_CONNECTED_KEYPOINTS_PAIRS
    return COCO_CONNECTED_KEYPOINTS_PAIRS


def get_keypoint_index_by_name(model: str) -> dict[str, int]:
    """Return the index of each of a model's keypoints by name."""
    names = BLAZEPOSE_KEYPOINTS if _is_blazepose(model) else COCO_KEYPOINTS
    return {name: i for i, name in enumerate(names)}


def _is_blazepose(model: str) -> bool:
    """Whether it is BlazePose; the other two models have the COCO keypoints."""
    if model not in list(SupportedModels):
        raise ValueError(f"model must be one of {[*map(str, SupportedModels)]}, got {model!r}")
    return model == SupportedModels.BlazePose


getKeypointIndexBySide = get_keypoint_index_by_side  # noqa: N816 - TF.js's name
getAdjacentPairs = get_adjacent_pairs  # noqa: N816 - TF.js's name
getKeypointIndexByName = get_keypoint_index_by_name  # noqa: N816 - TF.js's name
