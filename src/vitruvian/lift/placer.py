"""Placer: fills `Pose.camera` frame by frame, of live streams, recordings and photos."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.filters import OneEuroFilter
from vitruvian.core.provenance import Provenance
from vitruvian.core.resampling import MAX_GAP_S
from vitruvian.core.sequence import PoseSequence
from vitruvian.lift.body_scale import BodyScale
from vitruvian.lift.camera_options import CameraOptions, is_measured
from vitruvian.lift.placement import View, placed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from vitruvian.core.camera import Camera
    from vitruvian.core.pose import Pose, PoseResult

    Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

__all__ = ["Placer", "placed_results"]

MIN_CUTOFF_HZ, BETA, SPEED_CUTOFF_HZ = 0.8, 3.0, 0.3  # tuned on half of the clips
MEMORY_S = 10.0  # as `TrackerOptions.id_memory_s`: afterwards the ID is another one


class Placer:
    """Fills `Pose.camera` of one result after another.

    For each person with an ID it remembers the depth, which a one-euro filter smooths, and the
    scale that fits the body height. Poses without an ID, as of photos, are placed on their own.
    For recordings, `placed` is more exact: its filters have no lag.

    Parameters
    ----------
    options : CameraOptions, optional
        What is known of the camera, and the body height.
    """

    def __init__(self, options: CameraOptions | None = None) -> None:
        self._options = options or CameraOptions()
        self._camera: Camera | None = None
        self._record: Mapping[str, Any] = {}
        self._key: object = None
        self.reset()

    def reset(self) -> None:
        """Forget everyone."""
        self._people: dict[int, _Memory] = {}

    def camera_for(self, wh: tuple[int, int], focal_35mm: float | None = None) -> Camera:
        """Return the camera of frames of this size; see `CameraOptions.camera_for`."""
        if self._camera is None or self._key != (wh, focal_35mm):
            self._camera = self._options.camera_for(wh, focal_35mm)
            self._record = self._options.record(wh, focal_35mm)
            self._key = (wh, focal_35mm)
        return self._camera

    def update(self, result: PoseResult, *, focal_35mm: float | None = None) -> PoseResult:
        """Return the result with `Pose.camera` filled, and the camera in its provenance.

        Results whose positions a depth camera has measured stay as they are.

        Parameters
        ----------
        result : PoseResult
            Of the next frame.
        focal_35mm : float, optional
            Focal length in the metadata of the frame: `Frame.focal_35mm`.

        Raises
        ------
        ValueError
            If the calibration is of another size than the frame.
        """
        if is_measured(result.provenance):
            return result
        camera = self.camera_for((result.width, result.height), focal_35mm)
        provenance = replace(result.provenance or Provenance(), camera=self._record)
        self._forget(result.timestamp_us)
        if not result.poses:
            return replace(result, provenance=provenance)
        joints = self._joints(camera, result.poses, result.timestamp_us)
        poses = tuple(
            replace(pose, camera=found) for pose, found in zip(result.poses, joints, strict=True)
        )
        return replace(result, poses=poses, provenance=provenance)

    def _joints(self, camera: Camera, poses: tuple[Pose, ...], time_us: int) -> Floats:
        arrays = ([getattr(p, n) for p in poses] for n in ("landmarks", "visibility", "world"))
        view = View.of(camera, *(np.array(a, np.float64) for a in arrays))
        memories = [self._memory(pose.id) for pose in poses]
        scale = np.array(
            [
                m.scale(view.points[i : i + 1], p, time_us)
                for i, (m, p) in enumerate(zip(memories, poses, strict=True))
            ]
        )
        positions = view.positions(scale)
        for position, memory in zip(positions, memories, strict=True):
            if position[2] > 0:
                position[:] *= memory.depth(position[2], time_us) / position[2]
        return view.joints(positions, scale).astype(np.float32)

    def _memory(self, number: int | None) -> _Memory:
        height_m = self._options.height_m
        body = None if height_m is None else BodyScale(height_m)
        if number is None:
            return _Memory(body)
        return self._people.setdefault(number, _Memory(body))

    def _forget(self, time_us: int) -> None:
        """Forget people who have not been seen for long; everyone if time runs backwards."""
        old = [
            number
            for number, memory in self._people.items()
            if not -1 < time_us - memory.last_us <= 1e6 * MEMORY_S
        ]
        for number in old:
            del self._people[number]


def _depth_filter() -> OneEuroFilter:
    return OneEuroFilter(min_cutoff_hz=MIN_CUTOFF_HZ, beta=BETA, derivate_cutoff_hz=SPEED_CUTOFF_HZ)


@dataclass(slots=True)
class _Memory:
    """What is remembered of one person."""

    body: BodyScale | None
    last_us: int = 0
    filter: OneEuroFilter = field(default_factory=_depth_filter)

    def scale(self, points: Floats, pose: Pose, time_us: int) -> float:
        if self.body is None:
            return 1.0
        self.body.add(points, pose.visibility[None], time_us)
        return self.body.scale

    def depth(self, depth_m: float, time_us: int) -> float:
        """Return the filtered depth; the filter starts anew after a gap."""
        if time_us - self.last_us > 1e6 * MAX_GAP_S:
            self.filter.reset()
        self.last_us = time_us
        return float(self.filter(np.array([depth_m], np.float32), time_us)[0])


def placed_results(
    results: Iterable[PoseResult], options: CameraOptions | None = None
) -> list[PoseResult]:
    """Return the results of a whole clip, or of photos, with `Pose.camera` filled.

    A clip is placed by `placed`, with filters that have no lag. Photos, and poses without an ID,
    are placed frame by frame. Positions that a depth camera has measured stay.

    Parameters
    ----------
    results : iterable of PoseResult
        Masks and detections are kept.
    options : CameraOptions, optional
        What is known of the camera, and the body height.

    Raises
    ------
    ValueError
        If the calibration is of another size than the frames, or the times do not increase.
    """
    options, results = options or CameraOptions(), list(results)
    sizes = {(result.width, result.height) for result in results}
    has_ids = all(pose.id is not None for result in results for pose in result)
    measured = any(is_measured(result.provenance) for result in results)
    if measured or len(sizes) != 1 or not has_ids or not any(results):
        placer = Placer(options)
        return [placer.update(result) for result in results]
    (wh,) = sizes
    sequence = placed(
        PoseSequence.from_results(results), options.camera_for(wh), height_m=options.height_m
    )
    record = options.record(wh)
    return [
        _with_camera(result, found, record)
        for result, found in zip(results, sequence.to_results(), strict=True)
    ]


def _with_camera(result: PoseResult, found: PoseResult, record: Mapping[str, Any]) -> PoseResult:
    cameras = {pose.id: pose.camera for pose in found}
    poses = tuple(replace(pose, camera=cameras[pose.id]) for pose in result)
    provenance = replace(result.provenance or Provenance(), camera=record)
    return replace(result, poses=poses, provenance=provenance)
