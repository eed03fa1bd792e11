"""Vitruvian finds people in photos, videos and live cameras: 33 landmarks each, px and metres."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vitruvian.core.detection import Detection
    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import Landmark, Pose, PoseResult
    from vitruvian.core.roi import Roi
    from vitruvian.core.sequence import PoseSequence
    from vitruvian.core.skeleton import BLAZEPOSE, Skeleton
    from vitruvian.draw.overlay import draw_poses
    from vitruvian.draw.style import Style
    from vitruvian.engine.estimator import PoseEstimator
    from vitruvian.engine.options import EstimatorOptions, TrackerOptions
    from vitruvian.errors import VitruvianError
    from vitruvian.export import load_results, open_output
    from vitruvian.media import open_input
    from vitruvian.track.live import LiveStream
    from vitruvian.track.tracker import PoseTracker

__version__ = "0.1.0"

_HOMES = {
    "BLAZEPOSE": "core.skeleton",
    "Detection": "core.detection",
    "EstimatorOptions": "engine.options",
    "Frame": "core.frame",
    "Landmark": "core.pose",
    "LiveStream": "track.live",
    "Pose": "core.pose",
    "PoseEstimator": "engine.estimator",
    "PoseResult": "core.pose",
    "PoseSequence": "core.sequence",
    "PoseTracker": "track.tracker",
    "Roi": "core.roi",
    "Skeleton": "core.skeleton",
    "Style": "draw.style",
    "TrackerOptions": "engine.options",
    "VitruvianError": "errors",
    "draw_poses": "draw.overlay",
    "load_results": "export",
    "open_input": "media",
    "open_output": "export",
}

__all__ = [
    "BLAZEPOSE",
    "Detection",
    "EstimatorOptions",
    "Frame",
    "Landmark",
    "LiveStream",
    "Pose",
    "PoseEstimator",
    "PoseResult",
    "PoseSequence",
    "PoseTracker",
    "Roi",
    "Skeleton",
    "Style",
    "TrackerOptions",
    "VitruvianError",
    "draw_poses",
    "load_results",
    "open_input",
    "open_output",
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
