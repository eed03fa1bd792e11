"""Vitruvian finds people in photos, videos and live cameras: 33 landmarks each, px and metres."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from vitruvian.core.version import __version__ as __version__

if TYPE_CHECKING:
    from vitruvian.core.detection import Detection
    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import Landmark, Pose, PoseResult
    from vitruvian.core.provenance import Provenance
    from vitruvian.core.roi import Roi
    from vitruvian.core.sequence import PersonSequence, PoseSequence
    from vitruvian.core.skeleton import BLAZEPOSE, Skeleton
    from vitruvian.draw.overlay import draw_poses
    from vitruvian.draw.style import Style
    from vitruvian.engine.estimator import PoseEstimator
    from vitruvian.engine.model import Model
    from vitruvian.errors import VitruvianError
    from vitruvian.export import (
        iter_results,
        load_provenance,
        load_results,
        open_output,
        save_results,
    )
    from vitruvian.media import open_input
    from vitruvian.track.live import LiveStream
    from vitruvian.track.tracker import PoseTracker

_HOMES = {
    "BLAZEPOSE": "core.skeleton",
    "Detection": "core.detection",
    "Frame": "core.frame",
    "Landmark": "core.pose",
    "LiveStream": "track.live",
    "Model": "engine.model",
    "PersonSequence": "core.sequence",
    "Pose": "core.pose",
    "PoseEstimator": "engine.estimator",
    "PoseResult": "core.pose",
    "PoseSequence": "core.sequence",
    "PoseTracker": "track.tracker",
    "Provenance": "core.provenance",
    "Roi": "core.roi",
    "Skeleton": "core.skeleton",
    "Style": "draw.style",
    "VitruvianError": "errors",
    "draw_poses": "draw.overlay",
    "iter_results": "export",
    "load_provenance": "export",
    "load_results": "export",
    "open_input": "media",
    "open_output": "export",
    "save_results": "export",
}

__all__ = [
    "BLAZEPOSE",
    "Detection",
    "Frame",
    "Landmark",
    "LiveStream",
    "Model",
    "PersonSequence",
    "Pose",
    "PoseEstimator",
    "PoseResult",
    "PoseSequence",
    "PoseTracker",
    "Provenance",
    "Roi",
    "Skeleton",
    "Style",
    "VitruvianError",
    "draw_poses",
    "iter_results",
    "load_provenance",
    "load_results",
    "open_input",
    "open_output",
    "save_results",
]


def __getattr__(name: str) -> object:
    """Import a public name on its first use, so that ``import vitruvian`` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'vitruvian' has no attribute {name!r}")
    value = getattr(import_module(f"vitruvian.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
