"""PoseEstimator: finds people in single images."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vitruvian.core.frame import Frame
from vitruvian.core.pose import Pose, PoseResult
from vitruvian.core.schema import QUANTITIES
from vitruvian.engine.inference_lock import InferenceLock
from vitruvian.engine.landmarker import RawPose
from vitruvian.engine.model import open_pipeline
from vitruvian.engine.option_fields import described, takes, values_of
from vitruvian.engine.options import EstimatorOptions
from vitruvian.engine.provenance import provenance_of
from vitruvian.engine.rotation import turned_back, turned_upright
from vitruvian.engine.search import people_in_image
from vitruvian.engine.second_look import looked_again
from vitruvian.engine.visibility import calibrated_visibility
from vitruvian.lift.depth import DepthPlacer
from vitruvian.media.image import load_image

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from vitruvian.core.provenance import Provenance
    from vitruvian.engine.pipeline import Pipeline, PoseEstimate
    from vitruvian.engine.timing import StageStats
    from vitruvian.media.image import ImageLike

__all__ = ["PoseEstimator"]

ESTIMATED = tuple(q.name for q in QUANTITIES if q.name in RawPose.__dataclass_fields__)
"""The quantities that the networks give; others, such as `camera`, are added to a pose later."""


@described(EstimatorOptions)
class PoseEstimator:
    """Finds the people in single images; takes the options of `EstimatorOptions`.

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
    Thread-safe: images of several threads are processed one at a time.

    Examples
    --------
    ``PoseEstimator("full").detect("photo.jpg").pose["nose"].x``
    """

    @takes(EstimatorOptions)
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._options = EstimatorOptions(*args, **kwargs)
        self._pipeline: Pipeline = open_pipeline(self._options)
        self._provenance = provenance_of(self._pipeline, self._options)
        self._lock = InferenceLock()

    @classmethod
    def from_options(cls, options: EstimatorOptions) -> Self:
        """Return an estimator with these `options`; those of a tracker are accepted, too."""
        return cls(**values_of(options, EstimatorOptions))

    @property
    def options(self) -> EstimatorOptions:
        """The options in use."""
        return self._options

    def detect(self, image: ImageLike, *, rotation_deg: int = 0) -> PoseResult:
        """Return the people in an image; a result without poses if there are none.

        Parameters
        ----------
        image : path, bytes, binary file, Pillow image, PyAV frame, array, tensor, or Frame
            Converted as by `vitruvian.load_image`. Arrays are RGB: uint8, uint16, or float from 0
            to 1. Of a file with several pictures, the main or first one is used.
        rotation_deg : int
            Clockwise rotation of the image that makes people upright, a multiple of 90. The result
            is in the coordinates of the image as given.

        Raises
        ------
        SourceError
            If the file is not an image.
        TypeError, ValueError
            If it is something else, or an array of another shape or type.
        """
        frame = image if isinstance(image, Frame) else Frame(load_image(image))
        upright = turned_upright(frame, rotation_deg)
        with self._lock:
            found = people_in_image(self._pipeline, upright.image, self._options)
            if self._options.rules.second_look:
                found = looked_again(self._pipeline, upright.image, found)
        if self._options.rules.calibrated_visibility:
            found = [_calibrated(estimate, (upright.width, upright.height)) for estimate in found]
        people = ((estimate, None) for estimate in found)
        result = result_of(upright, people, rotation_deg, self._provenance)
        return DepthPlacer().update(result, frame.depth)

    @property
    def stats(self) -> dict[str, StageStats]:
        """Times of each stage, over its last 1000 runs: `count`, `median_ms` and `p95_ms`."""
        return self._pipeline.timer.stats

    def close(self) -> None:
        """Release the networks, after the current image is done.

        The networks of the process that were used last stay in memory for the next estimator.
        """
        with self._lock:
            self._pipeline.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def result_of(
    upright: Frame,
    found: Iterable[tuple[PoseEstimate, int | None]],
    rotation_deg: int,
    provenance: Provenance,
) -> PoseResult:
    """Return poses with IDs, found in an upright frame, in the coordinates of the original one."""
    poses = tuple(_pose_of(estimate, track_id) for estimate, track_id in found)
    wh = upright.width, upright.height
    result = PoseResult(upright.index, upright.timestamp_us, *wh, poses, provenance)
    return turned_back(result, rotation_deg)


def _calibrated(estimate: PoseEstimate, image_wh: tuple[int, int]) -> PoseEstimate:
    visibility = calibrated_visibility(estimate.raw, estimate.candidate.roi, image_wh)
    return replace(estimate, raw=replace(estimate.raw, visibility=visibility))


def _pose_of(estimate: PoseEstimate, track_id: int | None) -> Pose:
    raw, candidate = estimate.raw, estimate.candidate
    return Pose(
        **{name: getattr(raw, name) for name in ESTIMATED},
        roi=candidate.roi,
        score=raw.score,
        detection=candidate.detection,
        mask=raw.mask,
        id=track_id,
    )
