"""The text form of messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitruvian.compat.protobuf.kinds import Kind

if TYPE_CHECKING:
    from vitruvian.compat.protobuf.message import Message

__all__ = ["text"]


def text(message: Message) -> str:
    """Return a message's fields in lines, ``name: value`` or ``name {``…``}``."""
    return "".join(f"{line}\n" for line in _lines(message))


def _lines(message: Message) -> list[str]:
    lines = []
    for name, value in message._set_fields():
        field = message.FIELDS[name]
        for part in value if field.repeated else (value,):
            if isinstance(field.kind, Kind):
                lines.append(f"{name}: {field.kind.text(part)}")
            else:
                lines += [f"{name} {{", *(f"  {line}" for line in _lines(part)), "}"]
    return lines
