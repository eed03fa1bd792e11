"""Compare the ids of `PoseTracker` with those of MediaPipe and a nearest neighbour.

On rendered scenes with true identities, scored by motmetrics and TrackEval, and on a clip with six
visitors, one after the other. MediaPipe and TrackEval are installed in side environments under
``.bench/``, made on the first run; rendered frames are cached there too.

    python benchmarks/identity.py [--scenarios NAME ...] [--crossings] [--clip FILE] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

import vitruvian
from footage import Footage, load_footage, progress
from nearest_neighbour import NearestNeighbourIds
from setting import REPOSITORY, default_clip, machine, machine_line
from side_env import BENCH, bundle, make_env
from vitruvian.evaluation import FrameComparison, compare_frames, identity_scores
from vitruvian.models.store import find_models
from vitruvian.synthetic import CROSSINGS, SCENARIOS, Scenario

HERE = Path(__file__).parent
NUM_POSES = 4
LONG_S = 1.0
OVERALL = ""  # name of the whole set in TrackEval's worker

VISITS = ((60, 197), (227, 450), (502, 699), (745, 869), (921, 1199), (1234, 1360))
"""First and last frame of each of the six visitors of ``one_by_one.mp4``.

Read off the frames by eye: the first and the last on which any part of the visitor is seen. There
are no other people in the clip, only a round table, and no visitor comes twice.
"""

Ids = dict[int, np.ndarray]  # the poses of a frame: id -> (33, 2) landmarks, image px
Tracker = Callable[[Iterable[vitruvian.Frame], tuple[int, int]], Iterator[Ids]]


def ours(frames: Iterable[vitruvian.Frame], _wh: tuple[int, int]) -> Iterator[Ids]:
    """Yield the people of each frame by the ids of `PoseTracker`."""
    with vitruvian.PoseTracker("full", num_poses=NUM_POSES) as tracker:
        for frame in frames:
            yield {pose.id: pose.landmarks[:, :2] for pose in tracker.update(frame).poses}


def mediapipe(frames: Iterable[vitruvian.Frame], wh: tuple[int, int]) -> Iterator[Ids]:
    """Yield the people of each frame as found by MediaPipe, with nearest-neighbour IDs."""
    tasks = make_env("mediapipe-1.2.2", "mediapipe==1.2.2")
    legacy = make_env("mediapipe-0.10.21", "mediapipe==0.10.21", newest_minor=12)
    job = {"bundle": str(bundle(legacy, find_models("full"))), "num_poses": NUM_POSES, "wh": wh}
    command = [tasks.python, HERE / "mediapipe_people.py", json.dumps(job)]
    ids = NearestNeighbourIds()
    with (BENCH / "workers.log").open("a") as log, subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
    ) as worker:  # fmt: skip
        for frame in frames:
            worker.stdin.write(frame.timestamp_us.to_bytes(8, "little") + frame.image.tobytes())
            worker.stdin.flush()
            line = worker.stdout.readline()
            if not line:
                raise SystemExit(f"MediaPipe ended early: see {log.name}")
            yield ids.update([np.array(pose) for pose in json.loads(line)], frame.timestamp_us)
        worker.stdin.close()


TRACKERS: dict[str, Tracker] = {"vitruvian": ours, "mediapipe": mediapipe}


def main() -> None:
    """Run what the command line asks for."""
    args = _arguments()
    BENCH.mkdir(exist_ok=True)
    print(machine_line(), flush=True)
    report: dict[str, Any] = {"machine": machine()}
    report["scenes"] = _scenes({name: SCENARIOS[name]() for name in args.scenarios})
    print(_scene_table(report["scenes"]), flush=True)
    if args.crossings:
        others = {name: replace(make(), name=name) for name, make in CROSSINGS.items()}
        report["crossings"] = _scenes(others)
        print(_scene_table(report["crossings"]), flush=True)
    if args.clip is not None and args.clip.exists():
        report["clip"] = {name: _visitors(track, args.clip) for name, track in TRACKERS.items()}
        print(_visitor_table(report["clip"]))
    if args.json:
        args.json.write_text(json.dumps(report, indent=1) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("--scenarios", nargs="+", choices=SCENARIOS, default=list(SCENARIOS), metavar="NAME",
        help=f"some of {', '.join(SCENARIOS)} (default: all)")  # fmt: skip
    add("--crossings", action="store_true", help="also crossings of other kinds")
    add("--clip", type=Path, default=default_clip().with_name("one_by_one.mp4"),
        help="the clip of the six visitors (%(default)s)")  # fmt: skip
    add("--json", type=Path, metavar="FILE", help="write everything measured")
    return parser.parse_args()


def _scenes(scenarios: dict[str, Scenario]) -> dict[str, dict[str, dict[str, float]]]:
    """Return for each tracker the scores of each scenario, and of all as `OVERALL`."""
    runs: dict[str, dict[str, list[FrameComparison]]] = {tracker: {} for tracker in TRACKERS}
    for name, scenario in scenarios.items():
        footage = load_footage(scenario)
        for tracker, track in TRACKERS.items():
            predicted = list(_reported(track(footage.frames(), footage.wh), tracker, footage))
            runs[tracker][name] = compare_frames(footage.truth, predicted)
    return {tracker: _scores(clips) for tracker, clips in runs.items()}


def _reported(poses: Iterator[Ids], tracker: str, footage: Footage) -> Iterator[Ids]:
    """Yield `poses` with a line of progress."""
    for index, ids in enumerate(poses, start=1):
        progress(f"{tracker} on {footage.name}: frame {index} of {len(footage.images)}")
        yield ids
    progress("")


def _scores(clips: dict[str, list[FrameComparison]]) -> dict[str, dict[str, float]]:
    """Return the scores of each clip and of all; metrics that both libraries have must agree."""
    scores = _trackeval(clips)
    for name, own in scores.items():
        of_clips = list(clips.values()) if name == OVERALL else [clips[name]]
        other = asdict(identity_scores(of_clips))
        if any(abs(own[key] - value) > 1e-9 for key, value in other.items()):
            raise SystemExit(f"{name or 'overall'}: TrackEval says {own}, motmetrics {other}")
    return scores


def _trackeval(clips: dict[str, list[FrameComparison]]) -> dict[str, dict[str, float]]:
    env = make_env("trackeval-1.3.0", "trackeval==1.3.0")
    job = {
        name: [
            {field.name: getattr(frame, field.name).tolist() for field in fields(FrameComparison)}
            for frame in frames
        ]
        for name, frames in clips.items()
    }
    done = subprocess.run(
        [env.python, HERE / "trackeval_worker.py"],
        input=json.dumps(job), capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY / "src")},  # the worker imports vitruvian
    )  # fmt: skip
    return json.loads(done.stdout)


def _visitors(track: Tracker, clip: Path) -> dict[str, Any]:
    """Return a report on the IDs of a tracker on the clip with six visitors."""
    with vitruvian.open_input(clip) as source:
        frames = list(source)
    fps = (len(frames) - 1) * 1e6 / (frames[-1].timestamp_us - frames[0].timestamp_us)
    shown = [set(ids) for ids in track(frames, (frames[0].width, frames[0].height))]
    return visitor_report(shown, fps)


def visitor_report(shown: list[set[int]], fps: float) -> dict[str, Any]:
    """Return how many visitors have a unique ID, and which IDs are false for over 1 s.

    Parameters
    ----------
    shown : list of set of int
        The ids on each frame.
    fps : float
        Frames a second.
    """
    own: dict[int, range] = {}  # id -> frames of its visitor
    for first, last in VISITS:
        visit = range(first, last + 1)
        for id_, _ in Counter(id_ for index in visit for id_ in shown[index]).most_common(1):
            own.setdefault(id_, visit)
    frames_of = Counter(id_ for ids in shown for id_ in ids)
    right_of = Counter({id_: sum(id_ in shown[i] for i in visit) for id_, visit in own.items()})
    false_s = {id_: (n - right_of[id_]) / fps for id_, n in frames_of.items()}
    return {
        "visitors": len(VISITS),
        "with_own_id": len(own),
        "own_id_shown": sum(right_of.values()) / sum(map(len, map(_frames_of, VISITS))),
        "ids_over_1s": sum(n / fps > LONG_S for n in frames_of.values()),
        "false_over_1s": {id_: round(s, 2) for id_, s in false_s.items() if s > LONG_S},
    }


def _frames_of(visit: tuple[int, int]) -> range:
    return range(visit[0], visit[1] + 1)


def _scene_table(scenes: dict[str, dict[str, dict[str, float]]]) -> str:
    columns = "".join(f"{f'{tracker} IDF1':>18}{'HOTA':>7}{'MOTA':>7}{'switches':>10}"
                      for tracker in scenes)  # fmt: skip
    rows = [f"\n{'':<27}{columns}"]
    for name in next(iter(scenes.values())):
        cells = (
            f"{s['idf1']:18.3f}{s['hota']:7.3f}{s['mota']:7.3f}{s['id_switches']:10d}"
            for s in (scores[name] for scores in scenes.values())
        )
        rows.append(f"{name or 'over the set':<27}{''.join(cells)}")
    return "\n".join(rows)


def _visitor_table(clip: dict[str, dict[str, Any]]) -> str:
    rows = [f"\n{'one after the other':<27}{'own id':>8}{'shown':>8}{'ids > 1 s':>11}"
            f"{'false > 1 s':>13}"]  # fmt: skip
    for name, row in clip.items():
        rows.append(
            f"{name:<27}{row['with_own_id']:>6}/{row['visitors']}{row['own_id_shown']:8.0%}"
            f"{row['ids_over_1s']:11d}{len(row['false_over_1s']):13d}"
        )
    return "\n".join(rows)


if __name__ == "__main__":
    main()
