"""TF.js pose-detection with BlazePose: ``import vitruvian.compat.tfjs as poseDetection``.

Names and units are those of the JavaScript package ``@tensorflow-models/pose-detection``; every
function has a camelCase and a snake_case name. Functions that return a promise in JavaScript
return the value itself.
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
