"""The pictures that stand in the drawn places: which there are, and their cached variants.

Two sets of artwork show the same animals, objects and people: ``"noto"`` (Noto Emoji) and
``"fluent"`` (Fluent Emoji Flat). Each sprite is one trimmed WebP with an alpha channel.
"""

from __future__ import annotations

import hashlib
import io
import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from vlmdiag_widgets._errors import InputError, WeightsError, nearest_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

SPRITE_FOLDER = Path(__file__).parents[2] / "assets" / "sprites"

ARTWORKS = ("noto", "fluent")

#: The species of the `waterbirds` world.
WATERBIRDS = ("mallard", "swan", "black swan", "goose", "flamingo", "penguin", "heron")
LANDBIRDS = ("rooster", "turkey", "owl", "parrot", "peacock", "eagle", "dove")
OTHER_BIRDS = ("blackbird", "dodo", "chick")
BIRDS = WATERBIRDS + LANDBIRDS + OTHER_BIRDS

#: Animals that are not birds, sorted.
OTHER_ANIMALS = (
    *("badger", "bat", "beaver", "bison", "butterfly", "camel", "cat", "chipmunk", "cow"),
    *("crab", "crocodile", "deer", "dog", "donkey", "elephant", "giraffe", "goat", "gorilla"),
    *("hedgehog", "hippopotamus", "horse", "kangaroo", "leopard", "lizard", "llama", "mammoth"),
    *("monkey", "mouse", "otter", "ox", "pig", "poodle", "rabbit", "ram", "rhinoceros", "sheep"),
    *("skunk", "sloth", "snail", "snake", "tiger", "turtle"),
)
ANIMALS = BIRDS + OTHER_ANIMALS

OBJECTS = (
    *("car", "bus", "truck", "bicycle", "motorcycle", "boat", "umbrella", "ball", "kite"),
    *("skateboard", "chair", "backpack", "suitcase", "guitar", "tent", "balloon", "teddy bear"),
    *("gift", "pizza", "apple", "cake", "pumpkin", "sunflower", "clock"),
)

PROFESSIONS = (
    *("doctor", "cook", "farmer", "firefighter", "teacher", "mechanic", "scientist", "artist"),
    *("pilot", "astronaut", "judge", "office worker"),
)
#: Babies are of neither: their gender is "person".
GENDERS = ("woman", "man")
TONES = ("light", "medium-light", "medium", "medium-dark", "dark")
AGES = ("baby", "child", "adult", "older")
#: Only the hair of adults varies; everyone else's is "plain".
HAIR = ("plain", "blond", "red", "curly", "white", "bald")


def profession_sprite(profession: str, gender: str, tone: str) -> str:
    """Return the name of the sprite of a person at work."""
    return f"{profession} {gender} {tone}"


def portrait_sprite(age: str, gender: str, tone: str, hair: str = "plain") -> str:
    """Return the name of the sprite of a person's face and hair."""
    return f"{age} {gender} {tone} {hair}"


def portrait_designs() -> tuple[tuple[str, str, str], ...]:
    """Return the (age, gender, hair) that portraits show, each in all `TONES`."""
    adults = [("adult", gender, hair) for gender in GENDERS for hair in HAIR]
    others = [(age, gender, "plain") for age in ("child", "older") for gender in GENDERS]
    return (("baby", "person", "plain"), *others, *adults)


PEOPLE = tuple(
    profession_sprite(profession, gender, tone)
    for profession in PROFESSIONS
    for gender in GENDERS
    for tone in TONES
) + tuple(
    portrait_sprite(age, gender, tone, hair)
    for age, gender, hair in portrait_designs()
    for tone in TONES
)

#: What an artwork has no picture of.
LACKING: dict[str, frozenset[str]] = {"noto": frozenset(), "fluent": frozenset()}

#: Pictures that are made from another one by a change of colour.
RECOLOURED = {"black swan": "swan", "heron": "flamingo"}

#: Degrees by which an animal may lean; people stand upright.
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

#: (x0, y0, x1, y1), as shares of the trimmed upright sprite.
Box = tuple[float, float, float, float]

_REINSTALL = "Reinstall vlmdiag_widgets."


def other_animals() -> tuple[str, ...]:
    """Return the names of the animals that are not birds, sorted."""
    return OTHER_ANIMALS


@lru_cache(maxsize=8)
def available(artwork: str) -> frozenset[str]:
    """Return the names of the animals, objects and people that an artwork shows.

    Raises
    ------
    InputError
        If there is no such artwork.
    """
    if artwork not in ARTWORKS:
        raise InputError(
            f"There is no artwork {artwork!r}; expected one of {', '.join(ARTWORKS)}.",
            _did_you_mean(artwork, ARTWORKS),
        )
    return frozenset((*ANIMALS, *OBJECTS, *PEOPLE)) - LACKING[artwork]


@lru_cache(maxsize=2048)
def sprite(
    name: str, *, flip: bool, tilt: int, artwork: str = "noto"
) -> tuple[Image.Image, Image.Image]:
    """Return a sprite (RGBA, trimmed to what is visible) at full and at half size.

    Parameters
    ----------
    name : str
        One of `available(artwork)`.
    flip : bool
        Whether to mirror it left to right.
    tilt : int
        Degrees by which it leans, counterclockwise.
    artwork : str
        One of `ARTWORKS`.

    Raises
    ------
    InputError
        If there is no such artwork, or it has no such picture.
    WeightsError
        If the installed file is missing or damaged.
    """
    picture = _load(name, artwork)
    if flip:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if tilt:
        picture = picture.rotate(tilt, Image.Resampling.BICUBIC, expand=True)
    full = trimmed(picture)
    return full, full.resize((full.width // 2, full.height // 2), Image.Resampling.BOX)


def trimmed(picture: Image.Image) -> Image.Image:
    """Return the part of a picture (RGBA) that holds all that is plainly visible."""
    return picture.crop(picture.getchannel("A").point(lambda alpha: 255 * (alpha > 24)).getbbox())


def proportions(name: str, *, flip: bool, tilt: int, artwork: str = "noto") -> tuple[float, float]:
    """Return (width, height) of the trimmed sprite, scaled to an area of 1."""
    full = sprite(name, flip=flip, tilt=tilt, artwork=artwork)[0]
    root = float(np.sqrt(full.width * full.height))
    return full.width / root, full.height / root


def face_box(name: str, *, flip: bool = False, artwork: str = "noto") -> Box | None:
    """Return where the face of a person is, or None for animals and objects.

    Parameters
    ----------
    name : str
        One of `available(artwork)`.
    flip : bool
        Whether the sprite is mirrored left to right.
    artwork : str
        One of `ARTWORKS`.

    Returns
    -------
    tuple of float or None
        (x0, y0, x1, y1), as shares of the trimmed upright sprite.
    """
    _check(name, artwork)
    if name not in PEOPLE:
        return None
    x0, y0, x1, y1 = _faces(artwork)[name]
    return (1 - x1, y0, 1 - x0, y1) if flip else (x0, y0, x1, y1)


@lru_cache(maxsize=1024)
def digest(name: str, artwork: str = "noto") -> str:
    """Return a digest of the sprite's file: other artwork makes other pixels."""
    return hashlib.blake2b(_read(_file(name, artwork)), digest_size=8).hexdigest()


def _did_you_mean(given: str, known: Iterable[str]) -> str:
    near = nearest_names(given, known)
    return f"Did you mean {', '.join(map(repr, near))}?" if near else ""


def _check(name: str, artwork: str) -> None:
    known = available(artwork)
    if name not in known:
        raise InputError(
            f"The artwork {artwork!r} has no picture of {name!r}; it has {len(known)} others.",
            _did_you_mean(name, sorted(known)),
        )


def _file(name: str, artwork: str) -> Path:
    _check(name, artwork)
    return SPRITE_FOLDER / artwork / f"{RECOLOURED.get(name, name)}.webp"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise WeightsError(
            f"The file {path} is missing from the installed package.", _REINSTALL
        ) from error


@lru_cache(maxsize=8)
def _faces(artwork: str) -> dict[str, Box]:
    path = SPRITE_FOLDER / artwork / "faces.json"
    try:
        boxes = {name: _as_box(*edges) for name, edges in json.loads(_read(path)).items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise WeightsError(f"The file {path} is damaged.", _REINSTALL) from error
    if not available(artwork).intersection(PEOPLE) <= boxes.keys():
        raise WeightsError(f"The file {path} is incomplete.", _REINSTALL)
    return boxes


def _as_box(x0: float, y0: float, x1: float, y1: float) -> Box:
    return float(x0), float(y0), float(x1), float(y1)


@lru_cache(maxsize=1024)
def _load(name: str, artwork: str) -> Image.Image:
    path = _file(name, artwork)
    try:
        with Image.open(io.BytesIO(_read(path))) as opened:
            picture = opened.convert("RGBA")
    except WeightsError:
        raise
    except (OSError, ValueError) as error:
        raise WeightsError(f"The picture {path} is damaged.", _REINSTALL) from error
    if name == "black swan":
        return _blacken(picture)
    return _slate(picture) if name == "heron" else picture


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
