"""EdgeModel: mode "edge", in which the device finds and follows the person."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from vitruvian.core.roi import Roi
from vitruvian.engine.landmarker import decode_landmarks
from vitruvian.engine.pipeline import Candidate, PipelineIdentity, PoseEstimate
from vitruvian.engine.timing import StageTimer
from vitruvian.errors import InferenceError, ModelNotFoundError
from vitruvian.models.catalog import CATALOG, DETECTOR, LANDMARK_MODELS
from vitruvian.models.store import local_path
from vitruvian.oak.frame import OakFrame
from vitruvian.track.person_track import Track

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.core.frame import Frame
    from vitruvian.engine.options import TrackerOptions
    from vitruvian.engine.pipeline import PipelineOptions
    from vitruvian.engine.warp import Part
    from vitruvian.oak.options import OakOptions
    from vitruvian.oak.record import EdgeRecord

__all__ = [
    "EDGE_CHOICES",
    "EdgeFollower",
    "EdgeModel",
    "EdgePipeline",
    "check_edge_options",
    "estimate_of",
    "network_digest",
]

ON_DEVICE = (
    "detection_confidence", "presence_confidence", "tracking_confidence", "force_detection",
)  # fmt: skip
EDGE_CHOICES = {  # options of a tracker, and the values that mode "edge" can do
    "num_poses": (1,),
    "segmentation": (False,),
    "crop": ("letterbox",),
    "prefer": ("score",),
    "reach": ("auto", "normal"),
    "follow": (None,),
}


def check_edge_options(options: TrackerOptions) -> None:
    """Check that mode "edge" can do what the options of a tracker ask.

    Raises
    ------
    ValueError
        If it can't. The message names the option.
    """
    for name, allowed in EDGE_CHOICES.items():
        value = getattr(options, name)
        if value not in allowed:
            choices = " or ".join(map(repr, allowed))
            raise ValueError(
                f"{name} must be {choices} with an OAK camera in mode 'edge', got {value!r}: "
                "use mode 'host' or 'camera'"
            )


class EdgeModel:
    """The networks of an OAK camera in mode "edge", and the tracker that it contains.

    A `PoseTracker` made from it gives results for the frames of that camera only.

    Parameters
    ----------
    options : OakOptions
    tracker : TrackerOptions
        Those with which the script of the camera was made. Their model is "lite", "full" or
        "heavy".

    Attributes
    ----------
    identity : PipelineIdentity
        Names and digests of the networks. For a blob that `options` name it is that of the file.

    Raises
    ------
    ValueError
        If mode "edge" can't do what `tracker` asks.
    ModelNotFoundError
        If a blob does not exist.

    Notes
    -----
    Every profile is allowed, and gives the filters of the landmarks and the visibility. Its other
    parts need heat maps or the image, and have no effect:

    - Landmarks are not refined with heat maps, and `Pose.spread_px` is None.
    - The next region comes from landmarks that are not smoothed, as with profile "tasks".
    - There is no second look, and a person who returns has a new ID.
    """

    def __init__(self, options: OakOptions, tracker: TrackerOptions) -> None:
        check_edge_options(tracker)
        if tracker.model not in LANDMARK_MODELS:
            raise ValueError(
                f"model must be one of {list(LANDMARK_MODELS)} with an OAK camera, "
                f"got {tracker.model!r}: give a network of your own as landmark_blob"
            )
        self._tracker = tracker
        name = str(tracker.model)
        self.identity = PipelineIdentity(
            model=name if options.landmark_blob is None else Path(options.landmark_blob).stem,
            model_sha256=network_digest(name, options.landmark_blob, tracker.models_dir),
            detector_sha256=network_digest(DETECTOR, options.detector_blob, tracker.models_dir),
            target={"backend": "oak", "device": "edge", "threads": None, "precision": "float16"},
        )

    def open_pipeline(self, options: PipelineOptions) -> EdgePipeline:
        """Return a new pipeline, which tracks by itself; see `EdgePipeline.open_follower`."""
        return EdgePipeline(self.identity, self._tracker)

    def __repr__(self) -> str:
        return f"EdgeModel({self.identity.model!r})"


def network_digest(name: str, blob: str | Path | None, folder: str | Path | None) -> str:
    """Return the SHA-256 of a blob, or of the published network that it is made from."""
    path = local_path(name, folder=folder) if blob is None else Path(blob)
    if path is None:
        return CATALOG[name].sha256[0]
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as err:
        raise ModelNotFoundError(f"cannot read the network {str(path)!r}: {err.strerror}") from err


class EdgePipeline:
    """The pipeline of mode "edge": its stages run on the device, for the frames of its camera.

    Attributes
    ----------
    timer : StageTimer
        Times of the stages here: "decode" and "smooth".
    identity : PipelineIdentity
    """

    def __init__(self, identity: PipelineIdentity, tracker: TrackerOptions) -> None:
        self.timer = StageTimer()
        self.identity = identity
        self._tracker = tracker

    def open_follower(self, options: TrackerOptions) -> EdgeFollower:
        """Return a new follower of the person whom the device tracks.

        Raises
        ------
        ValueError
            If mode "edge" can't do what `options` ask, or if the device was started with others.
        """
        check_edge_options(options)
        for name in ON_DEVICE:
            started, wanted = getattr(self._tracker, name), getattr(options, name)
            if started != wanted:
                raise ValueError(
                    f"{name} must be {started!r}, with which the OAK camera was opened, "
                    f"got {wanted!r}"
                )
        return EdgeFollower(self.timer, options)

    def detect(
        self, image: NDArray[np.uint8], *, low_scores: bool = False, part: Part | None = None
    ) -> NoReturn:
        """Raise InferenceError: the detector runs on the device."""
        _refuse()

    def refine_rois(self, image: NDArray[np.uint8], candidates: Sequence[Candidate]) -> NoReturn:
        """Raise InferenceError: the landmark network runs on the device."""
        _refuse()

    def estimate(self, image: NDArray[np.uint8], candidates: Sequence[Candidate]) -> NoReturn:
        """Raise InferenceError: the landmark network runs on the device."""
        _refuse()

    def close(self) -> None:
        """Do nothing: the camera that holds the networks is closed by its owner."""


def _refuse() -> NoReturn:
    raise InferenceError(
        "an OAK camera in mode 'edge' estimates its own frames only: use mode 'host' for images"
    )


class EdgeFollower:
    """Smooths the poses that the device found, as `SinglePoseFollower` does.

    A frame without a record was not seen by a network; it has no pose, and the person stays
    tracked. The same holds for a frame in which the person was detected only.
    """

    def __init__(self, timer: StageTimer, options: TrackerOptions) -> None:
        self._timer = timer
        self._track = Track(-1, options)
        self._has_person = False

    def follow(self, frame: Frame) -> list[tuple[PoseEstimate, int | None]]:
        """Return the person in the next frame with their ID.

        Raises
        ------
        ValueError
            If it is not a frame of an OAK camera, or was rotated.
        """
        if not isinstance(frame, OakFrame):
            raise ValueError(
                "mode 'edge' tracks the frames of its OAK camera as they are, not rotated ones or "
                f"others, got {frame!r}: use mode 'host'"
            )
        record, wh = frame.record, (frame.width, frame.height)
        if record is None or record.is_pending:
            return []
        start = self._timer.start()
        estimate = estimate_of(record, wh)
        if estimate is None:
            self.mark_lost()
            return []
        start = self._timer.lap("decode", start)
        if not self._has_person:
            self._track.mark_lost()
            self._track.id += 1
        smooth = self._track.smoothed(estimate, frame.timestamp_us, wh)
        self._has_person = True
        self._timer.lap("smooth", start)
        return [(smooth, self._track.id)]

    def mark_lost(self) -> None:
        """End the track: no person is tracked into the next frame."""
        self._has_person = False
        self._track.mark_lost()

    def resize(self, ratio: tuple[float, float]) -> None:
        """Prepare for a next frame that is `ratio` times as wide and as high as the last one."""
        self._track.resize(ratio)


def estimate_of(record: EdgeRecord, image_wh: tuple[int, int]) -> PoseEstimate | None:
    """Return the pose in a record, not smoothed; None if there is none."""
    if record.landmarks is None or record.world is None:
        return None
    roi = Roi(record.center, (record.side, record.side), record.rotation)
    raw = decode_landmarks(record.landmarks, record.world, record.score, roi, image_wh)
    return PoseEstimate(raw, Candidate(roi))
