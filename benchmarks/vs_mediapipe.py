"""Compare `PoseTracker` with MediaPipe on one clip: time per frame, start-up, memory, size.

Both run in alternating blocks of the same frames, so that a change in the machine's speed affects
both. MediaPipe runs in side environments under ``.bench/``, made on the first run. Linux only.

    python benchmarks/vs_mediapipe.py [CLIP] [--models lite full] [--num-poses N] [--json FILE]
    python benchmarks/vs_mediapipe.py --busy 1  # also beside another program that needs one core
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import vitruvian
from busy import busy_processes, ended_children_s
from setting import MODELS, REPOSITORY, default_clip, load_frames, machine, machine_line
from side_env import BENCH, SideEnv, bundle, make_env
from vitruvian.models.store import find_models

HERE = Path(__file__).parent
PROBE_FRAMES = 30  # of one image: enough to allocate every buffer


@dataclass(frozen=True, slots=True)
class Software:
    """One software: its name, its interpreter, its worker script and its part of the job."""

    name: str
    python: Path
    script: str
    job: dict[str, Any] = field(default_factory=dict)


class Worker:
    """A worker process, ready when made.

    Attributes
    ----------
    start_s : float
        From the start of the process to its first result.
    """

    def __init__(self, software: Software, job: dict[str, Any]) -> None:
        command = [software.python, HERE / software.script, json.dumps(job | software.job)]
        with (BENCH / "workers.log").open("a") as log:
            start = time.perf_counter()
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            )
        self._software = software
        self.version = self._answer()["version"]
        self.start_s = time.perf_counter() - start

    def run(self, frames: int) -> dict[str, Any]:
        """Run the next block of `frames` and return its measurements; see `worker._run_block`."""
        self._process.stdin.write(json.dumps({"frames": frames}) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self._software.name} ended early: see {BENCH / 'workers.log'}")
        return json.loads(line)

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def main() -> None:
    """Run what the command line asks for."""
    args = _arguments()
    BENCH.mkdir(exist_ok=True)
    envs = _environments(args)
    with tempfile.TemporaryDirectory(dir=BENCH) as folder:
        pixels = Path(folder) / "frames.npy"
        clip = _decode(args.clip, pixels, args.frames)
        report = {"machine": machine(), "clip": clip, "results": []}
        print(machine_line())
        print("{name}, {wh[0]}x{wh[1]}, {frames} frames".format(**clip), flush=True)
        for model in args.models:
            job = clip | {"clip": str(pixels), "model": model}
            for rows in _compare(_competitors(args, envs, model), job, args):
                report["results"] += rows
                print(_table(rows), flush=True)
    report["installed_mb"] = {name: env.installed_mb for name, env in envs.items()}
    print("installed: " + ", ".join(f"{n} {mb:.0f} MB" for n, mb in report["installed_mb"].items()))
    if args.json:
        args.json.write_text(json.dumps(report, indent=1) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("clip", type=Path, nargs="?", default=default_clip(), help="video (default: %(default)s)")
    add("--models", nargs="+", choices=MODELS, default=MODELS, metavar="MODEL")
    add("--rounds", type=int, default=6, help="blocks of each software and model (%(default)s)")
    add("--frames", type=int, default=100, help="frames a block (%(default)s)")
    add("--starts", type=int, default=3, help="fresh processes for start-up (%(default)s)")
    add("--busy", type=int, default=0, help="also measure beside this many busy processes")
    add("--threads", type=int, help="threads of ours (default: all cores)")
    add("--profile", default="default", help="profile of ours (%(default)s)")
    add("--num-poses", type=int, default=1, help="most people; more than one only with Tasks")
    add("--skip-legacy", action="store_true", help="without MediaPipe 0.10.21 solutions")
    add("--skip-size", action="store_true", help="without a plain installation of ours")
    add("--json", type=Path, metavar="FILE", help="write everything measured")
    return parser.parse_args()


def _environments(args: argparse.Namespace) -> dict[str, SideEnv]:
    """Return the side environments; that of 0.10.21 also makes the bundles for 1.2.2."""
    legacy = make_env("mediapipe-0.10.21", "mediapipe==0.10.21", newest_minor=12)
    tasks = make_env("mediapipe-1.2.2", "mediapipe==1.2.2")
    envs = {"mediapipe 1.2.2": tasks, "mediapipe 0.10.21": legacy}
    if not args.skip_size:
        envs[f"vitruvian {vitruvian.__version__}"] = make_env("vitruvian", str(REPOSITORY))
    return envs


def _competitors(args: argparse.Namespace, envs: dict[str, SideEnv], model: str) -> list[Software]:
    """Return ours first, then MediaPipe's, each with the same verified model files."""
    tasks, legacy = envs["mediapipe 1.2.2"], envs["mediapipe 0.10.21"]
    files = find_models(model)
    task = {"bundle": str(bundle(legacy, files)), "num_poses": args.num_poses}
    our = {"threads": args.threads, "profile": args.profile, "num_poses": args.num_poses}
    ours = Software("vitruvian", Path(sys.executable), "vitruvian_worker.py", our)
    competitors = [ours, Software("mediapipe Tasks", tasks.python, "mediapipe_worker.py", task)]
    if args.num_poses == 1 and not args.skip_legacy:
        home = legacy.site_packages / "mediapipe" / "modules" / "pose_landmark"
        # It contains full only; without the file it would download lite or heavy.
        shutil.copy(files.landmarks.path, home / f"pose_landmark_{model}.tflite")
        competitors.append(Software("mediapipe solutions", legacy.python, "mediapipe_worker.py"))
    return competitors


def _decode(path: Path, pixels: Path, count: int) -> dict[str, Any]:
    """Write the first `count` frames of a video as one array and return what describes them.

    The workers map that file into memory, so all of them use the same pixels and one copy.
    """
    frames = load_frames(path, count)
    np.save(pixels, np.stack([frame.image for frame in frames]))
    period_us = (frames[-1].timestamp_us - frames[0].timestamp_us) / max(len(frames) - 1, 1)
    return {
        "name": path.name,
        "wh": [frames[0].width, frames[0].height],
        "frames": len(frames),
        "period_us": max(round(period_us), 1000),
    }


def _compare(
    competitors: list[Software], job: dict[str, Any], args: argparse.Namespace
) -> list[list[dict[str, Any]]]:
    """Return one row of figures per software, ratios to the first; again with busy processes."""
    starts = [_probe(software, job, args.starts) for software in competitors]
    loads = [Load(n_busy, len(competitors)) for n_busy in dict.fromkeys([0, args.busy])]
    with ExitStack() as stack:
        workers = [stack.enter_context(Worker(software, job)) for software in competitors]
        for worker in workers:
            worker.run(PROBE_FRAMES)  # warm-up
        for turn in range(args.rounds):
            forward = list(range(len(workers)))
            for load in loads:
                load.measure(workers, forward if turn % 2 == 0 else forward[::-1], args.frames)
    names = [f"{s.name} {w.version}" for s, w in zip(competitors, workers, strict=True)]
    tables = [load.rows(job["model"], names) for load in loads]
    tables[0] = [row | start for row, start in zip(tables[0], starts, strict=True)]
    return tables


class Load:
    """The blocks of each software that were measured beside `n_busy` busy processes."""

    def __init__(self, n_busy: int, n_software: int) -> None:
        self._n_busy = n_busy
        self._blocks: list[list[dict[str, Any]]] = [[] for _ in range(n_software)]
        self._others_s = 0.0  # CPU time of everything else

    def measure(self, workers: list[Worker], order: list[int], frames: int) -> None:
        """Run one block of `frames` on each worker, in this order."""
        before = _machine_busy_s() - ended_children_s()
        with busy_processes(self._n_busy):
            for index in order:
                self._blocks[index].append(workers[index].run(frames))
        own = sum(blocks[-1]["cpu_s"] for blocks in self._blocks)
        self._others_s += _machine_busy_s() - ended_children_s() - before - own

    def rows(self, model: str, names: list[str]) -> list[dict[str, Any]]:
        """Return one row of figures per software."""
        wall = sum(block["wall_s"] for own in self._blocks for block in own)
        common = {
            "busy_processes": self._n_busy,
            "other_load": max(0.0, self._others_s / (wall * (os.cpu_count() or 1))),
        }
        return [
            {"model": model, "software": name} | common | _summary(own, self._blocks[0])
            for name, own in zip(names, self._blocks, strict=True)
        ]


def _probe(software: Software, job: dict[str, Any], times: int) -> dict[str, Any]:
    """Return start-up times and peak memory of fresh processes that process one frame only."""
    start_s, peak_mb = [], []
    for _ in range(times + 1):  # the first only fills the caches
        with Worker(software, job | {"frames": 1}) as worker:
            start_s.append(worker.start_s)
            peak_mb.append(worker.run(PROBE_FRAMES)["peak_rss_mb"])
    return {
        "start_s": statistics.median(start_s[1:] or start_s),
        "starts_s": start_s,
        "peak_rss_mb": statistics.median(peak_mb[1:] or peak_mb),
    }


def _summary(blocks: list[dict[str, Any]], ours: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the figures of the `blocks` of one software, with ratios to `ours`."""
    ms = np.concatenate([block["ms"] for block in blocks])
    our_ms = np.concatenate([block["ms"] for block in ours])
    by_round = [
        statistics.median(theirs["ms"]) / statistics.median(own["ms"])
        for theirs, own in zip(blocks, ours, strict=True)
    ]
    return {
        "ms_median": float(np.median(ms)),
        "ms_mean": float(ms.mean()),
        "ms_p10": float(np.percentile(ms, 10)),
        "ms_p95": float(np.percentile(ms, 95)),
        "ms_by_round": [statistics.median(block["ms"]) for block in blocks],
        "ratio": float(np.median(ms) / np.median(our_ms)),
        "ratio_of_means": float(ms.mean() / our_ms.mean()),
        "ratio_by_round": by_round,
        "ratio_round_median": statistics.median(by_round),
        "threads": max(block["threads"] for block in blocks),
        "threads_busy": statistics.median(block["threads_busy"] for block in blocks),
        "cores_used": sum(b["cpu_s"] for b in blocks) / sum(b["wall_s"] for b in blocks),
    } | _agreement(blocks, ours)


def _agreement(blocks: list[dict[str, Any]], ours: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the number of people per frame and the distance of the landmarks to ours."""
    theirs = [people for block in blocks for people in block["landmarks"]]
    pairs = list(zip(theirs, [p for block in ours for p in block["landmarks"]], strict=True))
    apart = [
        min(np.linalg.norm(np.subtract(person, other), axis=1).mean() for other in others)
        for people, others in pairs
        for person in people
        if others
    ]
    return {
        "people": sum(map(len, theirs)) / len(theirs),
        "px_from_ours": float(np.median(apart)) if apart else None,
    }


def _machine_busy_s() -> float:
    """Return the CPU time all processes together have used since the machine started."""
    user, nice, system, _, _, irq, softirq, *_ = map(
        int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    )
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def _table(rows: list[dict[str, Any]]) -> str:
    first = rows[0]
    title = first["model"] + (
        f", {first['busy_processes']} busy" if first["busy_processes"] else ""
    )
    head = (
        f"\n{title:<28}{'p10':>7}{'ms':>7}{'mean':>7}{'p95':>7}{'ratio':>7}{'by round':>17}"
        f"{'means':>7}{'threads':>9}{'cores':>7}{'people':>8}{'px':>6}{'start s':>9}{'peak MB':>9}"
    )
    other = f"(other processes used {first['other_load']:.0%} of the machine meanwhile)"
    return "\n".join([head, *map(_table_row, rows), other])


def _table_row(row: dict[str, Any]) -> str:
    rounds = row["ratio_by_round"]
    by_round = f"{row['ratio_round_median']:.2f} ({min(rounds):.2f}-{max(rounds):.2f})"
    threads = f"{row['threads_busy']:.0f}/{row['threads']}"
    apart = "-" if row["px_from_ours"] is None else f"{row['px_from_ours']:.2f}"
    start = f"{row['start_s']:9.2f}{row['peak_rss_mb']:9.0f}" if "start_s" in row else ""
    return (
        f"{row['software']:<28}{row['ms_p10']:7.2f}{row['ms_median']:7.2f}{row['ms_mean']:7.2f}"
        f"{row['ms_p95']:7.2f}{row['ratio']:7.2f}{by_round:>17}{row['ratio_of_means']:7.2f}"
        f"{threads:>9}{row['cores_used']:7.2f}{row['people']:8.2f}{apart:>6}{start}"
    )


if __name__ == "__main__":
    main()
