"""The `portraits` world: drawn people of whom one skin tone is favoured in training.

After FairFace as resampled by Zhang et al. 2023, DrML, appendix B.1: the training portraits have
the shares of one region, where 92.8 % of the people are of one group and 6.4, 0.5 and 0.3 % of
others; validation and test have equally many of each. The prompts follow appendix B.3.

The people are emoji: for each age, gender and hair one drawing, in five flat tones. What a model
does with them shows how a diagnosis works. It says nothing about real people, nor about how any
model treats them.
"""

from __future__ import annotations

from collections.abc import Sequence

from vlmdiag_widgets.datasets.worlds import layout
from vlmdiag_widgets.datasets.worlds.captions import caption, full_caption
from vlmdiag_widgets.datasets.worlds.facts import facts_of
from vlmdiag_widgets.datasets.worlds.layout import pick
from vlmdiag_widgets.datasets.worlds.place_scene import RENDERER, sample_place_scene
from vlmdiag_widgets.datasets.worlds.sprites import (
    AGES,
    GENDERS,
    HAIR,
    TONES,
    portrait_sprite,
)
from vlmdiag_widgets.datasets.worlds.world import (
    LICENCES,
    Item,
    World,
    check_artwork,
    check_choice,
    check_share,
    shown,
)

#: What the class may be, and the classes.
TARGETS = {"gender": GENDERS, "age": AGES}
#: Calm backgrounds.
PLACES = ("room", "city", "meadow", "beach")

#: How an audit asks about this world, unless it is told otherwise.
ASKED = {
    "gender": {
        "asked": ["age", "gender", "tone"],
        "templates": ["a photo of a[ {age}] [{gender}|person][ with {tone} skin]."],
        "noun": "person",
        "slice_by": ["gender", "tone"],
    },
    "age": {
        "asked": ["age", "tone"],
        "templates": ["a photo of a[ {age}] person[ with {tone} skin]."],
        "noun": "person",
        "slice_by": ["age", "tone"],
    },
}

#: So many that validation and test hold each age, gender and tone equally often.
DEFAULT_IMAGES = 3_240
VARIANTS = 12

_WORLD = 3


def build(
    n: int | None = None,
    seed: int = 0,
    *,
    target: str = "gender",
    skew: float = 0.925,
    tone: str = "light",
    artwork: str = "noto",
) -> World:
    """Return the descriptions of all images.

    Parameters
    ----------
    n : int, optional
        Images in all, 4/9 of them for training, 2/9 for validation, 3/9 for testing.
    seed : int
    target : str
        What the class is: "gender" (woman, man) or "age" (baby, child, adult, older). Babies,
        who have no gender here, occur only for "age".
    skew : float
        Share of the training portraits with the favoured tone; the other four tones share the
        rest evenly. 0.2 favours none. Validation and test have equally many of each gender, age
        and tone.
    tone : str
        The favoured tone: "light", "medium-light", "medium", "medium-dark" or "dark".
    artwork : str
        Whose pictures: "noto" or "fluent".

    Returns
    -------
    World
        An image depends on the seed, the settings, its split and its number there.
    """
    target = check_choice("target", target, tuple(TARGETS))
    share, tone = check_share("skew", skew), check_choice("tone", tone, TONES)
    artwork = check_artwork(artwork)
    dealer = _Dealer(seed, _kinds(target), share, tone)
    items = [
        _item(seed, split, number, target, dealer.person(split, number), artwork)
        for split, number in layout.rows(n, DEFAULT_IMAGES)
    ]
    knobs = {"target": target, "skew": share, "tone": tone, "artwork": artwork}
    record = {"renderer": RENDERER, "artwork": LICENCES[artwork], "knobs": knobs, **ASKED[target]}
    return World(items, TARGETS[target], record)


def _kinds(target: str) -> tuple[tuple[str, str], ...]:
    """Return the (age, gender) that are equally frequent; babies count twice, for two genders."""
    grown = tuple((age, gender) for age in AGES if age != "baby" for gender in GENDERS)
    return grown if target == "gender" else (("baby", "person"), ("baby", "person"), *grown)


class _Dealer:
    """Says who is in which picture: everyone in turn, but mostly of one tone in training."""

    def __init__(
        self, seed: int, kinds: Sequence[tuple[str, str]], share: float, tone: str
    ) -> None:
        self._seed = seed
        self._kinds = kinds
        self._share = share
        self._tone = tone
        self._others = tuple(other for other in TONES if other != tone)

    def person(self, split: str, number: int) -> tuple[str, str, str]:
        """Return age, gender and tone."""
        cells = range(len(self._kinds))
        cell, turn = layout.deal(self._seed, _WORLD, split, number, cells)
        age, gender = self._kinds[cell]
        return age, gender, self._tone_of(split, cell, turn)

    def _tone_of(self, split: str, cell: int, turn: int) -> str:
        key = (layout.SPLITS.index(split), cell)
        if split != "train":
            return layout.take_turns(self._seed, _WORLD, key, TONES, turn)
        rare, start = 1 - self._share, cell / len(self._kinds)
        if not layout.is_exception(turn, rare, start):
            return self._tone
        before = layout.exception_before(turn, rare, start)
        return layout.take_turns(self._seed, _WORLD, key, self._others, before)


def _item(
    seed: int, split: str, number: int, target: str, person: tuple[str, str, str], artwork: str
) -> Item:
    age, gender, tone = person
    rng = layout.generator(seed, _WORLD, split, number)
    hair = pick(rng, _hair(age, gender, tone, artwork))
    place = pick(rng, PLACES)
    scene = sample_place_scene(
        rng,
        [portrait_sprite(age, gender, tone, hair)],
        place,
        place_seed=seed,
        variant=int(rng.integers(VARIANTS)),
        artwork=artwork,
    )
    known = {"age": age, "gender": gender, "tone": tone, "hair": hair, "place": place}
    if age == "baby":
        del known["gender"]
    facts = facts_of(quality="normal", **known)
    texts = (full_caption(facts), caption(rng, facts), caption(rng, facts))
    label = known[target]
    return Item(f"{split}-{number:05d}", scene, label, known, facts, texts, split)


def _hair(age: str, gender: str, tone: str, artwork: str) -> tuple[str, ...]:
    """Return the hair in which the artwork shows someone."""
    if age != "adult":
        return ("plain",)
    sprites = {portrait_sprite(age, gender, tone, hair): hair for hair in HAIR}
    return tuple(sprites[name] for name in shown(tuple(sprites), artwork))
