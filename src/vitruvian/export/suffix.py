"""Suffixes: which format the name of a file stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["stem_of", "suffix_of", "with_suffix"]

_COMPOUND = (".annotations.coco.json", ".coco.json", ".dlc.csv", ".world.nc")  # longest first
_OF_SERIES = (".blazepose_keypoints.json", ".coco_keypoints.json", "_keypoints.json")


def suffix_of(path: Path) -> str:
    """Return the suffix of a path that chooses its format, in lower case.

    It is the longest one that is known: ``.coco.json``, not ``.json``. The suffixes of OpenPose
    are those of a series of files only, so that ``squat_keypoints.json`` remains a ``.json``.

    Examples
    --------
    >>> from pathlib import Path
    >>> suffix_of(Path("walk.coco.json")), suffix_of(Path("walk.2.json"))
    ('.coco.json', '.json')
    >>> suffix_of(Path("{frame:012d}_keypoints.json")), suffix_of(Path("squat_keypoints.json"))
    ('_keypoints.json', '.json')
    """
    name = path.name.lower()
    compound = (*_COMPOUND, *_OF_SERIES) if "{frame" in name else _COMPOUND
    for suffix in compound:
        if name.endswith(suffix) and name != suffix:
            return suffix
    return path.suffix.lower()


def stem_of(path: Path) -> str:
    """Return the name of a path without the suffix that chooses its format.

    Examples
    --------
    >>> from pathlib import Path
    >>> stem_of(Path("out/walk.coco.json"))
    'walk'
    """
    suffix = suffix_of(path)
    return path.name[: len(path.name) - len(suffix)]


def with_suffix(path: Path, suffix: str) -> Path:
    """Return a path with another suffix in place of the one that chooses its format."""
    return path.with_name(stem_of(path) + suffix)
