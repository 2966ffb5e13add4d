"""The 80 prompt templates of CLIP, wrapped around a composed noun phrase.

The list is the one published with Radford et al. 2021, "Learning transferable visual models
from natural language supervision", section 3.1.4, where it is used on ImageNet.
"""

from __future__ import annotations

import re

from vlmdiag_widgets.audit.templates import with_article

_ARTICLES = ("a", "the")
_PHOTOS = (
    "bad", "low resolution", "cropped", "bright", "dark", "close-up", "black and white",
    "pixelated", "jpeg corrupted", "blurry", "good",
)  # fmt: skip
_QUALITIES = ("hard to see", "clean", "dirty", "cool", "nice", "weird", "small", "large")
_WORKS = (
    "a sculpture", "a rendering", "a tattoo", "a drawing", "a painting", "a doodle", "a sketch",
    "a rendition", "art", "graffiti", "itap",
)  # fmt: skip
_MATERIALS = ("embroidered", "plastic", "origami", "toy", "cartoon", "plushie")


def _forms() -> list[str]:
    forms = [f"a photo of {word} {{}}." for word in ("a", "the", "one", "many", "my")]
    forms += ["itap of my {}."]
    for article in _ARTICLES:
        forms += [f"a {kind} photo of {article} {{}}." for kind in _PHOTOS]
        forms += [f"a photo of {article} {quality} {{}}." for quality in _QUALITIES]
        forms += [f"{work} of {article} {{}}." for work in _WORKS]
        forms += [f"{article} {material} {{}}." for material in _MATERIALS]
        forms += [f"{article} {{}} in a video game."]
    return forms


#: The 80 templates; ``{}`` is the place of the noun phrase.
TEMPLATES: tuple[str, ...] = tuple(_forms())

# What comes before the noun phrase in a finished sentence: "a blurry photo of", "itap of".
_CARRIER = re.compile(
    r"^(?:(?:an?|the)\s+)?(?:[\w-]+\s+){0,4}?"
    r"(?:photo|photograph|picture|image|drawing|painting|rendering|rendition|sketch|sculpture"
    r"|tattoo|doodle|art|artwork|graffiti|itap|cartoon|snapshot|shot)\s+of\s+",
    re.IGNORECASE,
)
_LEADING_ARTICLE = re.compile(r"^(?:an?|the|some|one|many|my)\s+", re.IGNORECASE)


def noun_phrase(sentence: str) -> str:
    """Return the noun phrase of a composed sentence.

    A leading "a photo of" (or picture, drawing, …), the article after it and a final full stop
    go; the rest stays as it is: ``"a photo of a mallard in the ocean."`` → ``"mallard in the
    ocean"``. A sentence without such a beginning keeps all but article and full stop.
    """
    phrase = _CARRIER.sub("", sentence.strip(), count=1)
    phrase = _LEADING_ARTICLE.sub("", phrase, count=1)
    return phrase.rstrip(".").strip() or sentence.strip()


def wrap(phrase: str, template: str) -> str:
    """Put a noun phrase into one of `TEMPLATES`, with the fitting a or an."""
    before, after = template.split("{}")
    return with_article(before, phrase) + after
