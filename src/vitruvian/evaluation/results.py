"""Files of COCO keypoint results: the poses of any detector, to be compared beside ours."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.evaluation._files import array_of, json_of, reading
from vitruvian.evaluation.average_precision import ScoredPose, confidence_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from vitruvian.core.pose import Pose

__all__ = ["load_results", "result_of", "save_results"]

Id = int | float | str


def load_results(path: Path) -> dict[Id, list[ScoredPose]]:
    """Return the poses of a COCO results file by the ID of their image, the best one first.

    A pose is an object with ``image_id``, ``keypoints`` and ``score``. The keypoints are x, y and a
    third number of COCO's 17 landmarks, or of BlazePose's 33. ``track_id`` is its persistent ID.
    ``world``, which COCO does not have, is x, y and z of the 33 in metres, as in `Pose.world`.

    Raises
    ------
    SourceError
        If the file can't be read or is not of this format.
    """
    found: dict[Id, list[ScoredPose]] = {}
    with reading(path):
        items = json_of(path)
        if not isinstance(items, list):
            raise ValueError("not COCO results: the top level must be a list")
        for index, item in enumerate(items):
            image_id, pose = _pose(item, f"not COCO results: [{index}]")
            found.setdefault(image_id, []).append(pose)
    return {
        image_id: sorted(poses, key=lambda pose: -pose.score) for image_id, poses in found.items()
    }


def result_of(image_id: Id, pose: Pose | ScoredPose) -> dict[str, Any]:
    """Return a pose as an object of a results file."""
    landmarks = np.asarray(pose.landmarks, np.float64)[:, :2]
    keypoints = np.column_stack([landmarks, np.ones(len(landmarks))])
    item: dict[str, Any] = {
        "image_id": image_id,
        "category_id": 1,
        "keypoints": keypoints.ravel().round(3).tolist(),
        "score": confidence_of(pose),
    }
    if pose.id is not None:
        item["track_id"] = pose.id
    if pose.world is not None:
        item["world"] = np.asarray(pose.world, np.float64).ravel().round(5).tolist()
    return item


def save_results(path: Path, items: Iterable[dict[str, Any]]) -> None:
    """Write a results file."""
    path.write_text(json.dumps(list(items)) + "\n", encoding="utf-8")


def _pose(item: Any, where: str) -> tuple[Id, ScoredPose]:
    if not isinstance(item, dict) or not isinstance(item.get("image_id"), int | float | str):
        raise ValueError(f"{where} must be an object with an 'image_id'")
    keypoints = array_of(item.get("keypoints"), (-1,), f"{where}: 'keypoints'")
    if len(keypoints) not in (51, 99):
        raise ValueError(f"{where}: 'keypoints' must be 51 or 99 numbers, got {len(keypoints)}")
    score = float(array_of(item.get("score"), (), f"{where}: 'score'"))
    world = None
    if "world" in item:
        world = array_of(item["world"], (99,), f"{where}: 'world'").reshape(33, 3)
    track_id = item.get("track_id")
    if track_id is not None and not isinstance(track_id, int):
        raise ValueError(f"{where}: 'track_id' must be a whole number, got {track_id!r}")
    return item["image_id"], ScoredPose(
        keypoints.reshape(-1, 3)[:, :2], score, world=world, id=track_id
    )
