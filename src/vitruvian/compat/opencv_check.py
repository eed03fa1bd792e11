"""Whether a program finds the OpenCV that it needs; nothing is imported to find out."""

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.compat.blazepose_hook import is_redirected_file

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from vitruvian.compat.programs import Program

__all__ = ["opencv_problem"]

WINDOW_CALLS = (  # that raise an error in a headless OpenCV
    "destroyAllWindows",
    "destroyWindow",
    "imshow",
    "namedWindow",
    "selectROI",
    "selectROIs",
    "waitKey",
    "waitKeyEx",
)
MOST_FILES = 30  # of a program, that are searched


def opencv_problem(program: Program) -> str | None:
    """Return what is wrong with OpenCV for a program, with the repair, in one line; else None.

    Only an OpenCV that is missing, or headless and shows windows, is a problem. The source of the
    program and of the modules beside it is searched, up to `MOST_FILES`.

    Code on the command line, notebooks and standard input are not searched.
    """
    folder = _folder(Path(program.name)) if program.is_script else Path()
    spec = PathFinder.find_spec("cv2", [str(folder), *sys.path])
    if spec is not None and not (spec.origin and _is_headless(Path(spec.origin).parent)):
        return None
    source = _script_file(Path(program.name)) if program.is_script else None
    if program.switch == "-m":
        source = _module_file(program.name)
    uses = list(_uses_of_cv2(source, folder)) if source else []
    calls = [use for use in uses if use]
    if spec is None and uses:
        return f"{program.name} imports cv2, which is not installed: pip install opencv-python"
    if spec is not None and calls:
        return (
            f"{program.name} calls cv2.{calls[0]}, but the installed OpenCV is headless, which has "
            f"no windows: {_repair(Path(str(spec.origin)).parents[1])}"
        )
    return None


def _folder(program: Path) -> Path:
    """Return the folder from which a script imports: its own."""
    return program if program.is_dir() else program.resolve().parent


def _script_file(program: Path) -> Path | None:
    source = program / "__main__.py" if program.is_dir() else program
    return source if source.is_file() else None


def _module_file(name: str) -> Path | None:
    """Return the source that ``python -m`` runs; None if it is not found."""
    path = [str(Path.cwd()), *sys.path]
    for part in name.split("."):
        spec = PathFinder.find_spec(part, path)
        if spec is None:
            return None
        path = list(spec.submodule_search_locations or ())
    source = Path(path[0], "__main__.py") if path else Path(str(spec and spec.origin))
    return source if source.suffix == ".py" and source.is_file() else None


def _is_headless(package: Path) -> bool:
    """Whether the OpenCV in a folder was built without windows.

    All of its packages install the same files, so that this is about the last one installed.
    """
    try:
        return "headless = True" in (package / "version.py").read_text()
    except OSError:  # not from the package index
        return False


def _repair(site_packages: Path) -> str:
    """Return the command that replaces all OpenCV packages in a folder by one with windows."""
    found = sorted(
        name.partition("-")[0].replace("_", "-")
        for name in os.listdir(site_packages)
        if name.startswith("opencv_") and name.endswith(".dist-info")
    )
    package = "opencv-contrib-python" if "contrib" in "".join(found) else "opencv-python"
    return f"pip uninstall -y {' '.join(found)} && pip install {package}"


def _uses_of_cv2(source: Path, folder: Path) -> Iterator[str]:
    """Yield "" for each import of ``cv2``, and the name of each call that needs windows.

    Without the imports inside ``try``: such a program can do without OpenCV.
    """
    waiting, seen = [source], {source}
    while waiting and len(seen) <= MOST_FILES:
        uses, files = _searched(waiting.pop(0), folder)
        yield from uses
        waiting += [file for file in dict.fromkeys(files) if file not in seen]
        seen.update(files)


def _searched(file: Path, folder: Path) -> tuple[list[str], list[Path]]:
    """Return the uses of ``cv2`` in a source file, and the files below `folder` that it imports."""
    import ast

    try:
        nodes = list(ast.walk(ast.parse(file.read_bytes())))
    except (OSError, SyntaxError, ValueError, RecursionError):  # Python itself reports it
        return [], []
    tries = [node for node in nodes if isinstance(node, ast.Try) and node.handlers]
    optional = {node for guarded in tries for node in ast.walk(guarded)}
    uses: list[str] = []
    files: list[Path] = []
    aliases = set()
    for node in nodes:
        for level, name, bound in _imported(node):
            first, _, last = name.partition(".")
            if level or first != "cv2":
                files += _files_of(name, file.parents[level - 1] if level else folder)
                continue
            aliases.add(bound)
            uses += [""] if node not in optional else []
            uses += [last] if last in WINDOW_CALLS else []
    uses += [
        node.attr
        for node in nodes
        if isinstance(node, ast.Attribute)
        and node.attr in WINDOW_CALLS
        and isinstance(node.value, ast.Name)
        and node.value.id in aliases
    ]
    return uses, files


def _imported(node: ast.AST) -> Iterator[tuple[int, str, str]]:
    """Yield level, full name and the name it is bound to, for each name of an import."""
    import ast

    if isinstance(node, ast.Import):
        for alias in node.names:
            yield 0, alias.name, alias.asname or alias.name.partition(".")[0]
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            name = ".".join(filter(None, [node.module, alias.name]))
            yield node.level, name, alias.asname or alias.name


def _files_of(name: str, folder: Path) -> Iterator[Path]:
    """Yield the files below a folder that the import of a module runs."""
    place = folder
    for part in name.split("."):
        place = place / part
        for file in (place.with_suffix(".py"), place / "__init__.py"):
            if file.is_file() and not is_redirected_file(file):
                yield file
