"""Files that the server has itself: folders that the command line allows, and the demo clip.

Folders are listed and opened by entry, never by a path.
"""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vitruvian.studio.file_names import is_media_name
from vitruvian.studio.ids import new_id
from vitruvian.studio.problems import ApiError
from vitruvian.studio.request_body import json_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from starlette.requests import Request

    from vitruvian.studio.state import Studio

__all__ = ["Folders", "routes"]

MAX_ENTRIES = 5000  # of a folder that are listed
DEMO = Path(str(files("vitruvian") / "data" / "demo.mp4"))


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
            {"id": self._id_of(root, root), "name": name or str(root)} for root, name in real
        ]

    def listing(self, id_: str) -> dict[str, Any]:
        """Return the answer of ``GET /api/folders/{id}``."""
        root, folder = self._folder(id_)
        files: list[dict[str, Any]] = []
        folders: list[dict[str, str]] = []
        for name, path in sorted(self._entries(root, folder), key=lambda entry: entry[0].lower()):
            if len(files) + len(folders) == MAX_ENTRIES:
                break
            if path.is_dir():
                folders.append({"id": self._id_of(root, path), "name": name})
            elif is_media_name(name):
                files.append({"name": name, "bytes": path.stat().st_size})
        return {"name": folder.name, "files": files, "folders": folders}

    def path(self, id_: str, name: str) -> Path:
        """Return the file of an entry with exactly this name; `ApiError` if there is none."""
        root, folder = self._folder(id_)
        for entry, path in self._entries(root, folder):
            if entry == name and path.is_file():
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

    def _entries(self, root: Path, folder: Path) -> Iterator[tuple[str, Path]]:
        """Yield the names of files and folders, with their real paths inside the root."""
        try:
            names = [name for name in os.listdir(folder) if not name.startswith(".")]
        except OSError as error:
            message = f"the folder can't be read: {error.strerror}"
            raise ApiError(404, "no_folder", message) from error
        for name in names:
            path = Path(os.path.realpath(folder / name))
            if path.is_relative_to(root) and (path.is_file() or path.is_dir()):
                yield name, path


def routes(studio: Studio) -> list[Route]:
    """Return the routes of ``/api/folders`` and of opening what they list."""

    def listing(request: Request) -> Response:
        return JSONResponse(studio.folders.listing(request.path_params["id"]))

    async def open_entry(request: Request) -> Response:
        body = await json_object(request)
        if body.get("demo") is True:
            path, name = DEMO, DEMO.name
        else:
            folder, name = (str(body.get(key, "")) for key in ("folder", "name"))
            path = await run_in_threadpool(studio.folders.path, folder, name)
        file = await run_in_threadpool(studio.shelf.open_file, path, name)
        return JSONResponse(file.to_dict(), status_code=201)

    return [
        Route("/api/folders/{id}", listing),
        Route("/api/files", open_entry, methods=["POST"]),
    ]
