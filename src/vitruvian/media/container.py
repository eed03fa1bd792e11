"""Opens files and streams for reading, with every supported version of PyAV."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

import av

if TYPE_CHECKING:
    from av.container import InputContainer

    from vitruvian.media.one_pass import OnePass

__all__ = ["open_container"]

# Metadata that is not UTF-8 is no error. From version 19 on, PyAV accepts it without this option.
_METADATA: dict[str, Any] = (
    {} if int(av.__version__.partition(".")[0]) >= 19 else {"metadata_errors": "replace"}
)


def open_container(
    address: str | OnePass | IO[bytes],
    *,
    format: str | None = None,  # noqa: A002 - as in PyAV
    options: dict[str, str] | None = None,
    timeout_s: float | None = None,
) -> InputContainer:
    """Open a file, a file object, a stream or a device; `timeout_s` limits each wait for data.

    Raises
    ------
    av.FFmpegError
        If FFmpeg can't open it.
    """
    container: InputContainer = av.open(
        address, "r", format=format, options=options or {}, timeout=timeout_s, **_METADATA
    )
    return container
