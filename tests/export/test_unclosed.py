"""Outputs that a program never closes: their frames are kept, with a warning."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from vitruvian import load_provenance, load_results, open_input, open_output, save_results

KEPT = {
    "walk.json": "walk.partial.json",
    "walk.jsonl": "walk.partial.jsonl",
    "walk.csv": "walk.partial.csv",
    "walk.npz": "walk.partial.jsonl",
    "walk.parquet": "walk.partial.jsonl",
    "walk.wide.parquet": "walk.wide.partial.jsonl",
    "walk.mp4": "walk.partial.mp4",
    "walk.mkv": "walk.partial.mkv",
    "walk.mov": "walk.partial.mov",
    "walk.png": "walk.partial.png",
    "{frame:02d}.jpg": "00.jpg",
}

PROGRAM = """
import os, signal, sys, threading
import numpy as np
import vitruvian as vt

def results():
    ones = np.ones(33)
    points = np.arange(99.0).reshape(33, 3)
    for i in range(1 if sys.argv[1].endswith("png") else 5):
        pose = vt.Pose(points, ones, ones, points, vt.Roi((9, 9), (8, 8)), 0.5, id=i)
        yield vt.PoseResult(i, 40_000 * i, 64, 48, (pose,))

def write(sink):
    for result in results():
        sink.write(result, vt.Frame(np.zeros((48, 64, 3), np.uint8), result.timestamp_us))

def generator():
    with vt.open_output(sys.argv[1]) as sink:
        write(sink)
        yield
        yield

"""
ENDINGS = {
    "the end of the program": "sink = vt.open_output(sys.argv[1])\nwrite(sink)",
    "del": "sink = vt.open_output(sys.argv[1])\nwrite(sink)\ndel sink\nprint(os.listdir())",
    "sys.exit": "sink = vt.open_output(sys.argv[1])\nwrite(sink)\nsys.exit(3)",
    "sys.exit in a with block": (
        "with vt.open_output(sys.argv[1]) as sink:\n    write(sink)\n    sys.exit(3)"
    ),
    "an error": "sink = vt.open_output(sys.argv[1])\nwrite(sink)\n1 / 0",
    "a generator that is not finished": "steps = generator()\nnext(steps)\ndel steps",
    "a generator at the end of the program": "steps = generator()\nnext(steps)",
    "a group": "sink = vt.open_output(sys.argv[1], 'other.csv')\nwrite(sink)",
    "a cycle of references": "sink = vt.open_output(sys.argv[1])\nwrite(sink)\nsink.me = sink",
    "a function of a thread": (
        "def work():\n    write(vt.open_output(sys.argv[1]))\n"
        "thread = threading.Thread(target=work)\nthread.start()"
    ),
    "a forked child that ends": (
        "sink = vt.open_output(sys.argv[1])\nwrite(sink)\n"
        "if not os.fork():\n    sys.exit()\nos.wait()\nprint(os.listdir())"
    ),
}


def run(folder, program, name, *options):
    command = [sys.executable, *options, "-c", PROGRAM + program, name]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("name", KEPT)
def test_every_format_keeps_its_frames_at_the_end_of_the_program(tmp_path, name):
    done = run(tmp_path, ENDINGS["the end of the program"], name, "-W", "always")
    images = [f"{i:02d}.jpg" for i in range(5)]
    assert names(tmp_path) == (images if "{" in name else [KEPT[name]])
    check_content(tmp_path / KEPT[name])
    assert done.returncode == 0
    if "{" not in name:  # an image of a series is complete at once
        assert f"ResourceWarning: the sink of '{name}' was never closed" in done.stderr
        assert done.stderr.count(f"what was written so far is kept in '{KEPT[name]}'") == 2


def check_content(path):
    if path.suffix in (".mp4", ".mov", ".mkv"):
        with open_input(path) as frames:
            assert len(list(frames)) == 5
    elif path.suffix not in (".png", ".jpg"):
        assert [result.frame_index for result in load_results(path)] == list(range(5))


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS.keys())
@pytest.mark.parametrize("name", ["walk.csv", "walk.npz", "walk.mp4"])
def test_every_ending_keeps_the_frames_and_says_so(tmp_path, name, ending):
    done = run(tmp_path, ending, name)
    other = ["other.partial.csv"] if "other" in ending else []
    assert names(tmp_path) == sorted([KEPT[name], *other])
    check_content(tmp_path / KEPT[name])
    assert f"what was written so far is kept in '{KEPT[name]}'" in done.stderr  # a log message
    assert done.returncode == (3 if "exit(3)" in ending else 1 if "1 / 0" in ending else 0)
    if "listdir" in ending:
        assert ("partial" in done.stdout) == ("del" in ending)


def test_a_sink_without_frames_leaves_nothing_and_warns(tmp_path):
    with pytest.warns(ResourceWarning, match=r"never closed: nothing of it is kept"):
        open_output(tmp_path / "walk.csv")
    done = run(tmp_path, "sink = vt.open_output(sys.argv[1])", "walk.npz", "-W", "always")
    assert "ResourceWarning: the sink of 'walk.npz' was never closed" in done.stderr
    assert names(tmp_path) == []


@pytest.mark.parametrize("kind", [SystemExit, GeneratorExit])
def test_leaving_a_with_block_by_an_exit_keeps_the_frames(tmp_path, make_results, kind):
    def leave():
        with open_output(tmp_path / "walk.csv", tmp_path / "b.jsonl") as sink:
            for result in make_results(1, 2):
                sink.write(result)
            raise kind

    with pytest.raises(kind), pytest.warns(ResourceWarning, match="was left before its end"):
        leave()
    assert names(tmp_path) == ["b.partial.jsonl", "walk.partial.csv"]
    assert load_results(tmp_path / "walk.partial.csv") == make_results(1, 2)


def test_a_closed_sink_warns_of_nothing(tmp_path):
    closed = "with vt.open_output(sys.argv[1], 'b.mp4') as sink:\n    write(sink)\ndel sink"
    done = run(tmp_path, closed, "walk.csv", "-W", "error")
    assert (done.returncode, done.stderr) == (0, "")
    assert names(tmp_path) == ["b.mp4", "walk.csv"]


# --- processes that are killed ---


def kill_after_writing(folder, name):
    program = (
        "sink = vt.open_output(sys.argv[1])\nwrite(sink)\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    done = run(folder, program, name)
    assert done.returncode == -signal.SIGKILL
    assert any(hidden.startswith(".") for hidden in names(folder))


@pytest.mark.parametrize("name", [name for name in KEPT if "{" not in name])
def test_the_frames_of_a_killed_process_are_kept_by_the_next_output(
    tmp_path, make_results, caplog, name
):
    kill_after_writing(tmp_path, name)
    save_results(make_results(1), tmp_path / "next.json")
    is_kept = name.endswith((".json", ".jsonl", ".csv", ".npz", ".parquet"))
    kept = [KEPT[name]] if is_kept else []
    assert names(tmp_path) == sorted(["next.json", *kept])
    if is_kept:
        check_content(tmp_path / KEPT[name])
        assert KEPT[name] in caplog.text


def test_the_output_of_a_living_process_is_not_touched(tmp_path, make_results):
    program = (
        "sink = vt.open_output(sys.argv[1])\nwrite(sink)\nprint(flush=True)\ninput()\nsink.close()"
    )
    for name in ("walk.npz", "walk.mp4", "walk.csv"):
        command = [sys.executable, "-c", PROGRAM + program, name]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, cwd=tmp_path, stdin=pipe, stdout=pipe) as process:
            process.stdout.readline()
            save_results(make_results(1), tmp_path / "next.json")
            process.communicate(b"\n")
        assert process.returncode == 0
        assert names(tmp_path) == sorted([name, "next.json"])
        check_content(tmp_path / name)
        (tmp_path / name).unlink()


def test_a_line_that_was_not_written_whole_is_left_out(tmp_path, make_results):
    for name in ("walk.csv", "walk.jsonl"):
        kill_after_writing(tmp_path, name)
        (draft,) = [path for path in tmp_path.iterdir() if path.name.startswith(".")]
        draft.write_bytes(draft.read_bytes()[:-30])
        save_results(make_results(1), tmp_path / "next.json")
        kept = load_results(tmp_path / KEPT[name])
        assert [result.frame_index for result in kept] == [0, 1, 2, 3]


def test_a_draft_without_a_whole_frame_is_removed(tmp_path, make_results):
    program = "sink = vt.open_output(sys.argv[1])\nos.kill(os.getpid(), signal.SIGKILL)"
    for name in KEPT:
        run(tmp_path, program, name)
    save_results(make_results(1), tmp_path / "next.json")
    assert names(tmp_path) == ["next.json"]


def test_frames_that_are_kept_do_not_get_the_provenance_of_others(tmp_path, make_results):
    (tmp_path / "walk.partial.csv.meta.json").write_text("{}")
    kill_after_writing(tmp_path, "walk.csv")
    save_results(make_results(1), tmp_path / "next.json")
    assert load_provenance(tmp_path / "walk.partial.csv") is None


def test_the_file_of_a_provenance_is_not_another_output(tmp_path, make_results):
    with pytest.raises(ValueError, match=r"walk.csv.meta.json is written beside .*walk.csv"):
        open_output(tmp_path / "walk.csv", tmp_path / "walk.csv.meta.json")
    with open_output(tmp_path / "walk.json", tmp_path / "walk.json.meta.json") as sink:
        sink.write(make_results(1)[0])
    assert names(tmp_path) == ["walk.json", "walk.json.meta.json"]
