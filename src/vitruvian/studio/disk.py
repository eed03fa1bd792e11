"""Space on the disk of the server, some of which is left free."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from vitruvian.studio.problems import ApiError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["check_disk"]

FREE_BYTES = 1024**3  # that uploads, recordings, copies and exports leave on the disk


def check_disk(folder: Path, n_bytes: int = 0) -> None:
    """Raise ApiError if so many bytes more would fill the disk of a folder."""
    if shutil.disk_usage(folder).free - n_bytes < FREE_BYTES:
        raise ApiError(
            507,
            "disk_full",
            "there is not enough space on the disk of the server",
            "close other files, or open it from a folder: --folder",
        )
