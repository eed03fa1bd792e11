"""Fixtures of the tests of OAK cameras: depthai with its telemetry off, a Python with depthai 2."""

from __future__ import annotations

import os
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

DEPTHAI2_PYTHON = "VITRUVIAN_DEPTHAI2_PYTHON"


@pytest.fixture(autouse=True)
def _own_logging(kept_logging: None) -> None:
    """Commands set up the log of the package; tests of other folders read it."""


@pytest.fixture(scope="session")
def dai() -> Any:
    """depthai 3, loaded as the package does it."""
    if find_spec("depthai") is None:
        pytest.skip("needs the extra vitruvian[oak]")
    from vitruvian.oak.depthai.library import load_depthai

    library = load_depthai()
    if library.major != 3:
        pytest.skip(f"needs depthai 3, got {library.version}")
    return library.module


@pytest.fixture(scope="session")
def depthai2_python() -> Path:
    """The Python of an environment with depthai 2 and NumPy."""
    path = os.environ.get(DEPTHAI2_PYTHON)
    if path is None:
        pytest.skip(f"set {DEPTHAI2_PYTHON} to a Python with depthai 2.33 and NumPy")
    command = [path, "-c", "import numpy, depthai; assert depthai.__version__[0] == '2'"]
    environment = {**os.environ, "DEPTHAI_TELEMETRY": "0"}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    if done.returncode:
        pytest.skip(f"{path} has no depthai 2: {done.stderr.strip().splitlines()[-1]}")
    return Path(path)
