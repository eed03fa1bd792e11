"""Joint angles, landmarks and repetitions: in the page, and of a job of the server."""

from __future__ import annotations

import json
import math
import re
from copy import deepcopy
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from tests.studio.show import until
from vitruvian.analysis.angles import pose_angles
from vitruvian.analysis.exercises import EXERCISES, exercise_angles
from vitruvian.cli.main import app
from vitruvian.core.pose import PoseResult
from vitruvian.media import open_input
from vitruvian.track.tracker import PoseTracker

if TYPE_CHECKING:
    from pathlib import Path

    import httpx
    from playwright.sync_api import Locator, Page

pytestmark = [pytest.mark.weights, pytest.mark.testdata]

TOLERANCE_DEG = 1e-3
N_POINTS = 100_000
LIMIT_MS = 100.0  # to draw them, on a loaded machine
CHART = "#charts canvas"


@dataclass(frozen=True)
class Clip:
    """A tracked clip, as lines of results."""

    lines: list[dict[str, Any]]

    @property
    def text(self) -> str:
        return "".join(f"{json.dumps(line)}\n" for line in self.lines)

    def results(self) -> list[PoseResult]:
        return [PoseResult.from_dict(line) for line in self.lines]


def tracked(path: Path, limit: int, **options: Any) -> Clip:
    with PoseTracker("full", **options) as tracker, open_input(path) as frames:
        lines = [tracker.update(f).to_dict(extras=False) for f in islice(frames, limit)]
    return Clip(lines)


@pytest.fixture(scope="module")
def squats(testdata: Path) -> Clip:
    """Three squats of one person; the clip ends in the third."""
    return tracked(testdata / "clips" / "squats.mp4", 65)


@pytest.fixture(scope="module")
def three(testdata: Path) -> Clip:
    """Three people who exercise."""
    return tracked(testdata / "clips" / "seniors.mp4", 40, num_poses=3)


def show(page: Page, clip: Clip, at: int = 0, **state: Any) -> None:
    """Put results into the page as if a file had been tracked; calls of actions are noted."""
    page.evaluate(
        """([lines, at, state]) => {
            const { store, history, actions } = window.vitruvian;
            window.called = [];
            actions.seek = (time_us) => window.called.push(["seek", time_us]);
            actions.step = (n) => window.called.push(["step", n]);
            lines.forEach((line) => history.add(line));
            const result = lines[at];
            const shown = { image: null, width: result.width, height: result.height, result };
            const always = { mode: "recorded", historyVersion: 1, isPaused: true };
            store.set({ ...always, time_us: result.timestamp_us, shown, ...state });
        }""",
        [clip.lines, at, state],
    )


def go_to(page: Page, place: int) -> None:
    page.evaluate(
        """(place) => {
            const { store, history } = window.vitruvian;
            const result = history.results[place];
            store.set({ time_us: result.timestamp_us, shown: { ...store.state.shown, result } });
        }""",
        place,
    )


def wait_for(page: Page, locator: str, text: str) -> None:
    page.locator(locator, has_text=text).first.wait_for()


def called(page: Page) -> list[list[Any]]:
    return page.evaluate("window.called")


def client_with_results(client: httpx.Client, clip: Clip) -> str:
    """Open results on the server; return the ID of their job."""
    file = client.put("/api/files", params={"name": "clip.jsonl"}, content=clip.text.encode())
    job = client.post("/api/jobs", json={"file": file.json()["id"]})
    return str(job.json()["id"])


def same(page_deg: float | None, deg: float) -> bool:
    if page_deg is None:
        return math.isnan(deg)
    return abs(page_deg - deg) <= TOLERANCE_DEG


@pytest.mark.browser
def test_angles_of_the_page_are_those_of_the_package(page: Page, squats: Clip, three: Clip) -> None:
    lines = deepcopy([*squats.lines, *three.lines])
    poses = [pose for line in lines for pose in line["poses"]]
    for k, pose in enumerate(poses[::4]):  # measured depth, with holes
        pose["camera"] = [
            None if (k + i) % 9 == 0 else [x, y + 0.1 * i, z + 3]
            for i, (x, y, z) in enumerate(pose["world"])
        ]
        pose["camera"] = [p or [None] * 3 for p in pose["camera"]]
    found = page.evaluate(
        """async (poses) => {
            const { jointAngle, exerciseAngle } = await import("/page/ui/angles.js");
            const { angles, exercises } = window.vitruvian.info;
            const number = (value) => (Number.isNaN(value) ? null : value);
            return poses.map((pose) => [
                Object.fromEntries(angles.map((a) => [a.name, number(jointAngle(a, pose))])),
                Object.fromEntries(exercises.map((e) => [e.name, number(exerciseAngle(e, pose))])),
            ]);
        }""",
        poses,
    )
    results = [PoseResult.from_dict(line) for line in lines]
    truth = [pose for result in results for pose in result.poses]
    assert len(found) == len(truth) > 150
    n_hidden = 0
    for (angles, exercises), pose in zip(found, truth, strict=True):
        expected = pose_angles(pose)
        n_hidden += sum(map(math.isnan, expected.values()))
        assert angles.keys() == expected.keys()
        assert all(same(angles[name], deg) for name, deg in expected.items())
        assert all(same(exercises[n], float(exercise_angles(pose, n)[0])) for n in EXERCISES)
    assert n_hidden > 100


def test_repetitions_and_angles_of_a_job_are_those_of_analyse(
    client: httpx.Client, squats: Clip, tmp_path: Path
) -> None:
    job = client_with_results(client, squats)
    results, table = tmp_path / "squats.jsonl", tmp_path / "angles.csv"
    results.write_text(squats.text)
    told = CliRunner().invoke(
        app, ["analyse", str(results), "--reps", "squat", "--angles", str(table)]
    )
    (person,) = client.get(f"/api/jobs/{job}/repetitions?exercise=squat").json()["people"]
    assert [person["count"], len(person["repetitions"])] == [2, 3]
    assert "2 repetitions and 1 partial" in told.output
    for r in person["repetitions"]:
        row = next(
            x
            for x in told.output.splitlines()
            if x.split()[:1] == [f"{r['number']}{'*' * r['is_partial']}"]
        )
        times = [f"{value:.1f}" for value in (r["start_us"] / 1e6, r["down_s"], r["up_s"])]
        assert row.split()[1:5] == [*times, f"{r['range_deg']:.0f}"]
    assert client.get(f"/api/jobs/{job}/angles.csv").text == table.read_text()


def test_report_of_a_job_is_a_page_without_network(client: httpx.Client, squats: Clip) -> None:
    job = client_with_results(client, squats)
    answer = client.get(f"/api/jobs/{job}/report.html?exercise=squat")
    assert "attachment" in answer.headers["content-disposition"]
    assert "Repetitions: squat" in answer.text
    assert "default-src 'none'" in answer.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("repetitions", 422),
        ("repetitions?exercise=yoga", 422),
        ("report.html?exercise=yoga", 422),
    ],
)
def test_unknown_exercise_is_refused(
    client: httpx.Client, squats: Clip, path: str, status: int
) -> None:
    answer = client.get(f"/api/jobs/{client_with_results(client, squats)}/{path}")
    assert answer.status_code == status
    assert "exercise must be one of" in answer.json()["error"]["message"]


@pytest.mark.parametrize("name", ["repetitions?exercise=squat", "angles.csv", "report.html"])
def test_job_that_does_not_exist_is_not_found(client: httpx.Client, name: str) -> None:
    assert client.get(f"/api/jobs/none/{name}").status_code == 404


@pytest.mark.browser
def test_chart_shows_the_knees_of_three_squats(page: Page, squats: Clip) -> None:
    show(page, squats)
    wait_for(page, "#chart-summary", "Left knee")
    told = page.locator("#chart-summary").text_content() or ""
    bent = re.match(r"Left knee (\d+)° to (\d+)°", told)
    assert bent is not None
    low, high = 180 - int(bent[2]), 180 - int(bent[1])
    assert low <= 90 < 160 <= high
    knees = [180 - pose_angles(r.poses[0])["left_knee"] for r in squats.results()]
    is_down = [degrees < 120 for degrees in knees]
    assert sum(b and not a for a, b in pairwise(is_down)) == 3


@pytest.mark.browser
def test_play_head_and_values_of_the_chart_follow_the_video(page: Page, squats: Clip) -> None:
    show(page, squats)
    chart = page.locator(CHART)
    for place in (10, 34):
        go_to(page, place)
        seconds = squats.lines[place]["timestamp_us"] / 1e6
        page.wait_for_selector(f'{CHART}[aria-valuenow="{seconds:g}"]')
        knee = pose_angles(squats.results()[place].poses[0])["left_knee"]
        assert f"Left knee {knee:.0f}°" in (chart.get_attribute("aria-valuetext") or "")
        assert f"Left knee{knee:.0f}°" in (page.locator(".chart-legend").text_content() or "")


def click_at(page: Page, chart: Locator, share: float) -> float:
    """Click into a chart; return the time in s that was sought."""
    box = chart.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
    name, time_us = called(page)[-1]
    assert name == "seek"
    return float(time_us) / 1e6


@pytest.mark.browser
def test_chart_seeks_zooms_and_pans(page: Page, squats: Clip) -> None:
    show(page, squats)
    wait_for(page, "#chart-summary", "Left knee")
    chart = page.locator(CHART)
    left, right = click_at(page, chart, 0.2), click_at(page, chart, 0.8)
    assert 0 < left < right < 12.8
    chart.hover(position={"x": 200, "y": 60})
    page.mouse.wheel(0, -600)
    near = click_at(page, chart, 0.8) - click_at(page, chart, 0.2)
    assert near == pytest.approx((right - left) * math.exp(-0.9), rel=0.02)
    before = click_at(page, chart, 0.5)
    page.mouse.wheel(100, 0)
    assert click_at(page, chart, 0.5) > before
    page.keyboard.down("Shift")
    box = chart.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 50)
    page.mouse.up()
    page.keyboard.up("Shift")
    assert click_at(page, chart, 0.8) - click_at(page, chart, 0.2) < near / 2
    chart.dblclick(position={"x": 200, "y": 60})
    assert click_at(page, chart, 0.2) == pytest.approx(left)
    assert click_at(page, chart, 0.8) == pytest.approx(right)


@pytest.mark.browser
def test_keys_move_the_play_head_of_the_chart_once(page: Page, squats: Clip) -> None:
    show(page, squats, at=20)
    wait_for(page, "#chart-summary", "Left knee")
    page.locator(CHART).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowRight")
    time_us = squats.lines[20]["timestamp_us"]
    assert called(page) == [["step", 1], ["step", -1], ["seek", time_us + 1_000_000]]


@pytest.mark.browser
def test_chart_of_100_000_points_is_quick_and_keeps_single_peaks(page: Page) -> None:
    drawn = page.evaluate(
        """async (n) => {
            const { LineChart } = await import("/page/ui/line_chart.js");
            const canvas = document.createElement("canvas");
            Object.assign(canvas.style, { position: "fixed", width: "900px", height: "300px" });
            document.body.append(canvas);
            const chart = new LineChart(canvas);
            const times_us = Float64Array.from({ length: n }, (_, i) => i * 33333);
            const values = times_us.map((_, i) => 50 + 20 * Math.sin(i / 500));
            values.fill(NaN, 0.4 * n, 0.6 * n);
            values[Math.round(0.2 * n)] = 170;
            const lines = ["rgb(255, 0, 0)", "rgb(254, 0, 0)"].map((color) => ({ color, values }));
            chart.data = { ...chart.data, times_us, length: n, lines };
            chart.playHead_us = -1;
            const times = [1, 2, 3, 4, 5].map(() => {
                const start = performance.now();
                chart.draw();
                canvas.getContext("2d").getImageData(0, 0, 1, 1);
                return performance.now() - start;
            });
            const isRed = (x, top, height) => {
                const { data } = canvas.getContext("2d").getImageData(x, top, 3, height);
                return data.some((red, i) => i % 4 === 0 && red > 200 && data[i + 1] < 90);
            };
            const x = (share) => Math.round(44 + share * 844);
            return {
                ms: Math.min(...times),
                line: isRed(x(0.3), 0, 278),
                gap: isRed(x(0.5), 0, 278),
                peak: isRed(x(0.2) - 1, 0, 60),
            };
        }""",
        N_POINTS,
    )
    assert drawn["ms"] < LIMIT_MS
    assert [drawn["line"], drawn["gap"], drawn["peak"]] == [True, False, True]


@pytest.mark.browser
def test_live_chart_shows_the_newest_ten_seconds(page: Page) -> None:
    view = page.evaluate(
        """async () => {
            const { LineChart } = await import("/page/ui/line_chart.js");
            const chart = new LineChart(document.createElement("canvas"));
            const times_us = Float64Array.from([5e6, 30e6, 42e6]);
            chart.data = { ...chart.data, times_us, length: 3, isLive: true };
            return chart.view;
        }"""
    )
    assert view == [32e6, 42e6]


@pytest.mark.browser
def test_chart_compares_people_and_counts_them(page: Page, three: Clip) -> None:
    show(page, three, at=39)
    page.select_option("#charts-tools select[aria-label=Chart]", "everyone")
    wait_for(page, ".chart-legend", "Person 2")
    result = three.results()[39]
    for pose in result.poses:
        chip = page.locator(".chart-legend .chip", has_text=f"Person {pose.id}")
        knee = pose_angles(pose)["left_knee"]
        expected = "–" if math.isnan(knee) else f"{knee:.0f}°".replace("-", "−")
        assert chip.locator(".number").text_content() == expected
    page.select_option("#charts-tools select[aria-label=Chart]", "count")
    wait_for(page, ".chart-legend", "People")
    assert page.locator(".chart-legend .number").text_content() == str(len(result.poses))


@pytest.mark.browser
def test_chosen_person_is_followed_by_chart_and_table(page: Page, three: Clip) -> None:
    show(page, three, at=30)
    until(page, "document.querySelector('#numbers-tools select').options.length >= 4")
    page.select_option("#numbers-tools select", "1")
    pose = next(p for p in three.results()[30].poses if p.id == 1)
    wait_for(page, "#numbers tbody tr td", f"{pose.landmarks[0, 0]:.1f}")
    assert page.locator("#charts-tools select[aria-label=Person]").input_value() == "1"
    knee = f"Left knee {pose_angles(pose)['left_knee']:.0f}°".replace("-", "−")
    page.wait_for_selector(f'{CHART}[aria-valuetext*="{knee}"]')
    page.evaluate("window.vitruvian.store.set({ mode: 'live' })")  # other people
    assert page.evaluate("window.vitruvian.store.state.settings.person") is None


@pytest.mark.browser
def test_person_who_is_lost_keeps_the_last_place(page: Page, three: Clip) -> None:
    show(page, three, at=30)
    page.evaluate("window.vitruvian.store.setSettings({ person: 1 })")
    nose = next(p for p in three.results()[30].poses if p.id == 1).landmarks[0, 0]
    wait_for(page, "#numbers tbody tr td", f"{nose:.1f}")
    target = "document.querySelector('.scene-stage').view.orbit._aim.target"
    until(page, f"{target}[0] !== 0")
    before = page.evaluate(target)
    page.evaluate(
        """() => {
            const { store, history } = window.vitruvian;
            const { shown } = store.state;
            const poses = shown.result.poses.filter(({ id }) => id !== 1);
            const result = { ...shown.result, poses };
            const time_us = result.timestamp_us + 1;
            history.results.splice(31, Infinity, { ...result, timestamp_us: time_us });
            store.set({ time_us, shown: { ...shown, result } });
        }"""
    )
    page.get_by_text("Not visible now: last place").wait_for()
    page.get_by_text("Person 1 is not visible now.").wait_for()
    assert page.locator("#numbers tbody tr td").first.text_content() == f"{nose:.1f}"
    assert page.evaluate(target) == before


@pytest.mark.browser
def test_choice_of_angles_changes_the_lines(page: Page, squats: Clip) -> None:
    show(page, squats)
    wait_for(page, ".chart-legend", "Left knee")
    page.evaluate("document.documentElement.dataset.sidebar = 'open'")
    page.get_by_label("Right elbow", exact=True).check()
    page.get_by_label("Left knee", exact=True).uncheck()
    until(page, "document.querySelectorAll('.chart-legend .chip').length === 2")
    assert "Right elbow" in (page.locator(".chart-legend").text_content() or "")
    assert page.evaluate("window.vitruvian.store.state.settings.angles") == [
        "right_knee",
        "right_elbow",
    ]


@pytest.mark.browser
def test_table_has_the_numbers_of_the_result(page: Page, squats: Clip) -> None:
    show(page, squats, at=30)
    pose = squats.results()[30].poses[0]
    wait_for(page, "#numbers tbody tr td", f"{pose.landmarks[0, 0]:.1f}")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()
    until(page, "(await navigator.clipboard.readText()).startsWith('Landmark')")
    head, *rows = [
        line.split("\t") for line in page.evaluate("navigator.clipboard.readText()").splitlines()
    ]
    assert head == ["Landmark", "x px", "y px", "z px", "x m", "y m", "z m", "Visibility"]
    assert len(rows) == 33
    for (name, *values), landmark, world, visible in zip(
        rows, pose.landmarks, pose.world, pose.visibility, strict=True
    ):
        assert name
        assert list(map(float, values[:3])) == pytest.approx(landmark, abs=0.051)
        assert list(map(float, values[3:6])) == pytest.approx(world, abs=0.00051)
        assert float(values[6]) == pytest.approx(visible, abs=0.0051)


@pytest.mark.browser
def test_table_changes_at_most_ten_times_a_second(page: Page, squats: Clip) -> None:
    show(page, squats)
    wait_for(page, "#numbers tbody tr td", ".")
    n_changes, seconds = page.evaluate(
        """async () => {
            const { store, history } = window.vitruvian;
            let changes = 0;
            const cell = document.querySelector("#numbers tbody td");
            new MutationObserver(() => changes++).observe(cell, { childList: true });
            const start = performance.now();
            for (let i = 0; i < 30; i++) {
                store.set({ shown: { ...store.state.shown, result: history.results[i] } });
                await new Promise((done) => setTimeout(done, 15));
            }
            return [changes, (performance.now() - start) / 1000];
        }"""
    )
    assert 1 <= n_changes <= 10 * seconds + 1


@pytest.mark.browser
def test_row_of_the_table_marks_its_landmark(page: Page, squats: Clip) -> None:
    show(page, squats)
    knee = page.get_by_role("button", name="left knee")
    knee.click()
    page.wait_for_selector("#numbers button[aria-pressed=true]")
    assert page.evaluate("window.vitruvian.store.state.highlight") == 25
    knee.click()
    page.wait_for_selector("#numbers button[aria-pressed=true]", state="detached")
    assert page.evaluate("window.vitruvian.store.state.highlight") is None


@pytest.mark.browser
def test_table_is_one_tab_stop_and_arrow_keys_move_in_it(page: Page, squats: Clip) -> None:
    show(page, squats)
    stops = (
        page.locator("#numbers button").filter(visible=True).and_(page.locator("[tabindex='0']"))
    )
    focused = "document.activeElement.textContent"
    stops.focus()
    page.keyboard.press("ArrowUp")
    assert page.evaluate(focused) == "nose"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focused) == stops.inner_text() == "left eye"
    for key, marked in (("Enter", 2), ("Space", None)):
        page.keyboard.press(key)
        assert page.evaluate("window.vitruvian.store.state.highlight") == marked
    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.closest('#numbers')")


@pytest.mark.browser
def test_live_counts_are_those_of_the_shown_result(page: Page, three: Clip) -> None:
    show(page, three, at=39)
    page.evaluate(
        """() => {
            const { store } = window.vitruvian;
            const counted = (id, count) => ({ id, count, angle_deg: 90, text: "" });
            store.setSettings({ exercise: "press" });
            const shown = { ...store.state.shown, repetitions: [counted(0, 7), counted(1, 12)] };
            store.set({ mode: "live", shown });
        }"""
    )
    wait_for(page, "#repetitions .reps", "12")
    assert page.locator(".rep-count").all_text_contents() == ["7", "12"]
    angle = exercise_angles(three.results()[39].poses[0], "press")[0]
    assert f"elbow {angle:.0f}°" in (page.locator(".rep").first.text_content() or "")
    colors = "(cards) => cards.map((card) => getComputedStyle(card).borderLeftColor)"
    assert len(set(page.locator(".rep").evaluate_all(colors))) == 2
    page.evaluate(
        """() => {
            const { store } = window.vitruvian;
            const result = { ...store.state.shown.result, poses: [] };
            store.set({ shown: { ...store.state.shown, result, repetitions: [] } });
            return new Promise(requestAnimationFrame);
        }"""
    )
    assert page.locator(".rep-count").all_text_contents() == ["7", "12"]
    page.get_by_label("Exercise").select_option("curl")
    page.wait_for_selector(".rep", state="detached")
    wait_for(page, ".chart-legend", "Left elbow")


@pytest.mark.browser
def test_count_of_a_clip_is_that_at_the_play_head(
    page: Page, client: httpx.Client, squats: Clip
) -> None:
    job = client.get(f"/api/jobs/{client_with_results(client, squats)}").json()
    show(page, squats, job=job)
    page.get_by_label("Exercise").select_option("squat")
    wait_for(page, "#repetitions .rep", "of 2 + 1 partial")
    (person,) = client.get(f"/api/jobs/{job['id']}/repetitions?exercise=squat").json()["people"]
    for place, line in enumerate(squats.lines):
        if place % 9 == 0:
            go_to(page, place)
            ends = [r["end_us"] for r in person["repetitions"] if not r["is_partial"]]
            wait_for(page, ".rep-count", str(sum(end <= line["timestamp_us"] for end in ends)))
    rows = page.locator("#repetitions tbody tr")
    assert rows.count() == 3
    rows.nth(1).get_by_role("button").click()
    assert called(page)[-1] == ["seek", person["repetitions"][1]["start_us"]]
    assert (
        page.get_by_text("CSV").get_attribute("href")
        == f"/api/jobs/{job['id']}/angles.csv?exercise=squat"
    )


@pytest.mark.browser
def test_repetitions_of_a_file_that_was_closed_are_no_error(page: Page, squats: Clip) -> None:
    show(page, squats)
    page.evaluate(
        """async () => {
            const { store, engine } = window.vitruvian;
            const asked = new Promise((resolve) => {
                engine.repetitions = () => new Promise((_, reject) => resolve(reject));
            });
            const numbers = { n_done: 1, n_total: 1, fps: 1, seconds_left: 0, error: null };
            store.set({ job: { id: "x", file: "x", state: "done", options: {}, ...numbers } });
            store.setSettings({ exercise: "squat" });
            const fail = await asked;
            store.set({ job: null, mode: "empty" });
            fail(new Error("there is no such job"));
            await new Promise((done) => setTimeout(done));
        }"""
    )
    assert page.get_by_role("alert").count() == 0
