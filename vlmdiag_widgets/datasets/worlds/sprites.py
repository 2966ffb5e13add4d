"""The animal pictures: which there are, how they stand, and their cached variants."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from vlmdiag_widgets._errors import WeightsError

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPRITE_FOLDER = Path(__file__).parents[2] / "assets" / "sprites"

#: The species of the `waterbirds` world.
WATERBIRDS = ("mallard", "swan", "black swan", "goose", "flamingo", "penguin", "heron")
LANDBIRDS = ("rooster", "turkey", "owl", "parrot", "peacock", "eagle", "dove")

#: Birds that only the encoder's training scenes show.
OTHER_BIRDS = ("blackbird", "dodo", "chick")
BIRDS = WATERBIRDS + LANDBIRDS + OTHER_BIRDS

#: Pictures that are made from another one by a change of colour.
RECOLOURED = {"black swan": "swan", "heron": "flamingo"}

#: Degrees by which an animal may lean.
TILTS = (-8, -4, 0, 4, 8)

#: Share of the height that is under water when the animal swims or wades.
SINK = {
    "mallard": 0.15,
    "swan": 0.06,
    "black swan": 0.06,
    "goose": 0.15,
    "flamingo": 0.12,
    "heron": 0.12,
}
DEFAULT_SINK = 0.08


def other_animals() -> tuple[str, ...]:
    """Return the names of the shipped animals that are not birds, sorted."""
    names = sorted(path.stem for path in SPRITE_FOLDER.glob("*.webp"))
    return tuple(name for name in names if name not in BIRDS)


@lru_cache(maxsize=1024)
def sprite(species: str, *, flip: bool, tilt: int) -> tuple[Image.Image, Image.Image]:
    """Return the animal (RGBA, trimmed to what is visible) at full and at half size."""
    picture = _load(species)
    if flip:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if tilt:
        picture = picture.rotate(tilt, Image.Resampling.BICUBIC, expand=True)
    box = picture.getchannel("A").point(lambda alpha: 255 if alpha > 24 else 0).getbbox()
    full = picture.crop(box)
    return full, full.resize((full.width // 2, full.height // 2), Image.Resampling.BOX)


def proportions(species: str, *, flip: bool, tilt: int) -> tuple[float, float]:
    """Return (width, height) of the trimmed animal, scaled to an area of 1."""
    full = sprite(species, flip=flip, tilt=tilt)[0]
    root = float(np.sqrt(full.width * full.height))
    return full.width / root, full.height / root


@lru_cache(maxsize=128)
def artwork(species: str) -> str:
    """Return a digest of the animal's picture file: other artwork makes other pixels."""
    return hashlib.blake2b(_file(species).read_bytes(), digest_size=8).hexdigest()


def _file(species: str) -> Path:
    path = SPRITE_FOLDER / f"{RECOLOURED.get(species, species)}.webp"
    if not path.is_file():
        raise WeightsError(
            f"The picture of the animal {species!r} is missing from the installed package.",
            "Reinstall vlmdiag_widgets.",
        )
    return path


@lru_cache(maxsize=128)
def _load(species: str) -> Image.Image:
    with Image.open(_file(species)) as opened:
        picture = opened.convert("RGBA")
    if species == "black swan":
        return _blacken(picture)
    return _slate(picture) if species == "heron" else picture


def _blacken(picture: Image.Image) -> Image.Image:
    """Turn the white plumage black and leave the coloured beak."""
    pixels = np.asarray(picture, dtype=np.float32)
    colour = pixels[..., :3]
    spread = colour.max(-1, keepdims=True) - colour.min(-1, keepdims=True)
    plumage = np.clip(1.4 - spread / 60, 0, 1)
    dark = 24 + (255 - colour.mean(-1, keepdims=True)) * 0.35 * np.array([1.0, 1.0, 1.1])
    beak = np.clip(colour * [1.0, 0.35, 0.25], 0, 255)
    return _with_colour(pixels, dark * plumage + beak * (1 - plumage))


def _slate(picture: Image.Image) -> Image.Image:
    """Turn the pink bird into a grey-blue one."""
    pixels = np.asarray(picture, dtype=np.float32)
    colour = pixels[..., :3]
    light = colour @ np.array([0.35, 0.5, 0.15], dtype=np.float32)
    grey = light[..., None] * np.array([0.82, 0.95, 1.12]) + np.array([6.0, 10.0, 16.0])
    return _with_colour(pixels, grey)


def _with_colour(pixels: NDArray[np.float32], colour: NDArray[np.floating]) -> Image.Image:
    merged = np.concatenate([np.clip(colour, 0, 255), pixels[..., 3:]], axis=-1)
    return Image.fromarray(merged.astype(np.uint8))
