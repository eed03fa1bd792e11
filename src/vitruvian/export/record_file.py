"""RecordFile: a file of records that is well-formed after each of them, even on a full disk."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["RecordFile"]


class RecordFile:
    """Header, records, footer; the footer is rewritten after every record.

    If a record can't be written whole because the disk is full, `close` removes it: the space of
    the footer that it has overwritten is still there.

    Parameters
    ----------
    path : Path
        An existing file; its content is replaced.
    header, footer : bytes
        Content before the first record and after the last one.
    """

    def __init__(self, path: Path, *, header: bytes = b"", footer: bytes = b"") -> None:
        self._file = path.open("r+b", buffering=0)
        self._footer = footer
        self._end = 0
        try:
            self.append(header)
        except OSError:
            self._file.close()
            raise

    def append(self, record: bytes) -> None:
        """Add one record; after an OSError the file still ends with the record before."""
        self._overwrite_from_end(record + self._footer)
        self._end += len(record)

    def replace_all(self, content: bytes) -> None:
        """Replace the header and all records by other content."""
        self._end = 0
        self.append(content)

    def close(self) -> None:
        """Truncate the file after the last whole record and flush it to the disk."""
        if self._file.closed:
            return
        try:
            self._overwrite_from_end(self._footer)
            self._file.truncate()
            os.fsync(self._file.fileno())
        finally:
            self._file.close()

    def _overwrite_from_end(self, data: bytes) -> None:
        self._file.seek(self._end)
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]
