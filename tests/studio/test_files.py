"""Files of the studio: upload, folders, limits, times, frames and copies."""

from __future__ import annotations

import io
import json
import os
import random
import socket
import struct
import sys
import time
import zlib
from shutil import disk_usage
from types import SimpleNamespace
from typing import TYPE_CHECKING

import av
import httpx
import numpy as np
import pytest
from PIL import Image

from tests.studio.clips import UNEVEN_US, coded_clip, coded_image, number_in
from tests.studio.coroutines import run_async
from vitruvian.media import open_input
from vitruvian.studio import disk, files, probe, shelf
from vitruvian.studio.app import studio_app
from vitruvian.studio.options import StudioOptions
from vitruvian.studio.server import StudioServer
from vitruvian.studio.state import Studio

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SECRET = b"not for the page"
TRAVERSALS = (
    "../secret.mp4",
    "../../secret.mp4",
    "..\\secret.mp4",
    "..\\..\\secret.mp4",
    "/etc/passwd",
    "//etc/passwd",
    "\\etc\\passwd",
    "C:\\Windows\\win.ini",
    "C:/Windows/win.ini",
    "\\\\host\\share\\secret.mp4",
    "%2e%2e%2fsecret.mp4",
    "%2e%2e/secret.mp4",
    "..%2fsecret.mp4",
    "..%5csecret.mp4",
    "%252e%252e%252fsecret.mp4",
    "..%c0%afsecret.mp4",
    "....//secret.mp4",
    "./../secret.mp4",
    "inside/../../secret.mp4",
    "secret.mp4\0.mp4",
    "file:///etc/passwd",
    "~/secret.mp4",
    "..",
    ".",
    "",
)


@pytest.fixture(scope="module")
def allowed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the page, beside files that are not for it."""
    room = tmp_path_factory.mktemp("shelf")
    (room / "secret.mp4").write_bytes(SECRET)
    folder = room / "allowed"
    (folder / "inside").mkdir(parents=True)
    coded_clip(folder / "squats.mp4", "libx264")
    coded_clip(folder / "inside" / "walk.mp4", "libx264", UNEVEN_US[:4])
    (folder / "notes.docx").write_bytes(b"")
    (folder / ".hidden.mp4").write_bytes(SECRET)
    (folder / "link.mp4").symlink_to(room / "secret.mp4")
    (folder / "out").symlink_to(room)
    (folder / "again.mp4").symlink_to(folder / "squats.mp4")
    return folder


@pytest.fixture(scope="module")
def server(allowed: Path) -> Iterator[StudioServer]:
    """A studio with a folder, for this module alone."""
    options = StudioOptions(folders=(allowed,), max_upload=3_000_000)
    with StudioServer(Studio(options)) as running:
        yield running


@pytest.fixture
def left(server: StudioServer) -> Iterator[Callable[[], list[Path]]]:
    """Return what is in the studio's folder; close all files when the test is over."""
    folder = server.studio.folder
    yield lambda: sorted(folder.iterdir())
    for file in list(server.studio.shelf._files.values()):
        server.studio.shelf.remove(file)
    assert list(folder.iterdir()) == []


pytestmark = pytest.mark.usefixtures("left")


def put(client: httpx.Client, path: Path, name: str | None = None) -> dict[str, object]:
    answer = client.put("/api/files", params={"name": name or path.name}, content=path.read_bytes())
    assert answer.status_code == 201, answer.text
    return answer.json()


def refused(answer: httpx.Response, status: int, code: str) -> str:
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["code"] == code, answer.text
    return answer.json()["error"]["message"]


# Upload


def test_uploaded_video_is_described_and_served_in_parts(
    client: httpx.Client, allowed: Path
) -> None:
    data = (allowed / "squats.mp4").read_bytes()
    file = put(client, allowed / "squats.mp4", "clips/My squats é.mp4")
    assert file["name"] == "My squats é.mp4"
    assert (file["kind"], file["width"], file["height"]) == ("video", 192, 48)
    assert (file["frames"], file["is_playable"], file["mime"]) == (70, True, "video/mp4")
    assert file["duration_s"] == pytest.approx(2.8, abs=0.1)
    assert client.get(f"/api/files/{file['id']}").json() == file
    whole = client.get(f"/api/files/{file['id']}/media")
    assert (whole.status_code, whole.content) == (200, data)
    assert whole.headers["content-type"] == "video/mp4"
    part = client.get(f"/api/files/{file['id']}/media", headers={"Range": "bytes=100-299"})
    assert (part.status_code, part.content) == (206, data[100:300])


@pytest.mark.parametrize(("suffix", "is_playable"), [(".png", True), (".tif", False)])
def test_uploaded_image_is_described(
    client: httpx.Client, tmp_path: Path, suffix: str, is_playable: bool
) -> None:
    Image.fromarray(coded_image(5)).save(tmp_path / f"photo{suffix}")
    file = put(client, tmp_path / f"photo{suffix}")
    assert (file["kind"], file["width"], file["height"]) == ("image", 192, 48)
    assert file["is_playable"] is is_playable
    jpeg = client.get(f"/api/files/{file['id']}/frame/0.jpg").content
    assert number_in(np.asarray(Image.open(io.BytesIO(jpeg)))) == 5


def test_closing_a_file_removes_what_was_uploaded(
    client: httpx.Client, allowed: Path, left: Callable[[], list[Path]]
) -> None:
    file = put(client, allowed / "squats.mp4")
    assert len(left()) == 1
    assert client.delete(f"/api/files/{file['id']}").status_code == 204
    assert left() == []
    refused(client.get(f"/api/files/{file['id']}"), 404, "no_file")


def test_a_file_that_is_removed_is_no_error_of_the_server(
    client: httpx.Client, server: StudioServer, allowed: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = put(client, allowed / "squats.mp4")
    server.studio.shelf.file(str(file["id"])).path.unlink()
    refused(client.get(f"/api/files/{file['id']}/media"), 404, "no_file")
    assert not caplog.records


def test_file_that_is_no_video_is_refused_with_the_message_of_the_package(
    client: httpx.Client, left: Callable[[], list[Path]]
) -> None:
    answer = client.put("/api/files?name=notes.mp4", content=b"what I have to do today " * 40)
    message = refused(answer, 422, "not_media")
    assert "notes.mp4" in message
    assert "not a video" in message
    assert "vitruvian-studio-" not in message
    assert left() == []


# Names and paths


def test_names_are_shown_and_never_lead_to_a_path(
    client: httpx.Client, server: StudioServer, allowed: Path, left: Callable[[], list[Path]]
) -> None:
    data = (allowed / "inside" / "walk.mp4").read_bytes()
    around = sorted(server.studio.folder.parent.glob("*secret*"))
    for name in TRAVERSALS:
        answer = client.put("/api/files", params={"name": name}, content=data)
        assert answer.status_code == 201, (name, answer.text)
        file = answer.json()
        assert not {"/", "\\", "\0"}.intersection(file["name"]), name
        (folder,) = left()
        assert [path.parent for path in folder.iterdir()] == [folder]
        assert not any(part in name for part in os.listdir(folder) if part != "media.mp4")
        client.delete(f"/api/files/{file['id']}")
    assert sorted(server.studio.folder.parent.glob("*secret*")) == around


def test_ids_and_entries_never_lead_to_a_path(client: httpx.Client) -> None:
    (root,) = client.get("/api/info").json()["folders"]
    for name in TRAVERSALS:
        entry = {"folder": root["id"], "name": name}
        assert client.post("/api/files", json=entry).status_code == 404, name
        by_path = {"folder": name, "name": "squats.mp4"}
        assert client.post("/api/files", json=by_path).status_code == 404, name
        quoted = name.replace("\0", "%00")
        for url in (f"/api/files/{quoted}/media", f"/api/folders/{quoted}", f"/page/{quoted}"):
            answer = client.get(url, follow_redirects=False)
            assert SECRET not in answer.content, url
            assert answer.status_code != 200 or url.rstrip("/.") == "/page", url


# Folders


def test_folder_lists_media_and_opens_them_by_entry(client: httpx.Client, allowed: Path) -> None:
    (root,) = client.get("/api/info").json()["folders"]
    assert root["name"] == "allowed"
    listing = client.get(f"/api/folders/{root['id']}").json()
    assert [file["name"] for file in listing["files"]] == ["again.mp4", "squats.mp4"]
    assert listing["files"][1]["bytes"] == (allowed / "squats.mp4").stat().st_size
    assert [folder["name"] for folder in listing["folders"]] == ["inside"]
    inside = listing["folders"][0]["id"]
    assert [f["name"] for f in client.get(f"/api/folders/{inside}").json()["files"]] == ["walk.mp4"]
    answer = client.post("/api/files", json={"folder": inside, "name": "walk.mp4"})
    assert answer.status_code == 201
    media = client.get(f"/api/files/{answer.json()['id']}/media").content
    assert media == (allowed / "inside" / "walk.mp4").read_bytes()
    client.delete(f"/api/files/{answer.json()['id']}")
    assert (allowed / "inside" / "walk.mp4").is_file()


@pytest.mark.parametrize("name", ["link.mp4", "out", ".hidden.mp4", "missing.mp4", "inside"])
def test_links_out_of_a_folder_and_hidden_files_are_not_there(
    client: httpx.Client, name: str
) -> None:
    (root,) = client.get("/api/info").json()["folders"]
    answer = client.post("/api/files", json={"folder": root["id"], "name": name})
    refused(answer, 404, "no_file")


@pytest.mark.skipif(sys.platform != "linux", reason="names are UTF-8 there")
def test_a_name_that_is_no_text_is_listed_and_opened(tmp_path: Path, allowed: Path) -> None:
    clip = (allowed / "inside" / "walk.mp4").read_bytes()
    (tmp_path / os.fsdecode(b"gr\xfcn.mp4")).write_bytes(clip)
    (tmp_path / os.fsdecode(b"d\xfc")).mkdir()
    with StudioServer(Studio(StudioOptions(folders=(tmp_path,)))) as server:
        headers = {"Authorization": f"Bearer {server.studio.token}"}
        with httpx.Client(base_url=server.url, headers=headers) as client:
            (root,) = client.get("/api/info").json()["folders"]
            listing = client.get(f"/api/folders/{root['id']}").json()
            assert [folder["name"] for folder in listing["folders"]] == ["d\ufffd"]
            (file,) = listing["files"]
            assert file["name"] == "gr\ufffdn.mp4"
            answer = client.post("/api/files", json={"folder": root["id"], "name": file["name"]})
            assert client.get(f"/api/files/{answer.json()['id']}/media").content == clip


def test_an_error_of_a_frame_names_the_file_and_no_path(
    client: httpx.Client, allowed: Path, tmp_path: Path
) -> None:
    path = tmp_path / "walk.mp4"
    path.write_bytes((allowed / "inside" / "walk.mp4").read_bytes())
    with StudioServer(Studio(StudioOptions(folders=(tmp_path,)))) as server:
        headers = {"Authorization": f"Bearer {server.studio.token}"}
        with httpx.Client(base_url=server.url, headers=headers) as client:
            root = client.get("/api/info").json()["folders"][0]["id"]
            file = client.post("/api/files", json={"folder": root, "name": "walk.mp4"}).json()["id"]
            path.write_bytes(b"\0" * 1000)
            for what in ("frame/0.jpg", "times"):
                told = refused(client.get(f"/api/files/{file}/{what}"), 422, "not_media")
                assert "walk.mp4" in told
                assert str(tmp_path) not in told


def test_demo_clip_of_the_package_can_be_opened(client: httpx.Client) -> None:
    answer = client.post("/api/files", json={"demo": True})
    assert answer.status_code == 201
    file = answer.json()
    assert (file["name"], file["kind"], file["is_playable"]) == ("demo.mp4", "video", True)
    client.delete(f"/api/files/{file['id']}")
    assert client.post("/api/files", json={"demo": True}).status_code == 201  # it is still there
    refused(client.post("/api/files", json={"demo": "demo.mp4"}), 404, "no_folder")


# Limits


def test_upload_over_the_limit_is_refused_by_its_length(
    client: httpx.Client, left: Callable[[], list[Path]]
) -> None:
    answer = client.put("/api/files?name=long.mp4", content=b"\0" * 3_000_001)
    refused(answer, 413, "too_large")
    assert left() == []


def test_upload_without_its_length_is_refused(
    client: httpx.Client, left: Callable[[], list[Path]]
) -> None:
    answer = client.put("/api/files?name=long.mp4", content=iter([b"\0" * 100] * 3))
    refused(answer, 411, "length_required")
    assert left() == []


def test_upload_longer_than_it_said_is_refused_while_it_is_written(
    server: StudioServer, left: Callable[[], list[Path]]
) -> None:
    transport = httpx.ASGITransport(studio_app(server.studio, server.address))
    headers = {
        "Authorization": f"Bearer {server.studio.token}",
        "Content-Length": "1000",
        "Host": server.url.removeprefix("http://"),
    }

    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url=server.url) as client:
            return await client.put("/api/files?name=a.mp4", content=b"\0" * 9000, headers=headers)

    refused(run_async(send()), 413, "too_large")
    assert left() == []


def test_upload_that_would_fill_the_disk_is_refused(
    client: httpx.Client, left: Callable[[], list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    full = SimpleNamespace(disk_usage=lambda path: disk_usage(path)._replace(free=2**30 + 10))
    monkeypatch.setattr(disk, "shutil", full)
    refused(client.put("/api/files?name=a.mp4", content=b"\0" * 11), 507, "disk_full")
    assert left() == []


def test_large_results_and_packed_ones_are_refused(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_RESULTS_BYTES", 1000)
    refused(client.put("/api/files?name=a.jsonl", content=b" " * 1001), 413, "too_large")
    refused(client.put("/api/files?name=a.npz", content=b" " * 10), 422, "not_possible")


def result_line(width: int = 64, n_people: int = 0) -> bytes:
    points = [[1.0, 2.0, 3.0]] * 33
    pose = {"id": 0, "score": 1.0, "landmarks": points, "visibility": [1.0] * 33}
    roi = {"center": [9, 9], "wh": [9, 9], "rotation": 0.0}
    pose |= {"presence": [1.0] * 33, "world": points, "roi": roi}
    head = {"frame_index": 0, "timestamp_us": 0, "width": width, "height": 48}
    return json.dumps(head | {"poses": [pose] * n_people}).encode() + b"\n"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (result_line(width=0), "1 to 16384 px a side, got 0 x 48 px"),
        (result_line(width=2**40), "1 to 16384 px a side"),
        (result_line(n_people=101), "at most 100 people, got 101"),
        (b"[" * 100_000, "'walk.jsonl': line 1 is not the result of a frame"),
    ],
)
def test_results_that_no_tracker_gives_are_refused(
    client: httpx.Client, left: Callable[[], list[Path]], line: bytes, message: str
) -> None:
    assert client.put("/api/files?name=walk.jsonl", content=result_line()).status_code == 201
    answer = client.put("/api/files?name=walk.jsonl", content=line)
    assert message in refused(answer, 422, "not_results")
    assert len(left()) == 1


def test_no_more_than_20_files_are_open(
    client: httpx.Client, allowed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shelf.MAX_FILES == 20
    monkeypatch.setattr(shelf, "MAX_FILES", 2)
    first, _ = (put(client, allowed / "inside" / "walk.mp4") for _ in range(2))
    data = (allowed / "inside" / "walk.mp4").read_bytes()
    refused(client.put("/api/files?name=a.mp4", content=data), 409, "too_many_files")
    client.delete(f"/api/files/{first['id']}")
    put(client, allowed / "inside" / "walk.mp4")


def half_sent(server: StudioServer, n_bytes: int, said: int) -> socket.socket:
    host, port = server.url.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)), timeout=10)
    head = (
        f"PUT /api/files?name=half.mp4 HTTP/1.1\r\nHost: {host}:{port}\r\n"
        f"Authorization: Bearer {server.studio.token}\r\nContent-Length: {said}\r\n\r\n"
    )
    connection.sendall(head.encode() + b"\0" * n_bytes)
    return connection


def wait_until(is_true: Callable[[], bool]) -> None:
    for _ in range(500):
        if is_true():
            return
        time.sleep(0.01)
    pytest.fail("it did not become true within 5 s")


def test_aborted_upload_leaves_nothing(
    server: StudioServer, client: httpx.Client, allowed: Path, left: Callable[[], list[Path]]
) -> None:
    connection = half_sent(server, 400_000, 2_000_000)
    wait_until(lambda: left() != [])
    connection.close()
    wait_until(lambda: left() == [])
    put(client, allowed / "squats.mp4")


def test_upload_that_does_not_go_on_is_ended(
    server: StudioServer, left: Callable[[], list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "IDLE_S", 0.1)
    with half_sent(server, 1000, 2000) as connection:
        assert b" 408 " in connection.recv(4096).partition(b"\r\n")[0]
    wait_until(lambda: left() == [])


# Bombs


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def jpeg_header(width: int, height: int) -> bytes:
    memory = io.BytesIO()
    Image.new("RGB", (16, 16)).save(memory, "JPEG")
    data = bytearray(memory.getvalue())
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def tiff_with_a_large_second_page(side: int) -> bytes:
    memory = io.BytesIO()
    pages = [Image.new("1", (16, 16)), Image.new("1", (side, side))]
    pages[0].save(memory, "TIFF", save_all=True, append_images=pages[1:], compression="group4")
    return memory.getvalue()


def mp4(tmp_path: Path, wh: tuple[int, int], times_s: tuple[int, ...]) -> bytes:
    path = tmp_path / "bomb.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=1, options={"preset": "ultrafast", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = *wh, "yuv420p"
        for time_s in times_s:
            frame = av.VideoFrame.from_ndarray(np.zeros((wh[1], wh[0], 3), np.uint8))
            frame.pts = time_s
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path.read_bytes()


def test_pictures_that_are_too_large_are_refused_by_their_headers(
    client: httpx.Client, left: Callable[[], list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "open_input", lambda path: pytest.fail("it was decoded"))
    for name, data in {
        "area.png": png_header(9000, 9000),
        "side.png": png_header(16_385, 10),
        "huge.png": png_header(60_000, 60_000),
        "area.jpg": jpeg_header(8001, 8001),
        "side.jpg": jpeg_header(20_000, 1),
        "page.tif": tiff_with_a_large_second_page(9000),
    }.items():
        answer = client.put("/api/files", params={"name": name}, content=data)
        refused(answer, 422, "too_large")
    assert left() == []


def test_videos_that_are_too_large_or_too_long_are_refused_by_their_headers(
    client: httpx.Client,
    tmp_path: Path,
    left: Callable[[], list[Path]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(probe, "open_input", lambda path: pytest.fail("it was decoded"))
    wide = client.put("/api/files?name=wide.mp4", content=mp4(tmp_path, (8194, 16), (0, 1)))
    assert "8194 x 16 px" in refused(wide, 422, "too_large")
    long = client.put("/api/files?name=a.mp4", content=mp4(tmp_path, (32, 32), (0, 5 * 3600)))
    assert "5.0 h" in refused(long, 422, "too_large")
    assert left() == []


# Times, frames, copies


@pytest.mark.parametrize(
    ("name", "codec", "start_us"),
    [
        ("uneven.mp4", "libx264", 0),
        ("uneven.webm", "libvpx-vp9", 0),
        ("late.webm", "libvpx-vp9", 2_000_000),
        ("late.mp4", "libx264", 1_500_000),
        ("uneven.mov", "libx265", 0),
        ("uneven.ts", "libx264", 0),
    ],
)
def test_times_and_100_random_frames_are_those_that_the_package_reads(
    client: httpx.Client, tmp_path: Path, name: str, codec: str, start_us: int
) -> None:
    path = coded_clip(tmp_path / name, codec, [start_us + t for t in UNEVEN_US])
    with open_input(path) as source:
        expected = [frame.timestamp_us for frame in source]
    file = put(client, path)
    assert client.get(f"/api/files/{file['id']}/times").json() == {
        "times_us": expected,
        "start_us": start_us,
    }
    generator = random.Random(0)
    numbers = [generator.randrange(70) for _ in range(100)] + [33] * 3
    times_s = []
    for number in numbers:
        begin = time.perf_counter()
        jpeg = client.get(f"/api/files/{file['id']}/frame/{number}.jpg").content
        times_s.append(time.perf_counter() - begin)
        assert number_in(np.asarray(Image.open(io.BytesIO(jpeg)))) == number
    assert np.percentile(times_s, 90) < 1  # other programs may slow down some
    refused(client.get(f"/api/files/{file['id']}/frame/70.jpg"), 404, "no_frame")


def test_every_frame_of_a_damaged_video_is_answered(
    client: httpx.Client, allowed: Path, tmp_path: Path
) -> None:
    data = bytearray((allowed / "squats.mp4").read_bytes())
    middle = len(data) // 2
    data[middle : middle + 200] = random.Random(1).randbytes(200)
    (tmp_path / "damaged.mp4").write_bytes(data)
    with open_input(tmp_path / "damaged.mp4") as source:
        assert sum(1 for _ in source) < 70
    file = put(client, tmp_path / "damaged.mp4")
    times_us = client.get(f"/api/files/{file['id']}/times").json()["times_us"]
    for number in (len(times_us) - 1, *range(len(times_us))):
        jpeg = client.get(f"/api/files/{file['id']}/frame/{number}.jpg")
        assert jpeg.status_code == 200, jpeg.text


def test_frame_is_made_smaller(client: httpx.Client, allowed: Path) -> None:
    file = put(client, allowed / "squats.mp4")
    jpeg = client.get(f"/api/files/{file['id']}/frame/9.jpg?h=24").content
    assert Image.open(io.BytesIO(jpeg)).size == (96, 24)
    assert client.get(f"/api/files/{file['id']}/frame/9.jpg?h=x").status_code == 422


def copy_of(client: httpx.Client, file: dict[str, object], path: Path) -> Path:
    """Wait for the copy of a file in H.264, and save it."""
    url = f"/api/files/{file['id']}"
    refused(client.get(f"{url}/proxy"), 404, "no_proxy")
    assert client.post(f"{url}/proxy").json()["proxy"] in ("running", "ready")
    wait_until(lambda: client.get(url).json()["proxy"] != "running")
    assert client.get(url).json()["proxy"] == "ready"
    path.write_bytes(client.get(f"{url}/proxy").content)
    return path


def test_hevc_gets_an_h264_copy_with_the_same_frames_at_the_same_times(
    client: httpx.Client, tmp_path: Path
) -> None:
    file = put(client, coded_clip(tmp_path / "hevc.mp4", "libx265"))
    assert file["is_playable"] is False
    path = copy_of(client, file, tmp_path / "copy.mp4")
    with av.open(str(path)) as container:
        assert container.streams.video[0].codec_context.name == "h264"
        pts_us = [round(f.pts * f.time_base * 1_000_000) for f in container.decode(video=0)]
    with open_input(path) as source:
        numbers = [number_in(frame.image) for frame in source]
    assert numbers == list(range(70))
    assert pts_us == client.get(f"/api/files/{file['id']}/times").json()["times_us"]


def test_copy_is_upright(client: httpx.Client, tmp_path: Path) -> None:
    path = coded_clip(tmp_path / "turned.mp4", "libx264", UNEVEN_US[:5])
    data = path.read_bytes()
    upright, quarter = (struct.pack(">4i", *m) for m in ([65536, 0, 0, 0], [0, 65536, 0, -65536]))
    at = data.index(b"tkhd")  # the matrix of the track follows
    at = data.index(upright, at)
    path.write_bytes(data[:at] + quarter + data[at + 16 :])
    data = bytearray(path.read_bytes())
    data[at + 16 : at + 20] = struct.pack(">i", 0)
    path.write_bytes(data)
    file = put(client, path)
    assert (file["width"], file["height"]) == (48, 192)
    with open_input(copy_of(client, file, tmp_path / "copy.mp4")) as source:
        assert source.wh == (48, 192)


# The end


def test_folder_of_the_studio_is_gone_when_it_is_closed(allowed: Path) -> None:
    with StudioServer(Studio(StudioOptions(inputs=(str(allowed / "squats.mp4"),)))) as running:
        folder = running.studio.folder
        assert len(list(folder.iterdir())) == 1
        running.studio.shelf.proxies.start(next(iter(running.studio.shelf._files.values())))
    assert not folder.exists()
    assert (allowed / "squats.mp4").is_file()
