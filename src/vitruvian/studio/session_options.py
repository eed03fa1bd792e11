"""SessionOptions: the options of a live session or a job, as a client gives them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from vitruvian.engine.option_fields import json_value, option_fields, values_of
from vitruvian.engine.options import TrackerOptions
from vitruvian.models.catalog import LANDMARK_MODELS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SessionOptions"]

_OF_THE_SERVER = ("models_dir",)  # a path: never from a client


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """Options of a live session or a job.

    Attributes
    ----------
    tracker : TrackerOptions
    camera_space : bool
        Whether people are placed in front of the camera: `Pose.camera`.
    """

    tracker: TrackerOptions
    camera_space: bool = False

    def changed(self, changes: Mapping[str, Any]) -> SessionOptions:
        """Return the options with changes of a client.

        Raises
        ------
        ValueError, TypeError
            If an option is unknown, out of range, or not for clients: files are not opened for
            them.
        """
        rest = dict(changes)
        camera_space = rest.pop("camera_space", self.camera_space)
        if not isinstance(camera_space, bool):
            raise TypeError(f"camera_space must be True or False, got {camera_space!r:.40}")
        return SessionOptions(_changed(self.tracker, rest), camera_space)

    def to_dict(self) -> dict[str, Any]:
        """Return the values as they stand in JSON, without paths of the server."""
        values = {
            name: json_value(value)
            for name, value in values_of(self.tracker, TrackerOptions).items()
            if name not in _OF_THE_SERVER
        }
        return values | {"camera_space": self.camera_space}


def _changed(options: TrackerOptions, changes: Mapping[str, Any]) -> TrackerOptions:
    known = [field.name for field in option_fields(TrackerOptions)]
    for name, value in changes.items():
        if name not in known or name in _OF_THE_SERVER:
            raise ValueError(f"an option must be one of {sorted(known)}, got {name!r:.40}")
        if name == "model" and value not in (*LANDMARK_MODELS, options.model):
            raise ValueError(f"model must be one of {sorted(LANDMARK_MODELS)}, got {value!r:.40}")
    return replace(options, **changes)
