"""Options: everything a caller can choose about the engine, checked once."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral, Real
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.engine.backends import BACKENDS
from vitruvian.engine.profile import profile_named

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Options"]

CROPS = ("letterbox", "center")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What `PoseEstimator` and `PoseTracker` are asked for; see there."""

    model: str | Path = "full"
    models_dir: str | Path | None = None
    profile: str = "default"
    backend: str = "openvino"
    device: str = "CPU"
    threads: int | None = None
    detection_confidence: float = 0.5
    presence_confidence: float = 0.5
    tracking_confidence: float = 0.5
    smoothing: bool = True
    segmentation: bool = False
    smooth_segmentation: bool = True
    force_detection: bool = False
    crop: str = "letterbox"

    def __post_init__(self) -> None:
        for name in ("profile", "backend", "device", "crop"):
            if not isinstance(getattr(self, name), str):
                raise TypeError(f"{name} must be a string, got {getattr(self, name)!r}")
        for name in ("smoothing", "segmentation", "smooth_segmentation", "force_detection"):
            if not isinstance(getattr(self, name), (bool, np.bool_)):
                raise TypeError(f"{name} must be True or False, got {getattr(self, name)!r}")
        profile_named(self.profile)
        if self.backend not in BACKENDS:
            raise ValueError(f"backend must be one of {sorted(BACKENDS)}, got {self.backend!r}")
        if self.crop not in CROPS:
            raise ValueError(f"crop must be one of {list(CROPS)}, got {self.crop!r}")
        threads = self.threads
        if threads is not None and not (_is_integer(threads) and threads > 0):
            raise ValueError(f"threads must be a positive integer or None, got {threads!r}")
        self._check_confidences()

    def _check_confidences(self) -> None:
        for name in ("detection_confidence", "presence_confidence", "tracking_confidence"):
            value = getattr(self, name)
            if not isinstance(value, Real) or isinstance(value, bool):
                raise TypeError(f"{name} must be a number from 0 to 1, got {value!r}")
            if not 0 <= float(value) <= 1:
                raise ValueError(f"{name} must be from 0 to 1, got {value!r}")


def _is_integer(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)
