"""PoseEstimator: the people of single images, without memory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.core.frame import Frame
from vitruvian.core.pose import Pose, PoseResult
from vitruvian.core.schema import QUANTITIES
from vitruvian.engine.inference_lock import InferenceLock
from vitruvian.engine.landmarker import RawPose
from vitruvian.engine.model import open_pipeline
from vitruvian.engine.options import Options
from vitruvian.engine.pipeline import passes_verification
from vitruvian.engine.provenance import provenance_of
from vitruvian.engine.rotation import turned_back, turned_upright
from vitruvian.media.image import load_image

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.core.provenance import Provenance
    from vitruvian.engine.pipeline import Pipeline, PipelineProvider, PoseEstimate
    from vitruvian.engine.timing import StageStats
    from vitruvian.media.source import Source

__all__ = ["PoseEstimator"]

ESTIMATED = tuple(q.name for q in QUANTITIES if q.name in RawPose.__dataclass_fields__)
"""The quantities that the networks give; others, such as `camera`, are added to a pose later."""


class PoseEstimator:
    """Finds the people in single images.

    Parameters
    ----------
    model : str, Path or Model
        "lite", "full" or "heavy", or the path of a .tflite landmark network or a .task bundle. Or
        a `Model`, which must be given without `backend`, `device`, `threads`, `precision` and
        `models_dir`, and which is not closed with the estimator.
    num_poses : int
        How many people to find at most, the most certain ones.
    segmentation : bool
        Whether each pose carries a mask.
    profile : str
        "default", or "solutions", "graph" or "tasks" for the numbers of a MediaPipe build.
    detection_confidence : float
        Least score of a detection, 0 to 1.
    presence_confidence : float
        Score the landmark network must exceed, 0 to 1.
    crop : str
        "letterbox": the detector sees the whole image; "center": the square in its middle, finer.
    backend : str
        "openvino" or "litert".
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
    An estimator may be used from several threads; their images are taken one after the other.

    Examples
    --------
    ``PoseEstimator("full").detect("photo.jpg").pose["nose"].x``
    """

    def __init__(  # noqa: PLR0913 - the options are the interface
        self,
        model: str | Path | PipelineProvider = "full",
        *,
        num_poses: int = 1,
        segmentation: bool = False,
        profile: str = "default",
        detection_confidence: float = 0.5,
        presence_confidence: float = 0.5,
        crop: str = "letterbox",
        backend: str = "openvino",
        device: str = "CPU",
        threads: int | None = None,
        precision: str = "exact",
        models_dir: str | Path | None = None,
    ) -> None:
        options = Options(
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
            segmentation=segmentation,
            crop=crop,
        )
        self._options = options
        self._pipeline: Pipeline = open_pipeline(options)
        self._lock = InferenceLock()

    def detect(
        self, image: str | Path | NDArray[np.uint8] | Frame, *, rotation_deg: int = 0
    ) -> PoseResult:
        """Return the people in an image; a result without poses where nobody is seen.

        Parameters
        ----------
        image : path, (H, W, 3) uint8 RGB array, or Frame
        rotation_deg : int
            How far the picture must be turned clockwise for people to stand upright, a multiple
            of 90. The answer is in the coordinates of the picture as it was given.

        Raises
        ------
        SourceError
            If the file is not an image.
        TypeError, ValueError
            If the array is not (H, W, 3) uint8.
        """
        if isinstance(image, (str, Path)):
            image = load_image(image)
        frame = image if isinstance(image, Frame) else Frame(image)
        upright = turned_upright(frame, rotation_deg)
        with self._lock:
            found = self._find(upright.image)
        return result_of(upright, ((estimate, None) for estimate in found), rotation_deg)

    def _find(self, image: NDArray[np.uint8]) -> list[PoseEstimate]:
        num_poses, duplicate_oks = self._options.num_poses, self._options.rules.duplicate_oks
        drops_duplicates = num_poses > 1 and duplicate_oks < 1
        candidates = self._pipeline.detect(image, low_scores=drops_duplicates)
        if not drops_duplicates:
            candidates = candidates[:num_poses]
        candidates = self._pipeline.refine_rois(image, candidates)
        confidence = self._options.detection_confidence
        kept: list[PoseEstimate] = []
        for estimate in self._pipeline.estimate(image, candidates):
            if (
                estimate is not None
                and passes_verification(estimate, confidence)
                and all(estimate.similarity(other) <= duplicate_oks for other in kept)
            ):
                kept.append(estimate)
        return kept[:num_poses]

    def provenance(self, source: Source | None = None) -> Provenance:
        """Return how results are made here, from frames of `source`: for `open_output`."""
        return provenance_of(self._pipeline, self._options, source)

    @property
    def stats(self) -> dict[str, StageStats]:
        """Times of each stage over its last 1000 runs."""
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
    upright: Frame, found: Iterable[tuple[PoseEstimate, int | None]], rotation_deg: int
) -> PoseResult:
    """Return poses with IDs, found in an upright frame, in the coordinates of the original one."""
    poses = tuple(_pose_of(estimate, track_id) for estimate, track_id in found)
    wh = upright.width, upright.height
    return turned_back(PoseResult(upright.index, upright.timestamp_us, *wh, poses), rotation_deg)


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
