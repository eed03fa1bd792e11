"""MaskFile: the index masks of a job, one after the other in a file."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from vitruvian.studio.mask_png import mask_png

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.core.pose import PoseResult

__all__ = ["MaskFile"]


class MaskFile:
    """PNG files on the disk, and where each begins.

    One thread appends; any thread reads.

    Parameters
    ----------
    path : Path
        File to make.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("wb", buffering=0)
        self._ends = array("Q", [0])

    def append(self, result: PoseResult) -> None:
        """Add the masks of one frame."""
        png, _ = mask_png(result)
        self._file.write(png)
        self._ends.append(self._ends[-1] + len(png))

    def __getitem__(self, place: int) -> bytes:
        """Return the PNG of a result; empty if there is none."""
        if not 0 <= place < len(self._ends) - 1:
            return b""
        begin, end = self._ends[place : place + 2]
        with self._path.open("rb") as file:
            file.seek(begin)
            return file.read(end - begin)

    def close(self) -> None:
        """Close the file; it can still be read."""
        self._file.close()

    def remove(self) -> None:
        """Close the file and remove it."""
        self.close()
        self._path.unlink(missing_ok=True)
