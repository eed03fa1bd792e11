"""The catalogue of published weights: names, sizes, digests, and where each can be fetched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CATALOG", "DETECTOR", "LANDMARK_MODELS", "Weights"]


@dataclass(frozen=True, slots=True)
class Weights:
    """One published model file.

    Attributes
    ----------
    name : str
        Name by which the model is chosen, such as "full".
    file : str
        Name of the file, in MediaPipe and in each folder of models.
    size : int
        Size of the canonical file, bytes.
    sha256 : tuple of str
        Accepted digests, that of the canonical file first.
    license : str
        SPDX identifier.
    places : mapping of str to str
        Path of the file in each source that offers it.
    """

    name: str
    file: str
    size: int
    sha256: tuple[str, ...]
    license: str
    places: Mapping[str, str]


DETECTOR = "detector"
LANDMARK_MODELS = ("lite", "full", "heavy")

CATALOG: Mapping[str, Weights] = {
    weights.name: weights
    for weights in (
        Weights(
            name=DETECTOR,
            file="pose_detection.tflite",
            size=2_959_046,
            sha256=(
                "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
                # The same weights in the package @mediapipe/pose: 2 962 288 bytes, equal outputs.
                "a63c614bef30d35947f13be361820b1e4e3bec9cfeebf4d11216a18373108e85",
            ),
            license="Apache-2.0",
            places={
                "bucket": "pose_detection.tflite",
                # A container of this one file; it is read as the file itself.
                "npm": "package/pose_solution_packed_assets.data",
                "pip": "mediapipe/modules/pose_detection/pose_detection.tflite",
            },
        ),
        Weights(
            name="lite",
            file="pose_landmark_lite.tflite",
            size=2_819_824,
            sha256=("f17bfbecadb61c3be1baa8b8d851cc6619c870a87167b32848ad20db306b9d61",),
            license="Apache-2.0",
            places={
                "bucket": "pose_landmark_lite.tflite",
                "npm": "package/pose_landmark_lite.tflite",
            },
        ),
        Weights(
            name="full",
            file="pose_landmark_full.tflite",
            size=6_440_512,
            sha256=("e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",),
            license="Apache-2.0",
            places={
                "bucket": "pose_landmark_full.tflite",
                "npm": "package/pose_landmark_full.tflite",
                "pip": "mediapipe/modules/pose_landmark/pose_landmark_full.tflite",
            },
        ),
        Weights(
            name="heavy",
            file="pose_landmark_heavy.tflite",
            size=27_709_200,
            sha256=("59e42d71bcd44cbdbabc419f0ff76686595fd265419566bd4009ef703ea8e1fe",),
            license="Apache-2.0",
            places={
                "bucket": "pose_landmark_heavy.tflite",
                "npm": "package/pose_landmark_heavy.tflite",
            },
        ),
    )
}
