"""Count repetitions of rendered exercises: ten exercises, three views, two speeds.

    python benchmarks/repetitions.py [--model lite] [--exercise squat]

Rendered people do a known number of repetitions. They are tracked with the default options, and
counted offline, live with fixed thresholds, and live with adaptive ones. The angle is compared
with that of the true joints. Tracks are cached in `.bench/repetitions`.
"""

from __future__ import annotations

import argparse
import hashlib
import math
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

import vitruvian
from footage import progress, sources_digest
from side_env import BENCH
from vitruvian.analysis.exercises import exercise_angles, joint_angles_deg
from vitruvian.analysis.repetitions import RepetitionCounter, count_repetitions
from vitruvian.core.sequence import PoseSequence
from vitruvian.synthetic import Camera, Clothes, Figure, Person, Scene
from vitruvian.synthetic.exercises import EXERCISES, exercise

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from vitruvian.core.sequence import PersonSequence

CACHE = BENCH / "repetitions"
VIEWS = {"front": 0, "45": 45, "side": 90}
SPEEDS = {"slow": (3, 2.6), "fast": (5, 1.3)}  # repetitions, s for each
QUICK = {"jumping_jack": 0.62, "high_knees": 0.62}  # their periods are shorter
REST_S = 0.6
FPS = 12.0
WH = (256, 256)
FIGURES = (
    Figure(clothes=Clothes(shirt=(176, 46, 48), trousers=(52, 60, 92), legs=1.0)),
    Figure(
        height_m=1.66,
        girth=0.94,
        shoulder_ratio=0.92,
        clothes=Clothes((141, 92, 66), (26, 20, 18), (226, 186, 74), (40, 92, 84), sleeves=1.9),
    ),
)


@dataclass(frozen=True, slots=True)
class Clip:
    """One exercise, view and speed.

    Attributes
    ----------
    name, view, speed : str
        Keys of `EXERCISES`, `VIEWS` and `SPEEDS`.
    is_tuned : bool
        Whether the constants of the counter were chosen with clips like this one.
    """

    name: str
    view: str
    speed: str
    is_tuned: bool

    @property
    def n_repetitions(self) -> int:
        """True number of repetitions."""
        return SPEEDS[self.speed][0]

    @property
    def period_s(self) -> float:
        """Duration of one repetition."""
        return SPEEDS[self.speed][1] * QUICK.get(self.name, 1.0)

    @property
    def n_frames(self) -> int:
        """Number of frames."""
        return math.ceil((2 * REST_S + self.n_repetitions * self.period_s) * FPS)

    def scene(self) -> Scene:
        """Return the scene."""
        heading = VIEWS[self.view]
        motion = exercise(self.name, self.n_repetitions, self.period_s, rest_s=REST_S)
        back = 0.75 if self.name == "push_up" else 0.0  # the feet are at the start
        turn = math.radians(heading)
        person = Person(
            FIGURES[not self.is_tuned],
            motion,
            position=(-back * math.sin(turn), -back * math.cos(turn)),
            heading_deg=heading,
        )
        is_low = self.name in ("push_up", "sit_up")
        camera = Camera((0.0, 1.2, 3.8), (0.0, 0.4, 0.0)) if is_low else Camera((0.0, 1.3, 3.8))
        return Scene([person], camera)


def clips() -> list[Clip]:
    """Return all clips; every other one is of the half that was used for tuning."""
    cells = product(enumerate(EXERCISES), enumerate(VIEWS), enumerate(SPEEDS))
    return [
        Clip(name, view, speed, (i + j + k) % 2 == 0) for (i, name), (j, view), (k, speed) in cells
    ]


def tracked(
    clip: Clip, models: Sequence[str], *, raw: bool = False
) -> dict[str, tuple[PoseSequence, NDArray]]:
    """Return for each model the tracks of a clip and the true angles; from the cache if it can.

    `raw` is without the filter of the tracker.
    """
    key = repr((clip, FIGURES, WH, FPS, sources_digest())).encode()
    stem = f"{clip.name}-{clip.view}-{clip.speed}-{hashlib.sha256(key).hexdigest()[:10]}"
    paths = {model: CACHE / f"{stem}-{model}{'-raw' if raw else ''}.npz" for model in models}
    truth = CACHE / f"{stem}-truth.npy"
    missing = [model for model, path in paths.items() if not path.exists()]
    if missing or not truth.exists():
        _track(clip, {model: paths[model] for model in missing}, truth, raw=raw)
    angles = np.load(truth)
    return {
        model: (PoseSequence.from_results(vitruvian.load_results(path)), angles)
        for model, path in paths.items()
    }


def _track(clip: Clip, paths: dict[str, Path], truth: Path, *, raw: bool) -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    progress(f"rendering {clip.name}, {clip.view}, {clip.speed}")
    views = list(clip.scene().frames(clip.n_frames / FPS, FPS, WH))
    for model, path in paths.items():
        with vitruvian.PoseTracker(model, **({"smoothing": 0} if raw else {})) as tracker:
            vitruvian.save_results([tracker.update(frame) for frame, _ in views], path)
    world = np.array([view.people[0].world for _, view in views], np.float64)
    np.save(truth, joint_angles_deg(world, clip.name))
    progress("")


def counted(person: PersonSequence, name: str) -> tuple[int, int, int]:
    """Return the counts: offline, live with fixed thresholds, live with adaptive ones."""
    offline = sum(not repetition.is_partial for repetition in count_repetitions(person, name))
    counters = [RepetitionCounter(name, adaptive=adaptive) for adaptive in (False, True)]
    for result in person.to_results():
        for counter in counters:
            counter.update(result.pose, result.timestamp_us)
    return offline, *(counter.count for counter in counters)


def main() -> None:
    """Track, count and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", action="append", choices=["lite", "full", "heavy"])
    parser.add_argument("--exercise", action="append", choices=list(EXERCISES))
    args = parser.parse_args()
    models = args.model or ["lite"]
    chosen = [clip for clip in clips() if clip.name in (args.exercise or EXERCISES)]
    rows: dict[str, list[tuple[Clip, tuple[int, int, int], float]]] = {m: [] for m in models}
    for clip in chosen:
        for model, (sequence, truth) in tracked(clip, models).items():
            if not sequence.ids.size:
                rows[model].append((clip, (0, 0, 0), math.nan))
                continue
            person = max(map(sequence.person, sequence.ids), key=lambda p: p.is_present.sum())
            _, sides = exercise_angles(person, clip.name)
            error = float(np.nanmean(np.abs(sides - truth)))
            rows[model].append((clip, counted(person, clip.name), error))
    for model, done in rows.items():
        _print_table(model, done)


def _print_table(model: str, rows: list[tuple[Clip, tuple[int, int, int], float]]) -> None:
    print(f"model {model}: true count, offline, live fixed, live, error of the angle in degrees")
    for clip, counts, error in rows:
        mark = "" if counts[0] == clip.n_repetitions else "  <-"
        told = "".join(f"{n:4d}" for n in (clip.n_repetitions, *counts))
        half = "tuned" if clip.is_tuned else "other"
        print(f"  {clip.name:<14}{clip.view:<7}{clip.speed:<6}{half:<7}{told}{error:7.1f}{mark}")
    for half, of_half in (("tuned", (True,)), ("other", (False,)), ("all", (True, False))):
        some = [(c, counts) for c, counts, _ in rows if c.is_tuned in of_half]
        if not some:
            continue
        shares = [
            np.mean([counts[way] == c.n_repetitions for c, counts in some]) for way in range(3)
        ]
        told = ", ".join(f"{100 * share:.1f} %" for share in shares)
        print(f"  exact in {half} ({len(some)} clips): {told}")


if __name__ == "__main__":
    main()
