"""ResultLines: the results of a job in a ``.jsonl`` file that can be read while it grows."""

from __future__ import annotations

import json
import os
from array import array
from typing import TYPE_CHECKING

from vitruvian.core.pose import PoseResult
from vitruvian.export.json_file import JsonLinesWriter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["ResultLines"]

CHUNK_BYTES = 2**18


class ResultLines:
    """Lines of results on the disk, and where each begins.

    One thread appends; any thread reads what has been appended.

    Parameters
    ----------
    path : Path
        File to make, as `vitruvian track` writes it.

    Attributes
    ----------
    times_us : array of int
        Timestamps of the results.
    """

    def __init__(self, path: Path) -> None:
        path.touch()
        self._path = path
        self._writer = JsonLinesWriter(path)
        self._ends = array("Q", [0])
        self.times_us = array("q")

    def append(self, result: PoseResult) -> None:
        """Add the line of one frame."""
        self._writer.append(result)
        self.times_us.append(result.timestamp_us)
        self._ends.append(os.path.getsize(self._path))

    def __len__(self) -> int:
        return len(self._ends) - 1

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the lines from `start` to before `stop` in pieces of some 256 kB."""
        if start >= stop:
            return
        begin, end = self._ends[start], self._ends[stop]
        with self._path.open("rb") as file:
            file.seek(begin)
            while begin < end:
                chunk = file.read(min(CHUNK_BYTES, end - begin))
                begin += len(chunk)
                yield chunk

    def results(self, start: int = 0, stop: int | None = None) -> Iterator[PoseResult]:
        """Yield the results from `start` to before `stop`, by default all that are there now."""
        stop = len(self) if stop is None else stop
        with self._path.open("rb") as file:
            file.seek(self._ends[start])
            for _ in range(start, stop):
                yield PoseResult.from_dict(json.loads(file.readline()))

    def close(self) -> None:
        """Close the file; it can still be read."""
        self._writer.finish()

    def remove(self) -> None:
        """Close the file and remove it."""
        self.close()
        self._path.unlink(missing_ok=True)
