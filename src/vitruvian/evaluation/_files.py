"""Files of data sets: JSON, MATLAB and NumPy, with errors that name the file."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.errors import BackendUnavailableError, SourceError
from vitruvian.evaluation._pickles import pickle_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["array_of", "files_in", "json_of", "mat_of", "npz_of", "reading"]


BROKEN = (EOFError, MemoryError, ValueError, zlib.error)
"""What the readers of arrays raise for damaged bytes, and for sizes that nothing holds."""


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what goes wrong with a file into a `SourceError` that names it."""
    try:
        yield
    except OSError as err:
        raise SourceError(f"can't read {str(path)!r}: {err.strerror or err}") from err
    except ValueError as err:
        raise SourceError(f"can't read {str(path)!r}: {err}") from err
    except (TypeError, LookupError, AttributeError, OverflowError) as err:
        reason = f"its values have another structure ({type(err).__name__}: {err})"
        raise SourceError(f"can't read {str(path)!r}: {reason}") from err


def files_in(path: Path, pattern: str) -> list[Path]:
    """Return the files that match in a folder, sorted, or `path` itself if it is a file.

    Raises
    ------
    SourceError
        If there is none.
    """
    if path.is_file():
        return [path]
    found = sorted(path.glob(pattern))
    if not found:
        reason = f"it has no {pattern}" if path.is_dir() else "there is no such file or folder"
        raise SourceError(f"can't read {str(path)!r}: {reason}")
    return found


def json_of(path: Path) -> Any:
    """Return what a JSON file has; for use in `reading`."""
    content = path.read_bytes()
    reason: object = "the file is empty"
    cause: Exception | None = None
    if content.strip():
        try:
            return json.loads(content)
        except json.JSONDecodeError as err:
            reason, cause = err, err
        except UnicodeDecodeError as err:
            reason, cause = "the file is not text", err
        except RecursionError as err:
            reason, cause = "the brackets are nested too deeply", err
        except ValueError as err:
            reason, cause = "a number has too many digits", err
    raise ValueError(f"not JSON: {reason}") from cause


def mat_of(path: Path, key: str) -> NDArray[Any]:
    """Return a variable of a MATLAB file; for use in `reading`."""
    try:
        from scipy.io import loadmat
        from scipy.io.matlab import MatReadError
    except ImportError as err:
        raise BackendUnavailableError(
            "SciPy, which reads .mat files, is not installed: pip install 'vitruvian[analysis]'"
        ) from err
    content = io.BytesIO(path.read_bytes())
    try:
        variables = loadmat(content)
    except (MatReadError, NotImplementedError, TypeError, *BROKEN) as err:
        raise ValueError(f"not a MATLAB file of version 7 or older: {err}") from err
    if key not in variables:
        raise ValueError(f"it has no variable {key!r}")
    return np.asarray(variables[key])


def npz_of(path: Path) -> dict[str, Any]:
    """Return the arrays of a NumPy file; pickled ones are read as by `pickle_of`."""
    result: dict[str, Any] = {}
    content = path.read_bytes()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                data = archive.read(name)
                result[name.removesuffix(".npy")] = _npy(data)
    except (zipfile.BadZipFile, RuntimeError, *BROKEN) as err:  # a RuntimeError if it is encrypted
        raise ValueError(f"not a NumPy .npz file: {err or type(err).__name__}") from err
    return result


def array_of(value: Any, shape: tuple[int, ...], what: str) -> NDArray[np.float64]:
    """Return `value` as numbers of a shape, -1 for any length; for use in `reading`."""
    try:
        array = np.asarray(value, np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{what} must be numbers of shape {_text(shape)}") from None
    is_wanted = array.ndim == len(shape) and all(
        wanted in (-1, got) for wanted, got in zip(shape, array.shape, strict=True)
    )
    if not is_wanted:
        raise ValueError(f"{what} must have shape {_text(shape)}, got {array.shape}")
    return array


def _text(shape: tuple[int, ...]) -> str:
    return f"({', '.join('N' if n < 0 else str(n) for n in shape)})"


def _npy(data: bytes) -> Any:
    stream = io.BytesIO(data)
    try:
        return np.lib.format.read_array(stream, allow_pickle=False)
    except ValueError:
        stream.seek(0)
        version = np.lib.format.read_magic(stream)
        read = {(1, 0): np.lib.format.read_array_header_1_0}.get(
            version, np.lib.format.read_array_header_2_0
        )
        if not read(stream)[2].hasobject:
            raise
        return pickle_of(stream.read())
