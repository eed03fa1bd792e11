"""The table of poses: one row for each person of each frame; and its CSV form."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vitruvian.core._arrays import json_floats
from vitruvian.core.pose import Pose, PoseResult
from vitruvian.core.roi import Roi
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.export.record_file import RecordFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from vitruvian.core.frame import Frame
    from vitruvian.export import SinkOptions

__all__ = [
    "COLUMNS",
    "INTEGER_COLUMNS",
    "LANDMARK_COLUMNS",
    "SCALAR_COLUMNS",
    "CsvWriter",
    "Row",
    "read_csv",
    "results_from_rows",
    "rows_from_result",
]

# Cells of the scalar columns, int, float or None; and those of the landmark columns, float32 with
# NaN for an empty cell.
Row = tuple[list[Any], NDArray[np.float32]]

# Position in the source, presentation time in µs, size in px, and the person's place among those
# of the frame, from 0. A frame in which nobody is seen is one row, empty from this place on.
FRAME_COLUMNS = ("frame", "timestamp_us", "width", "height", "person")
# The region is in image px and radians, clockwise on screen. No id is an empty cell.
POSE_COLUMNS = (
    *("id", "score"),
    *("roi_center_x", "roi_center_y", "roi_width", "roi_height", "roi_rotation"),
)
# Image px, 0 to 1, and metres. NaN is an empty cell.
LANDMARK_COLUMNS = tuple(
    f"{name}_{value}"
    for name in BLAZEPOSE.names
    for value in ("x", "y", "z", "visibility", "presence", "world_x", "world_y", "world_z")
)
SCALAR_COLUMNS = (*FRAME_COLUMNS, *POSE_COLUMNS)
COLUMNS = (*SCALAR_COLUMNS, *LANDMARK_COLUMNS)
INTEGER_COLUMNS = (*FRAME_COLUMNS, "id")


class CsvWriter:
    """A header and the rows of each frame, in UTF-8 with commas."""

    def __init__(self, path: Path, options: SinkOptions) -> None:
        self._file = RecordFile(path, header=_csv_lines([COLUMNS]))

    def append(self, result: PoseResult, frame: Frame | None) -> None:
        """Add the rows of one frame."""
        rows = rows_from_result(result)
        self._file.append(_csv_lines([*scalars, *json_floats(values)] for scalars, values in rows))

    def finish(self) -> None:
        """Close the file."""
        self._file.close()

    def salvage(self) -> str:
        """Close the file; every whole frame is kept."""
        self._file.close()
        return ".csv"


def read_csv(path: Path) -> Iterator[PoseResult]:
    """Yield the frames of a table that `CsvWriter` wrote; ValueError if it is another table."""
    with path.open(encoding="utf-8-sig", newline="") as lines:  # Excel adds a mark
        table = csv.reader(lines)
        if tuple(next(table, ())) != COLUMNS:
            raise ValueError("its columns are not those of a table of poses")
        yield from results_from_rows(map(_row_from_cells, filter(None, table)))


def rows_from_result(result: PoseResult) -> list[Row]:
    """Return the rows of one frame, exact to the last bit."""
    head = [result.frame, result.timestamp_us, result.width, result.height]
    if not result:
        nobody = [None] * (len(SCALAR_COLUMNS) - len(head))
        return [([*head, *nobody], np.full(len(LANDMARK_COLUMNS), np.nan, np.float32))]
    return [
        (
            [*head, person, pose.id, pose.score, *pose.roi.center, *pose.roi.wh, pose.roi.rotation],
            np.column_stack([pose.landmarks, pose.visibility, pose.presence, pose.world]).ravel(),
        )
        for person, pose in enumerate(result)
    ]


def results_from_rows(rows: Iterable[Row]) -> Iterator[PoseResult]:
    """Yield the frames whose rows `rows_from_result` made."""
    head: list[int] = []
    poses: list[Pose] = []
    for scalars, values in rows:
        person = scalars[4]
        if head and person in (None, 0):
            yield _result(head, poses)
            poses = []
        head = scalars[:4]
        if person is not None:
            poses.append(_pose(scalars[5:], values))
    if head:
        yield _result(head, poses)


def _result(head: list[int], poses: list[Pose]) -> PoseResult:
    frame, timestamp_us, width, height = head
    return PoseResult(frame, timestamp_us, width, height, tuple(poses))


def _pose(scalars: list[Any], values: NDArray[np.float32]) -> Pose:
    number, score, x, y, width, height, rotation = scalars
    of_landmarks = values.reshape(len(BLAZEPOSE), -1)
    return Pose(
        landmarks=of_landmarks[:, :3],
        visibility=of_landmarks[:, 3],
        presence=of_landmarks[:, 4],
        world=of_landmarks[:, 5:],
        roi=Roi((x, y), (width, height), rotation),
        score=score,
        id=number,
    )


def _csv_lines(rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _row_from_cells(cells: list[str]) -> Row:
    scalars = [
        None if not cell else int(cell) if column in INTEGER_COLUMNS else float(cell)
        for column, cell in zip(SCALAR_COLUMNS, cells, strict=False)
    ]
    values = np.array([cell or "nan" for cell in cells[len(SCALAR_COLUMNS) :]], np.float32)
    return scalars, values
