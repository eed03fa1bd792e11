"""PoseSequence: the people of many frames as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.core.pose import Pose, PoseResult
from vitruvian.core.roi import Roi
from vitruvian.core.skeleton import BLAZEPOSE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

__all__ = ["PoseSequence"]

_T, _N = -1, -2  # in the shapes below: the number of frames, the most people in one frame
_FIELDS: dict[str, tuple[type[np.generic], tuple[int, ...]]] = {
    "frame": (np.int64, (_T,)),
    "timestamps_us": (np.int64, (_T,)),
    "wh": (np.int64, (_T, 2)),
    "landmarks": (np.float32, (_T, _N, len(BLAZEPOSE), 3)),
    "visibility": (np.float32, (_T, _N, len(BLAZEPOSE))),
    "presence": (np.float32, (_T, _N, len(BLAZEPOSE))),
    "world": (np.float32, (_T, _N, len(BLAZEPOSE), 3)),
    "score": (np.float64, (_T, _N)),
    "ids": (np.float64, (_T, _N)),
    "roi": (np.float64, (_T, _N, 5)),
}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PoseSequence:
    """The people of T frames, at most N in one, as read-only arrays.

    People stand in the order of their frame's `PoseResult`, so the same person can change place;
    `ids` tells who it is. Where there is nobody, every value is NaN.

    Attributes
    ----------
    frame : (T,) int64 array
        Position of each frame in its source.
    timestamps_us : (T,) int64 array
        Presentation times, µs.
    wh : (T, 2) int64 array
        Width and height of each frame, px.
    landmarks : (T, N, 33, 3) float32 array, image px
        As in `Pose`, like the arrays that follow.
    visibility, presence : (T, N, 33) float32 array
        From 0 to 1.
    world : (T, N, 33, 3) float32 array, m
        Origin at the middle of the hips.
    score : (T, N) float64 array
        From 0 to 1.
    ids : (T, N) float64 array of whole numbers
        Whose pose it is; NaN where a person has no id. In floating point, because missing is
        NaN here as everywhere: ``landmarks[ids == 2]`` never takes a person without an id.
    roi : (T, N, 5) float64 array, image px and rad
        x and y of the centre, width, height, rotation clockwise on screen.

    Raises
    ------
    ValueError
        If the arrays do not have these shapes.
    """

    frame: NDArray[np.int64]
    timestamps_us: NDArray[np.int64]
    wh: NDArray[np.int64]
    landmarks: NDArray[np.float32]
    visibility: NDArray[np.float32]
    presence: NDArray[np.float32]
    world: NDArray[np.float32]
    score: NDArray[np.float64]
    ids: NDArray[np.float64]
    roi: NDArray[np.float64]

    def __post_init__(self) -> None:
        n_frames = np.size(self.frame)
        (n_people,) = np.shape(self.landmarks)[1:2] or (0,)
        for name, (dtype, pattern) in _FIELDS.items():
            shape = _shape(pattern, n_frames, n_people)
            array = np.asarray(getattr(self, name), dtype).view()
            if array.shape != shape:
                raise ValueError(f"{name} must have shape {shape}, got {array.shape}")
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    @property
    def is_present(self) -> NDArray[np.bool_]:
        """(T, N) array: whether a person is there."""
        return ~np.isnan(self.roi[..., 0])

    def __len__(self) -> int:
        return len(self.frame)

    def __repr__(self) -> str:
        return f"PoseSequence({len(self)} frames, at most {self.score.shape[1]} people)"

    @classmethod
    def from_results(cls, results: Iterable[PoseResult]) -> PoseSequence:
        """Return the sequence of `results`; their masks and detections are left out.

        Raises
        ------
        ValueError
            If an id is too large for float64 to hold exactly.
        """
        results = list(results)
        n_frames, n_people = len(results), max(map(len, results), default=0)
        arrays: dict[str, NDArray[Any]] = {
            name: np.full(_shape(pattern, n_frames, n_people), _empty(dtype), dtype)
            for name, (dtype, pattern) in _FIELDS.items()
        }
        for t, result in enumerate(results):
            arrays["frame"][t] = result.frame
            arrays["timestamps_us"][t] = result.timestamp_us
            arrays["wh"][t] = result.width, result.height
            for n, pose in enumerate(result):
                for name in ("landmarks", "visibility", "presence", "world", "score"):
                    arrays[name][t, n] = getattr(pose, name)
                arrays["roi"][t, n] = *pose.roi.center, *pose.roi.wh, pose.roi.rotation
                if pose.id is not None:
                    arrays["ids"][t, n] = _exact_float(pose.id)
        return cls(**arrays)

    def to_results(self) -> list[PoseResult]:
        """Return one result for each frame; the inverse of `from_results`."""
        return [
            PoseResult(
                frame=int(self.frame[t]),
                timestamp_us=int(self.timestamps_us[t]),
                width=int(self.wh[t, 0]),
                height=int(self.wh[t, 1]),
                poses=tuple(self._pose(t, n) for n in np.flatnonzero(present).tolist()),
            )
            for t, present in enumerate(self.is_present)
        ]

    def _pose(self, t: int, n: int) -> Pose:
        x, y, width, height, rotation = self.roi[t, n].tolist()
        return Pose(
            landmarks=self.landmarks[t, n],
            visibility=self.visibility[t, n],
            presence=self.presence[t, n],
            world=self.world[t, n],
            roi=Roi((x, y), (width, height), rotation),
            score=float(self.score[t, n]),
            id=None if np.isnan(self.ids[t, n]) else int(self.ids[t, n]),
        )


def _shape(pattern: tuple[int, ...], n_frames: int, n_people: int) -> tuple[int, ...]:
    return tuple({_T: n_frames, _N: n_people}.get(length, length) for length in pattern)


def _empty(dtype: type[np.generic]) -> float:
    return np.nan if issubclass(dtype, np.floating) else 0


def _exact_float(number: int) -> float:
    if int(float(number)) != number:
        raise ValueError(f"id must be a whole number that float64 holds exactly, got {number!r}")
    return float(number)
