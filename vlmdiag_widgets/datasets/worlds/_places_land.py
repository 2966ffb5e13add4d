"""The drawn places on land: forest, bamboo forest, meadow, desert, mountains and snow."""

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
    enlarged,
    from_picture,
    ink,
    noise,
    perspective,
    reduced,
    rgb,
    ridge,
    shade,
    sky,
    to_picture,
    vary,
    vertical,
)


def _trunks(
    rng: np.random.Generator,
    foot: float,
    count: int,
    width: tuple[float, float],
    *,
    lean: float = 6.0,
    spread: float = 0.03,
) -> list[tuple[float, float, float, float]]:
    """Return (x at the foot, x at the top, foot row, width) of tall stems, in pixels."""
    places = (np.arange(count) + rng.uniform(0.1, 0.9, count)) / count * WIDTH
    return [
        (
            float(x),
            float(x + rng.normal(0, lean)),
            float((foot + rng.uniform(-spread, spread)) * HEIGHT),
            float(rng.uniform(*width)),
        )
        for x in rng.permutation(places)
    ]


def _stems(
    canvas: Floats, stems: list[tuple[float, float, float, float]], colour: Floats
) -> Floats:
    """Draw round stems: dark at one edge, lit at the other."""
    picture = to_picture(canvas).resize((2 * WIDTH, 2 * HEIGHT), Image.Resampling.BILINEAR)
    drawer = ImageDraw.Draw(picture)
    for foot_x, top_x, foot, width in stems:
        for step in range(6):
            left, right = step / 6 - 0.5, (step + 1) / 6 - 0.5
            red, green, blue = (int(v) for v in np.clip(colour * (1.22 - 0.13 * step), 0, 255))
            flare = 1.35
            corners = [
                (2 * (top_x + left * width), -2),
                (2 * (top_x + right * width), -2),
                (2 * (foot_x + right * width * flare), 2 * foot),
                (2 * (foot_x + left * width * flare), 2 * foot),
            ]
            drawer.polygon(corners, fill=(red, green, blue))
    return from_picture(picture.resize((WIDTH, HEIGHT), Image.Resampling.BOX))


def forest(rng: np.random.Generator) -> Floats:
    """Tall brown trunks under a canopy, layer behind layer, with shafts of light."""
    horizon = rng.uniform(0.50, 0.58)
    canvas = vertical(vary(rng, rgb("#7fae6a"), 8), vary(rng, rgb("#dfe9b5"), 8), horizon)
    layers = (("#9dae7d", 13, (4, 8)), ("#6d7553", 9, (8, 13)))
    for depth, (bark, count, width) in enumerate(layers):
        stems = _trunks(rng, horizon + 0.02 + 0.04 * depth, count, width)
        canvas = _stems(canvas, stems, vary(rng, rgb(bark), 6))
        leaves = np.clip(
            (noise(rng, 12, 10, 3) + 0.42 - 1.5 * np.linspace(0, 1, HEIGHT)[:, None]) * 4, 0, 0.9
        )
        canvas = blend(canvas, vary(rng, rgb("#5d8f4a"), 8), leaves.astype(np.float32))
    floor = blank(vary(rng, rgb("#5c6b34"), 8))
    floor = shade(floor, 0.35 * noise(rng, 9, 22, 3) + 0.18 * perspective(rng, horizon, 0.6, 4.0))
    floor = blend(floor, rgb("#8a6a3c"), np.clip(noise(rng, 8, 16, 3) * 1.2, 0, 0.6))
    canvas = blend(canvas, floor, below(ridge(rng, horizon + 0.03, 0.03, 6), 5))
    canvas = _stems(
        canvas, _trunks(rng, horizon + 0.17, 5, (16, 26), lean=5), vary(rng, rgb("#553a26"), 7)
    )
    canvas = blades(
        rng,
        canvas,
        260,
        [rgb("#4d7a33"), rgb("#6f9a45")],
        (horizon + 0.06, 1.03),
        length=(0.015, 0.07),
        width=1.0,
        lean=0.5,
    )
    top = np.clip((noise(rng, 9, 8, 3) + 0.30 - 2.1 * np.linspace(0, 1, HEIGHT)[:, None]) * 5, 0, 1)
    canvas = blend(canvas, vary(rng, rgb("#2f5c2c"), 6), top.astype(np.float32))
    return _light_shafts(rng, canvas)


def _light_shafts(rng: np.random.Generator, canvas: Floats) -> Floats:
    rows, columns = np.arange(HEIGHT)[:, None], np.arange(WIDTH)[None, :]
    slanted = columns + rows * rng.uniform(-0.6, 0.6)
    light = np.zeros((HEIGHT, WIDTH))
    for centre in rng.uniform(0, WIDTH, 4):
        light += np.exp(-(((slanted - centre) / 16) ** 2))
    fade = np.clip(1 - rows / (HEIGHT * 0.85), 0, 1)
    return blend(canvas, rgb("#fff6c8"), (0.20 * light * fade).clip(0, 0.5).astype(np.float32))


def bamboo_forest(rng: np.random.Generator) -> Floats:
    """Dense upright green canes with pale joints."""
    canvas = vertical(vary(rng, rgb("#b9d77a"), 8), vary(rng, rgb("#eef3bd"), 6), 0.62)
    for count, width, colour in (
        (26, (4, 7), "#b3cf74"),
        (17, (8, 11), "#86b34c"),
        (9, (12, 17), "#578f2e"),
    ):
        stems = _trunks(rng, 0.66 if count > 10 else 0.74, count, width, lean=3.5)
        canvas = _stems(canvas, stems, vary(rng, rgb(colour), 7))
        canvas = _joints(rng, canvas, stems)
    floor = blank(vary(rng, rgb("#a58f52"), 7))
    floor = shade(floor, 0.25 * noise(rng, 12, 26, 3) + 0.18 * perspective(rng, 0.6, 0.7, 4.5))
    canvas = blend(canvas, floor, below(ridge(rng, 0.69, 0.03, 5), 8))
    greens = [rgb("#4c8a2c"), rgb("#79ad3d"), rgb("#9cc653")]
    canvas = blades(
        rng, canvas, 110, greens, (0.66, 0.78), length=(0.03, 0.07), width=1.4, lean=0.9
    )
    return blades(rng, canvas, 150, greens, (0.02, 0.30), length=(0.07, 0.12), width=2.2, lean=0.9)


def _joints(
    rng: np.random.Generator, canvas: Floats, stems: list[tuple[float, float, float, float]]
) -> Floats:
    picture = to_picture(canvas)
    drawer = ImageDraw.Draw(picture)
    for foot_x, top_x, foot, width in stems:
        row = rng.uniform(0, 30)
        while row < foot:
            x = top_x + (foot_x - top_x) * row / foot
            half = width * 0.62
            drawer.line((x - half, row, x + half, row), fill=(232, 240, 176), width=1)
            drawer.line((x - half, row + 2, x + half, row + 2), fill=(70, 104, 40), width=1)
            row += rng.uniform(26, 44)
    return from_picture(picture)


def meadow(rng: np.random.Generator) -> Floats:
    """Rolling green grass with flowers under an open sky."""
    horizon = rng.uniform(0.40, 0.50)
    canvas = sky(rng, rgb("#4f9fe6"), rgb("#e2f3fb"), horizon, rng.uniform(0.5, 1.2))
    for depth, colour in enumerate(("#9cc48a", "#85bb55", "#6fae3a")):
        line = ridge(rng, horizon - 0.05 + 0.07 * depth, 0.10, 2 + depth, 2)
        face = shade(
            blank(vary(rng, rgb(colour), 7)), 0.12 * noise(rng, 6, 9, 3) - 0.35 * depth_below(line)
        )
        canvas = blend(canvas, face, below(line))
    greens = [rgb("#5c9a2d"), rgb("#7fbf3f"), rgb("#a6d35c")]
    canvas = blades(
        rng, canvas, 900, greens, (horizon + 0.10, 1.05), length=(0.01, 0.085), lean=0.3
    )
    return _flowers(rng, canvas, horizon)


def _flowers(rng: np.random.Generator, canvas: Floats, horizon: float) -> Floats:
    scaled = to_picture(canvas).resize((2 * WIDTH, 2 * HEIGHT), Image.Resampling.BILINEAR)
    drawer = ImageDraw.Draw(scaled)
    palette = ((255, 255, 255), (255, 214, 64), (244, 120, 160), (176, 128, 230))
    for row in np.sort(rng.uniform(horizon + 0.12, 1.0, 90)):
        x, y = rng.uniform(0, 2 * WIDTH), row * 2 * HEIGHT
        size = 1.2 + 9 * (row - horizon) * rng.uniform(0.6, 1.1)
        colour = palette[rng.integers(len(palette))]
        drawer.ellipse((x - size, y - size * 0.8, x + size, y + size * 0.8), fill=colour)
        drawer.ellipse(
            (x - size / 3, y - size / 3, x + size / 3, y + size / 3), fill=(240, 170, 40)
        )
    return from_picture(scaled.resize((WIDTH, HEIGHT), Image.Resampling.BOX))


def desert(rng: np.random.Generator) -> Floats:
    """Dunes with a lit and a shaded side, ripples in the sand."""
    horizon = rng.uniform(0.38, 0.46)
    canvas = sky(rng, rgb("#5fa8dc"), rgb("#fbe3bd"), horizon, 0.0)
    for depth, colour in enumerate(("#e3b98a", "#dfa765", "#e0a050")):
        line = ridge(rng, horizon + 0.085 * depth, 0.17 - 0.03 * depth, 3, 2)
        face = blank(vary(rng, rgb(colour), 6))
        slope = np.gradient(line)[None, :] * np.ones((HEIGHT, 1), np.float32)
        side = np.clip(slope * 1.1 + 0.3 * noise(rng, 4, 5, 2), -1, 1) * np.exp(
            -9 * depth_below(line)
        )
        canvas = blend(
            canvas, shade(face, 0.34 * side + 0.10 * np.exp(-40 * depth_below(line))), below(line)
        )
    rows = np.arange(HEIGHT)[:, None] / HEIGHT
    near = np.clip((rows - horizon - 0.2) / 0.4, 0, 1)
    ripples = np.sin(90 / (near + 0.35) + 9 * noise(rng, 4, 4, 2)) * near
    grain = 0.04 * noise(rng, 80, 80, 1) * below((horizon + 0.1) * HEIGHT, 30)
    canvas = shade(canvas, 0.06 * ripples + grain)
    return _cacti(rng, canvas, horizon + 0.16)


def _cacti(rng: np.random.Generator, canvas: Floats, row: float) -> Floats:
    scaled = to_picture(canvas).resize((2 * WIDTH, 2 * HEIGHT), Image.Resampling.BILINEAR)
    drawer = ImageDraw.Draw(scaled)
    for _ in range(rng.integers(1, 4)):
        x, foot, size = (
            rng.uniform(0, 2 * WIDTH),
            (row + rng.uniform(0, 0.06)) * 2 * HEIGHT,
            rng.uniform(36, 80),
        )
        red, green, blue = (int(v) for v in vary(rng, rgb("#4f7d3c"), 8))
        ink, wide = (red, green, blue), int(size / 6)
        drawer.ellipse((x - size / 3, foot - 4, x + size * 0.7, foot + 5), fill=(176, 124, 66))
        drawer.rounded_rectangle(
            (x - wide / 2, foot - size, x + wide / 2, foot), wide / 2, fill=ink
        )
        for side, height in ((-1, 0.55), (1, 0.7)):
            reach, level = x + side * size * 0.27, foot - size * (height - 0.2)
            drawer.line((x, level, reach, level), fill=ink, width=int(wide * 0.75))
            drawer.rounded_rectangle(
                (
                    reach - wide * 0.38,
                    foot - size * height - wide,
                    reach + wide * 0.38,
                    level + wide * 0.38,
                ),
                wide / 3,
                fill=ink,
            )
    return from_picture(scaled.resize((WIDTH, HEIGHT), Image.Resampling.BOX))


def mountain(rng: np.random.Generator) -> Floats:
    """Snow-capped rock above dark firs and a stony slope."""
    horizon = rng.uniform(0.50, 0.56)
    canvas = sky(rng, rgb("#3c7cc4"), rgb("#d5e6f2"), horizon, rng.uniform(0.1, 0.6))
    for depth, (rock, level) in enumerate((("#8d9fb8", 0.24), ("#6e7587", 0.32))):
        line = _peaks(rng, level, 0.22)
        fold = noise(rng, 14, 10, 4) + 0.6 * noise(rng, 30, 12, 2)
        face = shade(blank(vary(rng, rgb(rock), 6)), 0.55 * fold)
        snow_line = 0.13 + 0.12 * noise(rng, 20, 3, 2) - 0.03 * depth
        snow = np.clip((snow_line - depth_below(line)) * 30, 0, 1)
        face = blend(face, shade(blank(rgb("#f4f8fc")), np.clip(0.35 * fold - 0.05, -0.3, 0)), snow)
        canvas = blend(canvas, face, below(line))
    canvas = _firs(rng, canvas, horizon)
    slope = blank(vary(rng, rgb("#8c8a78"), 7))
    slope = shade(slope, 0.30 * noise(rng, 16, 26, 4) + 0.2 * perspective(rng, horizon, 0.5, 3.5))
    slope = blend(slope, rgb("#76854f"), np.clip(noise(rng, 7, 12, 3) * 1.3 + 0.15, 0, 0.75))
    return blend(canvas, slope, below(ridge(rng, horizon + 0.06, 0.05, 4), 2))


def _peaks(rng: np.random.Generator, level: float, height: float) -> Floats:
    """Return a jagged skyline: straight flanks between high and low corners."""
    count = int(rng.integers(7, 10))
    corners = np.linspace(-10, WIDTH + 10, count) + rng.uniform(-14, 14, count)
    rows = np.where(
        np.arange(count) % 2 == 0, level, level + height * rng.uniform(0.45, 1.0, count)
    )
    rows = rows + rng.uniform(-0.05, 0.05, count)
    line = np.interp(np.arange(WIDTH), corners, rows) * HEIGHT
    rough: Floats = (line + 9 * noise(rng, 24, 2, 3)[0]).astype(np.float32)
    return rough


def _firs(rng: np.random.Generator, canvas: Floats, horizon: float) -> Floats:
    scaled = to_picture(canvas).resize((2 * WIDTH, 2 * HEIGHT), Image.Resampling.BILINEAR)
    drawer = ImageDraw.Draw(scaled)
    for depth in range(2):
        for x in rng.uniform(-10, 2 * WIDTH + 10, 46):
            foot = (horizon + 0.075 + 0.02 * depth) * 2 * HEIGHT
            size = rng.uniform(36, 70) * (0.8 + 0.35 * depth)
            red, green, blue = (
                int(v) for v in vary(rng, rgb("#4d6d66" if depth == 0 else "#274a3c"), 7)
            )
            for tier in range(3):
                top, low = foot - size * (1 - 0.26 * tier), foot - size * (0.5 - 0.25 * tier)
                half = size * (0.14 + 0.07 * tier)
                drawer.polygon(
                    [(x, top), (x - half, low), (x + half, low)], fill=(red, green, blue)
                )
    return from_picture(scaled.resize((WIDTH, HEIGHT), Image.Resampling.BOX))


#: Winter skies: colour overhead, colour low, clouds.
_WINTER_SKIES = (
    ("#7fb0e2", "#eef4fb", 0.5),
    ("#a9c3e4", "#f9e3e2", 0.3),
    ("#bcc9d8", "#e4eaf1", 1.0),
    ("#8f9fd0", "#fbd9c6", 0.2),
)


def snow(rng: np.random.Generator) -> Floats:
    """A white field with blue hollows below soft white hills and snowy firs."""
    horizon = rng.uniform(0.46, 0.54)
    top, low, clouds = _WINTER_SKIES[rng.integers(len(_WINTER_SKIES))]
    canvas = sky(rng, rgb(top), rgb(low), horizon, clouds)
    for depth, colour in enumerate(("#c3d3e8", "#d9e4f2")):
        line = ridge(rng, horizon - 0.10 + 0.05 * depth, 0.15, 2 + depth, 2)
        face = blank(vary(rng, rgb(colour), 4))
        fall = 0.10 * noise(rng, 6, 7, 3) + 0.10 - 0.7 * depth_below(line)
        canvas = blend(canvas, shade(face, fall), below(line))
    canvas = _snowfield(rng, canvas, horizon + 0.02)
    picture = enlarged(canvas)
    drawer = ImageDraw.Draw(picture)
    far = rng.uniform(horizon + 0.02, horizon + 0.05, int(rng.integers(16, 34)))
    near = rng.uniform(horizon + 0.08, horizon + 0.18, int(rng.integers(0, 4)))
    for feet, low_size, high_size in ((far, 26, 62), (near, 110, 210)):
        for foot in np.sort(feet) * 2 * HEIGHT:
            _snowy_fir(rng, drawer, float(foot), float(rng.uniform(low_size, high_size)))
    if rng.random() < 0.4:
        _snowflakes(rng, drawer, int(rng.integers(40, 160)))
    return reduced(picture)


def _snowfield(rng: np.random.Generator, canvas: Floats, horizon: float) -> Floats:
    """Lay drifts one before the other: lit at the crest, blue in the hollow behind."""
    light, hollow = vary(rng, rgb("#f6f9fe"), 3), vary(rng, rgb("#b4cbe8"), 6)
    mottle = 0.38 * noise(rng, 5, 14, 3)
    for depth in range(3):
        line = ridge(rng, horizon + 0.16 * depth, 0.06 + 0.03 * depth, 2, 2)
        crest = np.exp(-depth_below(line) * (12 - 2 * depth))
        face = hollow + (light - hollow) * np.clip(0.38 + 0.65 * crest + mottle, 0, 1)[..., None]
        canvas = blend(canvas, face, below(line, 1.5 + 3 * depth))
    grain = 0.035 * perspective(rng, horizon, 0.6, 3.0)
    return shade(canvas, grain * below(horizon * HEIGHT, 20))


def _snowy_fir(
    rng: np.random.Generator, drawer: ImageDraw.ImageDraw, foot: float, high: float
) -> None:
    """Draw a fir whose branches carry snow; lengths in half pixels."""
    x = rng.uniform(-20, 2 * WIDTH + 20)
    drawer.ellipse((x - high * 0.1, foot - 3, x + high * 0.5, foot + 5), fill=(158, 182, 214))
    drawer.rectangle((x - high / 36, foot - high / 8, x + high / 36, foot), fill=(84, 70, 66))
    dark, white = ink(vary(rng, rgb("#41625f"), 8)), ink(vary(rng, rgb("#eaf1fa"), 4))
    for tier in range(4):
        top, low = foot - high * (0.38 + 0.24 * tier), foot - high * (0.08 + 0.20 * tier)
        half = high * (0.24 - 0.045 * tier)
        drawer.polygon([(x, top), (x - half, low), (x + half, low)], fill=dark)
        edge = low - (low - top - high * 0.1) * 0.18
        cap = [
            (x, top),
            (x - half * 0.94, edge),
            (x - half * 0.4, edge - high * 0.03),
            (x - half * 0.1, edge + high * 0.01),
            (x + half * 0.35, top + high * 0.13),
        ]
        drawer.polygon(cap, fill=white)


def _snowflakes(rng: np.random.Generator, drawer: ImageDraw.ImageDraw, count: int) -> None:
    for x, y, size in zip(
        rng.uniform(0, 2 * WIDTH, count),
        rng.uniform(0, 2 * HEIGHT, count),
        rng.uniform(1.2, 4.5, count),
        strict=True,
    ):
        drawer.ellipse((x - size, y - size, x + size, y + size), fill=(252, 253, 255))
