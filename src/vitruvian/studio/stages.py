"""ResultStages: what a live session does with a result: placement, repetitions, recording."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

from vitruvian.analysis.monitor import ExerciseMonitor
from vitruvian.lift.placer import Placer

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import PoseResult
    from vitruvian.studio.recording import LiveRecording

__all__ = ["ResultStages"]


class ResultStages:
    """Placement in front of the camera, repetitions, and recording, each optional.

    One thread gives the results, others may change what is done with them.

    Parameters
    ----------
    on_error : callable
        Called with the error if a recording fails; it is then over.
    """

    def __init__(self, on_error: Callable[[Exception], object]) -> None:
        self._on_error = on_error
        self._monitor: ExerciseMonitor | None = None
        self._placer: Placer | None = None
        self._lock = Lock()  # guards the recording
        self._recording: LiveRecording | None = None

    def set_exercise(self, name: str) -> None:
        """Count the repetitions of an exercise from now on; none for an empty name."""
        self._monitor = ExerciseMonitor(name) if name else None

    def set_camera_space(self, *, is_on: bool) -> None:
        """Begin or end to place people in front of the camera."""
        if is_on != (self._placer is not None):
            self._placer = Placer() if is_on else None

    def reset(self) -> None:
        """Forget everybody; counts begin at 0."""
        if self._monitor is not None:
            self._monitor = ExerciseMonitor(self._monitor.exercise)
        if self._placer is not None:
            self._placer = Placer()

    def process(self, frame: Frame, result: PoseResult) -> tuple[PoseResult, list[dict[str, Any]]]:
        """Return the result of a frame as it is sent, and the repetitions of each person in it."""
        monitor, placer = self._monitor, self._placer
        if placer is not None:
            result = placer.update(result, focal_35mm=frame.focal_35mm)
        return result, [] if monitor is None else _repetitions(monitor, result)

    def start_recording(self, recording: LiveRecording) -> bool:
        """Write results from now on; return False if that is done already."""
        with self._lock:
            if self._recording is not None:
                return False
            self._recording = recording
            return True

    def record(self, frame: Frame, result: PoseResult) -> None:
        """Write a frame and its result, if a recording is on."""
        recording = self._recording
        if recording is None:
            return
        try:
            recording.write(frame, result)
        except Exception as error:  # noqa: BLE001 - told to the client; tracking goes on
            self.stop_recording()
            recording.discard()
            self._on_error(error)

    def stop_recording(self) -> LiveRecording | None:
        """End the recording and return it; it is not closed here."""
        with self._lock:
            recording, self._recording = self._recording, None
            return recording


def _repetitions(monitor: ExerciseMonitor, result: PoseResult) -> list[dict[str, Any]]:
    """Count the repetitions of everybody in a result; return count and angle of each."""
    monitor.update(result)
    keys = [-1 - place if pose.id is None else pose.id for place, pose in enumerate(result)]
    counters = [monitor.counters[key] for key in keys]
    return [
        {"id": pose.id, "count": c.count, "angle_deg": c.angle_deg, "text": c.text}
        for pose, c in zip(result, counters, strict=True)
    ]
