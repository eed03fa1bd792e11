"""What ``Message.DESCRIPTOR`` is: protobuf's own description where that library is installed.

`text_format` and `json_format` of protobuf read and write any object that has a message's methods
and a real descriptor. Without protobuf, programs find names and numbers of the fields.
"""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from vitruvian.compat.protobuf.kinds import Enum, Kind

if TYPE_CHECKING:
    from vitruvian.compat.protobuf.message import Field, Message

__all__ = ["OnAccess", "register"]

TREE = "vitruvian.compat."  # what module names have before those of MediaPipe
TYPE_MESSAGE, CPPTYPE_MESSAGE = 11, 10

_messages: dict[str, dict[str, type[Message]]] = {}  # by file, then by the name in it


class OnAccess:
    """The class attribute ``DESCRIPTOR``, made when it is first asked for."""

    def __init__(self) -> None:
        self._made: dict[type[Message], Any] = {}

    def __get__(self, message: Message | None, kind: type[Message]) -> Any:
        if "FIELDS" not in vars(kind):  # what all messages have in common is none
            return None
        if kind not in self._made:
            pool = _pool()
            self._made[kind] = pool.find(kind) if pool else _standin(kind)
        return self._made[kind]


def register(kind: type[Message]) -> None:
    """Note a message class as part of its module's file."""
    _messages.setdefault(_file(kind), {})[kind.__qualname__] = kind


def _file(kind: type[Message]) -> str:
    name = kind.__module__.removeprefix(TREE).replace(".", "/")
    return f"{name.removesuffix('_pb2')}.proto"


@cache
def _pool() -> _Pool | None:
    try:
        from google.protobuf import descriptor_pb2, descriptor_pool
    except ImportError:
        return None
    return _Pool(descriptor_pool.DescriptorPool(), descriptor_pb2)


class _Pool:
    """protobuf's descriptors of our messages, apart from those that the program has.

    Parameters
    ----------
    pool : google.protobuf.descriptor_pool.DescriptorPool
    pb2 : module
        google.protobuf.descriptor_pb2.
    """

    def __init__(self, pool: Any, pb2: Any) -> None:
        self._pool = pool
        self._pb2 = pb2
        self._added: set[str] = set()

    def find(self, kind: type[Message]) -> Any:
        """Return the descriptor of a message class."""
        self._add(_file(kind))
        return self._pool.FindMessageTypeByName(kind.FULL_NAME)

    def _add(self, path: str) -> None:
        if path in self._added:
            return
        self._added.add(path)
        kinds = _messages[path]
        file = self._pb2.FileDescriptorProto(name=path)
        for name, kind in kinds.items():
            file.package = kind.FULL_NAME.removesuffix(f".{name}")
            for field in kind.FIELDS.values():
                used = path if isinstance(field.kind, Kind) else _file(field.kind)
                if used != path and used not in file.dependency:
                    self._add(used)
                    file.dependency.append(used)
        outer = {name: kind for name, kind in kinds.items() if "." not in name}
        for kind in outer.values():
            self._describe(kind, file.message_type.add())
        self._pool.Add(file)

    def _describe(self, kind: type[Message], proto: Any) -> None:
        proto.name = kind.__name__
        for field in kind.FIELDS.values():
            line = proto.field.add(name=field.name, number=field.number, label=field.label)
            line.type = _codes(field)[0]
            if not isinstance(field.kind, Kind):
                line.type_name = f".{field.kind.FULL_NAME}"
            if field.packed:
                line.options.packed = True
            if isinstance(field.kind, Enum):
                line.type_name = f".{kind.FULL_NAME}.{field.kind.name}"
                enum = proto.enum_type.add(name=field.kind.name)
                for name, number in field.kind.items():
                    enum.value.add(name=name, number=number)
        for name, inner in _messages[_file(kind)].items():
            if name.rpartition(".")[0] == kind.__qualname__:
                self._describe(inner, proto.nested_type.add())


def _codes(field: Field) -> tuple[int, int]:
    if isinstance(field.kind, Kind):
        return field.kind.type, field.kind.cpp_type
    return TYPE_MESSAGE, CPPTYPE_MESSAGE


def _standin(kind: type[Message]) -> SimpleNamespace:
    fields = [
        SimpleNamespace(
            name=field.name,
            full_name=f"{kind.FULL_NAME}.{field.name}",
            number=field.number,
            label=field.label,
            type=_codes(field)[0],
            cpp_type=_codes(field)[1],
            default_value=field.kind.default if isinstance(field.kind, Kind) else None,
            message_type=None if isinstance(field.kind, Kind) else field.kind.DESCRIPTOR,
        )
        for field in kind.FIELDS.values()
    ]
    return SimpleNamespace(
        name=kind.__name__,
        full_name=kind.FULL_NAME,
        fields=fields,
        fields_by_name={field.name: field for field in fields},
        fields_by_number={field.number: field for field in fields},
    )
