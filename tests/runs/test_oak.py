"""Runs with OAK cameras: which trackers they get, and how they end."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.oak.fake_device import EndlessDevice, FakeDevice, Shelf

from vitruvian import DeviceError, TrackerOptions, load_results
from vitruvian.oak import link
from vitruvian.oak.options import OakOptions
from vitruvian.runs.events import Failed, Finished
from vitruvian.runs.local import LocalExecutor
from vitruvian.runs.plan import planned_jobs
from vitruvian.runs.settings import Settings
from vitruvian.runs.stop import Stop

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from vitruvian.runs.events import Event

HOST = Settings(options=TrackerOptions("lite"), oak=OakOptions(mode="host"))


def answer(stream: str, _: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
    assert stream == "detector_in"
    boxes, scores = np.zeros((2254, 12), np.float32), np.full((2254, 1), -50, np.float32)
    return {"Identity": boxes, "Identity_1": scores}


def run(inputs: list[str], output: Path, settings: Settings, stop: Stop | None = None) -> Event:
    """Run jobs; return the last event."""
    return list(LocalExecutor().run(planned_jobs(inputs, [output]), settings, stop))[-1]


def test_ctrl_c_while_a_lost_device_is_waited_for_keeps_the_results(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(link, "FIRST_DELAY_S", 1000.0)
    Shelf(monkeypatch, EndlessDevice(answer, n_answers=20))
    stop = Stop()
    events: list[Event] = []
    thread = Thread(
        target=lambda: events.append(run(["oak"], tmp_path / "a.jsonl", HOST, stop)), daemon=True
    )
    thread.start()
    while ": reconnecting" not in caplog.text:
        thread.join(0.01)
    stop.request()
    thread.join(20)
    (event,) = events
    assert isinstance(event, Finished)
    assert event.summary.is_interrupted
    assert 20 >= event.summary.n_frames == len(load_results(tmp_path / "a.jsonl")) > 0
    assert "Traceback" not in caplog.text


def test_a_device_that_is_lost_for_good_is_an_error_of_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, testdata: Path
) -> None:
    monkeypatch.setattr(link, "FIRST_DELAY_S", 0.0)
    monkeypatch.setattr("vitruvian.oak.host.PATIENCE_S", 1e-9)
    Shelf(monkeypatch, FakeDevice(answer, n_answers=2), *([DeviceError("no OAK")] * 3))
    event = run([str(testdata / "clips" / "dribble.mp4")], tmp_path / "a.jsonl", HOST)
    assert isinstance(event, Failed)
    assert event.message.startswith("OAK camera '1.2': the connection is lost")


def test_ctrl_c_while_files_wait_for_a_lost_device_keeps_the_results(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, testdata: Path
) -> None:
    monkeypatch.setattr(link, "FIRST_DELAY_S", 0.0)
    monkeypatch.setattr("vitruvian.oak.host.PATIENCE_S", 1e-9)
    stop = Stop()
    devices = iter([FakeDevice(answer, n_answers=2)])

    def connect(*_: object) -> FakeDevice:
        for device in devices:
            return device
        stop.request()
        raise DeviceError("no OAK")

    monkeypatch.setattr("vitruvian.oak.connecting.connect", connect)
    clip = str(testdata / "clips" / "dribble.mp4")
    event = run([clip], tmp_path / "a.jsonl", HOST, stop)
    assert isinstance(event, Finished)
    assert event.summary.is_interrupted
    assert event.summary.n_frames == 1


def test_the_images_of_several_jobs_share_one_connection(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, testdata: Path
) -> None:
    used = FakeDevice(answer)
    shelf = Shelf(monkeypatch, used)
    names = [str(testdata / "images" / name) for name in ("dancer.jpg", "lunge.jpg")]
    event = run(names, tmp_path / "{name}.json", HOST)
    assert isinstance(event, Finished)
    assert len(shelf.graphs) == 1
    assert used.is_closed


def test_the_figures_of_the_sensor_are_part_of_the_summary(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    Shelf(monkeypatch, EndlessDevice(answer))
    settings = Settings(options=TrackerOptions("lite"), oak=OakOptions(mode="host"), limit=2)
    event = run(["oak"], tmp_path / "a.jsonl", settings)
    assert isinstance(event, Finished)
    assert event.summary.oak is not None
    assert event.summary.oak.dropped == 4
    assert event.summary.oak.fps == pytest.approx(20.0)
