"""Checks of what `vitruvian studio` is given, before anything is started."""

from __future__ import annotations

import ipaddress
import os
import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.errors import BackendUnavailableError, SourceError, VitruvianError
from vitruvian.media.address import camera_address, is_url, without_password

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitruvian.media.address import CameraAddress
    from vitruvian.studio.place import Place

__all__ = [
    "bytes_of",
    "existing_folders",
    "existing_inputs",
    "installed_packages",
    "known_model",
    "place",
    "secret_token",
]

PACKAGES = ("cryptography", "segno", "starlette", "uvicorn", "websockets")  # of the extra
MIN_TOKEN = 16
_TOKEN = re.compile(r"[\w.~+/=-]+", re.ASCII)  # what a cookie and a header can hold
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?", re.IGNORECASE)
_UNITS = ("", "K", "M", "G", "T")


def installed_packages() -> None:
    """Raise BackendUnavailableError if the extra is not installed."""
    absent = [name for name in PACKAGES if find_spec(name) is None]
    if absent:
        raise BackendUnavailableError(
            f"the studio needs {', '.join(absent)}: pip install 'vitruvian[studio]'"
        )


def existing_inputs(inputs: Sequence[str], video: Path | None) -> None:
    """Raise an error if an input is not there; a stream is not asked."""
    for given in inputs:
        camera = camera_address(given)
        if camera is not None:
            _check_camera(camera)
        elif is_url(given):
            continue
        elif Path(given).is_dir():
            raise SourceError(f"{given!r} is a folder: give it as --folder")
        elif given == "-" or not Path(given).is_file():
            shown = without_password(given)
            raise SourceError(f"no image, video or file of results at {shown!r}")
    if video is not None:
        _check_video(video, inputs)


def _check_video(video: Path, inputs: Sequence[str]) -> None:
    from vitruvian.export.formats import READABLE_SUFFIXES
    from vitruvian.export.suffix import suffix_of

    if [suffix_of(Path(given)) in READABLE_SUFFIXES for given in inputs] != [True]:
        raise ValueError(f"--video needs one INPUT with its results, got {list(inputs)}")
    if not video.is_file():
        raise SourceError(f"no video at {str(video)!r}")


def known_model(model: str) -> None:
    """Raise an error if a model is neither a known name nor a file with one."""
    from vitruvian.models.catalog import LANDMARK_MODELS
    from vitruvian.models.store import find_models

    if model not in LANDMARK_MODELS:
        find_models(model)


def _check_camera(camera: CameraAddress) -> None:
    which = camera.which
    if camera.driver == "oak-virtual" and which and not Path(str(which)).is_file():
        raise SourceError(f"no video at {str(which)!r}")
    if isinstance(which, int):
        from vitruvian.media.camera import cameras

        found = cameras()
        if which not in [camera.number for camera in found]:
            there = ", ".join(map(str, found)) or "none"
            raise SourceError(f"no camera {which}; cameras of this machine: {there}")


def existing_folders(folders: Sequence[Path]) -> tuple[Path, ...]:
    """Return folders that exist."""
    for folder in folders:
        if not folder.is_dir():
            raise ValueError(f"--folder must be a folder, got {str(folder)!r}")
    return tuple(folders)


def bytes_of(size: str) -> int:
    """Return a number of bytes.

    Examples
    --------
    >>> bytes_of("1.5G")
    1610612736
    """
    match = _SIZE.fullmatch(size.strip())
    if match is None:
        raise ValueError(f"--max-upload must be a size such as 500M or 2G, got {size!r}")
    return int(float(match[1]) * 1024 ** _UNITS.index(match[2].upper()))


def secret_token(source: str) -> str:
    """Return the token in an environment variable or a file."""
    if source in os.environ:
        token = os.environ[source].strip()
    elif Path(source).is_file():
        token = Path(source).read_text(encoding="utf-8", errors="replace").strip()
    else:
        raise ValueError(f"--token must be an environment variable or a file, got {source!r}")
    if len(token) < MIN_TOKEN or not _TOKEN.fullmatch(token):
        raise ValueError(
            f"the token in {source!r} must have at least {MIN_TOKEN} letters, digits or any of "
            "-._~+/="
        )
    return token


def place(
    host: str,
    port: int,
    *,
    lan: bool,
    cert: Path | None,
    key: Path | None,
    public_url: str | None,
) -> Place:
    """Return where the server listens."""
    from vitruvian.studio.address import public_origin
    from vitruvian.studio.place import Place

    if key is not None and cert is None:
        raise ValueError("--key belongs to --cert: give both")
    names: tuple[str, ...] = ()
    certificate = None
    if lan:
        if host != Place().host:
            raise ValueError("--lan listens on all addresses: leave out --host")
        names = _lan_names()
    elif _is_unspecified(host):
        raise ValueError(f"--host must be one address, got {host!r}: --lan listens on all")
    if cert is not None:
        from vitruvian.studio.certificate import load_certificate

        certificate = load_certificate(cert, key)
    elif lan:
        from vitruvian.studio.certificate import lan_certificate

        certificate = lan_certificate(("localhost", "127.0.0.1", "::1", *names))
    return Place(
        host=host,
        port=port,
        certificate=certificate,
        lan_names=names,
        public_url=None if public_url is None else public_origin(public_url),
    )


def _lan_names() -> tuple[str, ...]:
    from vitruvian.studio.lan import lan_addresses, lan_names

    if not lan_addresses():
        raise VitruvianError("this machine has no address in a local network")
    return tuple(lan_names())


def _is_unspecified(host: str) -> bool:
    try:
        return not host or ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False
