"""Names and values of the tasks and graphs of MediaPipe that vitruvian does not run.

Where the versions 0.10.21 and 1.2.2 differ, a module has the names of both.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from vitruvian.compat.declared import Choice, Connections, Model, Record, at, new

if TYPE_CHECKING:
    from vitruvian.compat.namespaces import Declaration

__all__ = ["MODULES", "names_of"]

Names: TypeAlias = "dict[str, str | Declaration]"

TASKS = "tasks.python"
CONTAINERS = "tasks.python.components.containers"
IMAGE = at(f"{TASKS}.vision.core.vision_task_running_mode:VisionTaskRunningMode.IMAGE")
FACE = "python.solutions.face_mesh_connections"
HANDS = "python.solutions.hands_connections"
PARTS_OF_A_HAND = (
    "HAND_PALM_CONNECTIONS",
    "HAND_THUMB_CONNECTIONS",
    "HAND_INDEX_FINGER_CONNECTIONS",
    "HAND_MIDDLE_FINGER_CONNECTIONS",
    "HAND_RING_FINGER_CONNECTIONS",
    "HAND_PINKY_FINGER_CONNECTIONS",
    "HAND_CONNECTIONS",
)
PARTS_OF_A_FACE = (
    *("LIPS", "LEFT_EYE", "LEFT_EYEBROW", "LEFT_IRIS", "RIGHT_EYE", "RIGHT_EYEBROW"),
    *("RIGHT_IRIS", "FACE_OVAL", "NOSE", "CONTOURS", "TESSELATION"),
)
CLASSIFIER = {
    "display_names_locale": None,
    "max_results": None,
    "score_threshold": None,
    "category_allowlist": None,
    "category_denylist": None,
}
CLASSIFIER_OPTIONS = new(f"{TASKS}.components.processors.classifier_options:ClassifierOptions")
AUDIO_CLIPS = at(f"{TASKS}.audio.core.audio_task_running_mode:AudioTaskRunningMode.AUDIO_CLIPS")
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
        "FaceLandmarksConnections": Connections(
            FACE, {f"FACE_LANDMARKS_{part}": f"FACEMESH_{part}" for part in PARTS_OF_A_FACE}
        ),
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
        "HandLandmarksConnections": Connections(
            HANDS, {part: part for part in PARTS_OF_A_HAND}, replaced={(0, 5): (1, 5)}
        ),
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
AUDIO: dict[str, Names] = {
    "audio_classifier": {
        "AudioClassifier": Model(),
        "AudioClassifierOptions": Record(
            "base_options", running_mode=AUDIO_CLIPS, **CLASSIFIER, result_callback=None
        ),
        "AudioClassifierResult": f"{CONTAINERS}.classification_result:ClassificationResult",
    },
    "audio_embedder": {
        "AudioEmbedder": Model(),
        "AudioEmbedderOptions": Record(
            "base_options", running_mode=AUDIO_CLIPS, **EMBEDDER, result_callback=None
        ),
        "AudioEmbedderResult": f"{CONTAINERS}.embedding_result:EmbeddingResult",
    },
    "audio_transcriber": {
        "AudioTranscriber": Model(),
        "AudioTranscriberOptions": Record(
            "base_options",
            sample_rate_hz=16000,
            enable_interim_results=False,
            model_architecture=0,
            prompt=None,
            cache_dir=None,
        ),
        "AudioTranscriberResult": Record("segments"),
        "ModelArchitecture": Choice("AUTO OMNI"),
        "TranscriptionSegment": Record("transcript is_final from_timestamp_ms to_timestamp_ms"),
    },
    "text_to_speech": {
        "TextToSpeech": Model(),
        "TextToSpeechOptions": Record(
            "base_options",
            default_voice_id="",
            default_locale="en-US",
            speaking_rate=1.0,
            target_bucket=0,
            cache_directory=None,
        ),
        "TtsAudioResult": Record(
            "samples sample_rate_hz", chunk_index=0, is_final=True, word_timestamps=()
        ),
        "TtsStream": Model(),
        "VoiceInfo": Record("voice_id display_name locale sample_rate_hz", is_downloaded=True),
        "WordTimestamp": Record("word start_char end_char start_sec end_sec"),
    },
}
TEXT: dict[str, Names] = {
    "language_detector": {
        "LanguageDetector": Model(),
        "LanguageDetectorOptions": Record("base_options", **CLASSIFIER),
        "LanguageDetectorResult": Record("detections").having(
            Detection=Record("language_code probability")
        ),
    },
    "text_classifier": {
        "TextClassifier": Model(),
        "TextClassifierOptions": Record("base_options", **CLASSIFIER),
        "TextClassifierResult": f"{CONTAINERS}.classification_result:ClassificationResult",
    },
    "text_embedder": {
        "EmbeddingType": Choice(
            "RETRIEVAL_QUERY RETRIEVAL_DOCUMENT SEMANTIC_SIMILARITY CLASSIFICATION CLUSTERING "
            "QUESTION_ANSWERING FACT_CHECKING CODE_RETRIEVAL",
            start=1,
            kind=Enum,
        ),
        "TextEmbedder": Model(),
        "TextEmbedderOptions": Record("base_options", **EMBEDDER),
        "TextEmbedderResult": f"{CONTAINERS}.embedding_result:EmbeddingResult",
        "TextFormatContext": Record("task_type", title=None, role=None),
        "TextRole": Choice("QUERY DOCUMENT", start=1, kind=Enum),
    },
    "text_proofreader": {
        "Correction": Record("type text"),
        "CorrectionType": Choice("SAME INSERTION DELETION", kind=Enum),
        "TextProofreader": Model(),
        "TextProofreaderOptions": Record(
            "base_options", max_num_tokens=None, cache_dir=":nocache", min_log_severity=4
        ),
        "TextProofreaderResult": Record("proofread_text corrections done"),
    },
    "text_summarizer": {
        "Mode": Choice("TLDR KEYPOINTS"),
        "TextSummarizer": Model(),
        "TextSummarizerOptions": Record(
            "base_options", mode=1, max_num_tokens=None, cache_dir=":nocache", min_log_severity=4
        ),
        "TextSummarizerResult": Record("summary done"),
    },
}
RETRIEVAL: dict[str, Names] = {
    "semantic_retriever": {
        "ChunkingMode": Choice("CHARACTER WORD"),
        "RetrievalRecord": Record("id text score", metadata=None),
        "RetrievalResult": Record("records"),
        "SemanticRetriever": Model(),
        "SemanticRetrieverOptions": Record(
            "embedder",
            embedding_dimension=768,
            database_path=None,
            chunk_size=512,
            chunk_overlap=100,
            chunking_mode=0,
        ),
        "TaskPartKind": Choice("TEXT IMAGE AUDIO"),
    },
    "universal_embedder": {
        "ActivationDataType": Choice("DEFAULT FLOAT32 FLOAT16 INT16 INT8"),
        "UniversalEmbedder": Model(),
        "UniversalEmbedderOptions": Record(
            "base_options",
            l2_normalize=None,
            max_input_length=None,
            vision_tokens_per_image=None,
            activation_data_type=None,
            cache_dir=None,
        ),
        "UniversalEmbedderResult": f"{CONTAINERS}.embedding_result:EmbeddingResult",
    },
}
DECISION: dict[str, Names] = {
    "decision_maker": {
        "BooleanQuestion": Record(
            "condition", threshold=0.5, temperature=0.0, normalize_prior=False
        ),
        "BooleanResult": Record("value probability_true confidence"),
        "ChoiceQuestion": Record(
            "criteria", temperature=0.0, scoring_mode=0, normalize_prior=False, instructions=""
        ),
        "ChoiceResult": Record("selected_key probabilities confidence", prediction_set=()),
        "DecisionContext": Record(text=""),
        "DecisionMaker": Model(),
        "DecisionMakerOptions": Record(base_options=None, max_num_tokens=4096),
        "ScoreQuestion": Record("rubric", temperature=0.0, instructions=""),
        "ScoreResult": Record("expected_score probabilities confidence", selected_key=""),
        "ScoringMode": Choice("SCORING_AUTO SCORING_SINGLE_TOKEN SCORING_FULL_OPTION"),
    },
}
OTHER: dict[str, dict[str, Names]] = {  # by package
    f"{TASKS}.vision": VISION,
    f"{TASKS}.audio": AUDIO,
    f"{TASKS}.text": TEXT,
    f"{TASKS}.retrieval": RETRIEVAL,
    f"{TASKS}.decision": DECISION,
    f"{TASKS}.genai.bundler": {
        "llm_bundler": {
            "BundleConfig": Record(
                "tflite_model tokenizer_model start_token stop_tokens output_filename",
                enable_bytes_to_unicode_mapping=False,
                system_prompt=None,
                prompt_prefix=None,
                prompt_suffix=None,
            ),
            "create_bundle": Model(),
        },
    },
    f"{TASKS}.audio.core": {
        "audio_record": {"AudioRecord": Model()},
        "audio_task_running_mode": {
            "AudioTaskRunningMode": Choice("AUDIO_CLIPS AUDIO_STREAM", start=None, kind=Enum)
        },
        "base_audio_task_api": {"BaseAudioTaskApi": Model()},
    },
    f"{TASKS}.text.core": {"base_text_task_api": {"BaseTextTaskApi": Model()}},
    CONTAINERS: {
        "audio_data": {
            "AudioData": Record("buffer_length", audio_format=None),
            "AudioDataFormat": Record(num_channels=1, sample_rate=None),
        },
        "classification_result": {
            "ClassificationResult": Record("classifications", timestamp_ms=None),
            "Classifications": Record("categories head_index", head_name=None),
        },
        "embedding_result": {
            "Embedding": Record("embedding", head_index=None, head_name=None),
            "EmbeddingResult": Record("embeddings", timestamp_ms=None),
        },
    },
    f"{TASKS}.components.processors": {
        "classifier_options": {"ClassifierOptions": Record(**CLASSIFIER)}
    },
    f"{TASKS}.components.utils": {"cosine_similarity": {"cosine_similarity": Model()}},
}
RENAMED = {  # by its package, because the name in the module says too little
    "BrushMode": "InteractiveSegmenterBrushMode",
    "Correction": "TextProofreaderCorrection",
    "CorrectionType": "TextProofreaderCorrectionType",
    "EmbeddingType": "TextEmbeddingType",
    "Mode": "TextSummarizerMode",
    "RegionOfInterest": "InteractiveSegmenterRegionOfInterest",
    "Stroke": "InteractiveSegmenterStroke",
    "StrokePoint": "InteractiveSegmenterStrokePoint",
    "TextFormatContext": "TextEmbeddingFormatContext",
    "TextRole": "TextEmbeddingTextRole",
}


def names_of(package: str) -> Names:
    """Return the names that a package has by its declared modules: theirs, and the modules."""
    names: Names = {}
    for module, members in OTHER[package].items():
        location = f"{package}.{module}"
        names[module] = location
        names |= {RENAMED.get(name, name): f"{location}:{name}" for name in members}
    return names


ROLES: Names = {"RunningMode": f"{TASKS}.audio.core.audio_task_running_mode:AudioTaskRunningMode"}
MODULES: dict[str, Names] = {
    f"{package}.{module}": members
    for package, modules in OTHER.items()
    for module, members in modules.items()
}
MODULES |= {
    package: names_of(package)
    for package in OTHER
    if package not in (f"{TASKS}.vision", CONTAINERS)  # which have files
}
MODULES[f"{TASKS}.audio"] |= ROLES | {"core": f"{TASKS}.audio.core"}
MODULES[f"{TASKS}.text"]["core"] = f"{TASKS}.text.core"
MODULES[f"{TASKS}.genai"] = {"bundler": f"{TASKS}.genai.bundler"}
BINDINGS: dict[str, Names] = {
    "calculator_graph": {
        "CalculatorGraph": Model(),
        "GraphInputStreamAddMode": Choice("WAIT_TILL_NOT_FULL ADD_IF_NOT_FULL"),
    },
    "matrix": {"Matrix": Model()},
    "model_ckpt_util": {
        "ConvertHfTokenizer": Model(),
        "GenerateCpuTfLite": Model(),
        "GenerateGpuTfLite": Model(),
    },
    "task_runner": {"TaskRunner": Model()},
    "validated_graph_config": {"ValidatedGraphConfig": Model()},
}
MODULES |= {f"python._framework_bindings.{module}": members for module, members in BINDINGS.items()}
MODULES |= {
    name: {} for name in ("calculators", "examples", "gpu", "model_maker", "modules", "util")
}
