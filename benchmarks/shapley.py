"""Exact Shapley values as one matrix product, against the textbook sum over coalitions.

Run: python benchmarks/shapley.py [--games 500] [--players 4 6 8]

Both compute the same figures (checked); the sum is what a script would write from the formula of
Zhang et al. 2023, DrML, section 2.2. One game is one text whose attributes are the players.
"""

from __future__ import annotations

import argparse
import itertools
import math
import time

import numpy as np

from vlmdiag_widgets.diagnosis import shapley_values


def textbook(v: np.ndarray) -> np.ndarray:
    """Sum each player's marginal contributions, coalition by coalition."""
    n = int(math.log2(len(v)))
    phi = np.zeros(n)
    for player in range(n):
        others = [p for p in range(n) if p != player]
        for size in range(n):
            weight = math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n)
            for members in itertools.combinations(others, size):
                without = sum(1 << p for p in members)
                phi[player] += weight * (v[without | 1 << player] - v[without])
    return phi


def compare(games: int, players: int) -> None:
    v = np.random.default_rng(0).random((games, 2**players))
    start = time.perf_counter()
    plain = np.stack([textbook(game) for game in v])
    middle = time.perf_counter()
    ours = shapley_values(v)
    end = time.perf_counter()
    worst = np.abs(plain - ours).max()
    print(
        f"{games} games of {players:2d} players: textbook {1e3 * (middle - start):9.1f} ms, "
        f"matrix {1e3 * (end - middle):7.2f} ms, {(middle - start) / (end - middle):8.0f} x, "
        f"largest difference {worst:.1e}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--games", type=int, default=500)
    parser.add_argument("--players", type=int, nargs="+", default=[4, 6, 8])
    chosen = parser.parse_args()
    for players in chosen.players:
        compare(chosen.games, players)


if __name__ == "__main__":
    main()
