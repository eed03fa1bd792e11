"""The loop of the program: frames in, results out, until the end, Ctrl-C or SIGTERM."""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING

from vitruvian.engine.timing import StageTimer
from vitruvian.export.write_behind import WriteBehind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import PoseResult
    from vitruvian.engine.timing import StageStats
    from vitruvian.export import Sink
    from vitruvian.media.source import Source

    Pair = tuple[Frame, PoseResult]

__all__ = ["STOP_SIGNALS", "Run", "Tell", "follow", "found"]

Tell = Callable[[int, int | None], None]  # how many are done, of how many if that is known

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(slots=True)
class Run:
    """What a run came to.

    Attributes
    ----------
    name : str
        What was read.
    n_frames, n_with_pose : int
        Frames that were written, and those of them in which somebody was found.
    seconds : float
        Time they took, reading and writing included.
    is_interrupted : bool
        Whether Ctrl-C or SIGTERM ended it.
    notes : list of str
        What became of outputs that could not be completed then.
    live : str
        What became of the frames of a live source, and how late results were.
    timer : StageTimer
        Times of a frame: waiting until it is read, finding people, waiting until it is written
        or, by a thread, taken.
    finding : dict
        Times of what finding people consists of.
    """

    name: str
    n_frames: int = 0
    n_with_pose: int = 0
    seconds: float = 0.0
    is_interrupted: bool = False
    notes: list[str] = field(default_factory=list)
    live: str = ""
    timer: StageTimer = field(default_factory=StageTimer)
    finding: dict[str, StageStats] = field(default_factory=dict)

    def count(self, result: PoseResult) -> None:
        """Note that a frame has been written."""
        self.n_frames += 1
        self.n_with_pose += bool(result)


def found(source: Source, find: Callable[[Frame], PoseResult], timer: StageTimer) -> Iterator[Pair]:
    """Yield each frame of a recording with the people in it."""
    frames = iter(source)
    while True:
        start = timer.start()
        frame = next(frames, None)
        if frame is None:
            return
        start = timer.lap("read", start)
        result = find(frame)
        timer.lap("find", start)
        yield frame, result


def follow(
    run: Run,
    pairs: Iterable[Pair],
    sink: Sink,
    *,
    n_frames: int | None = None,
    is_live: bool = False,
    is_endless: bool = False,
    tell: Tell = lambda done, of: None,
) -> None:
    """Write frames and their results to `sink`, which is then closed, and note it in `run`.

    After Ctrl-C or SIGTERM the frame in work is finished; a second signal does not wait for it, and
    the first one not for a live source to give another.
    The outputs of an endless source are then complete. Others keep the frames so far under the
    names that the sink gives after an error, so that a file that has its own name holds its whole
    input.

    Parameters
    ----------
    n_frames : int, optional
        How many are expected.
    is_live : bool
        Whether frames come when they come.
    is_endless : bool
        Whether they come until they are interrupted.
    tell : callable
        Told before the first frame and after each.
    """
    begin = perf_counter()
    writer = WriteBehind(sink, on_written=run.count)
    try:
        with _deferred_stop() as stop, writer, _cut_short(stop, is_endless=is_endless):
            tell(0, n_frames)
            for n_taken, (frame, result) in enumerate(stop.between(pairs) if is_live else pairs, 1):
                start = run.timer.start()
                writer.write(result, frame)
                run.timer.lap("write", start)
                tell(n_taken, n_frames)
                if stop.is_asked:
                    raise KeyboardInterrupt
    except (_CutShortError, KeyboardInterrupt) as error:
        run.is_interrupted = True
        run.notes.extend(getattr(error, "__notes__", ()))
    run.seconds = perf_counter() - begin


class _Stop:
    """Takes the place of signals: the first asks to stop, a second interrupts the loop."""

    def __init__(self) -> None:
        self.is_asked = False
        self.is_in_loop = False
        self._is_waiting = False

    def __call__(self, number: int, stack: object) -> None:
        if self.is_in_loop and (self.is_asked or self._is_waiting):
            self.is_in_loop = False
            raise KeyboardInterrupt
        self.is_asked = True

    def between(self, pairs: Iterable[Pair]) -> Iterator[Pair]:
        """Yield what `pairs` gives; the first signal, too, interrupts waiting for it."""
        waiting = iter(pairs)
        while True:
            self._is_waiting = True
            pair = next(waiting, None)
            self._is_waiting = False
            if pair is None:
                return
            yield pair


class _CutShortError(Exception):
    """A recording was not read to its end."""


@contextmanager
def _deferred_stop() -> Iterator[_Stop]:
    """Turn Ctrl-C and SIGTERM into a question, so that the first never cuts a frame in two."""
    stop = _Stop()
    previous = {number: signal.signal(number, stop) for number in STOP_SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


@contextmanager
def _cut_short(stop: _Stop, *, is_endless: bool) -> Iterator[None]:
    """Let a second signal interrupt this block, and make the interruption of a recording an error.

    Sinks complete their files after KeyboardInterrupt, and keep them under another name after an
    error.
    """
    stop.is_in_loop = True
    try:
        yield
    except KeyboardInterrupt as interrupt:
        if is_endless:
            raise
        raise _CutShortError from interrupt
    finally:
        stop.is_in_loop = False
