"""Patterns of file names, as shells, FFmpeg, Blender, Houdini and Python write them."""

from __future__ import annotations

import glob
import os.path  # unlike those of Path, its functions never raise
import re

__all__ = ["is_pattern", "matching_files", "natural_order", "without_numbers"]

_WILDCARD = re.compile(r"[*?\[]")
_NUMBER = r"%0?[0-9]{0,2}[diu]|#{2,}|\[#{2,}\]|@{2,}|\$F[1-9]?|\{(?:frame|\w*:0?[0-9]{0,2}d)\}"
_TOKENS = re.compile(
    rf"(?P<number>{_NUMBER})|(?P<percent>%%)|(?P<folders>(?<![^/])\*\*/)|(?P<rest>(?<![^/])\*\*$)"
    r"|(?P<any>\*+)|(?P<one>\?)|(?P<set>\[!?\]?[^\]/]*\])|(?P<text>.)",
    re.DOTALL,
)
_REGEX = {  # of the tokens that `glob` checks
    "folders": "(?:[^/]+/)*", "rest": ".*", "any": "[^/]*", "one": "[^/]", "set": "[^/]",
}  # fmt: skip


def is_pattern(what: str) -> bool:
    """Return whether a string is a pattern and not the name of an existing file.

    Examples
    --------
    >>> is_pattern("img_*.png"), is_pattern("img_%04d.png"), is_pattern("50%.png")
    (True, True, False)
    """
    has_wildcard = _WILDCARD.search(what) or re.search(_NUMBER, what)
    return has_wildcard is not None and not os.path.exists(what)


def without_numbers(pattern: str) -> str:
    """Return a pattern with a hyphen for each number.

    Examples
    --------
    >>> without_numbers("img%04d.png")
    'img-.png'
    """
    return re.sub(_NUMBER, "-", pattern)


def matching_files(pattern: str) -> list[str]:
    """Return the files and folders that match a pattern, in natural order.

    Parameters
    ----------
    pattern : str
        ``*``, ``?`` and ``[0-9]`` as in a shell; ``**`` matches any subfolders. ``%d`` stands for
        a number; ``%04d``, ``####``, ``[####]``, ``@@@@``, ``$F4`` and ``{frame:04d}`` for one
        with at least 4 digits. Numbers may start anywhere and have gaps. Folders of the pattern
        that exist are taken literally. If nothing matches, brackets and then numbers are taken
        literally, too.
    """
    for numbers in (True, False):
        for brackets in (True, False):
            found = _matches(pattern, numbers=numbers, brackets=brackets)
            if found:
                return sorted(found, key=natural_order)
    return []


def natural_order(path: str) -> tuple[list[str | int], str]:
    """Return a sort key that compares the numbers in names by value.

    Examples
    --------
    >>> sorted(["img10.png", "img2.png"], key=natural_order)
    ['img2.png', 'img10.png']
    """
    parts = re.split(r"([0-9]+)", path.casefold())
    return [int(part) if i % 2 else part for i, part in enumerate(parts)], path


def _matches(pattern: str, *, numbers: bool, brackets: bool) -> list[str]:
    """Return what matches a pattern in which numbers and brackets are special or literal."""
    slashes = [i + 1 for i, character in enumerate(pattern) if character == "/"]
    start = max((i for i in slashes if os.path.isdir(pattern[:i])), default=0)
    folder, names = pattern[:start], pattern[start:]
    wildcards, regex = "", ""
    for token in _TOKENS.finditer(names):
        kind, text = str(token.lastgroup), token[0]
        if numbers and kind in ("number", "percent"):
            wildcards += "[0-9]*" if kind == "number" else "%"
            regex += _number_regex(text) if kind == "number" else "%"
        elif kind in _REGEX and (brackets or kind != "set"):
            wildcards += text
            regex += _REGEX[kind]
        else:
            wildcards += glob.escape(text)
            regex += re.escape(text)
    found = glob.glob(wildcards, root_dir=folder or None, recursive=True)
    return [folder + name for name in found if re.fullmatch(regex, name, re.DOTALL)]


def _number_regex(field: str) -> str:
    """Return a regular expression for the numbers of ``%04d``, ``####``, ``$F4`` and others."""
    digits = re.search(r"(?:0|\$F)([0-9]+)", field)
    n_digits = int(digits[1]) if digits else field.count("#") + field.count("@")
    if n_digits < 2:
        return "[0-9]+"
    return f"(?:[0-9]{{{n_digits}}}|[1-9][0-9]{{{n_digits},}})"
