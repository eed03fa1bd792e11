"""Configurations as TF.js takes them: objects of known keys, each in two spellings."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

__all__ = ["EstimationConfig", "ModelConfig", "read_estimation_config", "read_model_config"]

CHOICES = {"runtime": ("tfjs", "mediapipe"), "model_type": ("lite", "full", "heavy")}

Known = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """What `create_detector` is asked for, with TF.js's defaults; `runtime` must be given."""

    runtime: str | None = None
    model_type: str = "full"
    enable_smoothing: bool = True
    enable_segmentation: bool = False
    smooth_segmentation: bool = True

    def __post_init__(self) -> None:
        for name, choices in CHOICES.items():
            value = getattr(self, name)
            if value not in choices:
                raise ValueError(f"{_camel(name)} must be one of {list(choices)}, got {value!r}")
        for name in ("enable_smoothing", "enable_segmentation", "smooth_segmentation"):
            _check_switch(name, getattr(self, name))


@dataclass(frozen=True, slots=True)
class EstimationConfig:
    """What `estimate_poses` is asked for, with TF.js's defaults."""

    max_poses: int = 1
    flip_horizontal: bool = False

    def __post_init__(self) -> None:
        if self.max_poses != 1:
            raise ValueError(
                f"maxPoses must be 1, got {self.max_poses!r}: TF.js's BlazePose finds one person; "
                "vitruvian.PoseTracker(num_poses=...) finds more"
            )
        _check_switch("flip_horizontal", self.flip_horizontal)


def _check_switch(name: str, value: object) -> None:
    if not isinstance(value, bool):
        raise TypeError(f"{_camel(name)} must be True or False, got {value!r}")


def _camel(name: str) -> str:
    return re.sub("_([a-z])", lambda match: match[1].upper(), name)


def _spellings(*names: str) -> dict[str, str]:
    """Return the name of a field by each way to write it."""
    return {spelling: name for name in names for spelling in (_camel(name), name)}


MODEL_KEYS = _spellings(*(field.name for field in fields(ModelConfig)))
MODEL_KEYS_WITHOUT_EFFECT = _spellings("solution_path", "detector_model_url", "landmark_model_url")
ESTIMATION_KEYS = _spellings(*(field.name for field in fields(EstimationConfig)))
ESTIMATION_KEYS_WITHOUT_EFFECT = _spellings("runtime", "enable_smoothing")


def read_model_config(config: Mapping[str, Any] | None) -> ModelConfig:
    """Return the configuration of a detector.

    Raises
    ------
    ValueError, TypeError
        If a key is unknown, or a value is not one of those TF.js takes.
    """
    why = "the networks are this package's own"
    return ModelConfig(**_given(config, MODEL_KEYS, MODEL_KEYS_WITHOUT_EFFECT, why))


def read_estimation_config(config: Mapping[str, Any] | None) -> EstimationConfig:
    """Return the configuration of one estimate; raises as `read_model_config` does."""
    if config is None:
        return _ESTIMATION_DEFAULT
    why = "it belongs to createDetector"
    return EstimationConfig(**_given(config, ESTIMATION_KEYS, ESTIMATION_KEYS_WITHOUT_EFFECT, why))


_ESTIMATION_DEFAULT = EstimationConfig()


def _given(
    config: Mapping[str, Any] | None, known: Known, without_effect: Known, why: str
) -> dict[str, Any]:
    """Return the fields that have a value in `config`; None is none, as in JavaScript."""
    if config is not None and not isinstance(config, Mapping):
        raise TypeError(f"a configuration is a dictionary, got {type(config).__name__}")
    given: dict[str, Any] = {}
    for key, value in (config or {}).items():
        if key in without_effect:
            warnings.warn(f"{key!r} has no effect here: {why}", stacklevel=4)
        elif key not in known:
            keys = sorted(map(_camel, {*known.values(), *without_effect.values()}))
            raise ValueError(f"keys of a configuration are {keys}, got {key!r}")
        elif known[key] in given:
            raise ValueError(f"{_camel(known[key])} is given twice, in both spellings")
        elif value is not None:
            given[known[key]] = value
    return given
