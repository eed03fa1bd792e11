"""Which depthai is installed: absent, too old, damaged, mixed up; its telemetry is off."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from vitruvian.errors import BackendUnavailableError
from vitruvian.oak.depthai.library import load_depthai

if TYPE_CHECKING:
    from pathlib import Path

VARIABLES = (
    *("DEPTHAI_TELEMETRY", "DEPTHAI_DISABLE_STARTUP_NOTIFICATIONS"),
    *("DEPTHAI_DISABLE_FEEDBACK", "DEPTHAI_LEVEL", "DEPTHAI_INSTALL_SIGNAL_HANDLER"),
)


def install(monkeypatch: pytest.MonkeyPatch, folder: Path, version: str, *listed: str) -> None:
    """Make a depthai of this version importable, beside the metadata of the listed versions."""
    module = ModuleType("depthai")
    module.__version__ = version  # type: ignore[attr-defined]
    module.__file__ = str(folder / "depthai.so")
    module.Pipeline = object  # type: ignore[attr-defined]
    for name in listed:
        info = folder / f"depthai-{name}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: depthai\nVersion: {name}\n")
    monkeypatch.setitem(sys.modules, "depthai", module)
    monkeypatch.setenv("DEPTHAI_TELEMETRY", "0")


@pytest.mark.parametrize(("version", "major"), [("2.33.0.0", 2), ("2.24.0.0", 2), ("3.0.0", 3)])
def test_versions_2_and_3_are_accepted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str, major: int
) -> None:
    install(monkeypatch, tmp_path, version, version)
    library = load_depthai()
    assert (library.version, library.major) == (version, major)


def test_absent_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "depthai", None)
    monkeypatch.setenv("DEPTHAI_TELEMETRY", "0")
    with pytest.raises(BackendUnavailableError) as caught:
        load_depthai()
    assert "pip install 'vitruvian[oak]'" in str(caught.value)
    assert "depthai==2.33" in str(caught.value)


@pytest.mark.parametrize("version", ["2.10.0.0", "1.9.0", "4.0.0"])
def test_other_versions_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str
) -> None:
    install(monkeypatch, tmp_path, version, version)
    with pytest.raises(BackendUnavailableError, match=rf"got {version}: pip install"):
        load_depthai()


def test_two_versions_in_one_environment_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    install(monkeypatch, tmp_path, "2.33.0.0", "2.33.0.0", "3.12.0")
    with pytest.raises(BackendUnavailableError, match=r"2 and 3 are mixed up.*pip uninstall"):
        load_depthai()


def test_folder_without_the_library_is_a_damaged_installation(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "depthai").mkdir()
    monkeypatch.setitem(sys.modules, "depthai", None)  # so that what is loaded now goes again
    del sys.modules["depthai"]
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.setenv("DEPTHAI_TELEMETRY", "0")
    with pytest.raises(BackendUnavailableError, match="damaged: pip uninstall depthai"):
        load_depthai()


def test_library_that_was_imported_before_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    install(monkeypatch, tmp_path, "3.12.0", "3.12.0")
    monkeypatch.delenv("DEPTHAI_TELEMETRY")
    load_depthai()
    assert "set DEPTHAI_TELEMETRY=0" in caplog.text


LIBRARY = """
import os
print("IMPORTED", *(os.environ[name] for name in {names}))
__version__ = "3.12.0"
Pipeline = object
"""
PROGRAM = """
import logging
logging.basicConfig(level=logging.INFO)
from vitruvian.oak.depthai.library import load_depthai
load_depthai()
"""


@pytest.mark.parametrize(
    ("given", "expected"), [({}, "0 1 1 off 0"), ({"DEPTHAI_TELEMETRY": "1"}, "1 1 1 off 0")]
)
def test_telemetry_is_off_before_the_import_unless_the_user_set_it(
    tmp_path: Path, given: dict[str, str], expected: str
) -> None:
    (tmp_path / "depthai.py").write_text(LIBRARY.format(names=VARIABLES))  # sends nothing
    kept = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**kept, **given, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert f"IMPORTED {expected}" in done.stdout
    assert f"telemetry of depthai: DEPTHAI_TELEMETRY={expected[0]}" in done.stderr


FULL_FILE = """
import resource, sys
from vitruvian.oak.depthai.library import load_depthai
load_depthai()
resource.setrlimit(resource.RLIMIT_FSIZE, (4, resource.RLIM_INFINITY))
try:
    with open(sys.argv[1], "wb", buffering=0) as file:
        for _ in range(2):
            file.write(b"abcd")
except OSError as error:
    print(error.strerror)
"""


def test_a_file_that_may_grow_no_further_is_still_an_error_and_not_the_end(tmp_path: Path) -> None:
    pytest.importorskip("resource", reason="limits of files are those of Unix")
    if find_spec("depthai") is None:
        pytest.skip("needs the extra vitruvian[oak]")
    kept = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    done = subprocess.run(
        [sys.executable, "-c", FULL_FILE, str(tmp_path / "full")],
        env=kept,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (0, "File too large\n"), done.stderr
