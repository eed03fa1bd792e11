"""The cache of compiled networks: each is named by what it was made from and by its content."""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING

import platformdirs

from vitruvian.draft import replace_file
from vitruvian.errors import ModelNotFoundError
from vitruvian.oak.networks import network_called, onnx_file

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["blob_file", "blob_key", "cached_blob", "oak_cache_folder", "store_blob"]

RECIPE = "1"  # changes whenever the same ONNX file gives another blob
DIGITS = 16  # of a digest in the name of a file

log = logging.getLogger(__name__)


def oak_cache_folder() -> Path:
    """Return the folder in the user's cache for all that OAK cameras need; it may not exist yet."""
    return platformdirs.user_cache_path("vitruvian") / "oak"


def blob_file(name: str, *, shaves: int = 4, models_dir: str | Path | None = None) -> Path:
    """Return the compiled network from the cache, with its content verified.

    Parameters
    ----------
    name : str
        One of `NETWORKS`.
    shaves : int
        Processor cores of the device, 1 to 16.
    models_dir : str or Path, optional
        Folder with the published files; None for the environment's or the user's cache.

    Raises
    ------
    ModelNotFoundError
        If it is not compiled yet; the message names the command: ``vitruvian oak compile``.
    """
    network = network_called(name)
    n_shaves = network.shaves_for(shaves)
    path = cached_blob(blob_key(name, n_shaves, onnx_file(name, models_dir=models_dir)))
    if path is None:
        raise ModelNotFoundError(
            f"the network {name!r} is not compiled for {n_shaves} "
            f"shave{'s' if n_shaves > 1 else ''}: "
            f"vitruvian oak compile --model {name} --shaves {shaves}"
        )
    return path


def blob_key(name: str, shaves: int, onnx: Path) -> str:
    """Return the name of a compiled network: that, the cores, and a digest of its ONNX file."""
    made_from = hashlib.sha256(f"{RECIPE} {name} {shaves} ".encode() + onnx.read_bytes())
    return f"{name}-sh{shaves}-{made_from.hexdigest()[:DIGITS]}"


def cached_blob(key: str) -> Path | None:
    """Return the compiled network with this key, or None.

    The content of the file is verified; a damaged one is logged as a warning and not returned.
    """
    for path in sorted(_folder().glob(f"{key}-*.blob")):
        try:
            content = path.read_bytes()
        except OSError as err:
            log.warning("the compiled network %s can't be read: %s", path, err)
            continue
        if path.stem == f"{key}-{_digits(content)}":
            return path
        log.warning("the compiled network %s is damaged", path)
    return None


def store_blob(key: str, content: bytes) -> Path:
    """Write a compiled network to the cache and return its path.

    Raises
    ------
    OSError
        If the file can't be written. Nothing is left behind.
    """
    path = _folder() / f"{key}-{_digits(content)}.blob"
    replace_file(path, content)
    for old in _folder().glob(f"{key}-*.blob"):
        if old != path:
            old.unlink(missing_ok=True)
    return path


def _folder() -> Path:
    return oak_cache_folder() / "blobs"


def _digits(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:DIGITS]
