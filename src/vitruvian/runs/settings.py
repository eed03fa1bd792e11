"""Settings: the options of every job of a run."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from vitruvian.engine.options import TrackerOptions

if TYPE_CHECKING:
    from vitruvian.draw.style import Style

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Options of every job of a run: tracking, drawing, limits.

    Settings can be pickled, and two that are equal have the same `fingerprint`.

    Attributes
    ----------
    options : TrackerOptions
        Model and options; for images, those of them that a `PoseEstimator` has.
    style : Style or None
        What is drawn on images and videos; None for the default style.
    rotation_deg : int
        Clockwise rotation of the image that makes people upright: 0, 90, 180 or 270.
    limit : int or None
        Maximum number of frames of each input.
    realtime : bool
        Whether videos are played at their own rate, as if they came from a camera.

    Examples
    --------
    >>> Settings(options=TrackerOptions("lite", num_poses=2)).options.num_poses
    2
    """

    options: TrackerOptions = field(default_factory=TrackerOptions)
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
