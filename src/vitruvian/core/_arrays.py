"""Checked, read-only arrays and their exact form in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["frozen_floats", "json_floats"]


def frozen_floats(values: ArrayLike, shape: tuple[int, ...], name: str) -> NDArray[np.float32]:
    """Return `values` as a read-only float32 array of exactly `shape`; -1 matches any length.

    The caller's own array is never made read-only: what comes back is a view of it, or a copy.
    """
    array = np.asarray(values, np.float32).view()
    if array.ndim != len(shape) or not _fits(array.shape, shape):
        raise ValueError(f"{name} must have shape {shape}, got {array.shape}")
    array.flags.writeable = False
    return array


def _fits(shape: tuple[int, ...], pattern: tuple[int, ...]) -> bool:
    return all(want in (-1, got) for want, got in zip(pattern, shape, strict=True))


def json_floats(array: NDArray[np.float32]) -> Any:
    """Return nested lists with the shortest decimals that read back as the same float32.

    NaN, which JSON does not have, becomes None.
    """
    exact = array.astype(np.str_).astype(np.float64)
    if np.isnan(exact).any():
        values = exact.astype(object)
        values[np.isnan(exact)] = None
        return values.tolist()
    return exact.tolist()
