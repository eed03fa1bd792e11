"""Fixtures of all tests: reference data and published models."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def testdata() -> Path:
    """The folder of reference photos, clips and recorded MediaPipe outputs."""
    folder = Path(os.environ.get("VITRUVIAN_TESTDATA", REPOSITORY.parent / "shared" / "testdata"))
    if not (folder / "README.md").exists():
        pytest.skip(f"no reference data at {folder}: set VITRUVIAN_TESTDATA to its folder")
    return folder


@pytest.fixture(autouse=True)
def _needs_weights(request: pytest.FixtureRequest) -> None:
    """Skip a test marked `weights` where the published models are not on this machine."""
    if request.node.get_closest_marker("weights") is None:
        return
    from vitruvian.models.store import local_path

    absent = [n for n in ("detector", "lite", "full", "heavy") if local_path(n) is None]
    if absent:
        pytest.skip(f"models {absent} are not here: `vitruvian models fetch` gets them")


@pytest.hookimpl(wrapper=True)
def pytest_collect_file() -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Collect test files as tests only, not for doctests.

    The doctest collector of `--doctest-ignore-import-errors` skips a file that can't be imported.
    pytest then reuses the half-imported module, so that its tests vanish without an error.
    """
    collectors = yield
    return [c for c in collectors if type(c) is pytest.Module]
