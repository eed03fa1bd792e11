"""What tests share: where the reference data and the published models are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def testdata() -> Path:
    """The folder of reference photos, clips and recorded MediaPipe outputs."""
    folder = Path(
        os.environ.get("VITRUVIAN_TESTDATA", REPOSITORY.parent / "shared" / "testdata")
    )
    if not (folder / "README.md").exists():
        pytest.skip(f"no reference data at {folder}: set VITRUVIAN_TESTDATA to its folder")
    return folder
