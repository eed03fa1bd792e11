"""``VisionTaskRunningMode``: single images, a video, or a live stream."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from vitruvian.compat.pickling import reference

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["VisionTaskRunningMode", "validate_running_mode"]


class VisionTaskRunningMode(Enum):
    """Input of a task: single images, the frames of a video, or a live stream.

    A name is accepted in place of a member, in upper or lower case: ``running_mode="video"``.
    """

    IMAGE = "IMAGE"
    VIDEO = "VIDEO"
    LIVE_STREAM = "LIVE_STREAM"

    @classmethod
    def _missing_(cls, value: object) -> VisionTaskRunningMode | None:
        """Return the member of a name; None for no name, for which ValueError is raised."""
        name = value.upper().replace(" ", "_") if isinstance(value, str) else ""
        return cls.__members__.get(name)

    def __reduce_ex__(self, proto: object) -> tuple[Any, ...]:
        """Return what pickle needs."""
        return reference(type(self)), (self.value,)


def validate_running_mode(
    running_mode: VisionTaskRunningMode, packet_callback: Callable[..., object] | None = None
) -> None:
    """Raise ValueError unless a callback is given in live-stream mode, and only in that mode."""
    if running_mode is VisionTaskRunningMode.LIVE_STREAM:
        if packet_callback is None:
            raise ValueError(
                "The vision task is in live stream mode, a user-defined result callback must be "
                "provided."
            )
    elif packet_callback:
        raise ValueError(
            "The vision task is in image or video mode, a user-defined result callback should not "
            "be provided."
        )
