"""LocalPipeline: the pipeline whose networks run in this process."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.backends import Network, open_session
from vitruvian.engine.detector import (
    DETECTOR_OUTPUTS,
    DETECTOR_RANGE,
    DETECTOR_SIDE,
    PersonDetector,
)
from vitruvian.engine.landmarker import (
    LANDMARKER_OUTPUTS,
    LANDMARKER_RANGE,
    LANDMARKER_SIDE,
    MASK_OUTPUT,
    PoseLandmarker,
)
from vitruvian.engine.pipeline import LOW_SCORE_RATIO, Candidate, PoseEstimate
from vitruvian.engine.timing import StageTimer
from vitruvian.engine.warp import roi_from_alignment
from vitruvian.models.store import find_models

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.backends import Session
    from vitruvian.engine.options import EstimatorOptions

__all__ = ["LocalPipeline"]


class LocalPipeline:
    """Detector and landmark network in this process, opened as `options` say."""

    def __init__(self, options: EstimatorOptions) -> None:
        self.timer = StageTimer()
        self._profile = options.rules
        self._detection_confidence = options.detection_confidence
        self._presence_confidence = options.presence_confidence
        detector, landmarker = _open_sessions(options)
        self._detector = PersonDetector(
            detector,
            self.timer,
            iou_threshold=self._profile.nms_iou,
            center_only=options.crop == "center",
        )
        self._landmarker = PoseLandmarker(
            landmarker,
            self.timer,
            kernel=self._profile.heatmap_kernel,
            with_mask=options.segmentation,
        )

    def detect(self, image: NDArray[np.uint8], *, low_scores: bool = False) -> list[Candidate]:
        """Return the candidates that the detector finds, as `Pipeline.detect`."""
        image_wh = image.shape[1], image.shape[0]
        min_score = self._detection_confidence * (LOW_SCORE_RATIO if low_scores else 1)
        candidates = []
        for detection in self._detector.detect(image, min_score):
            roi = roi_from_alignment(detection.keypoints[:2], image_wh)
            if roi is not None:
                candidates.append(Candidate(roi, detection))
        return candidates

    def refine_rois(
        self, image: NDArray[np.uint8], candidates: Sequence[Candidate]
    ) -> list[Candidate]:
        """Return the candidates with refined regions, as `Pipeline.refine_rois`."""
        image_wh = image.shape[1], image.shape[0]
        for _ in range(self._profile.roi_refinements):
            rois = [candidate.roi for candidate in candidates]
            raws = self._landmarker.estimate_all(
                image, rois, self._presence_confidence, with_mask=False
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
        raws = self._landmarker.estimate_all(image, rois, self._presence_confidence)
        return [
            None if raw is None else PoseEstimate(raw, candidate)
            for raw, candidate in zip(raws, candidates, strict=True)
        ]

    def close(self) -> None:
        """Release both networks."""
        self._detector.close()
        self._landmarker.close()


def _open_sessions(options: EstimatorOptions) -> tuple[Session, Session]:
    """Open both networks side by side: half the start-up time on two cores."""
    folder = None if options.models_dir is None else Path(options.models_dir)
    files = find_models(options.model, folder=folder)
    masks = (MASK_OUTPUT,) if options.segmentation else ()
    networks = [
        Network(
            files.detector.path,
            files.detector.sha256,
            (DETECTOR_SIDE, DETECTOR_SIDE),
            DETECTOR_RANGE,
            DETECTOR_OUTPUTS,
        ),
        Network(
            files.landmarks.path,
            files.landmarks.sha256,
            (LANDMARKER_SIDE, LANDMARKER_SIDE),
            LANDMARKER_RANGE,
            LANDMARKER_OUTPUTS + masks,
        ),
    ]

    def opened(network: Network) -> Session:
        return open_session(
            network,
            backend=options.backend,
            device=options.device,
            threads=options.threads,
            precision=options.precision,
        )

    with ThreadPoolExecutor(2) as pool:
        detector, landmarker = pool.map(opened, networks)
    return detector, landmarker
