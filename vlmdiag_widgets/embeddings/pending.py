"""Vectors waiting to be written, until they are many or old enough."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BYTES = 8 << 20
_SECONDS = 10.0


class Pending:
    """What a killed kernel would lose: at most 8 MB, or ten seconds of work."""

    def __init__(self) -> None:
        self._keys: list[bytes] = []
        self._parts: list[NDArray[np.float32]] = []
        self._since = time.monotonic()

    def add(self, keys: list[bytes], vectors: NDArray[np.float32]) -> None:
        """Take vectors in; rows that are not finite are left out."""
        good = np.flatnonzero(np.isfinite(vectors).all(axis=1))
        self._keys.extend(keys[i] for i in good.tolist())
        self._parts.append(vectors[good])

    def is_due(self) -> bool:
        """Return whether it is time to write."""
        size = sum(part.nbytes for part in self._parts)
        return size >= _BYTES or time.monotonic() - self._since >= _SECONDS

    def take(self) -> tuple[list[bytes], NDArray[np.float32]]:
        """Return all keys and vectors, and start anew."""
        keys, parts = self._keys, self._parts
        self._keys, self._parts, self._since = [], [], time.monotonic()
        vectors = np.concatenate(parts) if parts else np.zeros((0, 0), np.float32)
        return keys, vectors
