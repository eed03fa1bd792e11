"""Stream URLs that the page asks for: which may be opened, and how.

The server must not become a way to reach what only it can reach. So a URL of the page never leads
to this machine or to link-local addresses, also not by a redirect, by a playlist, or by a name that
resolves to another address the second time.
"""

from __future__ import annotations

import base64
import socket
import ssl
from contextlib import suppress
from functools import partial
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from vitruvian.errors import SourceError
from vitruvian.media import open_input
from vitruvian.media.address import without_password
from vitruvian.media.reconnecting import ReconnectingSource

if TYPE_CHECKING:
    from http.client import HTTPResponse
    from urllib.parse import SplitResult

    from vitruvian.media.source import Source

__all__ = ["open_page_url"]

TIMEOUT_S = 10.0
_PORTS = {"http": 80, "https": 443, "rtsp": 554, "rtsps": 322}
_MAX_LINE = 4096
_PROBE = "DESCRIBE {} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n"  # RFC 2326, 10.2


def open_page_url(url: str) -> Source:
    """Return a live source of a stream whose URL comes from the page.

    Raises
    ------
    ValueError
        If the scheme is not that of a camera, or the URL leads to this machine or is link-local.
    SourceError
        If it can't be opened, or redirects to another address.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"a stream must be a URL, got {without_password(url)!r}") from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(
            f"a stream must begin with one of {sorted(_PORTS)}, got {without_password(url)!r}"
        )
    address = _allowed_address(parts.hostname, port or _PORTS[parts.scheme])
    if parts.scheme in ("http", "https"):
        return _open_http(url, parts, address)
    _refuse_rtsp_redirect(url, parts, address)
    return open_input(url.replace(parts.netloc, _netloc(parts, address), 1), live=True)


def _allowed_address(host: str, port: int) -> tuple[str, int]:
    """Return address and port of a host; ValueError if it is not one that the page may reach."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SourceError(f"the host {host!r} is not known") from error
    addresses = [str(each[4][0]) for each in found]
    for address in addresses:
        if not _may_be_reached(address):
            raise ValueError(f"the page may not open streams of {address}, got host {host!r}")
    return addresses[0], port


def _may_be_reached(address: str) -> bool:
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if ip.is_loopback or ip.is_link_local or ip.is_unspecified or ip.is_multicast or ip.is_reserved:
        return False
    family = socket.AF_INET if ip.version == 4 else socket.AF_INET6
    with socket.socket(family) as own, suppress(OSError):
        own.bind((str(ip), 0))  # works for the addresses of this machine only
        return False
    return True


def _netloc(parts: SplitResult, address: tuple[str, int]) -> str:
    user = parts.netloc.rpartition("@")[0]
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    return f"{user}@{host}:{address[1]}" if user else f"{host}:{address[1]}"


def _connected(parts: SplitResult, address: tuple[str, int]) -> socket.socket:
    connection = socket.create_connection(address, timeout=TIMEOUT_S)
    if parts.scheme not in ("https", "rtsps"):
        return connection
    return ssl.create_default_context().wrap_socket(connection, server_hostname=parts.hostname)


def _refuse_rtsp_redirect(url: str, parts: SplitResult, address: tuple[str, int]) -> None:
    """Raise SourceError if an RTSP server sends its clients elsewhere: FFmpeg would follow."""
    shown = without_password(url)
    bare = url.replace(f"{parts.netloc.rpartition('@')[0]}@", "", 1)
    if any(c.isspace() or not c.isprintable() for c in bare):
        raise ValueError(f"a URL must have no blanks, got {shown!r}")
    try:
        with _connected(parts, address) as connection, connection.makefile("rb") as answer:
            connection.sendall(_PROBE.format(bare).encode())
            status = answer.readline(_MAX_LINE).split(b" ")
    except OSError as error:
        raise SourceError(f"can't open {shown!r}: {error.strerror or error}") from error
    if len(status) > 1 and status[1].startswith(b"3"):
        raise SourceError(f"can't open {shown!r}: it redirects to another address")


def _open_http(url: str, parts: SplitResult, address: tuple[str, int]) -> Source:
    """Return the source of an HTTP stream, which FFmpeg gets as plain bytes."""
    response = _response(url, parts, address)
    is_endless = response.length is None
    source = _read(response, url)
    if not is_endless:
        from vitruvian.media.realtime import RealTime

        return RealTime(source)
    reopen = partial(_reopened, url, parts, address)
    return ReconnectingSource(source, reopen)


def _reopened(url: str, parts: SplitResult, address: tuple[str, int]) -> Source:
    return _read(_response(url, parts, address), url)


def _read(response: HTTPResponse, url: str) -> Source:
    try:
        source = open_input(response)
    except SourceError as error:
        response.close()
        reason = str(error).rpartition(": ")[2]
        raise SourceError(f"can't open {without_password(url)!r}: {reason}") from error
    source.name = without_password(url)
    return source


def _response(url: str, parts: SplitResult, address: tuple[str, int]) -> HTTPResponse:
    shown = without_password(url)
    headers = {"Host": parts.netloc.rpartition("@")[2], "User-Agent": "vitruvian"}
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = HTTPConnection(*address, timeout=TIMEOUT_S)
    try:
        connection.sock = _connected(parts, address)
        connection.request("GET", target, headers=headers)
        response = connection.getresponse()
    except (OSError, HTTPException, ValueError) as error:
        connection.close()
        reason = getattr(error, "strerror", None) or error
        raise SourceError(f"can't open {shown!r}: {reason}") from error
    if response.status != 200:
        connection.close()
        problem = (
            "it redirects to another address"
            if 300 <= response.status < 400
            else (f"the answer is {response.status} {response.reason}")
        )
        raise SourceError(f"can't open {shown!r}: {problem}")
    return response
