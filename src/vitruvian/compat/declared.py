"""Classes of MediaPipe that are declared as data: options, results, and models that are refused.

MediaPipe has many tasks that vitruvian does not run. Programs for poses import them, annotate with
them, and read their constants. `vitruvian.compat.mediapipe._other_tasks` lists their modules; a
module of the list is made when it is imported, and its classes when they are used.
"""

from __future__ import annotations

import dataclasses
from copy import copy
from enum import Enum, IntEnum
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING, Any, ClassVar

from vitruvian.compat.namespaces import TREE, Declaration, located, members, not_covered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType
    from typing import NoReturn

__all__ = [
    "Choice",
    "Connections",
    "DeclaredModules",
    "Model",
    "OtherModel",
    "OtherRecord",
    "Record",
    "at",
    "new",
]


class OtherRecord:
    """A result or options; it has no protobuf message, because vitruvian runs no graph."""

    def to_pb2(self) -> NoReturn:
        """Raise NotImplementedError."""
        raise NotImplementedError(f"{type(self).__name__}.to_pb2: {_NO_MESSAGE}")

    @classmethod
    def create_from_pb2(cls, pb2_obj: object) -> NoReturn:
        """Raise NotImplementedError."""
        raise NotImplementedError(f"{cls.__name__}.create_from_pb2: {_NO_MESSAGE}")


_NO_MESSAGE = (
    "vitruvian runs no MediaPipe graph and has no protobuf message for it; use the object, its "
    "constructor, and dataclasses.asdict"
)


class OtherModel:
    """A task that vitruvian does not run: the class can be named, not created."""

    def __init__(self, *_: object, **__: object) -> None:
        raise not_covered(type(self), self._instead)

    _instead: ClassVar[str] = ""  # what to use in its place

    @classmethod
    def create_from_options(cls, options: object) -> NoReturn:
        """Raise NotImplementedError."""
        raise not_covered(cls, cls._instead)

    @classmethod
    def create_from_model_path(cls, *_: object, **__: object) -> NoReturn:
        """Raise NotImplementedError."""
        raise not_covered(cls, cls._instead)


class Model:
    """Declaration of a task; `instead` is what to use in its place."""

    def __init__(self, instead: str = "") -> None:
        self.instead = instead

    def made(self, module: str, name: str) -> type:
        """Return the class."""
        return _named(type(name, (OtherModel,), {"_instead": self.instead}), module, name)


class Record:
    """Declaration of a dataclass.

    Parameters
    ----------
    required : str
        Names of the fields without a default.
    defaults : any
        The other fields.
    """

    def __init__(self, required: str = "", /, **defaults: object) -> None:
        self.required = required.split()
        self.defaults = defaults
        self.inner: Mapping[str, Declaration] = {}

    def having(self, **inner: Declaration) -> Record:
        """Return the same declaration with classes inside the class."""
        self.inner = inner
        return self

    def made(self, module: str, name: str) -> type:
        """Return the class."""
        fields: list[Any] = [(field, Any) for field in self.required]
        fields += [(field, Any, copy(default)) for field, default in self.defaults.items()]
        inner = {key: value.made(module, f"{name}.{key}") for key, value in self.inner.items()}
        return _named(
            dataclasses.make_dataclass(name, fields, bases=(OtherRecord,), namespace=inner),
            module,
            name,
        )


class Choice:
    """Declaration of an enumeration.

    Parameters
    ----------
    names : str
        Names of the members.
    start : int, optional
        Number of the first; without it, the value of a member is its name.
    kind : type
        Enum or IntEnum.
    """

    def __init__(self, names: str, start: int | None = 0, kind: type[Enum] = IntEnum) -> None:
        self.names = names.split()
        self.start = start
        self.kind = kind

    def made(self, module: str, name: str) -> type:
        """Return the class."""
        numbers = range(self.start or 0, (self.start or 0) + len(self.names))
        values = self.names if self.start is None else numbers
        made: Any = self.kind
        return _named(made(name, [*zip(self.names, values, strict=True)]), module, name)


class Connections:
    """Declaration of a class with lists of connections.

    Parameters
    ----------
    lists : str
        Location of a mapping of names to pairs of landmarks.
    """

    def __init__(self, lists: str) -> None:
        self.lists = lists

    def made(self, module: str, name: str) -> type:
        """Return the class."""
        connection: Any = Record("start end").made(module, f"{name}.Connection")
        pairs: Any = located(self.lists)
        lists = {key: [connection(*pair) for pair in of] for key, of in pairs.items()}
        return _named(type(name, (), {"Connection": connection, **lists}), module, name)


def at(target: str) -> Any:
    """Return a default of a `Record`: the object at a location in the tree."""
    return dataclasses.field(default_factory=lambda: located(target))


def new(target: str) -> Any:
    """Return a default of a `Record`: a new object of the class at a location in the tree."""

    def made() -> object:
        cls: Any = located(target)
        return cls()

    return dataclasses.field(default_factory=made)


def _named(cls: type, module: str, name: str) -> type:
    """Return a class with its module and name, which pickle, help and messages need."""
    cls.__module__, cls.__qualname__ = module, name
    cls.__name__ = name.rpartition(".")[2]
    cls.__doc__ = f"{cls.__name__} of MediaPipe."
    return cls


class DeclaredModules:
    """Finds and makes the modules of the list, which have no files."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Return the spec of a module of the list; None for all others."""
        if not fullname.startswith(f"{TREE}."):
            return None
        from vitruvian.compat.mediapipe._other_tasks import MODULES

        name = fullname.removeprefix(f"{TREE}.")
        if name not in MODULES:
            return None
        is_package = not MODULES[name] or any(other.startswith(f"{name}.") for other in MODULES)
        loader: Any = self  # the classes in importlib.abc would take 7 ms to import
        return ModuleSpec(fullname, loader, origin="declared", is_package=is_package)

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave the creation of the module to Python."""

    def exec_module(self, module: ModuleType) -> None:
        """Give the module its attributes."""
        from vitruvian.compat.mediapipe._other_tasks import MODULES

        name = module.__name__.removeprefix(f"{TREE}.")
        functions: Any = members(module.__name__, MODULES[name])
        module.__getattr__, module.__dir__ = functions  # type: ignore[method-assign]
