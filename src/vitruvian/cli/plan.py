"""From the words of the command line to jobs: which inputs, and where each is written."""

from __future__ import annotations

import glob
import logging
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.cli.job import Job
from vitruvian.export import check_suffix
from vitruvian.media.address import (
    camera_number,
    is_image_name,
    is_pattern,
    is_url,
    names_images,
    without_password,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["is_complete", "planned_jobs"]

logger = logging.getLogger(__name__)

NAME = "{name}"  # in an output: the name of its input


def planned_jobs(words: Sequence[str], outputs: Sequence[Path] = ()) -> list[Job]:
    """Return the job of each input, in order.

    A pattern that matches images is one input, as a folder is; another stands for the files that
    it matches. An input that is the output of another is left out with a warning: ``*.mp4`` meets
    the drawn videos of an earlier run.

    Raises
    ------
    ValueError
        If an output would be written twice or in place of its input, or has an unknown suffix.
    """
    for pattern in outputs:
        check_suffix(pattern)
    names = dict.fromkeys(name for word in words for name in _expanded(word))
    jobs = [_job(name, outputs) for name in names]
    maker_of = {os.path.realpath(path): job for job in jobs for path in job.outputs}
    kept = []
    for job in jobs:
        maker = maker_of.get(os.path.realpath(job.input))
        if maker is job:
            raise ValueError(f"the output must not be the input itself, got {job.input!r}")
        if maker is None:
            kept.append(job)
        else:
            logger.warning("left out: %s, which is an output of %s", job.input, maker.input)
    _check_distinct(kept)
    return kept


def is_complete(job: Job) -> bool:
    """Whether the files that a job writes are there, and none is older than its input.

    Files get their names when they are complete. Pictures of single frames say nothing about the
    rest of them, so a job that writes nothing else is never complete; nor is a camera or stream.
    """
    files = [path for path in job.outputs if "{" not in path.name]
    if not files or is_url(job.input) or camera_number(job.input) is not None:
        return False
    try:
        changed_s = max(os.stat(name).st_mtime for name in _parts(job.input))
        return all(path.is_file() and path.stat().st_mtime >= changed_s for path in files)
    except OSError:
        return False


def _expanded(word: str) -> list[str]:
    """Return the inputs that a word of the command line stands for."""
    if is_url(word) or not is_pattern(word):
        return [word]
    files = [name for name in sorted(glob.glob(word, recursive=True)) if os.path.isfile(name)]
    if not files or any(is_image_name(Path(name)) for name in files):
        return [word]
    return files


def _parts(name: str) -> list[str]:
    """Return the files that an input consists of, and the folder if it is one."""
    if os.path.isdir(name):
        return [name, *(entry.path for entry in os.scandir(name))]
    return glob.glob(name, recursive=True) if is_pattern(name) else [name]


def _job(name: str, outputs: Sequence[Path]) -> Job:
    number = camera_number(name)
    called = without_password(name) if number is None else f"camera {number}"
    word = re.sub(r"[^\w.-]+", "-", Path(called).stem).strip("-.") or "result"
    shown = Path(name).name if os.path.isfile(name) else called
    if outputs:
        made = [Path(str(pattern).replace(NAME, word)) for pattern in outputs]
        folders = [path.parent for path, old in zip(made, outputs, strict=True) if path != old]
        return Job(name, shown, tuple(made), tuple(folders))
    drawn = Path(f"{word}.annotated.mp4")
    folders = []
    if not is_url(name) and names_images(name):
        if os.path.isdir(name) or is_pattern(name):
            folders = [drawn.with_suffix("")]
            drawn = folders[0] / "{frame:06d}.jpg"
        else:
            drawn = drawn.with_suffix(".png")
    return Job(name, shown, (drawn, Path(f"{word}.jsonl")), tuple(folders))


def _check_distinct(jobs: Sequence[Job]) -> None:
    """Raise ValueError if two jobs would write the same file."""
    maker_of: dict[str, Job] = {}
    for job in jobs:
        for path in job.outputs:
            other = maker_of.setdefault(os.path.realpath(path), job)
            if other is not job:
                raise ValueError(
                    f"{other.input!r} and {job.input!r} would both be written to {str(path)!r}: "
                    f"put {NAME} into its name, or track them apart"
                )
