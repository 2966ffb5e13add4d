"""The training batches: pictures moved and relit, captions with filler words, true pairs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from vlmdiag_widgets.training.corpus import truth

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Batch:
    """Pictures (n, 3, h, w) in -1..1, token rows (n, length), true pairs (n, n) as 0 and 1."""

    images: Tensor
    tokens: Tensor
    true: Tensor


class Corpus:
    """The drawn scenes of some parts: pixels, facts, captions."""

    def __init__(self, folder: Path, parts: Sequence[int]) -> None:
        self._pixels = [np.load(folder / f"pixels{part}.npy", mmap_mode="r") for part in parts]
        stored = [dict(np.load(folder / f"captions{part}.npz")) for part in parts]
        self._starts = np.cumsum([0] + [len(one["facts"]) for one in stored])
        self.facts = np.concatenate([one["facts"] for one in stored])
        self.tokens = np.concatenate([np.load(folder / f"tokens{part}.npy") for part in parts])
        texts = np.cumsum([0] + [len(one["clauses"]) for one in stored])
        self.rows = np.concatenate(
            [one["rows"] + first for one, first in zip(stored, texts[:-1], strict=True)]
        )
        self.clauses, self.matrix = merge_clauses(stored)

    def __len__(self) -> int:
        return len(self.facts)

    def pixels(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return the pictures (n, h, w, 3) of sorted rows."""
        cuts = np.searchsorted(rows, self._starts)
        pieces = [
            block[rows[low:high] - start]
            for block, start, low, high in zip(
                self._pixels, self._starts[:-1], cuts[:-1], cuts[1:], strict=True
            )
            if high > low
        ]
        return np.concatenate(pieces)

    def batch(
        self, rows: NDArray[np.int64], rng: np.random.Generator, *, shift: int, unknown: float
    ) -> Batch:
        """Return the batch of these rows, one caption a picture."""
        images = jitter(self.pixels(rows), shift, rng)
        chosen = self.rows[rows, rng.integers(self.rows.shape[1], size=len(rows))]
        tokens = hide_words(self.tokens[chosen].astype(np.int64), unknown, rng)
        tokens = tokens[:, : int(tokens.argmax(axis=1).max()) + 1]
        true = truth(self.facts[rows], self.clauses[chosen], self.matrix).astype(np.float32)
        # A noisy caption is wrong of its picture and is its caption all the same.
        np.fill_diagonal(true, 1)
        return Batch(images, torch.from_numpy(tokens), torch.from_numpy(true))


def merge_clauses(stored: Sequence[dict[str, Any]]) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Return the clause rows of all parts' captions, numbered alike, and their one matrix."""
    matrices = [one["matrix"] for one in stored]
    every, numbers = np.unique(np.concatenate(matrices), axis=0, return_inverse=True)
    starts = np.cumsum([0] + [len(one) for one in matrices])[:-1]
    rows = [
        numbers.reshape(-1)[one["clauses"] + start]
        for one, start in zip(stored, starts, strict=True)
    ]
    return np.concatenate(rows).astype(np.int32), every


def epochs(count: int, batch: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Yield batches of sorted rows without end; each epoch shuffles anew."""
    while True:
        whole = rng.permutation(count)[: count // batch * batch].reshape(-1, batch)
        # Sorted rows are read from disk in order.
        yield from np.sort(whole, axis=1)


def jitter(pixels: NDArray[np.uint8], shift: int, rng: np.random.Generator) -> Tensor:
    """Return the pictures moved by up to `shift` pixels and relit, as -1..1 (n, 3, h, w)."""
    count, side = pixels.shape[:2]
    edge = np.pad(pixels, ((0, 0), (shift, shift), (shift, shift), (0, 0)), mode="edge")
    moved = np.empty_like(pixels)
    # A copy per picture is five times faster than one gather with three index arrays.
    for row, (y, x) in enumerate(rng.integers(0, 2 * shift + 1, (count, 2))):
        moved[row] = edge[row, y : y + side, x : x + side]
    images = torch.from_numpy(moved).permute(0, 3, 1, 2).float()
    gain = torch.from_numpy(rng.uniform(0.85, 1.15, (count, 1, 1, 1)).astype(np.float32))
    lift = torch.from_numpy(rng.uniform(-0.1, 0.1, (count, 1, 1, 1)).astype(np.float32))
    return images.mul_(gain / 127.5).add_(lift - gain).clamp_(-1, 1)


def hide_words(
    tokens: NDArray[np.int64], share: float, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Put one or two unknown tokens into a share of the captions, so that they act as filler."""
    tokens = tokens.copy()
    for row in np.flatnonzero(rng.random(len(tokens)) < share):
        for _ in range(int(rng.integers(1, 3))):
            end = int(tokens[row].argmax())
            if end >= tokens.shape[1] - 1:
                break
            place = int(rng.integers(1, end + 1))
            tokens[row, place + 1 : end + 2] = tokens[row, place : end + 1]
            tokens[row, place] = 0
    return tokens
