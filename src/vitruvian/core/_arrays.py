"""Read-only arrays: checks, ownership, comparison, copies, and their exact form in JSON."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "ArrayValue",
    "float_of_json",
    "frozen_array",
    "frozen_floats",
    "json_float",
    "json_floats",
    "read_only",
    "whole_number",
]

MAX_WHOLE = 2**63 - 1  # int64

Array = TypeVar("Array", bound="NDArray[Any]")


class ArrayValue:
    """Base of the frozen dataclasses that hold arrays.

    - Two values of one class are equal if all their compared fields are; NaN equals NaN.
    - They are not hashable.
    - A pickled or deep-copied value is made by its constructor, so its arrays are read-only too.
    """

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        names = (field.name for field in fields(self) if field.compare)  # type: ignore[arg-type] # subclasses are dataclasses
        return all(_is_equal(getattr(self, name), getattr(other, name)) for name in names)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (type(self), _values(self))


def _values(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _rebuilt(cls: type[Any], values: dict[str, Any]) -> Any:
    return cls(**values)


def _is_equal(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        both = isinstance(one, np.ndarray) and isinstance(other, np.ndarray)
        return both and np.array_equal(one, other, equal_nan=True)
    if isinstance(one, float) and isinstance(other, float) and one != one:  # NaN
        return other != other
    return bool(one == other)


def frozen_floats(values: ArrayLike, shape: tuple[int, ...], name: str) -> NDArray[np.float32]:
    """Return `values` as a read-only float32 array of `shape`; see `frozen_array`."""
    return frozen_array(values, np.float32, shape, name)


def frozen_array(
    values: ArrayLike, dtype: type[np.generic], shape: tuple[int, ...], name: str
) -> NDArray[Any]:
    """Return `values` as a read-only array that no other code can write to.

    An array that is read-only already, and so is the array whose memory it shares, is returned as
    it is; anything else is copied.

    Parameters
    ----------
    values : array_like
    dtype : NumPy type
    shape : tuple of int
        The exact shape; -1 matches any length.
    name : str
        What error messages call the array.

    Raises
    ------
    ValueError
        If the shape is another one.
    """
    array = np.asarray(values, dtype)
    if array.ndim != len(shape) or not _fits(array.shape, shape):
        raise ValueError(f"{name} must have shape {shape}, got {array.shape}")
    return array if _is_frozen(array) else read_only(np.array(array, order="C"))


def read_only(array: Array) -> Array:
    """Make an array read-only and return it; for new arrays without other references."""
    array.flags.writeable = False
    return array


def _is_frozen(array: NDArray[Any]) -> bool:
    if array.flags.writeable:
        return False
    base = array.base
    return base is None or (isinstance(base, np.ndarray) and _is_frozen(base))


def _fits(shape: tuple[int, ...], pattern: tuple[int, ...]) -> bool:
    return all(want in (-1, got) for want, got in zip(pattern, shape, strict=True))


def json_floats(array: NDArray[np.float32]) -> Any:
    """Return nested lists with the shortest decimals that read back as the same float32.

    NaN and infinity, which JSON does not have, become None.
    """
    exact = array.astype(np.str_).astype(np.float64)
    is_finite = np.isfinite(exact)
    if not is_finite.all():
        values = exact.astype(object)
        values[~is_finite] = None
        return values.tolist()
    return exact.tolist()


def json_float(value: float) -> float | None:
    """Return a number as JSON has it: None for NaN and infinity."""
    number = float(value)
    return number if math.isfinite(number) else None


def float_of_json(value: float | None) -> float:
    """Return the number of `json_float`: NaN for None."""
    return math.nan if value is None else float(value)


def whole_number(value: Any, name: str) -> int:
    """Return an integer that another program may have written as 3.0.

    Raises
    ------
    ValueError
        If it is not a whole number, or needs more than 64 bits.
    """
    try:
        number = int(value)
        is_whole = bool(number == value) and not isinstance(value, str)
    except (TypeError, ValueError, OverflowError):
        is_whole = False
    if not is_whole or abs(number) > MAX_WHOLE:
        raise ValueError(f"{name} must be a whole number, got {value!r}")
    return number
