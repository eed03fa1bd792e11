"""Metrics that compare poses with ground truth: PCK, OKS, MPJPE and identity scores.

The metrics need NumPy only. `identity_scores` needs motmetrics (``vitruvian[evaluation]``) and
`hota_scores` needs TrackEval; both are imported on first use.
"""

from vitruvian.evaluation.average_precision import AnnotatedPose, OksAp, ScoredPose, oks_ap
from vitruvian.evaluation.identity import (
    FrameComparison,
    HotaScores,
    IdentityScores,
    TrackTruth,
    compare_frames,
    hota_scores,
    identity_scores,
)
from vitruvian.evaluation.landmarks import coco_landmarks, oks, pck, torso_length_px
from vitruvian.evaluation.world import mpjpe, pa_mpjpe

__all__ = [
    "AnnotatedPose",
    "FrameComparison",
    "HotaScores",
    "IdentityScores",
    "OksAp",
    "ScoredPose",
    "TrackTruth",
    "coco_landmarks",
    "compare_frames",
    "hota_scores",
    "identity_scores",
    "mpjpe",
    "oks",
    "oks_ap",
    "pa_mpjpe",
    "pck",
    "torso_length_px",
]
