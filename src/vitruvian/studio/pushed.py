"""Decoding of the frames that a client pushes: JPEG, and H.264 in Annex B."""

from __future__ import annotations

import io
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import numpy as np
from av.codec.context import Flags
from PIL import Image

from vitruvian.media.colour import RgbConverter
from vitruvian.studio.wire import H264, JPEG, WrongMessageError

if TYPE_CHECKING:
    from av.video.codeccontext import VideoCodecContext
    from numpy.typing import NDArray

    from vitruvian.studio.wire import PushedFrame

__all__ = ["FrameDecoder", "jpeg_wh"]

MAX_PIXELS = 1920 * 1088  # H.264 stores whole blocks of 16 px

# ITU-T T.81, table B.1: start of frame, except those numbers that mean other things.
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})


def jpeg_wh(data: bytes) -> tuple[int, int] | None:
    """Return width and height in the header of a JPEG image, px; None without such a header."""
    if data[:2] != b"\xff\xd8":
        return None
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # a byte of padding
            at += 1
        elif marker in _WITHOUT_LENGTH:
            at += 2
        elif marker in _START_OF_FRAME:
            height, width = (int.from_bytes(data[i : i + 2], "big") for i in (at + 5, at + 7))
            return width, height
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None


class FrameDecoder:
    """Decodes the frames of one client.

    H.264 frames refer to those before them, so each has to be given to `decode`. Those after a
    frame that is missing are skipped up to the next key frame.
    """

    def __init__(self) -> None:
        self._h264: VideoCodecContext | None = None
        self._converter = RgbConverter(threads=1)

    def decode(self, frame: PushedFrame, *, is_wanted: bool = True) -> NDArray[np.uint8] | None:
        """Return the RGB pixels of a frame.

        Parameters
        ----------
        frame : PushedFrame
        is_wanted : bool
            Whether the pixels are needed; False for a frame on which only later ones depend.

        Returns
        -------
        (H, W, 3) uint8 array or None
            None if they are not wanted, or if the frames needed for decoding are missing.

        Raises
        ------
        WrongMessageError
            If the frame can't be decoded, or has another size than its header says.
        """
        if frame.codec == JPEG:
            self._h264 = None
            return _jpeg_pixels(frame) if is_wanted else None
        return self._h264_pixels(frame, is_wanted=is_wanted)

    def note_gap(self) -> None:
        """Note that a frame is missing before the next one."""
        self._h264 = None

    def _h264_pixels(self, frame: PushedFrame, *, is_wanted: bool) -> NDArray[np.uint8] | None:
        if frame.is_key:
            self._h264 = self._h264 or _h264_decoder()
        if self._h264 is None:
            return None
        packet = av.Packet(frame.data)
        packet.pts = packet.dts = frame.seq
        packet.time_base = Fraction(1)
        try:
            pictures = self._h264.decode(packet)
        except (av.FFmpegError, ValueError) as error:
            self._h264 = None
            reason = getattr(error, "strerror", None) or error
            raise WrongMessageError(f"frame {frame.seq} is no H.264: {reason}") from error
        pictures = [picture for picture in pictures if picture.pts == frame.seq]
        if not pictures:
            return None
        picture = pictures[-1]
        _check_wh(frame, (picture.width, picture.height))
        return self._converter.rgb(picture) if is_wanted else None


def _h264_decoder() -> VideoCodecContext:
    decoder: VideoCodecContext = av.CodecContext.create("h264", "r")
    decoder.thread_count = 1  # each further thread would delay the pictures by one frame
    decoder.flags |= Flags.low_delay
    decoder.options = {"max_pixels": str(MAX_PIXELS)}
    decoder.open()
    return decoder


def _jpeg_pixels(frame: PushedFrame) -> NDArray[np.uint8]:
    wh = jpeg_wh(frame.data)
    if wh is None:
        raise WrongMessageError(f"frame {frame.seq} is no JPEG")
    _check_wh(frame, wh)
    try:
        with Image.open(io.BytesIO(frame.data), formats=("JPEG",)) as image:
            _check_wh(frame, image.size)
            return np.asarray(image.convert("RGB"))
    except (OSError, SyntaxError, ValueError) as error:
        raise WrongMessageError(f"frame {frame.seq} can't be decoded: {error}") from error


def _check_wh(frame: PushedFrame, wh: tuple[int, int]) -> None:
    if wh != frame.wh:
        kind = {JPEG: "JPEG", H264: "H.264"}[frame.codec]
        sizes = "{}x{} px, its header says {}x{}".format(*wh, *frame.wh)
        raise WrongMessageError(f"the {kind} of frame {frame.seq} has {sizes}")
