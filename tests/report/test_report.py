"""The report: strict HTML, complete, escaped, nothing from outside; opened by a real browser."""

from __future__ import annotations

import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.analysis.figures import person_doing

from vitruvian.analysis.summary import PersonSummary, person_summary
from vitruvian.media.recorder import VideoWriter
from vitruvian.report import KeyFrame, key_frames, report_html
from vitruvian.report.charts import Band, Line, time_chart
from vitruvian.synthetic import motions

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def squats() -> PersonSummary:
    person = person_doing(motions.squat(2.0), 150, heading_deg=45)
    return person_summary(person, exercises=["squat"], with_gait=True)


@pytest.fixture(scope="module")
def walk() -> PersonSummary:
    person = person_doing(motions.walk(1.2), 80, position=(-1.6, 0.0), heading_deg=90, id_=7)
    return person_summary(person, with_gait=True)


def parsed(page: str) -> ET.Element:
    doctype, _, rest = page.partition("\n")
    assert doctype == "<!DOCTYPE html>"
    return ET.fromstring(rest)


def words(page: str) -> str:
    return " ".join("".join(parsed(page).find("body").itertext()).split())


def test_page_is_well_formed_and_complete(squats: PersonSummary, walk: PersonSummary) -> None:
    page = report_html("two people", [squats, walk], facts={"Duration": "5.0 s"})
    root = parsed(page)
    headings = [h.text for h in root.iter("h2")]
    assert headings[:2] == ["Person 1", "Repetitions: squat"]
    assert {"Joint angles", "Gait", "Range of motion", "Path", "Person 7"} <= set(headings)
    figures = [f for f in root.iter("figure") if f.get("class") == "chart"]
    assert len(figures) == 10
    assert "steps per minute" in words(page)
    assert all(svg.get("aria-label") for f in figures for svg in f.iter("svg"))


def test_page_loads_nothing_from_outside(squats: PersonSummary) -> None:
    page = report_html("clip", [squats])
    assert "default-src 'none'" in page
    addresses = set(re.findall(r"https?://[^\s\"'<>]+", page))
    assert addresses <= {"http://www.w3.org/2000/svg"}  # the name of a language
    assert not re.search(r"<link|<iframe|@import|url\(|\ssrc=\"(?!data:)", page)


def test_same_input_gives_the_same_page(squats: PersonSummary) -> None:
    assert report_html("clip", [squats]) == report_html("clip", [squats])


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", 'a" onload="x', "Ünï & co.mp4", "a\x00b\x1b", "\udcff"]
)
def test_names_are_escaped(name: str, squats: PersonSummary) -> None:
    frame = KeyFrame(name, 1_000_000, (3, 4), "data:image/jpeg;base64,AAAA")
    page = report_html(name, [squats], facts={name: name}, frames={1: [frame]})
    page.encode()
    root = parsed(page)
    assert len(list(root.iter("script"))) == 1
    assert not [e for e in root.iter() if any(k.startswith("on") for k in e.attrib)]


def test_repetitions_are_shaded_and_listed(squats: PersonSummary) -> None:
    (found,) = squats.repetitions.values()
    page = report_html("clip", [squats])
    root = parsed(page)
    rows = [r for r in root.iter("tr") if r.find("td") is not None]
    assert len([r for r in rows if len(r) == 7]) == len(found) >= 2
    chart = next(f for f in root.iter("figure") if f.get("class") == "chart")
    bands = [r for r in chart.iter("rect") if r.get("class", "").startswith("band")]
    assert len(bands) == len(found)


def test_nobody_one_frame_and_nan_give_a_page() -> None:
    assert "No person found" in words(report_html("clip", []))
    person = person_doing(motions.stand(), 1)
    parsed(report_html("clip", [person_summary(person, exercises=["squat"], with_gait=True)]))
    person = person_doing(motions.squat(), 40)
    nothing = replace(
        person, world=person.world * np.nan, landmarks=person.landmarks * np.nan, camera=None
    )
    page = report_html("clip", [person_summary(nothing, exercises=["curl"], with_gait=True)])
    assert "No repetition found" in words(page)
    assert "No walking found" in words(page)


def test_line_is_interrupted_where_the_angle_is_not_known() -> None:
    values = np.array([10.0, 20, np.nan, np.nan, 30, 40])
    chart = time_chart(
        "Knee", np.arange(6.0), [Line("Left", "left", values, "10° to 40°")], [Band("1", 0, 3)]
    )
    (line,) = re.findall(r'class="line left" d="([^"]*)"', chart)
    assert line.count("M") == 2
    assert "nan" not in chart.lower().replace("&quot;", "")


def test_long_clips_have_small_charts() -> None:
    values = np.random.default_rng(0).normal(size=70_000)
    chart = time_chart("Knee", np.arange(70_000) / 60, [Line("Left", "left", values, "10° to 40°")])
    assert len(chart) < 60_000


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("video") / "grey.mp4"
    with VideoWriter(path, (640, 640), fps=30) as writer:
        for i in range(30):
            writer.write(np.full((640, 640, 3), 120, np.uint8), round(i * 1e6 / 30))
    return path


def test_key_frames_show_the_pose_at_their_times(video: Path) -> None:
    person = person_doing(motions.squat(), 30)
    times = person.timestamps_us.tolist()
    found = key_frames(video, [(person, {times[3]: "Three", times[20]: "Twenty", 5: "never"})])
    assert [(f.label, f.time_us) for f in found[1]] == [("Three", times[3]), ("Twenty", times[20])]
    for frame in found[1]:
        assert frame.data_url.startswith("data:image/jpeg;base64,/9j/")
        assert frame.wh[0] <= 320
        assert frame.wh[1] <= 420
    assert key_frames(video, [(person, {})]) == {}


def test_key_frames_of_another_video_are_left_out(video: Path) -> None:
    person = person_doing(motions.squat(), 30)
    other = replace(person, wh=np.tile([320, 240], (30, 1)))
    assert key_frames(video, [(other, {int(person.timestamps_us[3]): "Three"})]) == {}


def test_browser_shows_the_page_without_errors_and_requests(
    tmp_path: Path, squats: PersonSummary, walk: PersonSummary, video: Path
) -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("needs Chromium")
    times = squats.person.timestamps_us.tolist()
    frames = key_frames(video, [(squats.person, {times[3]: "Three"})])
    page = tmp_path / "report.html"
    page.write_text(report_html("clip", [squats, walk], frames=frames), encoding="utf-8")
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
    command += ["--enable-logging=stderr", f"--user-data-dir={tmp_path / 'profile'}"]
    command += ["--disable-background-networking", "--no-first-run", page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.count('class="person live"') == 2  # the script ran
    assert "CONSOLE" not in done.stderr  # where a request would be: the page forbids them
