"""Lazy attributes of the packages in the MediaPipe tree, and errors for what is not covered."""

from __future__ import annotations

import sys
from importlib import import_module
from operator import attrgetter
from typing import TYPE_CHECKING, Protocol

from vitruvian.compat.generation import note_use
from vitruvian.fork import no_fork

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["TREE", "Declaration", "located", "members", "not_covered"]

TREE = "vitruvian.compat.mediapipe"


class Declaration(Protocol):
    """What is made into an attribute of a module on first use: see `vitruvian.compat.declared`."""

    def made(self, module: str, name: str) -> object:
        """Return the attribute, with its module and its name."""
        ...


def members(
    package: str, targets: Mapping[str, str | Declaration]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return ``__getattr__`` and ``__dir__`` of a module that loads its attributes on first use.

    Parameters
    ----------
    package : str
        Full name of the module.
    targets : mapping
        Attribute name to its location relative to the tree: ``"python.solutions"`` for a module,
        ``"framework.image:Image"`` for an attribute of a module, ``""`` for the tree itself; or to
        its declaration.

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
            raise AttributeError(
                "vitruvian has the pose part of MediaPipe and the names of its other parts, got "
                f"{_mediapipe_name(package, name)!r}"
            )
        note_use(f"{package}.{name}".removeprefix(f"{TREE}."))
        target = targets[name]
        with no_fork:  # a module that another thread imports can't be imported in a forked process
            value = located(target) if isinstance(target, str) else target.made(package, name)
        setattr(sys.modules[package], name, value)
        return value

    def names() -> list[str]:
        own = vars(sys.modules[package])
        return sorted({*targets, *(name for name in own if name.startswith("__"))})

    return load, names


def located(target: str) -> object:
    """Return the module or the attribute at a location relative to the tree."""
    module, _, member = target.partition(":")
    value: object = import_module(f"{TREE}.{module}".rstrip("."))
    return attrgetter(member)(value) if member else value


def not_covered(cls: type, instead: str = "") -> NotImplementedError:
    """Return the error for creating an object of a class of which vitruvian has the name only.

    Parameters
    ----------
    cls : type
        The class, or one that a program derives from it.
    instead : str
        What to use in its place.
    """
    ours = next((base for base in cls.__mro__ if base.__module__.startswith(TREE)), cls)
    name = _mediapipe_name(ours.__module__, ours.__qualname__)
    return NotImplementedError(
        f"{name} can't be created: vitruvian runs the pose models of MediaPipe, and has only the "
        f"names of its other parts; {instead or 'use MediaPipe for it'}"
    )


def _mediapipe_name(module: str, name: str) -> str:
    return f"{module.replace(TREE, 'mediapipe', 1)}.{name}"
