"""OpenVINO, imported without its telemetry.

Importing `openvino` loads its model converter, which reports the import to Google Analytics through
the package `openvino_telemetry`, unless the user has opted out. The converter does without that
package where it is not installed. So it is hidden during the import, in this process only.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ov"]


@contextmanager
def _hidden(package: str) -> Iterator[None]:
    """Let imports of `package` fail; one that is loaded already stays."""
    is_loaded = package in sys.modules
    if not is_loaded:
        sys.modules[package] = None  # type: ignore[assignment]  # Python's mark for a refused import
    try:
        yield
    finally:
        if not is_loaded:
            del sys.modules[package]


with _hidden("openvino_telemetry"):
    import openvino as ov
