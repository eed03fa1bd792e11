"""``mediapipe.python.solution_base``: base class of the solutions, and their results."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

import numpy as np  # noqa: TC002 - needed by get_type_hints
from numpy.typing import NDArray  # noqa: TC002

from vitruvian.compat.namespaces import not_covered
from vitruvian.compat.pickling import reference
from vitruvian.fork import ForkLock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Self

    from vitruvian.compat.mediapipe.framework.formats.landmark_pb2 import (
        LandmarkList,
        NormalizedLandmarkList,
    )
    from vitruvian.track.tracker import PoseTracker

__all__ = ["RGB_CHANNELS", "PacketDataType", "SolutionBase", "SolutionOutputs"]

RGB_CHANNELS = 3


class PacketDataType(Enum):
    """The types of a graph's inputs and outputs."""

    STRING = "string"
    BOOL = "bool"
    BOOL_LIST = "bool_list"
    INT = "int"
    INT_LIST = "int_list"
    FLOAT = "float"
    FLOAT_LIST = "float_list"
    AUDIO = "matrix"
    IMAGE = "image"
    IMAGE_LIST = "image_list"
    IMAGE_FRAME = "image_frame"
    PROTO = "proto"
    PROTO_LIST = "proto_list"


@dataclass(eq=False, repr=False)
class SolutionOutputs:
    """The pose in one image; every field is None if no person is detected.

    MediaPipe returns the class of a named tuple, whose attributes programs read and also set. This
    is an object with the same attributes; it unpacks like a named tuple.

    Attributes
    ----------
    pose_landmarks : NormalizedLandmarkList or None
        x / width, y / height, z / width, visibility.
    pose_world_landmarks : LandmarkList or None
        World coordinates in metres, origin at the midpoint of the hips; visibility.
    segmentation_mask : (H, W) float32 array or None
        Confidence that each pixel belongs to the person, 0 to 1; read-only. None also without
        `enable_segmentation`.
    """

    pose_landmarks: NormalizedLandmarkList | None = None
    pose_world_landmarks: LandmarkList | None = None
    segmentation_mask: NDArray[np.float32] | None = None

    _fields: ClassVar = ("pose_landmarks", "pose_world_landmarks", "segmentation_mask")

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what pickle needs; for MediaPipe, which has no such class, a named tuple."""
        named_tuple = namedtuple, ("SolutionOutputs", self._fields)
        return reference(type(self), named_tuple), tuple(self)

    def _asdict(self) -> dict[str, Any]:
        return dict(zip(self._fields, self, strict=True))

    def __iter__(self) -> Iterator[Any]:
        return (getattr(self, name) for name in self._fields)

    def __getitem__(self, index: int | slice) -> Any:
        return tuple(self)[index]

    def __len__(self) -> int:
        return len(self._fields)


class SolutionBase:
    """Base class of MediaPipe's solutions. Only `solutions.pose.Pose` is implemented.

    Raises
    ------
    NotImplementedError
        By the constructor of any other solution, and if the class is instantiated directly, to run
        a custom graph.
    """

    if TYPE_CHECKING:  # not an annotation of the class, so that get_type_hints works
        _graph: PoseTracker | None  # MediaPipe's name, None when closed: programs read it
    _instead: ClassVar[str] = ""  # what to use in its place

    def __init__(self, *_: object, **__: object) -> None:
        raise not_covered(type(self), self._instead)

    def _start(self, graph: PoseTracker) -> None:
        self._graph = graph
        self._simulated_timestamp = 0
        self._lock = ForkLock()

    def process(self, image: NDArray[np.uint8]) -> SolutionOutputs:
        """Return the result for an image; every solution that can be created has its own."""
        raise not_covered(type(self), self._instead)

    def close(self) -> None:
        """Release the networks, after the image in progress is finished.

        Raises
        ------
        ValueError
            If it is already closed.
        """
        with self._lock:
            if self._graph is None:
                raise ValueError("Closing SolutionBase._graph which is already None")
            self._graph.close()
            self._graph = None

    def reset(self) -> None:
        """Reset track and filters, but not the clock. No effect after `close`."""
        with self._lock:
            if self._graph is not None:
                self._graph.reset()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
