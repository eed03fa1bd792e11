"""Views: what each camera saw of the people, at the same times."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core._arrays import ArrayValue, read_only
from vitruvian.core.resampling import poses_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.core.camera import Camera
    from vitruvian.core.sequence import PoseSequence

    Floats = NDArray[np.float64]

__all__ = ["CameraView", "view_at"]

MAX_GAP_S = 0.1  # between two frames, to be interpolated to the times of another camera


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CameraView(ArrayValue):
    """The people of one camera at T times, at most N at one.

    Attributes
    ----------
    camera : Camera
    ids : (T, N) float64 array
        ID of the person in each slot; NaN in an empty one.
    points_px : (T, N, 33, 2) float64 array, image px
    weights : (T, N, 33) float64 array
        Visibility of the landmarks; 0 where one is missing.
    scores : (T, N) float64 array
    """

    camera: Camera
    ids: Floats
    points_px: Floats
    weights: Floats
    scores: Floats

    def __post_init__(self) -> None:
        for name in ("ids", "points_px", "weights", "scores"):
            read_only(getattr(self, name))

    @property
    def rays(self) -> Floats:
        """(T, N, 33, 2) array: x / z and y / z in camera axes; NaN where one is missing."""
        return self.camera.rays_from_image(self.points_px)

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, times: slice) -> CameraView:
        """Return the view of some of the times."""
        names = ("ids", "points_px", "weights", "scores")
        return replace(self, **{name: getattr(self, name)[times] for name in names})


def view_at(sequence: PoseSequence, camera: Camera, times_us: NDArray[np.int64]) -> CameraView:
    """Return the people of a clip at other times, interpolated linearly.

    Parameters
    ----------
    sequence : PoseSequence
        Every pose needs an ID.
    camera : Camera
        Of the size of the frames.
    times_us : (T,) int64 array, µs
        On the clock of the clip. A time is skipped where the frames before and after are more than
        0.1 s apart.
    """
    names = ("landmarks", "visibility", "scores")
    people = []
    n_slots = np.zeros(len(times_us), np.int64)
    for number in sequence.ids.tolist():
        arrays = poses_at(sequence.person(number), names, times_us, MAX_GAP_S)
        rows = np.flatnonzero(~np.isnan(arrays["scores"]))
        people.append((number, rows, n_slots[rows].copy(), arrays))
        n_slots[rows] += 1
    shape = (len(times_us), int(n_slots.max(initial=0)))
    ids, scores = np.full(shape, np.nan), np.full(shape, np.nan)
    points, weights = np.full((*shape, 33, 2), np.nan), np.zeros((*shape, 33))
    for number, rows, slots, arrays in people:
        seen = arrays["landmarks"][rows, :, :2].astype(np.float64)
        is_known = np.isfinite(seen.sum(axis=2))
        ids[rows, slots] = number
        scores[rows, slots] = arrays["scores"][rows]
        points[rows, slots] = np.where(is_known[..., None], seen, np.nan)
        weights[rows, slots] = np.where(is_known, np.nan_to_num(arrays["visibility"][rows]), 0)
    return CameraView(camera=camera, ids=ids, points_px=points, weights=weights, scores=scores)
