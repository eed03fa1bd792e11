"""What the page shows of the formats of outputs: titles, and which can be written here."""

from __future__ import annotations

import re
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING

from vitruvian.export.formats import FORMATS

if TYPE_CHECKING:
    from typing import Any

__all__ = ["TITLES", "format_info"]

TITLES = {
    ".annotations.coco.json": "COCO annotations",
    ".blazepose_keypoints.json": "OpenPose, all 33 landmarks",
    ".bvh": "BVH skeleton",
    ".c3d": "C3D markers",
    ".coco.json": "COCO results",
    ".coco_keypoints.json": "OpenPose, 18 landmarks",
    ".csv": "CSV table",
    ".dlc.csv": "DeepLabCut table",
    ".glb": "glTF figure",
    ".jpg": "JPEG pictures",
    ".json": "JSON",
    ".jsonl": "JSON Lines",
    ".mkv": "Matroska video",
    ".mot": "OpenSim joint angles",
    ".mov": "QuickTime video",
    ".mp4": "MP4 video",
    ".nc": "NetCDF, image landmarks",
    ".npz": "NumPy arrays",
    ".parquet": "Parquet table",
    ".png": "PNG pictures",
    ".trc": "OpenSim markers",
    ".vrma": "VRM animation",
    ".world.nc": "NetCDF, world landmarks",
    "_keypoints.json": "OpenPose BODY_25",
}
"""Names for people; a format that is not here goes by its suffix."""

_SECOND_NAMES = frozenset({".jpeg"})
"""Suffixes that mean the same format as another; exports take them, the menu doesn't list them."""

_REQUIREMENT = re.compile(r"""([\w.-]+).*;.*extra\s*==\s*['"]([\w-]+)['"]""")


def format_info() -> list[dict[str, Any]]:
    """Return the formats of outputs for ``/api/info``."""
    return [
        {
            "suffix": suffix,
            "title": TITLES.get(suffix, suffix),
            "draws": format_.draws,
            "is_motion": format_.is_motion,
            "is_series": format_.series is not None,
            "is_available": format_.extra is None or _is_installed(format_.extra),
            "extra": format_.extra,
        }
        for suffix, format_ in FORMATS.items()
        if suffix not in _SECOND_NAMES
    ]


@cache
def _is_installed(extra: str) -> bool:
    """Return whether the packages of an extra are there; they are not imported."""
    try:
        requirements = metadata.requires("vitruvian") or []
        found = map(_REQUIREMENT.match, requirements)
        for package in [match[1] for match in found if match and match[2] == extra]:
            metadata.version(package)
    except metadata.PackageNotFoundError:
        return False
    return True
