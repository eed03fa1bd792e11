"""Draft: a file under a temporary name, which gets its own name when it is complete."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import secrets
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.system import can_lock_files, lock_file

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Draft", "abandoned_drafts", "replace_file"]

MAX_NAME_BYTES = 255  # of most file systems
SHORT_NAME = 32  # characters that are left of a name that would make the draft's too long
OLD_S = 24 * 3600.0  # without locks, a file that was not written for so long is abandoned
_NAME = re.compile(r"\.(?P<name>.+)\.vitruvian-(?P<host>[0-9a-f]{8})-[0-9a-f]{8}\.tmp", re.DOTALL)


class Draft:
    """An empty file in the folder of `path`, hidden, under a temporary name.

    It is locked as long as this object lives, so that `abandoned_drafts` never gives the file of
    a running process, also of another container. Its name has a mark of this host: locks of
    another host are not visible on every network drive.

    Parameters
    ----------
    path : Path
        Name that the file shall get.

    Attributes
    ----------
    path : Path
        The temporary name. Another file may be moved to it if its own draft is kept as long.
    final : Path
        Name that the file shall get.

    Raises
    ------
    OSError
        If no file can be made there.
    """

    def __init__(self, path: Path) -> None:
        self.final = path
        self._lock: int | None = None
        while True:
            self.path = path.with_name(_temporary_name(path.name))
            self._lock = lock = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666)
            if not can_lock_files():
                self.close()  # an open file can't be moved on Windows
                return
            with suppress(OSError):  # a file system without locks
                lock_file(lock, wait=True)
            if _is_at(lock, self.path):
                return
            self.close()  # another process has taken it for an abandoned one

    @classmethod
    def _of_abandoned(cls, path: Path, final: Path) -> Draft | None:
        """Return the draft of a process that has ended; None if it is running, or not known."""
        draft = object.__new__(cls)
        draft.path, draft.final, draft._lock = path, final, None
        try:
            if not can_lock_files():
                return draft if time.time() - path.stat().st_mtime > OLD_S else None
            draft._lock = lock = os.open(path, os.O_RDWR)
            lock_file(lock, wait=False)
            return draft if _is_at(lock, path) else None
        except OSError:
            return None

    def move_to(self, path: Path) -> None:
        """Give the file another name; it stays locked. An existing file is replaced."""
        self.path.replace(path)

    def discard(self) -> None:
        """Remove the file, if it is still there, and its lock."""
        try:
            self.path.unlink(missing_ok=True)
        finally:
            self.close()

    def close(self) -> None:
        """Remove the lock."""
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)

    def __del__(self) -> None:
        self.close()


def abandoned_drafts(folder: Path) -> Iterator[Draft]:
    """Yield the drafts in `folder` of processes on this host that have ended, each locked.

    Nothing is yielded if the folder can't be read.
    """
    try:
        with os.scandir(folder) as entries:
            names = [
                e.name for e in entries if e.name[0] == "." and e.is_file(follow_symlinks=False)
            ]
    except OSError:
        return
    for name in names:
        match = _NAME.fullmatch(name)
        if match and match["host"] == _host():
            draft = Draft._of_abandoned(folder / name, folder / match["name"])
            if draft is not None:
                yield draft


def replace_file(path: Path, *content: bytes) -> None:
    """Write a file that has its name only when it is complete, in a folder made for it.

    Drafts that ended processes have left in the folder are removed.

    Raises
    ------
    OSError
        If the file can't be written. Nothing is left behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    for old in abandoned_drafts(path.parent):
        with suppress(OSError):
            old.discard()
    draft = Draft(path)
    try:
        with draft.path.open("wb") as file:
            file.writelines(content)
        draft.move_to(path)
    finally:
        draft.discard()


def _temporary_name(name: str) -> str:
    mark = f".vitruvian-{_host()}-{secrets.token_hex(4)}.tmp"
    is_long = len(os.fsencode(name)) + len(mark) + 1 > MAX_NAME_BYTES
    return f".{name[:SHORT_NAME] if is_long else name}{mark}"


def _is_at(file: int, path: Path) -> bool:
    """Whether an open file still has the name `path`."""
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(file), os.stat(path, follow_symlinks=False))
    return False


@cache
def _host() -> str:
    """Return a mark of this machine, as eight hexadecimal digits."""
    machine = b""
    with suppress(OSError):
        machine = Path("/etc/machine-id").read_bytes()
    return hashlib.sha256(platform.node().encode() + machine).hexdigest()[:8]
