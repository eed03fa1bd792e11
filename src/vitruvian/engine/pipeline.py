"""Pipeline: the two networks together, from an image to people, without memory."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.similarity import likeness
from vitruvian.core.skeleton import BLAZEPOSE
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
from vitruvian.engine.store import find_models
from vitruvian.engine.timing import StageTimer
from vitruvian.engine.warp import alignment_side, roi_from_alignment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vitruvian.core.detection import Detection
    from vitruvian.core.roi import Roi
    from vitruvian.engine.backends import Session
    from vitruvian.engine.landmarker import RawPose
    from vitruvian.engine.options import Options

__all__ = ["Look", "Person", "Pipeline"]

# The body without its arms, which reach far.
UPRIGHT = [
    i
    for i, name in enumerate(BLAZEPOSE.names)
    if name.split("_")[-1] not in {"elbow", "wrist", "pinky", "index", "thumb"} or "foot" in name
]
# A detection from 0.4 of the wanted confidence counts as well, if the landmark network is sure of
# the person. On the reference photos and clips, of such faint detections those of people come to
# 0.98 and more there, and false ones to 0.82 at most.
FAINT = 0.4
SURE = 0.95
# Two looks at one frame see people alike to 0.91 and more; what is nobody, to 0.84, once 0.91.
AGREEMENT = 0.88
CERTAIN = 0.8  # what is nobody scores 0.79 at most with the detector


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """Where the landmark network is to look.

    Attributes
    ----------
    roi : Roi
    detection : Detection or None
        What the detector said, if it is the one who says so.
    guess : RawPose or None
        What was seen in an earlier look at the same frame.
    """

    roi: Roi
    detection: Detection | None = None
    guess: RawPose | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """A person found in an image: the raw pose, and the look that found it."""

    raw: RawPose
    look: Look

    @property
    def points(self) -> NDArray[np.float32]:
        """(33, 2) array, image px: the landmarks."""
        return self.raw.landmarks[:, :2]

    @property
    def hips(self) -> NDArray[np.float32]:
        """(2,) array, image px: their middle."""
        return self.raw.auxiliary[0, :2]

    @property
    def size_px(self) -> float:
        """Side of the square around the whole body."""
        return alignment_side(self.raw.auxiliary[:, :2])

    @property
    def is_measurable(self) -> bool:
        """Whether there is a size, and every landmark is a number."""
        return self.size_px > 0 and bool(np.isfinite(self.points).all())

    @property
    def box_xyxy(self) -> NDArray[np.float32]:
        """(4,) array, image px: the box around head, trunk and legs."""
        points = self.points[UPRIGHT]
        return np.concatenate([points.min(axis=0), points.max(axis=0)])

    def likeness(self, other: Person) -> float:
        """Return how alike the two poses are, 0 to 1."""
        return likeness(self.points, other.points, max(self.size_px, other.size_px))


class Pipeline:
    """Both networks, opened as `options` say."""

    def __init__(self, options: Options) -> None:
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

    def detect(self, image: NDArray[np.uint8], *, faint: bool = False) -> list[Look]:
        """Return where the detector sees people in a whole image, the most certain first.

        Parameters
        ----------
        faint : bool
            With those too whom it hardly sees. `is_credible` judges them, once located.
        """
        image_wh = image.shape[1], image.shape[0]
        min_score = self._detection_confidence * (FAINT if faint else 1)
        looks = []
        for detection in self._detector.detect(image, min_score):
            roi = roi_from_alignment(detection.keypoints[:2], image_wh)
            if roi is not None:
                looks.append(Look(roi, detection))
        return looks

    def settle(self, image: NDArray[np.uint8], looks: Sequence[Look]) -> list[Look]:
        """Return looks of the detector, improved by what is seen there; without those at nobody.

        A detector's region is a guess; the landmarks seen in it say where it should have been.
        """
        image_wh = image.shape[1], image.shape[0]
        for _ in range(self._profile.settling_passes):
            rois = [look.roi for look in looks]
            raws = self._landmarker.locate_all(
                image, rois, self._presence_confidence, with_mask=False
            )
            looks = [
                replace(
                    look,
                    roi=roi_from_alignment(raw.auxiliary[:, :2], image_wh) or look.roi,
                    guess=raw,
                )
                for look, raw in zip(looks, raws, strict=True)
                if raw is not None
            ]
        return list(looks)

    def locate(self, image: NDArray[np.uint8], looks: Sequence[Look]) -> list[Person | None]:
        """Return the person of each look, or None where nobody is."""
        rois = [look.roi for look in looks]
        raws = self._landmarker.locate_all(image, rois, self._presence_confidence)
        return [
            None if raw is None else Person(raw, look)
            for raw, look in zip(raws, looks, strict=True)
        ]

    def is_credible(self, person: Person) -> bool:
        """Return whether a person whom the detector found is one.

        Where the detector is not certain, two looks at the same frame must agree; where it hardly
        saw anybody, the landmark network must be sure as well.
        """
        guess, detection = person.look.guess, person.look.detection
        if detection is None:
            return True
        if guess is not None:
            if not person.is_measurable:
                return False
            alike = likeness(person.points, guess.landmarks[:, :2], person.size_px)
            if detection.score < CERTAIN and alike < AGREEMENT:
                return False
        return detection.score >= self._detection_confidence or person.raw.score >= SURE

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
            network,
            backend=options.backend,
            device=options.device,
            threads=options.threads,
            precision=options.precision,
        )

    with ThreadPoolExecutor(2) as pool:
        detector, landmarker = pool.map(opened, networks)
    return detector, landmarker
