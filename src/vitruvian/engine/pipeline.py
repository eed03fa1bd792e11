"""Pipeline: the stages from an image to poses, behind one protocol that trackers use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from vitruvian.core.similarity import pose_similarity
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.engine.warp import alignment_side

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from vitruvian.core.detection import Detection
    from vitruvian.core.roi import Roi
    from vitruvian.engine.landmarker import RawPose
    from vitruvian.engine.profile import Profile
    from vitruvian.engine.timing import StageTimer
    from vitruvian.engine.warp import Part

__all__ = [
    "LOW_SCORE_RATIO",
    "Candidate",
    "Pipeline",
    "PipelineIdentity",
    "PipelineOptions",
    "PoseEstimate",
    "passes_verification",
]

# The body without the arms, which reach far from it.
UPRIGHT = [
    i
    for i, name in enumerate(BLAZEPOSE.names)
    if name.split("_")[-1] not in {"elbow", "wrist", "pinky", "index", "thumb"} or "foot" in name
]
FACE = slice(0, BLAZEPOSE.index("left_shoulder"))
SAME_FACE = 0.5  # distance of two faces, in sides of the larger one, below which they are the same
# A detection as weak as 0.4 × `detection_confidence` is accepted if the landmark score is at least
# 0.95. On the reference photos and clips, weak true detections have landmark scores of 0.98 and
# more, weak false ones of 0.82 at most.
LOW_SCORE_RATIO = 0.4
HIGH_POSE_SCORE = 0.95
# Spread of the heat maps, in sides of the square around the body: the mean of the sharper half of
# the landmarks, since those of hidden parts have even heat, whose spread is 0.055. On photos,
# nearly all true poses have 0.042 or less, most hands, animals and objects more: docs/profiles.md.
N_SHARP = 16
MAX_SPREAD = 0.042
# Unless the heat maps are sharper, two estimates of a person on the same frame must agree, and the
# landmark score must be this high.
MAX_SHARP_SPREAD = 0.035
MIN_AGREEMENT = 0.8
MIN_POSE_SCORE = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A region in which the landmark network is to estimate a pose.

    Attributes
    ----------
    roi : Roi
    detection : Detection or None
        The detection that gave the region; None for a region that comes from tracking.
    first_pose : RawPose or None
        The pose that an earlier pass found on the same frame, while the region was refined.
    part : tuple of int or None
        The part of the image in which the detector found the person; None for the whole image.
    """

    roi: Roi
    detection: Detection | None = None
    first_pose: RawPose | None = None
    part: Part | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PoseEstimate:
    """A pose that was found in an image.

    Attributes
    ----------
    raw : RawPose
    candidate : Candidate
        The region that it was found in.
    look_scale : float or None
        Scale of the region in the second look that gave this pose; 1 if the first look was better,
        None if there was no second one. See `second_look.looked_again`.
    """

    raw: RawPose
    candidate: Candidate
    look_scale: float | None = None

    @property
    def points(self) -> NDArray[np.float32]:
        """(33, 2) array, image px: the landmarks."""
        return self.raw.landmarks[:, :2]

    @property
    def hips(self) -> NDArray[np.float32]:
        """(2,) array, image px: the middle of the hips."""
        return self.raw.auxiliary[0, :2]

    @property
    def size_px(self) -> float:
        """Side of the square around the whole body."""
        return alignment_side(self.raw.auxiliary[:, :2])

    @property
    def spread(self) -> float:
        """Spread of the heat maps of the sharper half of the landmarks, in parts of `size_px`.

        It is NaN if it is not known, or if most landmarks are outside the region.
        """
        if self.raw.spread_px is None:
            return np.nan
        sharp = np.sort(self.raw.spread_px)[:N_SHARP]  # NaN, of landmarks out of view, comes last
        return float(sharp.mean()) / self.size_px

    @property
    def is_measurable(self) -> bool:
        """Whether the size is positive and every landmark is finite."""
        return self.size_px > 0 and bool(np.isfinite(self.points).all())

    @property
    def box_xyxy(self) -> NDArray[np.float32]:
        """(4,) array, image px: the box around head, trunk and legs."""
        points = self.points[UPRIGHT]
        return np.concatenate([points.min(axis=0), points.max(axis=0)])

    def similarity(self, other: PoseEstimate) -> float:
        """Return the similarity of the two poses, 0 to 1."""
        return pose_similarity(self.points, other.points, max(self.size_px, other.size_px))

    def has_face_of(self, other: PoseEstimate) -> bool:
        """Return whether the faces of the two poses are in the same place: those of one person."""
        one, two = self.points[FACE], other.points[FACE]
        larger = max(float(np.ptp(one, axis=0).max()), float(np.ptp(two, axis=0).max()))
        return float(np.hypot(*(one.mean(axis=0) - two.mean(axis=0)))) < SAME_FACE * larger


@dataclass(frozen=True, slots=True)
class PipelineOptions:
    """The options of the stages: plain values that can be sent to another process or device.

    Attributes
    ----------
    profile : Profile
    detection_confidence : float
        Lowest score of a detection, 0 to 1.
    presence_confidence : float
        Score that the landmark network must exceed, 0 to 1.
    segmentation : bool
        Whether `Pipeline.estimate` returns masks.
    crop : str
        "letterbox": the detector sees the whole image; "center": the square in its middle.
    """

    profile: Profile
    detection_confidence: float
    presence_confidence: float
    segmentation: bool
    crop: str


@dataclass(frozen=True, slots=True)
class PipelineIdentity:
    """Which networks a pipeline runs, and where, for `Provenance`.

    Attributes
    ----------
    model : str
        Name of the model.
    model_sha256, detector_sha256 : str
        Digests of the landmark network and of the detector, in hexadecimal.
    target : mapping
        Options that say where and how they are computed: backend, device, threads, precision.
    """

    model: str
    model_sha256: str
    detector_sha256: str
    target: Mapping[str, str | int | None]


class Pipeline(Protocol):
    """The stages that a tracker uses; the networks may run here or on another device.

    An implementation holds the networks and the options of the stages, but no state of earlier
    images. One thread at a time uses it. Candidates and poses are plain values, which may be sent
    to another process and back.

    Attributes
    ----------
    timer : StageTimer
        Times of the stages. The tracker adds its own ones.
    identity : PipelineIdentity
        Which networks it runs.
    """

    timer: StageTimer
    identity: PipelineIdentity

    def detect(
        self, image: NDArray[np.uint8], *, low_scores: bool = False, part: Part | None = None
    ) -> list[Candidate]:
        """Return the candidates that the detector finds in an image, highest score first.

        Parameters
        ----------
        image : (H, W, 3) uint8 RGB array
        low_scores : bool
            Whether to include detections that score from `LOW_SCORE_RATIO` of
            `detection_confidence`. They come last and do not change the others.
            `passes_verification` decides on them after `estimate`.
        part : tuple of int or None
            Left, top, width and height of the part of the image to search; None for all of it.
        """
        ...

    def refine_rois(
        self, image: NDArray[np.uint8], candidates: Sequence[Candidate]
    ) -> list[Candidate]:
        """Return detected candidates with regions that come from the landmarks found in them.

        Candidates in which no pose is found are left out.
        """
        ...

    def estimate(
        self, image: NDArray[np.uint8], candidates: Sequence[Candidate]
    ) -> list[PoseEstimate | None]:
        """Return the pose in each candidate, or None where the landmark score is too low."""
        ...

    def close(self) -> None:
        """Release the networks."""
        ...


def passes_verification(estimate: PoseEstimate, detection_confidence: float) -> bool:
    """Return whether a pose that starts from a detection is a true positive.

    - The heat maps of at least half of the landmarks must be sharp.
    - Unless they are very sharp, the two poses found on the same frame, while the region was
      refined and after, must agree, and the landmark score must be at least 0.9.
    - If the detection scores less than `detection_confidence`, the landmark score must be at least
      0.95.

    A pose that starts from tracking always passes, and one whose region was not refined needs the
    score only.
    """
    first_pose, detection = estimate.candidate.first_pose, estimate.candidate.detection
    if detection is None:
        return True
    if first_pose is not None:
        if not estimate.is_measurable or estimate.spread > MAX_SPREAD:
            return False
        agreement = pose_similarity(estimate.points, first_pose.landmarks[:, :2], estimate.size_px)
        is_sure = agreement >= MIN_AGREEMENT and estimate.raw.score >= MIN_POSE_SCORE
        if not (estimate.spread <= MAX_SHARP_SPREAD or is_sure):
            return False
    return detection.score >= detection_confidence or estimate.raw.score >= HIGH_POSE_SCORE
