"""TF.js pose-detection with its BlazePose: ``import vitruvian.compat.tfjs as poseDetection``.

Names and units are those of the JavaScript package ``@tensorflow-models/pose-detection``; every
function is there in its spelling and in Python's. What is awaited there is returned here.
"""

from vitruvian.compat.tfjs import calculators, util
from vitruvian.compat.tfjs.detector import PoseDetector, create_detector, createDetector
from vitruvian.compat.tfjs.util import (
    BLAZEPOSE_CONNECTED_KEYPOINTS_PAIRS,
    BLAZEPOSE_KEYPOINTS,
    BLAZEPOSE_KEYPOINTS_BY_SIDE,
    COCO_CONNECTED_KEYPOINTS_PAIRS,
    COCO_KEYPOINTS,
    COCO_KEYPOINTS_BY_SIDE,
    SupportedModels,
)

__all__ = [
    "BLAZEPOSE_CONNECTED_KEYPOINTS_PAIRS",
    "BLAZEPOSE_KEYPOINTS",
    "BLAZEPOSE_KEYPOINTS_BY_SIDE",
    "COCO_CONNECTED_KEYPOINTS_PAIRS",
    "COCO_KEYPOINTS",
    "COCO_KEYPOINTS_BY_SIDE",
    "PoseDetector",
    "SupportedModels",
    "calculators",
    "createDetector",
    "create_detector",
    "util",
]
