"""PoseTracker: the person of a video, from frame to frame."""

from __future__ import annotations

from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING

from vitruvian.core.frame import Frame
from vitruvian.engine.estimator import pose_of, result_of
from vitruvian.engine.options import Options
from vitruvian.engine.pipeline import Person, Pipeline
from vitruvian.engine.profile import profile_named
from vitruvian.engine.rotation import turned_upright
from vitruvian.engine.segmentation import MaskSmoother
from vitruvian.engine.smoothing import PoseSmoother, RoiSmoother
from vitruvian.engine.warp import alignment_side, roi_from_alignment

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.core.pose import Pose, PoseResult
    from vitruvian.core.roi import Roi
    from vitruvian.engine.timing import StageStats

__all__ = ["PoseTracker"]


class PoseTracker:
    """Follows the person of a video or camera.

    The detector runs until somebody is found; from then on each frame's landmarks say where to
    look in the next, until they are lost.

    Parameters
    ----------
    model : str or Path
        "lite", "full" or "heavy", or the path of a .tflite landmark network or a .task bundle.
    smoothing : bool
        Whether landmarks, world landmarks and visibility are smoothed over time.
    segmentation : bool
        Whether each pose carries a mask.
    profile : str
        "default", or "solutions", "graph" or "tasks" for the numbers of a MediaPipe build.
    backend : str
        "openvino" or "litert".
    detection_confidence : float
        Least score of a detection, 0 to 1.
    presence_confidence : float
        Score the landmark network must exceed for a pose to be reported, 0 to 1.
    tracking_confidence : float
        Score it must exceed for the person to be followed without a new detection, 0 to 1.
    smooth_segmentation : bool
        Whether masks are smoothed over time, in profiles that do so.
    force_detection : bool
        Whether the detector runs on every frame.
    crop : str
        "letterbox": the detector sees the whole image; "center": the square in its middle, finer.
    device : str
        Where to compute: "CPU", and with OpenVINO also "GPU", "NPU", "AUTO".
    threads : int or None
        Processor threads; None for all cores.
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
        model: str | Path = "full",
        *,
        smoothing: bool = True,
        segmentation: bool = False,
        profile: str = "default",
        backend: str = "openvino",
        detection_confidence: float = 0.5,
        presence_confidence: float = 0.5,
        tracking_confidence: float = 0.5,
        smooth_segmentation: bool = True,
        force_detection: bool = False,
        crop: str = "letterbox",
        device: str = "CPU",
        threads: int | None = None,
        models_dir: str | Path | None = None,
    ) -> None:
        self._options = Options(
            model=model,
            models_dir=models_dir,
            profile=profile,
            backend=backend,
            device=device,
            threads=threads,
            detection_confidence=detection_confidence,
            presence_confidence=presence_confidence,
            tracking_confidence=tracking_confidence,
            smoothing=smoothing,
            segmentation=segmentation,
            smooth_segmentation=smooth_segmentation,
            force_detection=force_detection,
            crop=crop,
        )
        self._profile = profile_named(profile)
        self._pipeline = Pipeline(self._options)
        self._lock = Lock()
        self.reset()

    def reset(self) -> None:
        """Forget the person, the filters and the time, as a new tracker."""
        with self._lock:
            self._pose_smoother = PoseSmoother(self._profile)
            self._roi_smoother = RoiSmoother()
            ratio = self._profile.mask_smoothing if self._options.smooth_segmentation else 0.0
            self._mask_smoother = MaskSmoother(ratio)
            self._roi: Roi | None = None
            self._image_wh: tuple[int, int] | None = None
            self._last_us: int | None = None
            self._frames = 0
            self._id = -1
            self._has_person = False

    def update(
        self,
        frame: Frame | NDArray[np.uint8],
        *,
        timestamp_us: int | None = None,
        rotation_deg: int = 0,
    ) -> PoseResult:
        """Return the person in the next frame; a result without poses where nobody is seen.

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
            pose = self._follow(upright)
        return result_of(upright, pose, rotation_deg)

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

    def _follow(self, frame: Frame) -> Pose | None:
        image_wh = frame.width, frame.height
        if image_wh != self._image_wh:
            self._image_wh = image_wh
            self._lose()
        person = self._look(frame.image)
        if person is None:
            self._lose()
            return None
        if not self._has_person:
            self._has_person = True
            self._id += 1
        start = self._pipeline.timer.start()
        smooth = self._smoothed(person, frame.timestamp_us, image_wh)
        self._pipeline.timer.lap("smooth", start)
        return pose_of(smooth, self._id)

    def _look(self, image: NDArray[np.uint8]) -> Person | None:
        if self._roi is None or self._options.force_detection:
            return self._pipeline.find(image, is_new=self._roi is None)
        person = self._pipeline.locate(image, self._roi)
        if person is not None or not self._profile.retry_detection:
            return person
        self._lose()  # whoever is found now may be somebody else
        return self._pipeline.find(image)

    def _smoothed(self, person: Person, timestamp_us: int, image_wh: tuple[int, int]) -> Person:
        raw = person.raw
        auxiliary = raw.auxiliary[:, :2]
        size_px = alignment_side(auxiliary) * self._profile.object_scale
        if self._profile.smooth_roi:
            auxiliary = self._roi_smoother(auxiliary, timestamp_us, size_px)
        followed = raw.score > self._options.tracking_confidence
        self._roi = roi_from_alignment(auxiliary, image_wh) if followed else None
        if self._options.smoothing:
            raw = self._pose_smoother(raw, timestamp_us, size_px)
        if raw.mask is not None:
            raw = replace(raw, mask=self._mask_smoother(raw.mask))
        return replace(person, raw=raw)

    def _lose(self) -> None:
        self._roi = None
        self._has_person = False
        self._roi_smoother.reset()
        self._pose_smoother.lost()
        if self._profile.reset_all_filters:
            self._mask_smoother.reset()

    @property
    def stats(self) -> dict[str, StageStats]:
        """Times of each stage over its last 1000 runs."""
        return self._pipeline.timer.stats

    def close(self) -> None:
        """Free the networks, once the frame in work is done."""
        with self._lock:
            self._pipeline.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
