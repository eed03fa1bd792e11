"""Model files on this machine: found by name or path, checked by digest, fetched when absent."""

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
    """The two networks that find poses: a detector and a landmark network."""

    name: str
    detector: ModelFile
    landmarks: ModelFile


def find_models(
    model: str | Path, *, folder: str | Path | None = None, progress: Progress | None = None
) -> ModelPair:
    """Return the detector and the landmark network that `model` names.

    Parameters
    ----------
    model : str or Path
        ``"lite"``, ``"full"`` or ``"heavy"``; the path of a landmark network, ``.tflite``, which
        goes with the published detector; or the path of a MediaPipe bundle of both, ``.task``.
    folder : str or Path, optional
        Where to look for published files first; by default the folder that the environment
        variable ``VITRUVIAN_MODELS`` names.
    progress : callable, optional
        Told how far a download is.

    Raises
    ------
    ValueError
        If `model` is neither a known name nor a path.
    ModelNotFoundError
        If a path does not exist, or no source could give a published file.
    ModelIntegrityError
        If a file is not what its digest promises, or no TFLite model or bundle at all.
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
    """Return the published files called `names`; all that are not on this machine are fetched.

    The names are ``detector``, ``lite``, ``full`` and ``heavy``; parameters and errors are those
    of `find_models`.
    """
    wanted = [_weights_called(name) for name in dict.fromkeys(names)]
    found = {w.name: file for w in wanted if (file := _usable_file(w, folder)) is not None}
    absent = [w for w in wanted if w.name not in found]
    if absent:
        from vitruvian.models.fetch import SOURCES, fetch_into  # what talks to the network

        fetched = fetch_into(cache_folder(), absent, sources=SOURCES, progress=progress)
        found.update((w.name, file) for w, file in zip(absent, fetched, strict=True))
    return [found[name] for name in names]


def find_file(
    name: str, *, folder: str | Path | None = None, progress: Progress | None = None
) -> ModelFile:
    """Return the published file called `name`, as `find_files` does."""
    return find_files([name], folder=folder, progress=progress)[0]


def local_path(name: str, *, folder: str | Path | None = None) -> Path | None:
    """Return where the published file called `name` is on this machine, unverified, or None.

    Looked for in `folder`, or the folder that ``VITRUVIAN_MODELS`` names, then in the user's
    cache.
    """
    weights = _weights_called(name)
    places = (_named_folder(folder), cache_folder())
    paths = (place / weights.file for place in places if place is not None)
    return next((path for path in paths if path.is_file()), None)


def cache_folder() -> Path:
    """Return the folder of the user's cache that keeps fetched models; it may not exist yet."""
    return platformdirs.user_cache_path("vitruvian") / "models"


def _usable_file(weights: Weights, folder: str | Path | None) -> ModelFile | None:
    """Return the local file, verified; None where there is none, or the cache's is damaged."""
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
    """Return the folder that the caller or the environment names."""
    named = folder or os.environ.get(FOLDER_VARIABLE)
    if not named:
        return None
    if not Path(named).is_dir():
        raise ModelNotFoundError(f"no folder of models at {str(named)!r}")
    return Path(named)
