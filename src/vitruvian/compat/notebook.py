"""Run the code cells of a Jupyter notebook, in order, as one program."""

from __future__ import annotations

import atexit
import json
import linecache
import os
import re
import sys
import traceback
from ast import PyCF_ALLOW_TOP_LEVEL_AWAIT
from functools import cache
from inspect import CO_COROUTINE
from pathlib import Path
from tokenize import TokenError, generate_tokens
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

from vitruvian.errors import SourceError

if TYPE_CHECKING:
    import asyncio
    from types import CodeType, TracebackType

__all__ = ["Cell", "read_cells"]

# Commands of IPython without an effect on the results of a program.
SKIPPED = re.compile(
    r"\s*(%(matplotlib|load_ext|reload_ext|autoreload|config)\b|%%(time|capture)\b)"
)
INSTALLS = re.compile(r"\s*([!%].*\b)?(pip3?|conda|mamba|apt|apt-get)\b.*\binstall\b")
COMMAND = re.compile(r"\s*([\w, ]+=\s*)?[!%?]|.*\?\s*$")
FUTURE = annotations.compiler_flag  # the import of a cell is valid for all later cells


class Cell(NamedTuple):
    """A code cell: its name in tracebacks, its Python source, and the lines left out of it."""

    name: str
    source: str
    skipped: list[str]


def read_cells(path: Path) -> list[Cell]:
    """Return the code cells of a notebook; they are numbered from 1, without the text cells.

    Raises
    ------
    SourceError
        If the file is not a Python notebook, or a cell has a command that only IPython runs.
    """
    try:
        content = json.loads(path.read_text("utf-8-sig"))
        metadata = content.get("metadata", {})
        cells = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
        sources = ["".join(cell["source"]) for cell in cells]
        told = [metadata.get("kernelspec", {}).get("language")]
        told += [metadata.get("language_info", {}).get("name"), "python"]
        language = next(filter(None, told))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as err:
        raise SourceError(f"{str(path)!r} is not a notebook of format 4: {err!r}") from err
    if language.lower() != "python":
        raise SourceError(f"{str(path)!r} must be a notebook in Python, got {language!r}")
    return [_cell(f"{path}, cell {i}", source) for i, source in enumerate(sources, 1)]


def _cell(name: str, source: str) -> Cell:
    """Return a cell without the commands of IPython that can be left out."""
    if _is_python(source):
        return Cell(name, source, [])
    lines: list[str] = []
    skipped = []
    left = source.splitlines()
    while left:
        line = left.pop(0)
        lines.append(line)
        is_known = SKIPPED.match(line) or INSTALLS.match(line)
        if not (is_known or COMMAND.match(line)) or _is_python(line) or _is_open(lines[:-1]):
            continue
        if not is_known:
            raise SourceError(
                f"{name}: {line.strip()!r} is a command of IPython: run it in a shell and delete "
                "the line, or run 'vitruvian mediapipe on' and open the notebook in Jupyter"
            )
        if INSTALLS.match(line):
            skipped.append(line.strip())
        lines[-1] = line[: len(line) - len(line.lstrip())] + "pass"
        while line.endswith("\\") and left:  # the command goes on
            line = left.pop(0)
            lines.append("")
    return Cell(name, "\n".join(lines), skipped)


def _is_open(lines: list[str]) -> bool:
    """Return whether the next line continues a statement or a string."""
    try:
        list(generate_tokens(iter([f"{line}\n" for line in lines]).__next__))
    except TokenError:
        return True
    except SyntaxError:
        return False
    return False


def _is_python(source: str) -> bool:
    try:
        _compiled(source, "cell")
    except (SyntaxError, ValueError):
        return False
    return True


def main(name: str, *args: str) -> None:
    """Run a notebook as ``__main__``, in its folder, as Jupyter does."""
    path = Path(name)
    cells = read_cells(path)
    folder = path.resolve().parent
    sys.argv[:] = [str(path.resolve()), *args]
    sys.path[0] = str(folder)
    os.chdir(folder)
    program = ModuleType("__main__")
    program.__dict__["display"] = _display
    sys.modules["__main__"] = program
    inherited = 0
    for cell in cells:
        for line in cell.skipped:
            sys.stderr.write(f"note: {cell.name}: {line!r} is skipped\n")
        lines = cell.source.splitlines(keepends=True)
        linecache.cache[cell.name] = len(cell.source), None, lines, cell.name
        try:
            code = _compiled(cell.source, cell.name, inherited)
            inherited |= code.co_flags & FUTURE
            result = eval(code, program.__dict__)
            if code.co_flags & CO_COROUTINE:
                _runner().run(result)
        except Exception as err:  # noqa: BLE001 - reported as Python does, without this frame
            traceback.print_exception(err.with_traceback(_frames_of_cells(err.__traceback__)))
            sys.exit(1)


def _compiled(source: str, name: str, flags: int = 0) -> CodeType:
    """Return the code of a cell; a cell with ``await`` makes a coroutine."""
    flags |= PyCF_ALLOW_TOP_LEVEL_AWAIT
    code: CodeType = compile(source, name, "exec", flags, dont_inherit=True)
    return code


def _display(*objects: object, **_: object) -> None:
    """Print objects, whatever the options of ``display``."""
    sys.stdout.write(" ".join(map(str, objects)) + "\n")


@cache
def _runner() -> asyncio.Runner:
    """Return what runs all cells with ``await``, in one loop."""
    import asyncio

    runner = asyncio.Runner()
    atexit.register(runner.close)
    return runner


def _frames_of_cells(frames: TracebackType | None) -> TracebackType | None:
    while frames and ", cell " not in frames.tb_frame.f_code.co_filename:
        frames = frames.tb_next
    return frames


if __name__ == "__main__":
    main(*sys.argv[1:])
