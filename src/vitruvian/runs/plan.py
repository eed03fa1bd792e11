"""From the names of inputs and outputs to jobs."""

from __future__ import annotations

import logging
import os
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.export import check_suffix
from vitruvian.export.receivers import check_receiver, is_receiver
from vitruvian.export.series import series_names
from vitruvian.export.suffix import suffix_of
from vitruvian.media.address import camera_address, is_url, without_password
from vitruvian.media.image_kind import is_image_name, names_images, names_several_images
from vitruvian.media.one_pass import STDIN
from vitruvian.media.pattern import is_pattern, matching_files
from vitruvian.runs.job import Job
from vitruvian.runs.names import FOLDER, NAME, check_fields, filled, input_files, stem_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

__all__ = ["planned_jobs"]

logger = logging.getLogger(__name__)


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
        without its folder and suffix; ``{folder}`` by the folder of the input, relative to the
        current one, or by its path from the root if it is not inside. By default ``{name}.jsonl``
        and ``{name}.annotated.mp4``, ``.png`` for an image, a folder for several images; in the
        current folder. A string such as ``vmc://127.0.0.1:39539`` is the address of a receiver.

    Raises
    ------
    ValueError
        If an output would be written twice, or replace an input, or has an unknown suffix or
        braces that are no field.

    Examples
    --------
    >>> [str(path) for path in planned_jobs(["in/walk.mp4"], ["out/{name}.csv"])[0].outputs]
    ['out/walk.csv']
    """
    receivers = [str(output) for output in outputs if is_receiver(output)]
    for address in receivers:
        check_receiver(address)
    patterns = [Path(output) for output in outputs if not is_receiver(output)]
    for pattern in patterns:
        check_suffix(pattern)
        check_fields(pattern)
    expanded: dict[str, str] = {}
    for input_ in inputs:
        for name in _expanded(input_):
            expanded.setdefault(os.path.abspath(name) if os.path.exists(name) else name, name)
    if receivers and len(expanded) > 1:
        raise ValueError(f"poses of {len(expanded)} inputs can't be sent to one {receivers[0]!r}")
    jobs = [_job(name, patterns, tuple(receivers)) for name in expanded.values()]
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
    for job in kept:
        _check_inputs_stay(job)
    _check_distinct(kept)
    n_called = Counter(job.name for job in kept)
    return [j if n_called[j.name] == 1 else replace(j, name=_public(j.input)) for j in kept]


def _expanded(input_: str) -> list[str]:
    """Return the inputs that a pattern stands for; anything else stands for itself."""
    if is_url(input_) or not is_pattern(input_):
        return [input_]
    files = [name for name in matching_files(input_) if os.path.isfile(name)]
    if not files or any(is_image_name(Path(name)) for name in files):
        return [input_]
    return files


def _job(input_: str, patterns: Sequence[Path], receivers: tuple[str, ...]) -> Job:
    name = Path(input_).name if os.path.isfile(input_) else _public(input_)
    if patterns or receivers:
        outputs = [filled(pattern, input_) for pattern in patterns]
        folders = [path.parent for path, old in zip(outputs, patterns, strict=True) if path != old]
        return Job(input_, name, tuple(outputs), tuple(folders), receivers)
    stem = stem_of(input_)
    annotated = Path(f"{stem}.annotated.mp4")
    folders = []
    if names_images(input_):
        if names_several_images(input_):
            folders = [annotated.with_suffix("")]
            annotated = folders[0] / "{frame:06d}.jpg"
        else:
            annotated = annotated.with_suffix(".png")
    return Job(input_, name, (annotated, Path(f"{stem}.jsonl")), tuple(folders))


def _public(input_: str) -> str:
    """Return an input as it may be shown."""
    camera = camera_address(input_)
    if input_ == STDIN:
        return "stdin"
    return without_password(input_) if camera is None else camera.name


def _check_inputs_stay(job: Job) -> None:
    """Raise ValueError if numbered images would replace images that are read."""
    real_folder = cache(os.path.realpath)
    for output in job.outputs:
        numbered = series_names(output)
        if numbered is None or not (os.path.isdir(job.input) or is_pattern(job.input)):
            continue
        folder = real_folder(output.parent)
        for name in input_files(job.input):
            at, file = os.path.split(name)
            if numbered.fullmatch(file) and real_folder(at) == folder:
                raise ValueError(f"{str(output)!r} would replace the input {name!r}")


def _check_distinct(jobs: Sequence[Job]) -> None:
    """Raise ValueError if a file would be written twice."""
    job_of_output: dict[str, Job] = {}
    for job in jobs:
        files = [os.path.realpath(path) for path in job.outputs]
        if len(set(files)) < len(files):
            raise ValueError(f"the outputs must be different, got {list(map(str, job.outputs))}")
        for path, file in zip(job.outputs, files, strict=True):
            other = job_of_output.setdefault(file, job)
            if other is not job:
                raise ValueError(
                    f"{without_password(other.input)!r} and {without_password(job.input)!r} "
                    f"would both be written to {str(path)!r}: {_remedy(other, job, path)}"
                )


def _remedy(one: Job, other: Job, path: Path) -> str:
    """Return how the outputs of two jobs get different names."""
    names = [filled(Path(NAME), job.input) for job in (one, other)]
    folders = [filled(Path(FOLDER), job.input) for job in (one, other)]
    if names[0] != names[1]:
        return f"put {NAME} into its name"
    if folders[0] != folders[1]:
        return f"put {FOLDER} into its name, such as '{FOLDER}/{NAME}{suffix_of(path)}'"
    return "give the inputs different names, or track them apart"
