"""The drawn places where water birds live: ocean, lake, river, beach and marsh."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from vlmdiag_widgets.datasets.worlds._paint import (
    HEIGHT,
    WIDTH,
    Floats,
    below,
    blades,
    blank,
    blend,
    depth_below,
    from_picture,
    noise,
    perspective,
    rgb,
    ridge,
    shade,
    sky,
    to_picture,
    vary,
    water,
)


def ocean(rng: np.random.Generator) -> Floats:
    """Open sea to the horizon, with swell and white caps."""
    horizon = rng.uniform(0.36, 0.46)
    air = sky(rng, rgb("#3f8fd6"), rgb("#d7ecf7"), horizon, rng.uniform(0.2, 1.0))
    sea = water(
        rng, horizon, vary(rng, rgb("#3d7fae"), 8), vary(rng, rgb("#0b3a68"), 8), waves=1.35
    )
    foam = np.clip(perspective(rng, horizon, 0.22, 4.0) - 0.72, 0, 1) * 2.2
    sea = blend(sea, rgb("#f2fbff"), np.clip(foam, 0, 0.75))
    return blend(air, sea, below(horizon * HEIGHT))


def _shore(rng: np.random.Generator, air: Floats, horizon: float, hills: list[str]) -> Floats:
    canvas = air
    for depth, colour in enumerate(hills):
        line = ridge(rng, horizon - 0.15 + 0.055 * depth, 0.16 - 0.03 * depth, 3 + 2 * depth)
        face = blank(vary(rng, rgb(colour), 7))
        face = shade(face, 0.30 * noise(rng, 18 + 8 * depth, 14, 3) - 0.5 * depth_below(line))
        canvas = blend(canvas, face, below(line))
    return canvas


def lake(rng: np.random.Generator) -> Floats:
    """Still water that mirrors wooded hills."""
    horizon = rng.uniform(0.42, 0.50)
    air = sky(rng, rgb("#6fb0dc"), rgb("#f3efe0"), horizon, rng.uniform(0.1, 0.7))
    land = _shore(rng, air, horizon, ["#8fb0b8", "#5f8f7c", "#3d6e4c"])
    calm = water(
        rng, horizon, rgb("#7fb4b8"), vary(rng, rgb("#2f7d86"), 9), waves=0.45, mirror=land
    )
    return blend(land, calm, below(horizon * HEIGHT))


def river(rng: np.random.Generator) -> Floats:
    """A stream that winds from the far hills to the viewer between green banks."""
    horizon = rng.uniform(0.38, 0.45)
    air = sky(rng, rgb("#79b7e6"), rgb("#eef6ee"), horizon, rng.uniform(0.2, 0.8))
    land = _shore(rng, air, horizon, ["#86a99a", "#5d9058"])
    grass = blank(vary(rng, rgb("#74a83f"), 9))
    grass = shade(grass, 0.22 * perspective(rng, horizon, 0.5, 3.0) + 0.12 * noise(rng, 5, 9, 3))
    canvas = blend(land, grass, below(horizon * HEIGHT))
    canvas = blades(
        rng,
        canvas,
        420,
        [rgb("#5f9434"), rgb("#8cbf4e")],
        (horizon + 0.02, 1.0),
        length=(0.008, 0.07),
    )
    stream = water(rng, horizon, rgb("#a9d6e8"), vary(rng, rgb("#2f88b8"), 8), waves=0.9)
    wet, edge = _bend(rng, horizon)
    canvas = blend(canvas, vary(rng, rgb("#b9a57c"), 6), edge)
    return blend(canvas, stream, wet)


def _bend(rng: np.random.Generator, horizon: float) -> tuple[Floats, Floats]:
    """Return the masks of the stream and of its stony edge."""
    near = np.clip((np.arange(HEIGHT) / HEIGHT - horizon) / (1 - horizon), 0, 1)[:, None]
    sway = np.sin(6.5 * np.sqrt(near) + rng.uniform(0, 6)) * (1 - near) * 0.16
    centre = (0.5 + rng.uniform(-0.06, 0.06) + sway) * WIDTH
    half = (0.015 + 0.34 * near**1.15) * WIDTH
    wobble = 4 * noise(rng, 6, 12, 2) * near
    away = np.abs(np.arange(WIDTH)[None, :] - centre) + wobble * 6
    on = near > 0
    wet = np.clip(half - away + 0.5, 0, 1) * on
    edge = np.clip(half * 1.05 + 3 * near - away + 0.5, 0, 1) * on
    return wet.astype(np.float32), edge.astype(np.float32)


def beach(rng: np.random.Generator) -> Floats:
    """Sand in front, a line of foam, turquoise sea behind."""
    horizon = rng.uniform(0.34, 0.42)
    air = sky(rng, rgb("#4aa3e0"), rgb("#e6f5f7"), horizon, rng.uniform(0.1, 0.7))
    sea = water(rng, horizon, rgb("#2a8fb5"), vary(rng, rgb("#5fd0c8"), 6), waves=0.7)
    canvas = blend(air, sea, below(horizon * HEIGHT))
    tilt = np.linspace(-1, 1, WIDTH, dtype=np.float32) * rng.uniform(-0.05, 0.05)
    line = ridge(rng, rng.uniform(0.56, 0.63), 0.05, 3, 2) + tilt * HEIGHT
    for lift, width, strength in ((0.075, 4.0, 0.5), (0.0, 7.0, 0.95)):
        edge = line - lift * HEIGHT + 3 * noise(rng, 30, 2, 2)[0]
        band = below(edge, 2) * (1 - below(edge + width, 5))
        canvas = blend(canvas, rgb("#ffffff"), strength * band)
    sand = blank(vary(rng, rgb("#e8cf9a"), 7))
    wet = np.clip(1 - depth_below(line) / 0.10, 0, 1)
    sand = blend(sand, rgb("#a98d63"), 0.65 * wet)
    sand = shade(sand, 0.11 * perspective(rng, 0.4, 0.7, 4.5) + 0.07 * noise(rng, 60, 60, 2))
    return blend(canvas, sand, below(line + 5, 4))


def marsh(rng: np.random.Generator) -> Floats:
    """Shallow water among reeds, in mist and low light."""
    horizon = rng.uniform(0.40, 0.48)
    air = sky(rng, rgb("#d8b98c"), rgb("#f8e7c4"), horizon, 0.2)
    land = _shore(rng, air, horizon, ["#c3b48c", "#97925f"])
    pool = water(rng, horizon, rgb("#d9c693"), vary(rng, rgb("#5c6a45"), 7), waves=0.5, mirror=land)
    canvas = blend(land, pool, below(horizon * HEIGHT))
    reeds = [rgb("#8c8b3c"), rgb("#6d7430"), rgb("#b39c55")]
    canvas = blades(
        rng,
        canvas,
        260,
        reeds,
        (horizon, horizon + 0.10),
        length=(0.08, 0.16),
        width=0.8,
        lean=0.12,
    )
    canvas = _pads(rng, canvas, horizon)
    return blades(rng, canvas, 90, reeds, (0.92, 1.1), length=(0.16, 0.30), width=1.5, lean=0.16)


def _pads(rng: np.random.Generator, canvas: Floats, horizon: float) -> Floats:
    """Lay flat leaves on the water."""
    scaled = to_picture(canvas).resize((2 * WIDTH, 2 * HEIGHT), Image.Resampling.BILINEAR)
    drawer = ImageDraw.Draw(scaled)
    for row in np.sort(rng.uniform(horizon + 0.12, 1.0, 14)):
        size = 30 * (row - horizon) * rng.uniform(0.8, 1.6) * 2
        x, y = rng.uniform(0, 2 * WIDTH), row * HEIGHT * 2
        green = vary(rng, rgb("#7d9a46"), 14)
        red, grass, blue = (int(value) for value in green)
        drawer.ellipse((x - size, y - size / 4, x + size, y + size / 4), fill=(red, grass, blue))
    return from_picture(scaled.resize((WIDTH, HEIGHT), Image.Resampling.BOX))
