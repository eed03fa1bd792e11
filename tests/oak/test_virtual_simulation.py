"""The clock and the queues of the virtual device."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
