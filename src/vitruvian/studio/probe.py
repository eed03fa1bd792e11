"""What a file is: kind, size and length, checked by its header before anything is decoded."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import av

from vitruvian.media import open_input
from vitruvian.media.container import open_container
from vitruvian.media.header import duration_s, shown_stream
from vitruvian.media.image import picture_file, readable
from vitruvian.media.image_kind import is_image_input
from vitruvian.runs.messages import EXPECTED_ERRORS
from vitruvian.studio.problems import ApiError, named_line

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MAX_VIDEO_S", "MediaFacts", "probed"]

MAX_PICTURE_PX = 64_000_000
MAX_PICTURE_SIDE = 16_384
MAX_PICTURE_BYTES = 8 * MAX_PICTURE_PX  # four channels of 16 bits
MAX_VIDEO_SIDE = 8192
MAX_VIDEO_S = 4 * 3600.0

_PICTURES = {  # Pillow's format: type for browsers
    "AVIF": "image/avif",
    "BMP": "image/bmp",
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
}
_UNKNOWN = "application/octet-stream"
_BITS_8 = frozenset({"yuv420p", "yuvj420p"})
_BITS_10 = _BITS_8 | {"yuv420p10le"}
_PLAYED = {  # codecs that browsers play, with their pixel formats
    "av1": _BITS_10,
    "h264": _BITS_8,
    "vp8": _BITS_8,
    "vp9": _BITS_10,
}
_WEBM_CODECS = frozenset({"av1", "vp8", "vp9"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFacts:
    """What the page must know of a file.

    Attributes
    ----------
    kind : str
        "video", "image" or "results".
    width, height : int
        Size of the upright frames, px.
    fps : float or None
        Nominal rate.
    frames : int or None
        Number of frames, an estimate.
    duration_s : float or None
    is_playable : bool
        Whether browsers are expected to show the file itself.
    mime : str
        Media type of the file.
    """

    kind: str
    width: int
    height: int
    fps: float | None = None
    frames: int | None = None
    duration_s: float | None = None
    is_playable: bool = False
    mime: str = _UNKNOWN


def probed(path: Path, name: str) -> MediaFacts:
    """Return what an image or a video is.

    Parameters
    ----------
    path : Path
    name : str
        Name of the file for messages, instead of its path.

    Raises
    ------
    ApiError
        If it is neither, or is larger than the limits.
    """
    try:
        if is_image_input(str(path)):
            return _of_picture(path)
        return _of_video(path)
    except EXPECTED_ERRORS as error:
        raise ApiError(422, "not_media", named_line(error, path, name)) from error


def _of_picture(path: Path) -> MediaFacts:
    if path.stat().st_size > MAX_PICTURE_BYTES:
        raise _too_large(f"a picture may have {MAX_PICTURE_BYTES // 1_000_000} MB")
    pictures = picture_file(path)
    with readable(repr(str(path))):
        width, height = pictures.largest_wh()
    if width * height > MAX_PICTURE_PX or max(width, height) > MAX_PICTURE_SIDE:
        raise _too_large(
            f"the picture has {width} x {height} px: {MAX_PICTURE_PX // 1_000_000} megapixels and "
            f"{MAX_PICTURE_SIDE} px a side are allowed"
        )
    facts = _of_frames(path)
    mime = _PICTURES.get(pictures.format, _UNKNOWN)
    return MediaFacts(**facts, mime=mime, is_playable=facts["kind"] == "image" and mime != _UNKNOWN)


def _of_video(path: Path) -> MediaFacts:
    header = _checked_header(path)
    frames = _of_frames(path)
    return MediaFacts(**frames | {name: v for name, v in header.items() if v is not None})


def _checked_header(path: Path) -> dict[str, Any]:
    """Return what the header of a video says; empty if it can't be read."""
    limit = {"max_pixels": str(MAX_VIDEO_SIDE**2)}  # FFmpeg decodes a frame to complete the header
    with (
        suppress(av.FFmpegError, OSError, ValueError),
        open_container(str(path.absolute()), options=limit) as container,
    ):
        stream = shown_stream(container)
        if stream is None or stream.codec_context is None:
            return {}
        context = stream.codec_context
        if max(context.width, context.height) > MAX_VIDEO_SIDE:
            raise _too_large(
                f"the video has {context.width} x {context.height} px: {MAX_VIDEO_SIDE} px a side "
                "are allowed"
            )
        seconds = duration_s(container, stream)
        if seconds is not None and seconds > MAX_VIDEO_S:
            raise _too_large(
                f"the video has {seconds / 3600:.1f} h: {MAX_VIDEO_S / 3600:.0f} h are allowed"
            )
        codec, box = context.codec.canonical_name, container.format.name
        is_webm = "webm" in box and codec in _WEBM_CODECS
        can_play = context.pix_fmt in _PLAYED.get(codec, ()) and (is_webm or "mp4" in box)
        return {
            "duration_s": seconds,
            "is_playable": can_play,
            "mime": ("video/webm" if is_webm else "video/mp4") if can_play else _UNKNOWN,
        }
    return {}


def _of_frames(path: Path) -> dict[str, Any]:
    """Return what the package reads from a file, of which it decodes the first frame."""
    with open_input(path) as source:
        frame = None if source.wh else next(iter(source))  # images of several sizes
        width, height = source.wh or (0, 0) if frame is None else (frame.width, frame.height)
        n_frames, fps = source.n_frames, source.fps
        return {
            "kind": "image" if n_frames == 1 and fps is None else "video",
            "width": width,
            "height": height,
            "fps": fps,
            "frames": n_frames,
            "duration_s": n_frames / fps if n_frames and fps else None,
        }


def _too_large(message: str) -> ApiError:
    return ApiError(422, "too_large", message)
