"""Names of outputs: the fields in them, and what stands for each input."""

from __future__ import annotations

import os
import re
from itertools import takewhile
from pathlib import Path

from vitruvian.export import MOTION_SUFFIXES
from vitruvian.export.series import FRAME_FIELD, ID_FIELD, can_be_series
from vitruvian.media.address import (
    camera_address,
    is_url,
    without_credentials,
    without_password,
)
from vitruvian.media.one_pass import STDIN
from vitruvian.media.pattern import is_pattern, matching_files, without_numbers

__all__ = ["FOLDER", "NAME", "check_fields", "filled", "input_files", "stem_of"]

NAME = "{name}"
FOLDER = "{folder}"

_BRACES = re.compile(r"\{[^{}]*\}|[{}]")


def check_fields(pattern: Path) -> None:
    """Raise ValueError if the name of an output has braces that are no field.

    Examples
    --------
    >>> check_fields(Path("out/{folder}/{name}_{frame:06d}.png"))
    >>> check_fields(Path("{name}_{id}.trc"))
    >>> check_fields(Path("{name!r}.csv"))
    Traceback (most recent call last):
    ValueError: braces in an output must be {name} or {folder}, got '{name!r}' in '{name!r}.csv'
    """
    fields = FRAME_FIELD.findall(pattern.name) if can_be_series(pattern) else []
    if pattern.suffix.lower() in MOTION_SUFFIXES:
        fields = [ID_FIELD]
    wrong = [
        *(
            braces
            for braces in _BRACES.findall(str(pattern.parent))
            if braces not in (NAME, FOLDER)
        ),
        *(
            braces
            for braces in _BRACES.findall(pattern.name)
            if braces not in (NAME, FOLDER, *fields)
        ),
    ]
    if wrong:
        known = f"{NAME} or {FOLDER}"
        if can_be_series(pattern):
            known = f"{NAME}, {FOLDER} or, in the name of the file, {{frame:06d}}"
        if ID_FIELD in fields:
            known = f"{NAME}, {FOLDER} or, in the name of the file, {ID_FIELD}"
        raise ValueError(
            f"braces in an output must be {known}, got {wrong[0]!r} in {str(pattern)!r}"
        )


def filled(pattern: Path, input_: str) -> Path:
    """Return the name of an output with the fields of its input, but for the frame number."""
    return Path(str(pattern).replace(NAME, stem_of(input_)).replace(FOLDER, _folder_of(input_)))


def input_files(input_: str) -> list[str]:
    """Return the files that an input consists of, and the folder if it is one."""
    if os.path.isdir(input_):
        return [input_, *(entry.path for entry in os.scandir(input_))]
    return matching_files(input_) if is_pattern(input_) else [input_]


def stem_of(input_: str) -> str:
    """Return the name of an input without folder, suffix and unusual characters."""
    camera = camera_address(input_)
    if camera is not None and camera.driver == "oak":
        return _plain(camera.name)  # an IP address has no suffix
    public = without_password(input_) if camera is None else camera.name
    if input_ == STDIN:
        public = "stdin"
    elif is_pattern(public):
        public = without_numbers(public)
    return _plain(Path(public).stem) or "result"


def _folder_of(input_: str) -> str:
    """Return the folder of an input, relative to the current one if it is inside.

    Of any other folder the path from the root, so that folders of the same name stay apart. Of a
    URL the host and the folders. "." if there is none.
    """
    parts: tuple[str, ...] = ()
    if is_url(input_):
        parts = tuple(without_credentials(input_).partition("://")[2].split("/")[:-1])
    elif camera_address(input_) is None and input_ != STDIN:
        folder = Path(os.path.abspath(input_)).parent
        base = Path.cwd() if folder.is_relative_to(Path.cwd()) else folder.anchor
        parts = folder.relative_to(base).parts
    if is_pattern(input_):
        parts = tuple(takewhile(lambda part: not is_pattern(part), parts))
    return "/".join(filter(None, map(_plain, parts))) or "."


def _plain(text: str) -> str:
    return re.sub(r"[^\w.-]+", "-", text).strip("-.")
