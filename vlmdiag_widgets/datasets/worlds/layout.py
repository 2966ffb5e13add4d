"""Which images a world has: rows shared out to the splits, values dealt evenly within each.

Every choice depends on the seed, the world, the split and the number of the image there, never
on how many images there are. So the first images of a larger data set are those of a smaller one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle
from typing import TypeVar

import numpy as np

from vlmdiag_widgets.datasets.worlds.world import check_count

_T = TypeVar("_T")

SPLITS = ("train", "val", "test")
#: Nine rows in a row: 4 for training, 2 for validation, 3 for testing.
NINTHS = ("train", "test", "val", "train", "test", "train", "val", "train", "test")

#: Keeps the generator of an order apart from that of an image, which has one number less.
_ORDER = 1


def rows(
    n: int | None, default: int, *, pattern: Sequence[str] = NINTHS, least: int = 9
) -> list[tuple[str, int]]:
    """Return the split of each of `n` rows and its number within the split."""
    count = default if n is None else check_count("n", n, least=least)
    return list(_numbered(split for split, _ in zip(cycle(pattern), range(count), strict=False)))


def rows_of_sizes(
    sizes: Mapping[str, int], *, pattern: Sequence[str] = NINTHS
) -> list[tuple[str, int]]:
    """Return rows in the order of `pattern` until each split has its size."""
    left = dict(sizes)
    order = []
    for split in cycle(pattern):
        if not any(left.values()):
            break
        if left[split]:
            left[split] -= 1
            order.append(split)
    return list(_numbered(order))


def _numbered(order: Iterator[str] | Sequence[str]) -> Iterator[tuple[str, int]]:
    taken = dict.fromkeys(SPLITS, 0)
    for split in order:
        yield split, taken[split]
        taken[split] += 1


def generator(seed: int, world: int, split: str, number: int) -> np.random.Generator:
    """Return the source of everything that is free about one image."""
    return np.random.default_rng([seed, world, SPLITS.index(split), number])


def deal(seed: int, world: int, split: str, number: int, cells: Sequence[_T]) -> tuple[_T, int]:
    """Return the cell of an image, and how often the cell came before.

    Cells come in shuffled rounds, so that after each round all have come equally often.
    """
    turn, place = divmod(number, len(cells))
    rng = np.random.default_rng([seed, world, SPLITS.index(split), turn, _ORDER])
    return cells[int(rng.permutation(len(cells))[place])], turn


def take_turns(seed: int, world: int, key: Sequence[int], options: Sequence[_T], turn: int) -> _T:
    """Return the option whose turn it is, in a shuffled order that `key` names and that repeats."""
    rng = np.random.default_rng([seed, world, len(SPLITS), *key])
    return options[int(rng.permutation(len(options))[turn % len(options)])]


def exception_before(turn: int, share: float, start: float = 0.0) -> int:
    """Return how many exceptions came before a turn, when they are a `share` of all.

    They are spread evenly, so that any part of the data has the wanted share; `start` (0 to 1)
    shifts them.
    """
    return int((turn + start) * (share + 1e-9))


def is_exception(turn: int, share: float, start: float = 0.0) -> bool:
    """Return whether a turn is one of the evenly spread exceptions."""
    return exception_before(turn + 1, share, start) > exception_before(turn, share, start)


def pick(rng: np.random.Generator, options: Sequence[_T]) -> _T:
    """Return one of the options, all equally likely."""
    return options[int(rng.integers(len(options)))]
