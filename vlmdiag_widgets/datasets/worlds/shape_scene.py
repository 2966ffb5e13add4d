"""One coloured shape on a dark ground, after dSpritesV (Zhang et al. 2023, DrML, appendix B.1)."""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

if TYPE_CHECKING:
    from numpy.typing import NDArray

RENDERER = "shape-scene-1"

#: The attributes of the data set, in the paper's words.
SHAPES = ("triangle", "square")
COLORS = ("red", "pink", "orange", "green", "cyan", "blue")
SIZES = ("small", "medium", "large")
POSITIONS = ("upper left", "upper right", "lower left", "lower right")

#: Shapes and colours that only the encoder's training scenes show.
OTHER_SHAPES = ("circle", "star", "heart", "cross")
OTHER_COLORS = ("yellow", "purple", "white")

_INK = {
    "red": (226, 44, 44),
    "pink": (255, 130, 190),
    "orange": (255, 145, 30),
    "green": (52, 178, 72),
    "cyan": (60, 214, 226),
    "blue": (52, 92, 232),
    "yellow": (248, 222, 60),
    "purple": (150, 70, 205),
    "white": (240, 240, 240),
}
#: Width of a shape as a share of the picture; at 0.8 to 1.2 times, no two sizes meet.
_WIDTH = {"small": 0.15, "medium": 0.235, "large": 0.37}
_CENTRE = {"upper": 0.285, "lower": 0.715, "left": 0.285, "right": 0.715}


@dataclass(frozen=True)
class ShapeScene:
    """Everything the pixels of one picture depend on. Lengths are shares of the side."""

    shape: str
    color: str
    size: str
    position: str
    scale: float
    x: float
    y: float
    angle: float
    ground: tuple[int, int, int]

    def box(self) -> tuple[float, float, float, float]:
        """Return (x0, y0, x1, y1) of the shape, as shares of the side."""
        corners = self._outline()
        low, high = corners.min(axis=0), corners.max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    def key(self, size: int) -> bytes:
        """Return a 16-byte digest of everything the pixels depend on."""
        text = repr((RENDERER, astuple(self), size))
        return hashlib.blake2b(text.encode(), digest_size=16).digest()

    def draw(self, size: int) -> Image.Image:
        """Return the picture (RGB, `size` pixels a side): a lit shape with a soft shadow."""
        fine = 4 * size
        stencil = Image.new("L", (fine, fine), 0)
        corners = self._outline() * fine
        ImageDraw.Draw(stencil).polygon([(x, y) for x, y in corners.tolist()], fill=255)
        small = stencil.reduce(4)
        mask = np.asarray(small, dtype=np.float32)[..., None] / 255
        blurred = small.filter(ImageFilter.GaussianBlur(size * 0.02))
        shadow = np.roll(np.asarray(blurred, dtype=np.float32), (round(size * 0.022),) * 2, (0, 1))
        ground = _vignette(size) * np.array(self.ground, dtype=np.float32)
        canvas = ground * (1 - 0.55 * shadow[..., None] / 255)
        canvas = canvas + (self._fill(size) - canvas) * mask
        return Image.fromarray(np.clip(canvas, 0, 255).astype(np.uint8))

    def _outline(self) -> NDArray[np.float64]:
        turn = np.deg2rad(self.angle)
        rotate = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        half = _WIDTH[self.size] * self.scale / 2
        centre = np.array([self.x, self.y])
        return np.asarray(_unit_outline(self.shape) @ rotate * half + centre, dtype=np.float64)

    def _fill(self, size: int) -> NDArray[np.floating[Any]]:
        """Return the ink, lighter towards the upper left of the shape."""
        axis = np.arange(size, dtype=np.float32) / size
        half = _WIDTH[self.size] * self.scale / 2
        down = ((axis - self.y) / half)[:, None] + 0.5 * ((axis - self.x) / half)[None, :]
        light = np.clip(1.0 - 0.13 * down, 0.75, 1.2)
        return light[..., None] * np.array(_INK[self.color], dtype=np.float32)


def sample_shape_scene(
    rng: np.random.Generator, shape: str, color: str, size: str, position: str
) -> ShapeScene:
    """Return a scene whose free choices (scale, exact place, angle) come from `rng`."""
    row, column = position.split()
    tone = rng.uniform(0.8, 1.2)
    ground = [round(float(v)) for v in np.array([46, 50, 64]) * tone + rng.normal(0, 3, 3)]
    return ShapeScene(
        shape=shape,
        color=color,
        size=size,
        position=position,
        scale=round(float(rng.uniform(0.8, 1.2)), 4),
        x=round(float(_CENTRE[column] + rng.uniform(-0.045, 0.045)), 4),
        y=round(float(_CENTRE[row] + rng.uniform(-0.045, 0.045)), 4),
        angle=round(float(rng.uniform(-12, 12)), 2),
        ground=(ground[0], ground[1], ground[2]),
    )


@lru_cache(maxsize=8)
def _unit_outline(shape: str) -> NDArray[np.float64]:
    """Return corners (n, 2) within -1..1, y downwards."""
    if shape == "triangle":
        return np.array([[0.0, -1.0], [1.05, 0.85], [-1.05, 0.85]])
    if shape == "square":
        return np.array([[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]])
    if shape == "cross":
        a, b = 0.34, 1.0
        arm = [[-a, -b], [a, -b], [a, -a], [b, -a], [b, a], [a, a], [a, b], [-a, b], [-a, a]]
        return np.array([*arm, [-b, a], [-b, -a], [-a, -a]])
    turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    if shape == "circle":
        return np.stack([np.sin(turn), -np.cos(turn)], axis=1)
    if shape == "heart":
        x = np.sin(turn) ** 3
        y = (
            -(13 * np.cos(turn) - 5 * np.cos(2 * turn) - 2 * np.cos(3 * turn) - np.cos(4 * turn))
            / 15
        )
        return np.stack([x, y], axis=1)
    points = np.linspace(0, 2 * np.pi, 10, endpoint=False)
    radius = np.where(np.arange(10) % 2 == 0, 1.1, 0.46)
    return np.stack([np.sin(points) * radius, -np.cos(points) * radius], axis=1)


@lru_cache(maxsize=8)
def _vignette(size: int) -> NDArray[np.floating[Any]]:
    axis = (np.arange(size, dtype=np.float32) + 0.5) / size - 0.5
    distance = np.sqrt(axis[None, :] ** 2 + axis[:, None] ** 2)
    return np.clip(1.12 - 1.05 * distance**1.4, 0.2, 1.2)[..., None]
