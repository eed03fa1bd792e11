"""Pipeline: the two networks together, from an image to one person, without memory."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.engine.backends import Network, open_session
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
from vitruvian.engine.profile import profile_named
from vitruvian.engine.store import find_models
from vitruvian.engine.timing import StageTimer
from vitruvian.engine.warp import roi_from_alignment

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.core.detection import Detection
    from vitruvian.core.roi import Roi
    from vitruvian.engine.backends import Session
    from vitruvian.engine.landmarker import RawPose
    from vitruvian.engine.options import Options

__all__ = ["Person", "Pipeline"]


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """A person found in an image: the raw pose, the region it was seen in, and the detection."""

    raw: RawPose
    roi: Roi
    detection: Detection | None


class Pipeline:
    """Both networks, opened as `options` say."""

    def __init__(self, options: Options) -> None:
        profile = profile_named(options.profile)
        self.timer = StageTimer()
        self._settling_passes = profile.settling_passes
        self._presence_confidence = options.presence_confidence
        detector, landmarker = _open_sessions(options)
        self._detector = PersonDetector(
            detector,
            self.timer,
            min_score=options.detection_confidence,
            iou_threshold=profile.nms_iou,
            center_only=options.crop == "center",
        )
        self._landmarker = PoseLandmarker(
            landmarker,
            self.timer,
            kernel=profile.heatmap_kernel,
            with_mask=options.segmentation,
        )

    def find(self, image: NDArray[np.uint8], *, is_new: bool = True) -> Person | None:
        """Return the most certain person of a whole image, or None.

        The detector's region is settled for a new person only: one who is known already, and
        detected again on every frame, costs one look of the landmark network.
        """
        image_wh = image.shape[1], image.shape[0]
        for detection in self._detector.detect(image)[:1]:
            roi = roi_from_alignment(detection.keypoints[:2], image_wh)
            if roi is None:
                continue
            for _ in range(self._settling_passes if is_new else 0):
                roi = self._settled(image, roi)
            return self.locate(image, roi, detection)
        return None

    def _settled(self, image: NDArray[np.uint8], roi: Roi) -> Roi:
        """Return the region that the landmarks seen in `roi` ask for."""
        raw = self._landmarker.locate(image, roi, self._presence_confidence, with_mask=False)
        if raw is None:
            return roi
        return roi_from_alignment(raw.auxiliary[:, :2], (image.shape[1], image.shape[0])) or roi

    def locate(
        self, image: NDArray[np.uint8], roi: Roi, detection: Detection | None = None
    ) -> Person | None:
        """Return the person in a region, or None where nobody is."""
        raw = self._landmarker.locate(image, roi, self._presence_confidence)
        return None if raw is None else Person(raw, roi, detection)

    def close(self) -> None:
        """Free both networks."""
        self._detector.close()
        self._landmarker.close()


def _open_sessions(options: Options) -> tuple[Session, Session]:
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
            network, backend=options.backend, device=options.device, threads=options.threads
        )

    with ThreadPoolExecutor(2) as pool:
        detector, landmarker = pool.map(opened, networks)
    return detector, landmarker
