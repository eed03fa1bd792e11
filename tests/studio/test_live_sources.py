"""Cameras, streams and recordings that the server reads itself for a live session."""

from __future__ import annotations

import io
import threading
import time
from contextlib import contextmanager, suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np
import pytest
from PIL import Image
from websockets.exceptions import ConnectionClosed

import vitruvian as vt
from tests.studio.live_client import HEADER, LiveClient, jpeg
from tests.studio.live_parts import (
    CODE_WH,
    CodedCamera,
    SilentCamera,
    code_in,
    coded_image,
    stub_trackers,
    wait_until,
)
from vitruvian.core.frame import Frame
from vitruvian.errors import SourceError
from vitruvian.media.source import Source
from vitruvian.studio import feeds, page_address
from vitruvian.studio.options import StudioOptions
from vitruvian.studio.page_address import open_page_url
from vitruvian.studio.server import StudioServer
from vitruvian.studio.state import Studio

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

DEMO = Path(vt.__file__).parent / "data" / "demo.mp4"


@contextmanager
def web_server(handler: Any) -> Iterator[str]:
    """A web server on a free port of this machine; gives its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder without a log."""

    def log_message(self, *_: object) -> None:
        """Write nothing."""


class ClipCamera(Source):
    """A camera that shows pictures forward and backward, without an end."""

    def __init__(self, images: list[np.ndarray[Any, Any]]) -> None:
        super().__init__("clip camera")
        self.is_live, self.fps = True, 10
        self._images = [*images, *images[-2:0:-1]]

    def _read(self) -> Generator[Frame, None, None]:
        for number, image in enumerate(cycle(self._images)):
            if self._closed.wait(0.1):
                return
            yield Frame(image, 100_000 * number, number)


@contextmanager
def studio_with(camera: Source, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveClient]:
    """A client of a studio that has a camera."""
    monkeypatch.setattr(feeds, "open_input", lambda *_, **__: camera)
    with StudioServer(Studio(StudioOptions(inputs=("0",)))) as server, LiveClient(server) as client:
        yield client


def picture_of(message: object) -> tuple[int, int, np.ndarray[Any, Any]]:
    """Return kind, number and pixels of a binary message."""
    assert isinstance(message, bytes)
    kind, _, _, seq, _, width, height, _ = HEADER.unpack_from(message)
    pixels = np.asarray(Image.open(io.BytesIO(message[HEADER.size :])))
    assert pixels.shape[:2] == (height, width)
    return kind, seq, pixels


def test_each_picture_of_a_camera_precedes_the_result_with_its_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with stub_trackers(monkeypatch, 0.03), studio_with(CodedCamera(), monkeypatch) as client:
        client.open({"kind": "server", "id": "input0"})
        for _ in range(15):
            kind, seq, pixels = picture_of(client.next())
            result = client.next()
            assert isinstance(result, dict)
            assert kind == 2
            assert seq == result["seq"] == result["result"]["frame_index"] == code_in(pixels)
        counts = client.wait_for("state")["counts"]
        assert counts["seen"] >= counts["processed"] + counts["dropped"]  # some wait
        assert counts["dropped"] > 0


def test_a_camera_that_was_lost_is_counted_and_ends_the_tracks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with (
        stub_trackers(monkeypatch) as trackers,
        studio_with(CodedCamera(lost_at=5), monkeypatch) as client,
    ):
        client.open({"kind": "server", "id": "camera0"})
        while client.wait_for("state")["counts"]["reconnected"] != 1:
            pass
        assert trackers[0].n_gaps == 1


def test_a_camera_without_frames_is_told_to_be_lost_until_they_come_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feeds, "LOST_S", 0.5)
    camera = SilentCamera()
    with stub_trackers(monkeypatch), studio_with(camera, monkeypatch) as client:
        client.open({"kind": "server", "id": "camera0"})
        while not client.wait_for("state")["is_lost"]:
            pass
        camera.back.set()
        while client.wait_for("state")["is_lost"]:
            pass
        client.wait_for("result")


def test_the_camera_goes_on_while_the_options_change(monkeypatch: pytest.MonkeyPatch) -> None:
    camera = CodedCamera()
    with stub_trackers(monkeypatch) as trackers, studio_with(camera, monkeypatch) as client:
        client.open({"kind": "server", "id": "input0"})
        client.wait_for("result")
        client.send("options", options={"num_poses": 2})
        client.wait_for("ready")
        seqs = [client.wait_for("result")["seq"] for _ in range(5)]
        assert seqs[0] > 0
        assert seqs == sorted(set(seqs))
        assert [tracker.is_closed for tracker in trackers] == [True, False]


def test_a_paused_camera_is_read_but_not_tracked(monkeypatch: pytest.MonkeyPatch) -> None:
    camera = CodedCamera()
    with stub_trackers(monkeypatch) as trackers, studio_with(camera, monkeypatch) as client:
        client.open({"kind": "server", "id": "input0"})
        client.wait_for("result")
        client.send("pause")
        time.sleep(0.3)
        n_tracked, n_read = len(trackers[0].codes), camera.n_read
        wait_until(lambda: camera.n_read > n_read + 10)
        assert len(trackers[0].codes) == n_tracked
        client.send("resume")
        wait_until(lambda: len(trackers[0].codes) > n_tracked)
        assert trackers[0].codes[n_tracked] > n_read + 9  # not the frames of the pause


def test_the_end_of_a_recording_ends_the_session_after_its_last_result(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with stub_trackers(monkeypatch), studio_with(CodedCamera(8), monkeypatch) as client:
        client.open({"kind": "server", "id": "input0"})
        messages: list[Any] = []
        with suppress(ConnectionClosed):
            while True:
                messages.append(client.receive())
        results = [m for m in messages if isinstance(m, dict) and m["type"] == "result"]
        (error,) = (m for m in messages if isinstance(m, dict) and m["type"] == "error")
        assert error["code"] == "ended"
        assert results[-1]["seq"] == 7
        assert client.socket.close_code == 1000


def test_inputs_of_the_command_line_have_names_for_people() -> None:
    inputs = feeds.live_inputs(StudioOptions(inputs=("walk.mp4", "0", "/dev/video2")))
    assert [(each["id"], each["name"]) for each in inputs] == [
        ("input1", "camera 0"),
        ("input2", "camera 2"),
    ]


@pytest.mark.weights
@pytest.mark.testdata
def test_two_people_in_a_stream_have_pictures_ids_and_masks(
    testdata: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with vt.open_input(testdata / "clips" / "seniors.mp4") as frames:
        camera = ClipCamera([frame.image for frame in islice(frames, 40)])
    monkeypatch.setattr(feeds, "open_input", lambda *_, **__: camera)
    options = StudioOptions(inputs=("rtsp://user:secret@door.local/main",))
    with StudioServer(Studio(options)) as server, LiveClient(server) as client:
        headers = {"Authorization": f"Bearer {server.studio.token}"}
        info = httpx.get(f"{server.url}/api/info", headers=headers).json()
        expected = {"kind": "server", "id": "input0", "name": "rtsp://door.local/main"}
        assert info["inputs"] == [expected]
        client.open(
            {"kind": "server", "id": "input0"},
            options={"model": "lite", "num_poses": 2, "segmentation": True},
            height=360,
        )
        seen: set[int] = set()
        on_mask: list[bool] = []
        end_s = time.monotonic() + 20
        while (len(seen) < 2 or len(on_mask) < 10) and time.monotonic() < end_s:
            kind, seq, picture = picture_of(client.next())
            assert (kind, picture.shape[0]) == (2, 360)
            message = client.next()
            masks = message if isinstance(message, bytes) else None
            result = client.next() if masks else message
            assert isinstance(result, dict)
            assert result["seq"] == seq
            people = result["result"]["poses"]
            assert (masks is None) == (not people)
            if masks:
                kind, mask_seq, mask = picture_of(masks)
                assert (kind, mask_seq) == (3, seq)
                assert mask.max() <= len(people)
                on_mask += hips_on_mask(mask, result["result"])
            if len(people) == 2:
                seen = {pose["id"] for pose in people}
        assert len(seen) == 2
        assert np.mean(on_mask) > 0.8


def test_an_uploaded_video_plays_in_real_time(
    client: httpx.Client, server: StudioServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = client.put("/api/files?name=demo.mp4", content=DEMO.read_bytes()).json()
    with stub_trackers(monkeypatch), LiveClient(server) as session:
        session.open({"kind": "server", "id": file["id"]}, height=240)
        start_s = time.monotonic()
        for _ in range(10):
            kind, _, pixels = picture_of(session.next())
            assert (kind, pixels.shape) == (2, (240, 320, 3))
            message = session.next()
            assert isinstance(message, dict)
        played_s = message["result"]["timestamp_us"] / 1e6
        assert 0 < played_s < time.monotonic() - start_s + 0.3
    client.delete(f"/api/files/{file['id']}")


def hips_on_mask(mask: np.ndarray[Any, Any], result: dict[str, Any]) -> list[bool]:
    """Return for each person whether the middle of the hips lies on the person's mask."""
    found = []
    for place, pose in enumerate(result["poses"], start=1):
        x, y = np.array(pose["landmarks"])[23:25, :2].mean(axis=0)
        row = min(int(y * mask.shape[0] / result["height"]), mask.shape[0] - 1)
        column = min(int(x * mask.shape[1] / result["width"]), mask.shape[1] - 1)
        found.append(bool(mask[row, column] == place))
    return found


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"kind": "server", "id": "input7"}, "there is no such file"),
        ({"kind": "server", "id": "../0"}, "there is no such file"),
        ({"kind": "disk"}, "the kind of a source must be push, server or url, got 'disk'"),
        ({"kind": "url", "url": "http://a.example/"}, "start with --allow-urls"),
        ({"kind": "server", "id": "camera999"}, "camera 999"),
    ],
)
def test_what_is_no_source_is_told(
    server: StudioServer, wanted: dict[str, str], message: str
) -> None:
    with LiveClient(server) as client:
        client.send("open", source=wanted)
        assert message in client.error()["message"]


# URLs of the page


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "/etc/passwd",
        "concat:/etc/passwd",
        "udp://10.0.0.1:9",
        "http:///path",
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://localhost:8720/api/info",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://0.0.0.0/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fe80::1]/",
        "rtsp://127.0.0.1/x",
        "rtsp://user:pass@localhost/x",
        "https://127.0.0.1/",
        "http://224.0.0.1/",
        "http://[",
        "http://127.0.0.1:99999999/",
    ],
)
def test_the_page_may_not_open_a_url_that_leads_to_this_machine(url: str) -> None:
    with pytest.raises(ValueError, match="stream"):
        open_page_url(url)


def test_the_page_may_not_open_the_own_address_of_this_machine() -> None:
    own = page_address.socket.gethostbyname(page_address.socket.gethostname())
    with pytest.raises(ValueError, match="may not open"):
        open_page_url(f"http://{own}/")


@pytest.fixture
def reachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a server of this machine stand for one of the network."""
    monkeypatch.setattr(page_address, "_may_be_reached", lambda _: True)


class Redirect(BaseHTTPRequestHandler):
    """Sends everybody elsewhere."""

    def do_GET(self) -> None:
        """Redirect."""
        self.send_response(302)
        self.send_header("Location", "http://127.0.0.1:1/secret")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@pytest.mark.usefixtures("reachable")
def test_a_redirect_of_a_web_server_is_not_followed() -> None:
    with (
        web_server(Redirect) as address,
        pytest.raises(SourceError, match="redirects to another address"),
    ):
        open_page_url(f"{address}/camera")


@pytest.mark.usefixtures("reachable")
def test_a_redirect_of_an_rtsp_server_is_not_followed() -> None:
    answer = b"RTSP/1.0 302 Found\r\nCSeq: 1\r\nLocation: rtsp://127.0.0.1:1/x\r\n\r\n"
    with page_address.socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

        def serve() -> None:
            connection, _ = listening.accept()
            connection.recv(4096)
            connection.sendall(answer)
            connection.close()

        threading.Thread(target=serve, daemon=True).start()
        with pytest.raises(SourceError, match="redirects to another address"):
            open_page_url(f"rtsp://127.0.0.1:{port}/x")


@pytest.mark.usefixtures("reachable")
def test_a_playlist_that_names_other_addresses_is_not_read() -> None:
    class Playlist(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:1/secret.ts\n#EXT-X-ENDLIST\n"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    with web_server(Playlist) as address, pytest.raises(SourceError):
        open_page_url(f"{address}/live.m3u8")


class MotionJpeg(BaseHTTPRequestHandler):
    """A network camera whose pictures show their numbers."""

    def do_GET(self) -> None:
        """Send pictures without an end."""
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=next")
        self.end_headers()
        for number in range(1000):
            data = jpeg(coded_image(number))
            head = f"--next\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
            try:
                self.wfile.write(head.encode() + data + b"\r\n")
            except OSError:
                return
            time.sleep(0.02)

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@pytest.mark.usefixtures("reachable")
def test_a_motion_jpeg_camera_is_read_live() -> None:
    with web_server(MotionJpeg) as address, open_page_url(f"{address}/?password=x") as source:
        assert source.is_live
        assert "password=x" not in source.name
        numbers = [code_in(frame.image) for frame, _ in zip(source, range(10), strict=False)]
        assert numbers == list(range(numbers[0], numbers[0] + 10))
        assert source.wh in (CODE_WH, None)


@pytest.mark.usefixtures("reachable")
def test_a_video_of_a_web_server_plays_in_real_time() -> None:
    with (
        web_server(partial(Quiet, directory=str(DEMO.parent))) as address,
        open_page_url(f"{address}/{DEMO.name}") as source,
    ):
        start_s = time.monotonic()
        times_us = [frame.timestamp_us for frame, _ in zip(source, range(10), strict=False)]
        assert time.monotonic() - start_s >= (times_us[-1] - times_us[0]) / 1e6 - 0.05
