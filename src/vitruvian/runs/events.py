"""Events: what an executor reports about its jobs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vitruvian.engine.timing import StageStats
    from vitruvian.oak.camera import OakCounts
    from vitruvian.runs.job import Job
    from vitruvian.track.latency import Latency
    from vitruvian.track.live import LiveCounts

__all__ = ["Event", "Failed", "Finished", "Progress", "RunSummary", "Started"]


@dataclass(frozen=True, slots=True)
class RunSummary:
    """Figures of a job that has ended.

    Attributes
    ----------
    n_frames, n_with_pose : int
        Frames written, and how many of them have at least one pose.
    seconds : float
        Time from the first frame read to the last file closed.
    is_interrupted : bool
        Whether a stop request ended the job.
    notes : tuple of str
        One note for each output that is incomplete, with the file that holds its frames.
    repetitions : dict from int to int
        Number of repetitions of each person, by ID, if an exercise was counted.
    live : LiveCounts or None
        Frames seen, processed and dropped, if the input was live.
    latency : Latency or None
        Times from the arrival of a frame to its result, if the input was live.
    stages : dict
        Times of each frame: "read" (waiting for the decoder), "find" (detection and landmarks),
        "write" (waiting until the writer takes it).
    engine_stages : dict
        Times of the parts of "find".
    oak : OakCounts or None
        Frames of the sensor that arrived or were dropped, if the input was an OAK camera.
    """

    n_frames: int = 0
    n_with_pose: int = 0
    seconds: float = 0.0
    is_interrupted: bool = False
    notes: tuple[str, ...] = ()
    repetitions: dict[int, int] = field(default_factory=dict)
    live: LiveCounts | None = None
    latency: Latency | None = None
    stages: dict[str, StageStats] = field(default_factory=dict)
    engine_stages: dict[str, StageStats] = field(default_factory=dict)
    oak: OakCounts | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """Work on a job has begun, or begins again in another process."""

    job: Job


@dataclass(frozen=True, slots=True)
class Progress:
    """Number of frames done, and the expected total or None if it is unknown."""

    job: Job
    n_done: int
    n_total: int | None


@dataclass(frozen=True, slots=True)
class Finished:
    """A job has ended without an error, at the end of its input or by a stop request."""

    job: Job
    summary: RunSummary


@dataclass(frozen=True, slots=True)
class Failed:
    """A job has ended with an error.

    Attributes
    ----------
    job : Job
    message : str
        The reason, on one line.
    trace : str
        The traceback; empty if there is none.
    kind : str
        "unreadable" input, "unwritable" output, "crashed" or "stalled" worker process; "failed" for
        anything else.
    """

    job: Job
    message: str
    trace: str
    kind: str = "failed"


Event = Started | Progress | Finished | Failed
