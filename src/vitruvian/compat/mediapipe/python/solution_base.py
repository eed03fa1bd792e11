"""``mediapipe.python.solution_base``: what a solution and its results are."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Self

    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.compat.mediapipe.framework.formats.landmark_pb2 import (
        LandmarkList,
        NormalizedLandmarkList,
    )
    from vitruvian.track.tracker import PoseTracker

__all__ = ["SolutionBase", "SolutionOutputs"]


@dataclass(eq=False, repr=False)
class SolutionOutputs:
    """The pose in one image; every field is None where nobody is seen.

    MediaPipe returns a named tuple's class, with attributes that programs read and also set. This
    is an object with the same attributes, which unpacks like a named tuple.

    Attributes
    ----------
    pose_landmarks : NormalizedLandmarkList or None
        x / width, y / height, z / width, visibility.
    pose_world_landmarks : LandmarkList or None
        Metres from the middle of the hips, visibility.
    segmentation_mask : (H, W) float32 array or None
        How likely each pixel shows the person, 0 to 1; read-only; None also if not asked for.
    """

    pose_landmarks: NormalizedLandmarkList | None = None
    pose_world_landmarks: LandmarkList | None = None
    segmentation_mask: NDArray[np.float32] | None = None

    _fields: ClassVar = ("pose_landmarks", "pose_world_landmarks", "segmentation_mask")

    def _asdict(self) -> dict[str, Any]:
        return dict(zip(self._fields, self, strict=True))

    def __iter__(self) -> Iterator[Any]:
        return (getattr(self, name) for name in self._fields)

    def __getitem__(self, index: int | slice) -> Any:
        return tuple(self)[index]

    def __len__(self) -> int:
        return len(self._fields)


class SolutionBase:
    """What MediaPipe's solutions have in common, of which pose is the only one here.

    Raises
    ------
    NotImplementedError
        If it is made to run a graph of one's own.
    """

    _graph: PoseTracker | None  # named and None when closed as in MediaPipe: programs look at it

    def __init__(self, *_: object, **graph: object) -> None:
        asked = ", ".join(graph) or "no options"
        raise NotImplementedError(
            f"vitruvian runs MediaPipe's pose graph only, as solutions.pose.Pose: "
            f"got SolutionBase with {asked}"
        )

    def _start(self, graph: PoseTracker) -> None:
        self._graph = graph
        self._simulated_timestamp = 0
        self._lock = Lock()

    def close(self) -> None:
        """Free the networks, once the image in work is done.

        Raises
        ------
        ValueError
            If it is closed already.
        """
        with self._lock:
            if self._graph is None:
                raise ValueError("Closing SolutionBase._graph which is already None")
            self._graph.close()
            self._graph = None

    def reset(self) -> None:
        """Forget the person and the filters; the clock goes on. Nothing happens once closed."""
        with self._lock:
            if self._graph is not None:
                self._graph.reset()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
