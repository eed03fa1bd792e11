"""LocalPipeline: the pipeline whose networks run in this process."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vitruvian.engine.detector import PersonDetector
from vitruvian.engine.landmarker import PoseLandmarker
from vitruvian.engine.pipeline import LOW_SCORE_RATIO, Candidate, PoseEstimate
from vitruvian.engine.timing import StageTimer
from vitruvian.engine.warp import roi_from_alignment

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.backends import Session
    from vitruvian.engine.pipeline import PipelineIdentity, PipelineOptions
    from vitruvian.engine.warp import Part

__all__ = ["LocalPipeline"]


class LocalPipeline:
    """The stages in this process.

    Parameters
    ----------
    detector, landmarker : Session
        The two networks. The landmark network has the mask output if `options` ask for masks.
    options : PipelineOptions
    identity : PipelineIdentity
        Names and digests of the networks.
    owner : object
        The model that the sessions belong to. It is kept until the pipeline is closed.
    """

    def __init__(
        self,
        detector: Session,
        landmarker: Session,
        options: PipelineOptions,
        *,
        identity: PipelineIdentity,
        owner: object = None,
    ) -> None:
        self.timer = StageTimer()
        self.identity = identity
        self._owner = owner
        self._options = options
        self._detector = PersonDetector(
            detector,
            self.timer,
            iou_threshold=options.profile.nms_iou,
            min_score=options.detection_confidence,
            center_only=options.crop == "center",
        )
        self._landmarker = PoseLandmarker(
            landmarker,
            self.timer,
            kernel=options.profile.heatmap_kernel,
            with_mask=options.segmentation,
        )

    def detect(
        self, image: NDArray[np.uint8], *, low_scores: bool = False, part: Part | None = None
    ) -> list[Candidate]:
        """Return the candidates that the detector finds, as `Pipeline.detect`."""
        image_wh = image.shape[1], image.shape[0]
        faint_score = LOW_SCORE_RATIO * self._options.detection_confidence if low_scores else None
        candidates = []
        for detection in self._detector.detect(image, faint_score=faint_score, part=part):
            roi = roi_from_alignment(detection.keypoints[:2], image_wh)
            if roi is not None:
                candidates.append(Candidate(roi, detection, part=part))
        return candidates

    def refine_rois(
        self, image: NDArray[np.uint8], candidates: Sequence[Candidate]
    ) -> list[Candidate]:
        """Return the candidates with refined regions, as `Pipeline.refine_rois`."""
        image_wh = image.shape[1], image.shape[0]
        for _ in range(self._options.profile.roi_refinements):
            rois = [candidate.roi for candidate in candidates]
            raws = self._landmarker.estimate_all(
                image, rois, self._options.presence_confidence, with_mask=False
            )
            candidates = [
                replace(
                    candidate,
                    roi=roi_from_alignment(raw.auxiliary[:, :2], image_wh) or candidate.roi,
                    first_pose=raw,
                )
                for candidate, raw in zip(candidates, raws, strict=True)
                if raw is not None
            ]
        return list(candidates)

    def estimate(
        self, image: NDArray[np.uint8], candidates: Sequence[Candidate]
    ) -> list[PoseEstimate | None]:
        """Return the pose in each candidate, as `Pipeline.estimate`."""
        rois = [candidate.roi for candidate in candidates]
        raws = self._landmarker.estimate_all(image, rois, self._options.presence_confidence)
        return [
            None if raw is None else PoseEstimate(raw, candidate)
            for raw, candidate in zip(raws, candidates, strict=True)
        ]

    def close(self) -> None:
        """Release the buffers of both networks."""
        self._detector.close()
        self._landmarker.close()
        self._owner = None
