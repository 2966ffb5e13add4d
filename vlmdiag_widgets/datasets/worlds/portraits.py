"""The `portraits` world: drawn people of whom one skin tone is favoured in training.

After FairFace as resampled by Zhang et al. 2023, DrML, appendix B.1: the training portraits have
the shares of one region, where 92.8 % of the people are of one group and 6.4, 0.5 and 0.3 % of
others; validation and test have equally many of each. The prompts follow appendix B.3.

The people are emoji: for each age, gender and hair one drawing, in five flat tones. What a model
does with them shows how a diagnosis works. It says nothing about real people, nor about how any
model treats them.
"""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True)
class _Settings:
    seed: int
    target: str
    skew: float
    tone: str
    artwork: str


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
    settings = _Settings(
        seed,
        check_choice("target", target, tuple(TARGETS)),
        check_share("skew", skew),
        check_choice("tone", tone, TONES),
        check_artwork(artwork),
    )
    items = [_item(settings, split, number) for split, number in layout.rows(n, DEFAULT_IMAGES)]
    knobs = {name: value for name, value in vars(settings).items() if name != "seed"}
    record = {"renderer": RENDERER, "artwork": LICENCES[settings.artwork], "knobs": knobs}
    return World(items, TARGETS[target], {**record, **ASKED[target]})


def _kinds(target: str) -> tuple[tuple[str, str], ...]:
    """Return the (age, gender) that are equally frequent; babies count twice, for two genders."""
    grown = tuple((age, gender) for age in AGES if age != "baby" for gender in GENDERS)
    return grown if target == "gender" else (("baby", "person"), ("baby", "person"), *grown)


def _item(settings: _Settings, split: str, number: int) -> Item:
    age, gender, tone = _who(settings, split, number)
    rng = layout.generator(settings.seed, _WORLD, split, number)
    hair = pick(rng, _hair(age, gender, tone, settings.artwork))
    place = pick(rng, PLACES)
    scene = sample_place_scene(
        rng,
        [portrait_sprite(age, gender, tone, hair)],
        place,
        place_seed=settings.seed,
        variant=int(rng.integers(VARIANTS)),
        artwork=settings.artwork,
    )
    known = {"age": age, "gender": gender, "tone": tone, "hair": hair, "place": place}
    if age == "baby":
        del known["gender"]
    facts = facts_of(quality="normal", **known)
    texts = (full_caption(facts), caption(rng, facts), caption(rng, facts))
    label = known[settings.target]
    return Item(f"{split}-{number:05d}", scene, label, known, facts, texts, split)


def _who(settings: _Settings, split: str, number: int) -> tuple[str, str, str]:
    """Return age, gender and tone: everyone in turn, but mostly of one tone in training."""
    kinds = _kinds(settings.target)
    cell, turn = layout.deal(settings.seed, _WORLD, split, number, range(len(kinds)))
    key = (layout.SPLITS.index(split), cell)
    if split != "train":
        return *kinds[cell], layout.take_turns(settings.seed, _WORLD, key, TONES, turn)
    rare, start = 1 - settings.skew, cell / len(kinds)
    if not layout.is_exception(turn, rare, start):
        return *kinds[cell], settings.tone
    others = tuple(tone for tone in TONES if tone != settings.tone)
    before = layout.exception_before(turn, rare, start)
    return *kinds[cell], layout.take_turns(settings.seed, _WORLD, key, others, before)


def _hair(age: str, gender: str, tone: str, artwork: str) -> tuple[str, ...]:
    """Return the hair in which the artwork shows someone."""
    if age != "adult":
        return ("plain",)
    sprites = {portrait_sprite(age, gender, tone, hair): hair for hair in HAIR}
    return tuple(sprites[name] for name in shown(tuple(sprites), artwork))
