"""Brushes for the drawn places: smooth noise, gradients, ridges, perspective texture, grading.

A canvas is a float32 array (height, width, 3) with values in 0..255.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Floats = NDArray[np.floating[Any]]
Ink = tuple[int, int, int]
Drawer = ImageDraw.ImageDraw

#: Size of a drawn place. A picture is a square window of it, so there is room to move.
WIDTH, HEIGHT = 384, 288

_ROWS = np.arange(HEIGHT, dtype=np.float32)[:, None]
_COLUMNS = np.arange(WIDTH, dtype=np.float32)[None, :]


def rgb(code: str) -> Floats:
    """Return the colour written as ``"#rrggbb"`` as three floats in 0..255."""
    return np.array([int(code[k : k + 2], 16) for k in (1, 3, 5)], dtype=np.float32)


def vary(rng: np.random.Generator, colour: Floats, amount: float = 10.0) -> Floats:
    """Return the colour, a little lighter or darker and a little tinted."""
    shift = rng.normal(0, amount, 1) + rng.normal(0, amount / 2.5, 3)
    return np.clip(colour + shift, 0, 255).astype(np.float32)


def blank(colour: Floats) -> Floats:
    """Return a canvas of one colour."""
    return np.broadcast_to(colour, (HEIGHT, WIDTH, 3)).astype(np.float32)


def vertical(top: Floats, bottom: Floats, until: float = 1.0) -> Floats:
    """Return a canvas that goes from `top` to `bottom` at the share `until` of the height."""
    share = np.clip(_ROWS / (HEIGHT * until), 0, 1)[..., None]
    rows = top + (bottom - top) * share
    return np.broadcast_to(rows, (HEIGHT, WIDTH, 3)).astype(np.float32)


def _lattice(rng: np.random.Generator, rows: int, columns: int, size: tuple[int, int]) -> Floats:
    lattice = rng.random((max(rows, 2), max(columns, 2)), dtype=np.float32)
    smooth = Image.fromarray(lattice).resize(size, Image.Resampling.BICUBIC)
    return np.asarray(smooth, dtype=np.float32) - 0.5


def noise(rng: np.random.Generator, across: float, down: float, octaves: int = 3) -> Floats:
    """Return smooth noise (height, width) in about -1..1 with so many bumps across and down."""
    total = np.zeros((HEIGHT, WIDTH), dtype=np.float32)
    for octave in range(octaves):
        factor = 2**octave
        rows, columns = int(down * factor), int(across * factor)
        total += _lattice(rng, rows, columns, (WIDTH, HEIGHT)) / factor
    return total


def ridge(
    rng: np.random.Generator, level: float, height: float, bumps: float, octaves: int = 4
) -> Floats:
    """Return the row (width,) of a skyline about the share `level` of the canvas height."""
    total = np.zeros(WIDTH, dtype=np.float32)
    for octave in range(octaves):
        lattice = _lattice(rng, 2, int(bumps * 2**octave), (WIDTH, 2))[0]
        total += lattice / 1.9**octave
    line: Floats = (level + height * total) * HEIGHT
    return line


def below(line: Floats | float, softness: float = 1.0) -> Floats:
    """Return a mask (height, width) that is 1 below the skyline and 0 above it."""
    skyline = np.broadcast_to(np.asarray(line, dtype=np.float32), (WIDTH,))
    mask: Floats = np.clip((_ROWS - skyline[None, :]) / softness + 0.5, 0, 1)
    return mask


def depth_below(line: Floats | float) -> Floats:
    """Return how far below the skyline a pixel is, as a share of the canvas height."""
    skyline = np.broadcast_to(np.asarray(line, dtype=np.float32), (WIDTH,))
    return np.clip((_ROWS - skyline[None, :]) / HEIGHT, 0, 1)


def blend(under: Floats, over: Floats, mask: Floats | float) -> Floats:
    """Lay `over` (a canvas or a colour) on `under` where the mask is 1."""
    weight = np.asarray(mask, dtype=np.float32)
    weight = weight[..., None] if weight.ndim == 2 else weight
    return under + (over - under) * weight


def shade(canvas: Floats, amount: Floats) -> Floats:
    """Return the canvas made lighter where `amount` (height, width) is above 0, darker below."""
    return canvas * (1 + amount[..., None])


def perspective(rng: np.random.Generator, horizon: float, across: float, down: float) -> Floats:
    """Return noise (height, width) in about -1..1 that lies on the ground plane.

    It is 0 above the row share `horizon` and grows finer and fainter towards it.
    """
    texture = np.asarray(_lattice(rng, 96, 96, (384, 384)), dtype=np.float32)
    near = np.clip((_ROWS / HEIGHT - horizon) / (1 - horizon), 0, 1)
    distance = 1 / (near + 0.06)
    columns = (_COLUMNS - WIDTH / 2) * distance * across + rng.integers(384)
    rows = distance * down * 40 + rng.integers(384) + 0 * _COLUMNS
    picked = texture[rows.astype(np.int64) % 384, columns.astype(np.int64) % 384]
    return 2 * picked * np.clip(near * 3, 0, 1)


def sky(
    rng: np.random.Generator, top: Floats, low: Floats, horizon: float, clouds: float
) -> Floats:
    """Return a graded sky with soft clouds, brighter at one side where the sun stands."""
    canvas = vertical(vary(rng, top, 9), vary(rng, low, 6), horizon)
    glow = np.exp(
        -(((_COLUMNS - rng.uniform(0, WIDTH)) / 150) ** 2) - ((_ROWS / HEIGHT - horizon) / 0.3) ** 2
    )
    canvas = blend(canvas, rgb("#fff4d8"), 0.35 * glow)
    if clouds > 0:
        field = noise(rng, 3, 7, 4) + noise(rng, 2, 2, 1) * 0.5
        mask = np.clip((field - 0.25 + 0.35 * clouds) * 2.2, 0, 0.85)
        fade = np.clip(1.15 - _ROWS / (HEIGHT * horizon), 0, 1)
        canvas = blend(canvas, rgb("#ffffff"), mask * fade)
    return canvas


def water(
    rng: np.random.Generator,
    horizon: float,
    far: Floats,
    near: Floats,
    *,
    waves: float,
    mirror: Floats | None = None,
) -> Floats:
    """Return a canvas of water below the horizon: graded, rippled, with glints of light."""
    share = np.clip((_ROWS / HEIGHT - horizon) / (1 - horizon), 0, 1) ** 0.7
    canvas: Floats = blank(far) + (near - far) * share[..., None]
    if mirror is not None:
        row = int(horizon * HEIGHT)
        source = np.clip(2 * row - np.arange(HEIGHT), 0, row)
        canvas = blend(
            canvas, mirror[source], 0.55 * (1 - 0.6 * share) * np.ones((HEIGHT, WIDTH), np.float32)
        )
    ripple = perspective(rng, horizon, 0.26, 3.4) + 0.7 * perspective(rng, horizon, 0.5, 6.0)
    canvas = shade(canvas, 0.20 * waves * ripple)
    glint = np.clip(ripple - 0.75, 0, 1) * waves
    return blend(canvas, rgb("#ffffff"), np.clip(glint * 0.9, 0, 0.8))


def blades(
    rng: np.random.Generator,
    canvas: Floats,
    count: int,
    colours: Sequence[Floats],
    base: tuple[float, float],
    *,
    length: tuple[float, float],
    width: float = 1.0,
    lean: float = 0.25,
) -> Floats:
    """Draw blades of grass or reeds that stand with their feet between two row shares.

    Blades nearer to the viewer (lower) are drawn later and longer.
    """
    picture = to_picture(canvas)
    scaled = picture.resize((2 * WIDTH, 2 * HEIGHT), Image.Resampling.BILINEAR)
    drawer = ImageDraw.Draw(scaled)
    feet = np.sort(rng.uniform(base[0], base[1], count)) * HEIGHT * 2
    for foot in feet:
        near = (foot / (2 * HEIGHT) - base[0]) / max(base[1] - base[0], 1e-6)
        size = (length[0] + (length[1] - length[0]) * near) * HEIGHT * 2 * rng.uniform(0.6, 1.2)
        x = rng.uniform(0, 2 * WIDTH)
        tip = x + size * rng.normal(0, lean)
        colour = ink(vary(rng, colours[int(rng.integers(len(colours)))], 12))
        thick = width * (0.6 + near) * 2
        middle = ((x + tip) / 2 - (tip - x) * 0.18, foot - size * 0.55)
        left, right = (x - thick / 2, foot), (x + thick / 2, foot)
        drawer.polygon(
            [
                left,
                (middle[0] - thick / 3, middle[1]),
                (tip, foot - size),
                (middle[0] + thick / 3, middle[1]),
                right,
            ],
            fill=colour,
        )
    return from_picture(scaled.resize((WIDTH, HEIGHT), Image.Resampling.BOX))


def enlarged(canvas: Floats) -> Image.Image:
    """Return the canvas as a picture of twice the size, to draw smooth shapes on."""
    return to_picture(canvas).resize((2 * WIDTH, 2 * HEIGHT), Image.Resampling.BILINEAR)


def reduced(picture: Image.Image) -> Floats:
    """Return the canvas of a picture made by `enlarged`."""
    return from_picture(picture.reduce(2))


def to_picture(canvas: Floats) -> Image.Image:
    """Return the canvas as an 8-bit RGB picture."""
    return Image.fromarray(np.clip(canvas, 0, 255).astype(np.uint8))


def from_picture(picture: Image.Image) -> Floats:
    """Return an RGB picture as a canvas."""
    return np.asarray(picture.convert("RGB"), dtype=np.float32)


def ink(colour: Floats) -> Ink:
    """Return the colour as the whole numbers that a drawer takes."""
    red, green, blue = (int(value) for value in np.clip(colour, 0, 255))
    return red, green, blue


def tinted(colour: Floats, amount: float) -> Ink:
    """Return the colour times `amount`, as a drawer takes it."""
    return ink(colour * amount)


def shuffled(rows: Floats, columns: Floats) -> Floats:
    """Return a tone in -0.5..0.5 for each cell of a grid, as if at random."""
    wave = np.sin(np.floor(rows) * 12.9898 + np.floor(columns) * 78.233) * 43758.5453
    tone: Floats = (wave - np.floor(wave)).astype(np.float32) - 0.5
    return tone
