"""TRC: a text table of marker positions, which OpenSim and Pose2Sim read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitruvian.export.markers import markers_of

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.core.provenance import Provenance
    from vitruvian.export.motion import Motion

__all__ = ["write_trc"]


def write_trc(motion: Motion, path: Path, *, final: Path, provenance: Provenance | None) -> None:
    """Write one row for each frame, in metres; a missing marker is ``nan``.

    OpenSim refuses an empty last cell, and Pose2Sim wants each name followed by three tabs.
    """
    names, points = markers_of(motion)
    fps, n_frames, n_markers = f"{motion.fps:.10g}", len(points), len(names)
    rows = np.column_stack([np.arange(n_frames) / motion.fps, points.reshape(n_frames, -1)])
    row_format = "%d\t" + "\t".join(["%.6f"] * rows.shape[1]) + "\n"
    axes = "\t".join(f"{axis}{i}" for i in range(1, n_markers + 1) for axis in "XYZ")
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f"PathFileType\t4\t(X/Y/Z)\t{final.name}\n")
        file.write("DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\t")
        file.write("OrigDataRate\tOrigDataStartFrame\tOrigNumFrames\n")
        file.write(f"{fps}\t{fps}\t{n_frames}\t{n_markers}\tm\t{fps}\t1\t{n_frames}\n")
        file.write("Frame#\tTime\t" + "".join(f"{name}\t\t\t" for name in names) + "\n")
        file.write(f"\t\t{axes}\n\n")
        for number, row in enumerate(rows.tolist(), start=1):
            file.write(row_format % (number, *row))
