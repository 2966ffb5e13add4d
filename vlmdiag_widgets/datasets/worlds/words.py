"""The words of the rendered worlds: values of each attribute, synonyms and broader words."""

from __future__ import annotations

from vlmdiag_widgets._errors import InputError, nearest_names
from vlmdiag_widgets.datasets.worlds import shape_scene
from vlmdiag_widgets.datasets.worlds.place_scene import QUALITIES
from vlmdiag_widgets.datasets.worlds.places import (
    ALL_PLACES,
    INDOORS,
    LAND_PLACES,
    MORE_PLACES,
    WATER_PLACES,
)
from vlmdiag_widgets.datasets.worlds.signs import SIGN_WORDS
from vlmdiag_widgets.datasets.worlds.sprites import (
    AGES,
    BIRDS,
    GENDERS,
    HAIR,
    LANDBIRDS,
    OBJECTS,
    OTHER_BIRDS,
    PROFESSIONS,
    TONES,
    WATERBIRDS,
    other_animals,
)

ANIMALS = BIRDS + other_animals()
SHAPES = shape_scene.SHAPES + shape_scene.OTHER_SHAPES
COLORS = shape_scene.COLORS + shape_scene.OTHER_COLORS

#: Attribute → its values, in a fixed order.
VALUES: dict[str, tuple[str, ...]] = {
    "thing": ANIMALS + OBJECTS,
    "place": ALL_PLACES,
    "quality": QUALITIES,
    "shape": SHAPES,
    "color": COLORS,
    "size": shape_scene.SIZES,
    "position": shape_scene.POSITIONS,
    "gender": GENDERS,
    "age": AGES,
    "tone": TONES,
    "hair": HAIR,
    "profession": PROFESSIONS,
    "sign": SIGN_WORDS,
}

THING_WORDS: dict[str, tuple[str, ...]] = {
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
    "car": ("car", "automobile"),
    "bicycle": ("bicycle", "bike"),
    "motorcycle": ("motorcycle", "motorbike"),
    "boat": ("boat", "sailboat"),
    "ball": ("ball", "football"),
    "gift": ("gift", "present"),
    "backpack": ("backpack", "bag"),
}

#: Broader words and the things they cover; "animal" covers all animals.
GROUPS: dict[str, tuple[str, ...]] = {
    "bird": BIRDS,
    "waterbird": WATERBIRDS,
    "water bird": WATERBIRDS,
    "landbird": LANDBIRDS + OTHER_BIRDS,
    "land bird": LANDBIRDS + OTHER_BIRDS,
}
OBJECT_GROUPS: dict[str, tuple[str, ...]] = {
    "vehicle": tuple(
        name for name in ("car", "bus", "truck", "bicycle", "motorcycle", "boat") if name in OBJECTS
    ),
    "object": OBJECTS,
}

PLACE_WORDS: dict[str, tuple[str, ...]] = {
    "ocean": ("ocean", "sea", "open sea"),
    "lake": ("lake",),
    "river": ("river", "stream"),
    "beach": ("beach", "shore", "seashore"),
    "marsh": ("marsh", "swamp", "wetland"),
    "forest": ("forest", "woods"),
    "bamboo forest": ("bamboo forest", "bamboo"),
    "meadow": ("meadow", "field", "grass"),
    "desert": ("desert", "dunes"),
    "mountain": ("mountain", "mountains"),
    "snow": ("snow", "snowy field"),
    "city": ("city", "street", "town"),
    "room": ("room", "house"),
}
HABITAT_WORDS: dict[str, tuple[str, ...]] = {
    "water": WATER_PLACES,
    "land": LAND_PLACES + MORE_PLACES,
    "indoors": INDOORS,
}

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
SIDES = {
    "left": ("upper left", "lower left"),
    "right": ("upper right", "lower right"),
    "top": ("upper left", "upper right"),
    "bottom": ("lower left", "lower right"),
}

PROFESSION_WORDS: dict[str, tuple[str, ...]] = {
    "doctor": ("doctor", "health worker", "nurse"),
    "cook": ("cook", "chef"),
    "firefighter": ("firefighter", "fire fighter"),
    "teacher": ("teacher", "professor"),
    "artist": ("artist", "painter"),
    "pilot": ("pilot", "airline pilot"),
    "office worker": ("office worker", "clerk"),
}

#: (age, gender) → nouns; the first is the usual one.
PERSON_WORDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("child", "woman"): ("girl", "little girl", "young girl"),
    ("child", "man"): ("boy", "little boy", "young boy"),
    ("adult", "woman"): ("woman", "adult woman", "lady"),
    ("adult", "man"): ("man", "adult man"),
    ("older", "woman"): ("older woman", "old woman", "elderly woman", "grandmother"),
    ("older", "man"): ("older man", "old man", "elderly man", "grandfather"),
}
AGE_WORDS: dict[str, tuple[str, ...]] = {
    "baby": ("baby", "infant"),
    "child": ("child", "kid"),
    "adult": ("adult", "adult person"),
    "older": ("older person", "old person", "elderly person", "senior"),
}
TONE_WORDS: dict[str, tuple[str, ...]] = {
    "light": ("light", "pale"),
    "medium-light": ("medium-light",),
    "medium": ("medium", "tan"),
    "medium-dark": ("medium-dark", "brown"),
    "dark": ("dark", "black"),
}
HAIR_WORDS: dict[str, tuple[str, ...]] = {
    "blond": ("blond", "blonde"),
    "red": ("red", "ginger"),
    "curly": ("curly",),
    "white": ("white", "grey"),
}


def values(attribute: str) -> tuple[str, ...]:
    """Return the values of an attribute, in their fixed order.

    Raises
    ------
    InputError
        No rendered picture has such an attribute.
    """
    if attribute not in VALUES:
        near = nearest_names(attribute, VALUES) or list(VALUES)
        raise InputError(
            f"Rendered pictures have no attribute {attribute!r}; "
            f"expected one of {', '.join(VALUES)}.",
            f"Did you mean {near[0]!r}?",
        )
    return VALUES[attribute]


_PROMPTS = {
    "thing": "a photo of {article}.",
    "place": "a photo of the {value}.",
    "quality": "{article} photo of an animal.",
    "shape": "{article}.",
    "color": "{article} shape.",
    "size": "{article} shape.",
    "position": "a shape in the {value}.",
    "gender": "a photo of {article}.",
    "age": "a photo of {article}.",
    "tone": "a photo of a person with {value} skin.",
    "hair": "a photo of a person with {value} hair.",
    "profession": "a photo of {article}.",
    "sign": "a sign that says {value}.",
}

#: Where the value is not the word that captions use.
_OWN_PROMPTS = {
    ("hair", "bald"): "a photo of a bald person.",
    ("hair", "plain"): "a photo of a person.",
    ("age", "older"): "a photo of an older person.",
    ("quality", "normal"): "a good photo of an animal.",
}


def prompt(attribute: str, value: str) -> str:
    """Return the sentence that asks for a value in zero-shot classification.

    Examples
    --------
    >>> prompt("tone", "dark")
    'a photo of a person with dark skin.'
    """
    values(attribute)
    if (attribute, value) in _OWN_PROMPTS:
        return _OWN_PROMPTS[attribute, value]
    return _PROMPTS[attribute].format(value=value, article=with_article(value))


def with_article(noun: str) -> str:
    """Return the noun after "a" or "an"."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
