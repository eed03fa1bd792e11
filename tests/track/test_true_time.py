"""Smoothing uses true time: the same motion gives the same trajectory at any frame rate."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.fakes import (
    FakeNetworks,
    crop_points,
    fake_networks,
    picture,
    pose_answer,
)
from tests.media.feeds import Feed, until

from vitruvian import Frame, LiveStream, PoseResult, PoseTracker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

SECONDS = 6.0
SETTLED_S = 1.0  # after which the filters no longer depend on their start
IMAGE = picture()
REACH_M, REACH_PX = 0.3, 30.0  # px: the same part of the person, who is 256 px tall
# Over all joints and axes; the fastest joint moves at 1.9 m/s. Measured: 1.0 to 3.0 mm and 0.10 to
# 0.34 px, while the lag of the filters is 4 to 8 mm. One-euro filters that assume 30 Hz
# would differ by 8 mm at 15 Hz and by 10 mm at irregular rates.
MOST_M, MOST_PX = 0.004, 0.5


class RotatingPersonTracker(PoseTracker):
    """A tracker whose networks see a body that rotates to and fro about two axes."""

    def __init__(self, networks: FakeNetworks, **options: Any) -> None:
        body = np.random.default_rng(0).normal(size=(33, 3))
        self._body = body / np.linalg.norm(body, axis=1, keepdims=True)
        self._networks = networks
        self.is_busy = Lock()
        super().__init__(**options)

    def _turned(self, seconds: float) -> NDArray[np.float64]:
        turned = self._body
        for pace_hz, (i, j) in ((0.5, (0, 1)), (0.8, (1, 2))):
            angle = np.sin(2 * np.pi * pace_hz * seconds)
            cos, sin = np.cos(angle), np.sin(angle)
            across, down = turned[:, i], turned[:, j]
            turned = turned.copy()
            turned[:, i], turned[:, j] = cos * across - sin * down, sin * across + cos * down
        return turned

    def update(self, frame: Any, **options: Any) -> PoseResult:
        swing = np.zeros((39, 3))
        swing[:33] = self._turned(frame.timestamp_us / 1e6)
        self._networks.landmarker.answer = pose_answer(
            crop_points() + swing * REACH_PX, world=swing * REACH_M
        )
        with self.is_busy:
            return super().update(frame, **options)


@pytest.fixture
def networks(monkeypatch: pytest.MonkeyPatch) -> FakeNetworks:
    return fake_networks(monkeypatch)


def frame_at(index: int, seconds: float) -> Frame:
    return Frame(IMAGE, timestamp_us=round(seconds * 1e6), index=index)


def at_rate(hz: float) -> NDArray[np.float64]:
    return np.arange(0, SECONDS, 1 / hz)


def at_any_rate(seed: int = 0) -> NDArray[np.float64]:
    """Irregular times, with steps of 1/60 to 1/8 s."""
    steps = np.random.default_rng(seed).uniform(1 / 60, 1 / 8, 400)
    times = np.cumsum(steps)
    return times[times < SECONDS]


def tracked(tracker: PoseTracker, times_s: ArrayLike) -> list[PoseResult]:
    with tracker:
        return [tracker.update(frame_at(i, t)) for i, t in enumerate(np.asarray(times_s))]


def distances(results: Sequence[PoseResult], others: Sequence[PoseResult]) -> tuple[float, float]:
    """RMS distance of `results` from the trajectory through `others`: m in the world, image px."""
    known_s = np.array([other.timestamp_us for other in others]) / 1e6
    times_s = np.array([result.timestamp_us for result in results]) / 1e6
    is_compared = (times_s >= SETTLED_S) & (times_s <= known_s[-1])
    squares = []
    for name in ("world", "landmarks"):
        known = np.stack([getattr(other.pose, name).ravel() for other in others])
        here = np.stack([getattr(result.pose, name).ravel() for result in results])
        there = np.stack([np.interp(times_s, known_s, column) for column in known.T], axis=1)
        squares.append(float(np.square(here - there)[is_compared].mean()))
    return squares[0] ** 0.5, squares[1] ** 0.5


@pytest.mark.parametrize("profile", ["default", "solutions"])
@pytest.mark.parametrize(
    "times_s",
    [at_rate(15), at_any_rate(), np.concatenate([at_rate(30)[:90], at_rate(15)[45:]])],
    ids=["15 Hz", "irregular", "30, then 15 Hz"],
)
def test_a_motion_is_smoothed_at_any_rate_as_at_30_hz(
    networks: FakeNetworks, profile: str, times_s: NDArray[np.float64]
) -> None:
    expected = tracked(RotatingPersonTracker(networks, profile=profile), at_rate(30))
    world_m, image_px = distances(
        tracked(RotatingPersonTracker(networks, profile=profile), times_s), expected
    )
    assert world_m < MOST_M
    assert image_px < MOST_PX


@pytest.mark.parametrize("profile", ["default", "solutions"])
def test_a_stream_that_drops_frames_is_smoothed_as_one_that_does_not(
    networks: FakeNetworks, profile: str
) -> None:
    expected = tracked(RotatingPersonTracker(networks, profile=profile), at_rate(30))
    frames = [frame_at(i, t) for i, t in enumerate(at_rate(30))]
    rng = np.random.default_rng(1)
    feed, results, n_sent = Feed(), [], 0
    with (
        RotatingPersonTracker(networks, profile=profile) as tracker,
        LiveStream(tracker, feed) as stream,
    ):
        while n_sent < len(frames):
            burst = frames[n_sent : n_sent + rng.integers(1, 5)]
            n_sent += len(burst)
            with tracker.is_busy:
                feed.put(*burst)
                until(lambda n=n_sent: stream.counts.seen == n)
            while not results or results[-1].frame_index != burst[-1].index:
                results.append(next(stream)[1])
        feed.put(None)
        assert stream.counts.dropped > len(frames) / 5
    world_m, image_px = distances(results, expected)
    assert world_m < MOST_M
    assert image_px < MOST_PX
