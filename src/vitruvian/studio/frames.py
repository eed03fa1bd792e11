"""HTTP of single frames, their times, and copies that browsers can play."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vitruvian.runs.messages import EXPECTED_ERRORS
from vitruvian.studio.file_answer import FileAnswer
from vitruvian.studio.picture import jpeg_picture
from vitruvian.studio.problems import ApiError, named_line
from vitruvian.studio.query import number_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

    from vitruvian.studio.frame_reader import FrameReader
    from vitruvian.studio.state import Studio
    from vitruvian.studio.studio_file import StudioFile

__all__ = ["routes"]

MIN_HEIGHT = 16
QUALITY = 85


def routes(studio: Studio) -> list[Route]:
    """Return the routes of frames, times and copies below ``/api/files/{id}``."""
    shelf = studio.shelf

    def times(request: Request) -> Response:
        file = shelf.file(request.path_params["id"])
        if file.path is None:
            lines = studio.jobs.job(file.job or "").lines
            return JSONResponse({"times_us": lines.times_us.tolist(), "start_us": 0})
        with _reader(studio, file) as reader:
            found = reader.times
        return JSONResponse({"times_us": found.times_us.tolist(), "start_us": found.start_us})

    def frame(request: Request) -> Response:
        file = shelf.file(request.path_params["id"])
        height = number_in(request, "h")
        if height is not None and height < MIN_HEIGHT:
            raise ApiError(422, "not_possible", f"h must be at least {MIN_HEIGHT}, got {height}")
        with _reader(studio, file) as reader:
            image = reader.frame(request.path_params["n"])
        jpeg, _ = jpeg_picture(image, height, quality=QUALITY)
        headers = {"Cache-Control": "private, max-age=3600"}
        return Response(jpeg, media_type="image/jpeg", headers=headers)

    def start_proxy(request: Request) -> Response:
        file = shelf.file(request.path_params["id"])
        if file.path is None:
            raise _no_picture()
        shelf.proxies.start(file)
        return JSONResponse(file.to_dict(), status_code=202)

    def proxy(request: Request) -> Response:
        file = shelf.file(request.path_params["id"])
        if file.proxy != "ready":
            raise ApiError(404, "no_proxy", "there is no copy in H.264 yet", "POST starts it")
        return FileAnswer(file.proxy_path, media_type="video/mp4")

    return [
        Route("/api/files/{id}/times", times),
        Route("/api/files/{id}/frame/{n:int}.jpg", frame),
        Route("/api/files/{id}/proxy", start_proxy, methods=["POST"]),
        Route("/api/files/{id}/proxy", proxy, methods=["GET"]),
    ]


@contextmanager
def _reader(studio: Studio, file: StudioFile) -> Iterator[FrameReader]:
    """Give the reader of a file; its errors have the name of the file in place of its path."""
    if file.path is None:
        raise _no_picture()
    readers = studio.shelf.readers
    try:
        yield readers.reader(file.id, file.path)
    except EXPECTED_ERRORS as error:
        raise ApiError(422, "not_media", named_line(error, file.path, file.name)) from error
    finally:
        if file.is_closed:  # by another request, meanwhile
            readers.forget(file.id)


def _no_picture() -> ApiError:
    return ApiError(404, "no_picture", "these are results without a picture")
