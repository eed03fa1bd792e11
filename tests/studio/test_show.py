"""`vitruvian.show`: a page for notebooks that needs no network."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import vitruvian as vt
from tests.export.walkers import person, results_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

FRAMES = 30
POSES = """() => history.results.map((result) => result.poses)"""
IS_STILL = "() => window.view.nDrawn > 0 && !window.view.isDrawing"


@pytest.fixture
def sequence() -> vt.PoseSequence:
    """Two people, of whom one is not in every frame, with positions from the camera."""
    people = []
    for number in (3, 7):
        one = person(FRAMES, number=number)
        camera = one.world + np.array([0, 0, 2.5], np.float32)
        moved = one.landmarks + np.array([60 * number, 0, 0], np.float32)
        people.append(replace(one, landmarks=moved, camera=camera))
    return vt.PoseSequence.from_results(results_of(*people))


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Any]:
    """Open a saved page; the test fails if it has an error or asks for anything else."""
    problems: list[str] = []
    contexts = []

    def open_file(path: Path) -> Page:
        contexts.append(browser.new_context(offline=True, viewport={"width": 700, "height": 480}))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda told: told.type == "error" and problems.append(told.text))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(path.as_uri())
        return page

    requests: list[str] = []
    yield open_file
    for context in contexts:
        context.close()
    assert problems == []
    assert [url for url in requests if not url.startswith((tmp_path.as_uri(), "about:"))] == []
    assert len(requests) <= 2 * len(contexts)


def data_of(view: Any) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', view.html)
    data: dict[str, Any] = json.loads(found[1])
    return data


@pytest.mark.browser
def test_a_saved_page_plays_and_shows_each_time(
    sequence: vt.PoseSequence, opened: Any, tmp_path: Path
) -> None:
    vt.show(sequence).save(tmp_path / "poses.html")
    page = opened(tmp_path / "poses.html")
    page.wait_for_function(IS_STILL)
    first = page.locator("canvas").screenshot()
    assert page.locator(".scene-labels .person").all_inner_texts() == ["#3", "#7"]
    page.get_by_label("Time").fill(str(8 * 33_333))
    page.wait_for_function(IS_STILL)
    assert page.locator("output").inner_text() == "0.27 s"
    assert page.locator("canvas").screenshot() != first
    page.get_by_label("Play").click()
    page.wait_for_function("() => document.querySelector('output').textContent !== '0.27 s'")
    page.get_by_label("Play").click()
    page.wait_for_function(IS_STILL)


@pytest.mark.browser
def test_a_notebook_shows_it_in_a_frame_without_the_kernel(
    sequence: vt.PoseSequence, opened: Any, tmp_path: Path
) -> None:
    output = vt.show(sequence, space="mixed", trail=True)._repr_html_()
    (tmp_path / "notebook.html").write_text(f"<!doctype html><body>{output}</body>")
    page = opened(tmp_path / "notebook.html")
    frame = page.frame_locator("iframe")
    frame.locator(".scene-labels .person").first.wait_for()
    assert frame.locator("select").input_value() == "mixed"
    assert frame.locator(".scene-labels .tick").last.inner_text() == "2 m"


@pytest.mark.browser
def test_the_first_person_is_shown_at_the_start(opened: Any, tmp_path: Path) -> None:
    results = results_of(person(FRAMES))
    vt.show([*(replace(each, poses=()) for each in results[:9]), *results[9:]]).save(
        tmp_path / "poses.html"
    )
    page = opened(tmp_path / "poses.html")
    page.wait_for_function(IS_STILL)
    assert page.locator(".scene-labels .person").count() == 1
    assert page.locator("output").inner_text() == "0.30 s"


@pytest.mark.browser
def test_one_pose_has_no_time_slider(opened: Any, tmp_path: Path) -> None:
    (result,) = results_of(person(1, number=2))
    vt.show(result.pose).save(tmp_path / "pose.html")
    page = opened(tmp_path / "pose.html")
    page.wait_for_function(IS_STILL)
    assert page.get_by_label("Time").count() == 0


def test_landmarks_are_kept_to_half_a_millimetre(sequence: vt.PoseSequence) -> None:
    import base64

    data = data_of(vt.show(sequence))
    for name in ("world", "camera"):
        numbers = np.frombuffer(base64.b64decode(data[name]["int16"]), "<i2") * data[name]["scale"]
        truth = getattr(sequence, name)[sequence.is_present].ravel()
        assert np.abs(numbers - truth).max() < 5e-4
    assert data["ids"][0] == [3, 7]


def test_missing_landmarks_are_not_zeros(sequence: vt.PoseSequence) -> None:
    import base64

    world = sequence.world.copy()
    world[0, 0, 5] = np.nan
    data = data_of(vt.show(replace(sequence, world=world)))
    numbers = np.frombuffer(base64.b64decode(data["world"]["int16"]), "<i2").reshape(-1, 33, 3)
    assert (numbers[0, 5] == -32768).all()
    assert (numbers == -32768).sum() == 3


def test_a_thousand_frames_take_less_than_a_megabyte() -> None:
    view = vt.show(vt.PoseSequence.from_people([person(1000)]))
    assert len(view.html) < 1e6
    assert len(view._repr_html_()) < 1.1e6


@pytest.mark.parametrize("kind", ["sequence", "person", "results", "iterator", "result", "file"])
def test_it_takes_what_holds_poses(kind: str, tmp_path: Path) -> None:
    one = person(FRAMES, number=4)
    results = results_of(one)
    vt.save_results(results, tmp_path / "walk.jsonl")
    poses = {
        "sequence": vt.PoseSequence.from_results(results),
        "person": one,
        "results": results,
        "iterator": iter(results),
        "result": results[0],
        "file": tmp_path / "walk.jsonl",
    }[kind]
    n_frames = 1 if kind == "result" else FRAMES
    assert data_of(vt.show(poses))["ids"] == [[4]] * n_frames


def test_wrong_arguments_are_told(sequence: vt.PoseSequence) -> None:
    with pytest.raises(ValueError, match="space must be one of"):
        vt.show(sequence, space="moon")
    with pytest.raises(ValueError, match="at least one frame"):
        vt.show([])


def test_nothing_of_the_page_comes_from_elsewhere(sequence: vt.PoseSequence) -> None:
    view = vt.show(sequence)
    assert not re.search(r"https?://|//[a-z]+\.|@import|src=|href=", view.html)
    assert html.escape(view.html) in view._repr_html_()
    assert "<script" not in re.sub(r"<script[^>]*>", "", view.html)


def test_it_works_without_the_extra_of_the_studio() -> None:
    program = (
        "import sys; [sys.modules.__setitem__(n, None) for n in ('starlette', 'uvicorn')]\n"
        "import vitruvian; assert callable(vitruvian.show)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
