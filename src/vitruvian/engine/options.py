"""Options: everything a caller can choose about the engine, checked once."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral, Real
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.backends import BACKENDS, PRECISIONS
from vitruvian.engine.profile import PROFILES, profile_named

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.engine.pipeline import PipelineProvider
    from vitruvian.engine.profile import Profile

__all__ = ["DEFAULT_SMOOTHING", "Options"]

DEFAULT_SMOOTHING = 0.5
"""The amount at which every profile has its own constants: those of MediaPipe in its profiles."""

FRACTIONS = ("detection_confidence", "presence_confidence", "tracking_confidence", "smoothing")
TEXTS = ("profile", "backend", "device", "precision", "crop")
SWITCHES = ("segmentation", "smooth_segmentation", "force_detection", "appearance")
CHOICES = {
    "backend": sorted(BACKENDS),
    "precision": list(PRECISIONS),
    "crop": ["letterbox", "center"],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What `PoseEstimator` and `PoseTracker` are asked for; see there."""

    model: str | Path | PipelineProvider = "full"
    num_poses: int = 1
    models_dir: str | Path | None = None
    profile: str = "default"
    backend: str = "openvino"
    device: str = "CPU"
    threads: int | None = None
    precision: str = "exact"
    detection_confidence: float = 0.5
    presence_confidence: float = 0.5
    tracking_confidence: float = 0.5
    smoothing: bool | float = True
    segmentation: bool = False
    smooth_segmentation: bool = True
    force_detection: bool = False
    crop: str = "letterbox"
    id_memory_s: float = 10.0
    appearance: bool = True

    @property
    def rules(self) -> Profile:
        """The values of the profile."""
        return profile_named(self.profile)

    @property
    def smoothing_amount(self) -> float:
        """How much is smoothed, from 0 to 1."""
        is_switch = isinstance(self.smoothing, (bool, np.bool_))
        return DEFAULT_SMOOTHING * self.smoothing if is_switch else float(self.smoothing)

    def __post_init__(self) -> None:
        for name in TEXTS:
            if not isinstance(getattr(self, name), str):
                raise TypeError(f"{name} must be a string, got {getattr(self, name)!r}")
        for name in SWITCHES:
            if not isinstance(getattr(self, name), (bool, np.bool_)):
                raise TypeError(f"{name} must be True or False, got {getattr(self, name)!r}")
        for name in FRACTIONS:
            self._check_fraction(name)
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise ValueError(f"{name} must be one of {choices}, got {getattr(self, name)!r}")
        threads = self.threads
        if threads is not None and not (_is_integer(threads) and threads > 0):
            raise ValueError(f"threads must be a positive integer or None, got {threads!r}")
        self._check_several()

    def _check_fraction(self, name: str) -> None:
        value = getattr(self, name)
        if name == "smoothing" and isinstance(value, (bool, np.bool_)):
            return
        if not isinstance(value, Real) or isinstance(value, bool):
            raise TypeError(f"{name} must be a number from 0 to 1, got {value!r}")
        if not 0 <= float(value) <= 1:
            raise ValueError(f"{name} must be from 0 to 1, got {value!r}")

    def _check_several(self) -> None:
        if not (_is_integer(self.num_poses) and self.num_poses > 0):
            raise ValueError(f"num_poses must be a positive integer, got {self.num_poses!r}")
        if self.rules.multi_pose is None and self.num_poses > 1:
            usable = [name for name, profile in PROFILES.items() if profile.multi_pose]
            message = f"profile must be one of {usable} for several people, got {self.profile!r}"
            raise ValueError(message)
        memory_s = self.id_memory_s
        if not isinstance(memory_s, Real) or isinstance(memory_s, bool) or not memory_s >= 0:
            raise ValueError(f"id_memory_s must be a number from 0, got {memory_s!r}")


def _is_integer(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)
