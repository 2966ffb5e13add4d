"""The `professions` world: drawn people at work, with their faces known and boards beside some.

After IdenProf, on which explanations of vision-language classifiers are tried: does the model look
at the person or at the place, does gender stand for a profession that it went with in training,
and does a written word decide (typographic attack)?

The people are emoji: two drawings for each profession, in five flat tones. What a model does with
them shows how a diagnosis works. It says nothing about real people or professions, nor about how
any model treats them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.datasets.worlds import layout
from vlmdiag_widgets.datasets.worlds.captions import caption, full_caption
from vlmdiag_widgets.datasets.worlds.facts import facts_of
from vlmdiag_widgets.datasets.worlds.layout import pick
from vlmdiag_widgets.datasets.worlds.place_scene import RENDERER, sample_place_scene
from vlmdiag_widgets.datasets.worlds.signs import SIGN_WORDS
from vlmdiag_widgets.datasets.worlds.sprites import GENDERS, PROFESSIONS, TONES, profession_sprite
from vlmdiag_widgets.datasets.worlds.world import (
    LICENCES,
    Item,
    World,
    check_artwork,
    check_share,
)

if TYPE_CHECKING:
    import numpy as np

#: The profession that each word on a board names.
WORD_OF = dict(zip(PROFESSIONS, SIGN_WORDS, strict=True))
#: People stand on land.
PLACES = ("room", "city", "meadow", "forest", "snow", "desert")
#: Name → narrowest and widest board, as shares of the picture's side.
SIGN_SIZES = {"small": (0.45, 0.60), "large": (0.75, 0.95)}
#: What `sign_word` may be besides a word.
SIGN_KINDS = ("own", "other", "any")
MAX_WORD = 14

#: How an audit asks about this world, unless it is told otherwise.
ASKED = {
    "asked": ["profession", "gender", "tone"],
    "templates": ["a photo of a[ {gender}] [{profession}|person][ with {tone} skin]."],
    "noun": "person",
    "slice_by": ["profession", "gender"],
}

#: So many that validation and test hold each profession, gender and tone equally often.
DEFAULT_IMAGES = 3_240
VARIANTS = 12

_WORLD = 4
_HALF = len(PROFESSIONS) // 2


@dataclass(frozen=True)
class _Settings:
    seed: int
    sign_share: float
    sign_word: str
    gender_skew: float
    artwork: str


def build(
    n: int | None = None,
    seed: int = 0,
    *,
    sign_share: float = 0.3,
    sign_word: str = "any",
    gender_skew: float = 0.0,
    artwork: str = "noto",
) -> World:
    """Return the descriptions of all images.

    Parameters
    ----------
    n : int, optional
        Images in all, 4/9 of them for training, 2/9 for validation, 3/9 for testing.
    seed : int
    sign_share : float
        Share of the pictures with a written board.
    sign_word : str
        What boards say: "own" (the profession of the person), "other" (another one), "any"
        (half and half), or a word of up to 14 letters, digits and signs that all boards say.
    gender_skew : float
        How strongly gender goes with the profession in training, from 0 (not at all) to 1: the
        share of women in the first six professions, and of men in the others, is
        ``0.5 + gender_skew / 2``. Validation and test have equally many of each.
    artwork : str
        Whose pictures: "noto" or "fluent".

    Returns
    -------
    World
        An image depends on the seed, the settings, its split and its number there.
    """
    settings = _Settings(
        seed,
        check_share("sign_share", sign_share),
        check_sign_word(sign_word),
        check_share("gender_skew", gender_skew),
        check_artwork(artwork),
    )
    items = [_item(settings, split, number) for split, number in layout.rows(n, DEFAULT_IMAGES)]
    knobs = {name: value for name, value in vars(settings).items() if name != "seed"}
    record = {"renderer": RENDERER, "artwork": LICENCES[settings.artwork], "knobs": knobs, **ASKED}
    return World(items, PROFESSIONS, record)


def check_sign_word(value: object) -> str:
    """Return what boards say: "own", "other", "any" or a word in small letters.

    Raises
    ------
    InputError
        No text, an empty or a long one, or with signs that the letters of boards lack.
    """
    hint = "For example sign_word='other', or a word such as sign_word='pizza'."
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"sign_word is {value!r}; expected 'own', 'other', 'any' or a word.", hint)
    word = value.strip().lower()
    if len(word) > MAX_WORD:
        raise InputError(
            f"sign_word has {len(word)} characters; a board holds at most {MAX_WORD}.", hint
        )
    if not (word.isascii() and word.isprintable()):
        raise InputError(
            f"sign_word is {value!r}; boards are written with plain letters a to z, digits and "
            "signs.",
            hint,
        )
    return word


def _item(settings: _Settings, split: str, number: int) -> Item:
    profession, gender, turn = _who(settings, split, number)
    job = PROFESSIONS.index(profession)
    key = (layout.SPLITS.index(split), job, GENDERS.index(gender))
    # Moved on by one a round, or the same tones would always get the boards.
    tone = layout.take_turns(settings.seed, _WORLD, key, TONES, turn + turn // len(TONES))
    rng = layout.generator(settings.seed, _WORLD, split, number)
    place = pick(rng, PLACES)
    sign = _sign(settings, rng, profession, gender, turn)
    sign_size = pick(rng, tuple(SIGN_SIZES)) if sign else ""
    scene = sample_place_scene(
        rng,
        [profession_sprite(profession, gender, tone)],
        place,
        place_seed=settings.seed,
        variant=int(rng.integers(VARIANTS)),
        sign=sign or None,
        sign_width=SIGN_SIZES.get(sign_size, SIGN_SIZES["large"]),
        artwork=settings.artwork,
    )
    seen = {"profession": profession, "gender": gender, "tone": tone, "place": place}
    facts = facts_of(quality="normal", age="adult", sign=sign, **seen)
    texts = (full_caption(facts), caption(rng, facts), caption(rng, facts))
    attributes = {
        **seen,
        "sign": sign,
        "sign_size": sign_size,
        "sign_says": _says(profession, sign),
    }
    return Item(f"{split}-{number:05d}", scene, profession, attributes, facts, texts, split)


def _who(settings: _Settings, split: str, number: int) -> tuple[str, str, int]:
    """Return profession, gender, and how often the two came before."""
    if split != "train":
        pairs = tuple((profession, gender) for profession in PROFESSIONS for gender in GENDERS)
        (profession, gender), turn = layout.deal(settings.seed, _WORLD, split, number, pairs)
        return profession, gender, turn
    profession, turn = layout.deal(settings.seed, _WORLD, split, number, PROFESSIONS)
    job = PROFESSIONS.index(profession)
    usual, other = GENDERS if job < _HALF else GENDERS[::-1]
    start = job / len(PROFESSIONS)
    share = 0.5 - settings.gender_skew / 2
    before = layout.exception_before(turn, share, start)
    if layout.is_exception(turn, share, start):
        return profession, other, before
    return profession, usual, turn - before


def _sign(
    settings: _Settings, rng: np.random.Generator, profession: str, gender: str, turn: int
) -> str:
    """Return what the board says, or "" where there is none."""
    share = settings.sign_share
    phase = (PROFESSIONS.index(profession) + GENDERS.index(gender) / 2) / len(PROFESSIONS)
    # Evenly over the first round too, so that few pictures have the share as well as many.
    start = phase / share if share else 0.0
    if not layout.is_exception(turn, share, start):
        return ""
    kind = settings.sign_word
    if kind == "any":
        # Offset by person, or the first round of boards would be all alike.
        offset = PROFESSIONS.index(profession) + GENDERS.index(gender)
        kind = ("own", "other")[(layout.exception_before(turn, share, start) + offset) % 2]
    if kind == "own":
        return WORD_OF[profession]
    if kind == "other":
        return pick(rng, tuple(word for word in SIGN_WORDS if word != WORD_OF[profession]))
    return kind


def _says(profession: str, sign: str) -> str:
    """Return what the board says of the person."""
    if not sign:
        return "nothing"
    return "own profession" if sign == WORD_OF[profession] else "something else"
