"""DeviceLog: what a device logs, and the error of its script."""

from __future__ import annotations

import logging
from typing import Any

from vitruvian.oak.depthai.errors import one_line
from vitruvian.oak.runtime import ScriptError, log_step

__all__ = ["DeviceLog"]

logger = logging.getLogger(__name__)

LEVELS = {
    "TRACE": logging.DEBUG,
    "DEBUG": logging.DEBUG,
    "INFO": logging.INFO,
    "WARN": logging.WARNING,
    "ERR": logging.WARNING,  # the device goes on
    "CRITICAL": logging.WARNING,
}
ERRORS = ("ERR", "CRITICAL")


class DeviceLog:
    """Passes the messages of a device to the log, and remembers that its script failed.

    Call it with each `depthai.LogMessage`; any thread may do so.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._script_error: str | None = None

    def __call__(self, message: Any) -> None:
        """Take a message of the device."""
        node, level = message.nodeIdName, message.level.name
        text = one_line(message.payload)
        if node.startswith("Script") and level in ERRORS:
            self._script_error = self._script_error or text  # the first is the cause
        elif not log_step(self._name, text):
            logger.log(LEVELS.get(level, logging.INFO), "%s %s: %s", self._name, node, text)

    def check(self) -> None:
        """Raise the error of the script, if there was one.

        Raises
        ------
        ScriptError
        """
        if self._script_error is not None:
            raise ScriptError(
                f"the script of OAK camera {self._name!r} failed: {self._script_error}"
            )
