"""Temporary files: one of a living process is never taken for an abandoned one."""

from __future__ import annotations

import errno
import fcntl
import os
import platform
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from vitruvian import draft as draft_module
from vitruvian.draft import Draft, abandoned_drafts, replace_file

HOLD = """
import os, sys, time
from pathlib import Path
from vitruvian.draft import Draft
draft = Draft(Path(sys.argv[1]))
print(draft.path, flush=True)
sys.stdin.read()
os._exit(1)
"""


@pytest.fixture
def abandon(tmp_path: Path):
    """Leave a draft as a process that is killed does."""

    def abandoned(name: str, content: bytes = b"") -> Path:
        with subprocess.Popen(
            [sys.executable, "-c", HOLD, str(tmp_path / name)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            path = Path(process.stdout.readline().strip())
            path.write_bytes(content)
            assert path not in found_in(tmp_path)  # it is alive
            process.kill()
        return path

    return abandoned


def found_in(folder: Path) -> list[Path]:
    return [draft.path for draft in abandoned_drafts(folder)]


def test_a_draft_is_hidden_and_gets_its_name_when_it_is_moved(tmp_path: Path) -> None:
    draft = Draft(tmp_path / "walk.csv")
    assert draft.path.name.startswith(".walk.csv.vitruvian-")
    draft.path.write_text("content")
    draft.move_to(draft.final)
    draft.discard()
    assert [path.name for path in tmp_path.iterdir()] == ["walk.csv"]
    assert (tmp_path / "walk.csv").read_text() == "content"


def test_the_draft_of_a_killed_process_is_found(tmp_path: Path, abandon) -> None:
    path = abandon("walk.csv")
    (draft,) = abandoned_drafts(tmp_path)
    assert (draft.path, draft.final) == (path, tmp_path / "walk.csv")
    assert found_in(tmp_path) == []  # another process has it now
    draft.discard()
    assert not list(tmp_path.iterdir())


def test_the_draft_of_this_process_is_not_abandoned(tmp_path: Path) -> None:
    draft = Draft(tmp_path / "walk.csv")
    assert found_in(tmp_path) == []
    moved = Draft(tmp_path / "other.csv")
    moved.move_to(draft.path)  # the file has the lock of the draft that it was
    draft.close()
    assert found_in(tmp_path) == []
    moved.close()
    assert found_in(tmp_path) == [draft.path]


def test_the_draft_that_a_forked_process_still_has_is_not_abandoned(tmp_path: Path) -> None:
    program = HOLD.replace("print(", "if os.fork():\n    os._exit(0)\nprint(")
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "walk.csv")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None
        path = Path(process.stdout.readline().decode().strip())
        process.wait()
        assert found_in(tmp_path) == []
        process.communicate()  # until the child has ended
    assert found_in(tmp_path) == [path]


def test_the_draft_of_another_host_is_not_touched(tmp_path: Path, abandon, monkeypatch) -> None:
    abandon("walk.csv")
    draft_module._host.cache_clear()
    monkeypatch.setattr(platform, "node", lambda: "another")
    assert found_in(tmp_path) == []
    monkeypatch.undo()
    draft_module._host.cache_clear()
    assert len(found_in(tmp_path)) == 1


def test_on_a_file_system_without_locks_nothing_is_abandoned(
    tmp_path: Path, abandon, monkeypatch
) -> None:
    path = abandon("walk.csv")

    def flock(*_):
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", flock)
    assert found_in(tmp_path) == []
    Draft(tmp_path / "b.csv").discard()
    assert list(tmp_path.iterdir()) == [path]


def test_without_locks_of_the_system_a_day_old_file_is_abandoned(
    tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    draft = Draft(tmp_path / "walk.csv")
    assert found_in(tmp_path) == []
    yesterday = time.time() - 25 * 3600
    os.utime(draft.path, (yesterday, yesterday))
    assert found_in(tmp_path) == [draft.path]


def test_a_draft_that_another_process_takes_at_its_birth_is_made_again(
    tmp_path: Path, monkeypatch
) -> None:
    flock = fcntl.flock
    stolen = []

    def late(file: int, operation: int) -> None:
        if not stolen:
            (path,) = tmp_path.iterdir()
            stolen.append(path)
            path.unlink()
        flock(file, operation)

    monkeypatch.setattr(fcntl, "flock", late)
    draft = Draft(tmp_path / "walk.csv")
    assert draft.path.is_file()
    assert draft.path != stolen[0]


def test_only_one_of_many_sweepers_gets_a_draft(tmp_path: Path, abandon) -> None:
    for i in range(5):
        abandon(f"{i}.csv")
    found: list[Draft] = []
    threads = [
        threading.Thread(target=lambda: found.extend(abandoned_drafts(tmp_path))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(draft.final.name for draft in found) == [f"{i}.csv" for i in range(5)]


def test_other_files_and_links_are_not_touched(tmp_path: Path, abandon) -> None:
    path = abandon("walk.csv")
    os.rename(path, tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    (tmp_path / ".walk.csv.0123abcd.tmp").touch()
    (tmp_path / f"{path.name}.d").mkdir()
    assert found_in(tmp_path) == []
    assert found_in(tmp_path / "missing") == []


@pytest.mark.parametrize("name", ["n" * 255, "ü" * 127, "n" * 221, "n" * 222])
def test_a_name_may_have_any_length(tmp_path: Path, name: str) -> None:
    draft = Draft(tmp_path / name)
    draft.move_to(draft.final)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_cached_file_is_written_whole_and_leftovers_are_removed(tmp_path: Path, abandon) -> None:
    abandon("model.tflite", b"half")
    replace_file(tmp_path / "model.tflite", b"who", b"le")
    assert (tmp_path / "model.tflite").read_bytes() == b"whole"
    assert [path.name for path in tmp_path.iterdir()] == ["model.tflite"]
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="directory"):
        replace_file(tmp_path / "folder", b"")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "model.tflite"]
