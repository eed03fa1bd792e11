"""Names and values of the tasks and graphs of MediaPipe that vitruvian does not run.

Where the versions 0.10.21 and 1.2.2 differ, a module has the names of both.
"""

from __future__ import annotations

from enum import Enum

from vitruvian.compat.declared import Choice, Model, Record, at
from vitruvian.compat.mediapipe._other_vision import (
    CLASSIFIER,
    CONTAINERS,
    EMBEDDER,
    TASKS,
    VISION,
    Names,
)

__all__ = ["MODULES", "names_of"]

AUDIO_CLIPS = at(f"{TASKS}.audio.core.audio_task_running_mode:AudioTaskRunningMode.AUDIO_CLIPS")
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
MODULES[f"{TASKS}.audio"] |= {
    "RunningMode": f"{TASKS}.audio.core.audio_task_running_mode:AudioTaskRunningMode",
    "core": f"{TASKS}.audio.core",
}
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
