"""Receivers: programs to which poses are sent while they are found, by address."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from vitruvian.media.address import is_url, without_password

if TYPE_CHECKING:
    from os import PathLike

    from vitruvian.export import SinkOptions
    from vitruvian.export.sink import Sink

__all__ = ["check_receiver", "is_receiver", "open_receiver"]

_RECEIVERS = {"vmc": "VmcSink"}  # by scheme, which also names the module


def is_receiver(output: str | PathLike[str]) -> bool:
    """Return whether an output is the address of a program to which poses are sent.

    Examples
    --------
    >>> is_receiver("vmc://127.0.0.1:39539"), is_receiver("walk.glb")
    (True, False)
    """
    return isinstance(output, str) and is_url(output)


def check_receiver(address: str) -> None:
    """Raise ValueError if an address is not one to which poses can be sent."""
    _module_of(address).checked_address(address)


def open_receiver(address: str, options: SinkOptions) -> Sink:
    """Return the sink that sends to an address; SinkError if its host is not known."""
    module = _module_of(address)
    sink: Sink = getattr(module, _RECEIVERS[_scheme_of(address)])(options, address)
    return sink


def _module_of(address: str) -> Any:
    scheme = _scheme_of(address)
    if scheme not in _RECEIVERS:
        known = ", ".join(f"{name}://HOST:PORT" for name in _RECEIVERS)
        raise ValueError(f"poses can be sent to {known}, got {without_password(address)!r}")
    return import_module(f"vitruvian.export.{scheme}")


def _scheme_of(address: str) -> str:
    return address.partition("://")[0].lower()
