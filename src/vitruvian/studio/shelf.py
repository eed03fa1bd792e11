"""FileShelf: the files that are open, and the folder of what the studio keeps of them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from vitruvian.errors import SourceError
from vitruvian.export import iter_results, load_provenance
from vitruvian.lift.camera_options import CameraOptions
from vitruvian.media.address import camera_address, is_url
from vitruvian.runs.messages import EXPECTED_ERRORS
from vitruvian.runs.settings import Settings
from vitruvian.studio.file_names import is_results_name, plain_name
from vitruvian.studio.frame_reader import FrameReaders
from vitruvian.studio.ids import new_id
from vitruvian.studio.probe import MediaFacts, probed
from vitruvian.studio.problems import ApiError, named_line
from vitruvian.studio.proxies import ProxyMaker
from vitruvian.studio.result_lines import ResultLines
from vitruvian.studio.session_options import SessionOptions
from vitruvian.studio.studio_file import StudioFile
from vitruvian.studio.tracking_job import TrackingJob

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitruvian.core.pose import PoseResult
    from vitruvian.studio.job_queue import JobQueue
    from vitruvian.studio.options import StudioOptions

__all__ = ["FileShelf"]

MAX_FILES = 20
MAX_SIDE = 16_384  # px, of frames with results
MAX_PEOPLE = 100  # in a frame with results
MAX_JOBS = 8  # of a file; older ones that have ended are forgotten


class FileShelf:
    """The open files of a studio; their jobs are in the queue.

    Parameters
    ----------
    folder : Path
        Temporary folder of the studio.
    options : StudioOptions
    jobs : JobQueue

    Attributes
    ----------
    readers : FrameReaders
        Of single frames.
    proxies : ProxyMaker
        Makes copies that browsers can play.
    """

    def __init__(self, folder: Path, options: StudioOptions, jobs: JobQueue) -> None:
        self._folder, self._options, self._jobs = folder, options, jobs
        self._files: dict[str, StudioFile] = {}
        self._recordings: set[str] = set()  # IDs; they are no part of the limit
        self._n_opening = 0
        self.readers, self.proxies = FrameReaders(), ProxyMaker()
        self._lock = Lock()
        self._inputs: list[tuple[StudioFile, TrackingJob, bool]] = []

    # What is open

    def file(self, id_: str) -> StudioFile:
        """Return a file by its ID; `ApiError` if there is none."""
        file = self._files.get(id_)
        if file is None:
            raise ApiError(404, "no_file", "there is no such file", "open it again")
        return file

    def remove(self, file: StudioFile) -> None:
        """Stop the jobs of a file, and remove what was uploaded or made for it."""
        with self._lock:
            self._files.pop(file.id, None)
            self._recordings.discard(file.id)
        file.is_closed = True
        self.readers.forget(file.id)
        for job in self._jobs.of_file(file.id):
            self._jobs.forget(job)
        shutil.rmtree(file.folder, ignore_errors=True)

    def close(self) -> None:
        """Stop making copies, and close the files."""
        self.proxies.close()
        self.readers.close()

    @property
    def inputs(self) -> list[dict[str, Any]]:
        """What the command line opened, and what was recorded, for ``/api/info``."""
        return [
            {"kind": "file", "file": file.to_dict(), "job": job.id, "is_recording": is_recording}
            for file, job, is_recording in self._inputs
            if file.id in self._files
        ]

    # Opening

    def new_folder(self, *, is_limited: bool = True) -> Path:
        """Reserve a place for one more file, and return its folder.

        Parameters
        ----------
        is_limited : bool
            Whether there may be too many files. Recordings do not count.

        Raises
        ------
        ApiError
            If too many files are open.
        """
        with self._lock:
            n_files = len(self._files) - len(self._recordings)
            if is_limited and n_files + self._n_opening >= MAX_FILES:
                raise ApiError(
                    409, "too_many_files", f"{MAX_FILES} files are open", "close one of them first"
                )
            self._n_opening += 1
        folder = self._folder / new_id()
        folder.mkdir()
        return folder

    def discard(self, folder: Path) -> None:
        """Give back a place that was reserved."""
        with self._lock:
            self._n_opening -= 1
        shutil.rmtree(folder, ignore_errors=True)

    def add(self, path: Path, name: str, folder: Path) -> StudioFile:
        """Put a file into its reserved place: an image, a video or results.

        Raises
        ------
        ApiError
            If it is none of them, or is larger than the limits. The place stays reserved.
        """
        if is_results_name(name):
            file, job = self._with_results(StudioFile(name, None, folder, _NO_FACTS), path)
            self._jobs.add(job)
        else:
            file = StudioFile(name, path, folder, probed(path, name))
        self._keep(file)
        return file

    def open_file(self, path: Path, name: str) -> StudioFile:
        """Open a file that stays where it is."""
        folder = self.new_folder()
        try:
            return self.add(path, name, folder)
        except BaseException:
            self.discard(folder)
            raise

    def add_recorded(
        self, video: Path, results: Path, *, name: str | None = None, is_recording: bool = False
    ) -> tuple[StudioFile, TrackingJob]:
        """Open a video with its results, which become a finished job.

        Parameters
        ----------
        video : Path
            If it lies in the folder of the studio, it is moved, and removed with the file.
        results : Path
            In any format that `load_results` reads; it is copied.
        name : str, optional
            Name for people; by default that of the video.
        is_recording : bool
            Whether it was recorded here, and does not count as an open file.

        Raises
        ------
        ApiError
            If one of them can't be read, or the results have frames of another size.
        """
        name = name or plain_name(video.name)
        folder = self.new_folder(is_limited=not is_recording)
        try:
            if video.is_relative_to(self._folder):
                video = video.rename(folder / f"media{video.suffix}")
            facts = probed(video, name)
            file, job = self._with_results(StudioFile(name, video, folder, facts), results)
            self._jobs.add(job)
        except BaseException:
            self.discard(folder)
            raise
        self._keep(file, is_recording=is_recording)
        return file, job

    def add_recording(
        self, video: Path, results: Path, *, name: str
    ) -> tuple[StudioFile, TrackingJob]:
        """Open a recording of a live session as `add_recorded` does, and list it in `inputs`."""
        file, job = self.add_recorded(video, results, name=name, is_recording=True)
        self._inputs.append((file, job, True))
        return file, job

    def open_inputs(self) -> None:
        """Open the files of the command line, and start to track them.

        Raises
        ------
        SourceError
            If one of them can't be opened.
        """
        for given in self._options.inputs:
            if camera_address(given) is None and not is_url(given):
                try:
                    self._inputs.append((*self._opened_input(Path(given)), False))
                except ApiError as error:
                    raise SourceError(error.message) from error

    def _opened_input(self, path: Path) -> tuple[StudioFile, TrackingJob]:
        if path.is_dir():
            raise SourceError(f"{str(path)!r} is a folder: give it as --folder")
        if is_results_name(path.name) and self._options.video is not None:
            return self.add_recorded(self._options.video, path)
        file = self.open_file(path.absolute(), plain_name(path.name))
        return file, self.track(file, {}) if file.job is None else self._jobs.job(file.job)

    def _keep(self, file: StudioFile, *, is_recording: bool = False) -> None:
        with self._lock:
            self._n_opening -= 1
            if is_recording:
                self._recordings.add(file.id)
            self._files[file.id] = file

    def _with_results(self, file: StudioFile, results: Path) -> tuple[StudioFile, TrackingJob]:
        """Return a file and the finished job of its results; without a video, with their facts."""
        lines = ResultLines(file.folder / f"{new_id()}.jsonl")
        try:
            for result in iter_results(results):
                _check_result(result)
                lines.append(result)
            facts = _facts_of(lines, file)
            provenance = load_provenance(results)
        except EXPECTED_ERRORS as error:
            lines.remove()
            shown = file.name if file.path is None else results.name
            message = named_line(error, results, shown).replace(results.name, shown)
            raise ApiError(422, "not_results", message) from error
        lines.close()
        job = TrackingJob(file.id, lines, state="done", n_total=len(lines), provenance=provenance)
        return replace(file, facts=facts, job=job.id), job

    def attach(self, file: StudioFile, results: StudioFile) -> TrackingJob:
        """Return a finished job of a video with the results of another file, which is closed.

        Raises
        ------
        ApiError
            If the other file has no results, or they are of frames of another size.
        """
        if file.path is None or results.path is not None or results.job is None:
            raise ApiError(422, "not_results", "results and a video are needed")
        made = self._jobs.job(results.job)
        copy = results.folder / "attached.jsonl"
        with copy.open("wb") as target:
            target.writelines(made.lines.chunks(0, len(made.lines)))
        _, job = self._with_results(file, copy)
        job.provenance = made.provenance
        self._jobs.add(job)
        self.remove(results)
        return job

    # Tracking

    def track(self, file: StudioFile, options: Mapping[str, Any]) -> TrackingJob:
        """Start a job, which runs when its turn comes; return the finished one of results.

        Parameters
        ----------
        file : StudioFile
        options : mapping
            Options of `PoseTracker` that differ from those of the server, and `camera_space`.

        Raises
        ------
        ValueError, TypeError
            If an option is wrong.
        ApiError
            If too many jobs wait, or the file was closed.
        """
        path = file.path
        if path is None:
            return self._jobs.job(file.job or "")
        given = SessionOptions(self._options.tracker).changed(options)
        masks_are_smoothed = given.tracker.smooth_segmentation and given.tracker.smoothing > 0
        settings = Settings(  # as `vitruvian track`
            options=replace(given.tracker, smooth_segmentation=masks_are_smoothed),
            camera_space=CameraOptions() if given.camera_space else None,
        )
        jobs = self._jobs.of_file(file.id)
        ended = [job for job in jobs if job.has_ended and job.id != file.job]
        for job in ended[: max(0, len(ended) - MAX_JOBS + 1)]:
            self._jobs.forget(job)
        with self._lock:  # so that the file is not closed meanwhile
            self.file(file.id)
            return self._jobs.start(
                lambda: TrackingJob.new(file.id, settings, file.folder, file.facts.frames),
                lambda job: job.run(path, file.name, file.folder),
            )


_NO_FACTS = MediaFacts(kind="results", width=0, height=0)


def _check_result(result: PoseResult) -> None:
    """Raise ValueError for what no tracker gives, and what memory and page could not hold."""
    width, height = result.width, result.height
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        raise ValueError(f"frames must have 1 to {MAX_SIDE} px a side, got {width} x {height} px")
    if len(result) > MAX_PEOPLE:
        raise ValueError(f"a frame must have at most {MAX_PEOPLE} people, got {len(result)}")


def _facts_of(lines: ResultLines, file: StudioFile) -> MediaFacts:
    """Return the facts of a file with these results: those of its video, if it has one.

    Raises
    ------
    ValueError
        If there is no result, or the frames are of another size than those of the video.
    """
    if not len(lines):
        raise ValueError(f"{file.name!r} holds no frame")
    (first,), (last,) = lines.results(0, 1), lines.results(len(lines) - 1, len(lines))
    if file.path is not None:
        of_video = file.facts.width, file.facts.height
        sides = first.width - of_video[0], first.height - of_video[1]
        if max(map(abs, sides)) > 1:  # the sides of a recording are even
            raise ValueError(
                f"the results must be of the video, {of_video[0]} x {of_video[1]} px, "
                f"got {first.width} x {first.height} px"
            )
        return file.facts
    seconds = (last.timestamp_us - first.timestamp_us) / 1e6
    return MediaFacts(
        kind="results",
        width=first.width,
        height=first.height,
        fps=(len(lines) - 1) / seconds if seconds > 0 else None,
        frames=len(lines),
        duration_s=seconds,
    )
