"""The encoders' training scenes: which are drawn, their captions, and which pairs are true.

The scenes are unbiased: every thing stands in every place, every shape has every colour, every
profession is shown with both genders and all tones. Their seeds are their own, so that no picture
of a data set is ever trained on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from vlmdiag_widgets.datasets.worlds.captions import caption
from vlmdiag_widgets.datasets.worlds.facts import Caption, Clause, Facts, facts_of
from vlmdiag_widgets.datasets.worlds.place_scene import QUALITIES, PlaceScene, sample_place_scene
from vlmdiag_widgets.datasets.worlds.places import ALL_PLACES, PLACES, WATER_PLACES
from vlmdiag_widgets.datasets.worlds.shape_scene import (
    COLORS,
    POSITIONS,
    SHAPES,
    SIZES,
    ShapeScene,
    sample_shape_scene,
)
from vlmdiag_widgets.datasets.worlds.signs import SIGN_WORDS
from vlmdiag_widgets.datasets.worlds.sprites import (
    AGES,
    BIRDS,
    GENDERS,
    HAIR,
    OBJECTS,
    PROFESSIONS,
    TONES,
    other_animals,
    portrait_sprite,
    profession_sprite,
)
from vlmdiag_widgets.datasets.worlds.words import COLORS as ALL_COLORS
from vlmdiag_widgets.datasets.worlds.words import SHAPES as ALL_SHAPES
from vlmdiag_widgets.datasets.worlds.words import VALUES as WORDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Added to every seed here; the data sets' seeds are far smaller.
SEED_OFFSET = 7_000_000
CAPTIONS_PER_IMAGE = 8
CLAUSES_PER_CAPTION = 10
#: Drawn renderings of each place that the training scenes share.
VARIANTS = 100

#: Kind of scene → share of the training scenes.
COMPOSITION = {
    "animal": 0.300,
    "things": 0.167,
    "profession": 0.142,
    "portrait": 0.108,
    "shape": 0.116,
    "board": 0.167,
}

#: Share of the captions that are written for a picture with one attribute changed; about half of
#: them mention it and so are wrong.
NOISE = 0.08

#: The rule by which captions are made, fixed before training; the model card repeats it.
RULE = (
    f"Each picture has {CAPTIONS_PER_IMAGE} captions; one is drawn at each visit. A caption names "
    "each attribute with a fixed chance (from about 0.1 for hair or a normal quality to 0.9 for a "
    "shape) and leaves the others out, in one of several openings after the 80 prompts of Radford "
    f"et al. 2021, with synonyms and broader words. {NOISE:.0%} of the captions are written for a "
    "picture with one attribute changed: about half of them are wrong, and count as a caption of "
    "their own picture all the same. Into 20% of the captions one or two words outside the "
    "vocabulary are put."
)

#: Every "attribute:value" that can be true of a training picture.
VALUES: tuple[str, ...] = tuple(
    f"{name}:{value}" for name, options in WORDS.items() for value in options
)
_INDEX = {name: number for number, name in enumerate(VALUES)}

_DRY = tuple(place for place in ALL_PLACES if place not in WATER_PLACES or place == "beach")
_PEOPLE_PLACES = ("room", "city", "meadow", "beach", "forest", "mountain", "snow", "desert")
_MANY = ("forest", "meadow", "beach", "city", "room", "snow", "desert", "mountain")


@dataclass(frozen=True)
class Sample:
    """A scene and what is true of it."""

    scene: PlaceScene | ShapeScene
    facts: Facts


def sample(seed: int, index: int, variant: int) -> Sample:
    """Return the training scene number `index`; the kinds are mixed as in `COMPOSITION`."""
    rng = np.random.default_rng([SEED_OFFSET + seed, index])
    kind = rng.choice(list(COMPOSITION), p=list(COMPOSITION.values()))
    if kind == "shape":
        return _shape(rng)
    makers = {
        "animal": _animal,
        "things": _things,
        "profession": _profession,
        "portrait": _portrait,
        "board": _board,
    }
    quality = "normal" if rng.random() < 0.78 else _pick(rng, QUALITIES)
    return makers[str(kind)](rng, SEED_OFFSET + seed, variant, quality)


def _animal(rng: np.random.Generator, place_seed: int, variant: int, quality: str) -> Sample:
    kind = rng.random()
    thing = _pick(rng, BIRDS if kind < 0.42 else other_animals() if kind < 0.93 else OBJECTS)
    place = _pick(rng, PLACES if thing not in OBJECTS else _DRY)
    scene = sample_place_scene(
        rng, [thing], place, place_seed=place_seed, variant=variant, quality=quality
    )
    return Sample(scene, facts_of(thing=thing, place=place, quality=quality))


def _things(rng: np.random.Generator, place_seed: int, variant: int, quality: str) -> Sample:
    """Two to four things: half animals, half objects."""
    count = int(rng.integers(2, 5))
    names: list[str] = []
    while len(names) < count:
        group = (BIRDS + other_animals()) if rng.random() < 0.5 else OBJECTS
        name = _pick(rng, group)
        if name not in names:
            names.append(name)
    place = _pick(rng, _MANY)
    scene = sample_place_scene(
        rng, names, place, place_seed=place_seed, variant=variant, quality=quality
    )
    return Sample(scene, facts_of(thing=names, place=place, quality=quality))


def _profession(rng: np.random.Generator, place_seed: int, variant: int, quality: str) -> Sample:
    profession = _pick(rng, PROFESSIONS)
    sign = ""
    if rng.random() < 0.6:
        own = SIGN_WORDS[PROFESSIONS.index(profession)]
        sign = own if rng.random() < 0.15 else _pick(rng, SIGN_WORDS)
    return _worker(rng, profession, sign, place_seed, variant=variant, quality=quality)


def _board(rng: np.random.Generator, place_seed: int, variant: int, quality: str) -> Sample:
    """A written board, alone or with someone whose profession has nothing to do with the word."""
    sign = _pick(rng, SIGN_WORDS)
    if rng.random() < 0.4:
        profession = _pick(rng, PROFESSIONS)
        return _worker(rng, profession, sign, place_seed, variant=variant, quality=quality)
    place = _pick(rng, ALL_PLACES)
    scene = sample_place_scene(
        rng,
        [],
        place,
        place_seed=place_seed,
        variant=variant,
        quality=quality,
        sign=sign,
        sign_width=(0.5, 0.95),
    )
    return Sample(scene, facts_of(sign=sign, place=place, quality=quality))


def _worker(
    rng: np.random.Generator,
    profession: str,
    sign: str,
    place_seed: int,
    *,
    variant: int,
    quality: str,
) -> Sample:
    gender, tone, place = _pick(rng, GENDERS), _pick(rng, TONES), _pick(rng, _PEOPLE_PLACES)
    scene = sample_place_scene(
        rng,
        [profession_sprite(profession, gender, tone)],
        place,
        place_seed=place_seed,
        variant=variant,
        quality=quality,
        sign=sign or None,
        sign_width=(0.4, 0.95),
    )
    facts = facts_of(
        profession=profession,
        gender=gender,
        tone=tone,
        age="adult",
        place=place,
        quality=quality,
        sign=sign,
    )
    return Sample(scene, facts)


def _portrait(rng: np.random.Generator, place_seed: int, variant: int, quality: str) -> Sample:
    age, gender, tone = _pick(rng, AGES), _pick(rng, GENDERS), _pick(rng, TONES)
    hair = _pick(rng, HAIR) if age == "adult" else "plain"
    place = _pick(rng, _PEOPLE_PLACES)
    # The artwork has one baby for both.
    gender = "person" if age == "baby" else gender
    scene = sample_place_scene(
        rng,
        [portrait_sprite(age, gender, tone, hair)],
        place,
        place_seed=place_seed,
        variant=variant,
        quality=quality,
    )
    facts = facts_of(age=age, tone=tone, hair=hair, place=place, quality=quality)
    return Sample(scene, facts if age == "baby" else {**facts, **facts_of(gender=gender)})


def _shape(rng: np.random.Generator) -> Sample:
    # Half of the scenes show what the `dspritesv` world shows.
    common = rng.random() < 0.5
    values = {
        "shape": _pick(rng, SHAPES if common else ALL_SHAPES),
        "color": _pick(rng, COLORS if common else ALL_COLORS),
        "size": _pick(rng, SIZES),
        "position": _pick(rng, POSITIONS),
    }
    return Sample(sample_shape_scene(rng, **values), facts_of(**values, quality="normal"))


def _pick(rng: np.random.Generator, options: tuple[str, ...]) -> str:
    return options[int(rng.integers(len(options)))]


def samples(seed: int, start: int, stop: int, total: int) -> Iterator[Sample]:
    """Yield the training scenes `start` to `stop` of `total`, place renderings in order."""
    for index in range(start, stop):
        # Neighbours share their place renderings, so that few are held at a time.
        yield sample(seed, index, index * VARIANTS // total)


def fact_row(facts: Facts) -> NDArray[np.uint8]:
    """Return which of `VALUES` are true of a picture (uint8, one entry a value)."""
    row = np.zeros(len(VALUES), dtype=np.uint8)
    for name, options in facts.items():
        for value in options:
            row[_INDEX[f"{name}:{value}"]] = 1
    return row


def sample_captions(seed: int, index: int, facts: Facts) -> list[Caption]:
    """Return the captions of the training scene number `index`; a few are noisy."""
    rng = np.random.default_rng([SEED_OFFSET + seed, index, 1])
    return [_one_caption(rng, facts) for _ in range(CAPTIONS_PER_IMAGE)]


def _one_caption(rng: np.random.Generator, facts: Facts) -> Caption:
    if rng.random() >= NOISE:
        return caption(rng, facts)
    written = caption(rng, _mistaken(rng, facts))
    # The mistake may be in something that the caption leaves out.
    return replace(written, noisy=not written.true_for(facts))


def _mistaken(rng: np.random.Generator, facts: Facts) -> Facts:
    """Return facts with the value of one attribute changed."""
    free = [name for name in facts if name not in ("quality", "age", "hair")]
    name = free[int(rng.integers(len(free)))]
    wrong = _pick(rng, WORDS[name])
    kept = sorted(facts[name])[1:]
    return {**facts, name: frozenset((wrong, *kept))}


class ClauseTable:
    """Numbers the different claims of many captions; number 0 is always true."""

    def __init__(self) -> None:
        self._numbers: dict[Clause, int] = {}

    def row(self, one: Caption) -> list[int]:
        """Return the numbers of a caption's claims, padded with 0 to `CLAUSES_PER_CAPTION`."""
        numbers = [self._numbers.setdefault(c, len(self._numbers) + 1) for c in one.clauses]
        return numbers + [0] * (CLAUSES_PER_CAPTION - len(numbers))

    def matrix(self) -> NDArray[np.uint8]:
        """Return (claims, values): 1 where the value makes the claim true."""
        table = np.zeros((len(self._numbers) + 1, len(VALUES)), dtype=np.uint8)
        table[0] = 1
        for clause, number in self._numbers.items():
            table[number] = _clause_row(clause)
        return table


@lru_cache(maxsize=4096)
def _clause_row(clause: Clause) -> NDArray[np.uint8]:
    return fact_row({clause.attribute: clause.values})


def truth(
    facts: NDArray[np.uint8], rows: NDArray[np.integer], matrix: NDArray[np.uint8]
) -> NDArray[np.bool_]:
    """Return which captions are true of which images.

    Parameters
    ----------
    facts : uint8 array (images, values)
    rows : int array (captions, claims)
        Numbers of claims; 0 is always true.
    matrix : uint8 array (claims, values)

    Returns
    -------
    bool array (images, captions)
    """
    holds = (facts.astype(np.float32) @ matrix.astype(np.float32).T) > 0
    met = holds[:, rows[:, 0]]
    for column in rows.T[1:]:
        met &= holds[:, column]
    return np.asarray(met)
