"""From the names of inputs and outputs to jobs, and whether a job has already been done."""

from __future__ import annotations

import logging
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.export import check_suffix
from vitruvian.media.address import camera_address, is_url, without_password
from vitruvian.media.image_kind import is_image_name, names_images, names_several_images
from vitruvian.media.one_pass import STDIN, is_one_pass
from vitruvian.media.pattern import is_pattern, matching_files, without_numbers
from vitruvian.runs.job import Job

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

__all__ = ["is_complete", "planned_jobs"]

logger = logging.getLogger(__name__)

NAME = "{name}"  # in an output: replaced by the name of its input


def planned_jobs(inputs: Sequence[str], outputs: Sequence[str | PathLike[str]] = ()) -> list[Job]:
    """Return the job of each input, in order.

    A pattern that matches images is one input, like a folder; any other pattern stands for the
    files that it matches. An input that is an output of another one is skipped with a warning:
    ``*.mp4`` also matches the annotated videos of an earlier run.

    Parameters
    ----------
    inputs : sequence of str
        Images, folders, patterns, videos, stream URLs and camera numbers.
    outputs : sequence of str or path, optional
        Files to write for each input. ``{name}`` in them is replaced by the name of the input,
        without its folder and suffix. By default ``{name}.jsonl`` and ``{name}.annotated.mp4``,
        ``.png`` for an image, a folder for several images; in the current folder.

    Raises
    ------
    ValueError
        If an output would be written twice, or replace its input, or has an unknown suffix.

    Examples
    --------
    >>> [str(path) for path in planned_jobs(["in/walk.mp4"], ["out/{name}.csv"])[0].outputs]
    ['out/walk.csv']
    """
    patterns = [Path(output) for output in outputs]
    for pattern in patterns:
        check_suffix(pattern)
    expanded = dict.fromkeys(name for input_ in inputs for name in _expanded(input_))
    jobs = [_job(name, patterns) for name in expanded]
    job_of_output = {os.path.realpath(path): job for job in jobs for path in job.outputs}
    kept = []
    for job in jobs:
        writer = job_of_output.get(os.path.realpath(job.input))
        if writer is job:
            raise ValueError(f"the output must not be the input itself, got {job.input!r}")
        if writer is None:
            kept.append(job)
        else:
            logger.warning("skipped %s: it is an output of %s", job.input, writer.input)
    _check_distinct(kept)
    return kept


def is_complete(job: Job) -> bool:
    """Whether all output files of a job exist and none is older than its input.

    Files get their names when they are complete. Images of single frames do not show whether all
    frames exist, so a job with no other output is never complete; nor is a camera or stream.
    """
    files = [path for path in job.outputs if "{" not in path.name]
    if not files or is_url(job.input) or is_one_pass(job.input):
        return False
    if camera_address(job.input) is not None:
        return False
    try:
        changed_s = max(os.stat(name).st_mtime for name in _input_files(job.input))
        return all(path.is_file() and path.stat().st_mtime >= changed_s for path in files)
    except OSError:
        return False


def _expanded(input_: str) -> list[str]:
    """Return the inputs that a pattern stands for; anything else stands for itself."""
    if is_url(input_) or not is_pattern(input_):
        return [input_]
    files = [name for name in matching_files(input_) if os.path.isfile(name)]
    if not files or any(is_image_name(Path(name)) for name in files):
        return [input_]
    return files


def _input_files(input_: str) -> list[str]:
    """Return the files that an input consists of, and the folder if it is one."""
    if os.path.isdir(input_):
        return [input_, *(entry.path for entry in os.scandir(input_))]
    return matching_files(input_) if is_pattern(input_) else [input_]


def _job(input_: str, patterns: Sequence[Path]) -> Job:
    camera = camera_address(input_)
    public = without_password(input_) if camera is None else camera.name
    if input_ == STDIN:
        public = "stdin"
    common = without_numbers(public) if is_pattern(public) else public
    stem = re.sub(r"[^\w.-]+", "-", Path(common).stem).strip("-.") or "result"
    name = Path(input_).name if os.path.isfile(input_) else public
    if patterns:
        outputs = [Path(str(pattern).replace(NAME, stem)) for pattern in patterns]
        folders = [path.parent for path, old in zip(outputs, patterns, strict=True) if path != old]
        return Job(input_, name, tuple(outputs), tuple(folders))
    annotated = Path(f"{stem}.annotated.mp4")
    folders = []
    if camera is None and not is_url(input_) and names_images(input_):
        if names_several_images(input_):
            folders = [annotated.with_suffix("")]
            annotated = folders[0] / "{frame:06d}.jpg"
        else:
            annotated = annotated.with_suffix(".png")
    return Job(input_, name, (annotated, Path(f"{stem}.jsonl")), tuple(folders))


def _check_distinct(jobs: Sequence[Job]) -> None:
    """Raise ValueError if two jobs would write the same file."""
    job_of_output: dict[str, Job] = {}
    for job in jobs:
        for path in job.outputs:
            other = job_of_output.setdefault(os.path.realpath(path), job)
            if other is not job:
                raise ValueError(
                    f"{without_password(other.input)!r} and {without_password(job.input)!r} "
                    f"would both be written to {str(path)!r}: "
                    f"put {NAME} into its name, or track them apart"
                )
