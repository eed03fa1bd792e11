"""C3D: marker positions in the binary format of motion capture, written by ezc3d."""

from __future__ import annotations

import logging
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import ezc3d
import numpy as np

from vitruvian.export.markers import markers_of
from vitruvian.export.sink import new_draft

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vitruvian.core.provenance import Provenance
    from vitruvian.export.motion import Motion

__all__ = ["write_c3d"]

logger = logging.getLogger(__name__)

MAX_FRAMES = 65_535  # the header counts frames in 16 bits, and readers cut what is beyond


def write_c3d(motion: Motion, path: Path, *, final: Path, provenance: Provenance | None) -> None:
    """Write the markers in mm, as floats; a missing one has the residual -1.

    A longer clip than the format can hold is split: the rest is written beside it, as
    ``NAME.part2.c3d`` and so on.
    """
    names, points = markers_of(motion)
    for part, first in enumerate(range(0, len(points), MAX_FRAMES), start=1):
        frames = points[first : first + MAX_FRAMES]
        if part == 1:
            _write(frames, names, motion.fps, path)
            continue
        beside = path.with_name(f"{final.stem}.part{part}{final.suffix}")
        with closing(new_draft(beside)) as draft:
            _write(frames, names, motion.fps, draft.path)
            draft.move_to(beside)
    if len(points) > MAX_FRAMES:
        logger.warning(
            "%s: .c3d holds %d frames, so the rest of %d is in %s; .trc has no such limit",
            *(final.name, MAX_FRAMES, len(points), f"{final.stem}.part2{final.suffix}"),
        )


def _write(points: NDArray[np.float64], names: Sequence[str], fps: float, path: Path) -> None:
    file = ezc3d.c3d()
    parameters = file["parameters"]
    parameters["POINT"]["RATE"]["value"] = [fps]
    parameters["POINT"]["UNITS"]["value"] = ["mm"]
    parameters["POINT"]["LABELS"]["value"] = list(names)
    for name, axis in (("X_SCREEN", "+X"), ("Y_SCREEN", "+Y")):
        file.add_parameter("POINT", name, axis)
    file.add_parameter("MANUFACTURER", "COMPANY", "vitruvian")
    homogeneous = np.ones((4, len(names), len(points)))
    homogeneous[:3] = 1000 * points.transpose(2, 1, 0)
    file["data"]["points"] = homogeneous
    with TemporaryDirectory() as folder:  # ezc3d adds the suffix to any other name
        written = Path(folder) / "points.c3d"
        file.write(str(written))
        path.write_bytes(written.read_bytes())
