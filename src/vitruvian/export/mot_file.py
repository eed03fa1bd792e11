"""MOT: a table of joint angles over time, in the motion format of OpenSim."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitruvian.analysis.angles import joint_angles

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.core.provenance import Provenance
    from vitruvian.export.motion import Motion

__all__ = ["write_mot"]


def write_mot(motion: Motion, path: Path, *, final: Path, provenance: Provenance | None) -> None:
    """Write one row for each frame: the time and the angles in degrees; ``nan`` where unknown.

    The names have no blanks: OpenSim would count them as several columns.
    """
    angles = joint_angles(motion.person)
    table = np.column_stack([np.arange(len(motion)) / motion.fps, *angles.values()])
    row_format = "\t".join(["%.6f"] * table.shape[1]) + "\n"
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("Coordinates\nversion=1\n")
        file.write(f"nRows={len(table)}\nnColumns={table.shape[1]}\ninDegrees=yes\n\nendheader\n")
        file.write("\t".join(["time", *angles]) + "\n")
        for row in table.tolist():
            file.write(row_format % tuple(row))
