"""Inputs that can be read once: standard input, pipes, sockets, descriptors, file objects."""

from __future__ import annotations

import os
import re
import shutil
import socket
import stat
import sys
import tempfile
from select import select
from typing import IO, Any, cast

from vitruvian.errors import SourceError

__all__ = ["STDIN", "OnePass", "is_inherited", "is_one_pass", "open_one_pass"]

STDIN = "-"

_DESCRIPTOR = re.compile(r"/dev/(?:stdin|fd/([0-9]{1,9}))|/proc/self/fd/([0-9]{1,9})")
_CHUNK = 1 << 16
_BOX_HEADER = 8  # size and type, 4 bytes each; ISO/IEC 14496-12, 4.2
_FIRST_BOXES = frozenset({b"ftyp", b"free", b"mdat", b"moov", b"pnot", b"skip", b"wide"})
_LARGEST_SKIPPED = 1 << 20  # what stands before the index is small


def is_inherited(what: str) -> bool:
    """Return whether an input is a descriptor of this process, which child processes lack.

    Examples
    --------
    >>> is_inherited("-"), is_inherited("/dev/fd/63"), is_inherited("/tmp/pipe")
    (True, True, False)
    """
    return what == STDIN or _DESCRIPTOR.fullmatch(what) is not None


def is_one_pass(what: str) -> bool:
    """Return whether an input is standard input, a pipe, a socket, a device or a descriptor."""
    if is_inherited(what):
        return True
    try:
        mode = os.stat(what).st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or stat.S_ISCHR(mode)


def open_one_pass(what: str) -> IO[bytes]:
    """Open an input for which `is_one_pass` holds; wait until a pipe has a writer.

    Raises
    ------
    SourceError
        If it can't be opened, or standard input is a terminal.
    """
    name = "standard input" if what == STDIN else repr(what)
    try:
        raw = _opened(what)
    except OSError as err:
        raise SourceError(f"can't read {name}: {err.strerror or err}") from err
    if raw.isatty():
        raw.close()
        raise SourceError(f"can't read {name}: it is a terminal; pipe a video into the program")
    return raw


def _opened(what: str) -> IO[bytes]:
    match = _DESCRIPTOR.fullmatch(what)
    if match is not None or what == STDIN:
        number = match and (match[1] or match[2])
        copy = os.dup(int(number) if number else 0)
        if sys.platform == "win32":
            import msvcrt

            msvcrt.setmode(copy, os.O_BINARY)
        return open(copy, "rb", buffering=0)
    if sys.platform != "win32" and stat.S_ISSOCK(os.stat(what).st_mode):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(what)
            return cast("IO[bytes]", connection.makefile("rb", buffering=0))
    return open(what, "rb", buffering=0)


class OnePass:
    """Bytes that are read once, in the form that PyAV takes: a file object without `seek`.

    Parameters
    ----------
    raw : binary file object
        Not closed here.
    """

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._read = getattr(raw, "read1", None) or raw.read  # what is there, without a wait for n
        self._ahead = b""

    def read(self, size: int = _CHUNK) -> bytes:
        """Return up to `size` bytes; none at the end."""
        if self._ahead:
            part, self._ahead = self._ahead[:size], self._ahead[size:]
            return part
        data: bytes | None = self._read(size)
        while data is None:  # a descriptor that does not block
            select([self._raw], [], [])
            data = self._read(size)
        return data

    def is_empty(self) -> bool:
        """Wait for the first byte; return whether there is none."""
        return not self._look_ahead(1)

    def seekable_copy(self) -> IO[bytes] | None:
        """Return a temporary file with all bytes, if the format needs to be read from its end.

        That is an MP4 or MOV whose index follows its frames, as cameras write them. Otherwise, such
        as for an index at the start, return None.
        """
        if not self._has_index_at_end():
            return None
        copy = tempfile.TemporaryFile(prefix="vitruvian-")  # noqa: SIM115 - closed by the caller
        try:
            shutil.copyfileobj(self, copy, _CHUNK)
            copy.seek(0)
        except BaseException:
            copy.close()
            raise
        return copy

    def _has_index_at_end(self) -> bool:
        """Look ahead at the boxes of an MP4 up to its index or its frames."""
        start = 0
        while self._look_ahead(start + _BOX_HEADER):
            header = self._ahead[start : start + _BOX_HEADER]
            size, kind = int.from_bytes(header[:4], "big"), header[4:]
            if start == 0 and kind not in _FIRST_BOXES:
                return False
            if kind in (b"mdat", b"moov"):
                return kind == b"mdat"
            start += size
            if size < _BOX_HEADER or start > _LARGEST_SKIPPED:
                return False
        return False

    def _look_ahead(self, size: int) -> bool:
        """Read until `size` bytes are ahead; return whether there are so many."""
        ahead, self._ahead = bytearray(self._ahead), b""
        while len(ahead) < size and (data := self.read(_CHUNK)):
            ahead += data
        self._ahead = bytes(ahead)
        return len(ahead) >= size
