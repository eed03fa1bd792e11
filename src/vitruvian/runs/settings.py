"""Settings: what is done with every job of a run."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vitruvian.draw.style import Style

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is done with every job of a run: model, options, drawing, limits.

    Settings can be pickled, and two that are equal have the same `fingerprint`.

    Attributes
    ----------
    model : str or Path
        "lite", "full" or "heavy", or the path of a .tflite or .task file.
    options : dict
        Other keyword arguments of `PoseTracker`. Options that `PoseEstimator` does not have are
        not used for images.
    style : Style or None
        What is drawn on pictures and videos; None for the default style.
    rotation_deg : int
        Clockwise rotation of the picture that makes people upright: 0, 90, 180 or 270.
    limit : int or None
        Maximum number of frames of each input.
    realtime : bool
        Whether videos are played at their own rate, as if they came from a camera.

    Examples
    --------
    >>> Settings(options={"num_poses": 2}) == Settings(model="full", options={"num_poses": 2})
    True
    """

    model: str | Path = "full"
    options: Mapping[str, Any] = field(default_factory=dict)
    style: Style | None = None
    rotation_deg: int = 0
    limit: int | None = None
    realtime: bool = False

    def to_json(self) -> str:
        """Return the settings as canonical JSON: sorted keys, no spaces, ASCII only.

        Raises
        ------
        TypeError, ValueError
            If an option has no JSON form.
        """
        return json.dumps(
            asdict(self), sort_keys=True, separators=(",", ":"), allow_nan=False, default=os.fspath
        )

    @property
    def fingerprint(self) -> str:
        """SHA-256 of `to_json`, in hexadecimal."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    @property
    def threads(self) -> int | None:
        """Processor threads of the networks; None for all cores."""
        threads: int | None = self.options.get("threads")
        return threads
