"""The usual way to add IDs to MediaPipe: each person gets the ID of the nearest previous one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["NearestNeighbourIds"]

HIPS = (23, 24)
# Best for MediaPipe on the scenarios, among gates from 0.15 to 1 and memories from 0.07 to 10 s.
GATE = 0.25
"""Farthest that the middle of the hips may go between two sightings, in heights of the person."""

MEMORY_US = 300_000
"""How long someone who is not seen is remembered where they were."""


@dataclass(frozen=True, slots=True, eq=False)
class _Observation:
    hips: NDArray[np.floating]  # (2,), image px
    height: float  # image px
    time_us: int


class NearestNeighbourIds:
    """Gives poses the ID of the nearest person in previous frames, greedily, or a new one."""

    def __init__(self) -> None:
        self._last: dict[int, _Observation] = {}
        self._next_id = 0

    def update(
        self, poses: list[NDArray[np.floating]], time_us: int
    ) -> dict[int, NDArray[np.floating]]:
        """Return the poses of a frame, each (33, 2) landmarks in image px, by id."""
        now = [
            _Observation(pose[list(HIPS)].mean(axis=0), float(np.ptp(pose[:, 1])), time_us)
            for pose in poses
        ]
        known = {i: s for i, s in self._last.items() if time_us - s.time_us <= MEMORY_US}
        pairs = sorted(
            (float(np.linalg.norm(observation.hips - before.hips)), id_, index)
            for index, observation in enumerate(now)
            for id_, before in known.items()
        )
        ids: dict[int, int] = {}
        for distance, id_, index in pairs:
            near = distance <= GATE * known[id_].height
            if near and index not in ids and id_ not in ids.values():
                ids[index] = id_
        for index in range(len(now)):
            if index not in ids:
                ids[index] = self._next_id
                self._next_id += 1
        self._last = known | {ids[index]: observation for index, observation in enumerate(now)}
        return {ids[index]: pose for index, pose in enumerate(poses)}
