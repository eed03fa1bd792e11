"""PoseTracker: tracks people from frame to frame."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from vitruvian.core.frame import Frame
from vitruvian.engine.estimator import result_of
from vitruvian.engine.inference_lock import InferenceLock
from vitruvian.engine.model import open_pipeline
from vitruvian.engine.option_fields import described, takes, values_of
from vitruvian.engine.options import TrackerOptions
from vitruvian.engine.provenance import provenance_of
from vitruvian.engine.rotation import point_upright, turned_upright
from vitruvian.lift.depth import DepthPlacer
from vitruvian.media.image import load_image

if TYPE_CHECKING:
    from typing import Self

    from vitruvian.core.pose import PoseResult
    from vitruvian.engine.pipeline import Pipeline, PoseEstimate
    from vitruvian.engine.timing import StageStats
    from vitruvian.media.image import ImageLike

__all__ = ["PoseTracker"]

SINGLE_POSE = ("vitruvian.track.single_pose", "SinglePoseFollower")
MULTI_POSE = {  # Profile.multi_pose: (module, class); imported on first use
    "tasks": ("vitruvian.track.tasks_multi_pose", "TasksFollower"),
    "multi": ("vitruvian.track.multi_pose", "MultiPoseFollower"),
}


class Follower(Protocol):
    """Tracks people from frame to frame."""

    def follow(self, frame: Frame) -> list[tuple[PoseEstimate, int | None]]:
        """Return the people in the next frame with their IDs."""

    def mark_lost(self) -> None:
        """End the regions of all tracks: the detector runs on the next frame."""

    def resize(self, ratio: tuple[float, float]) -> None:
        """Prepare for a next frame that is `ratio` times as wide and as high as the last one."""


@described(TrackerOptions)
class PoseTracker:
    """Tracks the people of a video or camera; takes the options of `TrackerOptions`.

    The detector runs until a person is found. From then on the landmarks of a frame give the region
    of interest in the next, until the person is lost.

    `model` may also be a `Model`, which is shared with others and not closed here. It has its own
    `backend`, `device`, `threads`, `precision` and `models_dir`.

    Raises
    ------
    ValueError, TypeError
        If an option is out of range.
    ModelNotFoundError, ModelIntegrityError
        If a model file can't be found or fetched, or its digest is wrong.
    BackendUnavailableError
        If the runtime is not installed or the device does not exist.

    Notes
    -----
    Thread-safe: frames of several threads are processed one at a time.
    """

    @takes(TrackerOptions)
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._options = TrackerOptions(*args, **kwargs)
        self._pipeline: Pipeline = open_pipeline(self._options)
        self._provenance = provenance_of(self._pipeline, self._options)
        self._lock = InferenceLock()
        self.live_lock = Lock()  # held by the LiveStream that uses this tracker
        self.reset()

    @classmethod
    def from_options(cls, options: TrackerOptions) -> Self:
        """Return a tracker with these `options`."""
        return cls(**values_of(options, TrackerOptions))

    @property
    def options(self) -> TrackerOptions:
        """The options in use."""
        return self._options

    def reset(self) -> None:
        """Drop all tracks, filters and times: the state of a new tracker."""
        with self._lock:
            self._follower = _follower(self._pipeline, self._options)
            self._placer = DepthPlacer()
            self._image_wh: tuple[int, int] | None = None
            self._last_us: int | None = None
            self._frames = 0

    def note_gap(self) -> None:
        """Note that frames are missing before the next one: all tracks are lost.

        Filters are reset. People who are found again get their IDs back, where IDs are persistent.
        """
        with self._lock:
            self._follower.mark_lost()
            self._placer.reset()

    def update(
        self,
        frame: ImageLike,
        *,
        timestamp_us: int | None = None,
        rotation_deg: int = 0,
    ) -> PoseResult:
        """Return the people in the next frame; a result without poses if there are none.

        Parameters
        ----------
        frame : Frame; or path, bytes, binary file, Pillow image, PyAV frame, array or tensor
            Anything but a Frame is converted as by `vitruvian.load_image`. Arrays are RGB: uint8,
            uint16, or float from 0 to 1.
        timestamp_us : int
            Time of the image in µs; a Frame has its own.
        rotation_deg : int
            Clockwise rotation of the image that makes people upright, a multiple of 90. The result
            is in the coordinates of the image as given.

        Raises
        ------
        SourceError
            If a file is not an image.
        TypeError, ValueError
            If it is something else, or an array of another shape or type, if it has no time, or if
            the time is not later than that of the frame before.
        """
        with self._lock:
            frame = self._checked(frame, timestamp_us)
            upright = turned_upright(frame, rotation_deg)
            if self._last_us is None and self._options.follow is not None:
                wh = frame.width, frame.height
                point = point_upright(self._options.follow, wh, rotation_deg)
                self._follower = _follower(self._pipeline, replace(self._options, follow=point))
            self._last_us = frame.timestamp_us
            self._frames += 1
            image_wh = upright.width, upright.height
            if self._image_wh is not None and image_wh != self._image_wh:
                width, height = self._image_wh
                self._follower.resize((upright.width / width, upright.height / height))
            self._image_wh = image_wh
            people = self._follower.follow(upright)
            result = result_of(upright, people, rotation_deg, self._provenance)
            return self._placer.update(result, frame.depth)

    def _checked(self, frame: ImageLike, timestamp_us: int | None) -> Frame:
        if not isinstance(frame, Frame):
            if timestamp_us is None:
                raise ValueError("timestamp_us must be given with an image, got None")
            frame = Frame(load_image(frame), timestamp_us, self._frames)
        elif timestamp_us is not None:
            raise ValueError(f"a Frame has its own time, got timestamp_us={timestamp_us!r} too")
        if self._last_us is not None and frame.timestamp_us <= self._last_us:
            raise ValueError(
                f"timestamp_us must increase, got {frame.timestamp_us} after {self._last_us}"
            )
        return frame

    @property
    def stats(self) -> dict[str, StageStats]:
        """Times of each stage, over its last 1000 runs: `count`, `median_ms` and `p95_ms`."""
        return self._pipeline.timer.stats

    def close(self) -> None:
        """Release the networks, after the current frame is done.

        The networks of the process that were used last stay in memory for the next tracker.
        """
        with self._lock:
            self._pipeline.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _follower(pipeline: Pipeline, options: TrackerOptions) -> Follower:
    open_follower = getattr(pipeline, "open_follower", None)
    if open_follower is not None:  # a device that tracks by itself
        own: Follower = open_follower(options)
        return own
    rules, chosen = options.rules, SINGLE_POSE
    if rules.multi_pose is not None and (options.num_poses > 1 or rules.persistent_ids):
        chosen = MULTI_POSE[rules.multi_pose]
    module, cls = chosen
    follower: Follower = getattr(import_module(module), cls)(pipeline, options)
    return follower
