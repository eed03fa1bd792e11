from __future__ import annotations

from typing import TYPE_CHECKING

from vitruvian.cli.progress import fetch_models
from vitruvian.models.catalog import CATALOG, DETECTOR

if TYPE_CHECKING:
    from pathlib import Path


def test_existing_model_files_are_verified_by_the_engine_only(tmp_path: Path) -> None:
    for name in (DETECTOR, "lite"):
        (tmp_path / CATALOG[name].file).write_bytes(b"not read")
    fetch_models("lite", tmp_path)
