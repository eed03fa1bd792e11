from __future__ import annotations

import re
from pathlib import Path

import pytest

from vitruvian.cli.progress import BatchProgress, FrameProgress, fetch_models, fetch_progress
from vitruvian.models.catalog import CATALOG, DETECTOR
from vitruvian.runs import Finished, Job, Progress, RunSummary, Started

JOB = Job("a.mp4", "a.mp4", (Path("a.csv"),))


@pytest.fixture
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")


def last_bars(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The bars that are left on the terminal, without colours."""
    text = re.sub(r"\x1b\[[0-9;?]*[mlh]", "", capsys.readouterr().err)
    return [line.strip() for line in re.split(r"\x1b\[2K", text)[-1].splitlines() if line.strip()]


def test_existing_model_files_are_verified_by_the_engine_only(tmp_path: Path) -> None:
    for name in (DETECTOR, "lite"):
        (tmp_path / CATALOG[name].file).write_bytes(b"not read")
    fetch_models("lite", tmp_path)


@pytest.mark.usefixtures("_terminal")
def test_more_frames_than_the_file_gives_are_shown_without_a_total(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with FrameProgress("a.mp4", hidden=False) as bar:
        for n_done in (0, 100, 101, 294):
            bar.update(Progress(JOB, n_done, 100))
    (shown,) = last_bars(capsys)
    assert " 294 " in f"{shown} "
    assert "100" not in shown


@pytest.mark.usefixtures("_terminal")
@pytest.mark.parametrize(("is_interrupted", "count"), [(True, "3/9"), (False, "3/3")])
def test_only_a_finished_run_has_a_full_bar(
    capsys: pytest.CaptureFixture[str], is_interrupted: bool, count: str
) -> None:
    summary = RunSummary(3, is_interrupted=is_interrupted)
    with FrameProgress("a.mp4", hidden=False) as bar:
        bar.update(Progress(JOB, 3, 9))
        bar.update(Finished(JOB, summary))
    assert count in last_bars(capsys)[0]
    with BatchProgress(4, hidden=False) as bars:
        bars.update(Progress(JOB, 3, 9))
        bars.update(Finished(JOB, summary))
    assert f"{int(not is_interrupted)}/4" in last_bars(capsys)[0]


@pytest.mark.usefixtures("_terminal")
def test_an_input_that_starts_again_has_one_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with BatchProgress(4, hidden=False) as bars:
        for n_done in (9, 1):
            bars.update(Started(JOB))
            bars.update(Progress(JOB, n_done, 9))
    assert [bar.split()[0] for bar in last_bars(capsys)] == ["all", "a.mp4"]


def download() -> None:
    with fetch_progress() as update:
        update("mediapipe==0.10.21", 0, None)
        for n_bytes in (0, 500, 1000):
            update("lite.tflite", n_bytes, 1000)


@pytest.mark.usefixtures("_terminal")
def test_a_download_of_unknown_size_leaves_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    download()
    (shown,) = last_bars(capsys)
    assert shown.startswith("lite.tflite")
    assert "?" not in shown


def test_a_download_in_a_log_is_one_line_for_each_file(capsys: pytest.CaptureFixture[str]) -> None:
    download()
    assert capsys.readouterr().err == "downloading mediapipe==0.10.21\ndownloading lite.tflite\n"
