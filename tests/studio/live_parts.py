"""Parts for tests of live sessions: numbered pictures, and their cameras, encoder and tracker."""

from __future__ import annotations

import time
from contextlib import contextmanager
from fractions import Fraction
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

import av
import numpy as np

from tests.studio.live_client import LIMIT_S
from vitruvian.core.frame import Frame
from vitruvian.core.pose import PoseResult
from vitruvian.media.source import Source
from vitruvian.studio import live_tracker

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    import pytest
    from numpy.typing import NDArray

    from tests.studio.live_client import LiveClient
    from vitruvian.engine.options import TrackerOptions

__all__ = [
    "CODE_WH",
    "CodeTracker",
    "CodedCamera",
    "H264Encoder",
    "SilentCamera",
    "answers",
    "code_in",
    "coded_image",
    "stub_trackers",
    "wait_until",
]

N_BITS = 16
CODE_WH = 320, 96


def coded_image(number: int) -> NDArray[np.uint8]:
    """Return a picture that shows a number as black and white bars."""
    bits = [(number >> place) & 1 for place in range(N_BITS)]
    width, height = CODE_WH
    row = np.repeat(np.array(bits, np.uint8) * 255, width // N_BITS)
    return np.repeat(np.tile(row, (height, 1))[:, :, None], 3, axis=2)


def code_in(image: NDArray[np.uint8]) -> int:
    """Return the number that a picture shows."""
    bars = image[:, :, 1].astype(float).mean(axis=0).reshape(N_BITS, -1).mean(axis=1)
    return sum(1 << place for place, bar in enumerate(bars) if bar > 127)


class H264Encoder:
    """Encodes pictures as a browser does: one message a picture, none refers to a later one."""

    def __init__(self, wh: tuple[int, int], *, key_every: int = 60) -> None:
        context: Any = av.CodecContext.create("libx264", "w")
        context.width, context.height = wh
        context.pix_fmt, context.time_base = "yuv420p", Fraction(1, 30)
        context.gop_size = key_every
        context.options = {"tune": "zerolatency", "preset": "ultrafast", "crf": "23"}
        self._context = context
        self._n = 0

    def encode(self, image: NDArray[np.uint8]) -> tuple[bytes, bool]:
        """Return a picture in Annex B, and whether it is a key frame."""
        frame = av.VideoFrame.from_ndarray(image, "rgb24")
        frame.pts = self._n
        self._n += 1
        (packet,) = self._context.encode(frame)
        return bytes(packet), packet.is_keyframe


class CodeTracker:
    """A tracker whose result has the number in the picture as its `frame_index`."""

    def __init__(self, options: TrackerOptions) -> None:
        self.options = options
        self.live_lock = Lock()
        self.delay_s = 0.0
        self.n_gaps = self.n_resets = 0
        self.is_closed = False
        self.codes: list[int] = []
        self.stats: dict[str, Any] = {}

    def update(self, frame: Frame, *, rotation_deg: int = 0) -> PoseResult:
        """Return a result without people."""
        time.sleep(self.delay_s)
        code = code_in(frame.image) if (frame.width, frame.height) == CODE_WH else frame.index
        self.codes.append(code)
        return PoseResult(code, frame.timestamp_us, frame.width, frame.height)

    def note_gap(self) -> None:
        """Count the gaps."""
        self.n_gaps += 1

    def reset(self) -> None:
        """Count the resets."""
        self.n_resets += 1

    def close(self) -> None:
        """Note that it is closed."""
        self.is_closed = True


@contextmanager
def stub_trackers(monkeypatch: pytest.MonkeyPatch, delay_s: float = 0.0) -> Iterator[list[Any]]:
    """Let sessions use `CodeTracker`; give the list of those that were made."""
    made: list[CodeTracker] = []

    class Trackers:
        @staticmethod
        def from_options(options: TrackerOptions) -> CodeTracker:
            tracker = CodeTracker(options)
            tracker.delay_s = delay_s
            made.append(tracker)
            return tracker

    with monkeypatch.context() as patch:
        patch.setattr(live_tracker, "PoseTracker", Trackers)
        yield made


def answers(client: LiveClient, last: int) -> tuple[list[dict[str, Any]], list[int]]:
    """Return the results up to that of frame `last`, and the numbers named as dropped.

    Nothing is returned twice; so there may be none, if a later frame has been answered before.
    """
    results: list[dict[str, Any]] = []
    dropped: list[int] = []
    end_s = time.monotonic() + LIMIT_S
    while client.last_seq < last:
        assert time.monotonic() < end_s, f"frame {last} was not answered"
        message = client.receive()
        if isinstance(message, bytes):
            continue
        if message["type"] == "result":
            results.append(message)
            dropped += message["dropped_seqs"]
            client.last_seq = message["seq"]
        elif message["type"] == "dropped":
            dropped += message["seqs"]
            client.last_seq = max(client.last_seq, *message["seqs"])
        elif message["type"] == "error":
            raise AssertionError(message)
    return results, dropped


def wait_until(is_true: Callable[[], bool], limit_s: float = 5.0) -> None:
    """Wait until something holds."""
    end_s = time.monotonic() + limit_s
    while not is_true():
        assert time.monotonic() < end_s, "it never came true"
        time.sleep(0.01)


class CodedCamera(Source):
    """A camera whose pictures show their numbers."""

    def __init__(self, n_frames: int = 10**6, *, fps: float = 50, lost_at: int = -1) -> None:
        super().__init__("coded camera")
        self.is_live, self.fps = True, fps
        self._n_frames, self._lost_at = n_frames, lost_at
        self.n_read = 0

    def _read(self) -> Generator[Frame, None, None]:
        for number in range(self._n_frames):
            if self._closed.wait(1 / (self.fps or 1)):
                return
            if number == self._lost_at:
                self.n_gaps += 1
            self.n_read += 1
            yield Frame(coded_image(number), 20_000 * number, number)


class SilentCamera(CodedCamera):
    """A camera that sends nothing after its third frame until `back` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.back = Event()

    def _read(self) -> Generator[Frame, None, None]:
        for frame in super()._read():
            if frame.index == 3:
                while not (self.back.is_set() or self._closed.wait(0.02)):
                    pass
            yield frame
