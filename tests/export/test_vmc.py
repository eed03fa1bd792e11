"""Poses sent to avatars: received over loopback, and read by python-osc."""

from __future__ import annotations

import logging
import socket
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.analysis.rig_figure import figure, results_of

from vitruvian import open_output
from vitruvian.analysis.rig import BONES, LiveRig
from vitruvian.core.rotations import matrix_from_quaternion
from vitruvian.errors import SinkError
from vitruvian.export.figure_motion import on_the_floor
from vitruvian.export.motion import MotionOptions
from vitruvian.export.vmc import VmcSink, bundles, checked_address, message

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vitruvian import PoseResult

FPS = 30.0
NAMES = [name[0].upper() + name[1:] for name in BONES]


@pytest.fixture
def receiver() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as inlet:
        inlet.bind(("127.0.0.1", 0))
        inlet.settimeout(5)
        yield inlet


def address_of(receiver: socket.socket) -> str:
    return f"vmc://127.0.0.1:{receiver.getsockname()[1]}"


def moves(n_frames: int, number: int = 1) -> list[PoseResult]:
    times_us = np.rint(np.arange(n_frames) * 1e6 / FPS).astype(np.int64)
    return results_of(figure(n_frames, FPS, number).landmarks, times_us, number)


def send(address: str, results: list[PoseResult], **options: Any) -> None:
    with open_output(address, motion=MotionOptions(**options)) as sink:
        for result in results:
            sink.write(result)


def packets_of(receiver: socket.socket) -> list[bytes]:
    receiver.settimeout(0.3)
    packets = []
    while True:
        try:
            packets.append(receiver.recv(65536))
        except TimeoutError:
            return packets


def messages_in(packets: list[bytes]) -> list[tuple[str, list[Any]]]:
    from pythonosc.osc_bundle import OscBundle

    return [(part.address, part.params) for packet in packets for part in OscBundle(packet)]


def bones_in(messages: list[tuple[str, list[Any]]]) -> dict[str, list[float]]:
    """Return place and quaternion of each bone; of several frames the last one."""
    return {values[0]: values[1:] for name, values in messages if name == "/VMC/Ext/Bone/Pos"}


@pytest.mark.interop
def test_a_frame_is_what_the_protocol_says(receiver: socket.socket) -> None:
    pytest.importorskip("pythonosc", reason="needs the dependency group interop")
    results = moves(1)
    send(address_of(receiver), results)
    packets = packets_of(receiver)
    assert [len(packet) <= 1400 for packet in packets] == [True, True]
    messages = messages_in(packets)
    assert messages[:3] == [
        ("/VMC/Ext/OK", [1]),
        ("/VMC/Ext/T", [0.0]),
        ("/VMC/Ext/Root/Pos", ["root", 0, 0, 0, 0, 0, 0, 1]),
    ]
    assert [values[0] for _, values in messages[3:]] == NAMES


@pytest.mark.interop
def test_places_and_rotations_are_those_of_the_rig_in_a_left_handed_world(
    receiver: socket.socket,
) -> None:
    pytest.importorskip("pythonosc", reason="needs the dependency group interop")
    results, rig = moves(10), LiveRig()
    send(address_of(receiver), results)
    sent = np.array([*bones_in(messages_in(packets_of(receiver))).values()])
    for result in results:
        live = rig.update(result.poses[0].world * np.array([1, -1, -1]), FPS)
    mirror = np.diag([-1.0, 1.0, 1.0])
    assert np.allclose(sent[1:, :3], live.offsets[1:] @ mirror, atol=1e-6)
    rotations = matrix_from_quaternion(sent[:, 3:])
    assert np.allclose(rotations, mirror @ live.rotations[0] @ mirror, atol=1e-5)
    floor = on_the_floor(live, in_each_frame=True)
    assert np.allclose(sent[0, :3], [0, floor.root[0, 1] - live.root[0, 1], 0], atol=1e-5)


@pytest.mark.interop
def test_the_same_person_is_sent_until_gone(receiver: socket.socket) -> None:
    pytest.importorskip("pythonosc", reason="needs the dependency group interop")
    one, two = moves(2, 1), moves(2, 2)
    first = one[0]
    swapped = replace(one[1], poses=(*two[1].poses, *one[1].poses))
    alone = replace(two[1], timestamp_us=66_667)
    nobody = replace(two[1], poses=(), timestamp_us=100_000)
    with open_output(address_of(receiver)) as sink:
        seen = []
        for result in (first, swapped, alone, nobody):
            sink.write(result)
            seen.append(bones_in(messages_in(packets_of(receiver))))
    with open_output(address_of(receiver), motion=MotionOptions(person=2)) as sink:
        sink.write(two[1])
        chosen = bones_in(messages_in(packets_of(receiver)))
        sink.write(first)
        assert bones_in(messages_in(packets_of(receiver))) == {}
    assert len(seen[0]) == len(seen[1]) == len(seen[2]) == 21
    assert seen[1]["Head"] != chosen["Head"]
    assert seen[2] == chosen
    assert seen[3] == {}


@pytest.mark.interop
def test_a_place_before_the_camera_moves_the_hips(receiver: socket.socket) -> None:
    pytest.importorskip("pythonosc", reason="needs the dependency group interop")
    results = [
        replace(r, poses=(replace(r.poses[0], camera=np.add(r.poses[0].world, [0.1 * i, 0, 3])),))
        for i, r in enumerate(moves(3))
    ]
    send(address_of(receiver), results)
    hips = bones_in(messages_in(packets_of(receiver)))["Hips"]
    assert hips[0] == pytest.approx(-0.2, abs=1e-5)  # to the right of the image: -x in Unity
    send(address_of(receiver), results, root="stand")
    assert bones_in(messages_in(packets_of(receiver)))["Hips"][0] == 0
    send(address_of(receiver), results, root="hips")
    assert np.allclose(bones_in(messages_in(packets_of(receiver)))["Hips"][:3], 0, atol=1e-6)


@pytest.mark.interop
def test_osc_is_read_by_others() -> None:
    pytest.importorskip("pythonosc", reason="needs the dependency group interop")
    sent = [message("/a/b", "ü", 7, 0.5), message("/c", -1.5), *[message("/d", "x" * 500)] * 4]
    packets = bundles(sent)
    assert [len(packet) <= 1400 for packet in packets] == [True, True]
    expected = [("/a/b", ["ü", 7, 0.5]), ("/c", [-1.5]), *[("/d", ["x" * 500])] * 4]
    assert messages_in(packets) == expected


def test_nobody_needs_to_listen(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        address = address_of(free)
    with open_output(address, tmp_path / "a.jsonl") as sink:
        for result in moves(5):
            sink.write(result)
    assert (tmp_path / "a.jsonl").stat().st_size > 1000


def test_landmarks_that_are_nan_are_no_error(receiver: socket.socket) -> None:
    (result,) = moves(1)
    pose = replace(result.poses[0], world=np.full((33, 3), np.nan))
    send(address_of(receiver), [replace(result, poses=(pose,))])
    packets = packets_of(receiver)
    numbers = np.frombuffer(b"".join(p for p in packets if b"Hips" in p)[-28:], ">f4")
    assert np.isfinite(numbers).all()


def test_a_packet_that_cannot_be_sent_is_dropped_and_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with open_output("vmc://127.0.0.1:39539") as sink:
        assert isinstance(sink, VmcSink)
        sink._target = ("255.255.255.255", 1)  # broadcasting is not allowed
        with caplog.at_level(logging.WARNING, "vitruvian"):
            for result in moves(3):
                sink.write(result)
    assert len(caplog.records) == 1
    assert caplog.records[0].getMessage().startswith("can't send to vmc://127.0.0.1:39539: ")


def test_a_closed_sink_takes_no_more() -> None:
    sink = open_output("vmc://127.0.0.1:39539")
    sink.close()
    sink.close()
    with pytest.raises(ValueError, match=r"the sink of 'vmc://127.0.0.1:39539' is closed"):
        sink.write(moves(1)[0])


def test_addresses_are_read() -> None:
    assert checked_address("vmc://10.0.0.7:1234") == ("10.0.0.7", 1234)
    assert checked_address("VMC://studio.local") == ("studio.local", 39539)
    assert checked_address("vmc://[::1]:39540/") == ("::1", 39540)


@pytest.mark.parametrize(
    "address",
    ["vmc://", "vmc://:39539", "vmc://host:0", "vmc://host:70000", "vmc://host:x", "vmc://a b:1"],
)
def test_a_wrong_address_is_an_error_that_shows_a_right_one(address: str) -> None:
    with pytest.raises(ValueError, match=r"must be vmc://HOST:PORT, such as vmc://127.0.0.1:39539"):
        open_output(address)


def test_other_addresses_and_unknown_hosts_are_errors() -> None:
    with pytest.raises(
        ValueError, match=r"poses can be sent to vmc://HOST:PORT, got 's3://a/b.glb'"
    ):
        open_output("s3://a/b.glb")
    with pytest.raises(SinkError, match=r"can't send to 'vmc://no.such.host.invalid:1': "):
        open_output("vmc://no.such.host.invalid:1")
    with pytest.raises(ValueError, match="the paths must be different"):
        open_output("vmc://127.0.0.1:1", "vmc://127.0.0.1:1")
