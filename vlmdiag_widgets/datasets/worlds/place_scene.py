"""Things or a person in one drawn place: the description of the picture, and how it is drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageFilter

from vlmdiag_widgets.datasets.worlds._paint import HEIGHT, WIDTH
from vlmdiag_widgets.datasets.worlds.places import PLACE_LIGHT, WATER_PLACES, render_place
from vlmdiag_widgets.datasets.worlds.signs import board, board_shape
from vlmdiag_widgets.datasets.worlds.sprites import (
    DEFAULT_SINK,
    PEOPLE,
    SINK,
    TILTS,
    digest,
    face_box,
    proportions,
    sprite,
)

#: Raise it when pixels change, so that stored embeddings are not mistaken for new ones.
RENDERER = "place-scene-1"

QUALITIES = ("normal", "dark", "bright", "blurry", "black and white")

#: (left, top, right, bottom) as shares of the side of the picture.
Box = tuple[float, float, float, float]

_PEOPLE = frozenset(PEOPLE)

#: Size of one of several things: the more there are, the smaller.
_SCALES_OF_MANY = {2: (0.32, 0.46), 3: (0.28, 0.40), 4: (0.25, 0.35)}


@dataclass(frozen=True)
class Figure:
    """One picture from the artwork, standing at (`x`, `foot`); lengths are shares of the side."""

    name: str
    x: float
    foot: float
    scale: float
    flip: bool
    tilt: int


@dataclass(frozen=True)
class Sign:
    """A written board about (`x`, `y`), at most `width` wide; lengths are shares of the side."""

    text: str
    x: float
    y: float
    width: float

    def box(self) -> Box:
        """Return (x0, y0, x1, y1) of the board, as shares of the side."""
        wide, high = board_shape(self.text, self.width)
        return self.x - wide / 2, self.y - high / 2, self.x + wide / 2, self.y + high / 2


@dataclass(frozen=True)
class PlaceScene:
    """Everything the pixels of one picture depend on.

    `window` is (left, top, side) in pixels of the drawn place; figures are drawn in order.
    """

    place: str
    place_seed: int
    variant: int
    window: tuple[float, float, float]
    figures: tuple[Figure, ...]
    light: tuple[float, float, float]
    quality: str = "normal"
    sign: Sign | None = None
    artwork: str = "noto"

    def box(self) -> Box:
        """Return (x0, y0, x1, y1) of the first thing, as shares of the side."""
        return self.boxes()[0][1]

    def boxes(self) -> list[tuple[str, Box]]:
        """Return the name and box of everything in the picture.

        A person has the boxes "person" and "face"; a written board is called "sign".
        """
        found: list[tuple[str, Box]] = []
        for figure in self.figures:
            whole = self._figure_box(figure)
            found.append(("person" if figure.name in _PEOPLE else figure.name, whole))
            face = face_box(figure.name, flip=figure.flip, artwork=self.artwork)
            if face is not None:
                found.append(("face", _inside(whole, face)))
        if self.sign is not None:
            found.append(("sign", self.sign.box()))
        return [(name, _clipped(box)) for name, box in found]

    def key(self, size: int) -> bytes:
        """Return a 16-byte digest of everything the pixels depend on."""
        pictures = [digest(figure.name, self.artwork) for figure in self.figures]
        text = repr((RENDERER, pictures, astuple(self), size))
        return hashlib.blake2b(text.encode(), digest_size=16).digest()

    def draw(self, size: int) -> Image.Image:
        """Return the picture (RGB, `size` pixels a side)."""
        picture = self._background(size)
        for figure in self.figures:
            self._add(picture, figure, size)
        if self.sign is not None:
            _add_sign(picture, self.sign, size)
        return _developed(picture, self.light, self.quality, size)

    def _proportions(self, figure: Figure) -> tuple[float, float]:
        return proportions(figure.name, flip=figure.flip, tilt=figure.tilt, artwork=self.artwork)

    def _figure_box(self, figure: Figure) -> Box:
        wide, high = self._proportions(figure)
        visible = high * (1 - self._sink(figure))
        left = figure.x - figure.scale * wide / 2
        top = figure.foot - figure.scale * visible
        return left, top, left + figure.scale * wide, figure.foot

    def _sink(self, figure: Figure) -> float:
        """Return the share of the figure's height that is under water."""
        return SINK.get(figure.name, DEFAULT_SINK) if _wet(self.place) else 0.0

    def _background(self, size: int) -> Image.Image:
        left, top, side = self.window
        level = 2 if size <= 64 else 1 if size <= 128 else 0
        source = render_place(self.place_seed, self.place, self.variant)[level]
        shrink = 2**level
        box = (left / shrink, top / shrink, (left + side) / shrink, (top + side) / shrink)
        return source.resize((size, size), Image.Resampling.BILINEAR, box=box)

    def _add(self, picture: Image.Image, figure: Figure, size: int) -> None:
        x0, y0, x1, y1 = (edge * size for edge in self._figure_box(figure))
        full, half = sprite(figure.name, flip=figure.flip, tilt=figure.tilt, artwork=self.artwork)
        source = half if size <= 96 else full
        seen = source.height * (1 - self._sink(figure))
        place = round(x0), round(y0)
        shape = max(round(x1) - place[0], 1), max(round(y1) - place[1], 1)
        drawn = source.resize(shape, Image.Resampling.HAMMING, box=(0, 0, source.width, seen))
        drawn = _tinted(drawn, PLACE_LIGHT[self.place])
        if _wet(self.place):
            _lay_reflection(picture, drawn, place, size)
        elif figure.name not in _PEOPLE:
            _lay_shadow(picture, (x0 + x1) / 2, y1, (x1 - x0) * 0.92)
        picture.paste(drawn, place, drawn)


def sample_place_scene(
    rng: np.random.Generator,
    names: Sequence[str],
    place: str,
    *,
    place_seed: int,
    variant: int,
    quality: str = "normal",
    scales: tuple[float, float] = (0.34, 0.54),
    sign: str | None = None,
    sign_width: tuple[float, float] = (0.6, 0.95),
    artwork: str = "noto",
) -> PlaceScene:
    """Return a scene whose free choices (where, how large, which light) come from `rng`.

    Parameters
    ----------
    rng : numpy.random.Generator
    names : sequence of str
        One person, one to four animals or things, or nothing but a sign.
    place : str
    place_seed, variant : int
        Which rendering of the place.
    quality : str
        One of `QUALITIES`.
    scales : tuple of float
        Smallest and largest size of a thing that is alone, as a share of the side.
    sign : str, optional
        What is written on a board, beside the person or alone.
    sign_width : tuple of float
        Narrowest and widest board, as shares of the side.
    artwork : str
        Whose pictures: "noto" or "fluent".
    """
    window = _sample_window(rng)
    light = _sample_light(rng)
    written = None if sign is None else _sample_sign(rng, sign, sign_width, alone=not names)
    if not names:
        figures: tuple[Figure, ...] = ()
    elif names[0] in _PEOPLE:
        figures = (_sample_person(rng, names[0], written, artwork),)
    elif len(names) == 1:
        figures = (_sample_single(rng, names[0], place, window, scales=scales, artwork=artwork),)
    else:
        figures = _sample_many(rng, names, artwork)
    return PlaceScene(
        place=place,
        place_seed=place_seed,
        variant=variant,
        window=window,
        figures=figures,
        light=light,
        quality=quality,
        sign=written,
        artwork=artwork,
    )


def _wet(place: str) -> bool:
    """Return whether things stand in water there."""
    return place in WATER_PLACES and place != "beach"


def _clipped(box: Box) -> Box:
    """Return the part of the box that lies in the picture."""
    left, top, right, bottom = (min(max(edge, 0.0), 1.0) for edge in box)
    return left, top, right, bottom


def _inside(whole: Box, part: Box) -> Box:
    """Return a box given as shares of another one as shares of the picture."""
    left, top, right, bottom = whole
    wide, high = right - left, bottom - top
    return left + part[0] * wide, top + part[1] * high, left + part[2] * wide, top + part[3] * high


def _sample_window(rng: np.random.Generator) -> tuple[float, float, float]:
    side = rng.uniform(225, 284)
    left, top = rng.uniform(0, WIDTH - side), rng.uniform(0.5, 1.0) * (HEIGHT - side)
    return round(left, 2), round(top, 2), round(side, 2)


def _sample_light(rng: np.random.Generator) -> tuple[float, float, float]:
    tone = rng.normal(1.0, 0.06)
    light = [round(float(np.clip(tone * v, 0.75, 1.25)), 3) for v in rng.normal(1.0, 0.025, 3)]
    return light[0], light[1], light[2]


def _figure(name: str, x: float, foot: float, scale: float, *, flip: bool, tilt: int = 0) -> Figure:
    return Figure(
        name, round(float(x), 4), round(float(foot), 4), round(float(scale), 4), flip, tilt
    )


def _sample_single(
    rng: np.random.Generator,
    name: str,
    place: str,
    window: tuple[float, float, float],
    *,
    scales: tuple[float, float],
    artwork: str,
) -> Figure:
    flip, tilt = bool(rng.random() < 0.5), int(TILTS[rng.integers(len(TILTS))])
    wide, high = proportions(name, flip=flip, tilt=tilt, artwork=artwork)
    scale = min(rng.uniform(*scales), 0.8 / high, 0.9 / wide)
    margin = scale * wide / 2 + 0.02
    foot = max(rng.uniform(0.74, 0.93), scale * high + 0.03)
    x = rng.uniform(margin, 1 - margin)
    if place == "river":
        # The stream comes towards the viewer in the middle of the drawn place.
        middle = (WIDTH / 2 - window[0]) / window[2]
        x = float(np.clip(middle + 0.4 * (x - 0.5), margin, 1 - margin))
    return _figure(name, x, foot, scale, flip=flip, tilt=tilt)


def _sample_many(
    rng: np.random.Generator, names: Sequence[str], artwork: str
) -> tuple[Figure, ...]:
    """Return things side by side; those with lower feet are nearer and are drawn later."""
    count = len(names)
    slots = rng.permutation(count)
    figures = []
    for name, slot in zip(names, slots, strict=True):
        flip, tilt = bool(rng.random() < 0.5), int(TILTS[rng.integers(len(TILTS))])
        wide, high = proportions(name, flip=flip, tilt=tilt, artwork=artwork)
        scale = min(rng.uniform(*_SCALES_OF_MANY[count]), 0.62 / high, 1.25 / count / wide)
        middle = (slot + 0.5 + rng.uniform(-0.2, 0.2)) / count
        x = float(np.clip(middle, scale * wide / 2 + 0.01, 0.99 - scale * wide / 2))
        foot = rng.uniform(0.66, 0.95)
        figures.append(_figure(name, x, foot, scale, flip=flip, tilt=tilt))
    return tuple(sorted(figures, key=lambda figure: figure.foot))


def _sample_person(rng: np.random.Generator, name: str, sign: Sign | None, artwork: str) -> Figure:
    """Return a bust on the lower edge; a board below it may cover the chest, not the face."""
    flip = bool(rng.random() < 0.5)
    wide, high = proportions(name, flip=flip, tilt=0, artwork=artwork)
    scale, top, foot = rng.uniform(0.58, 0.80), 0.04, rng.uniform(0.99, 1.03)
    if sign is not None and sign.y > 0.5:
        scale, top = rng.uniform(0.9, 1.0), 0.02
    elif sign is not None:
        top = sign.box()[3] - 0.02
    scale = min(scale, (foot - top) / high, 0.96 / wide)
    margin = scale * wide / 2 - 0.04
    x = rng.uniform(margin, 1 - margin) if margin < 0.5 else 0.5
    return _figure(name, x, foot, scale, flip=flip)


def _sample_sign(
    rng: np.random.Generator, text: str, widths: tuple[float, float], *, alone: bool
) -> Sign:
    width = rng.uniform(*widths)
    wide, high = board_shape(text, width)
    above = rng.random() < 0.5
    x = rng.uniform(wide / 2 + 0.02, 0.98 - wide / 2)
    y = high / 2 + rng.uniform(0.02, 0.06) if above else 1 - high / 2 - rng.uniform(0.0, 0.02)
    y = rng.uniform(high / 2 + 0.02, 0.98 - high / 2) if alone else y
    return Sign(text, round(float(x), 4), round(float(y), 4), round(float(width), 4))


def _add_sign(picture: Image.Image, sign: Sign, size: int) -> None:
    x0, y0, x1, y1 = (edge * size for edge in sign.box())
    place = round(x0), round(y0)
    shape = max(round(x1) - place[0], 1), max(round(y1) - place[1], 1)
    source = board(sign.text)
    shrink = max(source.width // (2 * shape[0]), 1)
    small = source.reduce(shrink) if shrink > 1 else source
    drawn = small.resize(shape, Image.Resampling.BOX if shrink > 1 else Image.Resampling.HAMMING)
    picture.paste(drawn, place, drawn)


def _developed(
    picture: Image.Image, light: tuple[float, float, float], quality: str, size: int
) -> Image.Image:
    """Return the picture in its light and quality."""
    factors = np.array(light) * (0.55 if quality == "dark" else 1.0)
    picture = picture.point(_light_table(tuple(np.round(factors, 3).tolist()), quality))
    if quality == "blurry":
        return picture.filter(ImageFilter.GaussianBlur(size * 0.022))
    if quality == "black and white":
        return picture.convert("L").convert("RGB")
    return picture


@lru_cache(maxsize=4096)
def _light_table(light: tuple[float, ...], quality: str) -> list[int]:
    values = np.arange(256, dtype=np.float64)
    if quality == "bright":
        values = 255 * (values / 255) ** 0.55 * 0.85 + 45
    table = [np.clip(values * factor, 0, 255) for factor in light]
    return [int(value) for value in np.concatenate(table).round()]


def _tinted(drawn: Image.Image, light: tuple[float, float, float]) -> Image.Image:
    return drawn.point([*_light_table(light, "normal"), *range(256)])


@lru_cache(maxsize=8)
def _soft_ellipse(size: int) -> Image.Image:
    axis = np.linspace(-1, 1, size)
    distance = np.sqrt(axis[None, :] ** 2 + axis[:, None] ** 2)
    return Image.fromarray((255 * np.clip(1 - distance, 0, 1) ** 0.8).astype(np.uint8))


def _lay_shadow(picture: Image.Image, x: float, y: float, width: float) -> None:
    """Darken the ground under the feet."""
    high = max(round(width * 0.26), 2)
    mask = _soft_ellipse(64).resize((max(round(width), 2), high), Image.Resampling.BILINEAR)
    mask = mask.point(_light_table((0.62,), "normal"))
    picture.paste((24, 20, 14), (round(x - width / 2), round(y - high * 0.62)), mask)


def _lay_reflection(
    picture: Image.Image, drawn: Image.Image, place: tuple[int, int], size: int
) -> None:
    """Mirror the figure in the water, fading with depth, with a bright line at the surface."""
    depth = max(round(drawn.height * 0.45), 2)
    mirrored = drawn.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize(
        (drawn.width, depth), Image.Resampling.BILINEAR
    )
    alpha = Image.composite(
        mirrored.getchannel("A"), Image.new("L", mirrored.size), _fade(depth).resize(mirrored.size)
    )
    foot = place[1] + drawn.height
    picture.paste(mirrored.convert("RGB"), (place[0], foot), alpha)
    wide, high = round(drawn.width * 1.05), max(round(size * 0.035), 1)
    ring = (
        _soft_ellipse(64)
        .resize((wide, high), Image.Resampling.BILINEAR)
        .point(_light_table((0.5,), "normal"))
    )
    picture.paste((226, 240, 244), (round(place[0] - drawn.width * 0.025), foot - high // 2), ring)


@lru_cache(maxsize=256)
def _fade(depth: int) -> Image.Image:
    column = (150 * np.linspace(1, 0, depth) ** 1.2).astype(np.uint8)
    return Image.fromarray(column[:, None])
