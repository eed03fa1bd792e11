"""Live sessions: what the server answers to a client of its WebSocket."""

from __future__ import annotations

import io
import json
import struct
import threading
import time
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

import vitruvian as vt
from tests.studio.live_client import H264, HEADER, LiveClient, frame_message, jpeg
from tests.studio.live_parts import (
    CODE_WH,
    H264Encoder,
    answers,
    coded_image,
    stub_trackers,
    wait_until,
)
from vitruvian.core.frame import Frame
from vitruvian.errors import SinkError
from vitruvian.studio import disk, live, live_tracker, shelf
from vitruvian.studio.options import StudioOptions
from vitruvian.studio.server import StudioServer
from vitruvian.studio.session import LiveSession
from vitruvian.studio.state import Studio

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx
    from numpy.typing import NDArray

    from vitruvian.engine.options import TrackerOptions

DEMO = Path(vt.__file__).parent / "data" / "demo.mp4"
LITE = {"model": "lite"}


@pytest.fixture(scope="module")
def images() -> list[NDArray[np.uint8]]:
    """Pictures of the packaged clip, 640 x 480 px; the first ones show nobody."""
    with vt.open_input(DEMO) as frames:
        return [frame.image for frame in islice(frames, 40, 64)]


@pytest.fixture
def session(server: StudioServer) -> Iterator[LiveClient]:
    """A connection that is not opened yet."""
    with LiveClient(server) as client:
        yield client


def close_code(client: LiveClient) -> int:
    """Read to the end of a connection, and return why it was closed."""
    with suppress(ConnectionClosed):
        while True:
            client.receive()
    return int(client.socket.close_code or 0)


# The tracker


@pytest.mark.weights
def test_results_are_those_of_a_tracker_that_gets_the_same_pictures(
    session: LiveClient, images: list[NDArray[np.uint8]]
) -> None:
    session.open(options=LITE)
    with vt.PoseTracker("lite") as tracker:
        for number, image in enumerate(images):
            seq = session.push(image, capture_ms=5000 + 40.0 * number)
            message = session.wait_for("result")
            decoded = np.asarray(Image.open(io.BytesIO(jpeg(image))))
            expected = tracker.update(Frame(decoded, 40_000 * number, number))
            assert message["seq"] == seq
            assert message["result"] == json.loads(json.dumps(expected.to_dict(extras=False)))


@pytest.mark.weights
def test_ready_names_model_and_options_and_a_result_has_its_times(
    session: LiveClient, images: list[NDArray[np.uint8]]
) -> None:
    ready = session.open(options={**LITE, "num_poses": 2})
    assert ready["model"] == "lite"
    assert ready["options"]["num_poses"] == 2
    assert ready["options"]["camera_space"] is False
    session.push(images[0])
    times = session.wait_for("result")["t"]
    order = [ready["server_ms"], *(times[name] for name in TIMES)]
    assert order == sorted(order)


TIMES = ("recv", "decode0", "decode1", "track1", "send")


@pytest.mark.weights
def test_masks_precede_their_results(session: LiveClient, images: list[NDArray[np.uint8]]) -> None:
    session.open(options={**LITE, "segmentation": True})
    for image in images[:5]:
        seq = session.push(image)
        mask = session.next()
        assert isinstance(mask, bytes)
        kind, _, _, mask_seq, _, *wh, _ = HEADER.unpack_from(mask)
        assert (kind, mask_seq, wh) == (3, seq, [320, 240])
        pixels = np.asarray(Image.open(io.BytesIO(mask[HEADER.size :])))
        assert sorted(np.unique(pixels)) == [0, 1]
        assert session.wait_for("result")["seq"] == seq


@pytest.mark.weights
def test_an_exercise_gives_counts_and_angles(
    session: LiveClient, images: list[NDArray[np.uint8]]
) -> None:
    session.open(options=LITE, exercise="squat")
    session.push(images[0])
    (person,) = session.wait_for("result")["repetitions"]
    assert (person["id"], person["count"]) == (0, 0)
    assert person["text"].startswith("squat 0")
    assert 90 < person["angle_deg"] < 180
    session.send("exercise", exercise="")
    session.send("options", options={})
    session.wait_for("ready")
    session.push(images[1])
    assert session.wait_for("result")["repetitions"] == []


@pytest.mark.weights
def test_camera_space_places_people_in_front_of_the_camera(
    session: LiveClient, images: list[NDArray[np.uint8]]
) -> None:
    session.open(options={**LITE, "camera_space": True})
    session.push(images[0])
    (pose,) = session.wait_for("result")["result"]["poses"]
    assert 0.5 < np.median(np.array(pose["camera"])[:, 2]) < 20
    session.send("options", options={"camera_space": False})
    session.wait_for("ready")
    session.push(images[1])
    assert "camera" not in session.wait_for("result")["result"]["poses"][0]


@pytest.mark.weights
def test_a_change_of_the_model_leaves_less_than_a_second_without_results(
    session: LiveClient, images: list[NDArray[np.uint8]]
) -> None:
    session.open(options=LITE)
    longest_s = []
    for model in ("full", "lite", "full"):
        session.passed.clear()
        session.send("options", options={"model": model, "threads": 1})
        gaps_s, last_s = [], time.monotonic()
        while not (ready := [m for m in session.passed if m_type(m) == "ready"]):
            session.push(images[0])
            session.wait_for("result")
            gaps_s.append(time.monotonic() - last_s)
            last_s = time.monotonic()
        assert ready[0]["model"] == model  # type: ignore[index, call-overload]
        longest_s.append(max(gaps_s))
    assert min(longest_s) < 1.0  # the least disturbed one


def m_type(message: dict[str, Any] | bytes) -> str:
    """Return the type of a text message."""
    return message["type"] if isinstance(message, dict) else ""


def test_the_old_tracker_answers_while_the_new_one_is_being_opened(
    session: LiveClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_open = threading.Event()
    with stub_trackers(monkeypatch) as trackers, monkeypatch.context() as patch:
        session.open()
        quick = live_tracker.PoseTracker

        class Slow:
            @staticmethod
            def from_options(options: TrackerOptions) -> object:
                is_open.wait(10)
                return quick.from_options(options)

        patch.setattr(live_tracker, "PoseTracker", Slow)
        session.send("options", options={"num_poses": 2})
        for number in range(5):
            session.push(coded_image(number))
            session.wait_for("result")
        assert trackers[0].codes == [0, 1, 2, 3, 4]
        is_open.set()
        session.wait_for("ready")
        session.push(coded_image(5))
        session.wait_for("result")
        assert trackers[1].codes == [5]
        wait_until(lambda: trackers[0].is_closed)


@pytest.mark.weights
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"num_poses": 0}, "num_poses must be at least 1, got 0"),
        ({"smoothing": "much"}, "smoothing must be a number from 0 to 1, got 'much'"),
        ({"model": "/etc/passwd"}, "model must be one of"),
        ({"models_dir": "/"}, "models_dir"),
        ({"colour": 1}, "got 'colour'"),
        ({"camera_space": 1}, "camera_space must be True or False"),
    ],
)
def test_wrong_options_are_told_and_the_tracker_goes_on(
    session: LiveClient,
    images: list[NDArray[np.uint8]],
    changes: dict[str, object],
    message: str,
) -> None:
    session.open(options=LITE)
    session.send("options", options=changes)
    error = session.error()
    assert error["code"] == "not_possible"
    assert message in error["message"]
    session.push(images[0])
    assert session.wait_for("result")["result"]["poses"]


def test_a_session_that_could_not_be_opened_can_be_opened_again(
    session: LiveClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stub_trackers(monkeypatch):
        session.send("open", source={"kind": "push"}, options={"num_poses": 0})
        error = session.error()
        assert error["code"] == "not_possible"
        session.open()


# Frames and their numbers


@pytest.mark.parametrize("codec", ["jpeg", "h264"])
def test_each_result_has_the_number_of_its_picture(
    session: LiveClient, monkeypatch: pytest.MonkeyPatch, codec: str
) -> None:
    n_frames = 300
    encoder = H264Encoder(CODE_WH)
    with stub_trackers(monkeypatch):
        session.open()
        results: list[dict[str, Any]] = []
        for number in range(n_frames):
            image = coded_image(number)
            if codec == "jpeg":
                session.push(image, capture_ms=33.0 * number)
            else:
                data, is_key = encoder.encode(image)
                session.push_data(
                    data, CODE_WH, codec=H264, is_key=is_key, capture_ms=33.0 * number
                )
            results += answers(session, number)[0]
    pairs = [(message["seq"], message["result"]["frame_index"]) for message in results]
    assert pairs == [(number, number) for number in range(n_frames)]


@pytest.mark.parametrize("codec", ["jpeg", "h264"])
def test_every_frame_of_a_flood_is_answered_or_named_as_dropped(
    session: LiveClient, monkeypatch: pytest.MonkeyPatch, codec: str
) -> None:
    n_frames = 100
    encoder = H264Encoder(CODE_WH)
    with stub_trackers(monkeypatch, 0.02) as trackers:
        session.open()
        for number in range(n_frames):
            if codec == "jpeg":
                session.push(coded_image(number))
            else:
                data, is_key = encoder.encode(coded_image(number))
                session.push_data(data, CODE_WH, codec=H264, is_key=is_key)
            time.sleep(0.002)
        results, dropped = answers(session, n_frames - 1)
        answered = [message["seq"] for message in results]
        assert sorted(answered + dropped) == list(range(n_frames))
        assert answered == [message["result"]["frame_index"] for message in results]
        assert answered == sorted(answered)
        assert 3 <= len(answered) < n_frames / 2
        counts = session.wait_for("state")["counts"]
        assert counts["seen"] == counts["processed"] + counts["dropped"] == n_frames
        assert set(answered) <= set(trackers[0].codes)  # a newer result may replace one


def test_h264_without_its_key_frame_is_dropped_up_to_the_next_one(
    session: LiveClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = H264Encoder(CODE_WH, key_every=5)
    encoder.encode(coded_image(999))
    with stub_trackers(monkeypatch):
        session.open()
        outcome = []
        for number in range(6):
            data, is_key = encoder.encode(coded_image(number))
            session.push_data(data, CODE_WH, codec=H264, is_key=is_key)
            results, _ = answers(session, number)
            outcome.append(bool(results))
    assert outcome == [False, False, False, False, True, True]


def test_h264_goes_on_with_a_key_frame_after_a_pause(
    session: LiveClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = H264Encoder(CODE_WH, key_every=4)
    with stub_trackers(monkeypatch):
        session.open()
        outcome = []
        for number in range(5):
            if number in (1, 2):
                session.send("pause" if number == 1 else "resume")
            data, is_key = encoder.encode(coded_image(number))
            session.push_data(data, CODE_WH, codec=H264, is_key=is_key)
            outcome += [bool(answers(session, number)[0])]
    assert outcome == [True, False, False, False, True]


def test_a_second_without_frames_ends_the_tracks_and_times_increase(
    session: LiveClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    captured = [
        100.0,
        140.0,
        140.0,
        2000.0,
        2040.0,
        30.0,
        70.0,
    ]  # ms; the last ones: a clock set back
    with stub_trackers(monkeypatch) as trackers:
        session.open()
        times = []
        for capture_ms in captured:
            session.push(coded_image(1), capture_ms=capture_ms)
            times.append(session.wait_for("result")["result"]["timestamp_us"])
        assert times == [0, 40_000, 40_001, 1_900_000, 1_940_000, 1_940_001, 1_980_001]
        assert trackers[0].n_gaps == 2


def test_frames_of_a_paused_session_are_named_as_dropped(
    session: LiveClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stub_trackers(monkeypatch) as trackers:
        session.open()
        session.send("pause")
        session.push(coded_image(0))
        assert session.wait_for("dropped")["seqs"] == [0]
        session.send("resume")
        session.push(coded_image(1))
        assert session.wait_for("result")["seq"] == 1
        n_resets = trackers[0].n_resets
        session.send("reset")
        wait_until(lambda: trackers[0].n_resets == n_resets + 1)


def test_an_error_of_the_tracker_is_told_and_the_next_frame_is_tracked(
    session: LiveClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stub_trackers(monkeypatch) as trackers:
        session.open()
        update = trackers[0].update
        trackers[0].update = lambda *_, **__: (_ for _ in ()).throw(vt.VitruvianError("no luck"))
        session.push(coded_image(0))
        error = session.error()
        assert error["message"] == "no luck"
        assert session.wait_for("dropped")["seqs"] == [0]
        trackers[0].update = update
        session.push(coded_image(1))
        assert session.wait_for("result")["seq"] == 1


# Wrong messages


def jpeg_of(width: int, height: int, says: tuple[int, int] | None = None) -> bytes:
    """Return a JPEG whose header may tell another size."""
    data = bytearray(jpeg(np.zeros((height, width, 3), np.uint8)))
    if says is not None:
        at = data.index(b"\xff\xc0")
        data[at + 5 : at + 9] = struct.pack(">HH", says[1], says[0])
    return bytes(data)


def random_bytes(count: int) -> bytes:
    """Return bytes without a meaning."""
    return np.random.default_rng(0).integers(0, 256, count, np.uint8).tobytes()


WRONG: dict[str, bytes | str] = {
    "short": b"\x01\x00",
    "header without data": frame_message(b"", 0, (320, 96)),
    "another kind": frame_message(jpeg_of(64, 64), 0, (64, 64), kind=2),
    "another codec": frame_message(jpeg_of(64, 64), 0, (64, 64), codec=7),
    "no size": frame_message(jpeg_of(64, 64), 0, (0, 64)),
    "too large": frame_message(jpeg_of(64, 64), 0, (1921, 64)),
    "too large in both": frame_message(jpeg_of(64, 64), 0, (1200, 1200)),
    "a time that is none": frame_message(jpeg_of(64, 64), 0, (64, 64), capture_ms=float("nan")),
    "a time without end": frame_message(jpeg_of(64, 64), 0, (64, 64), capture_ms=1e300),
    "another size": frame_message(jpeg_of(64, 64), 0, (64, 48)),
    "bomb": frame_message(jpeg_of(64, 64, says=(65500, 65500)), 0, (64, 64)),
    "cut off": frame_message(jpeg_of(320, 240)[:600], 0, (320, 240)),
    "PNG": frame_message(b"\x89PNG\r\n\x1a\n" + random_bytes(500), 0, (64, 64)),
    "garbage": frame_message(random_bytes(5000), 0, (64, 64)),
    "H.264 garbage": frame_message(
        b"\0\0\0\1\x67" + random_bytes(5000), 0, (64, 64), codec=H264, is_key=True
    ),
    "H.264 of another size": frame_message(
        H264Encoder(CODE_WH).encode(coded_image(0))[0], 0, (64, 64), codec=H264, is_key=True
    ),
    "H.264 larger than allowed": frame_message(
        H264Encoder((2048, 1536)).encode(np.zeros((1536, 2048, 3), np.uint8))[0],
        *(0, (1920, 1080)),
        codec=H264,
        is_key=True,
    ),
    "no JSON": "{",
    "no object": "[1]",
    "no type": '{"kind": "open"}',
    "another type": '{"type": "fly"}',
    "type that is none": '{"type": ["open"]}',
    "deep": "[" * 60_000,
    "long": json.dumps({"type": "reset", "x": "y" * 70_000}),
    "field of another type": '{"type": "record", "on": 1}',
    "field missing": '{"type": "options"}',
    "opened twice": '{"type": "open", "source": {"kind": "push"}}',
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_message_is_told_and_a_good_one_still_answered(
    session: LiveClient, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with stub_trackers(monkeypatch):
        session.open()
        session.socket.send(WRONG[name])
        assert session.error()["code"] == "wrong_message"
        session.seq = 10
        session.push(coded_image(7))
        results, _ = answers(session, 11)
        assert results[-1]["result"]["frame_index"] == 7


def test_the_third_wrong_message_ends_the_session(session: LiveClient) -> None:
    for _ in range(3):
        session.socket.send(b"short")
    assert close_code(session) == 1008


@pytest.mark.parametrize("name", WRONG)
def test_a_thousand_wrong_messages_leave_the_server_well(
    server: StudioServer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with stub_trackers(monkeypatch):
        with LiveClient(server) as client:
            client.open()
            with suppress(ConnectionClosed):
                for _ in range(1000):
                    client.socket.send(WRONG[name])
            assert close_code(client) in (1006, 1008)
        wait_until(lambda: len(server.studio.sessions) == 0)
        with LiveClient(server) as good:
            good.open()
            good.push(coded_image(3))
            assert good.wait_for("result")["seq"] == 0


def test_a_message_of_more_than_4_mb_ends_the_session(session: LiveClient) -> None:
    with suppress(ConnectionClosed):
        session.socket.send(bytes(5 * 1024**2))
    assert close_code(session) in (1006, 1009)  # the rest of it is not read


def test_a_number_that_comes_again_is_wrong(
    session: LiveClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stub_trackers(monkeypatch):
        session.open()
        message = frame_message(jpeg(coded_image(0)), 5, CODE_WH)
        session.socket.send(message)
        session.wait_for("result")
        session.socket.send(message)
        error = session.error()
        assert error["message"] == "seq must increase, got 5 after 5"


def test_an_error_of_the_server_ends_the_session_and_is_logged(
    session: LiveClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("a mistake")

    monkeypatch.setattr(LiveSession, "receive", fail)
    session.send("reset")
    assert close_code(session) == 1011
    assert "a live session has failed" in caplog.text


# Connections


def test_the_fifth_session_is_told_that_the_server_is_busy(server: StudioServer) -> None:
    wait_until(lambda: len(server.studio.sessions) == 0)
    clients = [LiveClient(server) for _ in range(4)]
    wait_until(lambda: len(server.studio.sessions) == 4)
    with LiveClient(server) as fifth:
        error = fifth.error()
        assert error["code"] == "busy"
        assert close_code(fifth) == 1013
    for client in clients:
        client.close()
    wait_until(lambda: len(server.studio.sessions) == 0)


def test_a_session_that_is_never_opened_is_closed(
    server: StudioServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "OPEN_LIMIT_S", 0.2)
    monkeypatch.setattr(live, "STATE_S", 0.1)
    with LiveClient(server) as client:
        assert close_code(client) == 1008


def test_a_client_without_the_protocol_is_refused(server: StudioServer) -> None:
    headers = {"Authorization": f"Bearer {server.studio.token}", "Origin": server.url}
    address = server.url.replace("http", "ws") + "/api/live"
    with pytest.raises(InvalidStatus), connect(address, additional_headers=headers):
        pass


def test_a_session_that_ends_leaves_no_thread_and_no_tracker(
    server: StudioServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_until(lambda: len(server.studio.sessions) == 0)
    with stub_trackers(monkeypatch) as trackers:
        for number in range(20):
            with LiveClient(server) as client:
                client.open()
                client.push(coded_image(number))
                client.wait_for("result")
                if number % 2:
                    client.send("close")
                    assert close_code(client) == 1000
        wait_until(lambda: all(tracker.is_closed for tracker in trackers))
        assert len(trackers) == 20
        wait_until(lambda: len(session_threads()) == 0)


def session_threads() -> list[str]:
    """Return the names of the threads that live sessions have."""
    wanted = ("studio session", "studio decode", "track ", "read ")
    return [t.name for t in threading.enumerate() if t.name.startswith(wanted)]


@pytest.mark.weights
def test_the_end_of_the_server_ends_all_sessions_within_two_seconds(
    images: list[NDArray[np.uint8]],
) -> None:
    times_s: list[float] = []
    while len(times_s) < 3 and not (times_s and min(times_s) < 2):  # other programs may run
        running = StudioServer(Studio(StudioOptions()))
        running.start()
        clients = [LiveClient(running) for _ in range(3)]
        for client in clients:
            client.open(options=LITE)
            client.push(images[0])
        clients[0].send("options", options={"model": "full"})
        start_s = time.monotonic()
        running.close()
        times_s.append(time.monotonic() - start_s)
        wait_until(lambda: len(session_threads()) == 0)
        for client in clients:
            assert close_code(client) == 1012
            client.close()
    assert min(times_s) < 2


# Recording


@pytest.mark.weights
def test_a_recording_becomes_a_file_with_the_results_that_were_sent(
    session: LiveClient,
    client: httpx.Client,
    images: list[NDArray[np.uint8]],
    tmp_path: Path,
) -> None:
    session.open(options=LITE)
    session.push(images[0])
    session.wait_for("result")
    session.send("record", on=True)
    session.send("options", options={})
    session.wait_for("ready")  # the messages are acted on in order
    sent = []
    for image in images[1:]:
        session.push(image)
        sent.append(session.wait_for("result")["result"])
    session.send("record", on=False)
    recorded = session.wait_for("recorded")
    file = recorded["file"]
    assert (file["kind"], file["width"], file["height"]) == ("video", 640, 480)
    assert file["frames"] == len(sent)
    lines = client.get(f"/api/jobs/{recorded['job']}/results").text.splitlines()
    first_us = sent[0]["timestamp_us"]
    for number, (line, result) in enumerate(zip(lines, sent, strict=True)):
        moved = {"frame_index": number, "timestamp_us": result["timestamp_us"] - first_us}
        assert json.loads(line) == {**result, **moved}
    video = tmp_path / "recorded.mp4"
    video.write_bytes(client.get(f"/api/files/{file['id']}/media").content)
    with vt.open_input(video) as frames:
        times = [frame.timestamp_us for frame in frames]
    assert times == [json.loads(line)["timestamp_us"] for line in lines]
    assert client.get(f"/api/jobs/{recorded['job']}").json()["state"] == "done"
    client.delete(f"/api/files/{file['id']}")


def test_a_recording_leaves_out_frames_of_another_size(
    session: LiveClient, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    upright = coded_image(0)
    with stub_trackers(monkeypatch):
        session.open()
        session.send("record", on=True)
        session.send("options", options={})
        session.wait_for("ready")
        for image in (upright, np.ascontiguousarray(np.rot90(upright)), upright):
            session.push(image)
            session.wait_for("result")
        session.send("record", on=False)
        recorded = session.wait_for("recorded")
    lines = client.get(f"/api/jobs/{recorded['job']}/results").text.splitlines()
    sizes = [(line["width"], line["height"]) for line in map(json.loads, lines)]
    file = recorded["file"]
    assert sizes == [CODE_WH, CODE_WH] == [(file["width"], file["height"])] * 2
    client.delete(f"/api/files/{file['id']}")


def test_a_recording_whose_connection_is_lost_is_kept(
    server: StudioServer, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = server.studio.shelf
    n_before = len(files.inputs)
    with stub_trackers(monkeypatch):
        with LiveClient(server) as live:
            start_recording(live)
        wait_until(lambda: len(files.inputs) > n_before)
    kept = client.get("/api/info").json()["inputs"][n_before]
    assert kept["is_recording"]
    assert len(client.get(f"/api/jobs/{kept['job']}/results").text.splitlines()) == 1
    assert client.get(f"/api/files/{kept['file']['id']}/media").status_code == 200
    client.delete(f"/api/files/{kept['file']['id']}")
    assert len(files.inputs) == n_before


def test_recordings_leave_room_for_uploads(
    client: httpx.Client, server: StudioServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "MAX_FILES", 1)
    upload = client.put("/api/files?name=demo.mp4", content=DEMO.read_bytes())
    assert upload.status_code == 201
    ids = [upload.json()["id"]]
    with stub_trackers(monkeypatch):
        for _ in range(2):  # though so many files are open
            with LiveClient(server) as live:
                start_recording(live)
                live.send("record", on=False)
                ids.append(live.wait_for("recorded")["file"]["id"])
    client.delete(f"/api/files/{ids.pop(0)}")
    upload = client.put("/api/files?name=demo.mp4", content=DEMO.read_bytes())
    assert upload.status_code == 201
    for id_ in (*ids, upload.json()["id"]):
        client.delete(f"/api/files/{id_}")


def test_a_recording_ends_with_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    with stub_trackers(monkeypatch), StudioServer(Studio(StudioOptions())) as server:
        folder = server.studio.folder
        with LiveClient(server) as live:
            start_recording(live)
            server.studio.close()
    wait_until(lambda: not folder.exists())


def start_recording(client: LiveClient) -> None:
    """Open a session, and record one frame."""
    client.open()
    client.send("record", on=True)
    client.send("options", options={})
    client.wait_for("ready")
    client.push(coded_image(0))
    client.wait_for("result")


def test_a_recording_that_fills_the_disk_ends_and_is_told(
    session: LiveClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "FREE_BYTES", 2**62)
    with stub_trackers(monkeypatch):
        session.open()
        session.send("record", on=True)
        session.send("options", options={})
        session.wait_for("ready")
        session.push(coded_image(0))
        error = session.error()
        assert error["code"] == "recording_failed"
        assert "not enough space" in error["message"]
        session.push(coded_image(1))
        assert answers(session, 1)[0][-1]["seq"] == 1


def test_a_recording_without_a_frame_is_told(
    session: LiveClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stub_trackers(monkeypatch):
        session.open()
        session.send("record", on=True)
        session.send("record", on=False)
        error = session.error()
        assert error["code"] == "nothing_recorded"


def test_a_recording_that_cannot_be_kept_is_told(
    session: LiveClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise SinkError("the file can't be written")

    with stub_trackers(monkeypatch):
        start_recording(session)
        monkeypatch.setattr(shelf.FileShelf, "add_recording", fail)
        session.send("record", on=False)
        error = session.error()
    assert (error["code"], error["message"]) == ("recording_failed", "the file can't be written")
