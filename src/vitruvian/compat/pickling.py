"""Pickles that MediaPipe can load: under its own name, objects are stored as MediaPipe's.

While ``import mediapipe`` finds this package, a pickle refers to ``mediapipe``, as one by MediaPipe
does: it loads in either, with the class that is there. Otherwise it refers to `vitruvian.compat`.
"""

from __future__ import annotations

import dataclasses
import pkgutil
import sys
from collections.abc import Callable
from typing import Any, SupportsIndex, TypeAlias

from vitruvian.compat.namespaces import TREE

__all__ = ["Portable", "Recipe", "at", "reference"]

Recipe: TypeAlias = tuple[Callable[..., Any], tuple[Any, ...]]


class Portable:
    """Base class of dataclasses whose pickles MediaPipe can load."""

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        """Return the class and its positional arguments, with attributes that a program has set."""
        cls = type(self)
        if not cls.__module__.startswith(TREE):  # a class of the program
            return super().__reduce_ex__(protocol)
        return reference(cls), *self._parts()

    def _parts(self) -> tuple[Any, ...]:
        """Return the arguments, and the other attributes if there are any."""
        known = dataclasses.fields(self)  # type: ignore[arg-type]  # subclasses are dataclasses
        names = {field.name for field in known}
        values = [getattr(self, field.name) for field in known]
        while known and values[-1] is None is known[-1].default:  # unknown to the other version
            known, values = known[:-1], values[:-1]
        others = {name: value for name, value in vars(self).items() if name not in names}
        return (tuple(values), others) if others else (tuple(values),)


def is_under_its_name() -> bool:
    """Return whether ``import mediapipe`` finds this package."""
    return sys.modules.get("mediapipe") is sys.modules.get(TREE, object)


def reference(cls: type, stored: Recipe | None = None) -> Callable[..., Any]:
    """Return a callable that makes objects of a class, and is pickled as the class in MediaPipe.

    Parameters
    ----------
    cls : type
        The class, or one that a program derives from it.
    stored : (callable, tuple), optional
        Call that returns the class in MediaPipe; by default, it is at the same place as here.
    """
    if cls not in _references:
        _references[cls] = _Reference(cls, stored)
    return _references[cls]


def at(location: str) -> Recipe:
    """Return the call that finds a class of MediaPipe at "module:name"."""
    return pkgutil.resolve_name, (location,)


class _Reference:
    """The class in this process; in a pickle, what stands for it in the process that loads it."""

    def __init__(self, cls: type, stored: Recipe | None) -> None:
        self._cls = cls
        self._stored = stored

    def __call__(self, *args: Any) -> Any:
        return self._cls(*args)

    def __deepcopy__(self, _: object) -> _Reference:
        return self

    def __reduce__(self) -> Recipe:
        location = f"{self._cls.__module__}:{self._cls.__qualname__}"
        if is_under_its_name() and location.startswith(TREE):
            return self._stored or at(location.replace(TREE, "mediapipe", 1))
        return at(location)


_references: dict[type, _Reference] = {}  # one for each class, which a pickle then stores once
