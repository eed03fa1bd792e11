"""Metrics that compare poses with ground truth: people found, PCK, OKS, MPJPE, identity scores.

The metrics need NumPy only. `identity_scores` needs motmetrics (``vitruvian[evaluation]``) and
`hota_scores` needs TrackEval; both are imported on first use.
"""

from vitruvian.evaluation.average_precision import AnnotatedPose, OksAp, ScoredPose, oks_ap
from vitruvian.evaluation.data_set import AnnotatedImage, DataSet, load_data_set
from vitruvian.evaluation.data_set_scores import (
    DataSetScores,
    ImageScore,
    data_set_scores,
    score_image,
    score_poses,
    score_table,
)
from vitruvian.evaluation.identity import (
    FrameComparison,
    HotaScores,
    IdentityScores,
    TrackTruth,
    compare_frames,
    frame_comparison,
    hota_scores,
    identity_scores,
)
from vitruvian.evaluation.landmarks import coco_landmarks, oks, pck, torso_length_px
from vitruvian.evaluation.people import (
    FoundCount,
    PeopleComparison,
    PeopleScores,
    compare_people,
    people_scores,
)
from vitruvian.evaluation.results import load_results, result_of, save_results
from vitruvian.evaluation.space import SpaceScores, space_scores
from vitruvian.evaluation.world import mpjpe, n_mpjpe, pa_mpjpe

__all__ = [
    "AnnotatedImage",
    "AnnotatedPose",
    "DataSet",
    "DataSetScores",
    "FoundCount",
    "FrameComparison",
    "HotaScores",
    "IdentityScores",
    "ImageScore",
    "OksAp",
    "PeopleComparison",
    "PeopleScores",
    "ScoredPose",
    "SpaceScores",
    "TrackTruth",
    "coco_landmarks",
    "compare_frames",
    "compare_people",
    "data_set_scores",
    "frame_comparison",
    "hota_scores",
    "identity_scores",
    "load_data_set",
    "load_results",
    "mpjpe",
    "n_mpjpe",
    "oks",
    "oks_ap",
    "pa_mpjpe",
    "pck",
    "people_scores",
    "result_of",
    "save_results",
    "score_image",
    "score_poses",
    "score_table",
    "space_scores",
    "torso_length_px",
]
