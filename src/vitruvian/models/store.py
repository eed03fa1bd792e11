"""Find model files by name or path, verify them by digest, and fetch those that are missing."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from vitruvian.errors import ModelIntegrityError, ModelNotFoundError
from vitruvian.models.catalog import CATALOG, DETECTOR, LANDMARK_MODELS, Weights
from vitruvian.models.files import ModelFile, bundle_files, tflite_file, verified_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitruvian.models.fetch import Progress

__all__ = [
    "FOLDER_VARIABLE",
    "ModelFile",
    "ModelPair",
    "cache_folder",
    "find_file",
    "find_files",
    "find_models",
    "local_path",
    "verified_file",
]

FOLDER_VARIABLE = "VITRUVIAN_MODELS"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModelPair:
    """The files of the two networks of a model: detector and landmark network."""

    name: str
    detector: ModelFile
    landmarks: ModelFile


def find_models(
    model: str | Path, *, folder: str | Path | None = None, progress: Progress | None = None
) -> ModelPair:
    """Return the files of the detector and the landmark network of a model.

    Parameters
    ----------
    model : str or Path
        - ``"lite"``, ``"full"`` or ``"heavy"``;
        - the path of a ``.tflite`` landmark network, which is used with the published detector;
        - the path of a MediaPipe ``.task`` bundle, which contains both networks.
    folder : str or Path, optional
        Where to look for published files first; by default the folder in the environment
        variable ``VITRUVIAN_MODELS``.
    progress : callable, optional
        Called during downloads; see `vitruvian.models.fetch.Progress`.

    Raises
    ------
    ValueError
        If `model` is neither a known name nor a path.
    ModelNotFoundError
        If a path does not exist, or a published file can't be fetched.
    ModelIntegrityError
        If a file has a wrong digest, or is not a TFLite model or an intact bundle.
    """
    if model in LANDMARK_MODELS:
        detector, landmarks = find_files([DETECTOR, str(model)], folder=folder, progress=progress)
        return ModelPair(str(model), detector, landmarks)
    path = Path(model)
    if path.suffix not in (".tflite", ".task"):
        raise ValueError(
            f"model must be one of {list(LANDMARK_MODELS)} or the path of a .tflite or .task file, "
            f"got {str(model)!r}"
        )
    if not path.is_file():
        raise ModelNotFoundError(f"no model file at {str(path)!r}")
    if path.suffix == ".task":
        return ModelPair(path.stem, *bundle_files(path, cache_folder() / "unpacked"))
    landmarks = tflite_file(path)
    return ModelPair(path.stem, find_file(DETECTOR, folder=folder, progress=progress), landmarks)


def find_files(
    names: Sequence[str], *, folder: str | Path | None = None, progress: Progress | None = None
) -> list[ModelFile]:
    """Return published files by their names; files that are not on this machine are fetched.

    The names are ``detector``, ``lite``, ``full`` and ``heavy``. Parameters and errors are those of
    `find_models`.
    """
    wanted = [_weights_called(name) for name in dict.fromkeys(names)]
    found = {w.name: file for w in wanted if (file := _usable_file(w, folder)) is not None}
    absent = [w for w in wanted if w.name not in found]
    if absent:
        from vitruvian.models.fetch import SOURCES, fetch_into  # loads HTTP clients

        fetched = fetch_into(cache_folder(), absent, sources=SOURCES, progress=progress)
        found.update((w.name, file) for w, file in zip(absent, fetched, strict=True))
    return [found[name] for name in names]


def find_file(
    name: str, *, folder: str | Path | None = None, progress: Progress | None = None
) -> ModelFile:
    """Return one published file, as `find_files` does."""
    return find_files([name], folder=folder, progress=progress)[0]


def local_path(name: str, *, folder: str | Path | None = None) -> Path | None:
    """Return the path of a published file on this machine, not verified, or None.

    The places are `folder`, or else the folder in ``VITRUVIAN_MODELS``, and then the user's cache.
    """
    weights = _weights_called(name)
    places = (_named_folder(folder), cache_folder())
    paths = (place / weights.file for place in places if place is not None)
    return next((path for path in paths if path.is_file()), None)


def cache_folder() -> Path:
    """Return the folder in the user's cache for fetched models; it may not exist yet."""
    return platformdirs.user_cache_path("vitruvian") / "models"


def _usable_file(weights: Weights, folder: str | Path | None) -> ModelFile | None:
    """Return the verified local file; None if it is missing, or damaged in the cache."""
    path = local_path(weights.name, folder=folder)
    if path is None:
        return None
    try:
        return verified_file(weights, path)
    except ModelIntegrityError as err:
        if path.parent != cache_folder():
            raise
        logger.warning("%s: fetching it again", err)
        return None


def _weights_called(name: str) -> Weights:
    if name not in CATALOG:
        raise ValueError(f"model must be one of {list(CATALOG)}, got {name!r}")
    return CATALOG[name]


def _named_folder(folder: str | Path | None) -> Path | None:
    """Return the folder from the argument or the environment."""
    named = folder or os.environ.get(FOLDER_VARIABLE)
    if not named:
        return None
    if not Path(named).is_dir():
        raise ModelNotFoundError(f"no folder of models at {str(named)!r}")
    return Path(named)
