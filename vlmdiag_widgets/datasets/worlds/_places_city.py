"""The drawn city: a street of houses with shops, seen along or from across."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from PIL import ImageDraw

from vlmdiag_widgets.datasets.worlds._paint import (
    HEIGHT,
    WIDTH,
    Drawer,
    Floats,
    Ink,
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
    sky,
    tinted,
    vary,
)

#: Shapes are drawn at twice the size of the canvas.
_WIDE, _HIGH = 2 * WIDTH, 2 * HEIGHT

_FACADES = (
    "#a85f48",
    "#c4795c",
    "#e3d0a8",
    "#cfa878",
    "#9aa3ad",
    "#8ea6ba",
    "#d8d5cc",
    "#7d6a62",
    "#c9a0a0",
    "#a7b39a",
)
_AWNINGS = ("#c0392f", "#2f7d5b", "#2d5fa3", "#e0a030", "#7a4a8c")

#: Light of the day: colour overhead, colour low, clouds, share of lit windows, tint of it all.
_HOURS = (
    ("#5d9fe0", "#e3eff8", 0.6, 0.03, (1.0, 1.0, 1.0)),
    ("#9fb4c8", "#dfe5ea", 1.0, 0.12, (0.93, 0.96, 1.0)),
    ("#8398d4", "#ffdcb4", 0.4, 0.35, (1.03, 0.94, 0.89)),
)


def city(rng: np.random.Generator) -> Floats:
    """A street: houses with rows of windows, shops, and pavement in front."""
    top, low, clouds, lit, tint = _HOURS[rng.integers(len(_HOURS))]
    foot = rng.uniform(0.56, 0.62)
    canvas = sky(rng, rgb(top), rgb(low), foot, clouds)
    paint = _avenue if rng.random() < 0.5 else _terrace
    canvas = paint(rng, canvas, foot, lit)
    return canvas * np.array(tint, dtype=np.float32)


def _skyline(rng: np.random.Generator, drawer: Drawer, foot: float, tall: float) -> None:
    """Draw far towers, pale in the haze."""
    haze = vary(rng, rgb("#a9b8c9"), 6)
    x = -rng.uniform(0, 40)
    while x < _WIDE:
        wide = rng.uniform(34, 80)
        top = foot - tall * rng.uniform(0.35, 1.0)
        drawer.rectangle((x, top, x + wide, foot), fill=tinted(haze, rng.uniform(0.92, 1.06)))
        x += wide * rng.uniform(0.8, 1.2)


def _terrace(rng: np.random.Generator, canvas: Floats, share: float, lit: float) -> Floats:
    """Houses seen from across the street: facades, the road, pavement at our feet."""
    foot = share * _HIGH
    picture = enlarged(canvas)
    drawer = ImageDraw.Draw(picture)
    _skyline(rng, drawer, foot, foot * 0.95)
    x = -rng.uniform(0, 90)
    while x < _WIDE:
        wide = rng.uniform(110, 210)
        _house(rng, drawer, (x, x + wide, foot), lit)
        x += wide
    picture = enlarged(_paved(rng, reduced(picture), share + 0.10, (0.5, rng.uniform(0.3, 0.42))))
    drawer = ImageDraw.Draw(picture)
    grey = vary(rng, rgb("#c2bdb4"), 6)
    drawer.rectangle((0, foot, _WIDE, foot + 8), fill=tinted(grey, 1.0))
    drawer.rectangle((0, foot + 9, _WIDE, foot + 0.10 * _HIGH), fill=tinted(grey, 0.45))
    for x in range(int(rng.integers(-60, 0)), _WIDE, 110):
        drawer.rectangle((x, foot + 30, x + 54, foot + 35), fill=(226, 224, 214))
    kerb = foot + 0.10 * _HIGH
    drawer.rectangle((0, kerb, _WIDE, kerb + 9), fill=tinted(grey, 1.1))
    drawer.rectangle((0, kerb - 4, _WIDE, kerb), fill=tinted(grey, 0.7))
    for x in np.arange(rng.uniform(-60, 120), _WIDE, rng.uniform(150, 260)):
        _street_tree(rng, drawer, x, kerb) if rng.random() < 0.5 else _lantern(drawer, x, kerb)
    return reduced(picture)


def _street_tree(rng: np.random.Generator, drawer: Drawer, x: float, foot: float) -> None:
    high, leaf = rng.uniform(120, 170), vary(rng, rgb("#5f8f4a"), 10)
    drawer.rectangle((x - 4, foot - high, x + 4, foot + 6), fill=(92, 70, 54))
    for tone, shift in ((0.82, 4), (1.0, -2), (1.14, -9)):
        for _ in range(6):
            middle_x, middle_y = x + shift + rng.normal(0, 17), foot - high + rng.normal(shift, 20)
            size = rng.uniform(15, 27)
            box = (middle_x - size, middle_y - size, middle_x + size, middle_y + size)
            drawer.ellipse(box, fill=tinted(leaf, tone))


def _lantern(drawer: Drawer, x: float, foot: float) -> None:
    drawer.rectangle((x - 2, foot - 130, x + 2, foot + 6), fill=(58, 62, 66))
    drawer.rectangle((x - 6, foot - 4, x + 6, foot + 8), fill=(58, 62, 66))
    drawer.polygon(
        [(x - 10, foot - 154), (x + 10, foot - 154), (x + 6, foot - 128), (x - 6, foot - 128)],
        fill=(250, 232, 178),
    )
    drawer.polygon([(x - 13, foot - 153), (x, foot - 166), (x + 13, foot - 153)], fill=(58, 62, 66))


def _house(
    rng: np.random.Generator, drawer: Drawer, place: tuple[float, float, float], lit: float
) -> None:
    """Draw one facade between two columns above the row of its foot."""
    left, right, foot = place
    wall = vary(rng, rgb(_FACADES[rng.integers(len(_FACADES))]), 7)
    top = foot * rng.uniform(0.02, 0.42)
    drawer.rectangle((left, top, right, foot), fill=tinted(wall, 1.0))
    drawer.rectangle((left, top, left + 5, foot), fill=tinted(wall, 0.82))
    drawer.rectangle((left - 3, top - 7, right + 3, top + 5), fill=tinted(wall, 0.72))
    shop = foot - rng.uniform(74, 92)
    columns = int((right - left) // rng.uniform(34, 46))
    rows = max(int((shop - top - 14) // rng.uniform(44, 58)), 1)
    step, storey = (right - left - 16) / columns, (shop - top - 14) / rows
    for row in range(rows):
        for column in range(columns):
            x, y = left + 8 + step * (column + 0.22), top + 14 + storey * (row + 0.16)
            _pane(rng, drawer, (x, y, x + step * 0.56, y + storey * 0.62), wall, lit)
    _shop(rng, drawer, (left, shop, right, foot))


def _pane(
    rng: np.random.Generator,
    drawer: Drawer,
    box: tuple[float, float, float, float],
    wall: Floats,
    lit: float,
) -> None:
    x0, y0, x1, y1 = box
    glass = (255, 222, 138) if rng.random() < lit else tinted(rgb("#5b7286"), rng.uniform(0.7, 1.2))
    drawer.rectangle((x0 - 3, y0 - 3, x1 + 3, y1 + 3), fill=tinted(wall, 1.25))
    drawer.rectangle(box, fill=glass)
    drawer.line(((x0 + x1) / 2, y0, (x0 + x1) / 2, y1), fill=tinted(wall, 1.25), width=2)
    drawer.rectangle((x0 - 5, y1 + 3, x1 + 5, y1 + 6), fill=tinted(wall, 0.7))


def _shop(rng: np.random.Generator, drawer: Drawer, box: tuple[float, float, float, float]) -> None:
    """Draw the ground floor: shop window, door and striped awning."""
    left, top, right, foot = box
    frame = vary(rng, rgb("#4c443e"), 10)
    drawer.rectangle((left + 2, top, right - 2, foot), fill=ink(frame))
    warm = vary(rng, rgb(("#f0d9a0", "#9fb6c4")[rng.integers(2)]), 8)
    middle = left + (right - left) * rng.uniform(0.55, 0.7)
    drawer.rectangle((left + 10, top + 30, middle, foot - 12), fill=ink(warm))
    drawer.rectangle((middle + 10, top + 30, right - 12, foot), fill=tinted(warm, 0.62))
    colour = rgb(_AWNINGS[rng.integers(len(_AWNINGS))])
    stripes = int((right - left) // 15)
    width = (right - left - 8) / stripes
    for stripe in range(stripes):
        x = left + 4 + stripe * width
        fill = ink(colour) if stripe % 2 else (240, 236, 226)
        drawer.polygon(
            [(x, top + 2), (x + width, top + 2), (x + width, top + 32), (x, top + 32)], fill=fill
        )


def _paved(
    rng: np.random.Generator, canvas: Floats, horizon: float, point: tuple[float, float]
) -> Floats:
    """Lay slabs below the row share `horizon`; their joints meet at the vanishing point."""
    rows = np.arange(HEIGHT, dtype=np.float32)[:, None] / HEIGHT
    columns = np.arange(WIDTH, dtype=np.float32)[None, :] / WIDTH
    near = np.maximum(rows - point[1], 0.02)
    # The viewer's height above the pavement: slabs look alike from high and from low.
    high = 1 - point[1]
    along = rng.uniform(4.5, 6.0) * high / near + rng.uniform(0, 1)
    across = (columns - point[0]) / near * rng.uniform(9, 12) * high + 0.5 * (np.floor(along) % 2)
    stone = vary(rng, rgb(("#b9b3a8", "#a8a8aa", "#c4b49c", "#b09a8c")[rng.integers(4)]), 6)
    joint = np.maximum(across % 1 < 0.05, along % 1 < 0.06)
    # Far slabs are finer than pixels: they melt into one tone.
    clear = np.clip(near / high * 2.2 - 0.15, 0, 1)
    relief = (0.13 * shuffled(along, across) - 0.10 * joint) * clear
    slabs = shade(blank(stone), relief + 0.08 * noise(rng, 6, 8, 3))
    return blend(canvas, slabs, below(horizon * HEIGHT))


def _avenue(rng: np.random.Generator, canvas: Floats, share: float, lit: float) -> Floats:
    """Look along a street between two rows of houses that meet far away."""
    point = (rng.uniform(0.35, 0.65) * _WIDE, (share - 0.05) * _HIGH)
    picture = enlarged(canvas)
    drawer = ImageDraw.Draw(picture)
    _skyline(rng, drawer, point[1] + 4, rng.uniform(90, 190))
    picture = enlarged(
        _paved(rng, reduced(picture), point[1] / _HIGH, (point[0] / _WIDE, point[1] / _HIGH))
    )
    drawer = ImageDraw.Draw(picture)
    for side in (-1, 1):
        reach = side * rng.uniform(7.0, 9.5)
        edges = np.geomspace(8, 120, int(rng.integers(6, 9)))
        for near, far in reversed(list(pairwise(edges))):
            _flank(rng, drawer, point, (reach, float(near), float(far)), lit)
    return reduced(picture)


def _flank(
    rng: np.random.Generator,
    drawer: Drawer,
    point: tuple[float, float],
    wall: tuple[float, float, float],
    lit: float,
) -> None:
    """Draw a facade seen aslant: `wall` is its distance aside and its near and far depth (m)."""
    reach, near, far = wall

    def spot(depth: float, height: float) -> tuple[float, float]:
        return point[0] + 600 * reach / depth, point[1] + 600 * (1.7 - height) / depth

    def quad(ends: tuple[float, float], heights: tuple[float, float], fill: Ink) -> None:
        (a, b), (low, high) = ends, heights
        drawer.polygon([spot(a, low), spot(b, low), spot(b, high), spot(a, high)], fill=fill)

    haze = 0.5 * min(near / 90, 1.0)
    colour = vary(rng, rgb(_FACADES[rng.integers(len(_FACADES))]), 7)
    colour = (colour + (rgb("#c3cfdb") - colour) * haze) * (0.86 if reach > 0 else 1.0)
    storeys = int(rng.integers(3, 7))
    roof = 4.2 + 3.2 * storeys
    quad((near, far), (0, roof), ink(colour))
    quad((near, far), (roof - 0.5, roof), tinted(colour, 0.75))
    quad((near, far), (0, 3.6), tinted(colour, 0.62))
    quad((near, far), (3.3, 4.0), ink(vary(rng, rgb(_AWNINGS[rng.integers(len(_AWNINGS))]), 8)))
    bays = int(np.clip((far - near) / 2.6, 2, 7))
    for bay in range(bays):
        ends = tuple(near + (far - near) * (bay + part) / bays for part in (0.25, 0.72))
        quad((ends[0], ends[1]), (0.4, 2.9), tinted(rgb("#d9c48e"), rng.uniform(0.6, 1.0)))
        for storey in range(storeys):
            base = 4.9 + 3.2 * storey
            bright = rng.random() < lit
            glass = rgb("#ffdc8c") if bright else rgb("#56697a") * rng.uniform(0.75, 1.2)
            quad((ends[0], ends[1]), (base - 0.15, base + 1.95), tinted(colour, 1.2))
            quad((ends[0], ends[1]), (base, base + 1.8), ink(glass + (colour - glass) * haze))
