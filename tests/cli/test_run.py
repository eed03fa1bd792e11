"""`vitruvian run`: programs for MediaPipe run as under Python, with our ``mediapipe``."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import venv
import zipfile
from pathlib import Path
from textwrap import dedent

import cv2
import pytest

import vitruvian
from vitruvian.compat import opencv_check

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


def test_program_has_each_module_once(tmp_path: Path) -> None:
    path = made(
        tmp_path,
        """
        import sys, mediapipe, vitruvian.compat.mediapipe as ours, pickle
        from mediapipe.tasks.python.components.containers import NormalizedLandmark
        finders = [type(finder).__name__ for finder in sys.meta_path]
        print(mediapipe is ours, finders.count("DeclaredModules"))
        print(b"vitruvian" in pickle.dumps(NormalizedLandmark(1, 2)))
        """,
    )
    assert started(path, cwd=tmp_path).stdout == "True 1\nFalse\n"


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
        (["run", "-m"], "give a program, -m MODULE or -c CODE, got '-m'"),
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


def test_an_empty_entry_of_the_module_path_stays_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(tmp_path, "NAME = 'mine'", "mine.py")
    (tmp_path / "other").mkdir()
    monkeypatch.setenv("PYTHONPATH", os.pathsep + os.environ.get("PYTHONPATH", str(tmp_path / "x")))
    path = made(tmp_path / "other", "import mediapipe, mine; print(mine.NAME)")
    assert started(path, cwd=tmp_path).stdout == "mine\n"


def test_program_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    done = started("absent.py", cwd=tmp_path)
    message = "error: program 'absent.py' does not exist: give a script, or -m and a module\n"
    assert (done.returncode, done.stderr) == (1, message)


@pytest.fixture(scope="module")
def other_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python of another environment, in which MediaPipe is installed."""
    folder = tmp_path_factory.mktemp("other")
    venv.create(folder, symlinks=os.name != "nt")
    (site,) = folder.glob("[Ll]ib/**/site-packages")
    (site / "mediapipe").mkdir()
    made(site / "mediapipe", "", "__init__.py")
    (site / "mediapipe-1.2.2.dist-info").mkdir()
    made(site / "mediapipe-1.2.2.dist-info", "Name: mediapipe\nVersion: 1.2.2", "METADATA")
    return folder / ("Scripts" if os.name == "nt" else "bin") / "python"


SEEN = """
import os, sys, mediapipe, importlib.metadata
print(mediapipe.__name__, importlib.metadata.version("mediapipe"))
print([path for path in sys.path if "shim" in path], os.environ.get("PYTHONPATH"))
print([name for name in os.environ if "VITRUVIAN_RUN" in name])
"""


@pytest.mark.parametrize("python_path", ["", "mine"])
def test_a_python_of_another_environment_is_left_alone(
    tmp_path: Path, other_python: Path, monkeypatch: pytest.MonkeyPatch, python_path: str
) -> None:
    monkeypatch.setenv("PYTHONPATH", python_path)
    path = made(
        tmp_path,
        f"""
        import mediapipe, subprocess, sys
        subprocess.run([{str(other_python)!r}, "-c", {SEEN!r}])
        subprocess.run([sys.executable, "-c", "import mediapipe; print(mediapipe.__name__)"])
        """,
    )
    done = started(path, cwd=tmp_path)
    expected = f"mediapipe 1.2.2\n[] {python_path or None}\n[]\nvitruvian.compat.mediapipe\n"
    assert (done.stdout, done.stderr) == (expected, "")


def test_a_child_without_the_variable_of_the_environment_is_left_alone(tmp_path: Path) -> None:
    seen = "import os, sys\n" + "\n".join(SEEN.splitlines()[3:])
    path = made(
        tmp_path,
        f"""
        import os, subprocess, sys
        del os.environ["VITRUVIAN_RUN"]
        subprocess.run([sys.executable, "-c", {seen!r}])
        """,
    )
    done = started(path, cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("[] None\n[]\n", "")


def test_a_program_finds_the_version_that_the_package_has(tmp_path: Path) -> None:
    path = made(
        tmp_path,
        "import importlib.metadata as m, mediapipe; print(m.version('mediapipe'))\n"
        "print(mediapipe.__version__)",
    )
    first, second = started(path, cwd=tmp_path).stdout.split()
    assert first == second


@pytest.mark.parametrize("text", ["import mine; MINE = 1", "import absent", "1 / 0"])
def test_the_sitecustomize_of_the_user_is_still_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    made(tmp_path, "import sys; print('mine', file=sys.stderr)", "mine.py")
    made(tmp_path, f"import mine\n{text}", "sitecustomize.py")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    program = "import sitecustomize; print(sitecustomize.MINE)"
    plain = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    done = started("-c", f"import mediapipe; {program}", cwd=tmp_path)
    last = plain.stderr.splitlines()[-1:]
    assert (done.stdout, done.stderr.splitlines()[-1:]) == (plain.stdout, last)


@pytest.mark.parametrize("start", ["spawn", "forkserver"])
def test_processes_that_are_not_forked_are_redirected(tmp_path: Path, start: str) -> None:
    if start not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {start} here")
    path = made(
        tmp_path,
        f"""
        import multiprocessing

        def name(_):
            import mediapipe
            return mediapipe.__name__

        if __name__ == "__main__":
            with multiprocessing.get_context("{start}").Pool(1) as pool:
                print(pool.map(name, [0]))
        """,
    )
    assert started(path, cwd=tmp_path).stdout == "['vitruvian.compat.mediapipe']\n"


@pytest.mark.parametrize(
    "words", [["{python}", "-m", "child"], ["./script"], ["sh", "-c", "{python} child.py"]]
)
def test_every_way_to_start_the_same_python_is_redirected(tmp_path: Path, words: list[str]) -> None:
    made(tmp_path, "import mediapipe; print(mediapipe.__name__)", "child.py")
    script = tmp_path / "script"
    script.write_text(f"#!{sys.executable}\n" + (tmp_path / "child.py").read_text())
    script.chmod(0o755)
    command = [word.replace("{python}", sys.executable) for word in words]
    path = made(tmp_path, f"import subprocess; subprocess.run({command!r})")
    assert started(path, cwd=tmp_path).stdout == "vitruvian.compat.mediapipe\n"


# --- the command line of Python ---


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        (
            ["-c", "import sys, mediapipe; print(mediapipe.__name__, sys.argv)", "-u", "a"],
            "vitruvian.compat.mediapipe ['-c', '-u', 'a']",
        ),
        (["-cprint(1)"], "1"),
        (["-u", "-c", "import sys; print(sys.stdout.write_through)"], "True"),
        (["-uOO", "-c", "import sys; print(sys.flags.optimize)"], "2"),
        (["-Bc", "import sys; print(sys.dont_write_bytecode)"], "True"),
        (
            ["-W", "error", "-Wignore::UserWarning", "-c", "import sys; print(sys.warnoptions)"],
            "['error', 'ignore::UserWarning']",
        ),
        (["-X", "dev", "-c", "import sys; print(sys.flags.dev_mode)"], "True"),
        (["-um", "beside", "-m"], "['-m']"),
        (["-u", "-", "-c"], "['-', '-c']"),
        (["-P", "folder"], "folder"),
        (["archive.zip", "x"], "archive"),
        (["-i", "-c", "print(7)"], "7"),
    ],
)
def test_options_of_python_are_accepted(tmp_path: Path, words: list[str], printed: str) -> None:
    made(tmp_path, "import sys; print(sys.argv[1:])", "beside.py")
    (tmp_path / "folder").mkdir()
    made(tmp_path / "folder", "print('folder')", "__main__.py")
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        archive.writestr("__main__.py", "import mediapipe; print('archive')")
    stdin = "import sys; print(sys.argv)" if "-" in words else ""
    done = started(*words, cwd=tmp_path, stdin=stdin)
    assert done.stdout == f"{printed}\n", done.stderr


@pytest.mark.parametrize("option", ["-E", "-I", "-S", "-uS"])
def test_options_that_prevent_the_redirection_are_one_error(tmp_path: Path, option: str) -> None:
    done = started(option, "-c", "pass", cwd=tmp_path)
    message = f"error: vitruvian run can't redirect 'import mediapipe' with {option!r}\n"
    assert (done.returncode, done.stderr) == (2, message)


@pytest.mark.parametrize("words", [["-z", "program.py"], ["-u"], ["-W"], ["-c"]])
def test_a_command_line_without_a_program_is_an_error_of_use(
    tmp_path: Path, words: list[str]
) -> None:
    done = started(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert "give a program" in done.stderr


@pytest.mark.parametrize("name", ["mediapipe.py", "mediapipe/prog.py"])
def test_a_program_or_folder_of_the_name_mediapipe_does_not_hide_ours(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "mediapipe").mkdir()
    made(tmp_path / "mediapipe", "1 / 0", "__init__.py")
    path = made(tmp_path, "import mediapipe; print(mediapipe.__name__)", name)
    assert started(path, cwd=tmp_path).stdout == "vitruvian.compat.mediapipe\n"


# --- notebooks ---


def notebook(folder: Path, *cells: str, **metadata: object) -> Path:
    path = folder / "notebook.ipynb"
    code = [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]
    text = {"cell_type": "markdown", "source": "import absent"}
    path.write_text(json.dumps({"nbformat": 4, "metadata": metadata, "cells": [text, *code]}))
    return path


def test_the_cells_of_a_notebook_are_one_program_in_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    made(folder, "NAME = 'beside'", "beside.py")
    path = notebook(
        folder,
        "import mediapipe as mp, os, sys",
        "def name():\n    return mp.__name__",
        "import beside\nif __name__ == '__main__':\n    display(name(), beside.NAME, 5\n% 3)",
        "print(os.path.basename(os.getcwd()), sys.argv[1:])",
    )
    done = started(path, "a", "-b", cwd=tmp_path)
    expected = "vitruvian.compat.mediapipe beside 2\nfolder ['a', '-b']\n"
    assert (done.stdout, done.stderr, done.returncode) == (expected, "", 0)


def test_a_traceback_names_the_cell_and_shows_its_line(tmp_path: Path) -> None:
    path = notebook(tmp_path, "def fail():\n    raise ValueError('no rep')", "1\nfail()")
    done = started(path, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "Traceback (most recent call last):",
        f'  File "{path}, cell 2", line 2, in <module>',
        "    fail()",
        f'  File "{path}, cell 1", line 2, in fail',
        "    raise ValueError('no rep')",
        "ValueError: no rep",
    ]


def test_commands_of_ipython_without_effect_are_skipped(tmp_path: Path) -> None:
    path = notebook(
        tmp_path,
        "!pip install -q mediapipe\n%matplotlib inline",
        "%%time\nfor i in range(2):\n    %config a\n    print(i)",
    )
    done = started(path, cwd=tmp_path)
    assert done.stdout == "0\n1\n"
    assert done.stderr == f"note: {path}, cell 1: '!pip install -q mediapipe' is skipped\n"


def test_installs_are_skipped_without_a_sign_and_over_several_lines(tmp_path: Path) -> None:
    path = notebook(tmp_path, "pip install mediapipe\n!pip install a \\\n  b \\\n  c\nprint(1)")
    done = started(path, cwd=tmp_path)
    notes = [line.split(": ")[-1] for line in done.stderr.splitlines()]
    assert (done.stdout, done.returncode) == ("1\n", 0)
    assert notes == ["'pip install mediapipe' is skipped", "'!pip install a \\\\' is skipped"]


def test_a_continued_line_that_looks_like_a_command_is_python(tmp_path: Path) -> None:
    path = notebook(
        tmp_path,
        "%matplotlib inline\nx = (10\n  % 4)\ny = 10 \\\n% 4\nz = '''\n!ls\n'''\nprint(x, y, z)",
    )
    assert started(path, cwd=tmp_path).stdout == "2 2 \n!ls\n\n"


def test_cells_may_await(tmp_path: Path) -> None:
    path = notebook(
        tmp_path,
        "import asyncio\nasync def two():\n    return 2",
        "task = asyncio.create_task(two())\nawait asyncio.sleep(0)",
        "print(await task)\nasync def fail():\n    1 / 0",
        "await fail()",
    )
    done = started(path, cwd=tmp_path)
    assert (done.stdout, done.returncode) == ("2\n", 1)
    lines = [line.strip() for line in done.stderr.splitlines() if line.startswith("  File")]
    places = ['4", line 1, in <module>', '3", line 3, in fail']
    assert lines == [f'File "{path}, cell {place}' for place in places]


@pytest.mark.parametrize(
    ("first", "kind"), [("", "int"), ("from __future__ import annotations", "str")]
)
def test_annotations_are_what_the_notebook_asks_for(tmp_path: Path, first: str, kind: str) -> None:
    path = notebook(
        tmp_path,
        first,
        "def f(x: int): pass\nx = f.__annotations__['x']",
        "display(x if isinstance(x, str) else x.__name__, type(x).__name__, display_id=True)",
    )
    kinds = {"int": "int type\n", "str": "int str\n"}
    assert started(path, cwd=tmp_path).stdout == kinds[kind]


def test_a_notebook_may_have_a_byte_order_mark_and_an_upper_case_suffix(tmp_path: Path) -> None:
    path = notebook(tmp_path, "print(1)")
    other = path.with_suffix(".IPYNB")
    other.write_text(path.read_text(), "utf-8-sig")
    assert started(other, cwd=tmp_path).stdout == "1\n"


@pytest.mark.parametrize("line", ["!wget model.task", "%%bash", "%cd data", "len?", "files = !ls"])
def test_other_commands_of_ipython_are_one_error_before_the_start(
    tmp_path: Path, line: str
) -> None:
    path = notebook(tmp_path, "print('started')", f"{line}\n1")
    done = started(path, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"error: {path}, cell 2: {line!r} is a command of IPython: ")
    assert len(done.stderr.splitlines()) == 1


def test_a_syntax_error_names_the_cell(tmp_path: Path) -> None:
    done = started(notebook(tmp_path, "print(1)", "x = ("), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "1\n")
    assert 'notebook.ipynb, cell 2", line 1' in done.stderr


def test_a_notebook_may_end_itself(tmp_path: Path) -> None:
    assert started(notebook(tmp_path, "raise SystemExit(7)"), cwd=tmp_path).returncode == 7


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"worksheets": []}', '{"cells": [1]}'])
def test_a_file_that_is_not_a_notebook_is_one_error(tmp_path: Path, text: str) -> None:
    path = made(tmp_path, text, "notebook.ipynb")
    done = started(path, cwd=tmp_path)
    assert done.stderr.startswith(f"error: {str(path)!r} is not a notebook of format 4: ")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)


@pytest.mark.parametrize(
    "metadata",
    [
        {"kernelspec": {"language": "R"}},
        {"kernelspec": {"name": "ir"}, "language_info": {"name": "R"}},
    ],
)
def test_a_notebook_in_another_language_is_one_error(
    tmp_path: Path, metadata: dict[str, object]
) -> None:
    path = notebook(tmp_path, "1", **metadata)
    done = started(path, cwd=tmp_path)
    assert done.stderr == f"error: {str(path)!r} must be a notebook in Python, got 'R'\n"


# --- the OpenCV of the program ---


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python in which only this package is installed, thus no OpenCV."""
    folder = tmp_path_factory.mktemp("python")
    venv.create(folder, symlinks=os.name != "nt")
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    (site,) = folder.glob("[Ll]ib/**/site-packages")
    (site / "vitruvian.pth").write_text(str(Path(vitruvian.__file__).parents[1]))
    return scripts / "python"


def opencv(folder: Path, *packages: str, headless: bool = True) -> Path:
    """Return a folder in which packages of OpenCV are installed; its functions print their name."""
    site = folder / "installed"
    (site / "cv2").mkdir(parents=True)
    made(site / "cv2", "def __getattr__(name): return lambda *_: print(name)", "__init__.py")
    made(site / "cv2", f"contrib = False\nheadless = {headless}", "version.py")
    for package in packages:
        (site / f"{package}-4.13.0.92.dist-info").mkdir()
    return site


def run_by(
    python: Path, program: Path, *, installed: Path | None = None, is_module: bool = False
) -> subprocess.CompletedProcess[str]:
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    if installed is not None:
        environment["PYTHONPATH"] = str(installed)
    words = ["-m", program.stem] if is_module else [program]
    return subprocess.run(
        [python, *VITRUVIAN[1:], *words],
        cwd=program.parent,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_installed_opencv_is_recognized_as_headless_or_not() -> None:
    has_windows = bool(cv2.currentUIFramework())
    assert opencv_check._is_headless(Path(cv2.__file__).parent) != has_windows


@pytest.mark.parametrize("call", opencv_check.WINDOW_CALLS)
def test_a_window_call_with_a_headless_opencv_is_one_warning_with_the_repair(
    tmp_path: Path, python: Path, call: str
) -> None:
    path = made(tmp_path, f"import cv2; cv2.{call}()")
    done = run_by(python, path, installed=opencv(tmp_path, "opencv_python_headless"))
    assert done.stderr == (
        f"warning: {path} calls cv2.{call}, but the installed OpenCV is headless, which has no "
        "windows: pip uninstall -y opencv-python-headless && pip install opencv-python\n"
    )
    assert (done.returncode, done.stdout) == (0, f"{call}\n")


def test_the_repair_replaces_every_package_of_opencv_and_keeps_contrib(
    tmp_path: Path, python: Path
) -> None:
    path = made(tmp_path, "import cv2; cv2.imshow()")
    site = opencv(tmp_path, "opencv_python", "opencv_contrib_python_headless")
    assert run_by(python, path, installed=site).stderr.endswith(
        ": pip uninstall -y opencv-contrib-python-headless opencv-python "
        "&& pip install opencv-contrib-python\n"
    )


@pytest.mark.parametrize(
    "source",
    [
        "import cv2 as cv; cv.imshow()",
        "import cv2.data; cv2.imshow()",
        "from cv2 import imshow; imshow()",
        "from cv2 import imshow as show; show()",
        "import beside; beside.cv2.imshow()",
        "from package import inner; inner.cv2.imshow()",
        "try:\n    import cv2\nexcept ImportError:\n    pass\ncv2.imshow()",
    ],
)
@pytest.mark.parametrize("is_module", [False, True], ids=["script", "module"])
def test_a_window_call_is_found_whatever_the_form_of_the_import(
    tmp_path: Path, python: Path, source: str, is_module: bool
) -> None:
    window = "import cv2\ndef show(): cv2.imshow()"
    made(tmp_path, window, "beside.py")
    (tmp_path / "package").mkdir()
    made(tmp_path / "package", "", "__init__.py")
    made(tmp_path / "package", window, "inner.py")
    site = opencv(tmp_path, "opencv_python_headless")
    made(site / "cv2", "", "data.py")
    done = run_by(python, made(tmp_path, source), installed=site, is_module=is_module)
    assert "calls cv2.imshow, but the installed OpenCV is headless" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert (done.returncode, done.stdout) == (0, "imshow\n")


def test_an_import_of_a_missing_opencv_is_one_warning_before_the_traceback(
    tmp_path: Path, python: Path
) -> None:
    path = made(tmp_path, "print('started', flush=True)\nimport cv2")
    done = run_by(python, path)
    first, second, *_ = done.stderr.splitlines()
    assert (
        first == f"warning: {path} imports cv2, which is not installed: pip install opencv-python"
    )
    assert second == "Traceback (most recent call last):"
    assert done.stdout == "started\n"


@pytest.mark.parametrize(
    ("source", "packages"),
    [
        ("print('ran')", []),
        ("print('ran')", ["opencv_python_headless"]),
        ("import cv2; cv2.ran()", ["opencv_python_headless"]),
        ("try:\n    import cv2\nexcept ImportError:\n    print('ran')", []),
        (
            "import types; types.SimpleNamespace(imshow=print).imshow('ran')",
            ["opencv_python_headless"],
        ),
    ],
    ids=["no cv2", "no cv2, headless", "no window", "optional cv2", "another imshow"],
)
def test_a_program_that_finds_what_it_needs_gives_no_warning(
    tmp_path: Path, python: Path, source: str, packages: list[str]
) -> None:
    site = opencv(tmp_path, *packages) if packages else None
    done = run_by(python, made(tmp_path, source), installed=site)
    assert (done.returncode, done.stdout, done.stderr) == (0, "ran\n", "")


def test_an_opencv_with_windows_gives_no_warning(tmp_path: Path, python: Path) -> None:
    site = opencv(tmp_path, "opencv_python", headless=False)
    done = run_by(python, made(tmp_path, "import cv2; cv2.imshow()"), installed=site)
    assert (done.returncode, done.stdout, done.stderr) == (0, "imshow\n", "")


@pytest.mark.parametrize("source", ["import cv2; cv2.imshow(", "\0"])
def test_a_program_that_is_not_python_is_reported_by_python_only(
    tmp_path: Path, python: Path, source: str
) -> None:
    path = made(tmp_path, source)
    done = run_by(python, path, installed=opencv(tmp_path, "opencv_python_headless"))
    assert done.returncode == 1
    assert "warning" not in done.stderr
