"""HTTP of exports: the options in the query, and the file as an attachment."""

from __future__ import annotations

import asyncio
import mimetypes
import re
import shutil
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from vitruvian.draw.style import Style
from vitruvian.export.motion import MotionOptions
from vitruvian.runs.stop import Stop
from vitruvian.studio.exports import ExportOptions, export_name, written_export
from vitruvian.studio.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from starlette.requests import Request

    from vitruvian.studio.state import Studio
    from vitruvian.studio.studio_file import StudioFile

__all__ = ["export_options", "routes"]

ALL = "all"
WATCH_S = 0.1
_ID = re.compile(r"-?[0-9]{1,18}")
_SWITCHES = {"0": False, "1": True, "false": False, "true": True}
_NUMBERS = {"height": "height_m", "tilt": "tilt_deg"}  # as the options of `vitruvian convert`
_TEXTS = ("markers", "root", "up")


def routes(studio: Studio) -> list[Route]:
    """Return the route of exports."""

    async def export(request: Request) -> Response:
        job = studio.jobs.job(request.path_params["id"])
        file = studio.shelf.file(job.file)
        query = dict(request.query_params)
        suffix = query.pop("format", "")
        options = export_options(query)
        folder, stop = studio.folder / new_id(), Stop()

        def written() -> Path:
            folder.mkdir()
            try:
                return written_export(job, file, suffix, options, folder=folder, stop=stop)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise

        watch = asyncio.create_task(_stop_if_unwanted(request, studio, file, stop))
        try:
            path = await studio.slow_work.run(written)
        finally:
            watch.cancel()
        name = export_name(file, suffix, options, path)
        return FileResponse(
            path,
            filename=name,
            media_type=_media_type(name),
            background=BackgroundTask(shutil.rmtree, folder, ignore_errors=True),
        )

    return [Route("/api/jobs/{id}/export", export)]


async def _stop_if_unwanted(request: Request, studio: Studio, file: StudioFile, stop: Stop) -> None:
    """End an export when its client has left, or its file or the studio is closed."""
    while not (studio.stop.is_requested or file.is_closed or await request.is_disconnected()):
        await asyncio.sleep(WATCH_S)
    stop.request()


def _media_type(name: str) -> str:
    """Return the type of a file that is saved: phones put pictures and videos where they belong."""
    kind = mimetypes.guess_type(name)[0] or ""
    return kind if kind.startswith(("image/", "video/")) else "application/octet-stream"


def export_options(query: Mapping[str, str]) -> ExportOptions:
    """Return the options of an export as they stand in a URL.

    ``person`` (an ID, or ``all``), ``smooth`` (Hz), ``height``, ``tilt``, ``up``, ``root`` and
    ``markers`` mean the same as for `vitruvian convert`; ``skeleton``, ``landmarks``, ``box`` and
    the other fields of `Style` are 0 or 1.

    Raises
    ------
    ValueError
        If one of them is not known, or has a wrong value.
    """
    drawn = {field.name: field.default for field in fields(Style)}
    motion: dict[str, Any] = {}
    style: dict[str, Any] = {}
    smooth_hz: float | None = None
    for name, text in query.items():
        if name == "person":
            motion |= {} if text == ALL else {"person": _id(text)}
        elif name == "smooth":
            smooth_hz = _number(name, text)
        elif name in _NUMBERS:
            motion[_NUMBERS[name]] = _number(name, text)
        elif name in _TEXTS:
            motion[name] = text
        elif name in drawn:
            is_switch = isinstance(drawn[name], bool)
            style[name] = _switch(name, text) if is_switch else _number(name, text)
        else:
            known = ["format", "person", "smooth", *_NUMBERS, *_TEXTS, *drawn]
            raise ValueError(f"an option of an export must be one of {known}, got {name!r:.40}")
    if smooth_hz is not None:
        motion["smooth_hz"] = 0.0  # not twice
    return ExportOptions(
        smooth_hz=smooth_hz,
        motion=MotionOptions(**motion),
        has_all_people=query.get("person") == ALL,
        style=Style(**style),
    )


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise ValueError(f"{name} must be a number, got {text!r:.40}") from error


def _id(text: str) -> int:
    if not _ID.fullmatch(text):
        raise ValueError(f"person must be an ID or {ALL}, got {text!r:.40}")
    return int(text)


def _switch(name: str, text: str) -> bool:
    if text not in _SWITCHES:
        raise ValueError(f"{name} must be 0 or 1, got {text!r:.40}")
    return _SWITCHES[text]
