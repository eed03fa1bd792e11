"""Model files on this machine: found by name or path, checked by digest, fetched when absent."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from vitruvian.engine.catalog import CATALOG, DETECTOR, LANDMARK_MODELS, Weights
from vitruvian.engine.store.files import ModelFile, bundle_files, tflite_file, verified_file
from vitruvian.errors import ModelIntegrityError, ModelNotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitruvian.engine.store.fetch import Progress

__all__ = [
    "FOLDER_VARIABLE",
    "ModelFile",
    "ModelPair",
    "cache_folder",
    "find_file",
    "find_files",
    "find_models",
    "local_file",
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
    model: str | Path, *, folder: Path | None = None, progress: Progress | None = None
) -> ModelPair:
    """Return the detector and the landmark network that `model` names.

    Parameters
    ----------
    model : str or Path
        ``"lite"``, ``"full"`` or ``"heavy"``; the path of a landmark network, ``.tflite``, which
        goes with the published detector; or the path of a MediaPipe bundle of both, ``.task``.
    folder : Path, optional
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
    names: Sequence[str], *, folder: Path | None = None, progress: Progress | None = None
) -> list[ModelFile]:
    """Return the published files called `names`; all that are not on this machine are fetched.

    The names are ``detector``, ``lite``, ``full`` and ``heavy``; parameters and errors are those
    of `find_models`.
    """
    found = {name: _usable_file(name, folder) for name in names}
    absent = [name for name, file in found.items() if file is None]
    if absent:
        from vitruvian.engine.store.fetch import fetch_into  # loads what talks to the network

        wanted = [CATALOG[name] for name in absent]
        fetched = fetch_into(cache_folder(), wanted, progress=progress)
        found.update(zip(absent, fetched, strict=True))
    return [file for file in found.values() if file is not None]


def find_file(
    name: str, *, folder: Path | None = None, progress: Progress | None = None
) -> ModelFile:
    """Return the published file called `name`, as `find_files` does."""
    return find_files([name], folder=folder, progress=progress)[0]


def local_file(name: str, *, folder: Path | None = None) -> ModelFile | None:
    """Return the published file called `name` if it is on this machine, else None.

    Looked for in `folder`, or the folder that ``VITRUVIAN_MODELS`` names, then in the user's
    cache.

    Raises
    ------
    ModelIntegrityError
        If the first one found has a wrong digest.
    """
    weights = _weights_called(name)
    for place in (_named_folder(folder), cache_folder()):
        if place is not None and (path := place / weights.file).is_file():
            return verified_file(weights, path)
    return None


def cache_folder() -> Path:
    """Return the folder of the user's cache that keeps fetched models; it may not exist yet."""
    return platformdirs.user_cache_path("vitruvian") / "models"


def _usable_file(name: str, folder: Path | None) -> ModelFile | None:
    """Return the local file; a damaged one is fetched again if it is only the cache's."""
    try:
        return local_file(name, folder=folder)
    except ModelIntegrityError as err:
        named = _named_folder(folder)
        if named is not None and (named / CATALOG[name].file).is_file():
            raise
        logger.warning("%s; fetching it again", err)
        return None


def _weights_called(name: str) -> Weights:
    if name not in CATALOG:
        raise ValueError(f"model file must be one of {list(CATALOG)}, got {name!r}")
    return CATALOG[name]


def _named_folder(folder: Path | None) -> Path | None:
    """Return the folder that the caller or the environment names."""
    named = folder or os.environ.get(FOLDER_VARIABLE)
    if not named:
        return None
    if not Path(named).is_dir():
        raise ModelNotFoundError(f"no folder of models at {str(named)!r}")
    return Path(named)
