"""Identities: who is who over time, among people who were matched across cameras."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.assignment import match
from vitruvian.core.limbs import ARMS, LEGS
from vitruvian.lift.triangulation import triangulated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vitruvian.lift.views import CameraView

    Floats = NDArray[np.float64]

__all__ = ["TrackedPerson", "tracked_people"]

TRUNK = np.concatenate([ARMS[0], LEGS[0]])
MAX_STEP_M, MAX_SPEED_M_S = 0.5, 3.0  # between two frames: error of the position, and motion
MEMORY_S = 1.0  # in which a person can be found again by position alone
SHARED_BONUS = 0.05  # of the cost, for each camera whose tracker says that it is the same person
COST_AFAR = 1.02  # of a person who is known by the trackers' IDs only


@dataclass(slots=True)
class TrackedPerson:
    """One person over time.

    Attributes
    ----------
    frames : list of int
    slots : list of dict
        For each frame the slot of the person in the view of each camera that sees them.
    """

    frames: list[int] = field(default_factory=list)
    slots: list[dict[int, int]] = field(default_factory=list)
    place: Floats | None = None
    last_ids: dict[int, float] = field(default_factory=dict)

    def add(
        self, t: int, slots: dict[int, int], views: Sequence[CameraView], place: Floats
    ) -> None:
        """Add a frame."""
        self.frames.append(t)
        self.slots.append(slots)
        self.place = place
        self.last_ids |= {c: float(views[c].ids[t, slot]) for c, slot in slots.items()}


def tracked_people(
    views: Sequence[CameraView], groups: Sequence[NDArray[np.int64]], fps: float
) -> list[TrackedPerson]:
    """Return the people whom at least two cameras see, in the order of their first frames.

    Parameters
    ----------
    views : sequence of CameraView
    groups : sequence of (T, N) arrays
        From `matched_people`.
    fps : float

    Notes
    -----
    A person is found in the next frame by the position of the trunk in space, and by the IDs of the
    cameras' trackers: these differ where a tracker has exchanged two people, and decide after a
    person was out of view for a second.
    """
    found = [_groups_at(groups, t) for t in range(len(views[0]))]
    people: list[TrackedPerson] = []
    for t, (in_frame, places) in enumerate(zip(found, _places(views, found), strict=True)):
        costs = np.array([
            [_cost(person, slots, views, t, place, fps) for person in people]
            for slots, place in zip(in_frame, places, strict=True)
        ]).reshape(len(in_frame), len(people))  # fmt: skip
        chosen = dict(match(costs, 1.0))
        for k, (slots, place) in enumerate(zip(in_frame, places, strict=True)):
            if k not in chosen:
                people.append(TrackedPerson())
            person = people[chosen[k]] if k in chosen else people[-1]
            person.add(t, slots, views, place)
    return people


def _groups_at(groups: Sequence[NDArray[np.int64]], t: int) -> list[dict[int, int]]:
    """Return the slot in each camera of the groups of at least two."""
    found: dict[int, dict[int, int]] = {}
    for c, of_camera in enumerate(groups):
        for slot, number in enumerate(of_camera[t].tolist()):
            if number >= 0:
                found.setdefault(number, {})[c] = slot
    return [slots for slots in found.values() if len(slots) > 1]


def _places(views: Sequence[CameraView], found: list[list[dict[int, int]]]) -> list[Floats]:
    """Return for each frame the middle of the trunk (G, 3), m, of each group."""
    ends = np.cumsum([len(in_frame) for in_frame in found])
    members = [
        (c, k, t, slot)
        for k, (t, slots) in enumerate((t, s) for t, frame in enumerate(found) for s in frame)
        for c, slot in slots.items()
    ]
    points = np.full((len(views), int(ends[-1]) if len(ends) else 0, 2), np.nan)
    for c, k, t, slot in members:
        points[c, k] = views[c].points_px[t, slot, TRUNK].mean(axis=0)
    cameras = [view.camera for view in views]
    places = triangulated(cameras, points, max_error_px=np.inf).points
    return np.split(places, ends[:-1])


def _cost(
    person: TrackedPerson,
    slots: dict[int, int],
    views: Sequence[CameraView],
    t: int,
    place: Floats,
    fps: float,
) -> float:
    """Return the cost of taking a group for a person; 1 and more is too much."""
    gap_s = (t - person.frames[-1]) / fps
    shared = sum(person.last_ids.get(c) == views[c].ids[t, slot] for c, slot in slots.items())
    apart = np.inf if person.place is None else float(np.linalg.norm(place - person.place))
    cost = apart / (MAX_STEP_M + MAX_SPEED_M_S * gap_s)
    if not cost <= 1 or gap_s > MEMORY_S:
        cost = COST_AFAR
    return float(cost - SHARED_BONUS * min(shared, 2))
