from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.cli.report import interruption_text, print_summary
from vitruvian.runs.events import RunSummary
from vitruvian.runs.job import Job

if TYPE_CHECKING:
    import pytest

JOB = Job("walk.mp4", "walk.mp4", (Path("a.csv"), Path("{frame}.png")))
NOTE = "'a.csv': what was written so far is kept in 'a.partial.csv'"


def test_only_complete_outputs_are_listed_as_written(capsys: pytest.CaptureFixture[str]) -> None:
    summary = RunSummary(n_frames=4, seconds=2.0, is_interrupted=True, notes=(NOTE,))
    print_summary(JOB, summary)
    assert capsys.readouterr().out == (
        "walk.mp4: 4 frames, people in 0, 2.0 frames/s\nwrote {frame}.png\n"
    )
    text = f"interrupted after 4 frames; kept: {{frame}}.png; {NOTE}"
    assert interruption_text(JOB, summary) == text


def test_no_output_is_listed_if_no_frame_was_written(capsys: pytest.CaptureFixture[str]) -> None:
    summary = RunSummary(is_interrupted=True)
    print_summary(JOB, summary)
    assert capsys.readouterr().out == "walk.mp4: 0 frames, people in 0\n"
    assert interruption_text(JOB, summary) == "interrupted after 0 frames; nothing is kept"
