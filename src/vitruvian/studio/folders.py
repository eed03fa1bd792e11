"""Files that the server has itself: folders that the command line allows, and the demo clip.

Folders are listed and opened by entry, never by a path.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.studio.file_names import is_media_name, text_name
from vitruvian.studio.ids import new_id
from vitruvian.studio.problems import ApiError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

__all__ = ["Folders"]

MAX_ENTRIES = 5000  # of a folder that are listed


class Folders:
    """Folders that may be listed, by their IDs.

    A folder inside gets its ID when it is listed. A link that leads out of its root is not there.

    Parameters
    ----------
    roots : sequence of Path
    """

    def __init__(self, roots: Sequence[Path]) -> None:
        self._folders: dict[str, tuple[Path, Path]] = {}  # by ID: the root, and the folder itself
        self._ids: dict[tuple[Path, Path], str] = {}
        real = [(Path(os.path.realpath(root)), root.absolute().name) for root in roots]
        self.roots = [
            {"id": self._id_of(root, root), "name": text_name(name or str(root))}
            for root, name in real
        ]

    def listing(self, id_: str) -> dict[str, Any]:
        """Return the answer of ``GET /api/folders/{id}``."""
        root, folder = self._folder(id_)
        files: list[dict[str, Any]] = []
        folders: list[dict[str, str]] = []
        for entry in sorted(_entries(folder), key=str.lower):
            if len(files) + len(folders) == MAX_ENTRIES:
                break
            name, path = text_name(entry), _real_path(root, folder / entry)
            if path is None:
                continue
            if path.is_dir():
                folders.append({"id": self._id_of(root, path), "name": name})
            elif is_media_name(name):
                with suppress(OSError):  # removed meanwhile
                    files.append({"name": name, "bytes": path.stat().st_size})
        return {"name": text_name(folder.name), "files": files, "folders": folders}

    def path(self, id_: str, name: str) -> Path:
        """Return the file of an entry with exactly this name; `ApiError` if there is none."""
        root, folder = self._folder(id_)
        for entry in _entries(folder):
            if text_name(entry) == name:
                path = _real_path(root, folder / entry)
                if path is not None and path.is_file():
                    return path
        raise ApiError(404, "no_file", "there is no such file in this folder")

    def _folder(self, id_: str) -> tuple[Path, Path]:
        if id_ not in self._folders:
            raise ApiError(404, "no_folder", "there is no such folder")
        return self._folders[id_]

    def _id_of(self, root: Path, folder: Path) -> str:
        place = root, folder
        id_ = self._ids.setdefault(place, new_id())
        self._folders[id_] = place
        return id_


def _entries(folder: Path) -> list[str]:
    """Return the names of all that a folder shows."""
    try:
        return [name for name in os.listdir(folder) if not name.startswith(".")]
    except OSError as error:
        message = f"the folder can't be read: {error.strerror}"
        raise ApiError(404, "no_folder", message) from error


def _real_path(root: Path, entry: Path) -> Path | None:
    """Return the real path of a file or folder; None for a link that leads out of the root."""
    path = Path(os.path.realpath(entry))
    is_there = path.is_relative_to(root) and (path.is_file() or path.is_dir())
    return path if is_there else None
