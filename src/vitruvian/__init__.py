"""Pose estimation for images, videos and live cameras: 33 landmarks per person, in px and metres.

Public names are imported on first use: ``import vitruvian`` loads no other library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from vitruvian.core.version import __version__ as __version__
from vitruvian.fork import no_fork

if TYPE_CHECKING:
    from vitruvian import errors
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
    from vitruvian.engine.options import EstimatorOptions, TrackerOptions
    from vitruvian.errors import (
        BackendUnavailableError,
        DeviceError,
        InferenceError,
        ModelIntegrityError,
        ModelNotFoundError,
        SinkError,
        SourceError,
        VitruvianError,
    )
    from vitruvian.export import (
        Sink,
        iter_results,
        load_provenance,
        load_results,
        open_output,
        save_results,
    )
    from vitruvian.export.motion import MotionOptions
    from vitruvian.media import open_input
    from vitruvian.media.camera import CameraInfo, cameras
    from vitruvian.media.image import load_image
    from vitruvian.media.source import Source
    from vitruvian.studio.notebook import show
    from vitruvian.track.latency import Latency
    from vitruvian.track.live import LiveCounts, LiveStream
    from vitruvian.track.tracker import PoseTracker

_HOMES = {  # public name: the module that defines it
    "BLAZEPOSE": "core.skeleton",
    "BackendUnavailableError": "errors",
    "CameraInfo": "media.camera",
    "Detection": "core.detection",
    "DeviceError": "errors",
    "EstimatorOptions": "engine.options",
    "Frame": "core.frame",
    "InferenceError": "errors",
    "Landmark": "core.pose",
    "Latency": "track.latency",
    "LiveCounts": "track.live",
    "LiveStream": "track.live",
    "Model": "engine.model",
    "ModelIntegrityError": "errors",
    "ModelNotFoundError": "errors",
    "MotionOptions": "export.motion",
    "PersonSequence": "core.sequence",
    "Pose": "core.pose",
    "PoseEstimator": "engine.estimator",
    "PoseResult": "core.pose",
    "PoseSequence": "core.sequence",
    "PoseTracker": "track.tracker",
    "Provenance": "core.provenance",
    "Roi": "core.roi",
    "Sink": "export",
    "SinkError": "errors",
    "Skeleton": "core.skeleton",
    "Source": "media.source",
    "SourceError": "errors",
    "Style": "draw.style",
    "TrackerOptions": "engine.options",
    "VitruvianError": "errors",
    "cameras": "media.camera",
    "draw_poses": "draw.overlay",
    "iter_results": "export",
    "load_image": "media.image",
    "load_provenance": "export",
    "load_results": "export",
    "open_input": "media",
    "open_output": "export",
    "save_results": "export",
    "show": "studio.notebook",
}

__all__ = [
    "BLAZEPOSE",
    "BackendUnavailableError",
    "CameraInfo",
    "Detection",
    "DeviceError",
    "EstimatorOptions",
    "Frame",
    "InferenceError",
    "Landmark",
    "Latency",
    "LiveCounts",
    "LiveStream",
    "Model",
    "ModelIntegrityError",
    "ModelNotFoundError",
    "MotionOptions",
    "PersonSequence",
    "Pose",
    "PoseEstimator",
    "PoseResult",
    "PoseSequence",
    "PoseTracker",
    "Provenance",
    "Roi",
    "Sink",
    "SinkError",
    "Skeleton",
    "Source",
    "SourceError",
    "Style",
    "TrackerOptions",
    "VitruvianError",
    "cameras",
    "draw_poses",
    "errors",
    "iter_results",
    "load_image",
    "load_provenance",
    "load_results",
    "open_input",
    "open_output",
    "save_results",
    "show",
]


def __getattr__(name: str) -> object:
    """Import a public name on first use."""
    if name == "errors":
        return import_module("vitruvian.errors")
    if name not in _HOMES:
        raise AttributeError(f"module 'vitruvian' has no attribute {name!r}")
    with no_fork:  # a module that another thread imports can't be imported in a forked process
        value = getattr(import_module(f"vitruvian.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
