"""One animal in one drawn place: the description of the picture, and how it is drawn."""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageFilter

from vlmdiag_widgets.datasets.worlds._paint import HEIGHT, WIDTH
from vlmdiag_widgets.datasets.worlds.places import PLACE_LIGHT, habitat, render_place
from vlmdiag_widgets.datasets.worlds.sprites import (
    DEFAULT_SINK,
    SINK,
    TILTS,
    artwork,
    proportions,
    sprite,
)

#: Raise it when pixels change, so that stored embeddings are not mistaken for new ones.
RENDERER = "animal-scene-1"

QUALITIES = ("normal", "dark", "bright", "blurry", "black and white")


@dataclass(frozen=True)
class AnimalScene:
    """Everything the pixels of one picture depend on.

    Lengths are shares of the side of the picture; `window` is (left, top, side) in pixels of
    the drawn place.
    """

    species: str
    place: str
    place_seed: int
    variant: int
    window: tuple[float, float, float]
    x: float
    foot: float
    scale: float
    flip: bool
    tilt: int
    light: tuple[float, float, float]
    quality: str = "normal"

    def box(self) -> tuple[float, float, float, float]:
        """Return (x0, y0, x1, y1) of the visible animal, as shares of the side."""
        wide, high = proportions(self.species, flip=self.flip, tilt=self.tilt)
        visible = high * (1 - self.sink())
        left = self.x - self.scale * wide / 2
        top = self.foot - self.scale * visible
        return left, top, left + self.scale * wide, self.foot

    def sink(self) -> float:
        """Return the share of the animal's height that is under water."""
        wet = habitat(self.place) == "water" and self.place != "beach"
        return SINK.get(self.species, DEFAULT_SINK) if wet else 0.0

    def key(self, size: int) -> bytes:
        """Return a 16-byte digest of everything the pixels depend on."""
        text = repr((RENDERER, artwork(self.species), astuple(self), size))
        return hashlib.blake2b(text.encode(), digest_size=16).digest()

    def draw(self, size: int) -> Image.Image:
        """Return the picture (RGB, `size` pixels a side)."""
        picture = self._background(size)
        self._add_animal(picture, size)
        light = np.array(self.light) * (0.55 if self.quality == "dark" else 1.0)
        picture = picture.point(_light_table(tuple(np.round(light, 3).tolist()), self.quality))
        if self.quality == "blurry":
            picture = picture.filter(ImageFilter.GaussianBlur(size * 0.022))
        elif self.quality == "black and white":
            picture = picture.convert("L").convert("RGB")
        return picture

    def _background(self, size: int) -> Image.Image:
        left, top, side = self.window
        level = 2 if size <= 64 else 1 if size <= 128 else 0
        source = render_place(self.place_seed, self.place, self.variant)[level]
        shrink = 2**level
        box = (left / shrink, top / shrink, (left + side) / shrink, (top + side) / shrink)
        return source.resize((size, size), Image.Resampling.BILINEAR, box=box)

    def _add_animal(self, picture: Image.Image, size: int) -> None:
        x0, y0, x1, y1 = (edge * size for edge in self.box())
        full, half = sprite(self.species, flip=self.flip, tilt=self.tilt)
        source = half if size <= 96 else full
        seen = source.height * (1 - self.sink())
        place = round(x0), round(y0)
        shape = max(round(x1) - place[0], 1), max(round(y1) - place[1], 1)
        animal = source.resize(shape, Image.Resampling.HAMMING, box=(0, 0, source.width, seen))
        animal = _tinted(animal, PLACE_LIGHT[self.place])
        if habitat(self.place) == "water" and self.place != "beach":
            _lay_reflection(picture, animal, place, size)
        else:
            _lay_shadow(picture, (x0 + x1) / 2, y1, (x1 - x0) * 0.92)
        picture.paste(animal, place, animal)


def sample_animal_scene(
    rng: np.random.Generator,
    species: str,
    place: str,
    *,
    place_seed: int,
    variant: int,
    quality: str = "normal",
    scales: tuple[float, float] = (0.34, 0.54),
) -> AnimalScene:
    """Return a scene whose free choices (where, how large, which light) come from `rng`."""
    side = rng.uniform(225, 284)
    window = (rng.uniform(0, WIDTH - side), rng.uniform(0.5, 1.0) * (HEIGHT - side), side)
    flip, tilt = bool(rng.random() < 0.5), int(TILTS[rng.integers(len(TILTS))])
    scale = rng.uniform(*scales)
    wide, high = proportions(species, flip=flip, tilt=tilt)
    scale = min(scale, 0.8 / high, 0.9 / wide)
    margin = scale * wide / 2 + 0.02
    foot = max(rng.uniform(0.74, 0.93), scale * high + 0.03)
    tone = rng.normal(1.0, 0.06)
    light = tuple(round(float(np.clip(tone * v, 0.75, 1.25)), 3) for v in rng.normal(1.0, 0.025, 3))
    x = rng.uniform(margin, 1 - margin)
    if place == "river":
        # The stream comes towards the viewer in the middle of the drawn place.
        middle = (WIDTH / 2 - window[0]) / side
        x = float(np.clip(middle + 0.4 * (x - 0.5), margin, 1 - margin))
    return AnimalScene(
        species=species,
        place=place,
        place_seed=place_seed,
        variant=variant,
        window=(round(window[0], 2), round(window[1], 2), round(side, 2)),
        x=round(float(x), 4),
        foot=round(float(foot), 4),
        scale=round(float(scale), 4),
        flip=flip,
        tilt=tilt,
        light=(light[0], light[1], light[2]),
        quality=quality,
    )


@lru_cache(maxsize=4096)
def _light_table(light: tuple[float, ...], quality: str) -> list[int]:
    values = np.arange(256, dtype=np.float64)
    if quality == "bright":
        values = 255 * (values / 255) ** 0.55 * 0.85 + 45
    table = [np.clip(values * factor, 0, 255) for factor in light]
    return [int(value) for value in np.concatenate(table).round()]


def _tinted(animal: Image.Image, light: tuple[float, float, float]) -> Image.Image:
    return animal.point([*_light_table(light, "normal"), *range(256)])


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
    picture: Image.Image, animal: Image.Image, place: tuple[int, int], size: int
) -> None:
    """Mirror the animal in the water, fading with depth, with a bright line at the surface."""
    depth = max(round(animal.height * 0.45), 2)
    mirrored = animal.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize(
        (animal.width, depth), Image.Resampling.BILINEAR
    )
    alpha = Image.composite(
        mirrored.getchannel("A"), Image.new("L", mirrored.size), _fade(depth).resize(mirrored.size)
    )
    foot = place[1] + animal.height
    picture.paste(mirrored.convert("RGB"), (place[0], foot), alpha)
    wide, high = round(animal.width * 1.05), max(round(size * 0.035), 1)
    ring = (
        _soft_ellipse(64)
        .resize((wide, high), Image.Resampling.BILINEAR)
        .point(_light_table((0.5,), "normal"))
    )
    picture.paste((226, 240, 244), (round(place[0] - animal.width * 0.025), foot - high // 2), ring)


@lru_cache(maxsize=256)
def _fade(depth: int) -> Image.Image:
    column = (150 * np.linspace(1, 0, depth) ** 1.2).astype(np.uint8)
    return Image.fromarray(column[:, None])
