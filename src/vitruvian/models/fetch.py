"""Download of model files that are not on this machine."""

from __future__ import annotations

import http.client
import logging
import shutil
import subprocess
import sys
import tarfile
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Protocol

import filelock

from vitruvian.errors import ModelIntegrityError, ModelNotFoundError, VitruvianError
from vitruvian.models.files import ModelFile, verified_file

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.models.catalog import Weights

__all__ = ["SOURCES", "Bucket", "Package", "Progress", "Source", "fetch_into"]

TIMEOUT_S = 3.0  # timeout of the connection, and of the next bytes
COMMAND_S = 600.0
BLOCK = 1 << 18

Progress = Callable[[str, int, int | None], None]
"""Called with the name of a download, the bytes so far, and the total or None if unknown."""

logger = logging.getLogger(__name__)


class Source(Protocol):
    """A place that offers model files."""

    @property
    def name(self) -> str:
        """The name of the source in the catalogue."""

    def fetch(self, wanted: Sequence[Weights], folder: Path, progress: Progress) -> None:
        """Write `wanted` to `folder` under their file names, without verification."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Files below one URL, read by HTTP."""

    name: str
    address: str

    def fetch(self, wanted: Sequence[Weights], folder: Path, progress: Progress) -> None:
        """Write `wanted` to `folder`."""
        for weights in wanted:
            url = f"{self.address}/{weights.places[self.name]}"
            try:
                with urllib.request.urlopen(url, timeout=TIMEOUT_S) as response:
                    _write(response, weights, folder, progress)
            except urllib.error.HTTPError as err:
                with err:  # closes the connection
                    raise ModelNotFoundError(f"HTTP status {err.code} for {url}") from err


@dataclass(frozen=True, slots=True)
class Package:
    """An archive that the client of a package manager downloads.

    Attributes
    ----------
    name : str
        Name of the source.
    package : str
        Name and version of the package, for messages.
    command : tuple of str
        Command that writes the archive, ``.tgz`` or ``.whl``, to the folder in which it is run.
    """

    name: str
    package: str
    command: tuple[str, ...]

    def fetch(self, wanted: Sequence[Weights], folder: Path, progress: Progress) -> None:
        """Write `wanted` to `folder`; the archive is downloaded once."""
        progress(self.package, 0, None)
        inside = folder / self.name
        inside.mkdir()
        _run(self.command, inside)
        archives = [path for path in inside.iterdir() if path.suffix in (".tgz", ".whl")]
        if len(archives) != 1:
            raise ModelNotFoundError(f"{self.command[0]!r} downloaded no archive of {self.package}")
        with _opened(archives[0]) as open_member:
            for weights in wanted:
                with open_member(weights.places[self.name]) as stream:
                    _write(stream, weights, folder, progress)


_WHEEL = "mediapipe==0.10.21"
_NPM_PACKAGE = "@mediapipe/pose@0.5.1675469404"

SOURCES: tuple[Source, ...] = (
    Bucket("bucket", "https://storage.googleapis.com/mediapipe-assets"),
    Package(
        "npm",
        _NPM_PACKAGE,
        ("npm", "pack", "--ignore-scripts", "--fetch-retries=1", _NPM_PACKAGE),
    ),
    Package(
        "pip",
        _WHEEL,
        # The wheel is read, not installed, so that one for any Python and platform will do.
        (
            *(sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"),
            *("--python-version", "3.12", "--implementation", "cp", "--abi", "cp312"),
            *("--platform", "manylinux_2_28_x86_64", "--retries", "1", _WHEEL),
        ),
    ),
)

_FAILURES = (
    OSError,
    EOFError,
    KeyError,  # an archive lacks the member
    http.client.HTTPException,
    subprocess.SubprocessError,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    VitruvianError,
)


def fetch_into(
    folder: Path,
    wanted: Sequence[Weights],
    *,
    sources: Sequence[Source],
    progress: Progress | None = None,
) -> list[ModelFile]:
    """Return `wanted` as files of `folder`, each fetched from the first source that works.

    A file is moved into `folder` only when it is complete and has the right digest. If several
    processes fetch into one folder, one of them does it and the others wait.

    Raises
    ------
    ModelNotFoundError
        If a file can't be fetched. The message gives the reason for each source.
    ModelIntegrityError
        If a file can't be fetched, and a source gave one with a wrong digest.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(folder / ".lock"), _scratch_in(folder) as scratch:
            return _fetch_absent(wanted, folder, scratch, sources, progress or _silent)
    except OSError as err:
        raise ModelNotFoundError(
            f"can't write models to {str(folder)!r} ({err}): "
            "put the files in a folder and name it with --models or VITRUVIAN_MODELS"
        ) from err


def _fetch_absent(
    wanted: Sequence[Weights],
    folder: Path,
    scratch: Path,
    sources: Sequence[Source],
    progress: Progress,
) -> list[ModelFile]:
    found = {w.name: file for w in wanted if (file := _intact(w, folder)) is not None}
    failures: list[tuple[str, Exception]] = []
    for source in sources:
        absent = [w for w in wanted if w.name not in found]
        held = [w for w in absent if source.name in w.places]
        if lacking := ", ".join(w.file for w in absent if w not in held):
            failures.append((source.name, ModelNotFoundError(f"does not have {lacking}")))
        if not held:
            continue
        inside = scratch / source.name
        inside.mkdir()
        try:
            logger.info("fetching %s from %s", ", ".join(w.file for w in held), source.name)
            source.fetch(held, inside, progress)
        except _FAILURES as err:
            failures.append((source.name, err))
        for weights in held:
            try:
                found[weights.name] = _moved(weights, inside, folder)
            except FileNotFoundError:
                continue  # the reason is in `failures`
            except ModelIntegrityError as err:
                failures.append((source.name, err))
    absent = [w for w in wanted if w.name not in found]
    if absent:
        raise _not_found(absent, folder, failures)
    return [found[w.name] for w in wanted]


def _not_found(
    absent: Sequence[Weights], folder: Path, failures: Sequence[tuple[str, Exception]]
) -> VitruvianError:
    wrong = any(isinstance(err, ModelIntegrityError) for _, err in failures)
    reasons = "; ".join(f"{name}: {err or type(err).__name__}" for name, err in failures)
    files = ", ".join(f"{w.file} (SHA-256 {w.sha256[0]})" for w in absent)
    return (ModelIntegrityError if wrong else ModelNotFoundError)(
        f"can't fetch {files}: {reasons or 'there is no source'}; put it in {str(folder)!r}, "
        "or in a folder that you name with --models or VITRUVIAN_MODELS"
    )


def _intact(weights: Weights, folder: Path) -> ModelFile | None:
    """Return the file if it exists and is intact: another process may have fetched it."""
    try:
        return verified_file(weights, folder / weights.file)
    except (FileNotFoundError, ModelIntegrityError):
        return None


def _moved(weights: Weights, inside: Path, folder: Path) -> ModelFile:
    """Verify the fetched file, move it from `inside` to `folder`, and return it."""
    fetched = verified_file(weights, inside / weights.file)
    return ModelFile(fetched.path.replace(folder / weights.file), fetched.sha256)


@contextmanager
def _scratch_in(folder: Path) -> Iterator[Path]:
    """Yield an empty subfolder, which is removed at the end; so are leftovers of a crash."""
    scratch = folder / ".fetching"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _write(stream: IO[bytes], weights: Weights, folder: Path, progress: Progress) -> None:
    """Copy `stream` to a file, which appears only if its size is plausible."""
    partial = folder / f"{weights.file}.part"
    n_bytes = 0
    with partial.open("wb") as out:
        while n_bytes <= 2 * weights.size and (block := stream.read(BLOCK)):
            out.write(block)
            n_bytes += len(block)
            progress(weights.file, n_bytes, weights.size)
    if not weights.size <= n_bytes <= 2 * weights.size:
        got = f"{n_bytes}" if n_bytes < weights.size else f"{n_bytes} and more"
        raise ModelIntegrityError(f"{weights.file} must have {weights.size} bytes, got {got}")
    partial.rename(folder / weights.file)


def _run(command: Sequence[str], folder: Path) -> None:
    """Run `command` in `folder`; a failure is a ModelNotFoundError of one line."""
    if shutil.which(command[0]) is None:
        raise ModelNotFoundError(f"{command[0]} is not installed")
    done = subprocess.run(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=COMMAND_S,
        check=False,
    )
    if done.returncode != 0:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        errors = [line for line in lines if "error" in line.lower()] or lines[-1:]
        raise ModelNotFoundError("".join(errors[:1]) or f"exit status {done.returncode}")


@contextmanager
def _opened(archive: Path) -> Iterator[Callable[[str], IO[bytes]]]:
    """Yield a function that opens a member of `archive`, or raises KeyError."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            yield wheel.open
        return
    with tarfile.open(archive) as package:

        def open_member(name: str) -> IO[bytes]:
            stream = package.extractfile(name)
            if stream is None:
                raise KeyError(f"{name!r} is not a file")
            return stream

        yield open_member


def _silent(_what: str, _n_bytes: int, _of: int | None) -> None: ...
