"""What ``Message.DESCRIPTOR`` is: protobuf's own description where that library is installed.

`text_format` and `json_format` of protobuf read and write any object that has a message's methods
and a real descriptor. Without protobuf, programs find names and numbers of the fields.
"""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from vitruvian.compat.protobuf.kinds import Enum

if TYPE_CHECKING:
    from vitruvian.compat.protobuf.message import Message

__all__ = ["OnAccess", "register"]

TREE = "vitruvian.compat."  # what module names have before those of MediaPipe
TYPE_MESSAGE, CPPTYPE_MESSAGE = 11, 10

_messages: dict[str, dict[str, type[Message]]] = {}  # by file, then by the name in it


class OnAccess:
    """The class attribute ``DESCRIPTOR``, made when it is asked for."""

    def __get__(self, message: Message | None, kind: type[Message]) -> Any:
        return _real(kind) or _standin(kind)


def register(kind: type[Message]) -> None:
    """Note a message class as part of its module's file."""
    _messages.setdefault(_file(kind), {})[kind.__qualname__] = kind


def _file(kind: type[Message]) -> str:
    name = kind.__module__.removeprefix(TREE).replace(".", "/")
    return f"{name.removesuffix('_pb2')}.proto"


@cache
def _real(kind: type[Message]) -> Any:
    """Return protobuf's descriptor, or None without protobuf."""
    try:
        from google.protobuf import descriptor_pb2, descriptor_pool
    except ImportError:
        return None
    return _Pool(descriptor_pool, descriptor_pb2).find(kind)


@cache
class _Pool:
    """protobuf's descriptors of our messages, apart from those that the program has."""

    def __init__(self, descriptor_pool: Any, descriptor_pb2: Any) -> None:
        self._pool = descriptor_pool.DescriptorPool()
        self._pb2 = descriptor_pb2
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
                used = _file(field.message) if field.message else path
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
            if field.message is not None:
                line.type, line.type_name = TYPE_MESSAGE, f".{field.message.FULL_NAME}"
                continue
            line.type = field.scalar.type
            if field.packed:
                line.options.packed = True
            if isinstance(field.scalar, Enum):
                line.type_name = f".{kind.FULL_NAME}.{field.scalar.name}"
                enum = proto.enum_type.add(name=field.scalar.name)
                for name, number in field.scalar.items():
                    enum.value.add(name=name, number=number)
        for name, inner in _messages[_file(kind)].items():
            if name.rpartition(".")[0] == kind.__qualname__:
                self._describe(inner, proto.nested_type.add())


@cache
def _standin(kind: type[Message]) -> SimpleNamespace:
    fields = [
        SimpleNamespace(
            name=field.name,
            full_name=f"{kind.FULL_NAME}.{field.name}",
            number=field.number,
            label=field.label,
            type=TYPE_MESSAGE if field.message else field.scalar.type,
            cpp_type=CPPTYPE_MESSAGE if field.message else field.scalar.cpp_type,
            default_value=None if field.message else field.scalar.default,
            message_type=field.message and _standin(field.message),
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
