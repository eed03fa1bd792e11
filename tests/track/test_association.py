from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from vitruvian.track.association import assigned

INF = np.inf
UNMATCHED_COST = 100.0


def test_all_pairs_are_chosen_together_and_not_the_best_one_first() -> None:
    costs = np.array([[1.0, 2.0], [2.0, 9.0]])  # the best pair first: 1 + 9
    assert assigned(costs, UNMATCHED_COST) == [(0, 1), (1, 0)]


def least(costs: np.ndarray, stranger: float) -> float:
    """Return what the best choice of all costs, by trying each."""
    n_rows, n_columns = costs.shape
    padded = np.hstack([costs, np.full((n_rows, n_rows), stranger)])  # or nobody
    return min(
        sum(padded[row, column] for row, column in enumerate(columns))
        for columns in permutations(range(n_rows + n_columns), n_rows)
    )


@pytest.mark.parametrize("stranger", [0.3, 0.7, 100.0])
@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (2, 4), (4, 2)])
def test_no_other_pairs_cost_less(shape: tuple[int, int], stranger: float) -> None:
    for seed in range(5):
        costs = np.random.default_rng(seed).random(shape)
        costs[costs > 0.9] = INF
        pairs = assigned(costs, stranger)
        price = sum(costs[pair] for pair in pairs) + stranger * (shape[0] - len(pairs))
        assert price == pytest.approx(least(costs, stranger))
        for chosen in zip(*pairs, strict=True):
            assert len(set(chosen)) == len(pairs)


def test_nobody_is_taken_for_another_to_make_room_where_a_stranger_costs_less() -> None:
    costs = np.array([[0.1, 2.5], [0.9, INF]])
    assert assigned(costs, 100.0) == [(0, 1), (1, 0)]
    assert assigned(costs, 3.0) == [(0, 0)]


def test_what_is_impossible_is_never_paired() -> None:
    assert assigned(np.array([[INF]]), UNMATCHED_COST) == []
    assert assigned(np.array([[INF, INF], [INF, 3.0]]), UNMATCHED_COST) == [(1, 1)]
    assert assigned(np.array([[1.0, INF], [2.0, INF], [INF, INF]]), UNMATCHED_COST) == [(0, 0)]


def test_what_costs_as_much_as_a_stranger_is_never_paired() -> None:
    assert assigned(np.array([[2.9, 5.0], [5.0, 3.0]]), 3.0) == [(0, 0)]


@pytest.mark.parametrize("shape", [(0,), (0, 0), (0, 3), (3, 0)])
def test_nobody_is_paired_with_nobody(shape: tuple[int, ...]) -> None:
    assert assigned(np.empty(shape), UNMATCHED_COST) == []


def test_costs_stay_as_they_are() -> None:
    costs = np.array([[INF, 1.0], [0.5, INF]])
    kept = costs.copy()
    assigned(costs, UNMATCHED_COST)
    np.testing.assert_array_equal(costs, kept)
