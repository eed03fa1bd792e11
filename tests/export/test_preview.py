"""`Preview`: the window is a process of its own, which never stops or delays the run."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from vitruvian import Frame, PoseResult
from vitruvian.errors import BackendUnavailableError
from vitruvian.export.preview import Preview

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="X11")

SHAPE = (480, 640, 3)


@pytest.fixture
def closed() -> list[str]:
    """What the preview says when the user closes it."""
    return []


@pytest.fixture
def preview(display: str, closed: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Preview]:
    monkeypatch.setenv("DISPLAY", display)
    with Preview("test", lambda: closed.append("closed")) as made:
        yield made


def show(preview: Preview, index: int = 0) -> None:
    frame = Frame(np.zeros(SHAPE, np.uint8), 40_000 * index, index)
    preview.show(frame, PoseResult(index, frame.timestamp_us, frame.width, frame.height))


def test_results_that_come_faster_than_they_are_shown_do_not_wait(preview: Preview) -> None:
    begin = time.perf_counter()
    for index in range(1000):
        show(preview, index)
    assert time.perf_counter() - begin < 1  # 33 s at the rate of the window


def test_a_window_that_ends_by_itself_is_a_warning_and_does_not_end_the_run(
    preview: Preview, closed: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    show(preview)
    preview._process.kill()
    preview.wait()
    show(preview, 1)
    preview.close()
    assert caplog.messages == ["the window has ended with exit code -9"]
    assert closed == []


def test_closing_it_ends_the_process_and_is_not_reported_as_the_users_doing(
    preview: Preview, closed: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    show(preview)
    preview.close()
    preview.close()
    assert preview._process.poll() is not None
    assert (closed, caplog.messages) == ([], [])


def test_the_display_must_be_reachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":4711")
    with pytest.raises(BackendUnavailableError, match='connect to display ":4711"'):
        Preview("test", list)
