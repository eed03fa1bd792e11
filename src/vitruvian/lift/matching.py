"""Matching: which people in the images of several cameras are the same person."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.assignment import match
from vitruvian.core.limbs import MIRRORED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vitruvian.lift.views import CameraView

    Floats = NDArray[np.float64]

__all__ = ["BODY", "MAX_ERROR", "matched_people", "pair_errors", "ray_gaps"]

BODY = np.array([0, *range(11, 17), *range(23, 29)])
"""Nose, shoulders, elbows, wrists, hips, knees and ankles."""

MIN_LANDMARKS = 4  # of the body that two cameras must both see, to compare two people
MAX_ERROR = 20 / 1920  # of the longer side: with a larger error they are different people
FRAMES_AT_ONCE = 1000  # bounds the memory
WINDOW_S = 0.5  # over which the errors of two tracks are averaged


def pair_errors(one: CameraView, other: CameraView) -> Floats:
    """Return (T, N, M) how badly person n of one camera and person m of another fit together.

    It is the median of the `ray_gaps` of the landmarks of the body, that is, the reprojection error
    in parts of the longer side of the image; ``inf`` where too few landmarks are seen by both. Left
    and right may be exchanged.
    """
    parts = [slice(t, t + FRAMES_AT_ONCE) for t in range(0, max(len(one), 1), FRAMES_AT_ONCE)]
    errors = [
        np.minimum(
            _median(np.abs(ray_gaps(one[part], other[part]))),
            _median(np.abs(ray_gaps(one[part], other[part], MIRRORED[BODY]))),
        )
        for part in parts
    ]
    return np.concatenate(errors)


def ray_gaps(one: CameraView, other: CameraView, of_other: NDArray[np.intp] = BODY) -> Floats:
    """Return (T, N, M, 13) how far the two rays of each landmark of the body pass each other.

    In parts of the longer side of the image: it is the reprojection error of the middle of the
    shortest line between the rays, with a sign that tells on which side they pass. ``inf`` where
    they do not meet in front of both cameras.

    Parameters
    ----------
    one, other : CameraView
    of_other : (13,) array
        The landmarks of the other view that correspond to `BODY`.
    """
    a, at_a, scale_a = _directions(one, BODY)
    b, at_b, scale_b = _directions(other, of_other)
    a, b = a[:, :, None], b[:, None]
    apart = at_a - at_b
    aa, ab, bb = (a * a).sum(-1), (a * b).sum(-1), (b * b).sum(-1)
    to_a, to_b = a @ apart, b @ apart
    normal = np.cross(a, b)
    with np.errstate(divide="ignore", invalid="ignore"):
        area = aa * bb - ab * ab
        depth_a, depth_b = (ab * to_b - bb * to_a) / area, (aa * to_b - ab * to_a) / area
        gap = (normal @ apart) / np.sqrt(area)
        gaps = gap / 2 * (scale_a / depth_a + scale_b / depth_b) / 2
        return np.where((depth_a <= 0) | (depth_b <= 0), np.inf, gaps)


def _median(errors: Floats) -> Floats:
    """Return the medians over the last axis, without NaN; inf where there are too few."""
    ranked = np.sort(errors, axis=-1)  # NaN last
    n = (~np.isnan(errors)).sum(axis=-1)
    middle = np.take_along_axis(ranked, np.maximum(n - 1, 0)[..., None] // 2, axis=-1)[..., 0]
    return np.where(n >= MIN_LANDMARKS, middle, np.inf)


def _directions(view: CameraView, landmarks: NDArray[np.intp]) -> tuple[Floats, Floats, float]:
    """Return world directions (T, N, 13, 3), the camera's place, and its scale.

    The scale turns an angle into a part of the longer side of the image.
    """
    rays = view.rays[:, :, landmarks]
    directions = np.concatenate([rays, np.ones((*rays.shape[:-1], 1))], axis=-1)
    camera = view.camera
    return directions @ camera.rotation, camera.position, camera.focal_px / max(camera.wh)


def matched_people(views: Sequence[CameraView], fps: float) -> list[NDArray[np.int64]]:
    """Return for each view an array (T, N): the group of each slot; -1 for an empty one.

    The slots of one frame that have the same number, at most one of each camera, are one person.
    The numbers are those of one frame: they say nothing about the next one.

    Parameters
    ----------
    views : sequence of CameraView
        At the same times.
    fps : float
        Frames a second of these times.

    Notes
    -----
    The costs are the means of the `pair_errors` and their average over half a second of the same
    two tracks, so that people who cross are not exchanged. Cameras are added one by one: each of
    its people gets the group with the least mean cost to its members (linear assignment), or a new
    one. Then each camera is assigned once again to the groups of the others.
    """
    half = max(round(WINDOW_S * fps / 2), 1)
    costs: dict[tuple[int, int], Floats] = {}
    for a, b in itertools.combinations(range(len(views)), 2):
        errors = pair_errors(views[a], views[b])
        costs[a, b] = _smoothed(errors, views[a].ids, views[b].ids, half)
        costs[b, a] = costs[a, b].swapaxes(1, 2)
    groups = [np.full(view.ids.shape, -1, np.int64) for view in views]
    for t in range(len(views[0])):
        present = [np.flatnonzero(~np.isnan(view.ids[t])) for view in views]
        at_t = {pair: cost[t] for pair, cost in costs.items()}
        for c, found in enumerate(_grouped(present, at_t)):
            groups[c][t, present[c]] = found
    return groups


def _smoothed(errors: Floats, ids_a: Floats, ids_b: Floats, half: int) -> Floats:
    """Return errors (T, N, M), half of each the mean over the frames around of the two tracks."""
    capped = np.minimum(errors, 1.5 * MAX_ERROR)  # one frame must not decide about the others
    is_pair = ~np.isnan(ids_a)[:, :, None] & ~np.isnan(ids_b)[:, None]
    result = np.full(errors.shape, np.inf)
    t, n, m = np.nonzero(is_pair & np.isfinite(errors))
    if not t.size:
        return result
    pairs = np.stack([ids_a[t, n], ids_b[t, m]], axis=1)
    _, which = np.unique(pairs, axis=0, return_inverse=True)
    which = which.reshape(-1)
    order = np.lexsort((t, which))
    t, n, m, which = t[order], n[order], m[order], which[order]
    key = which * (len(errors) + 2 * half + 2) + t  # times of two pairs are never near each other
    total = np.concatenate([[0.0], np.cumsum(capped[t, n, m])])
    first, last = np.searchsorted(key, key - half), np.searchsorted(key, key + half, side="right")
    around = (total[last] - total[first]) / (last - first)
    result[t, n, m] = (errors[t, n, m] + around) / 2
    return result


def _grouped(
    present: list[NDArray[np.intp]], costs: dict[tuple[int, int], Floats]
) -> list[NDArray[np.int64]]:
    """Return the group of each person of each camera in one frame."""
    groups: list[list[tuple[int, int]]] = []  # of (camera, slot)
    for c, slots in enumerate(present):
        _assign(c, slots.tolist(), groups, costs)
    for c, slots in enumerate(present) if len(present) > 2 else ():
        for members in groups:
            members[:] = [member for member in members if member[0] != c]
        _assign(c, slots.tolist(), groups, costs)
    number = {member: k for k, members in enumerate(groups) for member in members}
    return [
        np.array([number[c, slot] for slot in slots.tolist()], np.int64)
        for c, slots in enumerate(present)
    ]


def _assign(
    c: int,
    slots: list[int],
    groups: list[list[tuple[int, int]]],
    costs: dict[tuple[int, int], Floats],
) -> None:
    """Add the people of a camera to the groups."""
    groups[:] = [members for members in groups if members]
    if not slots:
        return
    table = np.array([
        [np.mean([costs[c, d][slot, other] for d, other in members]) for members in groups]
        for slot in slots
    ]).reshape(len(slots), len(groups))  # fmt: skip
    chosen = dict(match(table, MAX_ERROR))
    for i, slot in enumerate(slots):
        if i in chosen:
            groups[chosen[i]].append((c, slot))
        else:
            groups.append([(c, slot)])
