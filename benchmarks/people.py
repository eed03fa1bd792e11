"""Compare with MediaPipe on images with truth: people found, false positives, accuracy.

    python benchmarks/people.py ANNOTATIONS [--images DIR] [--models full] [--num-poses 1 4]
                                [--options JSON ...] [--before FILE] [--json FILE]
                                [--kind coco] [--video FILE --calibration FILE:NAME]
                                [--results DIR]

ANNOTATIONS is a COCO keypoint file, by default that of the test data, or with `--kind` that of
another data set. With `--results`, MediaPipe's poses are also written as COCO results, for
`vitruvian evaluate --results`. Every software gets the same
pixels and, where it can, the same limit of poses; `mp.solutions.pose` finds one. A column for each
set of `--options` of our estimator, and for each software in the report of an earlier run. The
scores are those of `vitruvian evaluate`: docs/evaluation.md explains them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

import vitruvian
from setting import MODELS, default_clip, machine, machine_line
from side_env import BENCH, bundle, make_env
from vitruvian.evaluation import (
    DataSet,
    DataSetScores,
    FoundCount,
    ImageScore,
    OksAp,
    PeopleScores,
    ScoredPose,
    data_set_scores,
    load_data_set,
    result_of,
    save_results,
    score_image,
    score_table,
)
from vitruvian.models.store import find_models

HERE = Path(__file__).parent

Detect = Callable[[np.ndarray], Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Software:
    """One column: its name, and what opens its detector for a model and a number of poses."""

    name: str
    opened: Callable[[str, int], Any]
    finds_several: bool = True


@contextmanager
def ours(options: dict[str, Any], model: str, num_poses: int) -> Iterator[Detect]:
    """Give `PoseEstimator.detect` with some options."""
    with vitruvian.PoseEstimator(model, num_poses=num_poses, **options) as estimator:
        yield estimator.detect


@contextmanager
def mediapipe(python: Path, legacy: Any, model: str, num_poses: int) -> Iterator[Detect]:
    """Give MediaPipe in its own environment: Tasks with the bundle of `legacy`, else solutions."""
    job: dict[str, Any] = {"model": model, "num_poses": num_poses}
    if legacy is not None:
        job["bundle"] = str(bundle(legacy, find_models(model)))
    command = [python, HERE / "people_worker.py", json.dumps(job)]
    with (BENCH / "workers.log").open("a") as log, subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
    ) as worker:  # fmt: skip

        def detect(image: np.ndarray) -> list[ScoredPose]:
            height, width = image.shape[:2]
            worker.stdin.write(np.array([width, height], "<u4").tobytes() + image.tobytes())
            worker.stdin.flush()
            line = worker.stdout.readline()
            if not line:
                raise SystemExit(f"MediaPipe ended early: see {log.name}")
            return [
                ScoredPose(np.array(p["landmarks"]), p["score"], world=np.array(p["world"]))
                for p in json.loads(line)
            ]

        yield detect
        worker.stdin.close()


def main() -> None:
    """Score, and print a table for each model and number of poses."""
    args = _arguments()
    print(machine_line(), flush=True)
    data = load_data_set(
        args.kind,
        args.annotations,
        args.images,
        video=args.video,
        calibration=args.calibration,
        every=args.every,
    )
    if args.kind == "rendered":  # once, not for each software
        data = replace(data, read=cache(data.read))
    before = json.loads(args.before.read_text())["scores"] if args.before else {}
    report: dict[str, Any] = {"machine": machine(), "n_images": len(data.images), "scores": {}}
    for model in args.models:
        for num_poses in args.num_poses:
            name = f"{model}, num_poses={num_poses}"
            scores = {f"{old} (before)": _scores_of(of) for old, of in before.get(name, {}).items()}
            for software in _competitors(args):
                if num_poses == 1 or software.finds_several:
                    with software.opened(model, num_poses) as detect:
                        done = _scored(data, detect)
                    scores[software.name] = data_set_scores(done)
                    if args.results and "MediaPipe" in software.name:
                        _save(args.results / f"{software.name} {model} {num_poses}.json", done)
            report["scores"][name] = {new: asdict(of) for new, of in scores.items()}
            print(f"\n{name}, {len(data.images)} images\n{_text(score_table(scores))}", flush=True)
            if args.json:
                args.json.write_text(json.dumps(report, indent=1) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    truth = default_clip().parents[1] / "coco_keypoints.json"
    add("annotations", nargs="?", type=Path, default=truth, help="COCO keypoint file (%(default)s)")
    add("--images", type=Path, metavar="DIR", help="folder of the images")
    add("--models", nargs="+", choices=MODELS, default=["full"])
    add("--num-poses", nargs="+", type=int, default=[1, 4], metavar="N")
    add("--options", nargs="+", type=json.loads, default=[{}], metavar="JSON",
        help="of our estimator; each one is a column")  # fmt: skip
    add("--ours", action="store_true", help="without MediaPipe")
    add("--before", type=Path, metavar="FILE", help="report of an earlier run, shown beside")
    add("--kind", default="coco", help="of the data set (%(default)s)")
    add("--video", type=Path, metavar="FILE", help="the clip, for the kinds trc and c3d")
    add("--calibration", metavar="FILE:NAME", help="its camera")
    add("--every", type=int, default=1, metavar="N", help="use each Nth image only")
    add("--results", type=Path, metavar="DIR", help="write MediaPipe's poses into this folder")
    add("--json", type=Path, metavar="FILE", help="write the scores")
    return parser.parse_args()


def _competitors(args: argparse.Namespace) -> Iterator[Software]:
    """Yield ours first, then MediaPipe's, each with the same verified model files."""
    for options in args.options:
        label = "".join(f" {name}={value}" for name, value in options.items())
        yield Software(f"vitruvian{label}", partial(ours, options))
    if not args.ours:
        legacy = make_env("mediapipe-0.10.21", "mediapipe==0.10.21", newest_minor=12)
        tasks = make_env("mediapipe-1.2.2", "mediapipe==1.2.2")
        yield Software("MediaPipe 1.2.2", partial(mediapipe, tasks.python, legacy))
        solutions = partial(mediapipe, legacy.python, None)
        yield Software("MediaPipe 0.10.21", solutions, finds_several=False)


def _save(path: Path, done: Sequence[ImageScore]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_results(path, (result_of(one.image.id, pose) for one in done for pose in one.poses))


def _scored(data: DataSet, detect: Detect) -> list[ImageScore]:
    detect(np.zeros((64, 64, 3), np.uint8))  # the first image is slower
    done = []
    for index, image in enumerate(data.images):
        done.append(score_image(image, data.pixels(image), detect))
        if sys.stderr.isatty():
            print(f"\r{index + 1}/{len(data.images)}\033[K", end="\r", file=sys.stderr)
    return done


def _scores_of(values: dict[str, Any]) -> DataSetScores:
    """Return the scores that a report has."""
    people = {
        name: FoundCount(**value) if isinstance(value, dict) else value
        for name, value in values["people"].items()
    }
    unknown = dict.fromkeys((f.name for f in fields(PeopleScores) if f.name not in people), np.nan)
    return DataSetScores(
        PeopleScores(**people, **unknown), OksAp(**values["oks_ap"]), values["median_ms"]
    )


def _text(rows: list[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) + 2 for column in zip(*rows, strict=True)]
    return "\n".join(
        f"{row[0]:<{widths[0]}}"
        + "".join(f"{v:>{w}}" for v, w in zip(row[1:], widths[1:], strict=True))
        for row in rows
    )


if __name__ == "__main__":
    main()
