"""Specs that give an existing module a second name."""

from __future__ import annotations

from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["alias_spec"]


def alias_spec(alias: str, name: str) -> ModuleSpec | None:
    """Return a spec under which ``import alias`` gives the module `name`; None if there is none.

    Both names have the same module object, and it keeps its own ``__spec__``.
    """
    found = find_spec(name)
    if found is None:
        return None
    loader: Any = _AliasLoader(name)  # the classes in importlib.abc would take 7 ms to import
    spec = ModuleSpec(alias, loader, origin=found.origin)
    spec.submodule_search_locations = found.submodule_search_locations
    return spec


class _AliasLoader:
    def __init__(self, name: str) -> None:
        self._name = name

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the existing module."""
        module = import_module(self._name)
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Restore the module's own ``__spec__``, which the import has overwritten."""
        spec: Any = module.__spec__
        if spec is not None and spec.loader is self:
            module.__spec__ = spec.loader_state
