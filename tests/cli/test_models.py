from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from vitruvian.models import fetch
from vitruvian.models.catalog import CATALOG, Weights
from vitruvian.models.store import FOLDER_VARIABLE, cache_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from typer.testing import Result

    Program = Callable[..., Result]

CONTENTS = {name: b"\x1c\0\0\0TFL3" + name.encode() * 50 for name in CATALOG}


class FakeSource:
    """A fake source that has every file."""

    name = "shelf"

    def fetch(self, wanted: Sequence[Weights], folder: Path, progress: fetch.Progress) -> None:
        for weights in wanted:
            (folder / weights.file).write_bytes(CONTENTS[weights.name])
            progress(weights.file, weights.size, weights.size)


@pytest.fixture(autouse=True)
def _small_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    monkeypatch.setattr(fetch, "SOURCES", [FakeSource()])
    for name, content in CONTENTS.items():
        digest = hashlib.sha256(content).hexdigest()
        weights = Weights(
            name, CATALOG[name].file, len(content), (digest,), "Apache-2.0", {"shelf": name}
        )
        monkeypatch.setitem(CATALOG, name, weights)  # type: ignore[arg-type]


def test_list_names_each_file_its_licence_and_whether_it_is_here(vitruvian: Program) -> None:
    rows = vitruvian("models", "list").stdout.splitlines()
    assert [row.split()[0] for row in rows] == list(CATALOG)
    assert all("Apache-2.0" in row and row.endswith("not fetched") for row in rows)
    vitruvian("models", "fetch", "lite")
    assert str(cache_folder() / CATALOG["lite"].file) in vitruvian("models", "list").stdout


def test_fetch_downloads_all_files(vitruvian: Program) -> None:
    result = vitruvian("models", "fetch")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        f"{name}: {cache_folder() / weights.file}" for name, weights in CATALOG.items()
    ]


def test_fetch_of_a_landmark_network_downloads_the_detector_too(vitruvian: Program) -> None:
    vitruvian("models", "fetch", "heavy")
    assert {path.name for path in cache_folder().glob("*.tflite")} == {
        CATALOG["detector"].file,
        CATALOG["heavy"].file,
    }


def test_fetch_shows_a_bar_for_each_file_on_the_error_stream(vitruvian: Program) -> None:
    assert CATALOG["full"].file in vitruvian("models", "fetch", "full").stderr


def test_fetch_without_a_source_says_what_to_do(
    vitruvian: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "SOURCES", [])
    result = vitruvian("models", "fetch", "full")
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert FOLDER_VARIABLE in result.stderr


def test_verify_reports_valid_absent_and_damaged(vitruvian: Program) -> None:
    vitruvian("models", "fetch")
    assert vitruvian("models", "verify").exit_code == 0
    (cache_folder() / CATALOG["lite"].file).unlink()
    (cache_folder() / CATALOG["full"].file).write_bytes(b"something else")
    result = vitruvian("models", "verify")
    assert result.exit_code == 1
    states = [row.split()[1].rstrip(":") for row in result.stdout.splitlines()]
    assert states == ["ok", "absent", "damaged", "ok"]
    assert vitruvian("models", "verify", "heavy").exit_code == 0


def test_path_prints_the_file_or_the_folder_of_all(vitruvian: Program) -> None:
    vitruvian("models", "fetch", "lite")
    assert vitruvian("models", "path").stdout == f"{cache_folder()}\n"
    assert (
        vitruvian("models", "path", "lite").stdout == f"{cache_folder() / CATALOG['lite'].file}\n"
    )


def test_path_of_an_absent_file_is_an_error_that_says_what_to_do(vitruvian: Program) -> None:
    result = vitruvian("models", "path", "heavy")
    assert result.exit_code == 1
    assert "vitruvian models fetch heavy" in result.stderr


def test_named_folder_is_looked_in_first(vitruvian: Program, tmp_path: Path) -> None:
    (tmp_path / CATALOG["lite"].file).write_bytes(CONTENTS["lite"])
    result = vitruvian("models", "path", "lite", "--models", tmp_path)
    assert result.stdout == f"{tmp_path / CATALOG['lite'].file}\n"


@pytest.mark.parametrize("command", ["fetch", "verify", "path"])
def test_unknown_name_is_an_error_that_lists_the_names(vitruvian: Program, command: str) -> None:
    result = vitruvian("models", command, "huge")
    assert result.exit_code == 2
    assert "['detector', 'lite', 'full', 'heavy'], got 'huge'" in result.stderr
