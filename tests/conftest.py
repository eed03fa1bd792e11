"""Fixtures of all tests: reference data, published models, a virtual display."""

from __future__ import annotations

import logging
import os
import select
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

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


@pytest.fixture
def display() -> Iterator[str]:
    """The name of a virtual X display of 800×600 px."""
    if shutil.which("Xvfb") is None:
        pytest.skip("needs Xvfb, a display in memory")
    pytest.importorskip("tkinter")
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "800x600x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    try:
        ready, _, _ = select.select([reader], [], [], 20)
        number = os.read(reader, 16).decode().strip() if ready else ""
        if not number:
            pytest.skip("Xvfb does not start")
        yield f":{number}"
    finally:
        os.close(reader)
        server.terminate()
        server.wait()


@pytest.hookimpl(wrapper=True)
def pytest_collect_file() -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Collect test files as tests only, not for doctests.

    The doctest collector of `--doctest-ignore-import-errors` skips a file that can't be imported.
    pytest then reuses the half-imported module, so that its tests vanish without an error.
    """
    collectors = yield
    return [c for c in collectors if type(c) is pytest.Module]


@pytest.fixture
def kept_logging() -> Iterator[None]:
    """Undo what the program sets of the package's logger."""
    logger = logging.getLogger("vitruvian")
    handlers, level = logger.handlers, logger.level
    yield
    logger.handlers = handlers
    logger.setLevel(level)
