"""Lazy attributes of the packages in the MediaPipe tree, and errors for what is not covered."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.abc import MetaPathFinder
from typing import TYPE_CHECKING

from vitruvian.fork import no_fork

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

__all__ = ["members"]

TREE = "vitruvian.compat.mediapipe"


def members(
    package: str, targets: Mapping[str, str]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return ``__getattr__`` and ``__dir__`` of a package that loads its attributes on first use.

    Parameters
    ----------
    package : str
        Full name of the package.
    targets : mapping
        Attribute name to its location relative to the tree: ``"python.solutions"`` for a module,
        ``"framework.image:Image"`` for an attribute of a module, ``""`` for the tree itself.

    Raises
    ------
    AttributeError
        By ``__getattr__``, for any other name; the message says what is covered.
    """

    def load(name: str) -> object:
        if name == "__all__" and targets:  # read by ``import *``, which then loads each name
            return [*targets]
        if name not in targets:
            if name.startswith("__"):
                raise AttributeError(f"module {package!r} has no attribute {name!r}")
            raise AttributeError(_not_covered(f"{package}.{name}"))
        module, _, member = targets[name].partition(":")
        with no_fork:  # a module that another thread imports can't be imported in a forked process
            value: object = import_module(f"{TREE}.{module}".rstrip("."))
        if member:
            value = getattr(value, member)
        setattr(sys.modules[package], name, value)
        return value

    def names() -> list[str]:
        own = vars(sys.modules[package])
        return sorted({*targets, *(name for name in own if name.startswith("__"))})

    return load, names


class _NotCoveredFinder(MetaPathFinder):
    """Raises ImportError for a module of the tree that no other finder knows."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Return None for a name outside the tree; raise ImportError for a name inside it."""
        if fullname.startswith(f"{TREE}."):
            raise ImportError(_not_covered(fullname), name=fullname)
        return None


def _not_covered(fullname: str) -> str:
    """Return the error message for a name that the tree does not have."""
    requested = fullname.replace(TREE, "mediapipe", 1)
    return f"vitruvian covers the pose part of MediaPipe only, got {requested!r}"


sys.meta_path.append(_NotCoveredFinder())
