"""The Python 3.8 or 3.9 with the compiler for the device: found, or made in the user's cache."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import filelock

from vitruvian.errors import BackendUnavailableError
from vitruvian.oak.blobs.cache import oak_cache_folder
from vitruvian.oak.blobs.compiler import USB_FOLDER, Compiler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["PACKAGES", "PYTHON_VARIABLE", "find_compiler"]

PYTHON_VARIABLE = "VITRUVIAN_OPENVINO2021_PYTHON"
VERSIONS = ("3.9", "3.8")  # for which openvino 2021.4.2 has packages; the first is preferred
PACKAGES = (
    "openvino==2021.4.2",
    "numpy==1.19.5",
    "networkx==2.8.8",
    "defusedxml==0.7.1",
    "onnx==1.12.0",
    "protobuf==3.20.1",
)
# The model optimizer. Its declared dependencies are those of other tools.
CONVERTER = "openvino-dev==2021.4.2"
USB_PACKAGE = "libusb-package==1.0.26.3"
DOWNLOAD_MB, DISK_MB = 70, 280
MACHINES = ("x86_64", "AMD64")  # for which openvino 2021.4.2 has packages
LIMIT_S = 1800.0
COMPLETE = "complete"  # the mark of an environment that was made to its end

HOW_TO_GET = (
    "install one (such as with 'pyenv install 3.9' or 'uv python install 3.9') "
    "or name one with --python"
)


def find_compiler(
    python: str | Path | None = None, *, report: Callable[[str], None] | None = None
) -> Compiler:
    """Return the compiler for the device; its environment is made if there is none.

    Parameters
    ----------
    python : str or Path, optional
        A Python 3.8 or 3.9. If it has the packages, it is used as it is; otherwise a virtual
        environment is made from it. By default, the Python in the environment variable
        ``VITRUVIAN_OPENVINO2021_PYTHON``, which must have the packages; or else the environment in
        the user's cache; or else one that is made from a Python of this machine.
    report : callable, optional
        Called with a line before a download.

    Raises
    ------
    BackendUnavailableError
        If there is no suitable Python, it lacks packages, or the environment can't be made.
    """
    if python is None and (named := os.environ.get(PYTHON_VARIABLE)):
        return _named_compiler(_program(named))
    folder = oak_cache_folder()
    if python is not None:
        path = _program(python)
        version = _version(path)
        if version not in VERSIONS:
            found = f"Python {version}" if version else "no Python"
            raise BackendUnavailableError(
                f"--python must be Python 3.8 or 3.9, {str(python)!r} is {found}"
            )
        if (compiler := _working(path)) is not None:
            return compiler
        return _made(path, version, report or _silent)
    for version in VERSIONS:
        environment = _environment(folder, version)
        if (environment / COMPLETE).is_file() and (c := _working(_python_of(environment))):
            return c
    path, version = _found_python()
    return _made(path, version, report or _silent)


def _named_compiler(path: Path) -> Compiler:
    compiler = Compiler(path)
    try:
        compiler.version()
    except BackendUnavailableError as err:
        raise BackendUnavailableError(
            f"{PYTHON_VARIABLE} must name a Python 3.8 or 3.9 with {PACKAGES[0]} and {CONVERTER}, "
            f"{str(path)!r} can't be used: {err}"
        ) from err
    return compiler


def _working(path: Path) -> Compiler | None:
    """Return the compiler of this Python if all packages are there."""
    compiler = Compiler(path)
    with suppress(BackendUnavailableError):
        compiler.version()
        return compiler
    return None


def _found_python() -> tuple[Path, str]:
    """Return a Python of this machine that can make an environment, and its version."""
    unable = ""
    for path in _candidates():
        version = _version(path)
        if version not in VERSIONS:
            continue
        if _prints(path, "import ensurepip, venv; print(True)") == "True":
            return path, version
        unable = f"; {str(path)!r} has no venv: install python{version}-venv"
    raise BackendUnavailableError(
        f"compiling needs Python 3.8 or 3.9, none was found: {HOW_TO_GET}{unable}"
    )


def _candidates() -> Iterator[Path]:
    """Yield where a Python 3.9 or 3.8 may be: PATH, pyenv, uv, the launcher of Windows."""
    home = Path.home()
    pyenv = Path(os.environ.get("PYENV_ROOT", home / ".pyenv"))
    folders = (pyenv / "versions", pyenv / "pyenv-win" / "versions")
    data = Path(os.environ.get("XDG_DATA_HOME", home / ".local" / "share"))
    tools = Path(os.environ.get("UV_PYTHON_INSTALL_DIR", data / "uv" / "python"))
    for version in VERSIONS:
        if (found := shutil.which(f"python{version}")) is not None:
            yield Path(found)
        for folder in folders:
            yield from map(_python_of, sorted(folder.glob(f"{version}.*"), reverse=True))
        yield from map(_python_of, sorted(tools.glob(f"cpython-{version}*"), reverse=True))
        if launcher := shutil.which("py"):
            command = (launcher, f"-{version}", "-c", "import sys; print(sys.executable)")
            if printed := _output(command):
                yield Path(printed)


def _python_of(environment: Path) -> Path:
    """Return the Python of a virtual environment or of an installation."""
    if sys.platform == "win32":
        inside = environment / "Scripts" / "python.exe"
        return inside if inside.is_file() else environment / "python.exe"
    return environment / "bin" / "python3"


def _program(python: str | Path) -> Path:
    """Return the path of a program that is given as a path or by a name on PATH."""
    return Path(shutil.which(str(python)) or python).absolute()


def _version(path: Path) -> str:
    """Return the version of a Python, such as "3.9"; an empty string if it can't be run."""
    return _prints(path, "import sys; print('%d.%d' % sys.version_info[:2])")


def _prints(path: Path, program: str) -> str:
    return _output((str(path), "-I", "-c", program))


def _output(command: tuple[str, ...]) -> str:
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _environment(folder: Path, version: str) -> Path:
    return folder / f"openvino-2021.4.2-python{version}"


def _made(path: Path, version: str, report: Callable[[str], None]) -> Compiler:
    """Make the environment in the cache; if several processes do, one does it and others wait."""
    machine = _prints(path, "import platform; print(platform.machine())")
    if machine not in MACHINES:
        raise BackendUnavailableError(
            f"OpenVINO 2021.4.2 needs a Python for x86-64, {str(path)!r} is for {machine!r}: "
            "compile on another computer with --output, and copy the files"
        )
    folder = oak_cache_folder()
    environment = _environment(folder, version)
    inside = _python_of(environment)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(f"{environment}.lock"):
            if (environment / COMPLETE).is_file() and (compiler := _working(inside)):
                return compiler
            report(
                f"downloading OpenVINO 2021.4.2 for Python {version}: about {DOWNLOAD_MB} MB, "
                f"{DISK_MB} MB in {str(environment)!r}"
            )
            shutil.rmtree(environment, ignore_errors=True)
            return _filled(path, environment)
    except OSError as err:
        raise BackendUnavailableError(f"can't make {str(environment)!r}: {err}") from err


def _filled(path: Path, environment: Path) -> Compiler:
    inside = _python_of(environment)
    compiler = Compiler(inside)
    try:
        _do((str(path), "-I", "-m", "venv", str(environment)))
        install = (str(inside), "-m", "pip", "install", "--quiet", "--no-input")
        _do((*install, *PACKAGES))
        _do((*install, "--no-deps", CONVERTER))
        if sys.platform == "linux" and _working(inside) is None:
            _add_usb_library(inside, install, environment / USB_FOLDER)
        compiler.version()
        (environment / COMPLETE).touch()
    except BaseException:  # also Ctrl-C: no half of an environment is left
        shutil.rmtree(environment, ignore_errors=True)
        raise
    return compiler


def _add_usb_library(inside: Path, install: tuple[str, ...], folder: Path) -> None:
    """Install libusb for this environment: the compiler is linked with it."""
    _do((*install, USB_PACKAGE))
    library = _prints(inside, "import libusb_package; print(libusb_package.get_library_path())")
    folder.mkdir()
    (folder / "libusb-1.0.so.0").symlink_to(library)


def _do(command: tuple[str, ...]) -> None:
    """Run a command; a failure is an error of one line."""
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=LIMIT_S,
        check=False,
    )
    if done.returncode:
        lines = [row.strip() for row in (done.stderr or done.stdout).splitlines() if row.strip()]
        errors = [row for row in lines if "error" in row.lower()] or lines[-1:]
        reason = errors[-1] if errors else f"exit status {done.returncode}"
        raise BackendUnavailableError(
            f"can't make an environment with OpenVINO 2021.4.2 ({' '.join(command[1:4])}): {reason}"
        )


def _silent(_line: str) -> None: ...
