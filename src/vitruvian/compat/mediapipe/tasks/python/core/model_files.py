"""The model that `BaseOptions` names, as a path that the engine opens."""

from __future__ import annotations

import zipfile
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from vitruvian.compat.mediapipe.tasks.python.core.missing_file import MissingFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitruvian.compat.mediapipe.tasks.python.core.base_options import BaseOptions

__all__ = ["opened_model"]


@contextmanager
def opened_model(options: BaseOptions) -> Iterator[str]:
    """Give the name or the path of a model for as long as the engine opens it.

    A bundle given by its content, or named unlike one, is put into a file for that time; the engine
    keeps what it unpacks.

    Raises
    ------
    ValueError
        If no model is named.
    FileNotFoundError
        If there is no such file.
    RuntimeError
        If it is not a bundle.
    """
    from vitruvian.engine.catalog import LANDMARK_MODELS

    content, name = options.model_asset_buffer, options.model_asset_path
    if not content and not name:
        raise ValueError(
            "ExternalFile must specify at least one of 'file_content', 'file_name', "
            "'file_pointer_meta' or 'file_descriptor_meta'."
        )
    if not content:
        path = Path(name or "")
        if name in LANDMARK_MODELS or (path.suffix == ".tflite" and path.is_file()):
            yield str(name)
            return
        if not path.exists():
            raise MissingFileError(f"Unable to open file at {path}")
        if path.is_dir() or not zipfile.is_zipfile(path):
            raise RuntimeError("Unable to open zip archive.")
        if path.suffix == ".task":
            yield str(path)
            return
        content = path.read_bytes()
    with TemporaryDirectory(prefix="vitruvian-") as folder:
        bundle = Path(folder, "model.task")
        bundle.write_bytes(content or b"")
        if not zipfile.is_zipfile(bundle):
            raise RuntimeError("Unable to open zip archive.")
        yield str(bundle)
