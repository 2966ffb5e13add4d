"""The drawn room: a wall, what hangs or stands at it, and a floor of boards."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import ImageDraw

from vlmdiag_widgets.datasets.worlds._paint import (
    HEIGHT,
    WIDTH,
    Drawer,
    Floats,
    below,
    blank,
    blend,
    enlarged,
    ink,
    noise,
    reduced,
    rgb,
    shade,
    shuffled,
    tinted,
    vary,
    vertical,
)

#: Shapes are drawn at twice the size of the canvas.
_WIDE, _HIGH = 2 * WIDTH, 2 * HEIGHT

_WALLS = (
    "#9db39a",
    "#a9c0d6",
    "#ead8b6",
    "#d39b7e",
    "#d9b868",
    "#b79fbd",
    "#c6c6c3",
    "#5f9094",
    "#e4bfb6",
    "#7f93b2",
    "#efe9df",
)
_FLOORS = ("#a9764a", "#8a5d3b", "#c79d6d", "#b0a79c", "#6f5040")
_BOOKS = ("#b5443a", "#2f6d8c", "#d9a441", "#4d7d55", "#6b4f82", "#e5dcc6", "#30405c", "#c97b4a")
_PAINTINGS = ("#7fb0d0", "#e0a458", "#8fb07a", "#c96f5e", "#e8d9bd", "#56789a")


def room(rng: np.random.Generator) -> Floats:
    """A wall with a window, pictures, shelves, and a floor of boards."""
    floor = rng.uniform(0.70, 0.77)
    colour = vary(rng, rgb(_WALLS[rng.integers(len(_WALLS))]), 6)
    canvas = _wall(rng, colour, floor)
    canvas = blend(canvas, _boards(rng, floor), below(floor * HEIGHT))
    picture = enlarged(canvas)
    drawer = ImageDraw.Draw(picture)
    foot = floor * _HIGH
    drawer.rectangle((0, foot - 16, _WIDE, foot), fill=tinted(colour, 1.16))
    drawer.line((0, foot - 17, _WIDE, foot - 17), fill=tinted(colour, 0.86), width=2)
    drawer.rectangle((0, foot, _WIDE, foot + 3), fill=(104, 80, 64))
    if rng.random() < 0.4:
        _rug(rng, drawer, foot)
    for slot, furnish in enumerate(_furnishing(rng)):
        furnish(rng, drawer, (slot + 0.5) * _WIDE / 3 + rng.uniform(-16, 16), foot)
    return _lit(rng, reduced(picture))


def _furnishing(rng: np.random.Generator) -> list[Callable[..., None]]:
    """Return what hangs or stands in the left, middle and right third of the wall."""
    kinds = [_window, _paintings, _shelves, _bookcase, _lamp, _plant]
    return [kinds[k] for k in rng.permutation(len(kinds))[:3]]


def _wall(rng: np.random.Generator, colour: Floats, floor: float) -> Floats:
    """Return a plain, striped, dotted or panelled wall."""
    canvas = vertical(colour * 1.05, colour * 0.93, floor)
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    kind = rng.integers(4)
    if kind == 1:
        stripes = np.sin(columns * 2 * np.pi / rng.uniform(14, 34)) > 0
        canvas = shade(canvas, 0.06 * stripes.astype(np.float32))
    elif kind == 2:
        step = rng.uniform(14, 22)
        across = (columns + step / 2 * (np.floor(rows / step) % 2)) % step - step / 2
        dots = np.hypot(across, rows % step - step / 2) < step / 7
        canvas = shade(canvas, 0.13 * dots.astype(np.float32))
    elif kind == 3:
        panel = below((floor - rng.uniform(0.2, 0.3)) * HEIGHT)
        white = shade(blank(rgb("#f1ece2")), -0.06 * (columns % 26 < 1.5).astype(np.float32))
        canvas = blend(canvas, white, panel)
    return shade(canvas, 0.025 * noise(rng, 4, 4, 3))


def _boards(rng: np.random.Generator, floor: float) -> Floats:
    """Return floor boards that run towards a vanishing point on the wall."""
    rows = np.arange(HEIGHT, dtype=np.float32)[:, None] / HEIGHT
    columns = np.arange(WIDTH, dtype=np.float32)[None, :] / WIDTH
    near = np.maximum(rows - 0.42, 0.05)
    board = np.floor((columns - 0.5) / near * rng.uniform(4, 7))
    along = np.floor(1.6 / near + 0.37 * board)
    tone = shuffled(along, board)
    wood = vary(rng, rgb(_FLOORS[rng.integers(len(_FLOORS))]), 6)
    grain = 0.05 * noise(rng, 60, 10, 2)
    return shade(blank(wood), 0.16 * tone + grain + 0.5 * (rows - floor))


def _rug(rng: np.random.Generator, drawer: Drawer, foot: float) -> None:
    colour = vary(rng, rgb(_BOOKS[rng.integers(len(_BOOKS))]), 8)
    x, wide = rng.uniform(0.3, 0.7) * _WIDE, rng.uniform(170, 280)
    for inset, tone in ((0, 1.0), (14, 1.25), (24, 0.9)):
        box = (
            x - wide + inset * 2,
            foot + 26 + inset / 2,
            x + wide - inset * 2,
            foot + 112 - inset,
        )
        drawer.ellipse(box, fill=tinted(colour, tone))


def _window(rng: np.random.Generator, drawer: Drawer, x: float, foot: float) -> None:
    """Draw a window with sky, a green line of trees and curtains."""
    half, top, sill = rng.uniform(62, 84), rng.uniform(36, 70), foot - rng.uniform(120, 165)
    drawer.rectangle((x - half - 9, top - 9, x + half + 9, sill + 9), fill=(246, 243, 236))
    view = vary(rng, rgb(("#a8d3f2", "#cfe3ee", "#f6d2a8")[rng.integers(3)]), 5)
    for row in range(int(top), int(sill), 4):
        lighter = 1 + 0.12 * (row - top) / (sill - top)
        drawer.rectangle((x - half, row, x + half, min(row + 4, sill)), fill=tinted(view, lighter))
    hill = vary(rng, rgb("#7fa56a"), 8)
    drawer.rectangle((x - half, sill - 34, x + half, sill), fill=ink(hill))
    for bush in rng.uniform(x - half + 16, x + half - 16, 5):
        drawer.ellipse((bush - 16, sill - 48, bush + 16, sill - 14), fill=ink(hill))
    drawer.rectangle((x - 3, top, x + 3, sill), fill=(246, 243, 236))
    middle = (top + sill) / 2
    drawer.rectangle((x - half, middle - 3, x + half, middle + 3), fill=(246, 243, 236))
    drawer.rectangle((x - half - 16, sill + 8, x + half + 16, sill + 18), fill=(232, 227, 216))
    if rng.random() < 0.65:
        _curtains(rng, drawer, (x - half, top, x + half, sill))


def _curtains(
    rng: np.random.Generator, drawer: Drawer, box: tuple[float, float, float, float]
) -> None:
    left, top, right, sill = box
    cloth = vary(rng, rgb(_BOOKS[rng.integers(len(_BOOKS))]), 8)
    for start in (left - 26, right - 20):
        for fold in range(5):
            x = start + fold * 9.2
            tone = tinted(cloth, 1.15 - 0.13 * (fold % 2) - 0.03 * fold)
            drawer.rectangle((x, top - 14, x + 9.2, sill + 34), fill=tone)
    drawer.rectangle((left - 36, top - 22, right + 36, top - 14), fill=(94, 70, 50))


def _paintings(rng: np.random.Generator, drawer: Drawer, x: float, foot: float) -> None:
    """Hang one large or several small framed pictures."""
    small = rng.random() < 0.5
    spots = ((-44, 96), (44, 110), (-40, 210), (46, 226)) if small else ((0, 150),)
    for aside, row in spots:
        half = rng.uniform(26, 36) if small else rng.uniform(62, 84)
        high = half * rng.uniform(0.8, 1.25)
        middle = min(row, foot - high - 90)
        _painting(rng, drawer, (x + aside - half, middle - high, x + aside + half, middle + high))


def _painting(
    rng: np.random.Generator, drawer: Drawer, box: tuple[float, float, float, float]
) -> None:
    x0, y0, x1, y1 = box
    frame = rgb(("#4a3628", "#c9a04c", "#2f2f33", "#f3efe6")[rng.integers(4)])
    drawer.rectangle((x0 + 4, y0 + 5, x1 + 5, y1 + 6), fill=(96, 84, 76))
    drawer.rectangle(box, fill=ink(frame))
    drawer.rectangle((x0 + 5, y0 + 5, x1 - 5, y1 - 5), fill=(245, 241, 232))
    back, front, sun = (rgb(_PAINTINGS[k]) for k in rng.permutation(len(_PAINTINGS))[:3])
    inner = (x0 + 12, y0 + 12, x1 - 12, y1 - 12)
    drawer.rectangle(inner, fill=ink(back))
    level = inner[1] + (inner[3] - inner[1]) * rng.uniform(0.5, 0.75)
    size, centre = (x1 - x0) * 0.1, rng.uniform(inner[0] + 12, inner[2] - 12)
    disc = (centre - size, level - 2.5 * size, centre + size, level - size / 2)
    drawer.ellipse(disc, fill=ink(sun))
    drawer.rectangle((inner[0], level, inner[2], inner[3]), fill=ink(front))


def _books(
    rng: np.random.Generator, drawer: Drawer, span: tuple[float, float], foot: float, high: float
) -> None:
    """Stand books side by side on a board, with a gap here and there."""
    x = span[0]
    while x < span[1] - 8:
        wide, tall = rng.uniform(7, 15), high * rng.uniform(0.62, 0.95)
        if rng.random() < 0.86:
            colour = vary(rng, rgb(_BOOKS[rng.integers(len(_BOOKS))]), 10)
            edge = min(x + wide, span[1])
            drawer.rectangle((x, foot - tall, edge, foot), fill=ink(colour))
            drawer.line((x, foot - tall, x, foot), fill=tinted(colour, 0.7), width=2)
        x += wide


def _shelves(rng: np.random.Generator, drawer: Drawer, x: float, foot: float) -> None:
    """Hang two or three boards with books."""
    half, wood = rng.uniform(78, 104), vary(rng, rgb("#7a5234"), 10)
    for row in np.linspace(112, foot - 130, int(rng.integers(2, 4))):
        _books(rng, drawer, (x - half + 10, x + half * rng.uniform(0.4, 0.95)), row, 58)
        drawer.rectangle((x - half, row, x + half, row + 9), fill=ink(wood))
        drawer.rectangle((x - half, row + 9, x + half, row + 13), fill=tinted(wood, 0.65))


def _bookcase(rng: np.random.Generator, drawer: Drawer, x: float, foot: float) -> None:
    """Stand a tall case of books on the floor."""
    half, top = rng.uniform(74, 98), rng.uniform(24, 110)
    wood = vary(rng, rgb(("#7a5234", "#e9e2d4", "#4a3a32")[rng.integers(3)]), 8)
    drawer.rectangle((x - half, top, x + half, foot + 8), fill=ink(wood))
    rows = int((foot - top) // 66)
    high = (foot - top - 10) / rows
    for row in range(rows):
        y = top + 8 + row * high
        drawer.rectangle((x - half + 8, y, x + half - 8, y + high - 9), fill=tinted(wood, 0.55))
        _books(rng, drawer, (x - half + 10, x + half - 10), y + high - 9, high - 12)


def _lamp(rng: np.random.Generator, drawer: Drawer, x: float, foot: float) -> None:
    """Stand a lamp on the floor beside a low cabinet with a picture above."""
    _painting(rng, drawer, (x - 20, 90, x + 70, 90 + rng.uniform(80, 120)))
    wood = vary(rng, rgb("#8a6040"), 10)
    drawer.rectangle((x - 30, foot - 96, x + 100, foot + 4), fill=ink(wood))
    drawer.rectangle((x - 34, foot - 102, x + 104, foot - 94), fill=tinted(wood, 1.2))
    for left in (x - 22, x + 38):
        drawer.rectangle((left, foot - 84, left + 54, foot - 8), fill=tinted(wood, 0.85))
    drawer.line((x - 66, 150, x - 66, foot + 8), fill=(60, 54, 50), width=5)
    drawer.ellipse((x - 92, foot, x - 40, foot + 14), fill=(60, 54, 50))
    shade_colour = vary(rng, rgb("#fbe7b4"), 6)
    drawer.polygon(
        [(x - 88, 100), (x - 44, 100), (x - 28, 168), (x - 104, 168)], fill=ink(shade_colour)
    )


def _plant(rng: np.random.Generator, drawer: Drawer, x: float, foot: float) -> None:
    """Stand a large plant in a pot before the wall."""
    crown = foot - 78
    for angle in rng.permutation(np.linspace(-1.25, 1.25, 13)):
        size = rng.uniform(110, 220) * (1 - 0.25 * abs(angle))
        tip = (x + size * np.sin(angle), crown - size * np.cos(angle))
        bend = np.array([np.cos(angle), np.sin(angle)]) * size * 0.13
        middle = np.array([(x + tip[0]) / 2, (crown + tip[1]) / 2 - 0.05 * size])
        green = ink(vary(rng, rgb("#4f8a4a"), 16))
        drawer.polygon([(x, crown), tuple(middle - bend), tip, tuple(middle + bend)], fill=green)
    pot = vary(rng, rgb(("#c46f4a", "#e6e0d4", "#4d6478")[rng.integers(3)]), 8)
    corners = [(x - 44, crown), (x + 44, crown), (x + 32, foot + 12), (x - 32, foot + 12)]
    drawer.polygon(corners, fill=ink(pot))
    drawer.rectangle((x - 48, crown - 4, x + 48, crown + 10), fill=tinted(pot, 0.85))


def _lit(rng: np.random.Generator, canvas: Floats) -> Floats:
    """Let the light fall from one side, and darken the corners a little."""
    columns = np.linspace(-1, 1, WIDTH, dtype=np.float32)[None, :]
    rows = np.linspace(-1, 1, HEIGHT, dtype=np.float32)[:, None]
    return shade(canvas, rng.uniform(-0.1, 0.1) * columns - 0.07 * (columns**2 + rows**2) + 0.04)
