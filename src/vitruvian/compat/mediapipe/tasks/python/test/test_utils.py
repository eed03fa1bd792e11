"""Paths of the data files of MediaPipe's tests."""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["get_test_data_path"]


def get_test_data_path(file_or_dirname_path: str) -> str:
    """Return the path in the test data folder that ends with `file_or_dirname_path`.

    The folder is given by absl's flag ``test_srcdir`` or the environment variable ``TEST_SRCDIR``.

    Raises
    ------
    ValueError
        If there is no matching file.
    """
    folder = os.environ.get("TEST_SRCDIR", "")
    absl = sys.modules.get("absl.flags")
    if absl is not None and "test_srcdir" in absl.FLAGS:
        folder = absl.FLAGS["test_srcdir"].value
    if folder:
        for path in Path(folder).rglob(f"*{Path(file_or_dirname_path).name}"):
            if str(path).endswith(file_or_dirname_path):
                return str(path)
    raise ValueError(
        f"No {file_or_dirname_path} in test directory {folder!r}: set TEST_SRCDIR to the folder"
    )
