"""A shelf: all vectors one encoder made of one kind of input, on disk and in memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vlmdiag_widgets.embeddings.shards import (
    SUFFIX,
    DamagedShardError,
    MemoryShard,
    Shard,
    write_shard,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STALE_SECONDS = 3600.0

#: More small shards than this are merged into one when a shelf is first opened.
_MANY = 64
_SMALL_ROWS = 4096


class Shelf:
    """Vectors by key; finds what other processes add.

    Parameters
    ----------
    folder : Path or None
        Where shards lie; None keeps everything in memory.
    readonly : bool
        Never write, not even to tidy up.
    """

    def __init__(self, folder: Path | None, *, readonly: bool = False) -> None:
        self.folder = folder
        self.damaged: dict[str, str] = {}
        self._readonly = readonly
        self._lock = threading.RLock()
        self._shards: dict[str, Shard | MemoryShard] = {}
        self._where: dict[bytes, tuple[str, int]] = {}
        self._scan()
        if folder is not None and not readonly:
            self._tidy()

    # -- reading -----------------------------------------------------------------

    def missing(self, keys: Sequence[bytes]) -> list[int]:
        """Return the positions of keys without a vector, after a look for new shards."""
        with self._lock:
            if any(key not in self._where for key in keys):
                self._scan()
            return [i for i, key in enumerate(keys) if key not in self._where]

    def read(self, keys: Sequence[bytes], out: NDArray[np.float32]) -> list[int]:
        """Copy known vectors into the rows of `out`; return positions still missing.

        A shard found damaged or gone here is dropped, and its keys looked for elsewhere.
        """
        missing: list[int] = []
        todo = list(range(len(keys)))
        with self._lock:
            while todo:  # each round but the last drops at least one shard
                absent = {todo[i] for i in self.missing([keys[i] for i in todo])}
                missing.extend(absent)
                todo = self._copy_known([i for i in todo if i not in absent], keys, out)
        return sorted(missing)

    def _copy_known(
        self, positions: list[int], keys: Sequence[bytes], out: NDArray[np.float32]
    ) -> list[int]:
        """Copy shard by shard; return the positions whose shard had to be dropped."""
        by_shard: dict[str, list[int]] = {}
        for i in positions:
            by_shard.setdefault(self._where[keys[i]][0], []).append(i)
        return [
            i
            for name, mine in by_shard.items()
            if not self._copy(name, mine, keys, out)
            for i in mine
        ]

    def _copy(
        self, name: str, positions: list[int], keys: Sequence[bytes], out: NDArray[np.float32]
    ) -> bool:
        rows = [self._where[keys[i]][1] for i in positions]
        try:
            out[positions] = self._shards[name].vectors[rows]
        except (OSError, ValueError) as error:
            self._drop(name, str(error))
            return False
        return True

    def _scan(self) -> None:
        """Take in shards that have appeared, and forget those that are gone."""
        if self.folder is None:
            return
        try:
            names = sorted(p.name for p in self.folder.iterdir() if p.suffix == SUFFIX)
        except OSError:
            return
        for name in names:
            if name not in self._shards and name not in self.damaged:
                self._take_in(name)

    def _take_in(self, name: str) -> None:
        assert self.folder is not None  # noqa: S101 - only called for shelves on disk
        try:
            self._add(name, Shard(self.folder / name))
        except FileNotFoundError:
            return  # merged away by another process between listing and opening
        except OSError as error:
            self.damaged[name] = str(error)

    def _add(self, name: str, shard: Shard | MemoryShard) -> None:
        self._shards[name] = shard
        self._where.update((key, (name, row)) for row, key in enumerate(shard.keys))

    def _drop(self, name: str, reason: str) -> None:
        shard = self._shards.pop(name)
        if shard.path is None or shard.path.exists():
            self.damaged[name] = reason
        self._where = {key: at for key, at in self._where.items() if at[0] != name}

    # -- writing -----------------------------------------------------------------

    def add(self, keys: list[bytes], vectors: NDArray[np.float32]) -> OSError | None:
        """Keep vectors; return the error when they could be kept in memory only."""
        if not keys:
            return None
        with self._lock:
            if self.folder is None or self._readonly:
                self._remember(keys, vectors)
                return None
            try:
                path = write_shard(self.folder, keys, vectors)
                self._add(path.name, Shard(path))
            except OSError as error:
                self._remember(keys, vectors)
                return error
            return None

    def _remember(self, keys: list[bytes], vectors: NDArray[np.float32]) -> None:
        self._add(f"memory-{len(self._shards)}", MemoryShard(keys, vectors.copy()))

    # -- tidying -----------------------------------------------------------------

    def _tidy(self) -> None:
        """Remove what killed writers left, and merge many small shards into one."""
        assert self.folder is not None  # noqa: S101 - only called for shelves on disk
        try:
            for path in self.folder.glob(".*.partial"):
                if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                    path.unlink(missing_ok=True)
            self._merge()
        except (OSError, DamagedShardError):
            return  # tidiness is never worth a failed audit

    def _merge(self) -> None:
        small = [s for s in self._shards.values() if s.path and s.rows < _SMALL_ROWS]
        if len(small) <= _MANY or len({s.dim for s in small}) > 1 or self.folder is None:
            return
        # The new shard is on disk before an old one goes, so a reader always finds each
        # key somewhere; two processes merging at once only leave duplicates.
        rows = {key: s.vectors[i] for s in small for i, key in enumerate(s.keys)}
        path = write_shard(self.folder, list(rows), np.stack(list(rows.values())))
        self._add(path.name, Shard(path))
        for shard in small:
            if shard.path is not None:
                self._shards.pop(shard.path.name)
                shard.path.unlink(missing_ok=True)
