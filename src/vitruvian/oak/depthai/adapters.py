"""The adapter for the installed version of depthai."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vitruvian.oak.depthai.library import DepthAI

__all__ = ["adapter_for"]

ADAPTERS = {2: "vitruvian.oak.depthai.runtime_v2", 3: "vitruvian.oak.depthai.runtime_v3"}


def adapter_for(library: DepthAI) -> Any:
    """Return the module with `open_device` and `start_session` for a version of depthai."""
    return import_module(ADAPTERS[library.major])
