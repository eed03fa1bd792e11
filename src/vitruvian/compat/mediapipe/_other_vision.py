"""Names and values of the vision tasks of MediaPipe that vitruvian does not run.

Where the versions 0.10.21 and 1.2.2 differ, a module has the names of both.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from vitruvian.compat.declared import Choice, Connections, Model, Record, at, new

if TYPE_CHECKING:
    from vitruvian.compat.namespaces import Declaration

__all__ = ["CLASSIFIER", "CONTAINERS", "EMBEDDER", "TASKS", "VISION", "Names"]

Names: TypeAlias = "dict[str, str | Declaration]"

TASKS = "tasks.python"
CONTAINERS = "tasks.python.components.containers"
IMAGE = at(f"{TASKS}.vision.core.vision_task_running_mode:VisionTaskRunningMode.IMAGE")
CLASSIFIER = {
    "display_names_locale": None,
    "max_results": None,
    "score_threshold": None,
    "category_allowlist": None,
    "category_denylist": None,
}
CLASSIFIER_OPTIONS = new(f"{TASKS}.components.processors.classifier_options:ClassifierOptions")
EMBEDDER = {"l2_normalize": None, "quantize": None}
BLENDSHAPES = """
    NEUTRAL BROW_DOWN_LEFT BROW_DOWN_RIGHT BROW_INNER_UP BROW_OUTER_UP_LEFT BROW_OUTER_UP_RIGHT
    CHEEK_PUFF CHEEK_SQUINT_LEFT CHEEK_SQUINT_RIGHT EYE_BLINK_LEFT EYE_BLINK_RIGHT
    EYE_LOOK_DOWN_LEFT EYE_LOOK_DOWN_RIGHT EYE_LOOK_IN_LEFT EYE_LOOK_IN_RIGHT EYE_LOOK_OUT_LEFT
    EYE_LOOK_OUT_RIGHT EYE_LOOK_UP_LEFT EYE_LOOK_UP_RIGHT EYE_SQUINT_LEFT EYE_SQUINT_RIGHT
    EYE_WIDE_LEFT EYE_WIDE_RIGHT JAW_FORWARD JAW_LEFT JAW_OPEN JAW_RIGHT MOUTH_CLOSE
    MOUTH_DIMPLE_LEFT MOUTH_DIMPLE_RIGHT MOUTH_FROWN_LEFT MOUTH_FROWN_RIGHT MOUTH_FUNNEL MOUTH_LEFT
    MOUTH_LOWER_DOWN_LEFT MOUTH_LOWER_DOWN_RIGHT MOUTH_PRESS_LEFT MOUTH_PRESS_RIGHT MOUTH_PUCKER
    MOUTH_RIGHT MOUTH_ROLL_LOWER MOUTH_ROLL_UPPER MOUTH_SHRUG_LOWER MOUTH_SHRUG_UPPER
    MOUTH_SMILE_LEFT MOUTH_SMILE_RIGHT MOUTH_STRETCH_LEFT MOUTH_STRETCH_RIGHT MOUTH_UPPER_UP_LEFT
    MOUTH_UPPER_UP_RIGHT NOSE_SNEER_LEFT NOSE_SNEER_RIGHT
"""


def _vision(required: str = "base_options", /, **fields: object) -> Record:
    """Return the options of a task that has running modes."""
    return Record(required, running_mode=IMAGE, **fields, result_callback=None)


VISION: dict[str, Names] = {
    "face_aligner": {"FaceAligner": Model(), "FaceAlignerOptions": Record("base_options")},
    "face_detector": {
        "FaceDetector": Model(),
        "FaceDetectorOptions": _vision(min_detection_confidence=0.5, min_suppression_threshold=0.3),
        "FaceDetectorResult": f"{CONTAINERS}.detections:DetectionResult",
    },
    "face_landmarker": {
        "Blendshapes": Choice(BLENDSHAPES),
        "FaceLandmarker": Model(),
        "FaceLandmarkerOptions": _vision(
            num_faces=1,
            min_face_detection_confidence=0.5,
            min_face_presence_confidence=0.5,
            min_tracking_confidence=0.5,
            output_face_blendshapes=False,
            output_facial_transformation_matrixes=False,
        ),
        "FaceLandmarkerResult": Record(
            "face_landmarks face_blendshapes facial_transformation_matrixes"
        ),
        "FaceLandmarksConnections": Connections("python.solutions.face_mesh_connections:LISTS"),
    },
    "face_stylizer": {"FaceStylizer": Model(), "FaceStylizerOptions": Record("base_options")},
    "gesture_recognizer": {
        "GestureRecognizer": Model(),
        "GestureRecognizerOptions": _vision(
            num_hands=1,
            min_hand_detection_confidence=0.5,
            min_hand_presence_confidence=0.5,
            min_tracking_confidence=0.5,
            canned_gesture_classifier_options=CLASSIFIER_OPTIONS,
            custom_gesture_classifier_options=CLASSIFIER_OPTIONS,
        ),
        "GestureRecognizerResult": (
            f"{TASKS}.vision.gesture_recognizer_result:GestureRecognizerResult"
        ),
    },
    "gesture_recognizer_result": {
        "GestureRecognizerResult": Record("gestures handedness hand_landmarks hand_world_landmarks")
    },
    "hand_landmarker": {
        "HandLandmark": "python.solutions.hands:HandLandmark",
        "HandLandmarker": Model(),
        "HandLandmarkerOptions": _vision(
            num_hands=1,
            min_hand_detection_confidence=0.5,
            min_hand_presence_confidence=0.5,
            min_tracking_confidence=0.5,
        ),
        "HandLandmarkerResult": Record("handedness hand_landmarks hand_world_landmarks"),
        "HandLandmarksConnections": Connections("python.solutions.hands_connections:LISTS"),
    },
    "holistic_landmarker": {
        "HolisticLandmarker": Model("PoseLandmarker gives the landmarks of the pose"),
        "HolisticLandmarkerOptions": _vision(
            min_face_detection_confidence=0.5,
            min_face_suppression_threshold=0.5,
            min_face_landmarks_confidence=0.5,
            min_pose_detection_confidence=0.5,
            min_pose_suppression_threshold=0.5,
            min_pose_landmarks_confidence=0.5,
            min_hand_landmarks_confidence=0.5,
            output_face_blendshapes=False,
            output_segmentation_mask=False,
        ),
        "HolisticLandmarkerResult": Record(
            "face_landmarks pose_landmarks pose_world_landmarks left_hand_landmarks "
            "left_hand_world_landmarks right_hand_landmarks right_hand_world_landmarks",
            face_blendshapes=None,
            segmentation_mask=None,
        ),
    },
    "image_classifier": {
        "ImageClassifier": Model(),
        "ImageClassifierOptions": _vision(**CLASSIFIER),
        "ImageClassifierResult": f"{CONTAINERS}.classification_result:ClassificationResult",
    },
    "image_embedder": {
        "ImageEmbedder": Model(),
        "ImageEmbedderOptions": _vision(**EMBEDDER),
        "ImageEmbedderResult": f"{CONTAINERS}.embedding_result:EmbeddingResult",
    },
    "image_segmenter": {
        "ImageSegmenter": Model(
            "PoseLandmarkerOptions(output_segmentation_masks=True) gives the masks of people"
        ),
        "ImageSegmenterOptions": _vision(output_confidence_masks=True, output_category_mask=False),
        "ImageSegmenterResult": Record(confidence_masks=None, category_mask=None),
    },
    "interactive_segmenter": {
        "BrushMode": Choice("UNSPECIFIED POSITIVE NEGATIVE LASSO"),
        "InteractiveSegmenter": Model(),
        "InteractiveSegmenterOptions": Record(
            "base_options", output_confidence_masks=True, output_category_mask=False
        ),
        "InteractiveSegmenterResult": Record(confidence_masks=None, category_mask=None),
        "RegionOfInterest": Record("format", keypoint=None).having(
            Format=Choice("UNSPECIFIED KEYPOINT", kind=Enum)
        ),
        "Stroke": Record("brush_mode points is_completed"),
        "StrokePoint": Record("x y"),
    },
    "interactive_segmenter_legacy": {
        "InteractiveSegmenterLegacy": Model(),
        "InteractiveSegmenterLegacyOptions": Record(
            "base_options", output_confidence_masks=True, output_category_mask=False
        ),
        "InteractiveSegmenterLegacyResult": Record(confidence_masks=None, category_mask=None),
        "RegionOfInterest": f"{TASKS}.vision.interactive_segmenter:RegionOfInterest",
    },
    "object_detector": {
        "ObjectDetector": Model(),
        "ObjectDetectorOptions": _vision(**CLASSIFIER),
        "ObjectDetectorResult": f"{CONTAINERS}.detections:DetectionResult",
    },
}
