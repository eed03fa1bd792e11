"""``mediapipe.python.solutions.download_utils``: download of a model before its first use."""

from __future__ import annotations

from pathlib import PurePosixPath

__all__ = ["download_oss_model"]


def download_oss_model(model_path: str) -> None:
    """Download a pose model, such as ``"pose_landmark_heavy.tflite"``, unless it is in the cache.

    The folder in `model_path` is ignored: models are stored in the user's cache.

    Raises
    ------
    ValueError
        If there is no pose model of this name.
    ModelNotFoundError
        If the file can't be downloaded.
    """
    from vitruvian.models.catalog import CATALOG
    from vitruvian.models.store import find_file

    names = {weights.file: weights.name for weights in CATALOG.values()}
    file = PurePosixPath(model_path).name
    if file not in names:
        raise ValueError(f"model must be one of {sorted(names)}, got {model_path!r}")
    find_file(names[file])
