"""Files of calibrated cameras: the TOML of Pose2Sim and anipose."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.core.camera import Camera
from vitruvian.core.rotations import matrix_from_vector, vector_from_matrix
from vitruvian.errors import SinkError, SourceError

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

__all__ = ["load_calibration", "load_camera", "save_calibration"]

_KEYS_OF_A_CAMERA = {"matrix", "distortions", "rotation", "translation"}


def load_calibration(path: str | os.PathLike[str]) -> dict[str, Camera]:
    """Return the cameras of a calibration file, by name, in the order of the file.

    The file is that of Pose2Sim, anipose, FreeMoCap and Caliscope. It has one table a camera:

    | key | value |
    | --- | --- |
    | `name` | by default the name of the table |
    | `size` | width and height, px |
    | `matrix` | 3 × 3 intrinsic matrix, px |
    | `distortions` | 4, 5 or 8 coefficients in the order of OpenCV; by default 0 |
    | `rotation` | rotation vector (Rodrigues) from world axes to camera axes |
    | `translation` | world origin in camera axes, m |
    | `fisheye` | whether the lens is a fish-eye with 4 coefficients; by default false |

    Without both `rotation` and `translation` the camera is the origin of the world. Tables that
    have no key of a camera, such as ``[metadata]``, are skipped.

    Raises
    ------
    SourceError
        If the file can't be read or has no camera, or a key is missing or invalid.

    Notes
    -----
    The unit of `translation` is that of the calibration board. Pose2Sim writes m. If another
    program was given the squares of the board in mm, divide its translations by 1000.
    """
    try:
        tables = tomllib.loads(Path(path).read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise SourceError(f"can't read {str(path)!r}: {error.strerror or error}") from error
    except ValueError as error:  # not UTF-8, or not TOML
        reason = "it is not text in UTF-8" if isinstance(error, UnicodeDecodeError) else error
        raise SourceError(f"can't read a calibration from {str(path)!r}: {reason}") from error
    cameras: dict[str, Camera] = {}
    try:
        for key, table in tables.items():
            if isinstance(table, dict) and table.keys() & _KEYS_OF_A_CAMERA:
                camera = _camera_of_table(key, table)
                if camera.name in cameras:
                    raise ValueError(f"there are several cameras named {camera.name!r}")
                cameras[camera.name] = camera
        if not cameras:
            raise ValueError("it has no camera, that is, no table with the key 'matrix'")
    except ValueError as error:
        raise SourceError(f"can't read a calibration from {str(path)!r}: {error}") from error
    return cameras


def load_camera(text: str) -> Camera:
    """Return one camera of a calibration file: ``FILE:NAME``, or ``FILE`` with one camera.

    Raises
    ------
    SourceError
        If the file can't be read: see `load_calibration`.
    ValueError
        If there is no camera of this name, or without a name there are several.
    """
    path, colon, name = (text, "", "") if Path(text).is_file() else text.rpartition(":")
    cameras = load_calibration(path or text)
    if not colon and len(cameras) == 1:
        return next(iter(cameras.values()))
    if not colon:
        raise ValueError(
            f"calibration FILE:NAME: there are several cameras: name one of {list(cameras)}"
        )
    if name not in cameras:
        raise ValueError(
            f"calibration FILE:NAME: the camera must be one of {list(cameras)}, got {name!r}"
        )
    return cameras[name]


def save_calibration(
    cameras: Mapping[str, Camera] | Iterable[Camera], path: str | os.PathLike[str]
) -> None:
    """Write the cameras to a file that `load_calibration`, Pose2Sim and anipose can read.

    Parameters
    ----------
    cameras : mapping of names to Camera, or iterable of Camera
        Without a mapping each camera needs a name of its own.
    path : path

    Raises
    ------
    ValueError
        If there is no camera, or a name is missing or used twice.
    SinkError
        If the file can't be written.
    """
    if hasattr(cameras, "items"):
        named = list(cameras.items())
    else:
        named = [(camera.name, camera) for camera in cameras]
    names = [name for name, _ in named]
    if not names or len(set(names)) < len(names) or "" in names:
        raise ValueError(f"each camera must have a name of its own, at least one, got {names}")
    text = "\n".join(_table_of_camera(name, camera) for name, camera in named)
    try:
        Path(path).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise SinkError(f"can't write {str(path)!r}: {error.strerror or error}") from error


def _camera_of_table(key: str, table: dict[str, Any]) -> Camera:
    where = f"[{key}] "
    name = table.get("name", key)
    if not isinstance(name, str) or not name:
        raise ValueError(f"{where}name must be a text, got {name!r}")
    is_fisheye = table.get("fisheye", False)
    if not isinstance(is_fisheye, bool):
        raise ValueError(f"{where}fisheye must be true or false, got {is_fisheye!r}")
    width, height = _array(table, key, "size", (2,)).tolist()
    if not (width.is_integer() and height.is_integer()):
        raise ValueError(f"{where}size must be whole numbers, got {table['size']!r}")
    places = {"rotation", "translation"} & table.keys()
    if len(places) == 1:
        missing = "translation" if "rotation" in places else "rotation"
        raise ValueError(f"{where}{missing} is missing")
    extra: dict[str, Any] = {}
    if places:
        extra["rotation"] = matrix_from_vector(_array(table, key, "rotation", (3,)))
        extra["translation"] = _array(table, key, "translation", (3,))
    if "distortions" in table:
        extra["distortions"] = _array(table, key, "distortions", (-1,))
    matrix = _array(table, key, "matrix", (3, 3))
    if matrix[2].tolist() != [0, 0, 1] or matrix[1, 0]:
        raise ValueError(f"{where}matrix must be [[fx, s, cx], [0, fy, cy], [0, 0, 1]]")
    try:
        return Camera(
            wh=(int(width), int(height)), matrix=matrix, is_fisheye=is_fisheye, name=name, **extra
        )
    except ValueError as error:
        raise ValueError(f"{where}{error}") from error


def _array(
    table: dict[str, Any], key: str, name: str, shape: tuple[int, ...]
) -> NDArray[np.float64]:
    if name not in table:
        raise ValueError(f"[{key}] {name} is missing")
    try:
        array = np.array(table[name], np.float64)
    except (TypeError, ValueError):
        array = np.full(1, np.nan)
    fits = array.ndim == len(shape) and all(
        want in (-1, got) for want, got in zip(shape, array.shape, strict=True)
    )
    if not fits or not np.isfinite(array).all():
        size = " x ".join(map(str, shape)) if min(shape) > 0 else "a list of"
        raise ValueError(f"[{key}] {name} must be {size} numbers, got {_shown(table[name])}")
    return array


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _table_of_camera(name: str, camera: Camera) -> str:
    lists = {
        "size": list(camera.wh),
        "matrix": camera.matrix.tolist(),
        "distortions": camera.distortions.tolist(),
        "rotation": vector_from_matrix(camera.rotation).tolist(),
        "translation": camera.translation.tolist(),
    }
    rows = [f"[{_quoted(name)}]", f"name = {_quoted(name)}"]
    rows += [f"{key} = {values!r}" for key, values in lists.items()]
    rows.append(f"fisheye = {str(camera.is_fisheye).lower()}")
    return "\n".join(rows) + "\n"


def _quoted(text: str) -> str:
    """Return a basic string of TOML."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return (
        '"' + "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}" for c in escaped) + '"'
    )
