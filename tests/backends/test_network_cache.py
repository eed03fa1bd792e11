"""Compiled networks that nobody uses any more go to the next session of the like."""

from __future__ import annotations

import gc
import os
from threading import Barrier, Thread

import pytest
from tests.backends.test_openvino import CROP, answer, landmark_network

from vitruvian.backends import network_cache, open_session


class Thing:
    """Stands for a compiled network."""


@pytest.fixture(autouse=True)
def nothing_left(monkeypatch: pytest.MonkeyPatch) -> network_cache._Spares:
    spares = network_cache._Spares()
    monkeypatch.setattr(network_cache, "_spares", spares)
    return spares


def test_what_is_left_is_taken_once() -> None:
    thing = Thing()
    network_cache.leave("a", thing)
    assert network_cache.take("b") is None
    assert network_cache.take("a") is thing
    assert network_cache.take("a") is None


def test_the_last_two_stay() -> None:
    things = [Thing() for _ in range(4)]
    for name, thing in zip("abcd", things, strict=True):
        network_cache.leave(name, thing)
    assert [network_cache.take(name) for name in "abcd"] == [None, None, *things[2:]]


def test_both_networks_of_a_tracker_may_be_taken_at_once() -> None:
    for _ in range(200):
        network_cache.leave("a", 1)
        network_cache.leave("b", 2)
        start, taken = Barrier(2), {}

        def take(name: str, start: Barrier = start, taken: dict[str, object] = taken) -> None:
            start.wait()
            taken[name] = network_cache.take(name)

        threads = [Thread(target=take, args=(name,)) for name in "ab"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert taken == {"a": 1, "b": 2}


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # of Python 3.12, on fork
def test_a_forked_process_begins_without() -> None:
    network_cache.leave("a", Thing())
    child = os.fork()
    if child == 0:
        os._exit(0 if network_cache.take("a") is None else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert network_cache.take("a") is not None


@pytest.mark.weights
@pytest.mark.parametrize("how", ["closed", "dropped"])
def test_a_session_of_the_like_gets_the_network_and_answers_the_same(how: str) -> None:
    session = open_session(landmark_network())
    compiled, expected = session._compiled, answer(session)
    if how == "closed":
        session.close()
    else:
        del session
        gc.collect()
    other = open_session(landmark_network(), threads=1)
    again = open_session(landmark_network())
    assert other._compiled is not compiled
    assert again._compiled is compiled
    assert [a.tolist() for a in answer(again, CROP)] == [e.tolist() for e in expected]


@pytest.mark.weights
def test_a_network_in_use_is_not_shared() -> None:
    one, other = (open_session(landmark_network()) for _ in range(2))
    assert one._compiled is not other._compiled
