"""Messages to bytes and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitruvian.compat.protobuf import wire

if TYPE_CHECKING:
    from vitruvian.compat.protobuf.message import Field, Message

__all__ = ["merge", "serialize"]


def serialize(message: Message) -> bytes:
    """Return the wire format: the fields by number, then those of other versions."""
    parts = []
    for name, value in message._set_fields():
        field = message.FIELDS[name]
        tag = wire.varint(field.number << 3 | _wire_type(field))
        if field.packed:
            parts += [tag, _sized(b"".join(map(field.scalar.write, value)))]
            continue
        for part in value if field.repeated else (value,):
            parts += [tag, field.scalar.write(part) if field.scalar else _sized(serialize(part))]
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
    if wire_type == wire.BYTES and field.repeated and _wire_type(field, packed=False) != wire.BYTES:
        packed, end = wire.read_bytes(data, at)
        _read_packed(message, field, packed)
        return True, end
    if wire_type != _wire_type(field, packed=False):
        return False, at
    if field.scalar is None:
        raw, end = wire.read_bytes(data, at)
        value = getattr(message, field.name)
        merge(value.add() if field.repeated else value, raw)
        return True, end
    value, end = field.scalar.read(data, at)
    if not field.scalar.knows(value):
        return False, at
    if field.repeated:
        getattr(message, field.name).append(value)
    else:
        message.__dict__[field.name] = value
    return True, end


def _read_packed(message: Message, field: Field, data: bytes) -> None:
    values: list[Any] = []
    at = 0
    while at < len(data):
        value, at = field.scalar.read(data, at)
        values.append(value)
    getattr(message, field.name).extend(values)


def _wire_type(field: Field, packed: bool | None = None) -> int:
    if field.scalar is None or (field.packed if packed is None else packed):
        return wire.BYTES
    return field.scalar.wire_type


def _sized(data: bytes) -> bytes:
    return wire.varint(len(data)) + data
