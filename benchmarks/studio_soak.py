"""Measure live sessions of the studio: cost of a frame, many connections, hours of four sessions.

python benchmarks/studio_soak.py cost     [--frames 600]
python benchmarks/studio_soak.py connects [--count 1000]
python benchmarks/studio_soak.py soak     [--minutes 60] [--sessions 4]

The server is a process of its own; clients push JPEG, 640 x 480 px, two frames in flight. Linux
only.

cost: processor time of the server for a frame beside the tracker, which answers a stored result.
connects: memory and threads after connections that each track one frame.
soak: frames per second and age of the results each minute, and the slope of the memory, also
extrapolated to 12 hours.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import statistics
import struct
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from setting import MODELS, default_clip, load_frames, machine_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitruvian import PoseResult

HEADER = struct.Struct("<BBHIdHHI")
WH = 640, 480
HELD = 60  # pictures of the clip, which is repeated
WARM_UP = 50  # frames or connections that are not counted
IN_FLIGHT = 2
FPS = 30
TICKS = os.sysconf("SC_CLK_TCK")
PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    """Run one of the measurements, or the server of one."""
    args = _arguments()
    if args.what == "serve":
        serve(is_stored=args.stored)
        return
    print(machine_line(), flush=True)
    {"cost": measure_cost, "connects": measure_connects, "soak": measure_soak}[args.what](args)


def measure_cost(args: argparse.Namespace) -> None:
    """Print the processor time of a frame beside the tracker."""
    with started(is_stored=True) as server, server.client() as client:
        client.open(args.model)
        client.drive(WARM_UP)
        before_s = server.cpu_s
        client.drive(args.frames)
        per_frame_ms = 1000 * (server.cpu_s - before_s) / args.frames
    print(f"server beside the tracker: {per_frame_ms:.2f} ms of processor time a frame")
    print("  (receive, decode JPEG, convert the result to JSON, send; one person)")


def measure_connects(args: argparse.Namespace) -> None:
    """Print memory and threads of the server after many short sessions."""
    with started() as server:
        for number in range(args.count + WARM_UP):
            with server.client() as client:
                client.open(args.model)
                client.drive(1)
            if number + 1 in (WARM_UP, args.count + WARM_UP) or (number + 1) % 200 == 0:
                time.sleep(0.5)
                print(
                    f"{number + 1:5d} sessions {server.resident_mb:7.1f} MB "
                    f"{server.n_threads:3d} threads",
                    flush=True,
                )


def measure_soak(args: argparse.Namespace) -> None:
    """Print fps, ages and memory each minute, and the slope of the memory at the end."""
    marks: list[tuple[float, float]] = []
    with started() as server, contextlib.ExitStack() as opened:
        clients = [opened.enter_context(server.client()) for _ in range(args.sessions)]
        for client in clients:
            client.open(args.model)
        end_s = time.monotonic() + 60 * args.minutes
        threads = [Thread(target=client.drive_until, args=(end_s,)) for client in clients]
        for thread in threads:
            thread.start()
        start_s = last_s = time.monotonic()
        while last_s < end_s - 1:
            time.sleep(min(60.0, max(0.1, end_s - time.monotonic())))
            now_s = time.monotonic()
            marks.append(((now_s - start_s) / 3600, server.resident_mb))
            print(_minute([c.taken() for c in clients], now_s - last_s, server), flush=True)
            last_s = now_s
        for thread in threads:
            thread.join()
    _print_slope(marks)


def _minute(results: list[list[float]], seconds: float, server: Server) -> str:
    fps = [len(ages) / seconds for ages in results]
    ages_ms = sorted(1000 * age for ages in results for age in ages) or [float("nan")]
    return (
        f"fps {' '.join(f'{each:.1f}' for each in fps)} (max/min "
        f"{max(fps) / max(min(fps), 1e-9):.2f}), age median {statistics.median(ages_ms):.0f} "
        f"p95 {ages_ms[int(0.95 * len(ages_ms))]:.0f} max {ages_ms[-1]:.0f} ms, "
        f"{server.resident_mb:.1f} MB, {server.n_threads} threads"
    )


def _print_slope(marks: list[tuple[float, float]]) -> None:
    if len(marks) < 4:
        print("the slope of the memory needs at least 4 minutes")
        return
    hours, megabytes = np.array(marks[1:]).T  # the first minute warms up
    slope = np.polyfit(hours, megabytes, 1)[0]
    print(
        f"memory: {slope:+.2f} MB an hour over {hours[-1]:.2f} h; extrapolated to 12 h: "
        f"{12 * slope:+.0f} MB"
    )


@dataclass
class Server:
    """A studio in a process of its own."""

    process: subprocess.Popen[str]
    url: str
    token: str

    @property
    def cpu_s(self) -> float:
        """Processor time so far."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / TICKS

    @property
    def resident_mb(self) -> float:
        """Resident memory."""
        statm = Path(f"/proc/{self.process.pid}/statm").read_text().split()
        return int(statm[1]) * PAGE_MB

    @property
    def n_threads(self) -> int:
        """Number of threads."""
        return len(list(Path(f"/proc/{self.process.pid}/task").iterdir()))

    def client(self) -> Client:
        """Return a new client, to be used in a ``with`` block."""
        return Client(self)


@dataclass
class Client:
    """Pushes the pictures of the clip as the page does."""

    server: Server
    ages_s: list[float] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)
    _sent_s: dict[int, float] = field(default_factory=dict)
    _seq: int = 0

    def __enter__(self) -> Client:
        from websockets.sync.client import connect

        self._connection = connect(
            self.server.url.replace("http", "ws") + "/api/live",
            subprotocols=["vitruvian.1"],  # type: ignore[list-item]
            additional_headers={
                "Authorization": f"Bearer {self.server.token}",
                "Origin": self.server.url,
            },
            compression=None,
        )
        self._socket = self._connection.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._connection.__exit__(*error)

    def open(self, model: str) -> None:
        """Open the session."""
        message = {"type": "open", "source": {"kind": "push"}, "options": {"model": model}}
        self._socket.send(json.dumps(message))
        while self._receive()["type"] != "ready":
            pass

    def drive(self, n_results: int) -> None:
        """Push frames one after another until so many results have come."""
        goal = len(self.ages_s) + n_results
        while len(self.ages_s) < goal:
            self._push()
            self._settle(0)

    def drive_until(self, end_s: float) -> None:
        """Push 30 frames a second, two in flight, until a time."""
        due_s = time.monotonic()
        while time.monotonic() < end_s:
            time.sleep(max(0.0, due_s - time.monotonic()))
            self._push()
            due_s = max(due_s + 1 / FPS, time.monotonic() - 1 / FPS)
            self._settle(IN_FLIGHT - 1)
        self._settle(0)

    def taken(self) -> list[float]:
        """Return the ages of the results since the last call, s from capture to arrival."""
        with self._lock:
            taken, self.ages_s = self.ages_s, []
            return taken

    def _push(self) -> None:
        data = _jpegs()[self._seq % HELD]
        now_s = time.monotonic()
        self._socket.send(HEADER.pack(1, 0, 0, self._seq, 1000 * now_s, *WH, 0) + data)
        self._sent_s[self._seq] = now_s
        self._seq += 1

    def _settle(self, n_open: int) -> None:
        """Wait until at most so many frames are unanswered."""
        while len(self._sent_s) > n_open:
            message = self._receive()
            for seq in message.get("dropped_seqs", []) + message.get("seqs", []):
                del self._sent_s[seq]
            if message["type"] == "result":
                age_s = time.monotonic() - self._sent_s.pop(message["seq"])
                with self._lock:
                    self.ages_s.append(age_s)

    def _receive(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self._socket.recv(timeout=60))
        if message["type"] == "error":
            raise RuntimeError(message["message"])
        return message


@contextlib.contextmanager
def started(*, is_stored: bool = False) -> Iterator[Server]:
    """Start a server and end it afterwards."""
    words = [sys.executable, __file__, "serve", *["--stored"] * is_stored]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        if process.stdout is None or process.stdin is None:
            raise RuntimeError("the server has no pipes")
        said = json.loads(process.stdout.readline())
        yield Server(process, said["url"], said["token"])
        process.stdin.close()


def serve(*, is_stored: bool) -> None:
    """Run a studio until the standard input ends."""
    from vitruvian.studio import live_tracker
    from vitruvian.studio.options import StudioOptions
    from vitruvian.studio.server import StudioServer
    from vitruvian.studio.state import Studio

    if is_stored:
        live_tracker.PoseTracker = _StoredTracker  # type: ignore[assignment, misc]
    with StudioServer(Studio(StudioOptions(), token="soak-token-of-a-benchmark")) as server:
        print(json.dumps({"url": server.url, "token": server.studio.token}), flush=True)
        sys.stdin.read()


class _StoredTracker:
    """Answers every frame with the same person."""

    def __init__(self, result: PoseResult) -> None:
        self._result = result
        self.live_lock = Lock()
        self.stats: dict[str, Any] = {}

    @classmethod
    def from_options(cls, options: Any) -> _StoredTracker:
        import vitruvian

        with vitruvian.PoseEstimator.from_options(options) as estimator:
            image = np.asarray(Image.open(io.BytesIO(_jpegs()[-1])))
            return cls(estimator.detect(image))

    def update(self, frame: Any, *, rotation_deg: int = 0) -> PoseResult:
        return self._result

    def reset(self) -> None:
        pass

    note_gap = close = reset


def _jpegs(held: list[bytes] = []) -> list[bytes]:  # noqa: B006 - made once
    """Return the pictures of the clip as JPEG."""
    if not held:
        for frame in load_frames(default_clip(), HELD):
            file = io.BytesIO()
            Image.fromarray(frame.image).resize(WH).save(file, "JPEG", quality=80)
            held.append(file.getvalue())
    return held


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=("cost", "connects", "soak", "serve"))
    parser.add_argument("--model", choices=MODELS, default="full")
    parser.add_argument("--frames", type=int, default=600)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--sessions", type=int, default=4)
    parser.add_argument("--stored", action="store_true", help="for the server: without networks")
    return parser.parse_args()


if __name__ == "__main__":
    main()
