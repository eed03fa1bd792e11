"""Live streams from ffmpeg over loopback are cut and restored."""

from __future__ import annotations

import time
from itertools import islice, pairwise
from threading import Timer
from typing import TYPE_CHECKING

import pytest
from tests.media.broadcast import Broadcast, Sender, needs_ffmpeg

from vitruvian import open_input
from vitruvian.media import reconnecting, video

if TYPE_CHECKING:
    from vitruvian import Frame
    from vitruvian.media.source import Source

N_BEFORE = 40  # more than the second that FFmpeg probes before it returns the first frame

pytestmark = [needs_ffmpeg, pytest.mark.slow]


class Viewer:
    """Reads a live source and records the arrival time and the gap count of each frame."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._frames = iter(source)
        self.shown: list[Frame] = []
        self.arrivals_us: list[int] = []
        self.gaps: list[int] = []

    def read(self, count: int) -> None:
        for frame in islice(self._frames, count):
            self.shown.append(frame)
            self.arrivals_us.append(time.monotonic_ns() // 1000)
            self.gaps.append(self._source.n_gaps)

    def check(self) -> None:
        """Assert one gap, continuous indices, and timestamps that include the gap."""
        after = self.gaps.index(1)
        assert set(self.gaps) == {0, 1}
        times_us = [frame.timestamp_us for frame in self.shown]
        assert [frame.index for frame in self.shown] == list(range(len(times_us)))
        assert all(a < b for a, b in pairwise(times_us))
        # Since the last frame before the cut; frames in the decoder arrived later.
        passed_us = self.arrivals_us[after] - self.arrivals_us[N_BEFORE - 1]
        gap_us = times_us[after] - times_us[N_BEFORE - 1]
        # That frame may be late, because ffmpeg's pace is uneven: two frame intervals.
        assert gap_us == pytest.approx(passed_us, abs=80_000)


@pytest.fixture(autouse=True)
def _impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "TIMEOUT_S", 2.0)
    monkeypatch.setattr(reconnecting, "FIRST_DELAY_S", 0.2)


@pytest.mark.parametrize("scheme", ["tcp", "http"])
def test_a_stream_reconnects_after_a_restart_of_its_server(scheme: str) -> None:
    with Broadcast(scheme) as broadcast, open_input(broadcast.url, live=True) as source:
        viewer = Viewer(source)
        viewer.read(N_BEFORE)
        broadcast.cut()
        Timer(0.4, broadcast.restore).start()
        viewer.read(20)
    viewer.check()


def test_a_stream_without_data_reconnects() -> None:
    with Broadcast("tcp") as broadcast, open_input(broadcast.url, live=True) as source:
        viewer = Viewer(source)
        viewer.read(N_BEFORE)
        broadcast.stall()
        viewer.read(20)
        assert source.warnings[0].endswith("reading stopped: no data for 2 s")
    viewer.check()


def test_a_udp_stream_continues_after_a_restart_of_its_sender() -> None:
    with Sender() as sender, open_input(sender.url, live=True) as source:
        viewer = Viewer(source)
        viewer.read(N_BEFORE)
        sender.cut()
        Timer(2.5, sender.restore).start()
        viewer.read(20)
    viewer.check()
