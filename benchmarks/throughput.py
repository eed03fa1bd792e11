"""Compare the frames per second tracked from files, with the best number of processes.

Every process takes the next file when it has finished one: decoding and tracking, no output.
MediaPipe 1.2.2 reads with OpenCV, ours with `open_input`. Each software runs with 1 to 4
processes, in turn and several times; the best number of each counts. Linux only.

    python benchmarks/throughput.py [CLIP ...] [--models lite full heavy] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from setting import MODELS, default_clip, machine, machine_line
from side_env import BENCH, bundle, make_env
from vitruvian.models.store import find_models

HERE = Path(__file__).parent


class FileWorker:
    """A process that tracks files, ready when made."""

    def __init__(self, python: Path, job: dict[str, Any]) -> None:
        command = [python, HERE / "throughput_worker.py", json.dumps(job)]
        with (BENCH / "workers.log").open("a") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            )

    def track(self, path: Path) -> dict[str, int]:
        """Return the number of frames of a file, and of those with a pose."""
        self._process.stdin.write(f"{path}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"a worker ended early: see {BENCH / 'workers.log'}")
        return json.loads(line)

    def close(self) -> None:
        """End the process."""
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def main() -> None:
    """Run what the command line asks for."""
    args = _arguments()
    BENCH.mkdir(exist_ok=True)
    legacy = make_env("mediapipe-0.10.21", "mediapipe==0.10.21", newest_minor=12)
    tasks = make_env("mediapipe-1.2.2", "mediapipe==1.2.2")
    print(machine_line())
    print(f"{len(args.clips)} files, each {args.copies} times", flush=True)
    report = {"machine": machine(), "clips": [str(clip.name) for clip in args.clips], "rows": []}
    for model in args.models:
        task = {"model": model, "bundle": str(bundle(legacy, find_models(model)))}
        rates = {
            software: {n: [] for n in args.processes} for software in ("vitruvian", "mediapipe")
        }
        for _ in range(args.rounds):
            for n in args.processes:
                threads = max(1, (os.cpu_count() or 1) // n)
                ours = {"model": model, "threads": threads, "precision": args.precision}
                rates["vitruvian"][n].append(_rate(Path(sys.executable), ours, n, args))
                rates["mediapipe"][n].append(_rate(tasks.python, task, n, args))
        row = {"model": model} | {
            software: {n: max(values) for n, values in by_count.items()}
            for software, by_count in rates.items()
        }
        row["ratio"] = max(row["vitruvian"].values()) / max(row["mediapipe"].values())
        report["rows"].append(row)
        print(_row_text(row), flush=True)
    if args.json:
        args.json.write_text(json.dumps(report, indent=1) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("clips", type=Path, nargs="*", default=[default_clip()], help="videos")
    add("--models", nargs="+", choices=MODELS, default=MODELS, metavar="MODEL")
    add("--processes", type=int, nargs="+", default=[1, 2, 3, 4], metavar="N")
    add("--copies", type=int, default=4, help="how often each file is tracked (%(default)s)")
    add("--rounds", type=int, default=3, help="repetitions; the best counts (%(default)s)")
    add("--precision", default="exact", help="of ours: exact or fast (%(default)s)")
    add("--json", type=Path, metavar="FILE", help="write everything measured")
    return parser.parse_args()


def _rate(python: Path, job: dict[str, Any], n: int, args: argparse.Namespace) -> float:
    """Return frames a second of `n` processes that share the files."""
    files: SimpleQueue[Path] = SimpleQueue()
    with ThreadPoolExecutor(n) as pool:
        cores = sorted(os.sched_getaffinity(0))
        shares = [cores[i::n] or cores for i in range(n)]  # as `vitruvian track --jobs` shares them
        workers = [FileWorker(python, job | {"cores": share}) for share in shares]
        list(pool.map(lambda worker: worker.track(args.clips[0]), workers))  # warm-up
        for clip in args.clips * args.copies:
            files.put(clip)

        def work(worker: FileWorker) -> int:
            frames = 0
            while True:
                try:
                    frames += worker.track(files.get_nowait())["frames"]
                except Empty:
                    return frames

        start = time.perf_counter()
        total = sum(pool.map(work, workers))
        seconds = time.perf_counter() - start
        for worker in workers:
            worker.close()
    return total / seconds


def _row_text(row: dict[str, Any]) -> str:
    def text(rates: dict[int, float]) -> str:
        return ", ".join(f"{n}: {rate:.1f}" for n, rate in rates.items())

    return (
        f"{row['model']}: frames/s by processes, vitruvian {text(row['vitruvian'])}; "
        f"mediapipe {text(row['mediapipe'])}; best to best {row['ratio']:.2f}"
    )


if __name__ == "__main__":
    main()
