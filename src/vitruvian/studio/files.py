"""HTTP of files: upload, list folders, open, look at, close."""

from __future__ import annotations

import asyncio
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vitruvian.export.suffix import suffix_of
from vitruvian.studio.disk import check_disk
from vitruvian.studio.file_answer import FileAnswer
from vitruvian.studio.file_names import is_results_name, plain_name, safe_suffix
from vitruvian.studio.problems import ApiError
from vitruvian.studio.request_body import json_object

if TYPE_CHECKING:
    from vitruvian.studio.state import Studio

__all__ = ["routes"]

DEMO = Path(str(files("vitruvian") / "data" / "demo.mp4"))

IDLE_S = 60.0  # without a byte of an upload
WRITE_BYTES = 2**20
RESULTS_SUFFIXES = (".csv", ".json", ".jsonl")  # without compression
MAX_RESULTS_BYTES = 2**28


def routes(studio: Studio) -> list[Route]:
    """Return the routes of ``/api/files`` and ``/api/folders``."""
    shelf = studio.shelf

    async def upload(request: Request) -> Response:
        name = plain_name(request.query_params.get("name", ""))
        n_bytes = _announced_bytes(request, studio.options.max_upload)
        _check_results(name, n_bytes)
        check_disk(studio.folder, n_bytes)
        folder = shelf.new_folder()
        path = folder / f"media{safe_suffix(name)}"
        try:
            await _receive(request, path, n_bytes)
            file = await run_in_threadpool(shelf.add, path, name, folder)
        except BaseException:
            shelf.discard(folder)
            raise
        return JSONResponse(file.to_dict(), status_code=201)

    def listing(request: Request) -> Response:
        return JSONResponse(studio.folders.listing(request.path_params["id"]))

    async def open_entry(request: Request) -> Response:
        body = await json_object(request)
        if body.get("demo") is True:
            path, name = DEMO, DEMO.name
        else:
            folder, name = (str(body.get(key, "")) for key in ("folder", "name"))
            path = await run_in_threadpool(studio.folders.path, folder, name)
        file = await run_in_threadpool(shelf.open_file, path, plain_name(name))
        return JSONResponse(file.to_dict(), status_code=201)

    def file(request: Request) -> Response:
        return JSONResponse(shelf.file(request.path_params["id"]).to_dict())

    def close(request: Request) -> Response:
        shelf.remove(shelf.file(request.path_params["id"]))
        return Response(status_code=204)

    def media(request: Request) -> Response:
        file = shelf.file(request.path_params["id"])
        if file.path is None:
            raise ApiError(404, "no_picture", "these are results without a picture")
        return FileAnswer(file.path, media_type=file.facts.mime)

    return [
        Route("/api/folders/{id}", listing),
        Route("/api/files", upload, methods=["PUT"]),
        Route("/api/files", open_entry, methods=["POST"]),
        Route("/api/files/{id}", file, methods=["GET"]),
        Route("/api/files/{id}", close, methods=["DELETE"]),
        Route("/api/files/{id}/media", media),
    ]


def _announced_bytes(request: Request, limit: int) -> int:
    """Return the length of the body; `ApiError` if it is missing or too long."""
    length = request.headers.get("content-length", "")
    if not length.isascii() or not length.isdigit():
        raise ApiError(411, "length_required", "an upload needs its Content-Length")
    if int(length) > limit:
        raise _too_large(limit)
    return int(length)


def _check_results(name: str, n_bytes: int) -> None:
    """Refuse results that could need much more memory than they have bytes."""
    if not is_results_name(name):
        return
    if suffix_of(Path(name)) not in RESULTS_SUFFIXES:
        message = f"results to upload must be one of {', '.join(RESULTS_SUFFIXES)}, got {name!r}"
        raise ApiError(422, "not_possible", message, "open it from a folder: --folder")
    if n_bytes > MAX_RESULTS_BYTES:
        raise _too_large(MAX_RESULTS_BYTES)


def _too_large(limit: int) -> ApiError:
    return ApiError(
        413,
        "too_large",
        f"a file may have {limit / 1024**2:.0f} MB",
        "start with a larger --max-upload, or open it from a folder: --folder",
    )


async def _receive(request: Request, path: Path, n_bytes: int) -> None:
    """Write the body of a request to a new file.

    Raises
    ------
    ApiError
        If it is longer or shorter than it said, does not continue, or the disk becomes full.
    """
    n_received = 0
    waiting: list[bytes] = []
    chunks = request.stream()
    with path.open("xb") as file:
        while True:
            try:
                chunk = await asyncio.wait_for(anext(chunks, None), IDLE_S)
            except TimeoutError as error:
                message = f"nothing of the upload arrived for {IDLE_S:.0f} s"
                raise ApiError(408, "too_slow", message) from error
            except ClientDisconnect as error:
                raise ApiError(400, "incomplete", "the upload was not completed") from error
            if chunk is not None:
                n_received += len(chunk)
                waiting.append(chunk)
            if n_received > n_bytes:
                raise _too_large(n_bytes)
            if chunk is None or sum(map(len, waiting)) >= WRITE_BYTES:
                check_disk(path.parent, n_bytes - n_received)
                await run_in_threadpool(file.write, b"".join(waiting))
                waiting.clear()
            if chunk is None:
                break
    if n_received < n_bytes:
        raise ApiError(400, "incomplete", "the upload was not completed")
