"""The `scenes` world: one to four things in a place, several labels, captions that leave some out.

After MS-COCO, in small: the labels of a picture are all things in it, and each of its five captions
mentions what its writer cared for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vlmdiag_widgets.datasets.worlds import layout
from vlmdiag_widgets.datasets.worlds.captions import caption
from vlmdiag_widgets.datasets.worlds.facts import Caption, Facts, facts_of
from vlmdiag_widgets.datasets.worlds.layout import pick
from vlmdiag_widgets.datasets.worlds.place_scene import RENDERER, sample_place_scene
from vlmdiag_widgets.datasets.worlds.places import ALL_PLACES, INDOORS, PLACES, WATER_PLACES
from vlmdiag_widgets.datasets.worlds.sprites import ANIMALS, OBJECTS
from vlmdiag_widgets.datasets.worlds.world import LICENCES, Item, World, check_artwork, shown

if TYPE_CHECKING:
    import numpy as np

#: How an audit asks about this world, unless it is told otherwise.
ASKED = {
    "asked": ["place"],
    "templates": ["a photo of the {place}."],
    "noun": "object",
    "slice_by": ["place"],
}

COUNTS = (1, 2, 3, 4)
CAPTIONS = 5
#: What may float; all other objects stay on land.
AFLOAT = ("boat", "ball", "balloon", "kite")
DRY_PLACES = tuple(place for place in ALL_PLACES if place not in WATER_PLACES or place == "beach")

DEFAULT_IMAGES = 3_000
VARIANTS = 12

_WORLD = 7


def build(n: int | None = None, seed: int = 0, *, artwork: str = "noto") -> World:
    """Return the descriptions of all images.

    Parameters
    ----------
    n : int, optional
        Images in all, 4/9 of them for training, 2/9 for validation, 3/9 for testing. In each,
        one, two, three and four things are equally frequent.
    seed : int
    artwork : str
        Whose pictures: "noto" or "fluent".

    Returns
    -------
    World
        An image depends on the seed, the artwork, its split and its number there. Its labels are
        all things in it; the classes are all animals and objects.
    """
    artwork = check_artwork(artwork)
    things = shown(ANIMALS + OBJECTS, artwork)
    rows = layout.rows(n, DEFAULT_IMAGES)
    items = [_item(seed, split, number, things, artwork) for split, number in rows]
    knobs = {"artwork": artwork}
    record = {"renderer": RENDERER, "artwork": LICENCES[artwork], "knobs": knobs, **ASKED}
    return World(items, things, record)


def _item(seed: int, split: str, number: int, things: Sequence[str], artwork: str) -> Item:
    count, _ = layout.deal(seed, _WORLD, split, number, COUNTS)
    rng = layout.generator(seed, _WORLD, split, number)
    shown_here = tuple(things[int(k)] for k in rng.permutation(len(things))[:count])
    place = pick(rng, _places(shown_here))
    scene = sample_place_scene(
        rng,
        shown_here,
        place,
        place_seed=seed,
        variant=int(rng.integers(VARIANTS)),
        artwork=artwork,
    )
    facts = facts_of(thing=shown_here, place=place, quality="normal")
    texts = tuple(_partial_caption(rng, facts) for _ in range(CAPTIONS))
    attributes = {"place": place, "count": str(count)}
    return Item(f"{split}-{number:05d}", scene, shown_here, attributes, facts, texts, split)


def _places(things: Sequence[str]) -> tuple[str, ...]:
    """Return where all of the things may be: cars do not swim, nor do hippos sit in rooms."""
    if any(thing in OBJECTS and thing not in AFLOAT for thing in things):
        return DRY_PLACES
    if any(thing in ANIMALS for thing in things):
        return tuple(place for place in PLACES if place not in INDOORS)
    return ALL_PLACES


def _partial_caption(rng: np.random.Generator, facts: Facts) -> Caption:
    """Return a caption that leaves out at least one of several things."""
    several = len(facts["thing"]) > 1
    while True:
        found = caption(rng, facts)
        named = sum(clause.attribute == "thing" for clause in found.clauses)
        if named < len(facts["thing"]) or not several:
            return found
