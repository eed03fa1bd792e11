"""Several cameras: the poses of their clips joined to poses in space."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.core._arrays import ArrayValue, read_only
from vitruvian.core.limbs import LEGS, MIRRORED
from vitruvian.core.resampling import nominal_fps
from vitruvian.core.sequence import PoseSequence
from vitruvian.lift.bones import with_constant_bones
from vitruvian.lift.identities import TrackedPerson, tracked_people
from vitruvian.lift.matching import matched_people
from vitruvian.lift.sides import swapped_sides
from vitruvian.lift.triangulation import MAX_ERROR_PX, check_places, checked, triangulated
from vitruvian.lift.views import CameraView, view_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from vitruvian.core.camera import Camera

    Floats = NDArray[np.float64]

__all__ = ["Multiview", "triangulate", "views_of"]

ROI_SCALE = 1.25  # of the box of the landmarks


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Multiview(ArrayValue):
    """The people whom several cameras saw, in space.

    Attributes
    ----------
    sequence : PoseSequence
        One frame for each frame of the first camera, and one ID for each person, counted from 0.
        `camera` has the positions in the space of the first camera, `world` the same from the
        middle of the hips. `landmarks` are their projections into the image of the first camera.
        `visibility` and `presence` are the highest visibility among the cameras that a point was
        computed from, 0 where there is no point.
    points : (T, N, 33, 3) float64 array, m
        The same positions in the world of the calibration. NaN where fewer than two cameras agree.
    errors_px : (C, T, N, 33) float64 array, image px
        Reprojection errors in each camera: NaN where it does not see the person.
    is_used : (C, T, N, 33) bool array
        Which cameras each point was computed from.
    cameras : tuple of Camera
        In the order of the clips.
    n_swapped : tuple of int
        For each camera in how many poses left and right were exchanged.
    used_shares : tuple of float
        For each camera the share of the landmarks it saw that points were computed from; NaN if it
        saw none. It is low in a camera that does not fit the others, or sees people whom they do
        not see.
    """

    sequence: PoseSequence
    points: Floats
    errors_px: Floats
    is_used: NDArray[np.bool_]
    cameras: tuple[Camera, ...]
    n_swapped: tuple[int, ...]
    used_shares: tuple[float, ...]

    def __post_init__(self) -> None:
        for name in ("points", "errors_px", "is_used"):
            read_only(getattr(self, name))

    @property
    def median_errors_px(self) -> dict[str, float]:
        """Median reprojection error of the points in each camera; NaN in one that is never used."""
        errors = np.where(self.is_used, self.errors_px, np.nan)
        return {
            camera.name: float(np.nanmedian(e)) if np.isfinite(e).any() else float("nan")
            for camera, e in zip(self.cameras, errors, strict=True)
        }


def triangulate(
    clips: Mapping[str, PoseSequence],
    cameras: Mapping[str, Camera],
    *,
    starts_s: Mapping[str, float] | None = None,
    max_error_px: float = MAX_ERROR_PX,
    constant_bones: bool = True,
) -> Multiview:
    """Return the people of the clips of several calibrated cameras in space.

    Parameters
    ----------
    clips : mapping of camera names to PoseSequence
        Best tracked with ``smoothing=0``: filters of single images cost accuracy. The first clip
        gives the frames of the result.
    cameras : mapping of names to Camera
        From `load_calibration`. Cameras without a clip are not used.
    starts_s : mapping of names to float, optional
        When each clip starts on the clock of the first one, s; 0 for those that are not named. See
        `vitruvian.lift.sync.synchronised`.
    max_error_px : float
        Reprojection error, in images of 1920 px, above which a point is not accepted: see
        `triangulated`.
    constant_bones : bool
        Whether the points are refined so that bones keep their lengths: see
        `vitruvian.lift.bones.with_constant_bones`. Points with a reprojection error of up to twice
        `max_error_px` are then accepted.

    Raises
    ------
    ValueError
        If there are fewer than two clips, one has no camera or another size than its camera, or the
        clips do not overlap in time.

    Notes
    -----
    The result is not smoothed: gaps and jitter remain, for `vitruvian.analysis.filtering`.
    """
    views = views_of(clips, cameras, starts_s)
    first = next(iter(clips.values()))
    fps = nominal_fps(first.timestamps_us)
    people = tracked_people(views, matched_people(views, fps), fps)
    numbers = _numbers(people, views[0])
    solved = [_solved(person, views, max_error_px, constant_bones) for person in people]
    return _joined(first, views, people, numbers, solved)


def views_of(
    clips: Mapping[str, PoseSequence],
    cameras: Mapping[str, Camera],
    starts_s: Mapping[str, float] | None = None,
) -> list[CameraView]:
    """Return what each camera sees at the times of the first clip; see `triangulate`."""
    starts_s = starts_s or {}
    unknown = [name for name in (*clips, *starts_s) if name not in cameras]
    if unknown:
        raise ValueError(f"camera {unknown[0]!r} is not in the calibration, which has {[*cameras]}")
    if len(clips) < 2:
        raise ValueError(f"triangulation needs the clips of at least two cameras, got {[*clips]}")
    check_places([cameras[name] for name in clips])
    times_us = next(iter(clips.values())).timestamps_us
    views, n_seen = [], np.zeros(len(times_us), np.int64)
    for name, clip in clips.items():
        for wh in np.unique(clip.wh, axis=0).tolist():
            cameras[name].checked_for((wh[0], wh[1]))
        on_clock_us = times_us - round(1e6 * starts_s.get(name, 0.0))
        views.append(view_at(_with_ids(clip), cameras[name], on_clock_us))
        if len(clip):
            first_us, last_us = clip.timestamps_us[[0, -1]].tolist()
            n_seen += (on_clock_us >= first_us) & (on_clock_us <= last_us)
    if not (n_seen > 1).any():
        spans = {name: _span(clip, starts_s.get(name, 0.0)) for name, clip in clips.items()}
        raise ValueError(f"the clips do not overlap in time: {spans}")
    return views


def _span(clip: PoseSequence, start_s: float) -> str:
    if not len(clip):
        return "no frames"
    first_s, last_s = (clip.timestamps_us[[0, -1]] / 1e6 + start_s).tolist()
    return f"{first_s:.2f} to {last_s:.2f} s"


def _with_ids(clip: PoseSequence) -> PoseSequence:
    """Return the clip with ID 0 for the only person of poses without IDs."""
    is_nameless = clip.is_present & np.isnan(clip.slot_ids)
    if not is_nameless.any():
        return clip
    if clip.ids.size or clip.is_present.sum(axis=1).max() > 1:
        raise ValueError("every pose must have an id: track the clips as videos")
    return replace(clip, slot_ids=np.where(clip.is_present, 0.0, np.nan))


def _numbers(people: Sequence[TrackedPerson], view: CameraView) -> list[int]:
    """Return the ID of each person: that of the first camera if it is free, else the next one."""
    numbers: dict[int, int] = {}
    for k in sorted(range(len(people)), key=lambda k: -len(people[k].frames)):
        person = people[k]
        seen = [
            view.ids[t, slots[0]]
            for t, slots in zip(person.frames, person.slots, strict=True)
            if 0 in slots
        ]
        values, counts = np.unique(seen, return_counts=True)
        wanted = [int(values[i]) for i in np.argsort(-counts, kind="stable")]
        free = (i for i in (*wanted, *range(len(people) + 1)) if i not in numbers.values())
        numbers[k] = next(free)
    return [numbers[k] for k in range(len(people))]


def _solved(
    person: TrackedPerson, views: Sequence[CameraView], max_error_px: float, constant_bones: bool
) -> dict[str, Any]:
    """Return points (t, 33, 3), errors and is_used (C, t, 33) and more of one person."""
    shape = (len(views), len(person.frames))
    points, weights = np.full((*shape, 33, 2), np.nan), np.zeros((*shape, 33))
    scores = np.full(shape, np.nan)
    for i, (t, slots) in enumerate(zip(person.frames, person.slots, strict=True)):
        for c, slot in slots.items():
            points[c, i], weights[c, i] = views[c].points_px[t, slot], views[c].weights[t, slot]
            scores[c, i] = views[c].scores[t, slot]
    cameras = [view.camera for view in views]
    is_swapped = swapped_sides(cameras, points, weights)
    points[is_swapped] = points[is_swapped][:, MIRRORED]
    weights[is_swapped] = weights[is_swapped][:, MIRRORED]
    found = triangulated(cameras, points, weights, max_error_px=max_error_px)
    if constant_bones:
        start = triangulated(cameras, points, weights, max_error_px=np.inf).points
        refined = with_constant_bones(cameras, points, weights, found.points, start)
        found = checked(cameras, points, weights, refined, max_error_px=2 * max_error_px)
    visibility = np.where(found.is_used, weights, 0.0).max(axis=0)
    return {
        "points": found.points,
        "errors_px": found.errors_px,
        "is_used": found.is_used,
        "visibility": visibility,
        "scores": np.nanmean(scores, axis=0),
        "n_swapped": is_swapped.sum(axis=1),
    }


def _joined(
    first: PoseSequence,
    views: Sequence[CameraView],
    people: Sequence[TrackedPerson],
    numbers: Sequence[int],
    solved: Sequence[Mapping[str, Any]],
) -> Multiview:
    """Return the people in slots, each frame in the order of the IDs."""
    n_slots = np.zeros(len(first), np.int64)
    places = []
    order = sorted(range(len(people)), key=lambda k: numbers[k])
    for k in order:
        rows = np.array(people[k].frames)
        is_found = np.isfinite(solved[k]["points"]).any(axis=(1, 2))
        places.append((is_found, rows[is_found], n_slots[rows[is_found]].copy()))
        n_slots[rows[is_found]] += 1
    shape = (len(first), int(n_slots.max(initial=0)))
    points = np.full((*shape, 33, 3), np.nan)
    errors = np.full((len(views), *shape, 33), np.nan)
    is_used = np.zeros((len(views), *shape, 33), bool)
    visibility, scores = np.full((*shape, 33), np.nan), np.full(shape, np.nan)
    ids = np.full(shape, np.nan)
    for k, (is_found, rows, slots) in zip(order, places, strict=True):
        person = solved[k]
        points[rows, slots] = person["points"][is_found]
        errors[:, rows, slots] = person["errors_px"][:, is_found]
        is_used[:, rows, slots] = person["is_used"][:, is_found]
        visibility[rows, slots] = person["visibility"][is_found]
        scores[rows, slots] = person["scores"][is_found]
        ids[rows, slots] = numbers[k]
    sequence = _sequence_of(first, views[0].camera, points, visibility, scores, ids)
    swapped = sum((person["n_swapped"] for person in solved), np.zeros(len(views), np.int64))
    n_seen = np.array([(view.weights > 0).sum() for view in views])
    with np.errstate(invalid="ignore"):
        used = is_used.sum(axis=(1, 2, 3)) / n_seen
    return Multiview(
        sequence=sequence, points=points, errors_px=errors, is_used=is_used,
        cameras=tuple(view.camera for view in views), n_swapped=tuple(swapped.tolist()),
        used_shares=tuple(used.tolist()),
    )  # fmt: skip


def _sequence_of(
    first: PoseSequence,
    camera: Camera,
    points: Floats,
    visibility: Floats,
    scores: Floats,
    ids: Floats,
) -> PoseSequence:
    in_camera = camera.camera_from_world(points)
    middle = in_camera[:, :, LEGS[0]].mean(axis=2, keepdims=True)
    image = camera.image_from_world(points)
    depth = (in_camera[..., 2] - middle[..., 2]) * camera.focal_px / middle[..., 2]
    return PoseSequence(
        frame_indices=first.frame_indices,
        timestamps_us=first.timestamps_us,
        wh=first.wh,
        landmarks=np.concatenate([image, depth[..., None]], axis=-1).astype(np.float32),
        visibility=visibility.astype(np.float32),
        presence=visibility.astype(np.float32),
        world=(in_camera - middle).astype(np.float32),
        scores=scores,
        rois=_regions(image, ids),
        slot_ids=ids,
        camera=in_camera.astype(np.float32),
    )


def _regions(image: Floats, ids: Floats) -> Floats:
    """Return squares (T, N, 5) around the landmarks (T, N, 33, 2), px."""
    is_known = np.isfinite(image)
    low = np.where(is_known, image, np.inf).min(axis=2, initial=np.inf)
    high = np.where(is_known, image, -np.inf).max(axis=2, initial=-np.inf)
    with np.errstate(invalid="ignore"):
        side = ROI_SCALE * np.maximum((high - low).max(axis=-1, keepdims=True), 1.0)
        rois = np.concatenate([(low + high) / 2, side, side, 0 * side], axis=-1)
    behind = ~np.isfinite(rois).all(axis=-1)  # not in front of the first camera
    rois[behind] = (0.0, 0.0, 1.0, 1.0, 0.0)
    rois[np.isnan(ids)] = np.nan
    return rois
