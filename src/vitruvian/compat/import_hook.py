"""Taking the name ``mediapipe`` over, and giving it back."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

__all__ = ["install", "uninstall"]

TAKEN = "mediapipe"
TREE = "vitruvian.compat.mediapipe"
SHORT = {f"{TAKEN}.solutions": f"{TREE}.python.solutions"}  # as ``mediapipe.solutions`` is there


def install() -> None:
    """Let every later ``import mediapipe`` give `vitruvian.compat.mediapipe`.

    A MediaPipe that is installed too stays untouched and unseen. A second call changes nothing.

    Raises
    ------
    ImportError
        If the real MediaPipe has been imported before.

    Examples
    --------
    >>> install()
    >>> import mediapipe as mp
    >>> mp.solutions.__name__
    'vitruvian.compat.mediapipe.python.solutions'
    >>> uninstall()
    """
    there = sys.modules.get(TAKEN)
    if there is not None and there.__name__ != TREE:
        origin = getattr(there, "__file__", None) or "an unknown place"
        raise ImportError(
            f"vitruvian.compat.install() must come before the first 'import mediapipe', which has "
            f"taken {origin}: call it at the program's start, or use 'vitruvian run PROGRAM'",
            name=TAKEN,
        )
    if _alias not in sys.meta_path:
        sys.meta_path.insert(0, _alias)
        import_module(TAKEN)


def uninstall() -> None:
    """Undo `install`: later imports of ``mediapipe`` give the real one, if it is installed.

    Programs that hold modules of ours keep them. Without an `install` before, nothing happens.
    """
    if _alias not in sys.meta_path:
        return
    sys.meta_path.remove(_alias)
    for name in [*sys.modules]:
        if name == TAKEN or name.startswith(f"{TAKEN}."):
            del sys.modules[name]


class _Alias(MetaPathFinder, Loader):
    """Answers ``mediapipe`` and what is below it by our modules, the very same objects."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Return where to find a module of the tree; None for all others."""
        if fullname != TAKEN and not fullname.startswith(f"{TAKEN}."):
            return None
        module = import_module(_ours(fullname))
        spec = ModuleSpec(fullname, self, origin=module.__file__)
        spec.submodule_search_locations = getattr(module, "__path__", None)
        spec.loader_state = module.__spec__
        return spec

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module that exists."""
        return import_module(_ours(spec.name))

    def exec_module(self, module: ModuleType) -> None:
        """Give the module its own description back, which the import has overwritten."""
        if module.__spec__ is not None and module.__spec__.loader is self:
            module.__spec__ = module.__spec__.loader_state


def _ours(fullname: str) -> str:
    for theirs, ours in SHORT.items():
        if fullname == theirs or fullname.startswith(f"{theirs}."):
            return ours + fullname.removeprefix(theirs)
    return TREE + fullname.removeprefix(TAKEN)


_alias = _Alias()
