"""The depthai library of Luxonis in this environment: the only module that imports it."""

from __future__ import annotations

import logging
import os
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from vitruvian.errors import BackendUnavailableError

__all__ = ["DepthAI", "load_depthai"]

logger = logging.getLogger(__name__)

# What depthai sends to Luxonis, and the variables that switch it off, unless the user has set them:
# usage statistics (since 3.7), a request for news at the start, pipelines and dumps of crashes.
# From the strings of libdepthai-core 3.12 and its src/utility (Telemetry.cpp, LogCollection.cpp).
SWITCHES = {
    "DEPTHAI_TELEMETRY": "0",
    "DEPTHAI_DISABLE_STARTUP_NOTIFICATIONS": "1",
    "DEPTHAI_DISABLE_FEEDBACK": "1",
}
# depthai logs to standard output, where results may go. Errors are raised here, with advice; what a
# device logs still reaches `DeviceLog` (DeviceBase.cpp calls it at every level of this log).
QUIET = {"DEPTHAI_LEVEL": "off"}
# depthai's handlers of signals print a stack trace and end the process, also where Python reports
# an error: a file that may grow no further (SIGXFSZ) would end a run instead of keeping its frames.
HANDLERS = {"DEPTHAI_INSTALL_SIGNAL_HANDLER": "0"}

OLDEST = {2: (2, 24), 3: (3, 0)}  # 2.24 is the first with the node Sync
INSTALL = "pip install 'vitruvian[oak]'"
REINSTALL = f"pip uninstall depthai until none is left, then {INSTALL}"


@dataclass(frozen=True, slots=True)
class DepthAI:
    """The library.

    Attributes
    ----------
    module : module
        `depthai`.
    version : str
        Such as "3.12.0".
    major : int
        2 or 3: which interface it has.
    """

    module: Any
    version: str
    major: int


def load_depthai() -> DepthAI:
    """Return the library, imported when it is first needed, with its telemetry switched off.

    Raises
    ------
    BackendUnavailableError
        If it is not installed, too old, or its installation is damaged.
    """
    if "depthai" not in sys.modules:
        _set_environment()
    elif "DEPTHAI_TELEMETRY" not in os.environ:
        logger.warning(
            "depthai was imported before vitruvian.oak: its telemetry is on; "
            "set DEPTHAI_TELEMETRY=0 to switch it off"
        )
    module = _import_depthai()
    version = str(module.__version__)
    major, minor = (int(part) for part in version.split(".")[:2])
    _check_installation(module, version)
    if major not in OLDEST:
        raise BackendUnavailableError(f"depthai must be version 2 or 3, got {version}: {INSTALL}")
    if (major, minor) < OLDEST[major]:
        oldest = ".".join(map(str, OLDEST[major]))
        raise BackendUnavailableError(
            f"depthai {major} must be {oldest} or newer, got {version}: {INSTALL}, "
            "or pip install depthai==2.33.0.0"
        )
    return DepthAI(module, version, major)


def _set_environment() -> None:
    for name, value in {**SWITCHES, **QUIET, **HANDLERS}.items():
        os.environ.setdefault(name, value)
    logger.info(
        "telemetry of depthai: %s", " ".join(f"{name}={os.environ[name]}" for name in SWITCHES)
    )


def _import_depthai() -> Any:
    try:
        import depthai
    except ModuleNotFoundError as err:
        if err.name != "depthai":
            raise BackendUnavailableError(f"depthai can't be imported: {err}") from err
        raise BackendUnavailableError(
            f"an OAK camera needs depthai: {INSTALL}, or pip install depthai==2.33.0.0"
        ) from err
    except ImportError as err:
        raise BackendUnavailableError(
            f"the installation of depthai is damaged: {err}: {REINSTALL}"
        ) from err
    if not hasattr(depthai, "Pipeline"):  # a folder that another version left
        raise BackendUnavailableError(f"the installation of depthai is damaged: {REINSTALL}")
    return depthai


def _check_installation(module: Any, version: str) -> None:
    """Refuse versions 2 and 3 in one folder: both install a module of the same name."""
    folder = Path(module.__file__ or "").parent
    found = metadata.distributions(name="depthai", path=[str(folder)])
    installed = sorted({text.split(".")[0] for text in [version, *(d.version for d in found)]})
    if len(installed) > 1:
        raise BackendUnavailableError(
            f"depthai {' and '.join(installed)} are mixed up in this environment: {REINSTALL}"
        )
