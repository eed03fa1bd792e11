"""Load: several sessions at once, a slow tracker, a slow reader, many connections."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import vitruvian as vt
from tests.studio.coroutines import run_async
from tests.studio.live_client import LiveClient, frame_message, jpeg
from tests.studio.live_parts import CODE_WH, coded_image, stub_trackers
from tests.studio.test_live_sources import CodedCamera
from vitruvian.core.frame import Frame
from vitruvian.core.pose import PoseResult
from vitruvian.studio import feeds
from vitruvian.studio.ledger import Ledger
from vitruvian.studio.options import StudioOptions
from vitruvian.studio.outbox import MAX_DROPPED, Delivery, Outbox
from vitruvian.studio.server import StudioServer
from vitruvian.studio.state import Studio

if TYPE_CHECKING:
    from collections.abc import Generator

DEMO = Path(vt.__file__).parent / "data" / "demo.mp4"
IN_FLIGHT = 2
SOURCE_FPS = 30


def drive(
    client: LiveClient, data: list[bytes], wh: tuple[int, int], seconds: float
) -> tuple[list[float], set[int]]:
    """Push at 30 fps with two frames in flight; return ages of the results, s, and drops."""
    sent_s: dict[int, float] = {}
    ages_s: list[float] = []
    dropped: set[int] = set()
    end_s = due_s = time.monotonic()
    end_s += seconds
    while time.monotonic() < end_s or sent_s:
        is_over = time.monotonic() >= end_s
        if not is_over and len(sent_s) < IN_FLIGHT and time.monotonic() >= due_s:
            seq = client.push_data(data[(client.seq + 1) % len(data)], wh)
            sent_s[seq] = time.monotonic()
            due_s = max(due_s + 1 / SOURCE_FPS, time.monotonic() - 1 / SOURCE_FPS)
        try:
            is_full = len(sent_s) == IN_FLIGHT or is_over
            message = client.receive(5.0 if is_full else 0.002)
        except TimeoutError:
            continue
        if not isinstance(message, dict):
            continue
        for seq in message.get("dropped_seqs", []) + message.get("seqs", []):
            dropped.add(seq)
            del sent_s[seq]
        if message["type"] == "result":
            ages_s.append(time.monotonic() - sent_s.pop(message["seq"]))
    return ages_s, dropped


@pytest.mark.slow
@pytest.mark.weights
def test_four_sessions_share_the_processor_and_their_results_stay_young(
    server: StudioServer,
) -> None:
    seconds = 6.0
    with vt.open_input(DEMO) as frames:
        data = [jpeg(frame.image) for frame in islice(frames, 40, 100)]
    clients = [LiveClient(server) for _ in range(4)]
    for client in clients:
        client.open(options={"model": "full"})
    with ThreadPoolExecutor(4) as threads:
        driven = [threads.submit(drive, c, data, (640, 480), seconds) for c in clients]
        ages = [run.result()[0] for run in driven]
    for client in clients:
        client.close()
    counts = [len(each) for each in ages]
    assert max(counts) / min(counts) <= 1.5
    for each in ages:
        period_s = seconds / len(each)
        third = len(each) // 3
        assert np.median(each) <= 1.25 * IN_FLIGHT * period_s + 0.05
        assert np.median(each[-third:]) <= 2 * np.median(each[:third]) + 0.1  # they do not grow


def test_behind_a_slow_tracker_every_result_is_young_and_every_frame_is_counted(
    server: StudioServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = [jpeg(coded_image(number)) for number in range(100)]
    with stub_trackers(monkeypatch, 0.2), LiveClient(server) as client:
        client.open()
        ages_s: list[float] = []
        dropped: set[int] = set()
        oldest_s = []
        while not oldest_s or (min(oldest_s) > 2 * 0.2 + 0.1 and len(oldest_s) < 3):
            ages, lost = drive(client, data, CODE_WH, 3.0)  # again if the machine had other work
            oldest_s.append(max(ages))
            ages_s += ages
            dropped |= lost
        assert min(oldest_s) <= 2 * 0.2 + 0.1
        assert np.median(ages_s) <= 2 * 0.2 + 0.1
        assert max(ages_s) < 1.0
        assert len(ages_s) >= 10 * len(oldest_s)
        counts = client.wait_for("state")["counts"]
        assert counts["seen"] == counts["processed"] + counts["dropped"] == client.seq + 1
        assert counts["processed"] == len(ages_s)
        assert counts["dropped"] == len(dropped)


class Noise(CodedCamera):
    """A camera whose pictures are large as JPEG."""

    def _read(self) -> Generator[Frame, None, None]:
        image = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)
        for number in range(10**6):
            if self._closed.wait(0.02):
                return
            yield Frame(image, 20_000 * number, number)


def test_a_client_that_has_not_read_for_a_while_gets_new_results(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pause_s, period_s = 2.0, 0.02
    monkeypatch.setattr(feeds, "open_input", lambda *_, **__: Noise())
    options = StudioOptions(inputs=("0",))
    with (
        stub_trackers(monkeypatch),
        StudioServer(Studio(options)) as server,
        socket.socket() as small,
    ):
        small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        small.connect(("127.0.0.1", int(server.url.rpartition(":")[2])))
        with LiveClient(server, sock=small, max_queue=1) as client:
            client.open({"kind": "server", "id": "input0"})
            time.sleep(pause_s)
            seqs = [client.wait_for("result")["seq"] for _ in range(10)]
    jumps = np.diff(seqs)
    assert jumps.max() > 0.5 * pause_s / period_s  # from the last old one to a new one
    assert jumps.argmax() <= 3


# The outbox


def delivery_of(ledger: Ledger, seq: int) -> Delivery:
    """Return a result without people."""
    arrival = ledger.add(seq, 0.0)
    return Delivery(arrival, PoseResult(seq, seq, 4, 4), [], None, 0)


def test_an_unread_result_is_replaced_and_named_as_dropped() -> None:
    async def run() -> None:
        outbox, ledger = Outbox(asyncio.get_running_loop()), Ledger()
        for seq in range(100):
            outbox.deliver(delivery_of(ledger, 2 * seq + 1), [2 * seq])
            outbox.post("state", number=seq)
        batch = await outbox.take()
        assert batch.messages == [{"type": "state", "number": 99}]
        assert batch.delivery is not None
        assert batch.delivery.arrival.seq == 199
        assert sorted([*batch.dropped_seqs, 199]) == list(range(200))
        assert outbox.n_replaced == 99

    run_async(run())


def test_a_client_that_reads_nothing_at_all_is_cut_off() -> None:
    async def run() -> None:
        outbox = Outbox(asyncio.get_running_loop())
        outbox.drop(list(range(MAX_DROPPED)))
        assert not outbox.has_ended
        outbox.drop([MAX_DROPPED])
        assert outbox.has_ended
        assert (await outbox.take()).dropped_seqs == []

    run_async(run())


# Many connections


def resident_mb() -> float:
    """Return the resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.weights
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_many_connections_leave_threads_and_memory_where_they_were(server: StudioServer) -> None:
    with vt.open_input(DEMO) as frames:
        image = next(iter(islice(frames, 50, None))).image
    data = jpeg(image)

    def connect_once() -> None:
        with LiveClient(server) as client:
            client.open(options={"model": "lite"})
            client.socket.send(frame_message(data, 0, (640, 480)))
            client.wait_for("result")

    def run(count: int) -> tuple[float, int]:
        for _ in range(count):
            connect_once()
        end_s = time.monotonic() + 5
        while live_threads() and time.monotonic() < end_s:
            time.sleep(0.01)
        gc.collect()
        return resident_mb(), live_threads()

    marks = [run(10) for _ in range(4)]
    assert [n_left for _, n_left in marks] == [0, 0, 0, 0]
    growth_mb = np.diff([megabytes for megabytes, _ in marks])
    assert growth_mb.min() < 1  # a leak grows each time, a cache does not


def live_threads() -> int:
    """Return the number of threads of live sessions."""
    wanted: Any = ("studio session", "studio decode", "track ", "read ")
    return sum(thread.name.startswith(wanted) for thread in threading.enumerate())
