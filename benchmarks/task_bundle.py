"""Make the .task bundle that MediaPipe Tasks needs from the two plain TFLite files.

    python task_bundle.py DETECTOR LANDMARKS OUT

Runs in the side environment with mediapipe 0.10.21, the last one with metadata writers; every
later MediaPipe opens the bundle.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

from mediapipe.tasks.python.metadata.metadata_writers.metadata_writer import MetadataWriter


def with_metadata(model: Path, *, mean: float, std: float, outputs: int) -> bytes:
    """Return the TFLite `model` with metadata: its input is (pixel - `mean`) / `std`."""
    writer = MetadataWriter.create(bytearray(model.read_bytes()))
    writer.add_general_info(model.stem, model.stem).add_image_input([mean], [std])
    for index in range(outputs):
        writer.add_feature_output(f"output_{index}", "")
    model_with_metadata, _ = writer.populate()
    return bytes(model_with_metadata)


def write_bundle(detector: Path, landmarks: Path, out: Path) -> None:
    """Write the bundle of a detector and a landmark network to `out`."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as bundle:  # MediaPipe maps it into memory
        bundle.writestr(
            "pose_detector.tflite", with_metadata(detector, mean=127.5, std=127.5, outputs=2)
        )
        bundle.writestr(
            "pose_landmarks_detector.tflite",
            with_metadata(landmarks, mean=0.0, std=255.0, outputs=5),
        )


if __name__ == "__main__":
    write_bundle(*map(Path, sys.argv[1:4]))
