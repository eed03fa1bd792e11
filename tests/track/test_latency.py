from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from vitruvian.track.latency import Latency, LatencyMeter


def metered(*latencies_ms: float) -> Latency:
    meter = LatencyMeter()
    for ms in latencies_ms:
        meter.add(round(ms * 1e6))
    return meter.latency


@pytest.mark.parametrize("middle_ms", [0.5, 30.0, 4000.0])
@pytest.mark.parametrize("spread", [0.01, 0.3, 0.9])
def test_quantiles_are_right_within_5_percent(middle_ms: float, spread: float) -> None:
    values = middle_ms * np.exp(np.random.default_rng(0).normal(0, spread, 5000))
    latency = metered(*values)
    shares = [0.01, 0.25, 0.5, 0.95, 0.999]
    expected = np.quantile(values, shares, method="inverted_cdf")
    measured = [latency.quantile_ms(share) for share in shares]
    assert_allclose(measured, expected, rtol=0.05, atol=0.05)
    assert (latency.median_ms, latency.p95_ms) == (measured[2], measured[3])
    assert latency.count == 5000
    assert_allclose(latency.max_ms, values.max(), rtol=1e-4)


def test_every_result_is_in_the_bin_between_its_edges() -> None:
    latency = metered(0.0, 0.05, 33.0, 1e7)
    edges = [0.0, *latency.edges_ms, math.inf]
    assert len(latency.counts) == len(edges) - 1
    bins = [(edges[i], edges[i + 1]) for i, count in enumerate(latency.counts) if count]
    assert bins[0] == (0.0, 0.1)
    assert bins[1][0] <= 33.0 < bins[1][1]
    assert bins[2] == (latency.edges_ms[-1], math.inf)
    assert sum(latency.counts) == 4


def test_no_quantile_is_beyond_the_latest_result() -> None:
    assert metered(20.0).quantile_ms(1.0) <= 20.0
    assert metered(1e7).quantile_ms(1.0) <= 1e7


def test_without_results_there_is_no_figure() -> None:
    latency = metered()
    assert latency.count == 0
    assert np.isnan([latency.median_ms, latency.p95_ms, latency.max_ms]).all()
    assert repr(latency) == "Latency(no results)"


def test_a_meter_has_constant_size_and_its_values_do_not_change_later() -> None:
    meter = LatencyMeter()
    before = meter.latency
    for ms in range(1000):
        meter.add(ms * 1_000_000)
    assert before.count == 0
    assert len(meter.latency.counts) == len(before.counts)


def test_latency_prints_as_one_line() -> None:
    assert str(metered(3.0)) == "1 result: median 3.0 ms, p95 3.0 ms, max 3.0 ms"
    assert str(metered(*[40.0] * 30)).startswith("30 results: median 40 ms")


@pytest.mark.parametrize("share", [-0.1, 1.1, math.nan])
def test_a_quantile_outside_0_to_1_is_an_error(share: float) -> None:
    with pytest.raises(ValueError, match="share must be from 0 to 1, got"):
        metered(1.0).quantile_ms(share)
