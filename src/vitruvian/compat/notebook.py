"""Run the code cells of a Jupyter notebook, in order, as one program."""

from __future__ import annotations

import json
import linecache
import os
import re
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from vitruvian.errors import SourceError

__all__ = ["Cell", "read_cells"]

# Commands of IPython without an effect on the results of a program.
SKIPPED = re.compile(
    r"\s*(%(matplotlib|load_ext|reload_ext|autoreload|config)\b|%%(time|capture)\b)"
)
INSTALLS = re.compile(r"\s*[!%].*\b(pip3?|conda|mamba|apt|apt-get)\b.*\binstall\b")
COMMAND = re.compile(r"\s*([\w, ]+=\s*)?[!%?]|.*\?\s*$")


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
        content = json.loads(path.read_text("utf-8"))
        metadata = content.get("metadata", {})
        cells = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
        sources = ["".join(cell["source"]) for cell in cells]
        language = metadata.get("kernelspec", {}).get("language") or "python"
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as err:
        raise SourceError(f"{str(path)!r} is not a notebook of format 4: {err!r}") from err
    if language.lower() != "python":
        raise SourceError(f"{str(path)!r} must be a notebook in Python, got {language!r}")
    return [_cell(f"{path}, cell {i}", source) for i, source in enumerate(sources, 1)]


def _cell(name: str, source: str) -> Cell:
    """Return a cell without the commands of IPython that can be left out."""
    if _is_python(source):
        return Cell(name, source, [])
    lines = source.splitlines()
    skipped = []
    for i, line in enumerate(lines):
        if SKIPPED.match(line):
            lines[i] = _pass(line)
        elif INSTALLS.match(line):
            skipped.append(line.strip())
            lines[i] = _pass(line)
        elif COMMAND.match(line) and not _is_python(line):
            raise SourceError(
                f"{name}: {line.strip()!r} is a command of IPython: run it in a shell and delete "
                "the line, or run 'vitruvian mediapipe on' and open the notebook in Jupyter"
            )
    return Cell(name, "\n".join(lines), skipped)


def _pass(line: str) -> str:
    return line[: len(line) - len(line.lstrip())] + "pass"


def _is_python(source: str) -> bool:
    try:
        compile(source, "cell", "exec")
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
    program.__dict__["display"] = print
    sys.modules["__main__"] = program
    for cell in cells:
        for line in cell.skipped:
            sys.stderr.write(f"note: {cell.name}: {line!r} is skipped\n")
        lines = cell.source.splitlines(keepends=True)
        linecache.cache[cell.name] = len(cell.source), None, lines, cell.name
        try:
            exec(compile(cell.source, cell.name, "exec"), program.__dict__)
        except Exception as err:  # noqa: BLE001 - reported as Python does, without this frame
            frames = err.__traceback__ and err.__traceback__.tb_next
            traceback.print_exception(err.with_traceback(frames))
            sys.exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
