"""The choice between compiled kernels and their NumPy twins."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from vitruvian import native

PROGRAM = """
import logging
logging.basicConfig(level=logging.INFO, format="%(message)s")
from vitruvian import native
print("compiled" if native.core else "numpy")
"""


def choice(variable: str | None, hide_core: bool = False) -> subprocess.CompletedProcess[str]:
    """Return what a program that imports the kernels prints."""
    env = {key: value for key, value in os.environ.items() if key != "VITRUVIAN_CORE"}
    if variable is not None:
        env["VITRUVIAN_CORE"] = variable
    hidden = "import sys; sys.modules['vitruvian._core'] = None\n" if hide_core else ""
    return subprocess.run(
        [sys.executable, "-c", hidden + PROGRAM], env=env, capture_output=True, text=True
    )


@pytest.mark.skipif(native.core is None, reason="there is no compiled core")
def test_compiled_kernels_are_used_where_they_are_built() -> None:
    for variable in (None, "compiled"):
        done = choice(variable)
        assert done.stdout == "compiled\n"
        assert len(done.stderr.splitlines()) == 1
        assert "compiled kernels are used" in done.stderr


def test_the_variable_forces_the_numpy_kernels() -> None:
    done = choice("numpy")
    assert done.stdout == "numpy\n"
    assert done.stderr == "NumPy kernels are used: VITRUVIAN_CORE=numpy\n"


def test_numpy_kernels_are_used_without_a_compiled_core() -> None:
    done = choice(None, hide_core=True)
    assert done.stdout == "numpy\n"
    assert len(done.stderr.splitlines()) == 1
    assert "NumPy kernels are used, which are slower" in done.stderr


def test_a_missing_compiled_core_is_an_error_where_it_is_asked_for() -> None:
    done = choice("compiled", hide_core=True)
    assert done.returncode != 0
    assert "ModuleNotFoundError" in done.stderr.splitlines()[-1]


def test_an_unknown_choice_is_an_error() -> None:
    last = choice("fast").stderr.splitlines()[-1]
    assert last == "ValueError: VITRUVIAN_CORE must be 'compiled' or 'numpy', got 'fast'"
