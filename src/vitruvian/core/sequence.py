"""PoseSequence, the poses of many frames as arrays; PersonSequence, those of one person."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from vitruvian.core._arrays import ArrayValue, frozen_array, read_only
from vitruvian.core.pose import Pose, PoseResult
from vitruvian.core.resampling import MAX_GAP_S, constant_times_us, frames_at, poses_at
from vitruvian.core.roi import Roi
from vitruvian.core.schema import OPTIONAL, QUANTITIES
from vitruvian.core.table import columns_of_sequence, dataframe_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

__all__ = ["PersonSequence", "PoseSequence"]

Dtype = type[np.generic]
_PER_FRAME: dict[str, tuple[Dtype, tuple[int, ...]]] = {
    "frame_indices": (np.int64, ()),
    "timestamps_us": (np.int64, ()),
    "wh": (np.int64, (2,)),
}
_PER_POSE: dict[str, tuple[Dtype, tuple[int, ...]]] = {
    **{q.name: (q.dtype, q.shape) for q in QUANTITIES},
    "scores": (np.float64, ()),
    "rois": (np.float64, (5,)),
}
_PER_SLOT: dict[str, tuple[Dtype, tuple[int, ...]]] = {**_PER_POSE, "slot_ids": (np.float64, ())}
_OPTIONAL_NAMES = frozenset(q.name for q in OPTIONAL)


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class _Frames(ArrayValue):
    """Base of both kinds of sequence. The arrays of poses begin with T, or with T and N."""

    frame_indices: NDArray[np.int64]
    timestamps_us: NDArray[np.int64]
    wh: NDArray[np.int64]
    landmarks: NDArray[np.float32]
    visibility: NDArray[np.float32]
    presence: NDArray[np.float32]
    world: NDArray[np.float32]
    scores: NDArray[np.float64]
    rois: NDArray[np.float64]
    camera: NDArray[np.float32] | None = None
    spread_px: NDArray[np.float32] | None = None

    def _freeze(self, of_poses: dict[str, tuple[Dtype, tuple[int, ...]]], *n_people: int) -> None:
        n_frames = np.size(self.frame_indices)
        for names, lead in ((_PER_FRAME, (n_frames,)), (of_poses, (n_frames, *n_people))):
            for name, (dtype, shape) in names.items():
                values = getattr(self, name)
                if values is not None or name not in _OPTIONAL_NAMES:
                    array = frozen_array(values, dtype, lead + shape, name)
                    object.__setattr__(self, name, array)

    @property
    def is_present(self) -> NDArray[np.bool_]:
        """Whether there is a pose, for each frame or each frame and slot."""
        return ~np.isnan(self.rois[..., 0])

    def __len__(self) -> int:
        return len(self.frame_indices)

    def __getitem__(self, frames: slice) -> Self:
        """Return the sequence of some frames, as ``sequence[100:200]`` or ``sequence[::10]``."""
        if not isinstance(frames, slice):
            raise TypeError(f"a sequence is indexed by a slice of frames, got {frames!r}")
        arrays = {field.name: getattr(self, field.name) for field in fields(self)}
        return replace(
            self, **{n: a[frames] for n, a in arrays.items() if isinstance(a, np.ndarray)}
        )


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class PersonSequence(_Frames):
    """One person in T frames, as read-only arrays.

    In the frames without the person all values but the first three are NaN.

    Attributes
    ----------
    id : int
        Persistent ID of the person.
    frame_indices, timestamps_us : (T,) int64 arrays
        As in `PoseSequence`: of every frame, also of those without the person.
    wh : (T, 2) int64 array, px
    landmarks : (T, 33, 3) float32 array, image px
        As in `Pose`, like the arrays that follow.
    visibility, presence : (T, 33) float32 arrays
    world : (T, 33, 3) float32 array, m
    scores : (T,) float64 array
    rois : (T, 5) float64 array, image px and rad
        x and y of the centre, width, height, rotation clockwise on screen.
    camera : (T, 33, 3) float32 array, m, or None
    spread_px : (T, 33) float32 array, or None
    """

    id: int

    def __post_init__(self) -> None:
        self._freeze(_PER_POSE)

    def __repr__(self) -> str:
        n_frames = int(self.is_present.sum())
        return f"PersonSequence(id={self.id}, in {n_frames} of {len(self)} frames)"

    def with_constant_rate(self, fps: float, *, max_gap_s: float = MAX_GAP_S) -> PersonSequence:
        """Return the person at a constant frame rate.

        `fps` and `max_gap_s` are those of `PoseSequence.with_constant_rate`.
        """
        times_us = constant_times_us(self.timestamps_us, fps)
        poses = poses_at(self, _PER_POSE, times_us, max_gap_s)
        return PersonSequence(id=self.id, **frames_at(self, times_us), **poses)

    def to_results(self) -> list[PoseResult]:
        """Return one result for each frame, with the person or without a pose."""
        return self._in_a_slot().to_results()

    def to_dataframe(self, library: Literal["pandas", "polars"] | None = None) -> Any:
        """Return a data frame of one row for each frame.

        `library` is that of `PoseSequence.to_dataframe`.
        """
        return self._in_a_slot().to_dataframe(library)

    def _in_a_slot(self) -> PoseSequence:
        arrays = {name: getattr(self, name) for name in _PER_POSE}
        slots = {name: array[:, None] for name, array in arrays.items() if array is not None}
        ids = np.where(self.is_present, float(self.id), np.nan)[:, None]
        return PoseSequence(**_frames_of(self), **slots, slot_ids=ids)


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class PoseSequence(_Frames):
    """The poses of T frames, at most N in one, as read-only arrays.

    A slot, the second index, is not a person: poses have the order of their frame's `PoseResult`,
    so a person can change slots. `slot_ids` gives the ID in each slot, and `person` the arrays of
    one person. In an empty slot every value is NaN. Sequences with equal values are equal.

    Attributes
    ----------
    frame_indices : (T,) int64 array
        Position of each frame in its source.
    timestamps_us : (T,) int64 array
        Presentation times, µs.
    wh : (T, 2) int64 array
        Width and height of each frame, px.
    landmarks : (T, N, 33, 3) float32 array, image px
        As in `Pose`, like the arrays that follow.
    visibility, presence : (T, N, 33) float32 arrays
    world : (T, N, 33, 3) float32 array, m
    scores : (T, N) float64 array
    slot_ids : (T, N) float64 array of whole numbers
        ID of the person in each slot; NaN in an empty slot and for a pose without an ID.
        ``sequence.landmarks[sequence.slot_ids == 2]`` selects the poses of person 2.
    rois : (T, N, 5) float64 array, image px and rad
        x and y of the centre, width, height, rotation clockwise on screen.
    camera : (T, N, 33, 3) float32 array, m, or None
        NaN for poses that lack it; None if all do.
    spread_px : (T, N, 33) float32 array, image px, or None
        NaN for poses that lack it; None if all do.

    Raises
    ------
    ValueError
        If the arrays do not have these shapes.
    """

    slot_ids: NDArray[np.float64]

    def __post_init__(self) -> None:
        (n_people,) = np.shape(self.landmarks)[1:2] or (0,)
        self._freeze(_PER_SLOT, n_people)

    @property
    def ids(self) -> NDArray[np.int64]:
        """(P,) array: the IDs of all people, ascending."""
        return np.unique(self.slot_ids[~np.isnan(self.slot_ids)]).astype(np.int64)

    def __repr__(self) -> str:
        return f"PoseSequence({len(self)} frames, at most {self.scores.shape[1]} people)"

    @classmethod
    def from_results(cls, results: Iterable[PoseResult]) -> PoseSequence:
        """Return the sequence of `results`, without masks and detections.

        Raises
        ------
        ValueError
            If an ID is too large for float64 to hold exactly.
        """
        results = list(results)
        n_frames, n_people = len(results), max(map(len, results), default=0)
        arrays: dict[str, NDArray[Any]] = {}
        for name, (dtype, shape) in _PER_FRAME.items():
            arrays[name] = np.zeros((n_frames, *shape), dtype)
        lacking = {q.name for q in OPTIONAL if _is_lacking(q.name, results)}
        for name, (dtype, shape) in _PER_SLOT.items():
            if name not in lacking:
                arrays[name] = np.full((n_frames, n_people, *shape), np.nan, dtype)
        quantities = [q.name for q in QUANTITIES if q.name not in lacking]
        for t, result in enumerate(results):
            arrays["frame_indices"][t] = result.frame_index
            arrays["timestamps_us"][t] = result.timestamp_us
            arrays["wh"][t] = result.width, result.height
            for n, pose in enumerate(result):
                for name in quantities:
                    values = getattr(pose, name)
                    if values is not None:
                        arrays[name][t, n] = values
                arrays["scores"][t, n] = pose.score
                arrays["rois"][t, n] = *pose.roi.center, *pose.roi.wh, pose.roi.rotation
                if pose.id is not None:
                    arrays["slot_ids"][t, n] = _exact_float(pose.id)
        return cls(**{name: read_only(array) for name, array in arrays.items()})

    def to_results(self) -> list[PoseResult]:
        """Return one result for each frame; the inverse of `from_results`."""
        return [
            PoseResult(
                frame_index=int(self.frame_indices[t]),
                timestamp_us=int(self.timestamps_us[t]),
                width=int(self.wh[t, 0]),
                height=int(self.wh[t, 1]),
                poses=tuple(self._pose(t, n) for n in np.flatnonzero(present).tolist()),
            )
            for t, present in enumerate(self.is_present)
        ]

    def _pose(self, t: int, n: int) -> Pose:
        x, y, width, height, rotation = self.rois[t, n].tolist()
        arrays = {q.name: getattr(self, q.name) for q in QUANTITIES}
        values = {name: array[t, n] for name, array in arrays.items() if array is not None}
        for name in _OPTIONAL_NAMES & values.keys():
            if np.isnan(values[name]).all():
                del values[name]
        return Pose(
            **values,
            roi=Roi((x, y), (width, height), rotation),
            score=float(self.scores[t, n]),
            id=None if np.isnan(self.slot_ids[t, n]) else int(self.slot_ids[t, n]),
        )

    def person(self, id: int) -> PersonSequence:  # noqa: A002 - the name that a pose has for it
        """Return one person in all T frames; NaN in the frames without the person.

        Parameters
        ----------
        id : int
            One of `ids`.

        Raises
        ------
        ValueError
            If no person has this ID.
        """
        is_person = self.slot_ids == id
        frames = np.flatnonzero(is_person.any(axis=1))
        if not frames.size:
            raise ValueError(f"id must be one of {self.ids.tolist()}, got {id!r}")
        slots = is_person[frames].argmax(axis=1)
        arrays: dict[str, NDArray[Any]] = {}
        for name, (dtype, shape) in _PER_POSE.items():
            of_slots = getattr(self, name)
            if of_slots is not None:
                arrays[name] = np.full((len(self), *shape), np.nan, dtype)
                arrays[name][frames] = of_slots[frames, slots]
                read_only(arrays[name])
        return PersonSequence(id=int(id), **_frames_of(self), **arrays)

    def with_constant_rate(self, fps: float, *, max_gap_s: float = MAX_GAP_S) -> PoseSequence:
        """Return the sequence at a constant frame rate, each person in a slot of their own.

        Each person is interpolated linearly between the frames before and after. In the result,
        slot k holds person ``ids[k]`` and `frame_indices` counts from 0.

        Parameters
        ----------
        fps : float
            Frames a second; the first frame keeps its time.
        max_gap_s : float
            A person who is out of view for longer, from the last frame before to the first one
            after, is not interpolated: the values are NaN. The default is a third of a second.

        Raises
        ------
        ValueError
            If `fps` is not positive, the times do not increase, or a pose has no ID, so that it is
            not known which poses belong together.
        """
        times_us = constant_times_us(self.timestamps_us, fps)
        if not self.is_present.any():
            nobody: dict[str, NDArray[Any]] = {
                name: np.empty((len(times_us), 0, *shape), dtype)
                for name, (dtype, shape) in _PER_SLOT.items()
                if getattr(self, name) is not None
            }
            return PoseSequence(**frames_at(self, times_us), **nobody)
        return self.map_people(lambda p: p.with_constant_rate(fps, max_gap_s=max_gap_s))

    def map_people(self, change: Callable[[PersonSequence], PersonSequence]) -> PoseSequence:
        """Return the sequence with each person changed by a function, in a slot of their own.

        In the result, slot k holds person ``ids[k]``. Without people the sequence is returned.

        Parameters
        ----------
        change : callable
            Gets each person in all frames, and returns a person with the same frames.

        Raises
        ------
        ValueError
            If a pose has no ID, so that it is not known which poses belong together.
        """
        n_unknown = int((self.is_present & np.isnan(self.slot_ids)).sum())
        if n_unknown:
            raise ValueError(f"every pose must have an id, got {n_unknown} without one")
        people = [change(self.person(number)) for number in self.ids.tolist()]
        return self.from_people(people) if people else self

    @classmethod
    def from_people(cls, people: Sequence[PersonSequence]) -> PoseSequence:
        """Return the sequence of one or several people, whose frames are the same ones.

        Slot k holds ``people[k]``.

        Parameters
        ----------
        people : sequence of PersonSequence
            At least one.

        Raises
        ------
        ValueError
            If there is no one, or the times differ.
        """
        if not people:
            raise ValueError("people must have at least one person, got none")
        first = people[0]
        if any(not np.array_equal(p.timestamps_us, first.timestamps_us) for p in people):
            raise ValueError("people must have the same timestamps_us")
        slots: dict[str, NDArray[Any]] = {}
        for name, (dtype, shape) in _PER_POSE.items():
            arrays = [getattr(person, name) for person in people]
            if any(array is not None for array in arrays):
                missing = np.full((len(first), *shape), np.nan, dtype)
                slots[name] = np.stack([missing if a is None else a for a in arrays], axis=1)
        ids = [np.where(person.is_present, float(person.id), np.nan) for person in people]
        return cls(**_frames_of(first), **slots, slot_ids=np.stack(ids, axis=1))

    def to_dataframe(self, library: Literal["pandas", "polars"] | None = None) -> Any:
        """Return the table of the ``.csv`` and ``.wide.parquet`` files as a data frame.

        It has one row for each person of each frame, and one for a frame without poses, in which
        everything about the person is missing. The columns are those of the files: `frame_index`,
        `timestamp_us`, ..., ``nose_x``, ``nose_y``, ...

        Parameters
        ----------
        library : str, optional
            "pandas" or "polars"; by default pandas if it is installed, else polars.

        Raises
        ------
        BackendUnavailableError
            If the library is not installed.
        """
        return dataframe_of(columns_of_sequence(self), library)


def _frames_of(sequence: _Frames) -> dict[str, NDArray[Any]]:
    return {name: getattr(sequence, name) for name in _PER_FRAME}


def _is_lacking(name: str, results: list[PoseResult]) -> bool:
    return all(getattr(pose, name) is None for result in results for pose in result)


def _exact_float(number: int) -> float:
    if int(float(number)) != number:
        raise ValueError(f"id must be a whole number that float64 holds exactly, got {number!r}")
    return float(number)
