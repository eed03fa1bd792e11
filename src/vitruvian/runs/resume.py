"""Which jobs are complete, by what their outputs say about the run that made them."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitruvian.draw.style import Style
from vitruvian.errors import VitruvianError
from vitruvian.export import MOTION_SUFFIXES, load_provenance, needs_frames
from vitruvian.export.motion import MotionOptions
from vitruvian.export.series import newest_of_people, series_names
from vitruvian.export.suffix import suffix_of
from vitruvian.media.address import camera_address, is_url
from vitruvian.media.image_kind import is_image_name
from vitruvian.media.one_pass import is_one_pass
from vitruvian.models.catalog import CATALOG
from vitruvian.oak.options import OakOptions
from vitruvian.runs.names import input_files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitruvian.runs.job import Job
    from vitruvian.runs.settings import Settings

__all__ = ["has_files", "is_complete", "reason_to_run", "run_record"]

_NO_EFFECT = ("models_dir", "threads")  # options that do not change results
_LAST_BYTES = {  # but for blanks in JSON
    ".annotations.coco.json": b"}",
    ".bvh": b"\n",
    ".coco.json": b"]",
    ".csv": b"\n",
    ".dlc.csv": b"\n",
    ".jpeg": b"\xff\xd9",
    ".jpg": b"\xff\xd9",
    ".json": b"}",
    ".jsonl": b"}",
    ".mot": b"\n",
    ".png": b"IEND\xaeB`\x82",
    ".trc": b"\n",
}
_BOX_SUFFIXES = (".mov", ".mp4")
_GLB_SUFFIXES = (".glb", ".vrma")


def is_complete(job: Job, settings: Settings) -> bool:
    """Whether all outputs of a job are there and are what a run with these settings would write.

    See `reason_to_run`.
    """
    return reason_to_run(job, settings) is None


def reason_to_run(job: Job, settings: Settings) -> str | None:
    """Return why a job is to be run, on one line; None if its outputs are complete.

    Files get their names when they are complete, and say with which settings and from which input
    they were made. An output counts as complete if both are the same now: options, drawing style
    (of images and videos), export of a motion (of ``.trc`` and other formats of one person),
    rotation, limit, model file, format version; names, sizes and times of the input files. A
    camera, a stream or a pipe is never complete, nor is an input that ended too early (all formats
    but ``.json`` and videos, whose heading is written first, tell that), nor an output whose end
    was lost later (not noticed in ``.mkv``, ``.c3d`` and in a series of images).

    Parameters
    ----------
    job : Job
    settings : Settings
        Of the run that is planned.
    """
    if job.receivers:
        return f"its poses are sent to {job.receivers[0]}"
    record = run_record(job.input, settings)
    if record is None:
        return "its input can't be compared with that of an earlier run"
    for output in job.outputs:
        if not has_files(output):
            return f"{str(output)!r} does not exist"
    for output in job.outputs:
        reason = _difference(output, record)
        if reason is not None:
            return reason
    return None


def has_files(output: Path) -> bool:
    """Whether a file of an output exists; for a series or several people, any of its files."""
    if newest_of_people(output) is not None:
        return True
    named = series_names(output)
    if named is None:
        return output.is_file()
    try:
        with os.scandir(output.parent) as entries:
            return any(named.fullmatch(entry.name) for entry in entries)
    except OSError:
        return False


def run_record(input_: str, settings: Settings) -> dict[str, Any] | None:
    """Return what an output keeps of its run, as plain JSON values: settings, a mark of the input.

    None if there is nothing to compare: the input is not a file, or the model is an open one.
    """
    mark = _mark_of_input(input_)
    if mark is None:
        return None
    try:
        values = json.loads(settings.to_json())
    except TypeError:  # an open model
        return None
    style = values.pop("style") or asdict(Style())
    motion = values.pop("motion") or asdict(MotionOptions())
    options = {name: v for name, v in values.pop("options").items() if name not in _NO_EFFECT}
    oak = _oak_record(values.pop("oak"))
    options["model"], model_file = _model_of(options["model"])
    return {
        "input": mark,
        "model_file": model_file,
        "settings": values | options | oak,
        "style": style,
        "motion": motion,
    }


def _oak_record(oak: dict[str, Any] | None) -> dict[str, Any]:
    """Return the options of an OAK camera that are not the default, without the device."""
    defaults = asdict(OakOptions())
    given = (oak or {}).items()
    return {f"oak_{name}": v for name, v in given if name != "device" and v != defaults[name]}


def _mark_of_input(input_: str) -> str | None:
    """Return a digest of names, sizes and times of the files of an input; None for other inputs."""
    if is_url(input_) or is_one_pass(input_) or camera_address(input_) is not None:
        return None
    marks = []
    try:
        names = input_files(input_)
        if names != [input_]:  # outputs may be in the same folder
            names = [name for name in names if is_image_name(Path(name))]
        for name in names:
            status = os.stat(name)
            if stat.S_ISREG(status.st_mode):
                marks.append([os.path.basename(name), status.st_size, status.st_mtime_ns])
            elif not stat.S_ISDIR(status.st_mode):
                return None  # a pipe or a device
    except OSError:
        return None
    return hashlib.sha256(json.dumps(sorted(marks)).encode()).hexdigest() if marks else None


def _model_of(model: str) -> tuple[str, str | None]:
    """Return the name of a model without its folder, and the digest of its file."""
    if model in CATALOG:
        return model, CATALOG[model].sha256[0]
    try:
        status = os.stat(model)
        return Path(model).name, _digest_of(model, status.st_size, status.st_mtime_ns)
    except OSError:
        return Path(model).name, None


@cache
def _digest_of(path: str, *_: int) -> str:
    with open(path, "rb", buffering=0) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _is_cut(output: Path) -> bool:
    """Return whether the end of a file was lost after it was completed, as by a copy that failed.

    Only of formats that are not read from their end to tell how they were made.
    """
    suffix, size = suffix_of(output), output.stat().st_size
    with output.open("rb") as file:
        if suffix in _LAST_BYTES and size:
            file.seek(-min(size, 16), os.SEEK_END)
            last = file.read()
            return not (last.rstrip() if "json" in suffix else last).endswith(_LAST_BYTES[suffix])
        if suffix in _GLB_SUFFIXES:  # magic, version and length of the file
            return int.from_bytes(file.read(12)[8:], "little") != size
        end = 0  # of a box; ISO/IEC 14496-12, 4.2
        while suffix in _BOX_SUFFIXES and end < size:
            file.seek(end)
            header = file.read(16)
            length = int.from_bytes(header[:4], "big") or size - end
            if length == 1:
                length = int.from_bytes(header[8:], "big")
            if length < 8:
                return True
            end += length
    return size == 0 or end > size


def _difference(output: Path, record: dict[str, Any]) -> str | None:
    """Return how the run that made an output differs from a record; None if it does not."""
    output = newest_of_people(output) or output
    try:
        provenance = load_provenance(output)
    except (OSError, ValueError, VitruvianError) as error:
        return str(error).partition("\n")[0]
    if provenance is None and series_names(output) is not None:
        return f"{str(output)!r} is not a complete series"
    if provenance is None or provenance.run is None:
        return f"{str(output)!r} does not say how it was made"
    if series_names(output) is None and _is_cut(output):
        return f"the end of {str(output)!r} is missing"
    if problem := provenance.run.get("reading", {}).get("problem"):
        return f"the input of {str(output)!r} was not read to its end: {problem}"
    was, now = (_options_in(run, output) for run in (provenance.run, record))
    different = [
        f"{name} was {was.get(name)}, is {now.get(name)}"
        for name in sorted({*was, *now})
        if was.get(name) != now.get(name)
    ]
    if different:
        return f"{str(output)!r} was made with other settings: {'; '.join(different)}"
    if provenance.run.get("model_file") != record["model_file"]:
        return f"{str(output)!r} was made with another model file of this name"
    if provenance.run.get("input") != record["input"]:
        return f"the input has changed since {str(output)!r} was made"
    return None


def _options_in(run: Mapping[str, Any], output: Path) -> dict[str, Any]:
    """Return the options in a record that have an effect on the format of an output."""
    options = dict(run.get("settings", {}))
    if needs_frames(output):
        options |= run.get("style", {})
    if output.suffix.lower() in MOTION_SUFFIXES:
        options |= run.get("motion", {})
    return options
