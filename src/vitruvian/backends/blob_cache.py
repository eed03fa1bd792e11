"""Compiled networks on disk, each with a digest of its content."""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING

from vitruvian.draft import replace_file

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_blob", "write_blob"]

MAGIC = b"VITRUV02"  # marks the format: magic bytes, SHA-256 of the content, content

log = logging.getLogger(__name__)


def read_blob(path: Path) -> bytes | None:
    """Return the content that `write_blob` wrote; None if there is none, or it is damaged.

    A damaged file is logged as a warning: the caller writes it again.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(len(MAGIC) + hashlib.sha256().digest_size)
            content = stream.read()
    except FileNotFoundError:
        log.debug("%s is not in the cache yet", path)
        return None
    except OSError as err:
        log.warning("the compiled network %s can't be read, compiling again: %s", path, err)
        return None
    if head != MAGIC + hashlib.sha256(content).digest():
        log.warning("the compiled network %s is damaged, compiling again", path)
        return None
    return content


def write_blob(path: Path, content: bytes) -> None:
    """Write `content` and its digest to `path`, which appears only when it is complete.

    Raises
    ------
    OSError
        If the file can't be written. Nothing is left behind.
    """
    replace_file(path, MAGIC, hashlib.sha256(content).digest(), content)
