from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from vitruvian.engine.association import assigned

INF = np.inf


def test_all_pairs_are_chosen_together_and_not_the_best_one_first() -> None:
    costs = np.array([[1.0, 2.0], [2.0, 9.0]])  # the best pair first: 1 + 9
    assert assigned(costs) == [(0, 1), (1, 0)]


@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (2, 4), (5, 3)])
def test_no_other_pairs_cost_less(shape: tuple[int, int]) -> None:
    costs = np.random.default_rng(0).random(shape)
    pairs = assigned(costs)
    wide = costs if shape[0] <= shape[1] else costs.T
    rows = range(len(wide))
    least = min(
        sum(wide[row, column] for row, column in zip(rows, columns, strict=True))
        for columns in permutations(range(wide.shape[1]), len(wide))
    )
    assert sum(costs[pair] for pair in pairs) == pytest.approx(least)
    assert len(pairs) == min(shape)
    for chosen in zip(*pairs, strict=True):
        assert len(set(chosen)) == len(pairs)


def test_what_is_impossible_is_never_paired() -> None:
    assert assigned(np.array([[INF]])) == []
    assert assigned(np.array([[INF, INF], [INF, 3.0]])) == [(1, 1)]
    assert assigned(np.array([[1.0, INF], [2.0, INF], [INF, INF]])) == [(0, 0)]


def test_what_is_no_number_is_never_paired() -> None:
    with np.errstate(all="raise"):
        assert assigned(np.array([[np.nan, 2.0], [1.0, np.nan]])) == [(0, 1), (1, 0)]
        assert assigned(np.array([[np.nan]])) == []


@pytest.mark.parametrize("shape", [(0,), (0, 0), (0, 3), (3, 0)])
def test_nobody_is_paired_with_nobody(shape: tuple[int, ...]) -> None:
    assert assigned(np.empty(shape)) == []


def test_costs_stay_as_they_are() -> None:
    costs = np.array([[INF, 1.0], [0.5, INF]])
    kept = costs.copy()
    assigned(costs)
    np.testing.assert_array_equal(costs, kept)
