"""LiveSession: one client, one source of frames, one tracker."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from dataclasses import asdict, replace
from datetime import datetime
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any

from vitruvian.core.frame import Frame
from vitruvian.media.address import without_credentials
from vitruvian.runs.messages import EXPECTED_ERRORS, error_line
from vitruvian.studio.commands import Commands
from vitruvian.studio.feeds import SourceFeed, open_live_source
from vitruvian.studio.frame_queue import FrameQueue
from vitruvian.studio.ledger import CaptureClock, Ledger, server_ms
from vitruvian.studio.live_tracker import LiveTracker
from vitruvian.studio.outbox import Delivery
from vitruvian.studio.problems import ApiError
from vitruvian.studio.recording import LiveRecording
from vitruvian.studio.session_options import SessionOptions
from vitruvian.studio.stages import ResultStages
from vitruvian.studio.strikes import Strikes
from vitruvian.studio.wire import WrongMessageError, parsed_frame, parsed_text

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.core.pose import PoseResult
    from vitruvian.studio.ledger import Arrival
    from vitruvian.studio.outbox import Outbox
    from vitruvian.studio.state import Studio
    from vitruvian.studio.studio_file import StudioFile
    from vitruvian.studio.tracking_job import TrackingJob

__all__ = ["LiveSession"]

MAX_COMMANDS = 64  # that wait, such as changes of options while a model is being opened

logger = logging.getLogger(__name__)


class LiveSession:
    """Tracks the frames of one client, and puts the results into its outbox.

    Messages come on the event loop and are acted on without waiting: models and sources are opened
    on a thread of the session, pushed frames are decoded or sources read on another, and the
    tracker has a third.

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
        self._stages = ResultStages(self._tell_recording)
        self._commands = Commands(self._tell, limit=MAX_COMMANDS)
        self._options = SessionOptions(studio.options.tracker)
        self._lock = Lock()
        self._changes: dict[str, Any] = {}  # of options, not made yet
        self._is_opened = self._is_paused = False
        self._last_seq = -1
        self._n_gaps = 0
        self._picture_height = 0  # of frames that the client has not pushed
        self._name = "camera"
        self._tracker: LiveTracker | None = None
        self._queue: FrameQueue | None = None
        self._feed: SourceFeed | None = None
        self._actions: dict[str, Callable[[dict[str, Any]], None]] = {
            "open": self._on_open,
            "options": self._on_options,
            "exercise": lambda m: self._run(partial(self._stages.set_exercise, m["exercise"])),
            "record": lambda m: self._run(self._record if m["on"] else self._end_recording),
            "pause": lambda _: self._set_paused(is_paused=True),
            "resume": lambda _: self._set_paused(is_paused=False),
            "reset": lambda _: self._run(self._reset),
            "close": lambda _: self._outbox.end(1000, "closed"),
        }

    # Messages of the client, on the event loop

    @property
    def is_opened(self) -> bool:
        """Whether the client has said what to track."""
        return self._is_opened

    def receive(self, message: str | bytes) -> None:
        """Act on a message of the client; returns at once."""
        try:
            if isinstance(message, bytes):
                self._push(message)
                return
            values = parsed_text(message)
            if not self._is_opened and values["type"] not in ("open", "close"):
                raise WrongMessageError(f"'open' must come first, got {values['type']!r}")
            self._actions[values["type"]](values)
        except WrongMessageError as error:
            self._strike(str(error))

    def post_state(self) -> None:
        """Tell the client the counts and times so far."""
        tracker, feed, outbox = self._tracker, self._feed, self._outbox
        counts = self._ledger.counts(unread=outbox.n_replaced, reconnected=self._n_gaps)
        outbox.post(
            "state",
            counts=asdict(counts),
            latency=self._ledger.latency,
            stages_ms={} if tracker is None else tracker.stages_ms,
            sessions=len(self._studio.sessions),
            is_lost=feed is not None and feed.is_lost,
        )

    def close(self) -> None:
        """End the session; its threads, tracker and decoder are released a moment later."""
        self._commands.close(self._release)

    def wait(self, timeout_s: float) -> bool:
        """Wait until a closed session has released everything; return whether it has."""
        return self._commands.wait(timeout_s)

    def _push(self, message: bytes) -> None:
        frame = parsed_frame(message)
        if frame.seq <= self._last_seq:
            raise WrongMessageError(f"seq must increase, got {frame.seq} after {self._last_seq}")
        self._last_seq = frame.seq
        arrival = self._ledger.add(frame.seq, frame.capture_ms)
        if self._queue is not None and not self._is_paused:
            self._queue.put(arrival, frame)
            return
        self.drop(arrival)
        if self._queue is not None:
            self._queue.skip()

    def _on_open(self, message: dict[str, Any]) -> None:
        if self._is_opened:
            raise WrongMessageError("the session is open already: connect once more")
        self._is_opened = True
        self._run(partial(self._open, message))

    def _on_options(self, message: dict[str, Any]) -> None:
        with self._lock:
            self._changes |= message["options"]
        self._run(self._change_options)

    def _set_paused(self, *, is_paused: bool) -> None:
        self._is_paused = is_paused

    def _run(self, command: Callable[[], object]) -> None:
        if not self._commands.put(command):
            raise WrongMessageError(f"more than {MAX_COMMANDS} messages wait")

    # Slow work, on the thread of the session

    def _open(self, message: dict[str, Any]) -> None:
        source = None
        try:
            options = self._options.changed(message["options"])
            self._stages.set_exercise(message["exercise"])
            if message["source"].get("kind") != "push":
                source = open_live_source(self._studio, message["source"])
            self._tracker = LiveTracker(
                options.tracker, on_result=self._answer, on_error=self._fail
            )
        except BaseException:
            self._is_opened = False
            if source is not None:
                source.close()
            raise
        if source is None:
            self._queue = FrameQueue(self)
        self._adopt(options)
        if source is not None:
            self._name, self._picture_height = source.name, message["height"]
            self._feed = SourceFeed(source, self)

    def _change_options(self) -> None:
        with self._lock:
            changes, self._changes = self._changes, {}
        options = self._options.changed(changes)
        if options.tracker != self._options.tracker and self._tracker is not None:
            self._tracker.switch(options.tracker)
        self._adopt(options)

    def _adopt(self, options: SessionOptions) -> None:
        self._options = options
        self._stages.set_camera_space(is_on=options.camera_space)
        values = options.to_dict()
        self._outbox.post("ready", model=values["model"], options=values, server_ms=server_ms())

    def _reset(self) -> None:
        if self._tracker is not None:
            self._tracker.reset()
        self._stages.reset()

    def _record(self) -> None:
        self._stages.start_recording(LiveRecording(self._studio.folder))

    def _end_recording(self) -> None:
        recording = self._stages.stop_recording()
        try:
            kept = None if recording is None else self._keep(recording)
        except Exception as error:  # noqa: BLE001 - told to the client
            self._tell_recording(error)
            return
        if kept is None:
            message = "there is no recording, or no frame has come since it began"
            self._outbox.post("error", code="nothing_recorded", message=message, hint="")
        else:
            self._outbox.post("recorded", file=kept[0].to_dict(), job=kept[1].id)

    def _keep(self, recording: LiveRecording) -> tuple[StudioFile, TrackingJob] | None:
        """Complete a recording and put it on the shelf; None if it has no frame."""
        title = without_credentials(self._name).rpartition("://")[2].replace("/", " ").strip()
        name = f"{title} {datetime.now().astimezone():%Y-%m-%d %H.%M.%S}.mp4"
        kept = None
        try:
            if recording.close():
                shelf = self._studio.shelf
                kept = shelf.add_recording(recording.video, recording.results, name=name)
        finally:  # the shelf has its own copy of the results
            recording.discard(with_video=kept is None)
        return kept

    def _release(self) -> None:
        with ExitStack() as released:  # also if one of them fails
            recording = self._stages.stop_recording()
            if recording is not None and self._studio.stop.is_requested:
                released.callback(recording.discard)
            elif recording is not None:  # the client has left without an end of it
                released.callback(self._keep, recording)
            for part in (self._tracker, self._queue, self._feed):  # the last one first
                if part is not None:
                    released.callback(part.close)

    # Frames, on the thread that decodes or reads them

    def take(self, arrival: Arrival, image: NDArray[np.uint8]) -> None:
        """Track a decoded frame that the client has pushed."""
        time_us, is_gap = self._clock.time_us(round(1000 * arrival.capture_ms))
        self._track(Frame(image, time_us, arrival.index), is_gap=is_gap)

    def drop(self, arrival: Arrival) -> None:
        """Name a frame that gets no result."""
        self._outbox.drop(self._ledger.drop(arrival.index))

    def refuse(self, arrival: Arrival, reason: str) -> None:
        """Tell the client that a frame is wrong."""
        self.drop(arrival)
        self._strike(reason)

    def take_frame(self, frame: Frame, n_gaps: int) -> None:
        """Track a frame of a source, which was lost `n_gaps` times before it."""
        if self._is_paused:
            return
        arrival = self._ledger.add()
        time_us, is_gap = self._clock.time_us(frame.timestamp_us)
        is_gap = is_gap or n_gaps != self._n_gaps
        self._n_gaps = n_gaps
        self._track(replace(frame, timestamp_us=time_us, index=arrival.index), is_gap=is_gap)

    def end_feed(self, reason: str) -> None:
        """End the session after the last result: its source has no more frames."""
        if self._tracker is not None:
            self._tracker.finish()
        self._outbox.post("error", code="ended", message=reason, hint="")
        self._outbox.end(1000, "ended")

    def _track(self, frame: Frame, *, is_gap: bool) -> None:
        if self._tracker is not None:
            self._tracker.push(frame, is_gap=is_gap)

    # Results, on the thread of the tracker

    def _answer(self, frame: Frame, result: PoseResult) -> None:
        result, repetitions = self._stages.process(frame, result)
        self._stages.record(frame, result)  # first: what the client has seen is recorded
        arrival, passed = self._ledger.answer(frame.index)
        if arrival is not None:
            picture = frame if self._picture_height else None
            delivery = Delivery(arrival, result, repetitions, picture, self._picture_height)
            self._outbox.deliver(delivery, passed)

    def _fail(self, frame: Frame, error: BaseException) -> None:
        self._outbox.drop(self._ledger.drop(frame.index))
        self._tell(error)

    # Problems, on any thread

    def _strike(self, reason: str) -> None:
        self._outbox.post("error", code="wrong_message", message=reason, hint="")
        if self._strikes.add():
            self._outbox.end(1008, "too many wrong messages")

    def _tell_recording(self, error: Exception) -> None:
        self._tell(error, code="recording_failed")

    def _tell(self, error: BaseException, *, code: str = "") -> None:
        kind, hint = "not_possible", ""
        if isinstance(error, ApiError):
            kind, hint = error.code, error.hint
        elif not isinstance(error, EXPECTED_ERRORS):
            logger.error("a live session has failed", exc_info=error)
            kind = "failed"
        self._outbox.post("error", code=code or kind, message=error_line(error), hint=hint)
