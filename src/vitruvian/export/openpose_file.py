"""OpenPose: one JSON file for each frame, in one of three skeletons."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.core._arrays import json_floats
from vitruvian.core.skeleton import BLAZEPOSE, BODY25, COCO18, blazepose_sources
from vitruvian.export.heading import comment_of, compact_json, completed
from vitruvian.export.series import SeriesSink, read_series_provenance
from vitruvian.export.suffix import suffix_of

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import Pose, PoseResult
    from vitruvian.core.provenance import Provenance
    from vitruvian.core.skeleton import Skeleton
    from vitruvian.export import SinkOptions

__all__ = ["openpose_series", "read_openpose_provenance"]

VERSION = 1.3  # of OpenPose's JSON
SKELETONS = {
    "_keypoints.json": BODY25,
    ".blazepose_keypoints.json": BLAZEPOSE,
    ".coco_keypoints.json": COCO18,
}
_EMPTY: dict[str, list[float]] = {
    name: []
    for name in (
        *("face_keypoints_2d", "hand_left_keypoints_2d", "hand_right_keypoints_2d"),
        *("pose_keypoints_3d", "face_keypoints_3d"),
        *("hand_left_keypoints_3d", "hand_right_keypoints_3d"),
    )
}


def openpose_series(options: SinkOptions) -> SeriesSink:
    """Return a sink that writes one file for each frame; its suffix chooses the skeleton."""
    skeleton = SKELETONS[suffix_of(options.path)]

    def open_writer(
        path: Path, options: SinkOptions, *, series: dict[str, int] | None
    ) -> _OpenPoseFrame:
        return _OpenPoseFrame(path, options, skeleton, series)

    return SeriesSink(options, open_writer)


def read_openpose_provenance(pattern: Path) -> Provenance | None:
    """Return the provenance in the first file of a complete series."""
    return read_series_provenance(pattern, _comment_in)


def _comment_in(path: Path) -> str:
    document = json.loads(path.read_bytes())
    return json.dumps(document.get("vitruvian") if isinstance(document, dict) else None)


class _OpenPoseFrame:
    """The file of one frame."""

    def __init__(
        self,
        path: Path,
        options: SinkOptions,
        skeleton: Skeleton,
        series: dict[str, int] | None,
    ) -> None:
        self._path = path
        self._options = options
        self._sources = blazepose_sources(skeleton)
        self._series = series  # extent of the complete series, in its first file

    def append(self, result: PoseResult, frame: Frame | None) -> None:
        """Write the file."""
        document: dict[str, Any] = {
            "version": VERSION,
            "people": [self._person(pose) for pose in result],
        }
        if self._series is not None:
            provenance = completed(self._options.provenance, result.provenance)
            document["vitruvian"] = json.loads(comment_of(provenance, series=self._series))
        self._path.write_bytes(compact_json(document))

    def finish(self) -> None:
        """Do nothing: the file is complete."""

    def salvage(self) -> str:
        """Keep the file."""
        return ".json"

    def _person(self, pose: Pose) -> dict[str, Any]:
        points = np.column_stack([pose.landmarks[:, :2], pose.visibility])
        points[~np.isfinite(points).all(axis=1)] = 0
        rows = np.stack([_mean(points[list(source)]) for source in self._sources])
        known = {"pose_keypoints_2d": json_floats(rows.ravel())}
        return {"person_id": [-1 if pose.id is None else pose.id]} | known | _EMPTY


def _mean(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean of points (n, 3) with the lowest confidence; 0 if there is none or one lacks.

    In OpenPose's files, a landmark at 0, 0 with confidence 0 is missing.
    """
    if not len(points) or (points == 0).all(axis=1).any():
        return np.zeros(3, np.float32)
    return np.append(points[:, :2].mean(axis=0), points[:, 2].min())
