"""The model that `BaseOptions` names, as the engine opens it."""

from __future__ import annotations

import zipfile
from contextlib import contextmanager
from io import BytesIO
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

    A content lies in a file for that time; the engine keeps what it unpacks.

    Raises
    ------
    TypeError
        If the content is not bytes.
    ValueError
        If no model is named.
    FileNotFoundError
        If there is no such file.
    RuntimeError
        If it is no bundle.
    """
    content, name = options.model_asset_buffer, options.model_asset_path
    if content is not None and not isinstance(content, bytes):
        raise TypeError(
            f"model_asset_buffer must be the bytes of a bundle, got {type(content).__name__}: "
            "a path or a name is model_asset_path"
        )
    if not content and not name:
        raise ValueError(
            "ExternalFile must specify at least one of 'file_content', 'file_name', "
            "'file_pointer_meta' or 'file_descriptor_meta'."
        )
    model = content or _named(name or "")
    if isinstance(model, str):
        yield model
        return
    if not zipfile.is_zipfile(BytesIO(model)):
        raise RuntimeError("Unable to open zip archive.")
    with TemporaryDirectory(prefix="vitruvian-") as folder:
        bundle = Path(folder, "model.task")
        bundle.write_bytes(model)
        yield str(bundle)


def _named(name: str) -> str | bytes:
    """Return what the engine opens by itself, or the content of a file with another ending."""
    from vitruvian.models.catalog import LANDMARK_MODELS

    path = Path(name)
    if name in LANDMARK_MODELS:
        return name
    if not path.exists():
        raise MissingFileError(f"Unable to open file at {path}")
    if not zipfile.is_zipfile(path):
        raise RuntimeError("Unable to open zip archive.")
    return str(path) if path.suffix == ".task" else path.read_bytes()
