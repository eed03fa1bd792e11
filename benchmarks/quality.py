"""Compare with MediaPipe: jitter, lag, left/right flips, bone lengths, recovery, false positives.

    python benchmarks/quality.py [--model full] [--before FILE] [--json FILE]

Every software gets the same pixels: mannequins whose joints are known, photos with noise, and real
clips. MediaPipe runs in side environments under ``.bench/``, made on the first run. Linux only.
docs/quality.md explains the numbers.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import quality_metrics as metrics
import vitruvian
from quality_clips import CLIPS, Clip
from setting import MODELS, machine, machine_line
from side_env import BENCH, bundle, make_env
from vitruvian.models.store import find_models

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
SEEN = BENCH / "quality" / "seen"
ASKS = ("jitter", "lag", "flips", "around", "dim", "bones", "recovery", "empty")
LASTING_S = 0.2
OURS = f"vitruvian {vitruvian.__version__}"

Seen = dict[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Software:
    """One software: its name, its interpreter and its job."""

    name: str
    python: Path
    job: dict[str, Any]


class Worker:
    """A process that tracks one clip after another."""

    def __init__(self, software: Software) -> None:
        self.software = software
        command = [software.python, HERE / "quality_worker.py", json.dumps(software.job)]
        with (BENCH / "workers.log").open("a") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
            )

    def track(self, clip: Clip, out: Path) -> None:
        """Track the clip and wait until its poses are written to `out`."""
        images = list(clip.images())
        height, width = images[0].shape[:2]
        times_us = [round(i * 1e6 / clip.fps) for i in range(1, len(images) + 1)]
        head = {"out": str(out), "wh": [width, height], "times_us": times_us}
        pipe = self._process.stdin
        pipe.write(json.dumps(head).encode() + b"\n")
        for image in images:
            pipe.write(np.ascontiguousarray(image).data)
        pipe.flush()
        if not self._process.stdout.readline():
            raise SystemExit(f"{self.software.name} ended early: see {BENCH / 'workers.log'}")

    def close(self) -> None:
        """End the process."""
        self._process.stdin.close()
        self._process.wait()


def main() -> None:
    """Track, measure, and print one table."""
    args = _arguments()
    print(machine_line(), flush=True)
    clips = [clip for clip in CLIPS.values() if set(clip.asks) & set(args.only)]
    report: dict[str, Any] = {"machine": machine(), "model": args.model, "software": {}}
    for software in _competitors(args):
        seen = _track_all(software, clips, reuse=args.reuse)
        report["software"][software.name] = {
            ask: MEASURES[ask]({c.name: (c, seen[c.name]) for c in clips if ask in c.asks})
            for ask in args.only
        }
    before = json.loads(args.before.read_text())["software"] if args.before else {}
    print(_table({f"{name} (before)": of for name, of in before.items()} | report["software"]))
    if args.json:
        args.json.write_text(json.dumps(report, indent=1) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("--model", choices=MODELS, default="full")
    add("--only", nargs="+", choices=ASKS, default=ASKS, metavar="QUESTION", help=" ".join(ASKS))
    add("--options", type=json.loads, default={}, help="of our tracker, as JSON")
    add("--ours", action="store_true", help="without MediaPipe")
    add("--reuse", action="store_true", help="what MediaPipe saw in an earlier run")
    add("--before", type=Path, metavar="FILE", help="report of an earlier run, shown beside")
    add("--json", type=Path, metavar="FILE", help="write everything measured")
    return parser.parse_args()


def _competitors(args: argparse.Namespace) -> list[Software]:
    """Return ours first, then MediaPipe's, each with the same verified model files."""
    ours = Software(OURS, Path(sys.executable), {"model": args.model, "options": args.options})
    if args.ours:
        return [ours]
    legacy = make_env("mediapipe-0.10.21", "mediapipe==0.10.21", newest_minor=12)
    tasks = make_env("mediapipe-1.2.2", "mediapipe==1.2.2")
    task = {"bundle": str(bundle(legacy, find_models(args.model)))}
    return [
        ours,
        Software("mediapipe 1.2.2 Tasks", tasks.python, {"model": args.model, **task}),
        Software("mediapipe 0.10.21", legacy.python, {"model": args.model}),
    ]


def _track_all(software: Software, clips: list[Clip], *, reuse: bool) -> dict[str, Seen]:
    """Return the poses that `software` found in each clip."""
    worker = None
    folder = SEEN / f"{software.name} {software.job['model']}"
    folder.mkdir(parents=True, exist_ok=True)
    seen = {}
    for clip in clips:
        out = folder / f"{clip.name}.npz"
        if not (reuse and software.name != OURS and out.exists()):
            worker = worker or Worker(software)
            worker.track(clip, out)
        with np.load(out) as arrays:
            seen[clip.name] = dict(arrays)
    if worker:
        worker.close()
    print(f"{software.name}: {len(clips)} clips seen", flush=True)
    return seen


# --- metrics: each takes the clips of one question and the poses in them ---

Clips = dict[str, tuple[Clip, Seen]]
Measured = dict[str, float]


def _jitter(clips: Clips) -> Measured:
    px = {n: metrics.jitter(seen["landmarks"][..., :2], c.fps) for n, (c, seen) in clips.items()}
    mm = {n: 1e3 * metrics.jitter(seen["world"], c.fps) for n, (c, seen) in clips.items()}
    return {
        f"jitter of {what}, {unit}": float(np.median([v for n, v in of.items() if start in n]))
        for what, start in (("a still mannequin", "still"), ("a person in a photo", "photo"))
        for unit, of in (("px", px), ("mm", mm))
        if any(start in name for name in of)
    }


def _lag(clips: Clips) -> Measured:
    rows = []
    for clip, seen in clips.values():
        truth = clip.truth()
        image, world = seen["landmarks"][..., :2], seen["world"]
        rows.append([
            metrics.lag_ms(image, truth["landmarks"], clip.fps),
            metrics.lag_ms(world[..., :2], truth["world"][..., :2], clip.fps),
            100 * metrics.motion_error(image, truth["landmarks"]) / truth["height_px"].mean(),
            1e3 * metrics.motion_error(world, truth["world"]),
        ])  # fmt: skip
    names = ("lag, image, ms", "lag, world, ms", "error, image, % of height", "error, world, mm")
    means = np.mean(rows, axis=0).tolist()
    return {f"fast motion: {n}": mean for n, mean in zip(names, means, strict=True)}


def _flips(clips: Clips) -> Measured:
    flipped = swapped = rendered = real_swapped = real = 0
    for clip, seen in clips.values():
        points = seen["landmarks"][..., :2].copy()
        for first, last in clip.empty:
            points[first:last] = np.nan
        if clip.truth is None:
            real_swapped += metrics.swaps(points, np.ptp(points[..., 1], axis=1))
            real += int(np.isfinite(points[:, 0, 0]).sum())
            continue
        truth = clip.truth()
        flipped += metrics.flips(points, truth["landmarks"], truth["height_px"])
        swapped += metrics.swaps(points, truth["height_px"])
        rendered += len(points)
    return {
        "1000 frames: limbs flipped, mannequins": 1e3 * flipped / rendered,
        "1000 frames: limbs swapped since the last, mannequins": 1e3 * swapped / rendered,
        "1000 frames: limbs swapped since the last, real clips": 1e3 * real_swapped / max(real, 1),
    }


def _around(clips: Clips, light: str = "") -> Measured:
    flipped, lasting, frames = 0, 0, 0
    for clip, seen in clips.values():
        truth = clip.truth()
        limbs = seen["landmarks"][..., :2], truth["landmarks"], truth["height_px"]
        flipped += metrics.flips(*limbs)
        lasting += metrics.flips(*limbs, at_least=round(LASTING_S * clip.fps))
        frames += len(truth["height_px"])
    return {
        f"1000 frames: limbs flipped, people all around{light}": 1e3 * flipped / frames,
        f"1000 frames: the same, for {LASTING_S} s or longer{light}": 1e3 * lasting / frames,
    }


def _dim(clips: Clips) -> Measured:
    return _around(clips, ", dim")


def _bones(clips: Clips) -> Measured:
    percent = {n: 100 * metrics.bone_variation(seen["world"]) for n, (_, seen) in clips.items()}
    real = {n: v for n, v in percent.items() if clips[n][0].truth is None}
    rendered = {n: v for n, v in percent.items() if n not in real}
    return {
        f"variation of bone lengths, {what}, %": float(np.mean(list(of.values())))
        for what, of in (("mannequins", rendered), ("real clips", real))
        if of
    }


def _recovery(clips: Clips) -> Measured:
    frames = [
        metrics.recovery_frames(seen["landmarks"][..., :2], clip.truth()) / clip.fps
        for clip, seen in clips.values()
    ]
    return {"found again after full occlusion, ms": 1e3 * float(np.mean(frames))}


def _empty(clips: Clips) -> Measured:
    found = {}
    for name, (clip, seen) in clips.items():
        false, frames = metrics.false_poses(seen["landmarks"], clip.empty)
        found[f"1000 empty frames: false poses, {name}"] = 1e3 * false / frames
    return found


MEASURES: dict[str, Callable[[Clips], Measured]] = dict(
    zip(ASKS, (_jitter, _lag, _flips, _around, _dim, _bones, _recovery, _empty), strict=True)
)


def _table(software: dict[str, dict[str, dict[str, float]]]) -> str:
    """Return a column for each software; what an earlier run did not measure is NaN."""
    lines = [f"\n{'less is better':<58}" + "".join(f"{name:>33}" for name in software)]
    newest = list(software.values())[-1]
    for ask, rows in newest.items():
        for row in rows:
            values = (of.get(ask, {}).get(row, np.nan) for of in software.values())
            lines.append(f"{row:<58}" + "".join(f"{value:33.2f}" for value in values))
    return "\n".join(lines)


if __name__ == "__main__":
    main()
