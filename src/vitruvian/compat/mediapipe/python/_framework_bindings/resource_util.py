"""``mp.resource_util``: the folder of MediaPipe's models, which vitruvian does not use."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os

__all__ = ["set_resource_dir"]


def set_resource_dir(path: str | os.PathLike[str]) -> None:
    """Do nothing: models are in the folder of the environment variable ``VITRUVIAN_MODELS``."""
