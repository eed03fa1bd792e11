"""`vitruvian run`: programs for MediaPipe run as under Python, with our ``mediapipe``."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

VITRUVIAN = [sys.executable, "-c", "from vitruvian.cli.entry import main; main()", "run"]


def made(folder: Path, text: str, name: str = "program.py") -> Path:
    path = folder / name
    path.write_text(dedent(text))
    return path


def started(*words: object, cwd: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*VITRUVIAN, *map(str, words)],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_program_gets_our_mediapipe(tmp_path: Path) -> None:
    path = made(tmp_path, "import mediapipe as mp; print(mp.__name__, mp.solutions.__name__)")
    done = started(path, cwd=tmp_path)
    tree = "vitruvian.compat.mediapipe"
    assert (done.stdout, done.stderr) == (f"{tree} {tree}.python.solutions\n", "")


def test_program_finds_mediapipe_before_it_imports_it(tmp_path: Path) -> None:
    path = made(
        tmp_path,
        """
        import importlib.util
        print(bool(importlib.util.find_spec("mediapipe").submodule_search_locations))
        print(importlib.util.find_spec("mediapipe.python.solutions.pose").name)
        """,
    )
    assert started(path, cwd=tmp_path).stdout == "True\nmediapipe.python.solutions.pose\n"


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        (["run"], "Missing argument"),
        (["run", "--help"], "Run a Python program"),
        (["run", "-m"], "Missing argument"),
        (["--version"], "vitruvian"),
    ],
)
def test_other_words_are_arguments_of_vitruvian(words: list[str], printed: str) -> None:
    command = [*VITRUVIAN[:-1], *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert printed in done.stdout + done.stderr


def test_arguments_are_the_programs_own(tmp_path: Path) -> None:
    path = made(tmp_path, "import sys; print(sys.argv)")
    words = [path, "--help", "-m", "a b", "--", "-x"]
    expected = [str(path), "--help", "-m", "a b", "--", "-x"]
    assert started(*words, cwd=tmp_path).stdout == f"{expected}\n"


def test_import_path_and_standard_input_are_as_under_python(tmp_path: Path) -> None:
    made(tmp_path, "NAME = 'beside the program'", "beside.py")
    path = made(
        tmp_path, "import beside, sys; print(__name__, __file__, sys.path[0], sys.stdin.read())"
    )
    other = tmp_path / "other"
    other.mkdir()
    alone = [sys.executable, path]
    plain = subprocess.run(
        alone, cwd=other, input="typed", capture_output=True, text=True, check=True
    )
    assert started(path, cwd=other, stdin="typed").stdout == plain.stdout


def test_module_is_run_by_its_name(tmp_path: Path) -> None:
    package = tmp_path / "counter"
    package.mkdir()
    made(package, "", "__init__.py")
    made(package, "import sys, mediapipe; print(mediapipe.__name__, sys.argv[1:])", "__main__.py")
    done = started("-m", "counter", "-v", cwd=tmp_path)
    assert done.stdout == "vitruvian.compat.mediapipe ['-v']\n"


def test_program_may_come_from_the_standard_input(tmp_path: Path) -> None:
    done = started("-", cwd=tmp_path, stdin="import mediapipe; print(mediapipe.__name__)")
    assert done.stdout == "vitruvian.compat.mediapipe\n"


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_processes_of_the_program_see_the_same(tmp_path: Path, start: str) -> None:
    path = made(
        tmp_path,
        f"""
        import multiprocessing, subprocess, sys

        def name(_):
            import mediapipe
            return mediapipe.__name__

        if __name__ == "__main__":
            with multiprocessing.get_context("{start}").Pool(1) as pool:
                print(pool.map(name, [0]))
            subprocess.run([sys.executable, "-c", "import mediapipe; print(mediapipe.__name__)"])
        """,
    )
    done = started(path, cwd=tmp_path)
    tree = "vitruvian.compat.mediapipe"
    assert sorted(done.stdout.split()) == sorted([f"['{tree}']", tree]), done.stderr


def test_exit_code_is_the_programs(tmp_path: Path) -> None:
    assert started(made(tmp_path, "raise SystemExit(7)"), cwd=tmp_path).returncode == 7


def test_traceback_is_that_of_python(tmp_path: Path) -> None:
    path = made(tmp_path, "import mediapipe\nraise ValueError('no rep')")
    plain = f'Traceback (most recent call last):\n  File "{path}", line 2, in <module>\n'
    done = started(path, cwd=tmp_path)
    assert done.stderr.startswith(plain)
    assert done.stderr.endswith("ValueError: no rep\n")
    assert done.returncode == 1


def test_ctrl_c_reaches_the_program(tmp_path: Path) -> None:
    path = made(
        tmp_path,
        """
        import time
        try:
            print("ready", flush=True)
            time.sleep(60)
        except KeyboardInterrupt:
            print("saved")
        """,
    )
    process = subprocess.Popen([*VITRUVIAN, path], stdout=subprocess.PIPE, text=True, cwd=tmp_path)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60)[0] == "saved\n"
    assert process.returncode == 0


def test_module_path_of_the_user_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path, "NAME = 'mine'", "mine.py")
    other = tmp_path / "other"
    other.mkdir()
    ahead = filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(ahead))
    path = made(other, "import mediapipe, mine; print(mine.NAME)")
    assert started(path, cwd=other).stdout == "mine\n"


def test_program_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    done = started("absent.py", cwd=tmp_path)
    message = "error: program 'absent.py' does not exist: give a script, or -m and a module\n"
    assert (done.returncode, done.stderr) == (1, message)
