"""The model file of `BaseOptions`, in a form that the engine opens."""

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
    """Yield the name or the path of a model while the engine opens it.

    The bytes of a bundle are written to a temporary file for that time; the engine caches the
    unpacked model.

    Raises
    ------
    TypeError
        If `model_asset_buffer` is not bytes.
    ValueError
        If neither a path nor a buffer is given.
    FileNotFoundError
        If the file does not exist.
    RuntimeError
        If the file is not a ``.task`` bundle.
    """
    content, name = options.model_asset_buffer, options.model_asset_path
    if content is not None and not isinstance(content, bytes):
        raise TypeError(
            f"model_asset_buffer must be the bytes of a bundle, got {type(content).__name__}: "
            "use model_asset_path for a path or a name"
        )
    if not content and not name:
        raise ValueError(
            "ExternalFile must specify at least one of 'file_content', 'file_name', "
            "'file_pointer_meta' or 'file_descriptor_meta'."
        )
    model = content or _path_or_content(name or "")
    if isinstance(model, str):
        yield model
        return
    if not zipfile.is_zipfile(BytesIO(model)):
        raise RuntimeError("Unable to open zip archive.")
    with TemporaryDirectory(prefix="vitruvian-") as folder:
        bundle = Path(folder, "model.task")
        bundle.write_bytes(model)
        yield str(bundle)


def _path_or_content(name: str) -> str | bytes:
    """Return a name or path that the engine opens; else the content, if the suffix isn't .task."""
    from vitruvian.models.catalog import LANDMARK_MODELS

    path = Path(name)
    if name in LANDMARK_MODELS:
        return name
    if not path.exists():
        raise MissingFileError(f"Unable to open file at {path}")
    if not zipfile.is_zipfile(path):
        raise RuntimeError("Unable to open zip archive.")
    return str(path) if path.suffix == ".task" else path.read_bytes()
