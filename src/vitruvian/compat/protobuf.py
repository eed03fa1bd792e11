"""Message classes of protobuf, declared in Python instead of a ``.proto`` file.

A module declares its messages as subclasses of protobuf's ``Message`` whose annotated attributes
are the fields, so that type checkers know them. `define_messages` then replaces the declarations by
the classes that protobuf makes of them. The descriptors are in a pool of their own: an installed
MediaPipe registers the same names in protobuf's default pool.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

from vitruvian.compat.pickling import reference

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.descriptor import Descriptor, FileDescriptor
    from google.protobuf.message import Message

__all__ = [
    "FLOAT",
    "INT32",
    "INT64",
    "STRING",
    "define_messages",
    "optional",
    "repeated",
    "required",
]

FLOAT = FieldDescriptorProto.TYPE_FLOAT
INT32 = FieldDescriptorProto.TYPE_INT32
INT64 = FieldDescriptorProto.TYPE_INT64
STRING = FieldDescriptorProto.TYPE_STRING

TREE = "vitruvian.compat."  # prefix of module names, which MediaPipe's lack

_pool = DescriptorPool()


@dataclass(frozen=True, slots=True)
class _Field:
    """A field of a message; ``kind`` is a scalar type, an IntEnum or a message class."""

    number: int
    kind: int | type
    label: int
    packed: bool = False


def optional(number: int, kind: int | type) -> Any:
    """Declare a field that may be unset."""
    return _Field(number, kind, FieldDescriptorProto.LABEL_OPTIONAL)


def required(number: int, kind: int | type) -> Any:
    """Declare a field without which the message can't be serialized."""
    return _Field(number, kind, FieldDescriptorProto.LABEL_REQUIRED)


def repeated(number: int, kind: int | type, *, packed: bool = False) -> Any:
    """Declare a field with any number of values; packed values share one tag on the wire."""
    return _Field(number, kind, FieldDescriptorProto.LABEL_REPEATED, packed)


def define_messages(module_name: str, package: str = "mediapipe") -> FileDescriptor:
    """Replace the messages declared in a module by protobuf's classes.

    Parameters
    ----------
    module_name : str
        ``__name__`` of the module that calls this after its last declaration.
    package : str
        Package of the messages' full names.

    Returns
    -------
    google.protobuf.descriptor.FileDescriptor
        Descriptor of the file, which generated modules have as ``DESCRIPTOR``.
    """
    path = module_name.removeprefix(TREE).removesuffix("_pb2").replace(".", "/")
    file = FileDescriptorProto(name=f"{path}.proto", package=package)
    module = sys.modules[module_name]
    declared = {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, type) and value.__module__ == module_name
    }
    for declaration in declared.values():
        _describe(declaration, file.message_type.add(), file)
    _pool.AddSerializedFile(file.SerializeToString())
    for name, declaration in declared.items():
        descriptor = _pool.FindMessageTypeByName(f"{package}.{name}")
        setattr(module, name, _message_class(declaration, descriptor))
    return _pool.FindFileByName(file.name)


def _describe(declaration: type, message: DescriptorProto, file: FileDescriptorProto) -> None:
    """Add the fields, enumerations and nested messages of a declaration to a description."""
    message.name = declaration.__name__
    for name, value in vars(declaration).items():
        if isinstance(value, _Field):
            _describe_field(value, message.field.add(name=name), file)
        elif isinstance(value, type) and issubclass(value, IntEnum):
            enum = message.enum_type.add(name=name)
            for member in value:
                enum.value.add(name=member.name, number=member.value)
        elif isinstance(value, type):
            _describe(value, message.nested_type.add(), file)


def _describe_field(field: _Field, proto: FieldDescriptorProto, file: FileDescriptorProto) -> None:
    """Fill the description of a field, and add the file of its class to the dependencies."""
    proto.number, proto.label = field.number, field.label
    if field.packed:
        proto.options.packed = True
    if isinstance(field.kind, int):
        proto.type = field.kind
        return
    proto.type_name = field.kind.__qualname__
    if issubclass(field.kind, IntEnum):
        proto.type = proto.TYPE_ENUM
    else:
        proto.type = proto.TYPE_MESSAGE
        imported = getattr(field.kind, "DESCRIPTOR", None)  # None for declarations in this file
        if imported is not None and imported.file.name not in file.dependency:
            file.dependency.append(imported.file.name)


def _message_class(declaration: type, descriptor: Descriptor) -> type[Message]:
    """Return protobuf's class, named and documented like its declaration.

    Nested classes become attributes. They also need this reference, because protobuf before 4.25
    crashes once a class has been collected.
    """
    made: type[Message] = GetMessageClass(descriptor)
    attributes = {name: getattr(declaration, name) for name in ("__module__", "__qualname__")}
    attributes |= {"__doc__": declaration.__doc__, "__reduce__": _reduce}
    for nested in descriptor.nested_types:
        attributes[nested.name] = _message_class(getattr(declaration, nested.name), nested)
    for name, value in attributes.items():
        setattr(made, name, value)
    return made


def _reduce(message: Message) -> tuple[Callable[..., Any], tuple[()], dict[str, bytes]]:
    """Return what pickle needs; protobuf's method looks for nested classes in the default pool."""
    return reference(type(message)), (), message.__getstate__()
