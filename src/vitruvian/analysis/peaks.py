"""Peaks of a signal by their prominence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["peaks"]


def peaks(values: ArrayLike, prominence: float, min_distance: int = 1) -> NDArray[np.int64]:
    """Return the indices of the maxima that rise by `prominence` above what surrounds them.

    Parameters
    ----------
    values : (T,) array
        NaN ends a stretch: peaks are measured within each stretch on its own.
    prominence : float
        Height above the higher of the two lowest values that lie between the peak and the next
        higher value, to its left and to its right.
    min_distance : int
        Of two peaks that are closer, the lower one is left out.

    Notes
    -----
    The definition is that of SciPy's ``find_peaks``. Of a flat top the middle counts.

    Examples
    --------
    >>> peaks([0, 3, 2.5, 2.8, 0, 5, 1], prominence=1).tolist()
    [1, 5]
    """
    array = np.asarray(values, np.float64)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], np.isfinite(array), [False]])))
    found = [
        start + i
        for start, end in edges.reshape(-1, 2).tolist()
        for i in _tops(array[start:end])
        if _prominence(array[start:end], i) >= prominence
    ]
    kept: list[int] = []
    for i in sorted(found, key=lambda i: -array[i]):
        if all(abs(i - other) >= min_distance for other in kept):
            kept.append(i)
    return np.array(sorted(kept), np.int64)


def _tops(values: NDArray[np.float64]) -> list[int]:
    """Return the indices of values above both neighbours; the middle of a flat top."""
    steps = np.sign(np.diff(values))
    moves = np.flatnonzero(steps)
    rising, falling = steps[moves[:-1]] > 0, steps[moves[1:]] < 0
    at = np.flatnonzero(rising & falling)
    tops: list[int] = ((moves[at] + 1 + moves[at + 1]) // 2).tolist()
    return tops


def _prominence(values: NDArray[np.float64], i: int) -> float:
    """Return the prominence of the maximum at `i`."""
    higher = np.flatnonzero(values > values[i])
    left = higher[higher < i].max(initial=-1) + 1
    right = higher[higher > i].min(initial=len(values))
    return float(values[i] - max(values[left : i + 1].min(), values[i:right].min()))
