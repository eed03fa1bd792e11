"""Where model files come from when they are not on this machine."""

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

SILENCE_S = 3.0  # longest wait for a connection, and for the next bytes
COMMAND_S = 600.0
BLOCK = 1 << 18

Progress = Callable[[str, int, int | None], None]
"""Told what is being fetched, how many bytes have come, and of how many where that is known."""

logger = logging.getLogger(__name__)


class Source(Protocol):
    """Somewhere that holds model files."""

    @property
    def name(self) -> str:
        """Its name in the catalogue."""

    def fetch(self, wanted: Sequence[Weights], folder: Path, progress: Progress) -> None:
        """Write `wanted` to `folder`, each under its file name; unverified."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Files below one address, read by HTTP."""

    name: str
    address: str

    def fetch(self, wanted: Sequence[Weights], folder: Path, progress: Progress) -> None:
        """Write `wanted` to `folder`."""
        for weights in wanted:
            url = f"{self.address}/{weights.places[self.name]}"
            try:
                with urllib.request.urlopen(url, timeout=SILENCE_S) as response:
                    _write(response, weights, folder, progress)
            except urllib.error.HTTPError as err:
                with err:  # it holds the connection
                    raise ModelNotFoundError(f"HTTP status {err.code} for {url}") from err


@dataclass(frozen=True, slots=True)
class Package:
    """One archive that a package manager's own client downloads, by the package's name.

    Attributes
    ----------
    name : str
        Name of the source.
    package : str
        What is fetched, for people to read.
    command : tuple of str
        Run in an empty folder, it leaves the archive, ``.tgz`` or ``.whl``, there.
    """

    name: str
    package: str
    command: tuple[str, ...]

    def fetch(self, wanted: Sequence[Weights], folder: Path, progress: Progress) -> None:
        """Write `wanted` to `folder`, all from one download."""
        progress(self.package, 0, None)
        inside = folder / self.name
        inside.mkdir()
        _run(self.command, inside)
        archives = [path for path in inside.iterdir() if path.suffix in (".tgz", ".whl")]
        if len(archives) != 1:
            raise ModelNotFoundError(f"{self.command[0]!r} left no archive of {self.package}")
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
        # The wheel is read, not installed: one platform's serves every Python and every machine.
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
    """Return `wanted` as files of `folder`, fetched from the first source that gives each.

    A file is moved into `folder` only when it is whole and has the right digest. Of several
    processes that fetch into one folder, one does and the others wait for it.

    Raises
    ------
    ModelNotFoundError
        If no source could give a file; the message says why, source by source.
    ModelIntegrityError
        The same, where what a source gave had a wrong digest.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(folder / ".lock"), _scratch_in(folder) as scratch:
            return _fetch_absent(wanted, folder, scratch, sources, progress or _silent)
    except OSError as err:
        raise ModelNotFoundError(
            f"no model can be kept in {str(folder)!r} ({err}): "
            "put the files in a folder and name it by --models or VITRUVIAN_MODELS"
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
            failures.append((source.name, ModelNotFoundError(f"does not hold {lacking}")))
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
                continue  # the failure above is why
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
        f"no source gave {files}: {reasons or 'there is no source'}; put it in {str(folder)!r}, "
        "or in a folder that --models or VITRUVIAN_MODELS names"
    )


def _intact(weights: Weights, folder: Path) -> ModelFile | None:
    """Return the file that is there already, perhaps since another process fetched it."""
    try:
        return verified_file(weights, folder / weights.file)
    except (FileNotFoundError, ModelIntegrityError):
        return None


def _moved(weights: Weights, inside: Path, folder: Path) -> ModelFile:
    """Return the fetched file, verified and then moved from `inside` to `folder`."""
    fetched = verified_file(weights, inside / weights.file)
    return ModelFile(fetched.path.replace(folder / weights.file), fetched.sha256)


@contextmanager
def _scratch_in(folder: Path) -> Iterator[Path]:
    """Give an empty folder beside the files, removed at the end; what a crash left goes first."""
    scratch = folder / ".fetching"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _write(stream: IO[bytes], weights: Weights, folder: Path, progress: Progress) -> None:
    """Copy `stream` to its file, which appears only when it has about the size it must have."""
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
    """Run `command` in `folder`; ModelNotFoundError says in one line why it failed."""
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
    """Give a function that opens a member of `archive`; KeyError where there is none."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            yield wheel.open
        return
    with tarfile.open(archive) as package:

        def open_member(name: str) -> IO[bytes]:
            stream = package.extractfile(name)
            if stream is None:
                raise KeyError(f"{name!r} is no file")
            return stream

        yield open_member


def _silent(_what: str, _n_bytes: int, _of: int | None) -> None: ...
