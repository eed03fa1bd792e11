"""LiveTracker: the tracker of a live session, which can be exchanged while frames arrive."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from vitruvian.track.live import LiveStream
from vitruvian.track.tracker import PoseTracker

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import PoseResult
    from vitruvian.engine.options import TrackerOptions

__all__ = ["LiveTracker"]


class LiveTracker:
    """Tracks pushed frames; the newest frame wins.

    Parameters
    ----------
    options : TrackerOptions
    on_result : callable
        Called with each frame and its result, on the thread of the tracker.
    on_error : callable
        Called with a frame and the error if it can't be tracked, or `on_result` fails.

    Raises
    ------
    VitruvianError
        If a model can't be opened.

    Notes
    -----
    Sessions with the same model share its networks, which compute one image after another on all
    cores. With one thread for each session, a frame costs as much (four sessions, full: 8.4 and
    8.0 ms of processor time), and fps are divided as fairly (largest / smallest 1.05 and 1.02). But
    networks would have to be compiled again whenever a session begins or ends.
    """

    def __init__(
        self,
        options: TrackerOptions,
        *,
        on_result: Callable[[Frame, PoseResult], object],
        on_error: Callable[[Frame, BaseException], object],
    ) -> None:
        self._on_result, self._on_error = on_result, on_error
        self._lock = Lock()  # held while a frame is pushed, and while the tracker is exchanged
        self._tracker, self._stream = self._opened(options)

    def _opened(self, options: TrackerOptions) -> tuple[PoseTracker, LiveStream]:
        tracker = PoseTracker.from_options(options)
        stream = LiveStream(tracker, on_result=self._on_result, on_error=self._on_error)
        return tracker, stream

    def push(self, frame: Frame, *, is_gap: bool = False) -> None:
        """Give the tracker the next frame; `is_gap` says that frames are missing before it."""
        with self._lock:
            if is_gap:
                self._tracker.note_gap()
            self._stream.push(frame)

    def switch(self, options: TrackerOptions) -> None:
        """Go on with a new tracker; the old one answers until the new one is open.

        Raises
        ------
        VitruvianError
            If a model can't be opened; the old tracker goes on.
        """
        tracker, stream = self._opened(options)
        with self._lock:
            self._stream.end()
            self._stream.wait()
            self._tracker, tracker = tracker, self._tracker
            self._stream = stream
        tracker.close()

    def reset(self) -> None:
        """Forget everybody."""
        self._tracker.reset()

    def finish(self) -> None:
        """Wait until the frames that were pushed have their results; no more are accepted."""
        with self._lock:
            self._stream.end()
            self._stream.wait()

    @property
    def stages_ms(self) -> dict[str, float]:
        """Median time of each stage."""
        return {name: stats.median_ms for name, stats in self._tracker.stats.items()}

    def close(self) -> None:
        """End after the current frame, and release the networks."""
        with self._lock:
            self._stream.close()
        self._tracker.close()
