"""The worker side of a benchmark: one process with one tracker, controlled over a pipe.

Imports NumPy and the standard library only, so that it runs in every side environment.

A worker is started with one JSON object, its job, as its only argument::

    {"clip": "frames.npy", "frames": 100, "period_us": 16667, "model": "lite", ...}

and writes JSON lines: one when the first frame is done, then one for each ``{"frames": n}`` that
it reads. It ends when its input ends.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

import numpy as np

Update = Callable[[np.ndarray, int], Any]
"""(H, W, 3) RGB uint8 pixels and a time in µs -> the software's own result: this is timed."""

Points = Callable[[Any, "tuple[int, int]"], "list[list[list[float]]]"]
"""A result and (width, height) of the image -> people, each 33 rows of x, y in px; not timed."""

TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def serve(open_tracker: Callable[[dict[str, Any]], tuple[str, Update, Points]]) -> None:
    """Open a tracker for the job on the command line, then run blocks until the input ends.

    `open_tracker` returns the version of the software and two functions, `Update` and `Points`.
    """
    answers = own_stdout()
    job = json.loads(sys.argv[1])
    clip = np.asarray(np.load(job["clip"], mmap_mode="r"))[: job["frames"]]
    version, update, points = open_tracker(job)
    found = bool(points(update(clip[0], 0), (clip.shape[2], clip.shape[1])))
    _send(answers, {"version": version, "found": found})
    done = 1
    for line in sys.stdin:
        block = range(done, done + json.loads(line)["frames"])
        done = block.stop
        frames = ((clip[ping_pong(step, len(clip))], step * job["period_us"]) for step in block)
        _send(answers, _run_block(frames, update, points))


def _run_block(
    frames: Iterator[tuple[np.ndarray, int]], update: Update, points: Points
) -> dict[str, Any]:
    """Run the `frames`, images with their times, and return the times taken and the landmarks."""
    ms, landmarks = [], []
    threads_before, cpu_before, start = _thread_seconds(), time.process_time(), time.perf_counter()
    for image, timestamp_us in frames:
        before = time.perf_counter_ns()
        result = update(image, timestamp_us)
        ms.append((time.perf_counter_ns() - before) / 1e6)
        landmarks.append(points(result, (image.shape[1], image.shape[0])))
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu_before
    busy = [s - threads_before.get(t, 0.0) for t, s in _thread_seconds().items()]
    return {
        "ms": ms,
        "landmarks": landmarks,
        "wall_s": wall,
        "cpu_s": cpu,
        "threads": len(busy),
        "threads_busy": sum(s > 0.05 * wall for s in busy),
        "peak_rss_mb": _peak_rss_mb(),
    }


def ping_pong(step: int, length: int) -> int:
    """Return the frame to show at `step`: forward, then backward, without a cut.

    >>> [ping_pong(step, 3) for step in range(8)]
    [0, 1, 2, 2, 1, 0, 0, 1]
    """
    turn = step % (2 * length)
    return min(turn, 2 * length - 1 - turn)


def _thread_seconds() -> dict[str, float]:
    """Return the CPU time of each thread of this process, in steps of one clock tick."""
    seconds = {}
    for stat in Path("/proc/self/task").glob("*/stat"):
        fields = stat.read_text().rpartition(")")[2].split()  # from the third field on; proc(5)
        seconds[stat.parent.name] = (int(fields[11]) + int(fields[12])) * TICK_S
    return seconds


def _peak_rss_mb() -> float:
    """Return the peak resident set of this process; ru_maxrss would include that of the parent."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6


def own_stdout() -> TextIO:
    """Return the pipe to the driver and point fd 1, where libraries may print, at stderr."""
    pipe = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return pipe


def _send(pipe: TextIO, data: dict[str, Any]) -> None:
    pipe.write(json.dumps(data) + "\n")
    pipe.flush()
