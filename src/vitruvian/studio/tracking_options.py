"""Options of a tracker as the page sends them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vitruvian.engine.option_fields import json_value, values_of
from vitruvian.models.catalog import LANDMARK_MODELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitruvian.engine.options import TrackerOptions

__all__ = ["tracker_options"]

_SERVER_ONLY = ("models_dir",)  # paths: only the command line sets them


def tracker_options(defaults: TrackerOptions, given: Mapping[str, Any]) -> TrackerOptions:
    """Return the options of the server with those that a request changes.

    Masks are smoothed only together with the landmarks, as by `vitruvian track`.

    Raises
    ------
    ValueError, TypeError
        If an option is unknown, may not be changed, or has a wrong value.
    """
    known = values_of(defaults)
    for name, value in given.items():
        if name not in known:
            raise ValueError(f"options must be among {sorted(known)}, got {name!r}")
        if name in _SERVER_ONLY and value != json_value(known[name]):
            raise ValueError(f"{name} can't be changed from the page")
    model = given.get("model", known["model"])
    if model != json_value(known["model"]) and model not in LANDMARK_MODELS:
        raise ValueError(f"model must be one of {list(LANDMARK_MODELS)}, got {model!r}")
    changed = {
        name: value
        for name, value in given.items()
        if name not in _SERVER_ONLY and value != json_value(known[name])
    }
    options = replace(defaults, **changed)
    return replace(
        options, smooth_segmentation=options.smooth_segmentation and options.smoothing > 0
    )
