"""Search: from the candidates of an image to verified poses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.boxes import iou_xyxy
from vitruvian.engine.pipeline import LOW_SCORE_RATIO, passes_verification
from vitruvian.engine.preference import in_order_of_preference
from vitruvian.engine.tiles import tiles
from vitruvian.engine.warp import alignment_side

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from vitruvian.core.detection import Detection
    from vitruvian.engine.options import EstimatorOptions
    from vitruvian.engine.pipeline import Candidate, Pipeline, PoseEstimate
    from vitruvian.engine.warp import Part

__all__ = [
    "candidates_in",
    "is_duplicate",
    "is_same_person",
    "merged_candidates",
    "people_in_image",
    "verified_poses",
]

# Near a `detection_confidence` of 0 there are thousands of candidates; photos have 20 or fewer.
MAX_TRIED = 150  # candidates that are tried in an image
MAX_MERGED = 1000  # candidates, the best of all parts of an image

# Two detections are of one person if the face boxes overlap with this IoU, or if the hips are near
# and the circles around the body similar.
SAME_FACE_IOU = 0.3
SAME_HIPS = 0.35  # distance, in radii of the smaller circle
SAME_RADIUS = 1.7  # ratio


@dataclass(frozen=True, slots=True, eq=False)
class _Bodies:
    """Detected bodies: face boxes (N, 4) xyxy, hips (N, 2) and radii (N,) of the body circles."""

    faces: NDArray[np.float32]
    hips: NDArray[np.float32]
    radii: NDArray[np.float32]

    @classmethod
    def of(cls, detections: Sequence[Detection]) -> _Bodies:
        keypoints = np.array([d.keypoints for d in detections], np.float32).reshape(-1, 4, 2)
        return cls(
            np.array([d.box_xyxy for d in detections], np.float32).reshape(-1, 4),
            keypoints[:, 0],
            np.hypot(*(keypoints[:, 1] - keypoints[:, 0]).T),
        )

    def are(self, i: int) -> NDArray[np.bool_]:
        """Return which bodies are the same person as body `i`."""
        distances = np.hypot(*(self.hips - self.hips[i]).T)
        small = np.minimum(self.radii, self.radii[i])
        large = np.maximum(self.radii, self.radii[i])
        same_body = (distances < SAME_HIPS * small) & (large < SAME_RADIUS * small)
        same: NDArray[np.bool_] = same_body | (iou_xyxy(self.faces[i], self.faces) > SAME_FACE_IOU)
        return same


def candidates_in(
    pipeline: Pipeline, image: NDArray[np.uint8], parts: Iterable[Part | None]
) -> list[Candidate]:
    """Return the candidates that the detector finds in parts of an image, faint ones, too.

    Each person is returned once (`merged_candidates`).

    Parameters
    ----------
    parts : iterable of tuple or None
        As for `Pipeline.detect`; `tiles` gives those of an image.
    """
    found = [c for part in parts for c in pipeline.detect(image, low_scores=True, part=part)]
    return merged_candidates(found, (image.shape[1], image.shape[0]))


def merged_candidates(
    candidates: Iterable[Candidate], image_wh: tuple[int, int]
) -> list[Candidate]:
    """Return one candidate for each person who was detected in several parts of the image.

    Of several detections of a person, the one with the highest score is returned, where those that
    do not see the whole body score less. The result is in that order.
    """
    detected = [c for c in candidates if c.detection is not None]
    ranked = sorted(detected, key=lambda c: _rank(c, image_wh), reverse=True)[:MAX_MERGED]
    bodies = _Bodies.of([c.detection for c in ranked if c.detection is not None])
    is_free = np.ones(len(ranked), bool)
    kept = []
    for i, candidate in enumerate(ranked):
        if is_free[i]:
            kept.append(candidate)
            is_free &= ~bodies.are(i)
    return kept


def is_same_person(candidate: Candidate, other: Candidate) -> bool:
    """Return whether two detections are of one person: by their faces, or hips and body size."""
    one, two = candidate.detection, other.detection
    return one is not None and two is not None and bool(_Bodies.of([one, two]).are(0)[1])


def _rank(candidate: Candidate, image_wh: tuple[int, int]) -> float:
    """Return the score of a detection, times the share of the body that its part shows.

    The share is that of the area of the square around the body, as far as it is in the image.
    """
    detection, part = candidate.detection, candidate.part
    if detection is None:
        return 1.0
    if part is None:
        return detection.score
    corner, reach = np.array(part[:2]), np.array(part[2:])
    hips, radius = detection.keypoints[0], alignment_side(detection.keypoints[:2]) / 2
    low, high = np.maximum(hips - radius, 0), np.minimum(hips + radius, image_wh)
    seen = np.minimum(high, corner + reach) - np.maximum(low, corner)
    area = (high - low).clip(0).prod()
    return detection.score * (float(seen.clip(0).prod() / area) if area > 0 else 1.0)


def verified_poses(
    pipeline: Pipeline,
    image: NDArray[np.uint8],
    candidates: Sequence[Candidate],
    num_poses: int,
    options: EstimatorOptions,
    *,
    found: Sequence[PoseEstimate] = (),
) -> list[PoseEstimate]:
    """Return up to `num_poses` people: candidates are tried in order until enough pass.

    The order is that of the candidates, or of option `prefer`.

    A candidate passes if its pose is verified and no earlier one is the same person. So the first
    pose does not depend on `num_poses`.

    Parameters
    ----------
    found : sequence of PoseEstimate
        People who are found already: the first of the result.
    """
    confidence, max_oks = options.detection_confidence, options.rules.duplicate_oks
    result = list(found)
    likely = candidates[:MAX_TRIED]
    rest = in_order_of_preference(likely, options, (image.shape[1], image.shape[0]))
    while rest and len(result) < num_poses:
        n_missing = num_poses - len(result)
        tried, rest = rest[:n_missing], rest[n_missing:]
        for estimate in pipeline.estimate(image, pipeline.refine_rois(image, tried)):
            if (
                estimate is not None
                and passes_verification(estimate, confidence)
                and not any(is_duplicate(estimate, other, max_oks) for other in result)
            ):
                result.append(estimate)
    return result


def is_duplicate(estimate: PoseEstimate, other: PoseEstimate, max_oks: float) -> bool:
    """Return whether two poses are of one person: if they are similar, or have the same face.

    Parameters
    ----------
    max_oks : float
        `Profile.duplicate_oks`: 1 keeps all.
    """
    return max_oks < 1 and (estimate.similarity(other) > max_oks or estimate.has_face_of(other))


def people_in_image(
    pipeline: Pipeline, image: NDArray[np.uint8], options: EstimatorOptions
) -> list[PoseEstimate]:
    """Return up to `num_poses` people in an image.

    First those that the detector is certain of in the whole image; then, if there are fewer, those
    of faint detections and of tiles. So tiles cost time only where people are missing.
    """
    num_poses = options.num_poses
    if not options.rules.tries_all:
        candidates = pipeline.detect(image)[:num_poses]
        return verified_poses(pipeline, image, candidates, num_poses, options)
    image_wh = image.shape[1], image.shape[0]
    detected = pipeline.detect(image, low_scores=True)
    if not options.has_far_reach:
        return verified_poses(pipeline, image, detected, num_poses, options)
    certain = [c for c in detected if _rank(c, image_wh) >= options.detection_confidence]
    found = verified_poses(pipeline, image, certain, num_poses, options)
    if len(found) == num_poses:
        return found
    views = candidates_in(pipeline, image, tiles(image_wh))
    faint = detected[len(certain) :]
    lowest = LOW_SCORE_RATIO * options.detection_confidence
    new = [
        candidate
        for candidate in merged_candidates([*faint, *views], image_wh)
        if _rank(candidate, image_wh) >= lowest
        and not any(is_same_person(candidate, estimate.candidate) for estimate in found)
    ]
    return verified_poses(pipeline, image, new, num_poses, options, found=found)
