"""Shard files: some keys with their vectors, written once, whole or not at all.

Layout, little-endian: an 8-byte magic, the header's length as uint32, a JSON header
(n, d, digests), padding to 64 bytes, n keys of 16 bytes, padding to 64 bytes, n × d
float32. The header carries a digest of the keys, checked when the shard is listed, and
one of the vectors, checked when the first of them is read.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vlmdiag_widgets.datasets.source import KEY_BYTES

if TYPE_CHECKING:
    from numpy.typing import NDArray

SUFFIX = ".shard"
_MAGIC = b"VLMEMB01"
_ALIGN = 64
_LARGEST_HEADER = 65536


class DamagedShardError(OSError):
    """A shard file is cut short, altered, or no shard."""


class Shard:
    """One shard on disk, its vectors memory-mapped when first needed.

    Raises
    ------
    DamagedShardError
        The file is no whole shard.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        header, end = _read_header(path)
        self.rows, self.dim = int(header["n"]), int(header["d"])
        self._digest = str(header["vectors"])
        self._start = _aligned(end + self.rows * KEY_BYTES)
        if path.stat().st_size != self._start + self.rows * self.dim * 4:
            raise DamagedShardError("The file is cut short.")
        self.keys = _read_keys(path, end, self.rows, str(header["keys"]))
        self._vectors: NDArray[np.float32] | None = None

    @property
    def vectors(self) -> NDArray[np.float32]:
        """The vectors (n, d), read-only; checked against their digest the first time."""
        if self._vectors is None:
            shape = (self.rows, self.dim)
            mapped = np.memmap(self.path, np.dtype("<f4"), "r", self._start, shape)
            if _digest(mapped) != self._digest:
                raise DamagedShardError("The vectors do not match their digest.")
            self._vectors = mapped
        return self._vectors


class MemoryShard:
    """A shard that could not, or should not, be written."""

    path = None

    def __init__(self, keys: list[bytes], vectors: NDArray[np.float32]) -> None:
        self.keys = keys
        self.vectors = vectors
        self.rows, self.dim = vectors.shape


def write_shard(folder: Path, keys: list[bytes], vectors: NDArray[np.float32]) -> Path:
    """Write a shard so that other processes see all of it or nothing.

    Returns
    -------
    Path
        The new file.

    Raises
    ------
    OSError
        The folder cannot be written, or the disk is full; nothing is left behind.
    """
    data = np.ascontiguousarray(vectors, dtype="<f4")
    packed = b"".join(keys)
    header = _header(len(keys), data, packed)
    name = f"{time.time_ns():020d}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    partial = folder / f".{name}.partial"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            _write_all(file, [header, packed, _padding(len(header) + len(packed)), data])
        path = partial.rename(folder / f"{name}{SUFFIX}")
    except OSError:
        partial.unlink(missing_ok=True)
        raise
    _sync_folder(folder)
    return path


def _write_all(file: Any, parts: list[Any]) -> None:
    for part in parts:
        file.write(part)
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the new name itself durable, where the system lets folders be synced."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)


def _header(n: int, data: NDArray[np.float32], packed: bytes) -> bytes:
    header = {"n": n, "d": data.shape[1], "keys": _digest(packed), "vectors": _digest(data)}
    text = json.dumps(header).encode()
    head = _MAGIC + len(text).to_bytes(4, "little") + text
    return head + _padding(len(head))


def _read_header(path: Path) -> tuple[dict[str, Any], int]:
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise DamagedShardError("The file is no shard.")
        length = int.from_bytes(file.read(4), "little")
        if length > _LARGEST_HEADER:
            raise DamagedShardError("The header is damaged.")
        try:
            header = json.loads(file.read(length))
            checked = {name: header[name] for name in ("n", "d", "keys", "vectors")}
            int(checked["n"]), int(checked["d"])
        except (ValueError, KeyError, TypeError) as error:
            raise DamagedShardError("The header is damaged.") from error
    return checked, _aligned(len(_MAGIC) + 4 + length)


def _read_keys(path: Path, start: int, n: int, digest: str) -> list[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        packed = file.read(n * KEY_BYTES)
    if _digest(packed) != digest:
        raise DamagedShardError("The keys do not match their digest.")
    return [packed[i : i + KEY_BYTES] for i in range(0, len(packed), KEY_BYTES)]


def _digest(data: Any) -> str:
    view = data if isinstance(data, bytes) else np.ascontiguousarray(data).data
    return hashlib.blake2b(view, digest_size=16).hexdigest()


def _aligned(offset: int) -> int:
    return -(-offset // _ALIGN) * _ALIGN


def _padding(offset: int) -> bytes:
    return b"\0" * (_aligned(offset) - offset)
