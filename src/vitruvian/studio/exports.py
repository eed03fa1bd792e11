"""Exports: the results of a job in a file of any format, written by `open_output`."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from vitruvian.analysis.filtering import Filtering, filtered
from vitruvian.core.sequence import PoseSequence
from vitruvian.draw.style import Style
from vitruvian.export import open_output
from vitruvian.export.formats import FORMATS
from vitruvian.export.motion import MotionOptions
from vitruvian.export.series import ID_FIELD
from vitruvian.media import open_input
from vitruvian.runs.messages import EXPECTED_ERRORS
from vitruvian.runs.second_pass import with_frames
from vitruvian.studio.disk import check_disk
from vitruvian.studio.problems import ApiError, named_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vitruvian.core.pose import PoseResult
    from vitruvian.export import Sink
    from vitruvian.runs.stop import Stop
    from vitruvian.studio.studio_file import StudioFile
    from vitruvian.studio.tracking_job import TrackingJob

__all__ = ["ExportOptions", "export_name", "written_export"]

_SIDECAR = ".meta.json"
_STEM = "export"
FRAMES_A_LOOK = 100  # at the space on the disk


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """What an export holds, beside its format.

    Attributes
    ----------
    smooth_hz : float or None
        Cutoff of a filter without lag over all poses; None for the default of the format.
    motion : MotionOptions
        For formats of one person.
    has_all_people : bool
        Whether formats of one person get a file for each.
    style : Style
        What is drawn.
    """

    smooth_hz: float | None = None
    motion: MotionOptions = field(default_factory=MotionOptions)
    has_all_people: bool = False
    style: Style = field(default_factory=Style)


def written_export(
    job: TrackingJob,
    file: StudioFile,
    suffix: str,
    options: ExportOptions,
    *,
    folder: Path,
    stop: Stop,
) -> Path:
    """Write the results that a job has now; return the file, a zip if there are several.

    Parameters
    ----------
    job : TrackingJob
    file : StudioFile
        Its frames are read again by formats that draw on them.
    suffix : str
        Of the format.
    options : ExportOptions
    folder : Path
        An empty folder.
    stop : Stop
        Its request ends the work.

    Raises
    ------
    ApiError
        If there is no such format, no result yet, no picture to draw on, or the format can't hold
        the results.
    """
    format_ = FORMATS.get(suffix)
    if format_ is None:
        raise ApiError(422, "no_format", f"format must be one of {list(FORMATS)}, got {suffix!r}")
    if format_.draws and file.path is None:
        raise ApiError(422, "no_picture", "this format needs the pictures: open the video, too")
    if not len(job.lines):
        raise ApiError(409, "no_results", "there is no result yet")
    check_disk(folder)
    path = folder / _name_of(suffix, file, options)
    try:
        if format_.draws:
            _draw(job, file, path, options, stop)
        else:
            with open_output(path, provenance=job.provenance, motion=options.motion) as sink:
                _write(_filtered(_results(job), options), sink, stop)
    except EXPECTED_ERRORS as error:
        message = named_line(error, path, file.name).replace(f"{folder}/", "")
        raise ApiError(422, "not_possible", message) from error
    return _only_file(folder)


def export_name(file: StudioFile, suffix: str, options: ExportOptions, written: Path) -> str:
    """Return the name under which a browser saves an export."""
    person = options.motion.person
    of_person = f".person{person}" if FORMATS[suffix].is_motion and person is not None else ""
    zipped = ".zip" if written.suffix == ".zip" else ""
    return f"{Path(file.name).stem}{of_person}{suffix}{zipped}"


def _name_of(suffix: str, file: StudioFile, options: ExportOptions) -> str:
    format_ = FORMATS[suffix]
    if format_.is_motion:
        return f"person{ID_FIELD}{suffix}" if options.has_all_people else f"{_STEM}{suffix}"
    is_single = format_.draws and file.facts.kind == "image"
    return f"{{frame:06d}}{suffix}" if format_.series and not is_single else f"{_STEM}{suffix}"


def _results(job: TrackingJob) -> Iterable[PoseResult]:
    for result in job.lines.results():
        yield replace(result, provenance=job.provenance)


def _filtered(results: Iterable[PoseResult], options: ExportOptions) -> Iterable[PoseResult]:
    if not options.smooth_hz:
        return results
    sequence = PoseSequence.from_results(results)
    return filtered(sequence, Filtering(cutoff_hz=options.smooth_hz)).to_results()


def _write(results: Iterable[PoseResult], sink: Sink, stop: Stop) -> None:
    for result in results:
        _check_goes_on(stop)
        sink.write(result)


def _draw(
    job: TrackingJob, file: StudioFile, path: Path, options: ExportOptions, stop: Stop
) -> None:
    """Write pictures or a video with the poses of the frames that have been tracked."""
    results = iter(_filtered(_results(job), options))
    with (
        open_input(str(file.path)) as source,
        open_output(path, source=source, style=options.style, provenance=job.provenance) as sink,
    ):
        for place, (frame, result) in enumerate(with_frames(results, iter(source), stop)):
            _check_goes_on(stop)
            if place % FRAMES_A_LOOK == 0:
                check_disk(path.parent)
            masks = b"" if job.masks is None else job.masks[place]
            sink.write(_with_masks(result, masks) if masks else result, frame)


def _check_goes_on(stop: Stop) -> None:
    if stop.is_requested:
        raise ApiError(409, "closing", "the export has ended: its file was closed")


def _with_masks(result: PoseResult, png: bytes) -> PoseResult:
    """Return a result with the masks of a small index mask, made as large as the frame."""
    index = np.asarray(Image.open(io.BytesIO(png)))
    poses = []
    for place, pose in enumerate(result, start=1):
        is_person = Image.fromarray(np.where(index == place, np.uint8(255), np.uint8(0)))
        mask = is_person.resize((result.width, result.height), Image.Resampling.BILINEAR)
        poses.append(replace(pose, mask=np.asarray(mask, np.float32) / np.float32(255)))
    return replace(result, poses=tuple(poses))


def _only_file(folder: Path) -> Path:
    """Return the one file in a folder, or a zip of several without what is beside them."""
    files = sorted(path for path in folder.iterdir() if not path.name.endswith(_SIDECAR))
    if not files:
        raise ApiError(422, "not_possible", "no person is in these results")
    if len(files) == 1:
        return files[0]
    packed = folder / f"{_STEM}.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, path.name)
            path.unlink()
    return packed
