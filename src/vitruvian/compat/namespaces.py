"""What a module tree has, what it leaves out, and what it says about that."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.abc import MetaPathFinder
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

__all__ = ["members"]

TREE = "vitruvian.compat.mediapipe"


def members(
    package: str, homes: Mapping[str, str]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return ``__getattr__`` and ``__dir__`` of a package that loads its names on first use.

    Parameters
    ----------
    package : str
        Full name of the package.
    homes : mapping
        Name to the module, below the tree, that has it: ``"python.solutions"`` for a module,
        ``"framework.image:Image"`` for something in one, ``""`` for the tree.

    Raises
    ------
    AttributeError
        By ``__getattr__``, for any other name; the message says what is covered.
    """

    def load(name: str) -> object:
        if name == "__all__" and homes:  # ``import *`` asks for it, and loads what it names
            return [*homes]
        if name not in homes:
            if name.startswith("__"):
                raise AttributeError(f"module {package!r} has no attribute {name!r}")
            raise AttributeError(_refusal(f"{package}.{name}"))
        module, _, member = homes[name].partition(":")
        value: object = import_module(f"{TREE}.{module}".rstrip("."))
        if member:
            value = getattr(value, member)
        setattr(sys.modules[package], name, value)
        return value

    def names() -> list[str]:
        own = vars(sys.modules[package])
        return sorted({*homes, *(name for name in own if name.startswith("__"))})

    return load, names


class _PoseOnly(MetaPathFinder):
    """Says, when no other finder knows a module of the tree, that it is left out."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Return None for what is not in the tree; raise for what could be."""
        if fullname.startswith(f"{TREE}."):
            raise ImportError(_refusal(fullname), name=fullname)
        return None


def _refusal(fullname: str) -> str:
    asked = fullname.replace(TREE, "mediapipe", 1)
    return f"vitruvian covers the pose part of MediaPipe only, got {asked!r}"


sys.meta_path.append(_PoseOnly())
