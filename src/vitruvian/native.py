"""The compiled kernels, if they are built, or None where their NumPy twins are used.

The environment variable ``VITRUVIAN_CORE`` decides: ``numpy`` takes the twins, ``compiled`` raises
an error if the kernels are not built. Without it the kernels are used if they are there.
"""

from __future__ import annotations

import importlib
import logging
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["core"]

logger = logging.getLogger(__name__)

VARIABLE = "VITRUVIAN_CORE"


def _loaded(choice: str) -> ModuleType | None:
    if choice not in ("", "compiled", "numpy"):
        raise ValueError(f"{VARIABLE} must be 'compiled' or 'numpy', got {choice!r}")
    if choice == "numpy":
        logger.info("NumPy kernels are used: %s=numpy", VARIABLE)
        return None
    try:
        compiled = importlib.import_module("vitruvian._core")
    except ImportError as err:
        if choice == "compiled":
            raise
        logger.info("NumPy kernels are used, which are slower: no compiled core (%s)", err)
        return None
    logger.info("compiled kernels are used, vector instructions: %s", compiled.simd)
    return compiled


core = _loaded(os.environ.get(VARIABLE, ""))
