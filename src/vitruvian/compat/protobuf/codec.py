"""Messages to bytes and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitruvian.compat.protobuf import wire
from vitruvian.compat.protobuf.kinds import Kind

if TYPE_CHECKING:
    from vitruvian.compat.protobuf.message import Field, Message

__all__ = ["merge", "serialize"]


def serialize(message: Message) -> bytes:
    """Return the wire format: the fields by number, then those of other versions."""
    parts = []
    for name, value in message._set_fields():
        field = message.FIELDS[name]
        write = field.kind.write if isinstance(field.kind, Kind) else _sized_message
        tag = wire.varint(field.number << 3 | (wire.BYTES if field.packed else _wire_type(field)))
        if field.packed:
            parts += [tag, _sized(b"".join(map(write, value)))]
        else:
            for part in value if field.repeated else (value,):
                parts += [tag, write(part)]
    return b"".join((*parts, *(raw for _, raw in message._unknown)))


def merge(message: Message, data: bytes) -> None:
    """Set the fields that bytes in the wire format have; keep unknown ones as they are.

    Raises
    ------
    DecodeError
        If the bytes are no message.
    """
    fields = {field.number: field for field in message.FIELDS.values()}
    unknown = []
    at = 0
    while at < len(data):
        start = at
        tag, at = wire.read_tag(data, at)
        field = fields.get(tag >> 3)
        known, at = (False, at) if field is None else _read(message, field, tag & 7, data, at)
        if not known:
            at = wire.skip(data, at, tag)
            unknown.append((tag, data[start:at]))
    if unknown:
        message.__dict__["_unknown"] = (*message._unknown, *unknown)
    message.SetInParent()


def _read(message: Message, field: Field, wire_type: int, data: bytes, at: int) -> tuple[bool, int]:
    """Read a field's value; return whether it was one, and the place after it."""
    if wire_type != _wire_type(field):
        if wire_type != wire.BYTES or not field.repeated or not isinstance(field.kind, Kind):
            return False, at
        raw, at = wire.read_bytes(data, at)
        getattr(message, field.name).extend(_unpacked(field.kind, raw))
        return True, at
    if not isinstance(field.kind, Kind):
        raw, at = wire.read_bytes(data, at)
        value = getattr(message, field.name)
        merge(value.add() if field.repeated else value, raw)
        return True, at
    value, end = field.kind.read(data, at)
    if not field.kind.knows(value):
        return False, at
    if field.repeated:
        getattr(message, field.name).append(value)
    else:
        message.__dict__[field.name] = value
    return True, end


def _unpacked(kind: Kind, data: bytes) -> list[Any]:
    values: list[Any] = []
    at = 0
    while at < len(data):
        value, at = kind.read(data, at)
        values.append(value)
    return values


def _wire_type(field: Field) -> int:
    return field.kind.wire_type if isinstance(field.kind, Kind) else wire.BYTES


def _sized_message(message: Message) -> bytes:
    return _sized(serialize(message))


def _sized(data: bytes) -> bytes:
    return wire.varint(len(data)) + data
