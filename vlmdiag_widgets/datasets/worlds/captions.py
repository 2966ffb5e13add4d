"""The words and sentences of the rendered worlds, shared by the data sets and the encoder.

A caption names some attributes of a picture and leaves others out. It carries, for each attribute
that it names, the values for which it is true, so that truth can be computed for any picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vlmdiag_widgets.datasets.worlds.places import LAND_PLACES, WATER_PLACES
from vlmdiag_widgets.datasets.worlds.sprites import BIRDS, LANDBIRDS, OTHER_BIRDS, WATERBIRDS

if TYPE_CHECKING:
    import numpy as np

#: What stands for an attribute that a picture does not have.
NONE = "none"


@dataclass(frozen=True)
class Caption:
    """A sentence and the attribute values for which it is true.

    Parameters
    ----------
    text : str
    allows : mapping of str to frozenset of str
        Attribute → values. An attribute that the sentence does not name is absent.
    """

    text: str
    allows: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def true_for(self, attributes: Mapping[str, str]) -> bool:
        """Return whether the sentence is true of a picture with these attributes."""
        return all(
            _admits(values, attributes.get(name, NONE)) for name, values in self.allows.items()
        )


#: Stands in `Caption.allows` for every value but `NONE`.
ANY = "*"


def _admits(values: frozenset[str], value: str) -> bool:
    return value in values or (ANY in values and value != NONE)


SPECIES_WORDS: dict[str, tuple[str, ...]] = {
    "mallard": ("mallard", "duck", "mallard duck"),
    "rooster": ("rooster", "cock"),
    "dove": ("dove", "pigeon"),
    "chick": ("chick", "baby bird"),
    "dog": ("dog", "puppy"),
    "cat": ("cat", "kitten"),
    "cow": ("cow", "cattle"),
    "rabbit": ("rabbit", "bunny"),
    "hippopotamus": ("hippopotamus", "hippo"),
    "rhinoceros": ("rhinoceros", "rhino"),
    "sheep": ("sheep", "lamb"),
    "donkey": ("donkey", "mule"),
    "crocodile": ("crocodile", "alligator"),
}

#: Broader words and the species they cover; "animal" covers all.
GROUPS: dict[str, tuple[str, ...]] = {
    "bird": BIRDS,
    "waterbird": WATERBIRDS,
    "water bird": WATERBIRDS,
    "landbird": LANDBIRDS + OTHER_BIRDS,
    "land bird": LANDBIRDS + OTHER_BIRDS,
}

PLACE_WORDS: dict[str, tuple[str, ...]] = {
    "ocean": ("ocean", "sea", "open sea"),
    "lake": ("lake",),
    "river": ("river", "stream"),
    "beach": ("beach", "shore", "seashore"),
    "marsh": ("marsh", "swamp", "wetland"),
    "forest": ("forest", "woods"),
    "bamboo forest": ("bamboo forest", "bamboo"),
    "meadow": ("meadow", "field"),
    "desert": ("desert", "dunes"),
    "mountain": ("mountain", "mountains"),
}
HABITAT_WORDS: dict[str, tuple[str, ...]] = {"water": WATER_PLACES, "land": LAND_PLACES}

QUALITY_WORDS: dict[str, tuple[str, ...]] = {
    "dark": ("dark",),
    "bright": ("bright",),
    "blurry": ("blurry", "low resolution", "bad"),
    "black and white": ("black and white", "grey"),
    "normal": ("good", "clean", "colorful"),
}

SIZE_WORDS = {
    "small": ("small", "little", "tiny"),
    "medium": ("medium", "medium-sized"),
    "large": ("large", "big"),
}
POSITION_WORDS: dict[str, tuple[str, ...]] = {
    "upper left": ("upper left", "top left"),
    "upper right": ("upper right", "top right"),
    "lower left": ("lower left", "bottom left"),
    "lower right": ("lower right", "bottom right"),
}
_SIDES = {
    "left": ("upper left", "lower left"),
    "right": ("upper right", "lower right"),
    "top": ("upper left", "upper right"),
    "bottom": ("lower left", "lower right"),
}

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


def with_article(noun: str) -> str:
    """Return the noun after "a" or "an"."""
    return f"{'an' if noun[0] in 'aeio' else 'a'} {noun}"


def caption(rng: np.random.Generator, attributes: Mapping[str, str]) -> Caption:
    """Return one true caption of a picture that names some of its attributes.

    Parameters
    ----------
    rng : numpy.random.Generator
    attributes : mapping
        With "species", "place" and "quality" for an animal scene, or with "shape", "color",
        "size" and "position" for a shape scene.
    """
    if attributes.get("shape", NONE) != NONE:
        return _shape_caption(rng, attributes)
    return _animal_caption(rng, attributes)


def full_caption(attributes: Mapping[str, str]) -> Caption:
    """Return the caption that names species and place, in the paper's prompt (appendix B.3)."""
    text = f"a photo of {with_article(attributes['species'])} in the {attributes['place']}."
    named = {name: frozenset((attributes[name],)) for name in ("species", "place")}
    return Caption(text, named)


def _pick(rng: np.random.Generator, options: Sequence[str]) -> str:
    return options[int(rng.integers(len(options)))]


def _subject(rng: np.random.Generator, species: str) -> tuple[str, dict[str, frozenset[str]]]:
    """Return a word for the animal and what it allows: its name, a synonym or a broader word."""
    draw = rng.random()
    groups = [word for word, members in GROUPS.items() if species in members]
    if draw < 0.72:
        options = SPECIES_WORDS.get(species, (species,))
        word = options[0] if rng.random() < 0.6 else _pick(rng, options)
        return word, {"species": frozenset((species,))}
    if groups and draw < 0.95:
        word = _pick(rng, groups)
        return word, {"species": frozenset(GROUPS[word])}
    return "animal", {"species": frozenset((ANY,))}


def _place(rng: np.random.Generator, place: str) -> tuple[str, dict[str, frozenset[str]]]:
    if rng.random() < 0.13:
        word = "water" if place in WATER_PLACES else "land"
        return word, {"place": frozenset(HABITAT_WORDS[word])}
    options = PLACE_WORDS[place]
    word = options[0] if rng.random() < 0.7 else _pick(rng, options)
    return word, {"place": frozenset((place,))}


def _animal_caption(rng: np.random.Generator, attributes: Mapping[str, str]) -> Caption:
    noun, allows = _subject(rng, attributes["species"])
    place, where = _place(rng, attributes["place"])
    kind = rng.random()
    if kind < 0.08:
        text = _pick(
            rng, (place, f"the {place}", f"a photo of the {place}", f"a picture of {place}")
        )
        return Caption(text + _stop(rng), where)
    if kind < 0.15:
        return Caption(noun + _stop(rng), allows)
    if kind < 0.21:
        text = _pick(
            rng, (f"{noun}, {place}", f"the {place} with {with_article(noun)}", f"{place}, {noun}")
        )
        return Caption(text + _stop(rng), allows | where)
    text, named = _opening(rng, noun, attributes["quality"])
    allows = allows | named
    if kind < 0.80:
        link = _pick(
            rng,
            (
                "in the",
                "in the",
                "in the",
                "on the",
                "on",
                "at the",
                "in",
                "by the",
                "in front of the",
            ),
        )
        return Caption(f"{text} {link} {place}{_stop(rng)}", allows | where)
    return Caption(text + _stop(rng), allows)


def _opening(
    rng: np.random.Generator, noun: str, quality: str
) -> tuple[str, dict[str, frozenset[str]]]:
    """Return the noun after an opening, which may name the quality of the picture."""
    naming = 0.6 if quality != "normal" else 0.06
    if rng.random() < naming:
        word = _pick(rng, QUALITY_WORDS[quality])
        kind = _pick(rng, ("photo", "photo", "picture"))
        return f"{with_article(word)} {kind} of {with_article(noun)}", {
            "quality": frozenset((quality,))
        }
    return _plain_opening(rng, noun), {}


def _plain_opening(rng: np.random.Generator, noun: str) -> str:
    if rng.random() < 0.18:
        return _pick(rng, (with_article(noun), noun, f"the {noun}"))
    opening = _pick(rng, OPENINGS)
    bare = opening.split()[-1] in _ENDS_BARE
    return f"{opening} {noun if bare else with_article(noun)}"


def _shape_caption(rng: np.random.Generator, attributes: Mapping[str, str]) -> Caption:
    words: list[str] = []
    allows: dict[str, frozenset[str]] = {}
    if rng.random() < 0.55:
        words.append(
            _pick(rng, SIZE_WORDS[attributes["size"]]) if rng.random() < 0.4 else attributes["size"]
        )
        allows["size"] = frozenset((attributes["size"],))
    if rng.random() < 0.8:
        words.append(attributes["color"])
        allows["color"] = frozenset((attributes["color"],))
    named = rng.random() < 0.85
    words.append(attributes["shape"] if named else "shape")
    allows["shape"] = frozenset((attributes["shape"],)) if named else frozenset((ANY,))
    style = rng.random()
    if style < 0.3:
        text = ", ".join(words) if rng.random() < 0.2 else " ".join(words)
    else:
        phrase = " ".join(words)
        text = _plain_opening(rng, phrase) if style > 0.55 else with_article(phrase)
    if rng.random() < 0.35:
        where, allowed = _position(rng, attributes["position"])
        return Caption(f"{text} {where}{_stop(rng)}", allows | {"position": allowed})
    return Caption(text + _stop(rng), allows)


def _position(rng: np.random.Generator, position: str) -> tuple[str, frozenset[str]]:
    if rng.random() < 0.2:
        side = _pick(rng, [side for side, members in _SIDES.items() if position in members])
        return f"{'on' if side in ('left', 'right') else 'at'} the {side}", frozenset(_SIDES[side])
    word = position if rng.random() < 0.6 else _pick(rng, POSITION_WORDS[position])
    end = _pick(rng, ("", "", " corner"))
    return f"in the {word}{end}", frozenset((position,))


def _stop(rng: np.random.Generator) -> str:
    return "." if rng.random() < 0.5 else ""
