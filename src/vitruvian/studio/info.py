"""What the page needs to know of the package: skeleton, colours, options, formats, limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vitruvian import __version__
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.draw.palette import COLOR_OF_SIDE, PERSON_COLORS
from vitruvian.draw.style import Style
from vitruvian.engine.option_fields import option_fields
from vitruvian.engine.options import TrackerOptions
from vitruvian.engine.profile import PROFILES
from vitruvian.media.camera import cameras
from vitruvian.models.catalog import LANDMARK_MODELS
from vitruvian.models.store import local_path
from vitruvian.studio.export_formats import format_info
from vitruvian.studio.feeds import live_inputs
from vitruvian.studio.measures import angle_info, exercise_info
from vitruvian.studio.session_options import SessionOptions

if TYPE_CHECKING:
    from starlette.requests import Request

    from vitruvian.studio.state import Studio

__all__ = ["routes", "studio_info"]


def studio_info(studio: Studio) -> dict[str, Any]:
    """Return the answer of ``GET /api/info``."""
    options = studio.options
    return {
        "version": __version__,
        "models": [{"name": n, "is_present": local_path(n) is not None} for n in LANDMARK_MODELS],
        "profiles": sorted(PROFILES),
        "options": [
            {
                "name": field.name,
                "types": [kind.__name__ for kind in field.types],
                "low": field.option.low,
                "high": field.option.high,
                "choices": list(field.option.choices),
                "text": field.option.text,
            }
            for field in option_fields(TrackerOptions)
        ],
        "defaults": SessionOptions(options.tracker).to_dict(),
        "skeleton": {
            "names": BLAZEPOSE.names,
            "connections": BLAZEPOSE.connections,
            "sides": BLAZEPOSE.sides,
        },
        "style": {
            "person_colors": PERSON_COLORS,
            "side_colors": COLOR_OF_SIDE,
            "min_visibility": Style().min_visibility,
        },
        "angles": angle_info(),
        "exercises": exercise_info(),
        "formats": format_info(),
        "cameras": [
            *({"id": f"camera{camera.number}", "name": camera.name} for camera in cameras()),
            *({"id": id_, "name": name} for id_, name in studio.oak_cameras.names().items()),
        ],
        "folders": studio.folders.roots,
        "inputs": [*studio.shelf.inputs, *live_inputs(options)],
        "limits": {"max_upload": options.max_upload, "allow_urls": options.allow_urls},
    }


def routes(studio: Studio) -> list[Route]:
    """Return the route of ``/api/info``."""

    async def info(_: Request) -> Response:
        return JSONResponse(studio_info(studio))

    return [Route("/api/info", info)]
