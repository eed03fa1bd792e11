"""Job: one input and the files that its results are written to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Job"]


@dataclass(frozen=True, slots=True)
class Job:
    """One input and its outputs: a value that can be compared, hashed and pickled.

    Attributes
    ----------
    input : str
        Any input of `open_input`.
    name : str
        Short name of the input for people to read, without passwords.
    outputs : tuple of Path
        Output files, as for `open_output`.
    folders : tuple of Path
        Folders of the outputs; created if they do not exist.
    receivers : tuple of str
        Addresses to which the poses are sent, as for `open_output`.
    """

    input: str
    name: str
    outputs: tuple[Path, ...]
    folders: tuple[Path, ...] = ()
    receivers: tuple[str, ...] = ()
