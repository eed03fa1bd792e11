"""Options of estimators and trackers: frozen values, checked when they are made."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path  # noqa: TC003 - the annotations are evaluated
from typing import Annotated

from vitruvian.backends import BACKENDS, PRECISIONS
from vitruvian.engine.model_like import ModelLike  # noqa: TC001 - likewise
from vitruvian.engine.option_fields import Option, described, option_fields
from vitruvian.engine.profile import PROFILES, Profile

__all__ = ["EstimatorOptions", "TrackerOptions"]


@described()
@dataclass(frozen=True, slots=True, kw_only=True)
class EstimatorOptions:
    """Options of a `PoseEstimator`, checked when they are made.

    Raises
    ------
    TypeError
        If a value is of another type.
    ValueError
        If a value is out of range.

    Examples
    --------
    >>> from dataclasses import replace
    >>> options = EstimatorOptions("lite", num_poses=4)
    >>> replace(options, segmentation=True).num_poses
    4
    """

    model: Annotated[
        str | Path | ModelLike,
        Option("lite, full or heavy, or the path of a .tflite landmark network or .task bundle."),
    ] = field(default="full", kw_only=False)
    num_poses: Annotated[int, Option("Maximum number of people to find.", low=1)] = 1
    segmentation: Annotated[bool, Option("Compute a mask for each person.")] = False
    profile: Annotated[
        str,
        Option(
            "Set of parameters: default, or that of a MediaPipe build.", choices=tuple(PROFILES)
        ),
    ] = "default"
    detection_confidence: Annotated[
        float, Option("Minimum score of a detection.", low=0, high=1)
    ] = 0.5
    presence_confidence: Annotated[
        float, Option("Score that a pose must exceed to be returned.", low=0, high=1)
    ] = 0.5
    crop: Annotated[
        str,
        Option(
            "What the detector sees: the whole image, or its central square at a higher "
            "resolution.",
            choices=("letterbox", "center"),
        ),
    ] = "letterbox"
    reach: Annotated[
        str,
        Option(
            "How far people are found: normal searches the whole image at once, far also parts of "
            "it, for small people. auto is far, but normal with a profile of MediaPipe or with "
            "crop center.",
            choices=("auto", "normal", "far"),
        ),
    ] = "auto"
    prefer: Annotated[
        str,
        Option(
            "Which people to choose if there are more than num_poses: those with the highest "
            "detection score, the largest, those nearest to the center of the image, or those who "
            "were found first in a video.",
            choices=("score", "largest", "center", "first"),
        ),
    ] = "score"
    backend: Annotated[str, Option("Inference runtime.", choices=tuple(BACKENDS))] = "openvino"
    device: Annotated[
        str, Option("Device for inference: CPU; with OpenVINO also GPU, NPU or AUTO.")
    ] = "CPU"
    threads: Annotated[
        int | None, Option("Number of processor threads. By default all cores.", low=1)
    ] = None
    precision: Annotated[
        str,
        Option(
            "exact is float32; fast is mostly bf16, with OpenVINO on processors that have it.",
            choices=PRECISIONS,
        ),
    ] = "exact"
    models_dir: Annotated[
        str | Path | None,
        Option(
            "Folder to look for model files in first. By default the environment variable "
            "VITRUVIAN_MODELS."
        ),
    ] = None

    @property
    def rules(self) -> Profile:
        """The values of the profile."""
        return PROFILES[self.profile]

    @property
    def has_far_reach(self) -> bool:
        """Whether parts of the image are searched, too: `reach`, with "auto" decided."""
        return self.reach == "far" or (self.reach == "auto" and self._has_tiles)

    @property
    def _has_tiles(self) -> bool:
        return self.rules.tries_all and self.crop == "letterbox"

    def __post_init__(self) -> None:
        cls: type = type(self)
        for option in option_fields(cls):
            value = option.checked(getattr(self, option.name))
            object.__setattr__(self, option.name, value)
        if self.num_poses > 1 and self.rules.multi_pose is None:
            usable = [name for name, profile in PROFILES.items() if profile.multi_pose]
            raise ValueError(
                f"profile must be one of {usable} for several people, got {self.profile!r}"
            )
        if self.prefer != "score" and not self.rules.tries_all:
            raise ValueError(
                f"prefer must be 'score' with a profile of MediaPipe, got {self.prefer!r} with "
                f"profile {self.profile!r}"
            )
        if self.reach == "far" and not self._has_tiles:
            raise ValueError(
                "reach must be 'normal' or 'auto' with a profile of MediaPipe or with crop "
                f"'center', got 'far' with profile {self.profile!r} and crop {self.crop!r}"
            )


@described()
@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerOptions(EstimatorOptions):
    """Options of a `PoseTracker`, checked when they are made: those of an estimator and more.

    Raises
    ------
    TypeError
        If a value is of another type.
    ValueError
        If a value is out of range.
    """

    smoothing: Annotated[
        float,
        Option(
            "How strongly landmarks, world landmarks and visibility are smoothed over time: 0 is "
            "not at all, 1 has the least jitter and the highest lag.",
            low=0,
            high=1,
            bool_hint="use 0.5 for True, 0 for False",
        ),
    ] = 0.5
    smooth_segmentation: Annotated[
        bool, Option("Smooth masks over time, in profiles that do so.")
    ] = True
    tracking_confidence: Annotated[
        float,
        Option(
            "Score that a pose must exceed to be tracked into the next frame without a new "
            "detection.",
            low=0,
            high=1,
        ),
    ] = 0.5
    association_iou: Annotated[
        float,
        Option(
            "With profile tasks and several people: IoU above which a detection replaces a "
            "tracked region.",
            low=0,
            high=1,
        ),
    ] = 0.5
    force_detection: Annotated[bool, Option("Run the detector on every frame.")] = False
    id_memory_s: Annotated[
        float,
        Option(
            "How long a person can be out of view and get the same ID back; 2 s at most where "
            "clothing colours can't be compared.",
            low=0,
            unit="s",
        ),
    ] = 10.0
    appearance: Annotated[bool, Option("Re-identify people by clothing colours as well.")] = True
    follow: Annotated[
        tuple[float, float] | None,
        Option(
            "A point, x and y, on the person to track in the first frame; for num_poses 1. Nobody "
            "else is tracked.",
            unit="px",
        ),
    ] = None

    def __post_init__(self) -> None:
        EstimatorOptions.__post_init__(self)
        if self.follow is not None and (self.num_poses > 1 or not self.rules.tries_all):
            raise ValueError(
                "follow must be None with several people or with a profile of MediaPipe, got "
                f"{self.follow!r} with num_poses={self.num_poses} and profile {self.profile!r}"
            )

    @property
    def keeps_first(self) -> bool:
        """Whether only the people who were found first are tracked, until they are forgotten."""
        return self.prefer == "first" or self.follow is not None
