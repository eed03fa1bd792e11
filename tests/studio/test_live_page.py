"""The page with live cameras: a fake camera of the browser, and recordings as server cameras."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from tests.studio.bar_code import SIDE, WH, BarCodeTracker, write_camera_clip
from tests.studio.conftest import FLAGS, LIMIT_MS, guarded_page
from tests.studio.live_parts import CodedCamera, SilentCamera, stub_trackers
from vitruvian.errors import SourceError
from vitruvian.studio import disk, feeds, live_tracker
from vitruvian.studio.options import StudioOptions
from vitruvian.studio.place import Place
from vitruvian.studio.server import StudioServer
from vitruvian.studio.state import Studio

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

N_LOCKED = 300
N_MASKED = 20
OPEN_PICTURES = 8  # shown, newest, two unanswered, and those whose turn it is to be closed

# Counts what the page must close, and how often the camera was asked for; keeps the connection.
COUNTERS = """
window.open_pictures = 0; window.most_pictures = 0; window.n_asked = 0; window.tracks = [];
window.VideoFrame = class extends VideoFrame {
  constructor(...given) {
    super(...given);
    open_pictures += 1;
    most_pictures = Math.max(most_pictures, open_pictures);
  }
  close() { open_pictures -= 1; super.close(); }
};
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
  n_asked += 1;
  const stream = await ask(wanted);
  tracks.push(...stream.getTracks());
  return stream;
};
window.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    window.socket = this;
  }
};
"""

# Playwright's own wait for a condition evaluates text in the page, which its policy forbids.
WAIT = """
new Promise((resolve, reject) => {{
  const until = performance.now() + {limit_ms};
  const holds = () => {{
    const {{ state }} = vitruvian.store;
    return {condition};
  }};
  const look = () => {{
    if (holds()) resolve();
    else if (performance.now() > until) reject(new Error("did not come: " + holds));
    else setTimeout(look, 20);
  }};
  look();
}})
"""

# Waits until the camera has delivered eight frames more.
EIGHT_FRAMES = """
new Promise((done) => {
  const video = document.querySelector("body > video");
  let n = 0;
  const count = () => (++n > 8 ? done() : video.requestVideoFrameCallback(count));
  count();
})
"""

ALL_ANSWERED = "(counts) => counts && counts.seen === counts.processed + counts.dropped"

# Notes of each picture with a result: its number as drawn, the result's number, that of the mask,
# codec, age in ms.
PAIRS = """
([side, height]) => {
  const { store } = vitruvian;
  const canvas = new OffscreenCanvas(10 * side, height);
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  window.pairs = [];
  store.on(["shown"], () => {
    const { shown } = store.state;
    if (!shown?.result) return;
    const [number, ofMask] = [[shown.image, 127], [shown.mask, 0]].map(([image, dark]) => {
      pen.drawImage(image, 0, 0);
      const { data } = pen.getImageData(0, height - side / 2, 10 * side, 1);
      let n = 0;
      for (let bit = 0; bit < 10; bit++) n |= (data[4 * (bit * side + side / 2)] > dark) << bit;
      return n;
    });
    const age = performance.now() - shown.image.timestamp / 1000;
    pairs.push([number, shown.result.frame_index, ofMask, store.state.settings.codec, age]);
  });
}
"""


@pytest.fixture(scope="module")
def camera(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser whose camera shows the packaged clip, its pictures numbered."""
    clip = tmp_path_factory.mktemp("camera") / "camera.mjpeg"
    write_camera_clip(clip)
    kind = browser.browser_type
    args = [*FLAGS, f"--use-file-for-fake-video-capture={clip}"]
    made = kind.launch(executable_path="/usr/bin/chromium", args=args)
    yield made
    made.close()


@pytest.fixture
def two_cameras(browser: Browser) -> Iterator[Browser]:
    """A browser with two cameras that show a pattern."""
    args = [*FLAGS, "--use-fake-device-for-media-stream=device-count=2"]
    made = browser.browser_type.launch(executable_path="/usr/bin/chromium", args=args)
    yield made
    made.close()


@contextmanager
def opened_page(browser: Browser, server: StudioServer, script: str = "") -> Iterator[Page]:
    """Give a page that is logged in, with `COUNTERS` and another script run before its own."""
    with guarded_page(browser, server, viewport={"width": 390, "height": 844}) as page:
        page.add_init_script(COUNTERS + script)
        page.goto(server.login_url)
        page.wait_for_selector("html[data-state=ready]")
        yield page


@pytest.fixture
def live(camera: Browser, server: StudioServer) -> Iterator[Page]:
    """The page with its camera started."""
    with opened_page(camera, server) as page:
        start_camera(page)
        yield page


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> type[BarCodeTracker]:
    """The tracker of new sessions reads the number of the picture."""
    monkeypatch.setattr(live_tracker, "PoseTracker", BarCodeTracker)
    monkeypatch.setattr(BarCodeTracker, "delay_s", 0.0)
    return BarCodeTracker


def start_camera(page: Page) -> None:
    page.evaluate("vitruvian.actions.startCamera()")
    wait(page, "state.shown?.result")


def wait(page: Page, condition: str) -> None:
    """Wait until a condition holds in the page; `state` is that of its store."""
    page.evaluate(WAIT.format(condition=condition, limit_ms=LIMIT_MS))


def state(page: Page, name: str) -> Any:
    return page.evaluate(f"vitruvian.store.state.{name}")


def messages(page: Page) -> str:
    return page.locator("#messages").inner_text()


@pytest.mark.weights
def test_person_in_front_of_the_camera_is_drawn(live: Page) -> None:
    wait(live, "state.shown.result?.poses.length === 1 && state.times && state.liveState")
    pose = state(live, "shown.result.poses[0]")
    inside = [0 < x < WH[0] and 0 < y < WH[1] for x, y, _ in pose["landmarks"]]
    assert sum(inside) > 25
    assert state(live, "shown.width") == WH[0]
    assert state(live, "settings.mirror")
    times = state(live, "times")
    stages = ["encode", "up", "wait", "decode", "track", "down", "draw"]
    assert all(times[stage] > -1 for stage in stages)
    assert 0 < times["track"] < times["total"] <= times["total_p95"]
    counts = state(live, "liveState.counts")
    assert 0 <= counts["seen"] - counts["processed"] - counts["dropped"] <= 2
    shown = live.locator("#figures").text_content() or ""
    assert all(stage in shown for stage in stages)


@pytest.mark.usefixtures("reader")
def test_each_result_is_drawn_on_its_own_picture_with_its_own_mask(
    camera: Browser, server: StudioServer
) -> None:
    with opened_page(camera, server) as page:
        page.evaluate(PAIRS, [SIDE, WH[1]])
        start_camera(page)
        for n, codec in enumerate(("h264", "jpeg", "h264"), start=1):
            wait(page, f"pairs.length > {n * N_LOCKED // 4}")
            page.evaluate("codec => vitruvian.store.setSettings({ codec })", codec)
        wait(page, f"pairs.length > {N_LOCKED}")
        page.evaluate("vitruvian.actions.close()")
        pairs = page.evaluate("pairs")
        most, left = page.evaluate("[most_pictures, open_pictures]")
        n_asked = page.evaluate("n_asked")
    assert [pair for pair in pairs if pair[0] != pair[1]] == []
    assert [pair for pair in pairs if pair[2] != pair[1]] == []
    assert len({pair[0] for pair in pairs}) > 50
    assert {pair[3] for pair in pairs} == {"auto", "h264", "jpeg"}
    assert most <= OPEN_PICTURES
    assert left == 0
    assert n_asked == 1


@pytest.mark.usefixtures("reader")
def test_camera_is_drawn_where_tracks_cannot_be_read(camera: Browser, server: StudioServer) -> None:
    with opened_page(camera, server, "delete window.MediaStreamTrackProcessor;") as page:
        page.evaluate(PAIRS, [SIDE, WH[1]])
        start_camera(page)
        wait(page, "pairs.length > 5")
        pairs = page.evaluate("pairs")
    assert [pair for pair in pairs if pair[0] != pair[1]] == []
    assert min(pair[-1] for pair in pairs) > 0


@pytest.mark.usefixtures("reader")
def test_newest_picture_is_shown_where_that_is_chosen(live: Page) -> None:
    live.evaluate("vitruvian.store.setSettings({ locked: false })")
    live.evaluate(PAIRS, [SIDE, WH[1]])
    wait(live, "pairs.length > 40")
    behind = [(number - result) % 90 for number, result, *_ in live.evaluate("pairs")[2:]]
    assert max(behind) > 0
    assert max(behind) < 30
    assert live.evaluate("most_pictures") <= OPEN_PICTURES


def test_drawn_frames_stay_fresh_while_the_tracker_is_slow(
    camera: Browser, server: StudioServer, reader: type[BarCodeTracker]
) -> None:
    reader.delay_s = 0.2
    with opened_page(camera, server) as page:
        page.evaluate(PAIRS, [SIDE, WH[1]])
        start_camera(page)
        wait(page, "pairs.length > 12")
        ages = [age for *_, age in page.evaluate("pairs")]
    assert max(ages) <= 2 * 200 + 100


@pytest.mark.weights
def test_model_is_switched_while_the_old_one_answers(live: Page) -> None:
    live.evaluate("""
        window.order = [];
        const { store, actions } = vitruvian;
        store.on(["historyVersion"], () => order.push("result"));
        store.on(["isBusy"], () => order.push(store.state.isBusy ? "asked" : "ready"));
        actions.setOptions({ model: "lite" });
    """)
    wait(live, "order.includes('ready') && order.length > order.indexOf('ready') + 5")
    order = live.evaluate("order")
    assert order[0] == "asked"
    assert order.count("ready") == 1
    assert state(live, "options.model") == "lite"
    assert live.evaluate("n_asked") == 1


@pytest.mark.usefixtures("reader")
def test_frozen_picture_stays_until_it_goes_on(live: Page) -> None:
    live.evaluate("vitruvian.actions.togglePlay()")
    before = state(live, "historyVersion")
    live.evaluate(EIGHT_FRAMES)
    assert state(live, "historyVersion") == before
    live.evaluate("vitruvian.actions.togglePlay()")
    wait(live, f"state.historyVersion > {before + 3}")


@pytest.mark.usefixtures("reader")
def test_hidden_page_sends_nothing(live: Page) -> None:
    hide = "Object.defineProperty(document, 'hidden', {{ value: {}, configurable: true }})"
    tell = "document.dispatchEvent(new Event('visibilitychange'))"
    live.evaluate(f"{hide.format('true')}; {tell}")
    before = state(live, "historyVersion")
    live.evaluate(EIGHT_FRAMES)
    assert state(live, "historyVersion") == before
    assert "paused while this page was hidden" in messages(live)
    live.evaluate(f"{hide.format('false')}; {tell}")
    wait(live, f"state.historyVersion > {before + 3}")


@pytest.mark.usefixtures("reader")
def test_camera_that_was_unplugged_continues_when_it_is_back(live: Page) -> None:
    before = state(live, "historyVersion")
    live.evaluate("tracks[0].stop(); tracks[0].dispatchEvent(new Event('ended'))")
    live.wait_for_selector("text=The camera is back.")
    wait(live, f"state.historyVersion > {before + 3} && state.liveState?.counts.reconnected === 1")
    assert "The camera was disconnected." in messages(live)
    assert live.evaluate("n_asked") == 2


@pytest.mark.usefixtures("reader")
def test_another_camera_continues_the_session(two_cameras: Browser, server: StudioServer) -> None:
    with opened_page(two_cameras, server) as page:
        start_camera(page)
        before = state(page, "historyVersion")
        names = [camera["name"] for camera in state(page, "cameras")]
        assert len(set(names)) == 2
        (other,) = (name for name in names if name != state(page, "title"))
        page.locator("#source").click()
        page.locator("#menu-source").get_by_role("button", name=other).click()
        wait(page, f"state.historyVersion > {before + 3} && state.title === {other!r}")
        assert page.evaluate("n_asked") == 2
        assert page.evaluate("tracks.map((track) => track.readyState)") == ["ended", "live"]
        assert page.evaluate("vitruvian.history.results.length") > before


DENY = """
navigator.mediaDevices.getUserMedia = async () => {{
  throw new DOMException("", "{}");
}};
"""
INSECURE = "Object.defineProperty(navigator, 'mediaDevices', { value: undefined });"


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (DENY.format("NotAllowedError"), "The camera is not allowed."),
        (DENY.format("NotFoundError"), "No camera was found."),
        (DENY.format("NotReadableError"), "The camera is busy."),
        (INSECURE, "vitruvian studio --lan"),
    ],
)
def test_camera_that_cannot_be_used_is_told(
    camera: Browser, server: StudioServer, script: str, message: str
) -> None:
    with opened_page(camera, server, script) as page:
        page.evaluate("vitruvian.actions.startCamera()")
        page.wait_for_selector(f"text={message}")
        assert state(page, "mode") == "empty"


@pytest.mark.usefixtures("reader")
def test_session_continues_when_the_server_is_back(camera: Browser) -> None:
    options = StudioOptions()
    first = StudioServer(Studio(options, token="the same"))
    port = first.address.port
    context = camera.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.set_default_timeout(LIMIT_MS)
    page.add_init_script(COUNTERS)
    with first:
        page.goto(first.login_url)
        page.wait_for_selector("html[data-state=ready]")
        start_camera(page)
    page.wait_for_selector("text=The connection to the server is lost.")
    n_before = state(page, "historyVersion")
    with StudioServer(Studio(options, token="the same"), Place(port=port)):
        page.wait_for_selector("text=The connection is back.")
        wait(page, f"state.historyVersion > {n_before + 3}")
        assert page.evaluate("n_asked") == 1
        context.close()


def test_busy_server_is_told(camera: Browser) -> None:
    with (
        StudioServer(Studio(StudioOptions(max_sessions=0))) as server,
        opened_page(camera, server) as page,
    ):
        page.evaluate("vitruvian.actions.startCamera()")
        page.wait_for_selector("text=live sessions are running")
        wait(page, "state.mode === 'empty'")
        assert page.evaluate("tracks.every((track) => track.readyState === 'ended')")


@pytest.mark.weights
def test_recording_is_a_file_with_its_results(live: Page) -> None:
    n_before = record(live, 15)
    live.evaluate("vitruvian.actions.record()")
    wait(live, f"vitruvian.info.inputs.length > {n_before}")
    live.evaluate(
        "const i = vitruvian.info.inputs.at(-1); vitruvian.actions.openMedia(i.file, i.job)"
    )
    wait(live, "state.mode === 'recorded' && state.shown?.result")
    assert live.evaluate("vitruvian.history.results.length") > 10
    assert live.evaluate("open_pictures") == 0


@pytest.mark.usefixtures("reader")
def test_recording_is_kept_when_the_camera_is_closed(live: Page) -> None:
    n_before = record(live, 5)
    live.evaluate("vitruvian.actions.close()")
    assert state(live, "mode") == "empty"
    assert live.evaluate("vitruvian.info.inputs.length") == n_before + 1


@pytest.mark.usefixtures("reader")
def test_recording_is_found_again_when_the_connection_is_lost(live: Page) -> None:
    n_before = record(live, 5)
    live.evaluate("socket.close()")
    live.wait_for_selector("text=The connection is back.")
    wait(live, f"vitruvian.info.inputs.length > {n_before}")
    assert "Recorded" in messages(live)
    assert not state(live, "isRecording")
    live.reload()
    live.wait_for_selector("html[data-state=ready]")
    assert live.evaluate("vitruvian.info.inputs.length") == n_before + 1
    assert state(live, "mode") == "empty"


def record(live: Page, n: int) -> int:
    """Record some frames; return how many inputs there were before."""
    live.evaluate("vitruvian.actions.record()")
    wait(live, f"state.historyVersion > {state(live, 'historyVersion') + n}")
    return int(live.evaluate("vitruvian.info.inputs.length"))


@pytest.mark.usefixtures("reader")
def test_recording_without_a_frame_ends_with_a_message(live: Page) -> None:
    live.evaluate("vitruvian.actions.togglePlay()")
    live.evaluate("vitruvian.store.set({ liveState: null })")
    wait(live, f"(({ALL_ANSWERED})(state.liveState?.counts))")
    n_before = live.evaluate("vitruvian.info.inputs.length")
    live.evaluate(
        "(async () => { for (const on of [true, false, true, false]) {"
        " const done = vitruvian.actions.record(on); if (!on) (window.ends ??= []).push(done); }"
        " await Promise.all(ends); })()"
    )
    assert "no frame has come" in messages(live)
    assert live.evaluate("vitruvian.info.inputs.length") == n_before


@pytest.mark.usefixtures("reader")
def test_recording_that_fills_the_disk_is_over(live: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "FREE_BYTES", 2**62)
    live.evaluate("vitruvian.actions.record()")
    live.wait_for_selector("text=not enough space")
    wait(live, "!state.isRecording && state.mode === 'live'")


@pytest.mark.weights
def test_snapshot_is_a_png_in_the_size_of_the_picture(live: Page, tmp_path: Path) -> None:
    wait(live, "state.shown.result?.poses.length === 1")
    with live.expect_download() as told:
        live.evaluate("vitruvian.actions.snapshot()")
    assert told.value.suggested_filename.endswith(".png")
    told.value.save_as(tmp_path / "snapshot.png")
    data = (tmp_path / "snapshot.png").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(data[16:20]), int.from_bytes(data[20:24])) == WH


def test_source_that_cannot_be_opened_leads_back_to_the_first_page(
    browser: Browser, server: StudioServer
) -> None:
    with opened_page(browser, server) as page:
        page.evaluate("vitruvian.actions.startSource({ kind: 'server', id: 'camera999' }, 'Hall')")
        page.wait_for_selector("text=camera 999")
        wait(page, "state.mode === 'empty'")


def test_camera_of_the_server_that_is_lost_is_told_until_it_is_back(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera = SilentCamera()
    monkeypatch.setattr(feeds, "LOST_S", 0.5)
    monkeypatch.setattr(feeds, "open_input", lambda *_, **__: camera)
    with (
        stub_trackers(monkeypatch),
        StudioServer(Studio(StudioOptions(inputs=("rtsp://hall.example/door",)))) as server,
        opened_page(browser, server) as page,  # which opens it
    ):
        page.wait_for_selector("#picture >> text=rtsp://hall.example/door is lost: reconnecting")
        camera.back.set()
        page.wait_for_selector("#picture .lost", state="hidden")


def test_source_that_is_still_in_use_is_opened_again_when_the_connection_is_back(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = [CodedCamera(), SourceError("the camera is in use"), CodedCamera()]

    def open_input(*_: object, **__: object) -> CodedCamera:
        camera = opened.pop(0)
        if isinstance(camera, SourceError):
            raise camera
        return camera

    monkeypatch.setattr(feeds, "open_input", open_input)
    with (
        stub_trackers(monkeypatch),
        StudioServer(Studio(StudioOptions(inputs=("rtsp://hall.example/door",)))) as server,
        opened_page(browser, server) as page,
    ):
        wait(page, "state.shown?.result")
        page.evaluate("socket.close()")
        page.wait_for_selector("text=The camera is in use")
        page.wait_for_selector("text=The connection is back.")
        assert state(page, "mode") == "live"


@pytest.mark.weights
def test_two_people_of_a_server_camera_have_ids_and_masks(browser: Browser, testdata: Path) -> None:
    serve = partial(SimpleHTTPRequestHandler, directory=str(testdata / "clips"))
    ThreadingHTTPServer.daemon_threads = True
    with ThreadingHTTPServer(("127.0.0.1", 0), serve) as clips:
        Thread(target=clips.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{clips.server_port}/seniors.mp4"
        studio = Studio(StudioOptions(inputs=(url,)))
        with StudioServer(studio) as server, opened_page(browser, server) as page:
            page.evaluate(
                "vitruvian.actions.setOptions({ model: 'lite', num_poses: 2, segmentation: true })"
            )
            page.evaluate("vitruvian.store.setSettings({ mask: true })")
            page.evaluate(NOTE_MASKS)
            wait(page, f"noted.length >= {N_MASKED}")
            assert state(page, "shown.width") == 1280
            noted = page.evaluate("noted")
        clips.shutdown()
    assert [one for one in noted if one != {"ids": noted[0]["ids"], "hips": [1, 2]}] == []
    assert len(set(noted[0]["ids"])) == 2


# Notes of each result with two people: their IDs, and the values of the mask between their hips,
# which are their places in the result + 1 if it is the mask of that result.
NOTE_MASKS = """
(() => {
  const pen = new OffscreenCanvas(320, 320).getContext("2d", { willReadFrequently: true });
  window.noted = [];
  let last = null;
  vitruvian.store.on(["shown"], () => {
    const { mask, width, height, result } = vitruvian.store.state.shown ?? {};
    if (result?.poses.length !== 2 || result === last) return;
    last = result;
    pen.clearRect(0, 0, 320, 320);
    if (mask) pen.drawImage(mask, 0, 0);
    const hips = result.poses.map(({ landmarks }) => {
      const [x, y] = [0, 1].map((axis) => (landmarks[23][axis] + landmarks[24][axis]) / 2);
      return pen.getImageData((x * mask?.width) / width, (y * mask?.height) / height, 1, 1).data[0];
    });
    noted.push({ ids: result.poses.map((pose) => pose.id), hips });
  });
})()
"""


def test_speed_of_a_job_is_shown(page: Page) -> None:
    page.evaluate("""
        const job = { state: "running", fps: 54.2, n_done: 120, n_total: 381, seconds_left: 4.8 };
        vitruvian.store.set({ mode: "recorded", job: { id: "", file: "", error: null, ...job } });
    """)
    page.wait_for_selector("#figures .large")
    shown = page.locator("#figures").text_content() or ""
    assert "54fps" in shown
    assert "of 381 frames" in shown
    assert "5s" in shown
