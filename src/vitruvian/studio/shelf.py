"""FileShelf: the files that are open, and the folder of what the studio keeps of them."""

from __future__ import annotations

import re
import shutil
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from vitruvian.export import iter_results, load_provenance
from vitruvian.export.formats import READABLE_SUFFIXES
from vitruvian.export.suffix import suffix_of
from vitruvian.lift.camera_options import CameraOptions
from vitruvian.media.address import camera_address, is_url
from vitruvian.runs.messages import EXPECTED_ERRORS, error_line
from vitruvian.runs.settings import Settings
from vitruvian.studio.ids import new_id
from vitruvian.studio.probe import MediaFacts, probed
from vitruvian.studio.problems import ApiError
from vitruvian.studio.result_lines import ResultLines
from vitruvian.studio.tracking_job import TrackingJob
from vitruvian.studio.tracking_options import tracker_options

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitruvian.studio.job_queue import JobQueue
    from vitruvian.studio.options import StudioOptions

__all__ = ["FileShelf", "StudioFile", "is_results_name"]

MAX_FILES = 20
MAX_JOBS = 8  # of a file; older ones that have ended are forgotten
MAX_NAME = 200
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")


@dataclass(slots=True, eq=False)
class StudioFile:
    """A file that the page may use by its ID.

    Attributes
    ----------
    name : str
        For people; never a part of a path.
    path : Path or None
        The media; None for results without a picture.
    folder : Path
        Of everything that is made for the file, removed with it.
    facts : MediaFacts
    """

    name: str
    path: Path | None
    folder: Path
    facts: MediaFacts
    id: str = field(default_factory=new_id)

    def to_dict(self) -> dict[str, Any]:
        """Return the answer of ``GET /api/files/{id}``."""
        return {"id": self.id, "name": self.name, **asdict(self.facts), "proxy": "none"}


class FileShelf:
    """The open files of a studio; their jobs are in the queue.

    Parameters
    ----------
    folder : Path
        Temporary folder of the studio.
    options : StudioOptions
    jobs : JobQueue
    """

    def __init__(self, folder: Path, options: StudioOptions, jobs: JobQueue) -> None:
        self._folder, self._options, self._jobs = folder, options, jobs
        self._files: dict[str, StudioFile] = {}
        self._n_opening = 0
        self._lock = Lock()
        self._inputs: list[tuple[StudioFile, TrackingJob]] = []

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
        for job in self._jobs.of_file(file.id):
            self._jobs.forget(job)
        shutil.rmtree(file.folder, ignore_errors=True)

    @property
    def inputs(self) -> list[dict[str, Any]]:
        """What the command line opened, for ``/api/info``."""
        return [
            {"kind": "file", "file": file.to_dict(), "job": job.id}
            for file, job in self._inputs
            if file.id in self._files
        ]

    # Opening

    def new_folder(self) -> Path:
        """Reserve a place for one more file, and return its folder.

        Raises
        ------
        ApiError
            If too many files are open.
        """
        with self._lock:
            if len(self._files) + self._n_opening >= MAX_FILES:
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
        self, video: Path, results: Path, *, name: str | None = None
    ) -> tuple[StudioFile, TrackingJob]:
        """Open a video with its results, which become a finished job.

        Parameters
        ----------
        video : Path
            Stays where it is. If it lies in the folder of the studio, it is removed with that.
        results : Path
            In any format that `load_results` reads; it is copied.
        name : str, optional
            Name for people; by default that of the video.

        Raises
        ------
        ApiError
            If one of them can't be read.
        ValueError
            If the results have frames of another size than the video.
        """
        name = name or video.name
        folder = self.new_folder()
        try:
            facts = probed(video, name)
            file, job = self._with_results(StudioFile(name, video, folder, facts), results)
            self._jobs.add(job)
        except BaseException:
            self.discard(folder)
            raise
        self._keep(file)
        return file, job

    def open_inputs(self) -> None:
        """Open the files of the command line, and start to track them.

        Raises
        ------
        VitruvianError, ValueError, ApiError
            If one of them can't be opened.
        """
        for given in self._options.inputs:
            if camera_address(given) is not None or is_url(given):
                continue
            path = Path(given)
            if is_results_name(path.name) and self._options.video is not None:
                file, job = self.add_recorded(self._options.video, path)
            else:
                file = self.open_file(path.absolute(), path.name)
                made = self._jobs.of_file(file.id)
                job = made[0] if made else self.track(file, {})
            self._inputs.append((file, job))

    def _keep(self, file: StudioFile) -> None:
        with self._lock:
            self._n_opening -= 1
            self._files[file.id] = file

    def _with_results(self, file: StudioFile, results: Path) -> tuple[StudioFile, TrackingJob]:
        """Return a file and the finished job of its results; without a video, with their facts."""
        lines = ResultLines(file.folder / f"{new_id()}.jsonl")
        job = TrackingJob(file.id, lines, state="done")
        first = last = None
        try:
            for last in iter_results(results):
                first = first or last
                lines.append(last)
            job.provenance = load_provenance(results)
        except EXPECTED_ERRORS as error:
            message = error_line(error).replace(str(results), results.name)
            raise ApiError(422, "not_results", message) from error
        finally:
            lines.close()
        if first is None or last is None:
            raise ApiError(422, "not_results", f"{file.name!r} holds no frame")
        job.n_total = len(lines)
        if file.path is None:
            seconds = (last.timestamp_us - first.timestamp_us) / 1e6
            fps = (len(lines) - 1) / seconds if seconds > 0 else None
            facts = MediaFacts(
                kind="results",
                width=first.width,
                height=first.height,
                fps=fps,
                frames=len(lines),
                duration_s=seconds,
            )
            return replace(file, facts=facts), job
        if (first.width, first.height) != (file.facts.width, file.facts.height):
            raise ValueError(
                f"the results must be of the video, {file.facts.width} x {file.facts.height} px, "
                f"got {first.width} x {first.height} px"
            )
        return file, job

    # Tracking

    def track(self, file: StudioFile, options: Mapping[str, Any]) -> TrackingJob:
        """Start a job; when its turn comes, it is run.

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
            If the file has no picture.
        """
        path = file.path
        if path is None:
            raise ApiError(422, "no_picture", "results without a video can't be tracked")
        changed = dict(options)
        camera_space = changed.pop("camera_space", False)
        if not isinstance(camera_space, bool):
            raise TypeError(f"camera_space must be True or False, got {camera_space!r}")
        settings = Settings(
            options=tracker_options(self._options.tracker, changed),
            camera_space=CameraOptions() if camera_space else None,
        )
        ended = [job for job in self._jobs.of_file(file.id) if job.has_ended]
        for job in ended[: len(ended) - MAX_JOBS + 1]:
            self._jobs.forget(job)
        job = TrackingJob.new(file.id, settings, file.folder)
        job.n_total = file.facts.frames
        self._jobs.add(job, lambda: job.run(path, file.name, file.folder))
        return job


_NO_FACTS = MediaFacts(kind="results", width=0, height=0)


def is_results_name(name: str) -> bool:
    """Whether a name is that of a file of results which can be read."""
    return suffix_of(Path(name)) in READABLE_SUFFIXES


def plain_name(name: str) -> str:
    """Return the last part of a name that a client gave, for people to read."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[:MAX_NAME].strip() or "upload"


def safe_suffix(name: str) -> str:
    """Return the suffix of a name if it has letters and digits only, in lower case; else nothing.

    The formats of some images are known by it alone.
    """
    suffix = Path(plain_name(name)).suffix.lower()
    return suffix if _SUFFIX.fullmatch(suffix) else ""
