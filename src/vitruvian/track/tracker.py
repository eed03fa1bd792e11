"""PoseTracker: the people of a video, from frame to frame."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from vitruvian.core.frame import Frame
from vitruvian.engine.estimator import result_of
from vitruvian.engine.inference_lock import InferenceLock
from vitruvian.engine.model import open_pipeline
from vitruvian.engine.options import Options
from vitruvian.engine.provenance import provenance_of
from vitruvian.engine.rotation import turned_upright

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.core.pose import PoseResult
    from vitruvian.core.provenance import Provenance
    from vitruvian.engine.pipeline import Pipeline, PipelineProvider, PoseEstimate
    from vitruvian.engine.timing import StageStats
    from vitruvian.media.source import Source

__all__ = ["PoseTracker"]

FOLLOWERS = {  # name in a profile: (module, class); imported on first use
    "single": ("vitruvian.track.single_pose", "SinglePoseFollower"),
    "tasks": ("vitruvian.track.tasks_multi_pose", "TasksFollower"),
    "multi": ("vitruvian.track.multi_pose", "MultiPoseFollower"),
}


class Follower(Protocol):
    """Tracks people from frame to frame; one implementation for each kind of profile."""

    def follow(self, frame: Frame) -> list[tuple[PoseEstimate, int | None]]:
        """Return the people in the next frame with their IDs."""

    def mark_lost(self) -> None:
        """End all tracks: nobody is followed into the next frame."""

    def resize(self, ratio: tuple[float, float]) -> None:
        """Prepare for a next frame that is `ratio` times as wide and as high as the last one."""


class PoseTracker:
    """Follows the people of a video or camera.

    The detector runs until somebody is found; from then on each frame's landmarks say where to
    look in the next, until they are lost.

    Parameters
    ----------
    model : str, Path or Model
        "lite", "full" or "heavy", or the path of a .tflite landmark network or a .task bundle. Or
        a `Model`, which must be given without `backend`, `device`, `threads`, `precision` and
        `models_dir`, and which is not closed with the tracker.
    num_poses : int
        How many people to follow at most.
    smoothing : bool or float
        How much landmarks, world landmarks and visibility are smoothed over time: from 0, not at
        all, to 1, steadiest and latest. True is 0.5, in the profiles of MediaPipe as much as there.
    segmentation : bool
        Whether each pose carries a mask.
    profile : str
        "default"; "people" for ids that last with one person too; or "solutions", "graph" or
        "tasks" for the numbers of a MediaPipe build.
    backend : str
        "openvino" or "litert".
    detection_confidence : float
        Least score of a detection, 0 to 1.
    presence_confidence : float
        Score the landmark network must exceed for a pose to be reported, 0 to 1.
    tracking_confidence : float
        Score it must exceed for the person to be followed without a new detection, 0 to 1. With
        profile "tasks" and several people, as there: overlap of a detection and a person above
        which the detection takes over.
    smooth_segmentation : bool
        Whether masks are smoothed over time, in profiles that do so.
    force_detection : bool
        Whether the detector runs on every frame.
    crop : str
        "letterbox": the detector sees the whole image; "center": the square in its middle, finer.
    id_memory_s : float
        How long someone may be out of view and still get their id back, s; several people, or
        profile "people". Whose colours can't be compared, 2 s at most.
    appearance : bool
        Whether people are known again by the colours they wear as well; the same.
    device : str
        Where to compute: "CPU", and with OpenVINO also "GPU", "NPU", "AUTO".
    threads : int or None
        Processor threads; None for all cores.
    precision : str
        "exact": float32; "fast": mostly bf16 where the processor has it, with OpenVINO.
    models_dir : str or Path or None
        Folder with the model files; None for the environment's or the user's cache.

    Raises
    ------
    ValueError, TypeError
        If an option is out of range.
    ModelNotFoundError, ModelIntegrityError
        If a model file can't be had or is not what it should be.
    BackendUnavailableError
        If the runtime is not installed or the device is not there.

    Notes
    -----
    A tracker may be used from several threads; their frames are taken one after the other.
    """

    def __init__(  # noqa: PLR0913 - the options are the interface
        self,
        model: str | Path | PipelineProvider = "full",
        *,
        num_poses: int = 1,
        smoothing: bool | float = True,
        segmentation: bool = False,
        profile: str = "default",
        backend: str = "openvino",
        detection_confidence: float = 0.5,
        presence_confidence: float = 0.5,
        tracking_confidence: float = 0.5,
        smooth_segmentation: bool = True,
        force_detection: bool = False,
        crop: str = "letterbox",
        id_memory_s: float = 10.0,
        appearance: bool = True,
        device: str = "CPU",
        threads: int | None = None,
        precision: str = "exact",
        models_dir: str | Path | None = None,
    ) -> None:
        self._options = Options(
            model=model,
            num_poses=num_poses,
            models_dir=models_dir,
            profile=profile,
            backend=backend,
            device=device,
            threads=threads,
            precision=precision,
            detection_confidence=detection_confidence,
            presence_confidence=presence_confidence,
            tracking_confidence=tracking_confidence,
            smoothing=smoothing,
            segmentation=segmentation,
            smooth_segmentation=smooth_segmentation,
            force_detection=force_detection,
            crop=crop,
            id_memory_s=id_memory_s,
            appearance=appearance,
        )
        self._pipeline: Pipeline = open_pipeline(self._options)
        self._lock = InferenceLock()
        self.reset()

    def reset(self) -> None:
        """Forget the people, the filters and the time, as a new tracker."""
        with self._lock:
            self._follower = _follower(self._pipeline, self._options)
            self._image_wh: tuple[int, int] | None = None
            self._last_us: int | None = None
            self._frames = 0

    def note_gap(self) -> None:
        """Note that frames are missing before the next one: nobody is followed across.

        Filters begin anew. Whoever is seen again in time gets their id back, where ids last.
        """
        with self._lock:
            self._follower.mark_lost()

    def update(
        self,
        frame: Frame | NDArray[np.uint8],
        *,
        timestamp_us: int | None = None,
        rotation_deg: int = 0,
    ) -> PoseResult:
        """Return the people in the next frame; a result without poses where nobody is seen.

        Parameters
        ----------
        frame : Frame, or (H, W, 3) uint8 RGB array
        timestamp_us : int
            Time of an array in µs; a Frame has its own.
        rotation_deg : int
            How far the picture must be turned clockwise for people to stand upright, a multiple
            of 90. The answer is in the coordinates of the picture as it was given.

        Raises
        ------
        TypeError, ValueError
            If the array is not (H, W, 3) uint8, if it has no time, or if the time is not later
            than that of the frame before.
        """
        with self._lock:
            frame = self._checked(frame, timestamp_us)
            upright = turned_upright(frame, rotation_deg)
            self._last_us = frame.timestamp_us
            self._frames += 1
            image_wh = upright.width, upright.height
            if self._image_wh is not None and image_wh != self._image_wh:
                width, height = self._image_wh
                self._follower.resize((upright.width / width, upright.height / height))
            self._image_wh = image_wh
            people = self._follower.follow(upright)
        return result_of(upright, people, rotation_deg)

    def _checked(self, frame: Frame | NDArray[np.uint8], timestamp_us: int | None) -> Frame:
        if not isinstance(frame, Frame):
            if timestamp_us is None:
                raise ValueError("timestamp_us must be given with an array, got None")
            frame = Frame(frame, timestamp_us, self._frames)
        elif timestamp_us is not None:
            raise ValueError(f"a Frame has its own time, got timestamp_us={timestamp_us!r} too")
        if self._last_us is not None and frame.timestamp_us <= self._last_us:
            raise ValueError(
                f"timestamp_us must increase, got {frame.timestamp_us} after {self._last_us}"
            )
        return frame

    def provenance(self, source: Source | None = None) -> Provenance:
        """Return how results are made here, from frames of `source`: for `open_output`."""
        return provenance_of(self._pipeline, self._options, source)

    @property
    def stats(self) -> dict[str, StageStats]:
        """Times of each stage over its last 1000 runs."""
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


def _follower(pipeline: Pipeline, options: Options) -> Follower:
    rules = options.rules
    is_single = options.num_poses == 1 or rules.multi_pose is None
    module, cls = FOLLOWERS[rules.single_pose if is_single else str(rules.multi_pose)]
    follower: Follower = getattr(import_module(module), cls)(pipeline, options)
    return follower
