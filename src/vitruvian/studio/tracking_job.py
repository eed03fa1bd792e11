"""TrackingJob: one file that is tracked, and its results."""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import TYPE_CHECKING, Any

from vitruvian.export import load_provenance
from vitruvian.runs.events import Failed, Finished, Progress
from vitruvian.runs.job import Job
from vitruvian.runs.runner import JobRunner
from vitruvian.runs.stop import Stop
from vitruvian.studio.ids import new_id
from vitruvian.studio.mask_file import MaskFile
from vitruvian.studio.result_lines import ResultLines
from vitruvian.studio.session_options import SessionOptions

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import PoseResult
    from vitruvian.core.provenance import Provenance
    from vitruvian.runs.settings import Settings

__all__ = ["TrackingJob"]


@dataclass(slots=True, eq=False)
class TrackingJob:
    """A file that is tracked once, or results made before.

    `run` is called by one thread; any thread reads the rest.

    Attributes
    ----------
    file : str
        ID of the file.
    settings : Settings or None
        How it is tracked; None for results made before.
    lines : ResultLines
        The results so far.
    masks : MaskFile or None
        With the option `segmentation`.
    state : str
        "queued", "running", "done", "stopped" or "failed".
    n_total : int or None
        Expected number of frames.
    error : str or None
        Why it failed.
    provenance : Provenance or None
        How the results were made, from the end of the job on.
    """

    file: str
    lines: ResultLines
    settings: Settings | None = None
    masks: MaskFile | None = None
    state: str = "queued"
    n_total: int | None = None
    error: str | None = None
    provenance: Provenance | None = None
    id: str = field(default_factory=new_id)
    _stop: Stop = field(default_factory=Stop)
    _begin_s: float | None = None
    _last_s: float = 0.0

    @classmethod
    def new(cls, file: str, settings: Settings, folder: Path, n_total: int | None) -> TrackingJob:
        """Return a job that has not begun, with its files in a folder of the studio."""
        job = cls(file, ResultLines(folder / f"{new_id()}.jsonl"), settings, n_total=n_total)
        if settings.options.segmentation:
            job.masks = MaskFile(folder / f"{job.id}.masks")
        return job

    @property
    def has_ended(self) -> bool:
        """Whether there will be no more results."""
        return self.state not in ("queued", "running")

    def stop(self) -> None:
        """Ask the job to end after the current frame; the frames so far are kept."""
        self._stop.request()
        if self.state == "queued":
            self.state = "stopped"

    def results(self) -> list[PoseResult]:
        """Return the results so far."""
        return [replace(r, provenance=self.provenance) for r in self.lines.results()]

    def to_dict(self) -> dict[str, Any]:
        """Return the answer of ``GET /api/jobs/{id}``."""
        n_done, fps = len(self.lines), self._fps
        left = None
        if self.state == "running" and fps and self.n_total is not None:
            left = max(0.0, (self.n_total - n_done) / fps)
        options = None
        if self.settings is not None:
            camera_space = self.settings.camera_space is not None
            options = SessionOptions(self.settings.options, camera_space).to_dict()
        return {
            "id": self.id,
            "file": self.file,
            "state": self.state,
            "n_done": n_done,
            "n_total": self.n_total,
            "fps": fps,
            "seconds_left": left,
            "error": self.error,
            "options": options,
        }

    @property
    def _fps(self) -> float | None:
        if self._begin_s is None or self._last_s <= self._begin_s:
            return None
        return len(self.lines) / (self._last_s - self._begin_s)

    def run(self, path: Path, name: str, folder: Path) -> None:
        """Track the file as `vitruvian track` does.

        Parameters
        ----------
        path : Path
        name : str
            Name of the file for messages, instead of its path.
        folder : Path
            For files while it runs.
        """
        if self.settings is None or self.has_ended:
            return
        self.state = "running"
        output = folder / f"{self.id}.track.jsonl"
        job = Job(str(path), name, (output,))
        with (
            JobRunner(self.settings, on_result=self._keep) as runner,
            closing(runner.run_safely(job, self._stop)) as events,
        ):
            for event in events:
                if isinstance(event, Progress):
                    self.n_total = event.n_total
                    self._begin_s = self._begin_s or monotonic()
                elif isinstance(event, Failed):
                    self.error = event.message.replace(str(path), name)
                elif isinstance(event, Finished) and event.summary.is_interrupted:
                    self._stop.request()
        self.close()
        self._take_provenance(output, name)
        state = "stopped" if self._stop.is_requested else "done"
        self.state = "failed" if self.error is not None else state

    def _keep(self, _: Frame, result: PoseResult) -> None:
        if self.masks is not None:
            self.masks.append(result)  # first: a line tells that both are there
        self.lines.append(result)
        self._last_s = monotonic()

    def _take_provenance(self, output: Path, name: str) -> None:
        """Keep how the results were made; remove the files that say so."""
        partial = output.with_name(f"{output.stem}.partial.jsonl")
        for path in (output, partial):
            if path.is_file():
                with suppress(OSError, ValueError):
                    provenance = load_provenance(path)
                    self.provenance = provenance and replace(provenance, source=name)
            path.unlink(missing_ok=True)
            path.with_name(f"{path.name}.meta.json").unlink(missing_ok=True)

    def close(self) -> None:
        """Close the files; they can still be read."""
        self.lines.close()
        if self.masks is not None:
            self.masks.close()

    def remove(self) -> None:
        """Remove the files; the job must have ended."""
        self.lines.remove()
        if self.masks is not None:
            self.masks.remove()
