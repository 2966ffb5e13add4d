"""Shapley values of a game on a few players, exactly, as one matrix product."""

from __future__ import annotations

from functools import lru_cache
from math import comb
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets._progress import ProgressFn, no_progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

#: Above this many players the table of 2**n coalitions is out of reach: sample instead.
MAX_EXACT_PLAYERS = 20

# A cached matrix has n * 2**n entries; beyond this n it is built row by row instead.
_MAX_CACHED_PLAYERS = 12


def shapley_values(v: ArrayLike) -> NDArray[np.float64]:
    """Return the exact Shapley value of every player.

    Parameters
    ----------
    v : array_like (..., 2**n)
        Worth of every coalition; bit ``i`` of the index is set when player ``i`` is present,
        so ``v[..., 0]`` is the empty coalition and ``v[..., -1]`` the full one.

    Returns
    -------
    float64 array (..., n)
        They sum to ``v[..., -1] - v[..., 0]`` (efficiency).

    Raises
    ------
    InputError
        The last axis is not a power of two, or holds more than `MAX_EXACT_PLAYERS` players
        (use `sampled_shapley`).

    References
    ----------
    Shapley 1953; as the influence of attributes: Zhang et al. 2023, DrML, section 2.2.

    Examples
    --------
    >>> shapley_values([0.0, 1.0, 2.0, 4.0]).tolist()
    [1.5, 2.5]
    """
    worth = np.asarray(v, dtype=np.float64)
    n = _players(worth.shape[-1] if worth.ndim else 0)
    if n <= _MAX_CACHED_PLAYERS:
        return np.asarray(worth @ _weights(n).T)
    rows = [worth @ _weight_row(n, player) for player in range(n)]
    return np.stack(rows, axis=-1)


class SampledShapley(NamedTuple):
    """Estimated Shapley values with their standard errors, both float64 (n,)."""

    values: NDArray[np.float64]
    standard_errors: NDArray[np.float64]


def sampled_shapley(
    worth: Callable[[NDArray[np.bool_]], float],
    n_players: int,
    *,
    n_permutations: int = 500,
    seed: int = 0,
    progress: ProgressFn = no_progress,
) -> SampledShapley:
    """Estimate Shapley values from random orders of joining, each with its reverse.

    Parameters
    ----------
    worth : callable
        Takes the present players (bool (n_players,)) and returns the coalition's worth.
    n_players : int
    n_permutations : int
        Antithetic pairs of orders drawn, at least 2; cost is ``2 * n_permutations *
        n_players`` calls of `worth`.
    seed : int
    progress : ProgressFn
        Called after each pair of orders.

    Returns
    -------
    SampledShapley
        Values sum exactly to ``worth(all) - worth(none)``: every order telescopes. Standard
        errors come from the spread between pairs (ddof = 1).

    References
    ----------
    Castro et al. 2009, polynomial calculation of the Shapley value based on sampling;
    Mitchell et al. 2022, sampling permutations (antithetic pairs).
    """
    if n_players < 1 or n_permutations < 2:
        raise InputError(
            f"Got {n_players} players and {n_permutations} permutations; "
            "expected at least 1 and 2 (standard errors need two draws)."
        )
    rng = np.random.default_rng(seed)
    gains = np.empty((n_permutations, n_players))
    for draw in range(n_permutations):
        order = rng.permutation(n_players)
        gains[draw] = (_marginals(worth, order) + _marginals(worth, order[::-1])) / 2
        progress(draw + 1, n_permutations)
    errors = gains.std(axis=0, ddof=1) / np.sqrt(n_permutations)
    return SampledShapley(gains.mean(axis=0), errors)


def _marginals(
    worth: Callable[[NDArray[np.bool_]], float], order: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return what each player adds when they join in this order."""
    present = np.zeros(len(order), dtype=bool)
    gains = np.empty(len(order))
    before = float(worth(present.copy()))
    for player in order:
        present[player] = True
        after = float(worth(present.copy()))
        gains[player], before = after - before, after
    return gains


def _players(size: int) -> int:
    n = max(size, 1).bit_length() - 1
    if size != 1 << n:
        raise InputError(
            f"The last axis has {size} entries; expected a power of two, one per coalition."
        )
    if n > MAX_EXACT_PLAYERS:
        raise InputError(
            f"{n} players make {size} coalitions; exact values stop at {MAX_EXACT_PLAYERS}.",
            "Use sampled_shapley.",
        )
    return n


@lru_cache(maxsize=16)
def _weights(n: int) -> NDArray[np.float64]:
    """Matrix (n, 2**n) that turns worths into Shapley values."""
    rows = [_weight_row(n, player) for player in range(n)]
    weights = np.stack(rows) if rows else np.zeros((0, 1))
    weights.setflags(write=False)
    return weights


def _weight_row(n: int, player: int) -> NDArray[np.float64]:
    coalitions = np.arange(1 << n)
    size = sum((coalitions >> bit) & 1 for bit in range(n))
    joined = ((coalitions >> player) & 1).astype(bool)
    # |S|! (n - |S| - 1)! / n! for the coalition S without the player.
    share = np.array([1 / (n * comb(n - 1, others)) for others in range(n)])
    return np.where(joined, share[np.maximum(size - 1, 0)], -share[np.minimum(size, n - 1)])
