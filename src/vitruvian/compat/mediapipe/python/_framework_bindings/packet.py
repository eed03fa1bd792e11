"""``mp.Packet``: a value with a timestamp, as graphs of MediaPipe exchange them."""

from __future__ import annotations

from typing import Any

from vitruvian.compat.mediapipe.python._framework_bindings.timestamp import Timestamp, name_of

__all__ = ["Packet"]


class Packet:
    """A value with a timestamp; `packet_creator` makes packets, `packet_getter` reads them.

    Parameters
    ----------
    packet : Packet, optional
        The packet to copy; without it, the packet is empty.
    """

    def __init__(self, packet: Packet | None = None) -> None:
        if packet is not None and not isinstance(packet, Packet):
            raise TypeError(
                f"Packet takes a Packet or nothing, got {packet!r}: use mediapipe.packet_creator"
            )
        self._kind: str | None = packet._kind if packet else None
        self._content: Any = packet._content if packet else None
        self._timestamp = packet.timestamp if packet else Timestamp.UNSET

    @classmethod
    def of(cls, kind: str, content: Any) -> Packet:
        """Return the packet of a value; `kind` is its type in C++."""
        packet = cls()
        packet._kind, packet._content = kind, content
        return packet

    def is_empty(self) -> bool:
        """Return whether it has no value."""
        return self._kind is None

    def at(self, timestamp: Timestamp | int) -> Packet:
        """Return a packet of the same value at another time."""
        packet = Packet(self)
        packet._timestamp = Timestamp(timestamp)
        return packet

    @property
    def timestamp(self) -> Timestamp:
        """Time of the value; `Timestamp.UNSET` for a new packet."""
        return self._timestamp

    def __repr__(self) -> str:
        content = "no data" if self._kind is None else f"C++ type: {self._kind}"
        return f"<mediapipe.Packet with timestamp: {name_of(self._timestamp)} and {content}>"
