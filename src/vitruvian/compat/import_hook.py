"""Import hook that redirects ``import mediapipe`` to `vitruvian.compat.mediapipe`."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

from vitruvian.compat.alias import alias_spec
from vitruvian.compat.generation import note_use

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

__all__ = ["install", "uninstall"]

MEDIAPIPE = "mediapipe"
TREE = "vitruvian.compat.mediapipe"
REDIRECT = "VitruvianRedirect"  # the finder in shim/vitruvian_redirect.py, which calls `install`
ALIASES = {  # MediaPipe has ``mediapipe.solutions`` as a short name, too
    f"{MEDIAPIPE}.solutions": f"{TREE}.python.solutions"
}


def install() -> None:
    """Redirect every later ``import mediapipe`` to `vitruvian.compat.mediapipe`.

    An installed MediaPipe is not changed and not imported. Calling `install` twice has no effect.

    Raises
    ------
    ImportError
        If the real MediaPipe is already imported.

    Examples
    --------
    >>> install()
    >>> import mediapipe as mp
    >>> mp.solutions.__name__
    'vitruvian.compat.mediapipe.python.solutions'
    >>> uninstall()
    """
    imported = sys.modules.get(MEDIAPIPE)
    if imported is not None and imported.__name__ != TREE:
        origin = getattr(imported, "__file__", None) or "an unknown location"
        raise ImportError(
            f"vitruvian.compat.install() must be called before the first 'import mediapipe', but "
            f"mediapipe is already imported from {origin}: call install() at the program's start, "
            "or use 'vitruvian run PROGRAM'",
            name=MEDIAPIPE,
        )
    if finder not in sys.meta_path:
        sys.meta_path.insert(0, finder)
        import_module(MEDIAPIPE)


def uninstall() -> None:
    """Undo `install`: later imports of ``mediapipe`` find the real package, if it is installed.

    In this process, that also undoes ``vitruvian run`` and ``vitruvian mediapipe on``.
    References to modules that were imported before stay valid. Without a previous `install`, the
    call has no effect.
    """
    sys.meta_path[:] = [f for f in sys.meta_path if getattr(f, "__name__", "") != REDIRECT]
    if finder not in sys.meta_path:
        return
    sys.meta_path.remove(finder)
    for name in [*sys.modules]:
        if name == MEDIAPIPE or name.startswith(f"{MEDIAPIPE}."):
            del sys.modules[name]


class _Alias:
    """Finds ``mediapipe`` and its submodules: the module objects of this package, not copies."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Return the spec of a module of the tree; None for all others."""
        if fullname != MEDIAPIPE and not fullname.startswith(f"{MEDIAPIPE}."):
            return None
        note_use(fullname.removeprefix(f"{MEDIAPIPE}."))
        return alias_spec(fullname, _compat_name(fullname))


def _compat_name(fullname: str) -> str:
    """Return the name of the module of this package that stands in for a module of MediaPipe."""
    for alias, target in ALIASES.items():
        if fullname == alias or fullname.startswith(f"{alias}."):
            return target + fullname.removeprefix(alias)
    return TREE + fullname.removeprefix(MEDIAPIPE)


finder = _Alias()
"""The finder that `install` puts first on ``sys.meta_path``."""
