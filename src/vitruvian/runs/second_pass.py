"""The second pass of a run that smooths afterwards: stored poses, filtered, with their frames."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.analysis.filtering import filtered
from vitruvian.core.sequence import PoseSequence
from vitruvian.errors import SourceError
from vitruvian.export import needs_frames
from vitruvian.export.spool import ResultSpool
from vitruvian.export.suffix import with_suffix
from vitruvian.lift.camera_options import camera_of_record, is_measured
from vitruvian.lift.placement import placed
from vitruvian.media.one_pass import is_one_pass
from vitruvian.media.pictures import ImageFile, ImageFolder

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from vitruvian.analysis.filtering import Filtering
    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import Pose, PoseResult
    from vitruvian.media.source import Source
    from vitruvian.runs.events import Progress, RunSummary
    from vitruvian.runs.job import Job
    from vitruvian.runs.stop import Stop

__all__ = [
    "check_repeatable",
    "of_passes",
    "open_spool",
    "smoothed_results",
    "spool_path",
    "spooled",
    "with_frames",
]


def check_repeatable(job: Job, source: Source) -> None:
    """Raise ValueError if the input of a job can't be smoothed as a whole, after it was tracked."""
    if source.is_live:
        raise ValueError(f"smoothing afterwards needs a recording, got a live input: {job.name}")
    if isinstance(source, ImageFile | ImageFolder):
        raise ValueError(f"smoothing afterwards needs a video, got images: {job.name}")
    if job.receivers:
        raise ValueError(
            "poses that are sent while they are found can't be smoothed afterwards: "
            f"{job.receivers[0]}"
        )
    drawn = [path for path in job.outputs if needs_frames(path)]
    if drawn and is_one_pass(job.input):
        raise ValueError(
            f"{drawn[0].name!r} needs the frames a second time to draw smoothed poses, and "
            f"{job.name} can be read only once: write landmarks only, or save the video as a file"
        )


def spool_path(output: Path) -> Path:
    """Return the name under which the poses of the first pass are kept after an error."""
    return with_suffix(output, ".unsmoothed.jsonl")


def open_spool(job: Job) -> ResultSpool:
    """Return a sink for the poses of the first pass, beside the first output."""
    return ResultSpool(spool_path(job.outputs[0]))


@contextmanager
def spooled(spool: ResultSpool) -> Iterator[None]:
    """Remove the spool at the end of the block; after an error keep it, and say so in a note."""
    try:
        yield
    except BaseException as error:
        error.add_note(spool.keep())
        raise
    spool.discard()


def of_passes(
    run: Generator[Progress, None, RunSummary], n_before: int, n_total: int | None
) -> Generator[Progress, None, RunSummary]:
    """Run one of two passes; count its frames after `n_before`, of `n_total` or twice its own."""
    with closing(run):
        while True:
            try:
                event = next(run)
            except StopIteration as end:
                summary: RunSummary = end.value
                return summary
            twice = event.n_total and 2 * event.n_total
            yield replace(event, n_done=n_before + event.n_done, n_total=n_total or twice)


def smoothed_results(
    results: Callable[[], Iterator[PoseResult]], filtering: Filtering
) -> Generator[PoseResult, None, None]:
    """Yield results with filtered poses; masks and detections stay as they are.

    `results` is called twice. The arrays of the whole clip are in memory, the results are not.
    """
    sequence = PoseSequence.from_results(map(_without_extras, results()))
    smooth = filtered(_placed_as_recorded(sequence, next(results(), None)), filtering)
    for t, result in enumerate(results()):
        (now,) = smooth[t : t + 1].to_results()
        places = {pose.id: place for place, pose in enumerate(result)}
        poses = sorted(now, key=lambda pose: places.get(pose.id, len(places)))
        found = {pose.id: pose for pose in result}
        yield replace(result, poses=tuple(_like(pose, found.get(pose.id)) for pose in poses))


def _placed_as_recorded(sequence: PoseSequence, first: PoseResult | None) -> PoseSequence:
    """Return the sequence in camera space, if it is: placed again, with all frames known."""
    provenance = None if first is None else first.provenance
    record = None if provenance is None else provenance.camera
    if record is None or is_measured(provenance) or len(np.unique(sequence.wh, axis=0)) > 1:
        return sequence
    return placed(sequence, camera_of_record(record), height_m=record["height_m"])


def _without_extras(result: PoseResult) -> PoseResult:
    return replace(result, poses=tuple(replace(pose, mask=None, detection=None) for pose in result))


def _like(pose: Pose, found: Pose | None) -> Pose:
    """Return a pose with the mask and the detection of the one that was found, if any."""
    extras: dict[str, Any] = {}
    if found is not None:
        extras = {"mask": found.mask, "detection": found.detection}
    return replace(pose, **extras)


def with_frames(
    results: Iterator[PoseResult], frames: Iterator[Frame], stop: Stop
) -> Iterator[tuple[Frame, PoseResult]]:
    """Yield results with their frames, which are read again.

    Raises
    ------
    SourceError
        If a frame of the first pass is missing now.
    """
    for result in results:
        frame = next((f for f in frames if f.index >= result.frame_index), None)
        if stop.is_requested and frame is None:
            return
        if frame is None or frame.index != result.frame_index:
            raise SourceError(
                f"frame {result.frame_index} was read for tracking and is missing for drawing: "
                "the input has changed"
            )
        yield frame, result
