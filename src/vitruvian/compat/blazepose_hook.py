"""Import hook that redirects the modules of depthai_blazepose to this package."""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.compat.alias import alias_spec

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

__all__ = ["finder", "is_redirected_file"]

TREE = "vitruvian.compat.depthai_blazepose"
TRACKERS = ("BlazeposeDepthai", "BlazeposeDepthaiEdge")
COMMON = ("BlazeposeRenderer", "FPS", "mediapipe_utils")  # other programs have such modules, too


def is_redirected_file(file: Path) -> bool:
    """Whether a file is a module of depthai_blazepose that is replaced by one of this package.

    It has the name of one, and stands beside a tracker of depthai_blazepose.
    """
    beside = (file.with_name(f"{name}.py") for name in TRACKERS)
    return file.stem in (*TRACKERS, *COMMON) and any(other.is_file() for other in beside)


class _Modules:
    """Finds the modules of depthai_blazepose: the module objects of this package."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Return the spec of a module of depthai_blazepose; None for all others.

        A `COMMON` module of another program is left alone: one that does not stand beside a
        tracker, or does not exist while no tracker or renderer is imported.
        """
        if fullname not in (*TRACKERS, *COMMON):
            return None
        if fullname in COMMON and not _is_theirs(fullname):
            return None
        return alias_spec(fullname, f"{TREE}.{fullname}")


def _is_theirs(name: str) -> bool:
    found = PathFinder.find_spec(name)
    if found is not None and found.origin is not None:
        return is_redirected_file(Path(found.origin))
    return name == "BlazeposeRenderer" or any(
        getattr(sys.modules.get(other), "__name__", "") == f"{TREE}.{other}"
        for other in (*TRACKERS, "BlazeposeRenderer")
    )


finder = _Modules()
"""The finder that ``vitruvian run`` asks for modules of these names."""
