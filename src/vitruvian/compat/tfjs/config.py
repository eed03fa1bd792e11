"""TF.js configuration objects: dictionaries with camelCase or snake_case keys, validated."""

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
    """Options of `create_detector`, with TF.js's defaults; `runtime` is required."""

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
            _check_bool(name, getattr(self, name))


@dataclass(frozen=True, slots=True)
class EstimationConfig:
    """Options of `estimate_poses`, with TF.js's defaults."""

    max_poses: int = 1
    flip_horizontal: bool = False

    def __post_init__(self) -> None:
        if self.max_poses != 1:
            raise ValueError(
                f"maxPoses must be 1, got {self.max_poses!r}: TF.js's BlazePose finds one person; "
                "for several people use vitruvian.PoseTracker(num_poses=...)"
            )
        _check_bool("flip_horizontal", self.flip_horizontal)


def _check_bool(name: str, value: object) -> None:
    if not isinstance(value, bool):
        raise TypeError(f"{_camel(name)} must be True or False, got {value!r}")


def _camel(name: str) -> str:
    return re.sub("_([a-z])", lambda match: match[1].upper(), name)


def _spellings(*names: str) -> dict[str, str]:
    """Return a mapping from the camelCase and the snake_case key to the field name."""
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
        If a key is unknown, or a value is not valid in TF.js.
    """
    why = "vitruvian uses its own model files"
    return ModelConfig(**_given(config, MODEL_KEYS, MODEL_KEYS_WITHOUT_EFFECT, why))


def read_estimation_config(config: Mapping[str, Any] | None) -> EstimationConfig:
    """Return the configuration of one call; raises like `read_model_config`."""
    if config is None:
        return _ESTIMATION_DEFAULT
    why = "it is an option of createDetector"
    return EstimationConfig(**_given(config, ESTIMATION_KEYS, ESTIMATION_KEYS_WITHOUT_EFFECT, why))


_ESTIMATION_DEFAULT = EstimationConfig()


def _given(
    config: Mapping[str, Any] | None, known: Known, without_effect: Known, why: str
) -> dict[str, Any]:
    """Return the fields that are set in `config`; None counts as not set, as in JavaScript."""
    if config is not None and not isinstance(config, Mapping):
        raise TypeError(f"config must be a dictionary, got {type(config).__name__}")
    given: dict[str, Any] = {}
    for key, value in (config or {}).items():
        if key in without_effect:
            warnings.warn(f"{key!r} has no effect here: {why}", stacklevel=4)
        elif key not in known:
            keys = sorted(map(_camel, {*known.values(), *without_effect.values()}))
            raise ValueError(f"config keys must be in {keys}, got {key!r}")
        elif known[key] in given:
            raise ValueError(f"{_camel(known[key])} is given twice, in both spellings")
        elif value is not None:
            given[known[key]] = value
    return given
