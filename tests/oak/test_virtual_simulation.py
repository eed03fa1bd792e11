"""The clock and the queues of the virtual device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitruvian.core.camera import Camera
from vitruvian.oak.graph import Node
from vitruvian.oak.virtual.faults import Faults
from vitruvian.oak.virtual.nodes import Device, Ports, process_of
from vitruvian.oak.virtual.simulation import Queue, Simulation, get, put

if TYPE_CHECKING:
    from vitruvian.oak.virtual.simulation import Process


def _sender(simulation: Simulation, queue: Queue, period_us: int, n: int) -> Process[None]:
    for i in range(n):
        yield i * period_us
        yield from put([queue], (i, simulation.now_us))


def _receiver(
    simulation: Simulation, queue: Queue, work_us: int, seen: list[tuple[int, int]]
) -> Process[None]:
    while True:
        number, _ = yield from get(queue)
        seen.append((number, simulation.now_us))
        yield simulation.now_us + work_us


def _run(*, size: int, is_blocking: bool, n: int = 12) -> tuple[list[tuple[int, int]], Queue]:
    """Send a message every 10 µs to a receiver that takes 35 µs for each."""
    simulation, seen = Simulation(0), []
    queue = Queue(simulation, size, is_blocking=is_blocking)
    simulation.start(_receiver(simulation, queue, 35, seen))
    simulation.start(_sender(simulation, queue, 10, n))
    while simulation.next_us is not None:
        simulation.step()
    return seen, queue


def test_an_input_that_holds_one_message_and_does_not_block_sees_the_newest():
    seen, queue = _run(size=1, is_blocking=False)
    assert seen == [(0, 0), (3, 35), (6, 70), (10, 105), (11, 140)]
    assert queue.n_dropped == 7


def test_a_sender_waits_for_room_in_an_input_that_blocks():
    seen, queue = _run(size=2, is_blocking=True)
    assert [number for number, _ in seen] == list(range(12))
    assert [time for _, time in seen] == [35 * i for i in range(12)]
    assert queue.n_dropped == 0


def test_an_input_that_does_not_block_drops_its_oldest_messages():
    seen, _ = _run(size=3, is_blocking=False)
    assert [number for number, _ in seen][:4] == [0, 1, 4, 8]


def test_events_of_one_time_happen_in_the_order_of_their_requests():
    simulation, order = Simulation(0), []

    def process(name: str) -> Process[None]:
        for _ in range(3):
            order.append(name)
            yield simulation.now_us + 5

    for name in "abc":
        simulation.start(process(name))
    while simulation.next_us is not None:
        simulation.step()
    assert order == list("abcabcabc")


def test_a_queue_wakes_whoever_waits_for_it_only_when_it_changes():
    simulation, seen = Simulation(100), []
    queue = Queue(simulation, 1, is_blocking=True)
    simulation.start(_receiver(simulation, queue, 0, seen))
    while simulation.next_us is not None:
        simulation.step()
    assert seen == []
    queue.add((7, 0))
    while simulation.next_us is not None:
        simulation.step()
    assert seen == [(7, 100)]


# --- nodes that join messages ---


@dataclass(frozen=True)
class Message:
    """A frame of a camera."""

    number: int
    time_us: int = 0
    wh: tuple[int, int] | None = None


def _joined(kind: str, arrivals: dict[str, list[tuple[int, Message]]], **properties: Any) -> list:
    """Return what a node sends, for messages that arrive at its inputs at these times."""
    simulation = Simulation(0)
    inputs = {name: Queue(simulation, 8, is_blocking=True) for name in arrivals}
    out = Queue(simulation, 100, is_blocking=True)
    device = Device(simulation, Camera.from_fov((16, 9), 60.0), None, Faults(), 3)
    port = "out" if kind == "sync" else "depth"
    node = Node("node", kind, properties)
    simulation.start(process_of(node, Ports(inputs, {port: [out]}), device))

    def sender(name: str) -> Process[None]:
        for time_us, message in arrivals[name]:
            yield time_us
            yield from put([inputs[name]], message)

    for name in arrivals:
        simulation.start(sender(name))
    while simulation.next_us is not None:
        simulation.step()
    return list(out.messages)


def test_sync_joins_messages_of_one_moment_and_drops_those_without_a_partner():
    color = [(i * 10, Message(i, i * 10)) for i in range(6) if i != 2]
    depth = [(i * 10 + 7, Message(i + 3, i * 10 + 1)) for i in range(6) if i != 4]
    joined = _joined("sync", {"color": color, "depth": depth}, threshold_us=5)
    numbers = [(m.messages["color"].number, m.messages["depth"].number) for m in joined]
    assert numbers == [(0, 3), (1, 4), (3, 6), (5, 8)]


def test_stereo_matches_frames_of_both_cameras_by_their_numbers():
    left = [(i * 10, Message(i)) for i in range(6) if i != 1]
    right = [(i * 10 + 2, Message(i)) for i in range(6) if i != 3]
    joined = _joined("stereo", {"left": left, "right": right}, wh=(16, 9))
    assert [message.number for message in joined] == [0, 2, 4, 5]
    assert {message.wh for message in joined} == {(16, 9)}
