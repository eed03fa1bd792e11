"""The page with recorded files: exact frames, playback, jobs, timeline, drop, export."""

from __future__ import annotations

import asyncio
import base64
import json
import random
import statistics
from contextlib import contextmanager
from importlib.resources import as_file, files
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from typer.testing import CliRunner

from tests.studio.bar_video import N_FRAMES, READ_NUMBER, write_bar_video
from tests.studio.conftest import LIMIT_MS, guarded_page
from vitruvian import open_input
from vitruvian.cli.main import app as program
from vitruvian.engine.options import TrackerOptions
from vitruvian.media.recorder import VideoWriter
from vitruvian.runs.events import Failed
from vitruvian.studio import jobs, tracking_job
from vitruvian.studio.options import StudioOptions
from vitruvian.studio.proxies import ProxyMaker
from vitruvian.studio.server import StudioServer
from vitruvian.studio.state import Studio

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

N_SEEKS = 100
LIMIT_SEEK_MS = 1000

# What the tests need in the page. `wait` is there because Playwright's own wait evaluates text in
# the page, which its policy forbids.
HELPERS = f"""
window.readNumber = {READ_NUMBER};
window.wait = (holds) => new Promise((resolve, reject) => {{
  const until = performance.now() + {LIMIT_MS};
  const look = () => {{
    if (holds(vitruvian.store.state)) resolve();
    else if (performance.now() > until) reject(new Error(`never: ${{holds}}`));
    else setTimeout(look, 5);
  }};
  look();
}});
window.fileOf = (name, text) =>
  new File([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], name);
window.seen = () => {{
  const {{ shown, time_us }} = vitruvian.store.state;
  if (!shown?.image) return [null, null, false];
  const {{ frame_index, timestamp_us }} = shown.result ?? {{}};
  return [readNumber(shown.image), frame_index, time_us === timestamp_us];
}};
"""

SEEK = """
async (wanted) => {
  const found = [];
  for (const number of wanted) {
    const start = performance.now();
    await vitruvian.actions.seek(vitruvian.store.state.frameTimes_us[number]);
    found.push([number, ...seen(), performance.now() - start]);
  }
  return found;
}
"""

PLAY = """
async ([from, speed]) => {
  const { store, actions } = vitruvian;
  actions.setSpeed(speed);
  await actions.seek(store.state.frameTimes_us[from]);
  const found = [];
  const stop = store.on(["shown"], () => found.push(seen()));
  const start = performance.now();
  actions.togglePlay();
  await wait(({ isPaused }) => isPaused);
  await wait(({ time_us, frameTimes_us }) => time_us === frameTimes_us.at(-1));
  stop();
  return { found, ms: performance.now() - start };
}
"""


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Path]]:
    """Bar-coded videos and their results, by suffix."""
    folder = tmp_path_factory.mktemp("videos")
    suffixes = [".mp4", ".webm", ".hevc.mp4"]
    return {suffix: write_bar_video(folder / "bars", suffix) for suffix in suffixes}


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One and a half seconds of the packaged clip, with one person."""
    path = tmp_path_factory.mktemp("person") / "person.mp4"
    with as_file(files("vitruvian") / "data" / "demo.mp4") as demo, open_input(demo) as source:
        writer = VideoWriter(path, source.wh, fps=source.fps)
        for frame in source:
            if 80 <= frame.index < 118:
                writer.write(frame.image, frame.timestamp_us)
        writer.close()
    return path


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioServer]:
    """A running studio with the smallest model and a folder that may be opened."""
    folder = tmp_path_factory.mktemp("allowed")
    (folder / "inside").mkdir()
    write_bar_video(folder / "inside" / "walk", ".mp4")
    options = StudioOptions(tracker=TrackerOptions(model="lite"), folders=(folder,))
    with StudioServer(Studio(options)) as server:
        yield server


@pytest.fixture
def player(browser: Browser, studio: StudioServer) -> Iterator[Page]:
    """The page of that studio."""
    with opened_page(browser, studio) as page:
        yield page


@contextmanager
def opened_page(browser: Browser, server: StudioServer, **options: object) -> Iterator[Page]:
    with guarded_page(browser, server, **options) as page:
        page.goto(server.login_url)
        page.wait_for_selector("html[data-state=ready]")
        page.evaluate(f"() => {{ {HELPERS} }}")
        yield page


def encoded(*paths: Path) -> list[tuple[str, str]]:
    return [(path.name, base64.b64encode(path.read_bytes()).decode()) for path in paths]


def open_files(page: Page, *paths: Path) -> None:
    """Upload a file, with its results if they are given, and wait for its picture and results."""
    open_files = "(files) => vitruvian.actions.openFile(...files.map((file) => fileOf(...file)))"
    page.evaluate(open_files, encoded(*paths))
    wait(page, "state.shown && state.frameTimes_us && state.job")


def wait(page: Page, condition: str) -> None:
    page.evaluate(f"wait((state) => {condition})")


def state(page: Page, name: str) -> Any:
    return page.evaluate(f"vitruvian.store.state.{name}")


def messages(page: Page) -> str:
    return page.locator("#messages").inner_text()


def wrong(found: list[list[Any]]) -> list[list[Any]]:
    """Return what is not the wanted frame with its own result and time."""
    return [each for each in found if not (each[0] == each[1] == each[2] and each[3])]


def check_seeks(page: Page, n: int = N_SEEKS) -> None:
    """Check random seeks, the same frame again, neighbours, and both ends."""
    random.seed(0)
    wanted = [random.randrange(N_FRAMES) for _ in range(n)]
    last = N_FRAMES - 1
    found = page.evaluate(SEEK, [*wanted, 30, 30, 30, 31, 30, 0, 0, last, last, 0, last])
    assert wrong(found) == []
    assert statistics.median(ms for *_, ms in found) < LIMIT_SEEK_MS


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_seeks_show_exactly_the_frame_with_its_result(
    player: Page, videos: dict[str, tuple[Path, Path]], suffix: str
) -> None:
    open_files(player, *videos[suffix])
    check_seeks(player)


def test_video_that_starts_late_is_shown_exactly(player: Page, tmp_path: Path) -> None:
    open_files(player, *write_bar_video(tmp_path / "late", ".webm", start_ms=700))
    check_seeks(player, 20)


def test_video_that_browsers_cannot_play_is_exact_before_and_after_its_copy_is_ready(
    player: Page, videos: dict[str, tuple[Path, Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    may_copy, make = Event(), ProxyMaker._make
    monkeypatch.setattr(ProxyMaker, "_make", lambda *given: may_copy.wait(60) and make(*given))
    open_files(player, *videos[".hevc.mp4"])
    check_seeks(player)
    player.evaluate(SEEK, [37])
    player.evaluate("window.before = vitruvian.store.state.shown; 0")
    may_copy.set()
    wait(player, "state.shown !== before")
    assert wrong([[37, *player.evaluate("seen()")]]) == []
    check_seeks(player)


@pytest.mark.parametrize(
    ("suffix", "speeds"),
    [(".mp4", {0.25: 52, 0.5: 48, 1: 25, 2: 0, 4: 0}), (".webm", {1: 40, 4: 0})],
)
def test_playback_names_the_frame_that_is_shown(
    player: Page, videos: dict[str, tuple[Path, Path]], suffix: str, speeds: dict[float, int]
) -> None:
    open_files(player, *videos[suffix])
    times_us = state(player, "frameTimes_us")
    for speed, first in speeds.items():
        played = player.evaluate(PLAY, [first, speed])
        found = [[number, *rest] for number, *rest in played["found"]]
        assert [each for each in found if each[0] != each[1] or not each[2]] == []
        assert found[-1][0] == N_FRAMES - 1
        assert [number for number, *_ in found] == sorted(number for number, *_ in found)
        assert played["ms"] > 0.9 * (times_us[-1] - times_us[first]) / 1000 / speed
        if speed <= 1:
            assert len({number for number, *_ in found}) > (N_FRAMES - first) / 3


def test_loop_plays_its_frames_again_and_again(
    player: Page, videos: dict[str, tuple[Path, Path]]
) -> None:
    open_files(player, *videos[".mp4"])
    numbers = player.evaluate("""
        async () => {
          const { actions, store } = vitruvian;
          const at = store.state.frameTimes_us;
          await actions.seek(at[10]);
          actions.loopStart();
          await actions.seek(at[18]);
          actions.loopEnd();
          await actions.seek(at[0]);
          const found = [];
          const stop = store.on(["shown"], () => found.push(seen()[0]));
          actions.setSpeed(2);
          actions.togglePlay();
          await wait(() => found.filter((number, i) => i && number < found[i - 1]).length >= 2);
          actions.togglePlay();
          stop();
          return found;
        }""")
    assert set(numbers) <= set(range(10, 19))
    assert numbers.count(10) >= 2
    assert state(player, "loop") is not None
    player.get_by_role("button", name="No loop").click()
    assert state(player, "loop") is None


def test_keys_of_the_play_head_step_jump_and_loop(
    player: Page, videos: dict[str, tuple[Path, Path]]
) -> None:
    open_files(player, *videos[".mp4"])
    head = player.get_by_role("slider", name="Play head")
    head.focus()

    def press(key: str, number: int) -> None:
        player.keyboard.press(key)
        wait(player, f"state.shown.result?.frame_index === {number} && seen()[0] === {number}")

    times_us = state(player, "frameTimes_us")
    after_1_s = max(i for i, time_us in enumerate(times_us) if time_us <= times_us[2] + 1e6)
    press("ArrowRight", 1)
    press("ArrowRight", 2)
    press("Shift+ArrowRight", after_1_s)
    press("End", N_FRAMES - 1)
    press("ArrowLeft", N_FRAMES - 2)
    press("Home", 0)
    assert head.get_attribute("aria-valuetext") == f"0.000 s, frame 1 of {N_FRAMES}"
    player.keyboard.press("PageUp")
    wait(player, "state.time_us > 0")
    player.keyboard.press("[")
    press("End", N_FRAMES - 1)
    player.keyboard.press("]")
    assert state(player, "loop")["end_us"] == times_us[-1]
    player.keyboard.press("Space")
    wait(player, "!state.isPaused")
    player.keyboard.press("Space")
    wait(player, "state.isPaused")


def test_play_head_follows_mouse_and_finger(
    browser: Browser, studio: StudioServer, videos: dict[str, tuple[Path, Path]]
) -> None:
    with opened_page(browser, studio, has_touch=True) as page:
        open_files(page, *videos[".mp4"])
        box = page.get_by_role("slider", name="Play head").bounding_box()
        assert box is not None
        last_us = state(page, "frameTimes_us")[-1]

        def place(share: float) -> tuple[float, float]:
            return box["x"] + share * box["width"], box["y"] + box["height"] / 2

        page.mouse.move(*place(0.2))
        page.mouse.down()
        page.mouse.move(*place(0.5), steps=8)
        page.mouse.up()
        wait(page, f"Math.abs(state.time_us - {last_us / 2}) < 60000 && seen()[2]")
        assert "·" in page.locator("#timeline .tip").inner_text()
        page.touchscreen.tap(*place(0.8))
        wait(page, f"Math.abs(state.time_us - {0.8 * last_us}) < 60000 && seen()[2]")


@pytest.mark.weights
def test_results_and_exports_equal_those_of_the_command(
    player: Page, person: Path, tmp_path: Path
) -> None:
    outputs = [tmp_path / f"person{suffix}" for suffix in (".jsonl", ".csv")]
    words = ["track", person, "-o", outputs[0], "-o", outputs[1], "--model", "lite"]
    assert CliRunner().invoke(program, [str(word) for word in words]).exit_code == 0
    open_files(player, person)
    wait(player, "state.job.state === 'done'")
    job = state(player, "job.id")
    text = player.evaluate(f"fetch('/api/jobs/{job}/results').then((answer) => answer.text())")
    assert text.encode() == outputs[0].read_bytes()
    lines = [json.loads(line) for line in text.splitlines()]
    assert player.evaluate("vitruvian.history.results") == lines
    player.evaluate("vitruvian.actions.seek(1e6)")
    wait(player, "state.shown.result?.poses.length === 1")
    with player.expect_download() as download:
        player.evaluate("vitruvian.actions.exportAs('.csv')")
    assert download.value.suggested_filename == "person.csv"
    download.value.save_as(tmp_path / "page.csv")
    assert (tmp_path / "page.csv").read_bytes() == outputs[1].read_bytes()


@pytest.mark.weights
def test_options_track_again_and_masks_belong_to_the_frame(player: Page, person: Path) -> None:
    open_files(player, person)
    first = state(player, "job.id")
    player.evaluate("vitruvian.actions.seek(400_000)")
    player.evaluate("vitruvian.actions.setOptions({ segmentation: true })")
    wait(player, "state.job.options.segmentation")
    assert state(player, "job.id") != first
    assert state(player, "time_us") == 400_000
    wait(player, "state.shown.result")
    with player.expect_request("**/masks/10.png"):
        player.evaluate("vitruvian.store.setSettings({ mask: true })")
    wait(player, "state.shown.mask?.width > 0 && vitruvian.history.results.length > 12")
    with player.expect_request("**/masks/11.png"):
        player.evaluate("vitruvian.actions.step(1)")
    wait(player, "state.shown.result.frame_index === 11 && state.shown.mask?.width > 0")


@pytest.mark.weights
def test_stopped_job_keeps_its_results_and_can_be_started_again(
    player: Page, testdata: Path
) -> None:
    open_files(player, testdata / "clips" / "one_by_one.mp4")
    wait(player, "vitruvian.history.results.length > 3 && state.job.state === 'running'")
    assert "Tracking" in player.locator("#timeline .progress").inner_text()
    player.get_by_role("button", name="Stop").click()
    wait(player, "state.job.state === 'stopped'")
    n_done = state(player, "job.n_done")
    wait(player, f"vitruvian.history.results.length === {n_done}")
    assert 3 < n_done < 1394
    player.get_by_role("button", name="Track again").click()
    wait(player, "state.job.state === 'running'")
    player.evaluate("vitruvian.actions.close()")
    assert state(player, "mode") == "empty"
    assert player.locator("#timeline").is_hidden()


def test_failed_job_is_told(
    player: Page, videos: dict[str, tuple[Path, Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    class FailingRunner:
        def __init__(self, *_: object, **__: object) -> None: ...
        def __enter__(self) -> FailingRunner:
            return self

        def __exit__(self, *_: object) -> None: ...
        def run_safely(self, job: Any, _: object) -> Iterator[Failed]:
            yield Failed(job, "the model is not here", "")

    monkeypatch.setattr(tracking_job, "JobRunner", FailingRunner)
    open_files(player, videos[".mp4"][0])
    wait(player, "state.job.state === 'failed'")
    player.get_by_text("the model is not here").wait_for()
    assert "Failed after 0 frames" in player.locator("#timeline .progress").inner_text()
    assert player.get_by_role("button", name="Track again").is_visible()


def test_lost_connection_is_resumed(
    browser: Browser,
    studio: StudioServer,
    videos: dict[str, tuple[Path, Path]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines_of = jobs._lines
    starts: list[int] = []
    arrived = Event()

    async def broken_once(job: Any, start: int, *more: Any) -> AsyncIterator[bytes]:
        starts.append(start)
        async for chunk in lines_of(job, start, *more):
            if len(starts) == 1:
                yield b"".join(chunk.splitlines(keepends=True)[:7]) + b'{"frame_'
                await asyncio.to_thread(arrived.wait, 10)
                raise ConnectionError("cable pulled")
            yield chunk

    monkeypatch.setattr(jobs, "_lines", broken_once)

    def note_numbers() -> None:
        with opened_page(browser, studio) as page:
            open_files(page, *videos[".mp4"])
            wait(page, "vitruvian.history.results.length === 7")
            arrived.set()
            wait(page, f"vitruvian.history.results.length === {N_FRAMES}")
            found.extend(page.evaluate("vitruvian.history.results.map((one) => one.frame_index)"))

    found: list[int] = []
    with pytest.raises(AssertionError, match="INCOMPLETE_CHUNKED"):  # Chromium logs it
        note_numbers()
    assert found == list(range(N_FRAMES))
    assert starts == [0, 7]


def limit_uploads(page: Page, bytes_per_s: float) -> None:
    """Make the network of a page slow."""
    limits = {"offline": False, "latency": 0, "downloadThroughput": -1}
    network = page.context.new_cdp_session(page)
    network.send("Network.emulateNetworkConditions", limits | {"uploadThroughput": bytes_per_s})


def test_upload_tells_its_progress_and_can_be_cancelled(
    player: Page, studio: StudioServer, videos: dict[str, tuple[Path, Path]]
) -> None:
    large = """
        ([[name, text]]) => {
          const pad = new Uint8Array(40e6); // a box of the MP4 file that readers skip
          pad.set([0x02, 0x62, 0x5a, 0x00, 0x66, 0x72, 0x65, 0x65]);
          return new File([fileOf(name, text), pad], name);
        }"""
    video = encoded(videos[".mp4"][0])
    limit_uploads(player, 80e6)  # a quick one tells nothing on its way
    shares = player.evaluate(
        f"""async (files) => {{
          const shares = [];
          vitruvian.store.on(["upload"], () => shares.push(vitruvian.store.state.upload?.share));
          await vitruvian.actions.openFile(({large})(files));
          return shares;
        }}""",
        video,
    )
    assert shares[0] == 0
    *told, end = shares
    assert end is None
    assert told == sorted(told)
    assert len(told) > 2
    assert told[-1] > 0.9
    assert state(player, "file.name") == "bars.mp4"
    limit_uploads(player, 10e6)
    player.evaluate(f"(files) => void vitruvian.actions.openFile(({large})(files))", video)
    wait(player, "state.upload?.share > 0")
    assert "Uploading bars.mp4" in player.locator("#timeline").inner_text()
    player.get_by_role("button", name="Cancel").click()
    wait(player, "!state.upload && !state.isBusy && state.mode === 'empty'")
    assert messages(player) == ""


def test_file_that_is_too_large_is_not_uploaded(player: Page) -> None:
    player.evaluate("""
        vitruvian.info.limits.max_upload = 10;
        vitruvian.actions.openFile(new File(["more than ten bytes"], "long.mp4"));""")
    assert "long.mp4 is larger than" in messages(player)
    assert state(player, "mode") == "empty"


def test_dropped_video_is_opened_with_its_results(
    player: Page, videos: dict[str, tuple[Path, Path]]
) -> None:
    drag = """
        ([type, files]) => {
          const dataTransfer = new DataTransfer();
          for (const file of files) dataTransfer.items.add(fileOf(...file));
          const init = { dataTransfer, bubbles: true, cancelable: true };
          document.body.dispatchEvent(new DragEvent(type, init));
        }"""
    video, results = videos[".mp4"]
    dropped = encoded(video, results, videos[".webm"][0])
    player.evaluate(drag, ["dragenter", dropped])
    assert "Drop to open" in player.locator(".drop").inner_text()
    player.evaluate(drag, ["dragleave", dropped])
    assert player.locator(".drop").is_hidden()
    player.evaluate(drag, ["dragenter", dropped])
    player.evaluate(drag, ["drop", dropped])
    assert player.locator(".drop").is_hidden()
    assert "Not opened: bars.webm" in messages(player)
    wait(player, "state.shown?.result")
    assert state(player, "title") == "bars.mp4"
    assert state(player, "job.options") is None


def test_results_without_a_video_are_played_by_the_clock(
    player: Page, videos: dict[str, tuple[Path, Path]]
) -> None:
    open_files(player, videos[".mp4"][1])
    assert state(player, "file.kind") == "results"
    assert state(player, "shown.image") is None
    wait(player, "state.job?.state === 'done' && state.shown.result")
    indices = player.evaluate("""
        async () => {
          const { actions, store } = vitruvian;
          const found = [];
          const stop = store.on(["shown"], () => found.push(store.state.shown.result.frame_index));
          actions.setSpeed(4);
          actions.togglePlay();
          await wait(({ isPaused }) => isPaused);
          stop();
          return found;
        }""")
    assert indices == sorted(indices)
    assert indices[-1] == N_FRAMES - 1
    assert len(set(indices)) > 15


@pytest.mark.weights
def test_image_is_shown_upright_with_its_pose_and_without_a_timeline(
    player: Page, testdata: Path, tmp_path: Path
) -> None:
    photo = Image.open(testdata / "images" / "warrior.jpg")
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    photo.rotate(90, expand=True).save(tmp_path / "turned.jpg", exif=exif)
    open_files(player, tmp_path / "turned.jpg")
    wait(player, "state.job.state === 'done' && state.shown.result")
    assert len(state(player, "shown.result.poses")) == 1
    assert player.locator("#timeline .area").count() == 0
    size = player.evaluate(
        "[vitruvian.store.state.shown.image.width, vitruvian.store.state.shown.image.height]"
    )
    assert tuple(size) == photo.size


def test_file_of_an_allowed_folder_is_opened(player: Page) -> None:
    player.evaluate("vitruvian.actions.browse()")
    dialog = player.get_by_role("dialog")
    dialog.get_by_role("button", name="inside").click()
    dialog.get_by_role("button", name="walk.jsonl").wait_for()
    dialog.get_by_role("button", name="walk.mp4").click()
    wait(player, "state.shown && state.title === 'walk.mp4'")
    assert dialog.is_hidden()


def test_input_of_the_command_line_is_open_at_the_start(
    browser: Browser, videos: dict[str, tuple[Path, Path]]
) -> None:
    video, results = videos[".mp4"]
    options = StudioOptions(inputs=(str(results),), video=video)
    with StudioServer(Studio(options)) as server, opened_page(browser, server) as page:
        wait(page, "state.shown?.result")
        assert state(page, "title") == "bars.mp4"
        check_seeks(page, 5)


def test_coverage_of_a_long_video_shows_the_gaps_and_stays_quick(player: Page) -> None:
    # Person 3 is away from 40 % to 60 % of an hour.
    result = player.evaluate("""
        async () => {
          const { history, store } = vitruvian;
          const n = 100_000;
          const step_us = 36_000;
          const frameTimes_us = Array.from({ length: n }, (_, i) => i * step_us);
          const isSeen = (i, id) => id === 0 || i < 0.4 * n || i >= 0.6 * n;
          frameTimes_us.forEach((timestamp_us, i) => {
            const poses = [0, 3].filter((id) => isSeen(i, id)).map((id) => ({ id }));
            history.add({ timestamp_us, poses });
          });
          const { Coverage } = await import("/page/ui/coverage.js");
          const { drawCoverage } = await import("/page/ui/coverage_bars.js");
          const canvas = document.createElement("canvas");
          canvas.style.width = "628px";
          document.body.append(canvas);
          const coverage = new Coverage(history);
          const timed = () => {
            const start = performance.now();
            coverage.update();
            drawCoverage(canvas, coverage, frameTimes_us, vitruvian.info);
            return performance.now() - start;
          };
          const first_ms = timed();
          const next_ms = Math.min(...[1, 2, 3, 4, 5].map(timed));
          const scale = canvas.width / 628;
          const level = (share, row) => {
            const at = [28 + 600 * share, 16 + 10 * row + 3].map((px) => px * scale);
            return [...canvas.getContext("2d").getImageData(...at, 1, 1).data].slice(0, 3);
          };
          return { first_ms, next_ms, runs: coverage.people.get(3).length,
                   seen: level(0.3, 1), away: level(0.5, 1), other: level(0.5, 0) };
        }""")
    colors = player.evaluate("vitruvian.info.style.person_colors")
    assert result["runs"] == 2
    assert result["seen"] == colors[3]
    assert result["away"] not in colors
    assert result["other"] == colors[0]
    assert result["first_ms"] < 500
    assert result["next_ms"] < 20


def test_opening_a_file_ends_the_live_camera(
    player: Page, videos: dict[str, tuple[Path, Path]]
) -> None:
    player.evaluate("vitruvian.actions.startCamera()")
    wait(player, "state.mode === 'live'")
    open_files(player, *videos[".mp4"])
    assert state(player, "mode") == "recorded"
    wait(player, "state.shown.result?.frame_index === 0")
    player.evaluate("vitruvian.actions.startCamera()")
    wait(player, "state.mode === 'live'")
    assert state(player, "file") is None
    player.evaluate("vitruvian.actions.close()")
