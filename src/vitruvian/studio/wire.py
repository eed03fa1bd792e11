"""Messages of a live session: the binary header, and checks of what a client sends."""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass
from typing import Any

__all__ = [
    "H264",
    "JPEG",
    "MASK",
    "PICTURE",
    "SUBPROTOCOL",
    "PushedFrame",
    "WrongMessageError",
    "parsed_frame",
    "parsed_text",
    "picture_message",
]

SUBPROTOCOL = "vitruvian.1"
JPEG, H264 = 0, 2
FRAME, PICTURE, MASK = 1, 2, 3
MAX_TEXT = 64 * 1024  # characters of a text message
MAX_LONG, MAX_SHORT = 1920, 1080  # px, of a pushed frame
MIN_HEIGHT, MAX_HEIGHT = 90, 720  # px, of the pictures of a camera of the server
MAX_CAPTURE_MS = 2.0**43  # 278 years; microseconds are still exact

_HEADER = struct.Struct("<BBHIdHHI")  # kind, codec, flags, seq, capture ms, width, height, 0
_IS_KEY = 1
# By type of message: the fields, each with its type and a default; None: it must be given.
_FIELDS: dict[str, dict[str, tuple[type, object]]] = {
    "open": {
        "source": (dict, None),
        "options": (dict, {}),
        "exercise": (str, ""),
        "height": (int, MAX_HEIGHT),
    },
    "options": {"options": (dict, None)},
    "exercise": {"exercise": (str, None)},
    "record": {"on": (bool, None)},
    "pause": {},
    "resume": {},
    "reset": {},
    "close": {},
}


class WrongMessageError(Exception):
    """A message that no correct client sends; the third within 10 s ends the session."""


@dataclass(frozen=True, slots=True)
class PushedFrame:
    """A frame of a client, still encoded.

    Attributes
    ----------
    codec : int
        `JPEG` or `H264`.
    is_key : bool
        Whether it can be decoded without the frames before it.
    seq : int
        Number by the client.
    capture_ms : float
        Time of capture by the clock of the client.
    wh : (int, int)
        Width and height, px.
    data : bytes
    """

    codec: int
    is_key: bool
    seq: int
    capture_ms: float
    wh: tuple[int, int]
    data: bytes


def parsed_frame(message: bytes) -> PushedFrame:
    """Return the frame in a binary message.

    Raises
    ------
    WrongMessageError
        If it is too short, or a value of its header is out of range.
    """
    if len(message) <= _HEADER.size:
        raise WrongMessageError(
            f"a frame must have more than {_HEADER.size} bytes, got {len(message)}"
        )
    kind, codec, flags, seq, capture_ms, width, height, _ = _HEADER.unpack_from(message)
    if kind != FRAME:
        raise WrongMessageError(f"kind must be {FRAME}, got {kind}")
    if codec not in (JPEG, H264):
        raise WrongMessageError(f"codec must be {JPEG} (JPEG) or {H264} (H.264), got {codec}")
    if not (math.isfinite(capture_ms) and 0 <= capture_ms <= MAX_CAPTURE_MS):
        raise WrongMessageError(f"the capture time must be a number of ms, got {capture_ms!r}")
    low, high = sorted((width, height))
    if low < 1 or low > MAX_SHORT or high > MAX_LONG:
        raise WrongMessageError(
            f"a frame must have 1x1 to {MAX_LONG}x{MAX_SHORT} px, got {width}x{height}"
        )
    is_key = codec == JPEG or bool(flags & _IS_KEY)
    return PushedFrame(codec, is_key, seq, capture_ms, (width, height), message[_HEADER.size :])


def parsed_text(text: str) -> dict[str, Any]:
    """Return a text message with all its fields, checked.

    Raises
    ------
    WrongMessageError
        If it is not JSON, has an unknown type, or a field is missing or of another type.
    """
    if len(text) > MAX_TEXT:
        raise WrongMessageError(f"a message must have at most {MAX_TEXT} characters")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WrongMessageError(f"a message must be JSON: {error}") from error
    kind = message.get("type") if isinstance(message, dict) else None
    if not isinstance(kind, str) or kind not in _FIELDS:
        raise WrongMessageError(f"type must be one of {sorted(_FIELDS)}, got {kind!r:.40}")
    found: dict[str, Any] = {"type": kind}
    for name, (wanted, default) in _FIELDS[kind].items():
        value = message.get(name, default)
        if type(value) is not wanted:
            raise WrongMessageError(
                f"{name} of {kind!r} must be a {wanted.__name__}, got {value!r:.40}"
            )
        found[name] = value
    if kind == "open" and not MIN_HEIGHT <= found["height"] <= MAX_HEIGHT:
        raise WrongMessageError(
            f"height must be from {MIN_HEIGHT} to {MAX_HEIGHT}, got {found['height']}"
        )
    return found


def picture_message(
    kind: int, data: bytes, *, seq: int, capture_ms: float, wh: tuple[int, int]
) -> bytes:
    """Return the binary message of a picture or a mask.

    Parameters
    ----------
    kind : int
        `PICTURE` (JPEG) or `MASK` (PNG).
    data : bytes
        The encoded picture.
    seq : int
        Number of the result that belongs to it.
    capture_ms : float
        Time of the frame: of pictures by the clock of the server, of masks by that of the client.
    wh : (int, int)
        Width and height of the picture, px.
    """
    return _HEADER.pack(kind, JPEG, 0, seq, capture_ms, *wh, 0) + data
