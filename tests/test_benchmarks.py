"""The benchmarks can be imported, and the quick ones run."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

import vitruvian as vt
from vitruvian.synthetic.scenarios import crossing

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks"
DEMO = Path(vt.__file__).parent / "data" / "demo.mp4"
# They run in side environments, with packages that are not installed here.
ELSEWHERE = {
    "mediapipe_people",
    "mediapipe_worker",
    "people_worker",
    "task_bundle",
    "trackeval_worker",
}


@pytest.mark.parametrize("name", sorted({path.stem for path in FOLDER.glob("*.py")} - ELSEWHERE))
def test_a_benchmark_can_be_imported(name: str) -> None:
    assert import_module(name).__doc__


@pytest.mark.weights
def test_the_overhead_of_the_layer_is_measured_on_a_clip_that_begins_with_nobody(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["compat_overhead.py", str(DEMO), "--model", "lite", "--frames", "40"]
    monkeypatch.setattr(sys, "argv", arguments)
    import_module("compat_overhead").main()
    assert "33 world landmarks" in capsys.readouterr().out


@pytest.mark.weights
@pytest.mark.slow
def test_repetitions_of_rendered_exercises_are_counted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    repetitions = import_module("repetitions")
    monkeypatch.setattr(repetitions, "CACHE", tmp_path)
    monkeypatch.setattr(repetitions, "SPEEDS", {"fast": (2, 1.2)})
    monkeypatch.setattr(repetitions, "VIEWS", {"45": 45})
    names = ["squat", "press", "jumping_jack"]
    words = [word for name in names for word in ("--exercise", name)]
    monkeypatch.setattr(sys, "argv", ["repetitions.py", "--model", "lite", *words])
    repetitions.main()
    assert "exact in all (3 clips): 100.0 %" in capsys.readouterr().out
    assert len(list(tmp_path.iterdir())) == 6


@pytest.mark.weights
def test_the_spread_is_measured_on_a_short_scenario(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spread = import_module("spread")
    monkeypatch.setattr(spread, "SCENARIOS", {"short": lambda: replace(crossing(), duration_s=0.3)})
    monkeypatch.setattr(sys, "argv", ["spread.py", "--model", "lite", "--step", "2"])
    spread.main()
    printed = capsys.readouterr().out
    assert all(f"\n{name}" in printed for name in ("visible", "hidden", "all", "rank correlation"))


@pytest.mark.weights
def test_recall_by_height_is_measured_and_drawn(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    crowds, scenes = import_module("crowds"), import_module("crowd_scenes")
    monkeypatch.setattr(scenes, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(scenes, "CROWDS", ((3, (0,)),))
    monkeypatch.setattr(scenes, "LARGEST_WH", (768, 432))
    monkeypatch.setattr(crowds, "OUTPUT", tmp_path / "recall.svg")
    monkeypatch.setattr(sys, "argv", ["crowds.py", "--model", "lite", "--ours"])
    tables = []
    for _ in range(2):  # rendered, then read from the cache
        crowds.main()
        tables.append(capsys.readouterr().out.partition("\n\n")[2])
    assert tables[0] == tables[1]
    assert all(f"{size}\nheight px" in tables[0] for size in ("4K", "1080p", "360p", "all"))
    drawing = ElementTree.parse(tmp_path / "recall.svg")
    texts = {element.text for element in drawing.iter("{http://www.w3.org/2000/svg}text")}
    assert {"vitruvian reach=far", "<48", "people found, %"} <= texts


def test_the_people_of_the_clip_walk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    scenes = import_module("crowd_scenes")
    for name, value in (("CACHE", tmp_path), ("CLIP_WH", (192, 108)), ("CLIP_FPS", 2.0)):
        monkeypatch.setattr(scenes, name, value)
    frames = [frame.people for frame in scenes.clip()]
    assert len(frames) == 8
    counted = [[np.isfinite(person.landmarks).any() for person in frame] for frame in frames]
    assert np.mean([sum(frame) for frame in counted]) > 0.8 * scenes.WALKERS
    path = np.array([frame[1].landmarks for frame in frames])  # of one who is always visible
    assert np.ptp(path, axis=0).max() > 5.0


def test_a_reduced_picture_has_its_people_at_the_same_places() -> None:
    scenes = import_module("crowd_scenes")
    person = np.array([[40.5, 12.5]] * 17)
    truth = scenes.TruthOfView(
        person[None], np.array([[30.0, 6, 60, 90]]), np.array([720.0]), np.array([0.9])
    )
    (small,) = truth.people(6)
    image = np.zeros((96, 96, 3), np.uint8)
    image[12:14, 40:42] = 255  # around the landmark
    row, column = np.unravel_index(scenes.reduced(image, 6)[..., 0].argmax(), (16, 16))
    assert np.rint(small.landmarks[0]).tolist() == [column, row]
    assert (small.area_px2, small.box_xyxy.tolist()) == (20.0, [5.0, 1.0, 10.0, 15.0])


def test_people_less_than_half_visible_have_no_labels() -> None:
    scenes = import_module("crowd_scenes")
    truth = scenes.TruthOfView(
        np.zeros((2, 17, 2)), np.zeros((2, 4)), np.ones(2), np.array([0.49, 0.5])
    )
    hidden, seen = truth.people()
    assert np.isnan(hidden.landmarks).all()
    assert np.isfinite(seen.landmarks).all()


@pytest.mark.weights
def test_the_reliability_of_visibility_is_measured_and_drawn(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    visibility = import_module("visibility")
    monkeypatch.setattr(visibility, "OUTPUT", tmp_path / "visibility.svg")
    monkeypatch.setattr(visibility, "TESTDATA", tmp_path)
    monkeypatch.setattr(sys, "argv", ["visibility.py", "--scenes", "3", "--models", "lite"])
    visibility.main()
    assert "rendered people, lite: " in capsys.readouterr().out
    assert (tmp_path / "visibility.svg").read_text().count("<polyline") == 2


def test_busy_processes_compute_until_the_block_ends() -> None:
    busy = import_module("busy")
    before_s = busy.ended_children_s()
    with busy.busy_processes(2) as processes:
        assert all(map(_is_running, processes))
        time.sleep(0.3)
    assert not any(map(_is_running, processes))
    assert busy.ended_children_s() - before_s > 0.1


def test_busy_processes_end_when_the_block_is_interrupted() -> None:
    busy = import_module("busy").busy_processes(1)
    (pid,) = busy.__enter__()
    with pytest.raises(KeyboardInterrupt):
        busy.gen.throw(KeyboardInterrupt)
    assert not _is_running(pid)


def test_busy_processes_end_with_a_parent_that_was_killed() -> None:
    script = "import busy\nwith busy.busy_processes(1) as ids: print(*ids, flush=True); input()"
    command = [sys.executable, "-c", script]
    with subprocess.Popen(
        command, cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert _is_running(pid)
        parent.kill()
    end = time.monotonic() + 10
    while _is_running(pid) and time.monotonic() < end:
        time.sleep(0.02)
    assert not _is_running(pid)


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.weights
def test_the_people_found_are_compared_with_an_earlier_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    truth, report = tmp_path / "truth.json", tmp_path / "before.json"
    images = [{"id": 0, "file_name": "room.png"}]
    truth.write_text(json.dumps({"images": images, "annotations": [], "categories": []}))
    Image.new("RGB", (96, 64)).save(tmp_path / "room.png")
    people = import_module("people")
    command = ["people.py", str(truth), "--ours", "--models", "lite", "--num-poses", "2"]
    monkeypatch.setattr(sys, "argv", [*command, "--json", str(report)])
    people.main()
    options = ["--options", "{}", '{"profile": "tasks"}']
    monkeypatch.setattr(sys, "argv", [*command, "--before", str(report), *options])
    people.main()
    header = capsys.readouterr().out.rpartition("1 images\n")[2].splitlines()[0]
    columns = [cell.strip() for cell in header.split("  ") if cell.strip()]
    assert columns == ["vitruvian (before)", "vitruvian", "vitruvian profile=tasks"]


@pytest.mark.weights
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["cost", "--frames", "20"], "ms of processor time a frame"),
        (["connects", "--count", "3"], "   53 sessions"),
        (["soak", "--minutes", "0.02", "--sessions", "2"], "age median"),
    ],
)
def test_sessions_of_the_studio_are_measured(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    said: str,
) -> None:
    pytest.importorskip("starlette")
    monkeypatch.setattr(sys, "argv", ["studio_soak.py", *words, "--model", "lite"])
    import_module("studio_soak").main()
    assert said in capsys.readouterr().out
