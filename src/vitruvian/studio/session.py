"""LiveSession: one client, one source of frames, one tracker."""

from __future__ import annotations

import logging
from dataclasses import asdict
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any

from vitruvian.analysis.monitor import ExerciseMonitor
from vitruvian.core.frame import Frame
from vitruvian.lift.placer import Placer
from vitruvian.runs.messages import EXPECTED_ERRORS, error_line
from vitruvian.studio.commands import Commands
from vitruvian.studio.frame_queue import FrameQueue
from vitruvian.studio.ledger import CaptureClock, Ledger, server_ms
from vitruvian.studio.live_tracker import LiveTracker
from vitruvian.studio.outbox import Delivery
from vitruvian.studio.session_options import SessionOptions
from vitruvian.studio.strikes import Strikes
from vitruvian.studio.wire import WrongMessageError, parsed_frame, parsed_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.core.pose import PoseResult
    from vitruvian.studio.ledger import Arrival
    from vitruvian.studio.outbox import Outbox
    from vitruvian.studio.state import Studio

__all__ = ["LiveSession"]

MAX_COMMANDS = 64  # that wait, such as changes of options while a model is being opened

logger = logging.getLogger(__name__)


class LiveSession:
    """Tracks the frames of one client, and puts the results into its outbox.

    Parameters
    ----------
    studio : Studio
    outbox : Outbox
    """

    def __init__(self, studio: Studio, outbox: Outbox) -> None:
        self._studio, self._outbox = studio, outbox
        self._ledger = Ledger()
        self._strikes = Strikes()
        self._clock = CaptureClock()
        self._commands = Commands(self._tell)
        self._n_commands = 0
        self._options = SessionOptions(studio.options.tracker)
        self._lock = Lock()  # guards what follows
        self._changes: dict[str, Any] = {}
        self._is_opened = self._is_paused = False
        self._last_seq = -1
        self._tracker: LiveTracker | None = None
        self._queue: FrameQueue | None = None
        self._monitor: ExerciseMonitor | None = None
        self._placer: Placer | None = None

    @property
    def is_opened(self) -> bool:
        """Whether the client has said what to track."""
        return self._is_opened

    def receive(self, message: str | bytes) -> None:
        """Act on a message of the client; returns at once."""
        try:
            if isinstance(message, bytes):
                self._push(message)
            else:
                self._act(parsed_text(message))
        except WrongMessageError as error:
            self._strike(str(error))

    def post_state(self) -> None:
        """Tell the client the counts and times so far."""
        tracker = self._tracker
        counts = self._ledger.counts(unread=self._outbox.n_replaced, reconnected=0)
        self._outbox.post(
            "state",
            counts=asdict(counts),
            latency=self._ledger.latency,
            stages_ms={} if tracker is None else tracker.stages_ms,
            sessions=len(self._studio.sessions),
        )

    def close(self) -> None:
        """End the session; its threads, tracker and decoder are released a moment later."""
        self._commands.put(self._close)
        self._commands.close()

    def wait(self, timeout_s: float) -> bool:
        """Wait until a closed session has released everything; return whether it has."""
        return self._commands.wait(timeout_s)

    def _act(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind == "close":
            self._outbox.end(1000, "closed")
            return
        if kind == "open":
            if self._is_opened:
                raise WrongMessageError("the session is open already: connect once more")
            self._is_opened = True
        elif not self._is_opened:
            raise WrongMessageError(f"'open' must come first, got {kind!r}")
        if kind in ("pause", "resume"):
            self._is_paused = kind == "pause"
            return
        if kind == "options":
            with self._lock:
                self._changes |= message["options"]
        commands = {
            "open": partial(self._open, message),
            "options": self._change_options,
            "exercise": partial(self._change_exercise, message.get("exercise", "")),
            "reset": self._reset,
        }
        self._command(commands[kind])

    def _command(self, run: partial[None] | Any) -> None:
        with self._lock:
            if self._n_commands >= MAX_COMMANDS:
                raise WrongMessageError(f"more than {MAX_COMMANDS} messages wait for the tracker")
            self._n_commands += 1

        def counted() -> None:
            with self._lock:
                self._n_commands -= 1
            run()

        self._commands.put(counted)

    def _open(self, message: dict[str, Any]) -> None:
        try:
            self._options = self._options.changed(message["options"])
            self._change_exercise(message["exercise"])
            self._tracker = LiveTracker(
                self._options.tracker, on_result=self._answer, on_error=self._fail
            )
            self._placer = Placer() if self._options.camera_space else None
            self._queue = FrameQueue(self)
        except BaseException:
            self._is_opened = False
            raise
        self._post_ready()

    def _change_options(self) -> None:
        with self._lock:
            changes, self._changes = self._changes, {}
        options = self._options.changed(changes)
        if options.tracker != self._options.tracker and self._tracker is not None:
            self._tracker.switch(options.tracker)
        if options.camera_space != self._options.camera_space:
            self._placer = Placer() if options.camera_space else None
        self._options = options
        self._post_ready()

    def _change_exercise(self, name: str) -> None:
        self._monitor = ExerciseMonitor(name) if name else None

    def _reset(self) -> None:
        if self._tracker is not None:
            self._tracker.reset()
        if self._monitor is not None:
            self._monitor = ExerciseMonitor(self._monitor.exercise)
        if self._placer is not None:
            self._placer = Placer()

    def _post_ready(self) -> None:
        options = self._options.to_dict()
        self._outbox.post("ready", model=options["model"], options=options, server_ms=server_ms())

    def _close(self) -> None:
        if self._queue is not None:
            self._queue.close()
        if self._tracker is not None:
            self._tracker.close()

    def _push(self, message: bytes) -> None:
        frame = parsed_frame(message)
        if frame.seq <= self._last_seq:
            raise WrongMessageError(f"seq must increase, got {frame.seq} after {self._last_seq}")
        self._last_seq = frame.seq
        arrival = self._ledger.add(frame.seq, frame.capture_ms)
        if self._queue is None or self._is_paused:
            self.drop(arrival)
        else:
            self._queue.put(arrival, frame)

    def take(self, arrival: Arrival, image: NDArray[np.uint8]) -> None:
        """Track a decoded frame."""
        if self._tracker is None:
            self.drop(arrival)
            return
        time_us, is_gap = self._clock.time_us(arrival.capture_ms)
        self._tracker.push(Frame(image, time_us, arrival.index), is_gap=is_gap)

    def drop(self, arrival: Arrival) -> None:
        """Name a frame that gets no result."""
        self._outbox.drop(self._ledger.drop(arrival.index))

    def refuse(self, arrival: Arrival, reason: str) -> None:
        """Tell the client that a frame is wrong."""
        self.drop(arrival)
        self._strike(reason)

    def _answer(self, frame: Frame, result: PoseResult) -> None:
        """Deliver a result, on the thread of the tracker."""
        monitor, placer = self._monitor, self._placer
        if placer is not None:
            result = placer.update(result)
        repetitions = [] if monitor is None else _repetitions(monitor, result)
        arrival, passed = self._ledger.answer(frame.index)
        self._outbox.drop(passed)
        if arrival is not None:
            has_mask = any(pose.mask is not None for pose in result)
            self._outbox.deliver(Delivery(arrival, result, repetitions, None, has_mask))

    def _fail(self, frame: Frame, error: BaseException) -> None:
        self._outbox.drop(self._ledger.drop(frame.index))
        self._tell(error)

    def _strike(self, reason: str) -> None:
        self._outbox.post("error", code="wrong_message", message=reason, hint="")
        if self._strikes.add():
            self._outbox.end(1008, "too many wrong messages")

    def _tell(self, error: BaseException) -> None:
        code = "not_possible"
        if not isinstance(error, EXPECTED_ERRORS):
            logger.error("a live session has failed", exc_info=error)
            code = "failed"
        self._outbox.post("error", code=code, message=error_line(error), hint="")


def _repetitions(monitor: ExerciseMonitor, result: PoseResult) -> list[dict[str, Any]]:
    """Count the repetitions of everybody in a result; return count and angle of each."""
    monitor.update(result)
    keys = [-1 - place if pose.id is None else pose.id for place, pose in enumerate(result)]
    counters = [monitor.counters[key] for key in keys]
    return [
        {"id": pose.id, "count": c.count, "angle_deg": c.angle_deg, "text": c.text}
        for pose, c in zip(result, counters, strict=True)
    ]
