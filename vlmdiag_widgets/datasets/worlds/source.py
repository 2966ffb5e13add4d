"""Scenes as an image source: pictures are drawn when they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from PIL import Image


class Scene(Protocol):
    """A description of a picture that can draw it at any size."""

    def draw(self, size: int) -> Image.Image:
        """Return the picture (RGB, `size` pixels a side)."""

    def key(self, size: int) -> bytes:
        """Return a 16-byte digest of everything the pixels depend on."""

    def box(self) -> tuple[float, float, float, float]:
        """Return (x0, y0, x1, y1) of the main thing, as shares of the side."""


class SceneSource:
    """Pictures by row number, drawn from their descriptions.

    Parameters
    ----------
    scenes : sequence of Scene
    size : int
        Side in pixels when none is asked for.
    """

    def __init__(self, scenes: Sequence[Scene], size: int) -> None:
        self._scenes = scenes
        self._size = size

    def __len__(self) -> int:
        return len(self._scenes)

    def open(self, row: int, size: int | None = None) -> Image.Image:
        """Draw picture `row` (RGB, square)."""
        return self._scenes[row].draw(size or self._size)

    def key(self, row: int, size: int | None = None) -> bytes:
        """Return 16 bytes that differ whenever the pixels of picture `row` differ."""
        return self._scenes[row].key(size or self._size)
