"""The switch that redirects ``import mediapipe`` in all programs of an environment."""

from __future__ import annotations

import site
import sys
import sysconfig
from pathlib import Path

from vitruvian.compat.programs import SHIM
from vitruvian.draft import replace_file
from vitruvian.errors import VitruvianError

__all__ = ["switch_files", "switch_off", "switch_on"]

FILE = "vitruvian_mediapipe.pth"
HEAD = "# Written by `vitruvian mediapipe on`; `vitruvian mediapipe off` removes it.\n"


def switch_on() -> Path:
    """Redirect ``import mediapipe`` in every program of this environment from its next start on.

    Python reads a ``.pth`` file in the environment at each start. It loads Vitruvian only when a
    program imports ``mediapipe``, and has no effect if Vitruvian is uninstalled. An installed
    MediaPipe is not changed and not imported.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    VitruvianError
        If the file can't be written.
    """
    path = _folders()[0] / FILE
    content = HEAD + _line()
    try:
        if not path.exists() or path.read_text("utf-8") != content:
            replace_file(path, content.encode())
    except OSError as err:
        raise VitruvianError(f"can't write {str(path)!r}: {_reason(err)}") from err
    return path


def switch_off() -> list[Path]:
    """Undo `switch_on`; return the files that were removed.

    Raises
    ------
    VitruvianError
        If a file can't be removed.
    """
    paths = switch_files()
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as err:
            raise VitruvianError(f"can't remove {str(path)!r}: {_reason(err)}") from err
    return paths


def switch_files() -> list[Path]:
    """Return the files by which the switch is on: none if it is off."""
    return [folder / FILE for folder in _folders() if (folder / FILE).exists()]


def _folders() -> list[Path]:
    """Return the folders of this environment in which Python reads ``.pth`` files.

    The first is the one for new files: the user's folder if this package is installed there.
    """
    folders = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    if site.ENABLE_USER_SITE:
        user = site.getusersitepackages()
        is_installed_there = Path(user) in Path(__file__).parents
        folders = [user, *folders] if is_installed_there else [*folders, user]
    return [Path(folder) for folder in dict.fromkeys(folders)]


def _line() -> str:
    """Return the line of the file: one statement, which Python executes at the start."""
    source = (SHIM / "vitruvian_redirect.py").read_text("utf-8").partition('"""\n\n')[2]
    return f"import sys; exec({source + 'redirect()'!r}, {{}})\n"


def _reason(err: OSError) -> str:
    return f"{err.strerror or err}; it belongs to the environment {sys.prefix!r}"
