"""``mediapipe.python.solutions.download_utils``: fetching a model before its first use."""

from __future__ import annotations

from pathlib import PurePosixPath

__all__ = ["download_oss_model"]


def download_oss_model(model_path: str) -> None:
    """Fetch a pose model, such as ``"pose_landmark_heavy.tflite"``, if it is not on this machine.

    The folder in `model_path` is ignored: models are kept in the user's cache.

    Raises
    ------
    ValueError
        If no pose model is called so.
    ModelNotFoundError
        If no source could give the file.
    """
    from vitruvian.models.catalog import CATALOG
    from vitruvian.models.store import find_file

    names = {weights.file: weights.name for weights in CATALOG.values()}
    file = PurePosixPath(model_path).name
    if file not in names:
        raise ValueError(f"model must be one of {sorted(names)}, got {model_path!r}")
    find_file(names[file])
