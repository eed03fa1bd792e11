"""The individuals of a sequence: people by their IDs, and poses without an ID by their place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from vitruvian.core._arrays import read_only

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.core.sequence import PoseSequence

__all__ = ["Individuals", "individuals_of"]


class Individuals(NamedTuple):
    """The names of P individuals and the slots that they have in T frames.

    Attributes
    ----------
    names : tuple of str
        ``id_0``, ... for people with an ID; ``person_0``, ... for the first, ... pose of a frame
        that has none. If there is nobody, one individual without a pose.
    slots : (T, P) int64 array
        Index in the second axis of the sequence's arrays; -1 in frames without the individual.
    """

    names: tuple[str, ...]
    slots: NDArray[np.int64]

    def of(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return values (T, N, ...) of slots as those of individuals (T, P, ...); NaN if absent."""
        gathered = np.full((*self.slots.shape, *values.shape[2:]), np.nan, values.dtype)
        frames, people = np.nonzero(self.slots >= 0)
        gathered[frames, people] = values[frames, self.slots[frames, people]]
        return gathered


def individuals_of(sequence: PoseSequence) -> Individuals:
    """Return who is in a sequence, people with an ID first, in the order of their IDs."""
    ids = sequence.slot_ids
    has_no_id = sequence.is_present & np.isnan(ids)
    found = {f"id_{number}": ids == number for number in sequence.ids.tolist()}
    for slot in np.flatnonzero(has_no_id.any(axis=0)).tolist():
        is_one = np.zeros_like(has_no_id)
        is_one[:, slot] = has_no_id[:, slot]
        found[f"person_{slot}"] = is_one
    if not found:
        return Individuals(("id_0",), np.full((len(sequence), 1), -1))
    slots = [np.where(is_one.any(axis=1), is_one.argmax(axis=1), -1) for is_one in found.values()]
    return Individuals(tuple(found), read_only(np.stack(slots, axis=1)))
