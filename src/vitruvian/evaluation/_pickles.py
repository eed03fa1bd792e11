"""Pickles of others: a loader that builds NumPy arrays and plain values, and nothing else."""

from __future__ import annotations

import io
import math
import pickle
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["pickle_of"]

SIMPLE_KINDS = "biufcSU"  # of dtypes whose bytes are values, not pointers


def pickle_of(content: bytes) -> Any:
    """Return what a pickle has, if it is NumPy arrays and plain values; for use in `reading`.

    Nothing is imported, and NumPy's own functions are not called with what the pickle says: with
    some dtypes they take bytes for addresses.
    """
    try:
        return _Restricted(io.BytesIO(content), encoding="latin1").load()
    except pickle.UnpicklingError as err:
        raise ValueError(f"not a pickle of arrays: {err}") from err
    except (MemoryError, OverflowError) as err:
        raise ValueError("not a pickle of arrays: a size in it is too large") from err
    except RecursionError as err:
        raise ValueError("not a pickle of arrays: it is nested too deeply") from err
    except Exception as err:  # damaged bytes can go wrong in any operation
        raise ValueError(
            f"not a pickle of arrays: it is damaged ({err or type(err).__name__})"
        ) from err


class _Dtype:
    """Stands for a dtype: its state may change the order of the bytes and nothing else."""

    def __init__(self, text: object, _align: object = False, _copy: object = False) -> None:
        if not isinstance(text, str):
            raise pickle.UnpicklingError(f"{text!r} is no dtype")
        dtype = np.dtype(text)
        if dtype.kind not in SIMPLE_KINDS + "O" or dtype.fields or dtype.subdtype:
            raise pickle.UnpicklingError(f"it has an array of dtype {text!r}")
        self.dtype = dtype

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        if state[1] in ("<", ">"):
            self.dtype = self.dtype.newbyteorder(state[1])


class _Array(np.ndarray[Any, Any]):
    """An array whose state is checked before NumPy takes it."""

    def __setstate__(self, state: tuple[Any, ...], /) -> None:
        shape, dtype, is_fortran, values = state[-4:]
        n = _size(shape)
        if dtype.dtype.kind == "O":
            fits = isinstance(values, list) and len(values) == n
        else:
            values = _bytes(values)
            fits = len(values) == n * max(dtype.dtype.itemsize, 1)
        if not fits:
            raise pickle.UnpicklingError(f"an array of shape {shape} has other values")
        checked: Any = (1, shape, dtype.dtype, bool(is_fortran), values)
        super().__setstate__(checked)


def _size(shape: object) -> int:
    if not isinstance(shape, tuple) or not all(isinstance(n, int) and n >= 0 for n in shape):
        raise pickle.UnpicklingError(f"an array has the shape {shape!r}")
    return math.prod(shape)


def _bytes(values: object) -> bytes:
    """Return the bytes of an array; Python 2 wrote them as text."""
    return values.encode("latin1") if isinstance(values, str) else bytes(memoryview(values))  # type: ignore[arg-type]


def _empty(kind: object, _shape: object, _code: object) -> _Array:
    """Return an array that gets its state later: `_reconstruct` of NumPy."""
    if kind is not _Array:
        raise pickle.UnpicklingError("it reconstructs something else than an array")
    return _Array((0,), np.int8)


def _scalar(dtype: _Dtype, value: object) -> Any:
    """Return a number or text: `scalar` of NumPy."""
    return _of_buffer(value, dtype, (1,), "C")[0]


def _of_buffer(values: object, dtype: _Dtype, shape: Any, order: Any) -> NDArray[Any]:
    """Return an array of these bytes: `_frombuffer` of NumPy."""
    content = _bytes(values)
    if dtype.dtype.kind == "O" or len(content) != _size(shape) * max(dtype.dtype.itemsize, 1):
        raise pickle.UnpicklingError(f"an array of shape {shape} has other values")
    return np.ndarray(shape, dtype.dtype, content, order=order)


def _encoded(text: str, _encoding: object = "latin1") -> bytes:
    """Return bytes, as Python 2 wrote them: `_codecs.encode`."""
    return text.encode("latin1")


ALLOWED: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Dtype,
    ("_codecs", "encode"): _encoded,
    **{(f"numpy.{core}.multiarray", "_reconstruct"): _empty for core in ("core", "_core")},
    **{(f"numpy.{core}.multiarray", "scalar"): _scalar for core in ("core", "_core")},
    **{(f"numpy.{core}.numeric", "_frombuffer"): _of_buffer for core in ("core", "_core")},
}
"""What the pickle of an array asks for -> what it gets."""
CALLED = (_Dtype, _encoded, _empty, _scalar, _of_buffer)


class _Restricted(pickle._Unpickler):
    """Unpickles NumPy arrays and plain values only.

    The unpickler in C would give memory for any index that the pickle has in its memo.
    """

    dispatch: ClassVar[dict[int, Any]] = {**pickle._Unpickler.dispatch}

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in ALLOWED:
            return ALLOWED[module, name]
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which may run code")

    def _reduce(self: Any) -> None:
        if not any(self.stack[-2] is function for function in CALLED):
            raise pickle.UnpicklingError("it calls what does not make an array")
        pickle._Unpickler.dispatch[pickle.REDUCE[0]](self)

    def _build(self: Any) -> None:
        if not isinstance(self.stack[-2], _Array | _Dtype):
            raise pickle.UnpicklingError("it sets the state of something else than an array")
        pickle._Unpickler.dispatch[pickle.BUILD[0]](self)

    def _refused(self) -> None:
        raise pickle.UnpicklingError("it makes objects, which may run code")

    dispatch[pickle.REDUCE[0]] = _reduce
    dispatch[pickle.BUILD[0]] = _build
    for _code in (pickle.INST, pickle.OBJ, pickle.NEWOBJ, pickle.NEWOBJ_EX):
        dispatch[_code[0]] = _refused
