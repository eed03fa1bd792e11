"""HTTP of jobs: start, follow, results, masks, stop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from vitruvian.studio.problems import ApiError
from vitruvian.studio.query import number_in
from vitruvian.studio.request_body import json_object

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from vitruvian.runs.stop import Stop
    from vitruvian.studio.state import Studio
    from vitruvian.studio.tracking_job import TrackingJob

__all__ = ["routes"]

POLL_S = 0.03  # how late a line may be
LINES = "application/x-ndjson"


def routes(studio: Studio) -> list[Route]:
    """Return the routes of ``/api/jobs``."""
    jobs, shelf = studio.jobs, studio.shelf

    async def start(request: Request) -> Response:
        body = await json_object(request)
        file = shelf.file(str(body.get("file", "")))
        if "results" in body:
            job = await run_in_threadpool(shelf.attach, file, shelf.file(str(body["results"])))
            return JSONResponse(job.to_dict(), status_code=201)
        options = body.get("options", {})
        if not isinstance(options, dict):
            raise ApiError(422, "not_possible", f"options must be an object, got {options!r}")
        return JSONResponse(shelf.track(file, options).to_dict(), status_code=202)

    def job(request: Request) -> Response:
        return JSONResponse(jobs.job(request.path_params["id"]).to_dict())

    def results(request: Request) -> Response:
        start = number_in(request, "from") or 0
        job = jobs.job(request.path_params["id"])
        return StreamingResponse(_lines(job, start, studio.stop), media_type=LINES)

    def mask(request: Request) -> Response:
        masks = jobs.job(request.path_params["id"]).masks
        png = b"" if masks is None else masks[request.path_params["n"]]
        if not png:
            raise ApiError(404, "no_mask", "there is no mask of this frame", "track with masks")
        return Response(png, media_type="image/png")

    def stop(request: Request) -> Response:
        jobs.job(request.path_params["id"]).stop()
        return Response(status_code=204)

    return [
        Route("/api/jobs", start, methods=["POST"]),
        Route("/api/jobs/{id}", job, methods=["GET"]),
        Route("/api/jobs/{id}", stop, methods=["DELETE"]),
        Route("/api/jobs/{id}/results", results),
        Route("/api/jobs/{id}/masks/{n:int}.png", mask),
    ]


async def _lines(job: TrackingJob, start: int, stop: Stop) -> AsyncIterator[bytes]:
    """Yield the lines of a job from `start` on, until it ends."""
    while True:
        has_ended = job.has_ended  # before the last look
        n_lines = len(job.lines)
        try:
            for chunk in job.lines.chunks(start, n_lines):
                yield chunk
        except FileNotFoundError:  # the file was closed
            return
        start = max(start, n_lines)
        if has_ended or stop.is_requested:
            return
        await asyncio.sleep(POLL_S)
