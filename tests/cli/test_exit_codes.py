"""Exit codes of all commands: 2 for every command line that is wrong, 1 for what fails."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import typer
from PIL import Image

from vitruvian.cli.main import app

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typer.testing import Result

    Program = Callable[..., Result]

COMMANDS = {
    "track": "room.mp4",
    "triangulate": "a.jsonl b.jsonl --calibration calib.toml -o walk.trc",
    "bench": "room.mp4",
    "demo": "",
    "analyse": "room.mp4",
    "convert": "poses.jsonl out.trc",
    "evaluate": "coco truth.json",
    "poses train": "images model.csv",
    "studio": "room.mp4",
    "view": "poses.jsonl",
    "models list": "",
    "models fetch": "",
    "models verify": "",
    "models path": "",
    "models export": "full --onnx full.onnx",
    "oak devices": "",
    "oak compile": "",
    "oak check": "",
}

WRONG_VALUES = {
    "--model huge": "model must be one of ['lite', 'full', 'heavy'] or the path",
    "--model absent.task": "no model file at 'absent.task'",
    "--model absent/x.tflite": "no model file at 'absent/x.tflite'",
    "--models absent": "no folder of models at 'absent'",
    "--models room.mp4": "no folder of models at 'room.mp4'",
    "--profile best": "profile must be one of",
    "--backend tf": "backend must be one of",
    "--device TPU": "device must be one of ['CPU', 'GPU', 'NPU', 'AUTO'], got 'TPU'",
    "--device ''": "device must be one of",
    "--threads 0": "threads must be at least 1",
    "--precision half": "precision must be one of",
    "--num-poses 0": "num_poses must be at least 1",
    "--num-poses 2 --profile solutions": "profile must be one of ['tasks', 'default'] for several",
    "--crop none": "crop must be one of",
    "--detection-confidence 1.5": "detection_confidence must be from 0 to 1, got 1.5",
    "--presence-confidence=-1": "presence_confidence must be from 0 to 1",
    "--tracking-confidence nan": "tracking_confidence must be from 0 to 1",
    "--association-iou 2": "association_iou must be from 0 to 1",
    "--id-memory-s -1": "id_memory_s must be at least 0",
    "--smoothing 1.5": "smoothing must be from 0 to 1",
    "--smoothing 0.4 --no-smoothing": "--no-smoothing and --smoothing must not be given together",
    "--rotation 45": "rotation_deg must be 0, 90, 180 or 270, got 45",
    "-o poses.txt": "the suffix must be one of",
    "-o vmc://host:port": "the address must be vmc://HOST:PORT",
    "-o http://host/poses": "poses can be sent to vmc://HOST:PORT, got 'http://host/poses'",
    "-o ''": "the suffix must be one of",
    "-o .": "the suffix must be one of",
    "-o '{x}.csv'": "braces in an output must be {name} or {folder}, got '{x}'",
    "-o '{{name}}.csv'": "braces in an output must be",
    "-o '{frame:zz}.png'": "braces in an output must be",
    "-o absent/poses.csv": "there is no folder 'absent'",
    "-o a.csv -o ./a.csv": "the outputs must be different",
    "-o room.mp4": "the output must not be the input itself",
    "other.mp4 -o a.csv": "would both be written to 'a.csv': put {name}",
    "other.mp4 --show": "--show must have a single input, got 2",
    "other.mp4 --model huge": "model must be one of",
}
SHARED = ("--model ", "--models ")
OF_BENCH = (
    *SHARED,
    "--profile",
    "--backend",
    "--device",
    "--threads",
    "--precision",
    "--num-poses",
)


@pytest.fixture
def run(vitruvian: Program, empty_room: Path, tmp_path: Path) -> Callable[[str], Result]:
    """Run a command line in a folder with two videos and the truth of an image."""
    for name in ("room.mp4", "other.mp4"):
        shutil.copy(empty_room, tmp_path / name)
    Image.new("RGB", (96, 64)).save(tmp_path / "empty.png")
    truth = {"images": [{"id": 1, "file_name": "empty.png"}], "annotations": [], "categories": []}
    (tmp_path / "truth.json").write_text(json.dumps(truth))
    return lambda line: vitruvian(*shlex.split(line))


def leaves() -> set[str]:
    """Return the full names of all commands that are not groups."""

    def walk(name: str, command: object) -> set[str]:
        below = getattr(command, "commands", None)
        if below is None:
            return {name.strip()}
        return set.union(*(walk(f"{name} {word}", child) for word, child in below.items()))

    return walk("", typer.main.get_command(app))


def test_the_table_has_every_command() -> None:
    assert {name for name in leaves() if not name.startswith(("run", "mediapipe"))} == {*COMMANDS}


@pytest.mark.parametrize("line", WRONG_VALUES)
def test_a_wrong_value_of_track_is_one_line_and_exit_code_2_and_writes_nothing(
    run: Callable[[str], Result], tmp_path: Path, line: str
) -> None:
    before = sorted(tmp_path.iterdir())
    result = run(f"track room.mp4 {line}")
    assert WRONG_VALUES[line] in result.stderr
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert result.stdout == ""
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("command", "line"),
    [
        *(("bench room.mp4", line) for line in WRONG_VALUES if line.startswith(OF_BENCH)),
        *(("analyse room.mp4", line) for line in WRONG_VALUES if line.startswith(OF_BENCH)),
        *(("demo", line) for line in WRONG_VALUES if line.startswith(SHARED)),
        *(("evaluate coco truth.json", line) for line in WRONG_VALUES if line.startswith(OF_BENCH)),
    ],
)
def test_a_wrong_value_of_other_commands_is_exit_code_2(
    run: Callable[[str], Result], command: str, line: str
) -> None:
    result = run(f"{command} {line}")
    assert WRONG_VALUES[line] in result.stderr
    assert result.exit_code == 2


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("wrong", ["--no-such", "--no-such=1"])
def test_an_unknown_option_is_exit_code_2(
    run: Callable[[str], Result], name: str, wrong: str
) -> None:
    result = run(f"{name} {COMMANDS[name]} {wrong}")
    assert result.exit_code == 2
    assert "No such option" in result.stderr
    assert "Usage: vitruvian" in result.stderr


@pytest.mark.parametrize(
    "line",
    [
        *("", "tracks", "models", "models x", "-v", "--no-such", "run", "run -m"),
        *("track", "track -q", "track room.mp4 -o", "track room.mp4 --limit 0"),
        *("track room.mp4 --limit x", "track room.mp4 --jobs 0", "track room.mp4 --num-poses two"),
        *("track room.mp4 --smoothing much", "track room.mp4 --rotation up", "track ''"),
        *("convert", "convert poses.jsonl", "convert poses.jsonl x.txt", "convert a.csv x.mp4"),
        *("convert a.csv b.csv --smooth -1", "convert a.csv b.csv --fov 60 --focal 900"),
        *("triangulate a.csv b.csv", "triangulate a.csv b.csv --calibration c.toml"),
        *("bench a b", "bench --limit 0", "bench --json absent/x.json", "bench --json ."),
        *("evaluate", "evaluate coco", "evaluate mpi truth.json", "evaluate coco a b"),
        *("evaluate coco truth.json -m lite,", "evaluate coco truth.json --limit 0"),
        *("evaluate coco truth.json --json absent/x.json", "evaluate coco truth.json --json ."),
        *(
            "evaluate coco truth.json --sheet x.gif",
            "evaluate coco truth.json --sheet absent/x.png",
        ),
        *("analyse", "analyse room.mp4 --reps yoga", "analyse room.mp4 --angles room.mp4"),
        *("analyse room.mp4 --smooth -1", "analyse room.mp4 --plot absent/x.html"),
        *("track oak-virtual --oak-mode cloud", "track room.mp4 --xyz", "models export full"),
        *("oak", "oak compile --shaves 17", "oak compile --model big", "oak check --only x"),
        *("poses", "poses train", "poses train absent model.csv", "poses train . absent/m.csv"),
        *("demo x", "demo -o room.mp4", "models list x", "models list --models absent"),
        *("models fetch huge", "models fetch lite huge", "models verify huge"),
        *("models verify --models absent", "models path huge", "models path a b"),
    ],
)
def test_other_wrong_command_lines_are_exit_code_2(
    run: Callable[[str], Result], tmp_path: Path, line: str
) -> None:
    before = sorted(tmp_path.iterdir())
    result = run(line)
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.weights
@pytest.mark.parametrize(
    "line",
    [
        *(
            "track absent.mp4",
            "track text.mp4",
            "track 'no*.mp4'",
            "track nothing",
            "bench absent.mp4",
        ),
        *(
            "track room.mp4 -o dir.csv",
            "track room.mp4 -m lite -o one.png",
            "track room.mp4 absent.mp4",
        ),
        *("track room.mp4 --model damaged.tflite", "models verify --models ."),
        *("evaluate coco absent.json", "evaluate coco text.mp4", "evaluate coco nothing"),
        *("evaluate coco truth.json --images nothing", "convert absent.csv a.trc"),
        *("analyse absent.mp4", "analyse text.mp4"),
        "triangulate a.csv b.csv --calibration absent.toml -o a.trc",
    ],
)
def test_what_fails_is_exit_code_1(
    run: Callable[[str], Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    if "verify" in line:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "text.mp4").write_text("not a video")
    (tmp_path / "damaged.tflite").write_text("not a model")
    (tmp_path / "nothing").mkdir()
    (tmp_path / "dir.csv").mkdir()
    result = run(line)
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("line", ["--version", "--help", "track -h", "models list"])
def test_what_succeeds_is_exit_code_0(run: Callable[[str], Result], line: str) -> None:
    assert run(line).exit_code == 0


def test_the_program_returns_the_code(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from vitruvian.cli.main import run; run()", "track"]
    done = subprocess.run(
        [*command, "a.mp4", "--rotation", "45"], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 2
