"""The table of poses: its columns, as in ``.csv``, ``.wide.parquet`` and data frames."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.core.schema import QUANTITIES, columns_of
from vitruvian.errors import BackendUnavailableError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.core.sequence import PoseSequence

__all__ = [
    "FRAME_COLUMNS",
    "POSE_COLUMNS",
    "WHOLE_COLUMNS",
    "columns_of_sequence",
    "dataframe_of",
]

FRAME_COLUMNS = ("frame_index", "timestamp_us", "width", "height")
"""Position in the source, presentation time in µs, size in px."""

POSE_COLUMNS = (
    *("person", "id", "score"),
    *("roi_center_x", "roi_center_y", "roi_width", "roi_height", "roi_rotation"),
)
"""Place among the poses of the frame, from 0; ID; score; region in image px and rad."""

WHOLE_COLUMNS = (*FRAME_COLUMNS, "person", "id")
"""The columns of whole numbers."""

LIBRARIES = ("pandas", "polars")


def columns_of_sequence(sequence: PoseSequence) -> dict[str, NDArray[Any]]:
    """Return the columns of the table of a sequence, in order; missing is NaN.

    There is one row for each pose, and one for each frame without poses.
    """
    present = sequence.is_present
    has_row = np.zeros((len(sequence), max(1, present.shape[1])), np.bool_)
    has_row[:, : present.shape[1]] = present
    has_row[:, 0] |= ~present.any(axis=1)
    t, n = np.nonzero(has_row)
    is_pose = np.zeros_like(has_row)
    is_pose[:, : present.shape[1]] = present
    rows = np.flatnonzero(is_pose[t, n])

    def of_poses(values: NDArray[Any]) -> NDArray[Any]:
        column = np.full(len(t), np.nan, values.dtype)
        column[rows] = values
        return column

    slots = t[rows], n[rows]
    frames = (sequence.frame_indices, sequence.timestamps_us, *sequence.wh.T)
    places = (np.cumsum(is_pose, axis=1) - 1.0)[slots]
    pose_values = (
        *(places, sequence.slot_ids[slots], sequence.scores[slots]),
        *sequence.rois[slots].T,
    )
    quantities = [q for q in QUANTITIES if getattr(sequence, q.name) is not None]
    landmarks = np.concatenate(
        [
            getattr(sequence, q.name)[slots].reshape(len(rows), q.shape[0], len(q.suffixes))
            for q in quantities
        ],
        axis=2,
    )
    names = columns_of(quantities)
    landmark_values = landmarks.reshape(len(rows), len(names)).T
    return {
        **{name: values[t] for name, values in zip(FRAME_COLUMNS, frames, strict=True)},
        **{name: of_poses(v) for name, v in zip(POSE_COLUMNS, pose_values, strict=True)},
        **{name: of_poses(v) for name, v in zip(names, landmark_values, strict=True)},
    }


def dataframe_of(columns: dict[str, NDArray[Any]], library: str | None) -> Any:
    """Return a data frame of `columns` by "pandas" or "polars", or the first that is installed."""
    if library is not None and library not in LIBRARIES:
        raise ValueError(f"library must be one of {list(LIBRARIES)} or None, got {library!r}")
    for name in LIBRARIES if library is None else (library,):
        try:
            module = import_module(name)
        except ImportError:
            continue
        return _FRAME_BUILDERS[name](module.DataFrame(columns), module)
    wanted = library or " or ".join(LIBRARIES)
    raise BackendUnavailableError(f"{wanted} is not installed: pip install {library or 'pandas'}")


def _pandas_frame(frame: Any, pandas: Any) -> Any:
    """Return the frame with whole numbers where some are missing, as one block of memory."""
    is_float = [name for name in WHOLE_COLUMNS if frame[name].dtype.kind == "f"]
    return frame.astype(dict.fromkeys(is_float, "Int64")).copy()


def _polars_frame(frame: Any, polars: Any) -> Any:
    """Return the frame with null for NaN, and whole numbers."""
    frame = frame.with_columns(polars.col(polars.Float32, polars.Float64).fill_nan(None))
    return frame.with_columns(polars.col(*WHOLE_COLUMNS).cast(polars.Int64))


_FRAME_BUILDERS = {"pandas": _pandas_frame, "polars": _polars_frame}
