"""Exact and sampled Shapley values."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.diagnosis import sampled_shapley, shapley_values

WORTH = st.floats(-1, 1, width=64)
GAMES = st.integers(1, 5).flatmap(lambda n: arrays(np.float64, 2**n, elements=WORTH))


def by_permutations(v):
    """Average marginal contribution over every order of joining."""
    n = int(np.log2(len(v)))
    phi = np.zeros(n)
    for order in itertools.permutations(range(n)):
        coalition = 0
        for player in order:
            phi[player] += v[coalition | 1 << player] - v[coalition]
            coalition |= 1 << player
    return phi / math.factorial(n)


@settings(max_examples=50, deadline=None)
@given(GAMES)
def test_equals_brute_force(v):
    assert shapley_values(v) == pytest.approx(by_permutations(v), abs=1e-12)


@given(GAMES)
def test_efficiency(v):
    assert shapley_values(v).sum() == pytest.approx(v[-1] - v[0], abs=1e-10)


@given(st.integers(2, 6), st.data())
def test_null_player(n, data):
    v = data.draw(arrays(np.float64, 2**n, elements=WORTH))
    player = data.draw(st.integers(0, n - 1))
    coalitions = np.arange(2**n)
    assert abs(shapley_values(v[coalitions & ~(1 << player)])[player]) < 1e-10


@given(st.integers(2, 6), st.data())
def test_symmetry(n, data):
    v = data.draw(arrays(np.float64, 2**n, elements=WORTH))
    coalitions = np.arange(2**n)
    swapped = (coalitions & ~3) | (coalitions & 1) << 1 | (coalitions >> 1) & 1
    phi = shapley_values((v + v[swapped]) / 2)
    assert phi[0] == pytest.approx(phi[1], abs=1e-10)


def test_many_games_at_once():
    games = np.random.default_rng(0).random((4, 3, 8))
    phi = shapley_values(games)
    assert phi.shape == (4, 3, 3)
    assert phi[2, 1] == pytest.approx(by_permutations(games[2, 1]), abs=1e-12)


def test_additive_game_on_sixteen_players():
    worths = np.linspace(-1, 1, 16)
    members = (np.arange(2**16)[:, None] >> np.arange(16)) & 1
    assert shapley_values(members @ worths) == pytest.approx(worths, abs=1e-10)


def test_no_player_has_no_value():
    assert shapley_values([0.3]).shape == (0,)


def test_refuses_what_is_not_a_game():
    with pytest.raises(InputError, match="power of two"):
        shapley_values([1.0, 2.0, 3.0])
    with pytest.raises(InputError, match="sampled_shapley"):
        shapley_values(np.broadcast_to(0.0, (2**21,)))


def test_sampled_agrees_within_its_standard_error():
    rng = np.random.default_rng(1)
    v = rng.random(2**8)
    bits = 1 << np.arange(8)
    estimate = sampled_shapley(lambda s: v[bits[s].sum()], 8, n_permutations=400)
    distance = np.abs(estimate.values - shapley_values(v))
    assert np.all(distance < 4 * estimate.standard_errors)
    assert estimate.values.sum() == pytest.approx(v[-1] - v[0])


def test_sampled_takes_more_players_than_exact_and_repeats_by_seed():
    weights = np.linspace(0, 1, 24)
    first, again = (sampled_shapley(lambda s: s @ weights, 24, n_permutations=3) for _ in "ab")
    assert first.values == pytest.approx(weights)
    assert np.array_equal(first.values, again.values)


def test_sampled_needs_two_draws():
    with pytest.raises(InputError):
        sampled_shapley(lambda s: 0.0, 3, n_permutations=1)
