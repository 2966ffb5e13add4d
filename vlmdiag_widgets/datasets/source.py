"""Where pixels come from: the one interface between a data set and its images."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from vlmdiag_widgets._errors import VlmdiagError

if TYPE_CHECKING:
    from PIL import Image

#: Bytes in a content key.
KEY_BYTES = 16


class BrokenImageError(VlmdiagError, OSError):
    """One image cannot be read; the data set lists it and goes on."""


@runtime_checkable
class ImageSource(Protocol):
    """Images by row number, opened only when asked for.

    `size` is a hint: the shortest side the caller will use, in pixels. A source may
    return a larger image (a photograph decoded at a coarser scale) or one rendered
    at exactly that size, but never one smaller unless the original is smaller.
    """

    def __len__(self) -> int:
        """Return the number of images."""

    def open(self, row: int, size: int | None = None) -> Image.Image:
        """Return image `row` in mode RGB; raise `BrokenImageError` when it cannot be read."""

    def key(self, row: int, size: int | None = None) -> bytes:
        """Return 16 bytes that differ whenever the content of the image differs."""


class SubsetSource:
    """Some rows of another source, in a given order."""

    def __init__(self, source: ImageSource, rows: Sequence[int]) -> None:
        self._source = source
        self._rows = [int(row) for row in rows]

    def __len__(self) -> int:
        return len(self._rows)

    def open(self, row: int, size: int | None = None) -> Image.Image:
        """Open the image behind `row`."""
        return self._source.open(self._rows[row], size)

    def key(self, row: int, size: int | None = None) -> bytes:
        """Return the content key of the image behind `row`."""
        return self._source.key(self._rows[row], size)


def content_key(*parts: bytes) -> bytes:
    """Return the 16-byte BLAKE2b digest of `parts`, each preceded by its length."""
    digest = hashlib.blake2b(digest_size=KEY_BYTES)
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.digest()
