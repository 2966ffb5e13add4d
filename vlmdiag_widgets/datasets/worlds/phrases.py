"""Parts of sentences that all kinds of captions share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vlmdiag_widgets.datasets.worlds.facts import Clause, Facts, claim
from vlmdiag_widgets.datasets.worlds.words import HABITAT_WORDS, PLACE_WORDS, with_article

if TYPE_CHECKING:
    import numpy as np

#: Openings that say nothing about the picture (after the 80 prompts of Radford et al. 2021).
OPENINGS = (
    "a photo of",
    "a photo of",
    "a photo of",
    "a picture of",
    "an image of",
    "a drawing of",
    "a rendering of",
    "a rendition of",
    "a painting of",
    "art of",
    "a cartoon",
    "a sketch of",
    "graffiti of",
    "a close-up photo of",
    "a cropped photo of",
    "a jpeg corrupted photo of",
    "a pixelated photo of",
    "a photo of one",
    "a photo of my",
    "a photo of the",
    "the",
    "there is",
    "this is",
    "itap of",
    "a tattoo of",
    "a doodle of",
    "a plushie",
    "the toy",
    "the origami",
    "a photo of the cool",
    "a photo of a nice",
    "a photo of the weird",
    "a photo of a hard to see",
    "a photo of many",
    "a sculpture of",
    "a low quality drawing of",
    "in a video game,",
)
_ENDS_BARE = (
    "one",
    "my",
    "the",
    "cool",
    "nice",
    "weird",
    "see",
    "many",
    "plushie",
    "toy",
    "origami",
    "cartoon",
)


def pick(rng: np.random.Generator, options: Sequence[str]) -> str:
    """Return one of the options."""
    return options[int(rng.integers(len(options)))]


def only(facts: Facts, attribute: str) -> str:
    """Return the one value of an attribute."""
    (value,) = facts[attribute]
    return value


def stop(rng: np.random.Generator) -> str:
    """Return a full stop or nothing."""
    return "." if rng.random() < 0.5 else ""


def plain_opening(rng: np.random.Generator, noun: str) -> str:
    """Return the noun after words that claim nothing."""
    if rng.random() < 0.18:
        return pick(rng, (with_article(noun), noun, f"the {noun}"))
    opening = pick(rng, OPENINGS)
    bare = opening.split()[-1] in _ENDS_BARE
    return f"{opening} {noun if bare else with_article(noun)}"


def place_phrase(rng: np.random.Generator, place: str) -> tuple[str, Clause]:
    """Return a word for the place and its claim."""
    habitats = [word for word, places in HABITAT_WORDS.items() if place in places]
    if habitats and rng.random() < 0.13:
        return habitats[0], claim("place", *HABITAT_WORDS[habitats[0]])
    options = PLACE_WORDS[place]
    word = options[0] if rng.random() < 0.7 else pick(rng, options)
    return word, claim("place", place)
