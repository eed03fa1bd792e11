"""Names and addresses of this machine in the local network, and a QR code for a phone."""

from __future__ import annotations

import io
import socket
import struct
import sys
from contextlib import suppress

__all__ = ["lan_addresses", "lan_names", "qr_code"]

_SIOCGIFADDR = 0x8915  # Linux, ioctls.h: the IPv4 address of an interface
_PRIVATE = ("10.255.255.255", "172.31.255.255", "192.168.255.255")
_PORT = 9
_WHITE_ON_BLACK, _RESET = "\033[97;40m", "\033[0m"


def lan_addresses() -> list[str]:
    """Return the IPv4 addresses of this machine, the one that others use most likely first.

    Nothing is sent.
    """
    found = [address for target in _PRIVATE if (address := _own_address_towards(target))]
    if sys.platform == "linux":
        found += [address for _, name in socket.if_nameindex() if (address := _address_of(name))]
    else:
        with suppress(OSError):
            found += socket.gethostbyname_ex(socket.gethostname())[2]
    return [address for address in dict.fromkeys(found) if not address.startswith("127.")]


def lan_names() -> list[str]:
    """Return the addresses and the names of this machine in the local network."""
    name = socket.gethostname().lower()
    plain = name.partition(".")[0]
    has_name = name.isascii() and plain != "localhost"
    names = [name, plain, f"{plain}.local"] if has_name else []
    return list(dict.fromkeys([*lan_addresses(), *names]))


def qr_code(text: str, *, colored: bool) -> str:
    """Return a QR code as lines for a terminal, without a line end after the last.

    Parameters
    ----------
    text : str
        What it says.
    colored : bool
        Whether to set the colours, which makes the code right on a light background as well.
    """
    import segno

    drawn = io.StringIO()
    segno.make(text, error="l").terminal(drawn, compact=True, border=2)
    lines = drawn.getvalue().splitlines()
    return "\n".join(f"{_WHITE_ON_BLACK}{line}{_RESET}" if colored else line for line in lines)


def _own_address_towards(target: str) -> str | None:
    """Return the address that packets to `target` would have; a UDP socket sends none by itself."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect((target, _PORT))
        return str(sock.getsockname()[0])
    return None


def _address_of(interface: str) -> str | None:
    if sys.platform == "linux":
        import fcntl

        request = struct.pack("256s", interface.encode()[:15])
        with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            return socket.inet_ntoa(fcntl.ioctl(sock, _SIOCGIFADDR, request)[20:24])
    return None
