"""Addresses of cameras and streams, and which parts of them are secret."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = [
    "CameraAddress",
    "camera_address",
    "is_url",
    "without_credentials",
    "without_password",
]

_NUMBER = re.compile(r"(?:/dev/video)?([0-9]{1,9})")
_OAK = re.compile(r"(?P<driver>oak|oak-virtual)(?::(?P<which>.+))?")
_CAMERA = re.compile(
    r"(?P<driver>camera|opencv):(?P<which>.+?)"
    r"(?::(?P<width>[1-9][0-9]{0,4})x(?P<height>[1-9][0-9]{0,4}))?"
    r"(?:@(?P<fps>[1-9][0-9]{0,3}(?:\.[0-9]{1,3})?))?"
)
_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_ADDRESS = re.compile(
    r"(?P<scheme>\s*(?:[\w.+,-]+:)*[a-z][a-z0-9+.-]+:/{1,2})"
    # A password may contain any character. Digits after a colon are a port, unless "@" follows.
    r"(?:[^/?#]*@|(?!\[)[^/?#@:]+:(?!\d{1,5}[/?#])[^@\s]*@)?"
    r"(?P<host>[^/?#]*)(?P<path>[^?#]*)(?P<query>\?[^#]*)?(?P<fragment>#.*)?",
    re.IGNORECASE | re.DOTALL,
)
_USER = re.compile(r"([a-z][a-z0-9+.-]+:/{1,2})[^/?#]*@", re.IGNORECASE)
_SEPARATORS = re.compile(r"[^?&;]+")  # the parts of a query between its separators
_HIDDEN = "***"
_SHORT = re.compile(r"[\w.:-]{0,12}", re.ASCII)
# Names of values in the addresses of cameras and streams that are no secrets.
# fmt: off
_HARMLESS = frozenset({
    "cam", "camera", "ch", "channel", "chn", "codec", "compression", "fifo_size", "format", "fps",
    "height", "id", "index", "input", "latency", "listen", "mode", "number", "overrun_nonfatal",
    "pkt_size", "profile", "program", "proto", "quality", "resolution", "size", "stream",
    "streamtype", "subtype", "timeout", "track", "transport", "ttl", "unicast", "view", "width",
})
# fmt: on


@dataclass(frozen=True, slots=True)
class CameraAddress:
    """Which camera to open, and how.

    Attributes
    ----------
    which : int or str
        Number, or a part of the name, of the camera. Of an OAK its name, IP address or ID, of a
        virtual one its video; empty for the first one, and without a video.
    wh : (int, int) or None
        Width and height to ask for, px; None leaves them to the camera.
    fps : float or None
        Frames per second to ask for.
    driver : str
        What reads it: "camera" (FFmpeg), "opencv", "oak", or "oak-virtual", a camera without
        hardware.
    """

    which: int | str
    wh: tuple[int, int] | None = None
    fps: float | None = None
    driver: str = "camera"

    @property
    def is_oak(self) -> bool:
        """Whether it is an OAK camera, which `vitruvian.oak` reads."""
        return self.driver in ("oak", "oak-virtual")

    @property
    def name(self) -> str:
        """Name for messages and files, such as ``camera 0``."""
        which = without_password(str(self.which))
        if not self.is_oak:
            return f"camera {which}"
        kind = "OAK virtual" if self.driver == "oak-virtual" else "OAK"
        return f"{kind} {which.replace(chr(92), '/').rpartition('/')[2]}".rstrip()

    def __str__(self) -> str:
        wh = "" if self.wh is None else " at {}x{} px".format(*self.wh)
        return self.name + wh + ("" if self.fps is None else f", {self.fps:g} fps")


def camera_address(what: str) -> CameraAddress | None:
    """Return the camera that a string names, or None.

    Examples
    --------
    >>> camera_address("/dev/video2")
    CameraAddress(which=2, wh=None, fps=None, driver='camera')
    >>> camera_address("camera:C920:1280x720@30")
    CameraAddress(which='C920', wh=(1280, 720), fps=30.0, driver='camera')
    >>> camera_address("oak:192.168.1.44").name
    'OAK 192.168.1.44'
    >>> camera_address("walk2.mp4")
    """
    match = _NUMBER.fullmatch(what)
    if match is not None:
        return CameraAddress(int(match[1]))
    match = _OAK.fullmatch(what)
    if match is not None:
        return CameraAddress(match["which"] or "", driver=match["driver"])
    match = _CAMERA.fullmatch(what)
    if match is None:
        return None
    number = _NUMBER.fullmatch(match["which"])
    return CameraAddress(
        match["which"] if number is None else int(number[1]),
        wh=None if match["width"] is None else (int(match["width"]), int(match["height"])),
        fps=None if match["fps"] is None else float(match["fps"]),
        driver=match["driver"],
    )


def is_url(what: str) -> bool:
    """Return whether a string begins with a URL scheme such as ``rtsp://``."""
    return _URL.match(what) is not None


def without_password(url: str) -> str:
    """Return a URL as it may be shown: without user name, password, tokens and keys.

    Of the values in the query and in the path, such as ``?token=…`` and ``/user=me&pwd=…``, only
    short ones of names that are known to be harmless remain. A fragment is hidden. Names of files
    remain as they are.

    Examples
    --------
    >>> without_password("rtsp://admin:secret@door.local:554/main?channel=2&token=abc")
    'rtsp://door.local:554/main?channel=2&token=***'
    """
    match = _ADDRESS.fullmatch(url)
    if match is None:
        return url
    inner = _USER.sub(r"\1", match["path"])  # of an address in an address
    path = "/".join(_hidden(part, "") for part in inner.split("/"))
    query = _SEPARATORS.sub(lambda part: _hidden(part[0], _HIDDEN), match["query"] or "")
    fragment = f"#{_HIDDEN}" if match["fragment"] else ""
    return f"{match['scheme']}{match['host']}{path}{query}{fragment}"


def _hidden(part: str, nameless: str) -> str:
    """Return ``name=value`` with its value hidden unless it is harmless."""
    name, equals, value = part.partition("=")
    if not equals:
        return nameless or part
    is_harmless = name.lower() in _HARMLESS and _SHORT.fullmatch(value) is not None
    return part if is_harmless else f"{name}={_HIDDEN}"


def without_credentials(name: str) -> str:
    """Return a name as it may stand in a file: a URL without user, password, query and fragment.

    Many cameras take the password in the query, some in the path: ``/user=me&password=secret``. So
    the path ends before its first part with an equals sign.

    Examples
    --------
    >>> without_credentials("rtsp://admin:secret@door.local/video?user=me&pwd=secret")
    'rtsp://door.local/video'
    >>> without_credentials("what?.mp4")
    'what?.mp4'
    """
    return re.split("[?#]|/[^/?#]*=", without_password(name))[0] if is_url(name) else name
