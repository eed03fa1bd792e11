"""Recall by height on crowds of mannequins, beside MediaPipe, and docs/images/recall.svg.

    python benchmarks/crowds.py [--model full] [--options JSON ...] [--sizes 4K ...] [--clip]
                                [--json FILE]

The crowds are those of `crowd_scenes.py`, rendered once and cached under ``.bench/``. Every
software gets the same pixels and may find 20 people, as many as there are at most. A curve for
each set of `--options` of our estimator. With `--clip`, six people who walk are tracked as well. A
person is found, and a pose fits nobody, as in `vitruvian evaluate`: docs/evaluation.md explains it.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import vitruvian
from crowd_scenes import CLIP_FPS, REDUCTIONS, WALKERS, clip, pictures
from curves import Axis, Curve, chart
from footage import progress
from identity import mediapipe as mediapipe_frames
from people import Detect, mediapipe, ours
from setting import MODELS, REPOSITORY, machine, machine_line
from side_env import make_env
from vitruvian.evaluation import PeopleComparison, ScoredPose, compare_people

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

OUTPUT = REPOSITORY / "docs" / "images" / "recall.svg"
EDGES_PX = (0, 48, 96, 200, 400, np.inf)
BINS = ("<48", "48–96", "96–200", "200–400", ">400")
MOST_PEOPLE = 20
OURS = ({"reach": "far"}, {"reach": "normal"})
COLORS = ("#c8102e", "#e8888f", "#1f5fa8", "#8fb0d6", "#2e7d32", "#777777")


@dataclass(frozen=True, slots=True)
class Recall:
    """People found by height, and poses that fit nobody.

    Attributes
    ----------
    found, people : tuple of int
        People found, of how many, in each of `BINS`.
    poses, false_poses : int
        Number of poses, and of those that fit nobody.
    """

    found: tuple[int, ...]
    people: tuple[int, ...]
    poses: int
    false_poses: int


def main() -> None:
    """Measure, print and draw."""
    args = _arguments()
    print(machine_line(), flush=True)
    report: dict[str, Any] = {"machine": machine(), "model": args.model, "pictures": {}}
    seen: dict[str, dict[str, list[PeopleComparison]]] = {}
    for name, opened, most in _competitors(args):
        seen[name] = {size: _compared(size, opened, most) for size in args.sizes}
    for size in (*args.sizes, "all"):
        rows = {name: _recall(_of(sizes, size)) for name, sizes in seen.items()}
        report["pictures"][size] = {name: asdict(recall) for name, recall in rows.items()}
        print(f"\n{size}\n{_table(rows)}")
    if args.clip:
        report["clip"] = {name: asdict(recall) for name, recall in _tracked(args).items()}
    if args.json:
        args.json.write_text(json.dumps(report, indent=1) + "\n")
    if tuple(args.sizes) == tuple(REDUCTIONS):
        OUTPUT.write_text(_svg(rows))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("--model", choices=MODELS, default="full")
    add("--options", nargs="*", type=json.loads, default=list(OURS), metavar="JSON",
        help="of our estimator; each one is a curve")  # fmt: skip
    add("--sizes", nargs="+", choices=REDUCTIONS, default=list(REDUCTIONS))
    add("--clip", action="store_true", help="also track the people of the clip")
    add("--ours", action="store_true", help="without MediaPipe")
    add("--json", type=Path, metavar="FILE", help="write the counts")
    return parser.parse_args()


def _competitors(
    args: argparse.Namespace,
) -> list[tuple[str, partial[AbstractContextManager[Detect]], int]]:
    """Return name, opener and highest number of poses of each software."""
    found: list[Any] = [
        (_label(options), partial(ours, options, args.model), MOST_PEOPLE)
        for options in args.options
    ]
    if not args.ours:
        legacy = make_env("mediapipe-0.10.21", "mediapipe==0.10.21", newest_minor=12)
        tasks = make_env("mediapipe-1.2.2", "mediapipe==1.2.2")
        found += [
            ("MediaPipe 1.2.2", partial(mediapipe, tasks.python, legacy, args.model), MOST_PEOPLE),
            ("MediaPipe 0.10.21", partial(mediapipe, legacy.python, None, args.model), 1),
        ]
    return found


def _label(options: dict[str, Any]) -> str:
    return " ".join(["vitruvian", *(f"{name}={value}" for name, value in options.items())])


def _compared(
    size: str, opened: partial[AbstractContextManager[Detect]], most: int
) -> list[PeopleComparison]:
    """Return the comparison of each crowd in one size with what the software finds."""
    done = []
    with opened(most) as detect:
        for picture in pictures(size):
            progress(f"{size}: picture {len(done) + 1}")
            done.append(compare_people(picture.people, detect(picture.image)))
    progress("")
    return done


def _of(sizes: dict[str, list[PeopleComparison]], size: str) -> list[PeopleComparison]:
    return sizes[size] if size in sizes else [one for many in sizes.values() for one in many]


def _recall(images: list[PeopleComparison]) -> Recall:
    heights_px = np.concatenate([image.heights_px for image in images])
    is_found = np.concatenate([image.pose_of >= 0 for image in images])
    found, people = (np.histogram(h, EDGES_PX)[0] for h in (heights_px[is_found], heights_px))
    return Recall(
        tuple(found.tolist()),
        tuple(people.tolist()),
        sum(image.n_poses for image in images),
        sum(len(image.false_poses) for image in images),
    )


def _table(rows: dict[str, Recall]) -> str:
    head = "".join(f"{name:>11}" for name in (*BINS, "all", "false"))
    lines = [f"{'height px':<26}{head}"]
    for name, row in rows.items():
        counts = [*zip(row.found, row.people, strict=True), (sum(row.found), sum(row.people))]
        cells = [f"{found}/{people}" for found, people in counts]
        cells.append(f"{row.false_poses}/{row.poses}")
        lines.append(f"{name:<26}" + "".join(f"{cell:>11}" for cell in cells))
    return "\n".join(lines)


def _tracked(args: argparse.Namespace) -> dict[str, Recall]:
    """Track the walking people, print and return the counts over all frames."""
    frames = list(clip())
    images = [
        vitruvian.Frame(picture.image, timestamp_us=round(i * 1e6 / CLIP_FPS), index=i)
        for i, picture in enumerate(frames)
    ]
    rows = {}
    for options in args.options:
        with vitruvian.PoseTracker(args.model, num_poses=WALKERS, **options) as tracker:
            poses = [tracker.update(image).poses for image in images]
        rows[_label(options)] = [
            compare_people(picture.people, found)
            for picture, found in zip(frames, poses, strict=True)
        ]
    if not args.ours and args.model == "full":
        wh = images[0].image.shape[1], images[0].image.shape[0]
        answers = mediapipe_frames(images, wh, WALKERS)
        rows["MediaPipe 1.2.2"] = [
            compare_people(picture.people, [ScoredPose(pose, 1.0) for pose in ids.values()])
            for picture, ids in zip(frames, answers, strict=True)
        ]
    counts = {name: _recall(images) for name, images in rows.items()}
    print(f"\nclip: {WALKERS} people walk, {len(frames)} frames, num_poses={WALKERS}")
    print(_table(counts))
    return counts


def _svg(rows: dict[str, Recall]) -> str:
    """Return the drawing of recall against height."""
    curves = [
        Curve(
            name,
            color,
            tuple(
                (x, 100 * found / people)
                for x, (found, people) in enumerate(zip(row.found, row.people, strict=True))
                if people
            ),
        )
        for (name, row), color in zip(rows.items(), COLORS, strict=False)
    ]
    heights = Axis("height of the person, px", -0.3, len(BINS) - 0.7, dict(enumerate(BINS)))
    shares = Axis("people found, %", 0, 100, {v: str(v) for v in range(0, 101, 20)})
    return chart(heights, shares, curves)


if __name__ == "__main__":
    main()
