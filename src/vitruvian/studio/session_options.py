"""SessionOptions: the options of a live session, as a client gives them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vitruvian.engine.option_fields import json_value, values_of
from vitruvian.studio.tracking_options import tracker_options

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitruvian.engine.options import TrackerOptions

__all__ = ["SessionOptions"]


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """Options of a live session.

    Attributes
    ----------
    defaults : TrackerOptions
        Those of the server.
    given : mapping
        What the client has changed: options of `PoseTracker`, and `camera_space`.
    tracker : TrackerOptions
        The options in use.
    camera_space : bool
        Whether people are placed in front of the camera: `Pose.camera`.

    Raises
    ------
    ValueError, TypeError
        If an option is unknown, may not be changed, or has a wrong value.
    """

    defaults: TrackerOptions
    given: Mapping[str, Any] = field(default_factory=dict)
    tracker: TrackerOptions = field(init=False)
    camera_space: bool = field(init=False)

    def __post_init__(self) -> None:
        given = dict(self.given)
        camera_space = given.pop("camera_space", False)
        if not isinstance(camera_space, bool):
            raise TypeError(f"camera_space must be True or False, got {camera_space!r:.40}")
        object.__setattr__(self, "camera_space", camera_space)
        object.__setattr__(self, "tracker", tracker_options(self.defaults, given))

    def changed(self, changes: Mapping[str, Any]) -> SessionOptions:
        """Return the options with further changes."""
        return SessionOptions(self.defaults, {**self.given, **changes})

    def to_dict(self) -> dict[str, Any]:
        """Return the values as they stand in JSON."""
        values = {name: json_value(value) for name, value in values_of(self.tracker).items()}
        return values | {"camera_space": self.camera_space}
