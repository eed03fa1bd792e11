"""Truth of motion capture beside a clip: markers of a TRC or C3D file, and a calibrated camera."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.errors import BackendUnavailableError, SourceError
from vitruvian.evaluation._arrays import placed
from vitruvian.evaluation._files import reading
from vitruvian.evaluation.data_set import DataSet, FilePixels, Place
from vitruvian.evaluation.projected import annotated_frame
from vitruvian.lift.calibration import load_camera

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


__all__ = ["Markers", "load", "read_c3d", "read_trc"]

N_HEAD_LINES = 5
METRES = {"m": 1.0, "mm": 1e-3, "cm": 1e-2}
SAME_LANDMARK = {"big_toe": "foot_index", "toe": "foot_index"}  # the names of others


@dataclass(frozen=True, slots=True, eq=False)
class Markers:
    """Markers of a motion capture.

    Attributes
    ----------
    names : tuple of str
        As in the file.
    fps : float
        Frames per second.
    points : (T, N, 3) array, m
        Axes of the file; NaN where a marker is missing.
    """

    names: tuple[str, ...]
    fps: float
    points: NDArray[np.float64]


def load(place: Place) -> DataSet:
    """Return the data set of the frames of a clip, `place.video`, with the markers as truth.

    The axes of the file are those of Pose2Sim: the axes X, Y, Z of the calibration are Z, X, Y of
    the file. The first frame of the file is the first one of the clip.
    """
    if place.video is None or place.calibration is None:
        raise ValueError(f"{place.path.name!r} needs a video and a calibration")
    camera = load_camera(place.calibration)
    markers = (read_c3d if place.path.suffix.lower() == ".c3d" else read_trc)(place.path)
    names = [_landmark(name) for name in markers.names]
    joints = placed(markers.points[..., [2, 0, 1]], names, BLAZEPOSE)
    if np.isnan(joints).all():
        raise SourceError(
            f"can't use {str(place.path)!r}: none of its markers is a landmark: "
            f"{', '.join(markers.names[:10])}"
        )
    video = place.video.absolute()
    files = FilePixels(video.parent, {video.name: len(joints)})
    files.check(video.name, camera.wh)
    images = tuple(
        annotated_frame(
            video.name,
            {0: joints[frame]},
            camera,
            frame=frame,
            sequence=video.name,
            timestamp_us=round(frame / markers.fps * 1e6),
            knows_wh=True,
        )
        for frame in range(0, len(joints), place.every)
    )
    return DataSet(images, files, (), video.parent)


def read_trc(path: Path) -> Markers:
    """Return the markers of a TRC file, text separated by tabs.

    Raises
    ------
    SourceError
        If the file can't be read or has another format.
    """
    with reading(path):
        lines = path.read_text("utf-8-sig").splitlines()
        if len(lines) < N_HEAD_LINES or not lines[0].startswith("PathFileType"):
            raise ValueError("not a TRC file: it does not begin with 'PathFileType'")
        head = dict(zip(lines[1].split("\t"), lines[2].split("\t"), strict=False))
        try:
            fps, unit = float(head["DataRate"]), METRES[head["Units"].strip()]
        except (KeyError, ValueError) as err:
            raise ValueError(f"not a TRC file: no valid DataRate or Units: {err}") from err
        if not (np.isfinite(fps) and fps > 0):
            raise ValueError(f"DataRate must be above 0, got {fps}")
        names = tuple(name.strip() for name in lines[3].split("\t")[2:] if name.strip())
        width = 3 * len(names)
        rows = [_row(line, number, width) for number, line in enumerate(lines, 1)
                if number > N_HEAD_LINES and line.strip()]  # fmt: skip
        if not rows or not names:
            raise ValueError("it has no markers" if not names else "it has no frames")
        return Markers(names, fps, unit * np.array(rows).reshape(-1, len(names), 3))


def read_c3d(path: Path) -> Markers:
    """Return the markers of a C3D file.

    Raises
    ------
    SourceError
        If the file can't be read or has another format.
    BackendUnavailableError
        If ezc3d is not installed.
    """
    try:
        import ezc3d
    except ImportError as err:
        raise BackendUnavailableError(
            "ezc3d is not installed: pip install 'vitruvian[c3d]'"
        ) from err
    with reading(path):
        path.stat()
        try:
            file = ezc3d.c3d(str(path))
        except (OSError, RuntimeError, ValueError, MemoryError) as err:
            raise ValueError(f"not a C3D file: {err}") from err
        point = file["parameters"]["POINT"]
        names = tuple(str(name) for name in point["LABELS"]["value"])
        unit = METRES.get(str(point["UNITS"]["value"][0]).strip(), 1e-3)
        points = unit * np.asarray(file["data"]["points"], np.float64)[:3].transpose(2, 1, 0)
        if not points.size:
            raise ValueError("it has no markers")
        return Markers(names[: points.shape[1]], float(point["RATE"]["value"][0]), points)


def _row(line: str, number: int, width: int) -> list[float]:
    cells = line.split("\t")[2:]
    if len(cells) < width:
        raise ValueError(f"line {number} must have {width} coordinates, got {len(cells)}")
    try:
        return [float(cell) if cell.strip() else np.nan for cell in cells[:width]]
    except ValueError:
        raise ValueError(f"line {number} has a coordinate that is not a number") from None


def _landmark(marker: str) -> str:
    """Return the landmark of a marker: ``LBigToe`` is ``left_foot_index``."""
    if marker in BLAZEPOSE.names:
        return marker
    words = "".join(f"_{letter}" if letter.isupper() else letter for letter in marker)
    side, _, part = words.lower().strip("_").partition("_")
    if side not in ("l", "r"):
        return marker.lower()
    return f"{'left' if side == 'l' else 'right'}_{SAME_LANDMARK.get(part, part)}"
