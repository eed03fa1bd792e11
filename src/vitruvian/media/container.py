"""Opens files, streams and devices for reading: allowed formats only, by any supported PyAV.

FFmpeg also reads scripts, playlists and patterns that name other files, and its protocols reach
every file and host. A file that is uploaded, or a stream of a server, must not make use of that. So
both formats and protocols are white lists.
"""

from __future__ import annotations

import os.path
import struct
from typing import IO, TYPE_CHECKING, Any

import av

from vitruvian.media.address import is_url

if TYPE_CHECKING:
    from av.container import InputContainer

    from vitruvian.media.one_pass import OnePass

__all__ = ["MAY_RESTART", "lacks_index", "lacks_trailer", "open_container", "protocol_of"]

MAY_RESTART = 0x200  # FFmpeg's AVFMT_TS_DISCONT: flag of a format whose clock may be set anew

# Metadata that is not UTF-8 is no error. From version 19 on, PyAV accepts it without this option.
_METADATA: dict[str, Any] = (
    {} if int(av.__version__.partition(".")[0]) >= 19 else {"metadata_errors": "replace"}
)
_MAX_PADDING = 4096  # bytes; some programs fill the last sector
_MAX_BOXES = 100  # more only in files that have an index
# Demuxers that read one file and nothing else.
_FILE_FORMATS = (
    # containers
    "3g2 3gp asf avi cine dhav dv flic flv gif gxf ivf kux live_flv m4v matroska mj2 mov mp4 mpeg "
    "mpegts mpegtsraw mpegvideo mpjpeg mtv mv mxf nsv nut nuv obu ogg psxstr pva rm roq smjpeg swf "
    "vivo webm wtv xmv yuv4mpegpipe 4xm apng avs2 avs3 bink smk "
    # raw video
    "apv av1 cavsvideo dirac dnxhd evc h261 h263 h264 hevc ingenient mjpeg mjpeg_2000 vc1 vc1test "
    "vvc "
    # pictures whose suffix is that of a video
    "bmp_pipe dds_pipe dpx_pipe exr_pipe gif_pipe hdr_pipe j2k_pipe jpeg_pipe jpegls_pipe "
    "jpegxl_anim jpegxl_pipe pam_pipe pbm_pipe pcx_pipe pfm_pipe pgm_pipe pgmyuv_pipe pgx_pipe "
    "phm_pipe png_pipe ppm_pipe psd_pipe qoi_pipe sgi_pipe sunrast_pipe tiff_pipe webp_anim "
    "webp_pipe xbm_pipe xpm_pipe xwd_pipe "
    # sound, so that the error says what the file is
    "aac ac3 aiff amr ape au caf dts eac3 flac mp3 tta w64 wav wv"
)
# Demuxers of streams; those of playlists and sessions open the addresses that a server names.
_STREAM_FORMATS = f"{_FILE_FORMATS} dash hls rtp rtsp sdp webvtt"
# By the scheme of an address: the protocols that FFmpeg may use for it.
_HTTP = "http https httpproxy tcp tls crypto data"
_RTP = "rtp srtp udp tcp tls"
_PROTOCOLS = {
    "file": "file",
    "ftp": "ftp tcp",
    "http": _HTTP,
    "https": _HTTP,
    "mmsh": "mmsh http tcp",
    "mmst": "mmst tcp",
    "rist": "rist udp",
    "rtmp": "rtmp tcp",
    "rtmpe": "rtmpe ffrtmpcrypt tcp",
    "rtmps": "rtmps tcp tls",
    "rtmpt": "rtmpt ffrtmphttp http tcp",
    "rtmpte": "rtmpte ffrtmpcrypt ffrtmphttp http tcp",
    "rtmpts": "rtmpts ffrtmphttp http https tcp tls",
    "rtp": _RTP,
    "rtsp": f"{_RTP} http https httpproxy",
    "rtsps": f"{_RTP} http https httpproxy",
    "sftp": "sftp tcp",
    "srt": "srt udp",
    "srtp": _RTP,
    "tcp": "tcp",
    "tls": "tls tcp",
    "udp": "udp",
    "unix": "unix",
}


def protocol_of(address: str) -> str:
    """Return the scheme of a URL in lower case, "file" for a path.

    Raises
    ------
    ValueError
        If the scheme is none of those that may be opened.

    Examples
    --------
    >>> protocol_of("RTSP://door.local/main"), protocol_of("/videos/walk.mp4")
    ('rtsp', 'file')
    """
    scheme = address.partition(":")[0].lower() if is_url(address) else "file"
    if scheme not in _PROTOCOLS:
        raise ValueError(f"the scheme must be one of {sorted(_PROTOCOLS)}, got {scheme!r}")
    return scheme


def open_container(
    address: str | OnePass | IO[bytes],
    *,
    format: str | None = None,  # noqa: A002 - as in PyAV
    options: dict[str, str] | None = None,
    timeout_s: float | None = None,
) -> InputContainer:
    """Open a file, a file object, a stream or a device; `timeout_s` limits each wait for data.

    Parameters
    ----------
    address : str or file object
        An absolute path, a URL, or with `format` the address of a device.
    format : str, optional
        FFmpeg's name of the kind of device.

    Raises
    ------
    av.FFmpegError
        If FFmpeg can't open it. `av.error.ArgumentError` for a format that is not allowed.
    ValueError
        If the scheme of the URL is not allowed.
    """
    scheme = "file"
    if isinstance(address, str):
        scheme = protocol_of(address)
        if is_url(address):  # FFmpeg knows schemes in lower case only
            address = scheme + address[len(scheme) :]
    allowed = _FILE_FORMATS if scheme == "file" else _STREAM_FORMATS
    limits = {
        "protocol_whitelist": _PROTOCOLS[scheme].replace(" ", ","),
        "format_whitelist": format or allowed.replace(" ", ","),
    }
    container: InputContainer = av.open(
        address,
        "r",
        format=format,
        options=(options or {}) | limits,
        timeout=timeout_s,
        **_METADATA,
    )
    return container


def lacks_index(path: str) -> bool:
    """Return whether a file is an MP4 or MOV file without ``moov``, which is written at its end."""
    if not os.path.isfile(path):
        return False
    kinds: list[bytes] = []
    with open(path, "rb") as file:
        while len(header := file.read(8)) == 8 and len(kinds) < _MAX_BOXES:
            size, kind = struct.unpack(">I4s", header)
            kinds.append(kind)
            n_read = 8
            if size == 1:
                size, n_read = int.from_bytes(file.read(8), "big"), 16
            if size < n_read:
                break  # 0 is a box that ends with the file
            file.seek(size - n_read, os.SEEK_CUR)
    return kinds[:1] == [b"ftyp"] and not {b"moov", b"moof"}.intersection(kinds)


def lacks_trailer(path: str) -> bool:
    """Return whether a GIF file does not end with its trailer and padding."""
    if not os.path.isfile(path):
        return False
    with open(path, "rb") as file:
        file.seek(-min(os.path.getsize(path), _MAX_PADDING), os.SEEK_END)
        return not file.read().rstrip(b"\0\r\n").endswith(b";")
