"""The `camels-horses` world: two animals in two places, few images, evenly spread or not.

A small set for the question whether a model tells a camel from a horse or a desert from a meadow.
"""

from __future__ import annotations

from vlmdiag_widgets.datasets.worlds import layout
from vlmdiag_widgets.datasets.worlds.captions import caption, full_caption
from vlmdiag_widgets.datasets.worlds.facts import facts_of
from vlmdiag_widgets.datasets.worlds.place_scene import RENDERER, sample_place_scene
from vlmdiag_widgets.datasets.worlds.world import (
    LICENCES,
    Item,
    World,
    check_artwork,
    check_share,
)

CLASSES = ("camel", "horse")
PLACES = ("desert", "meadow")
USUAL_PLACE = {"camel": "desert", "horse": "meadow"}
GROUPS = tuple((animal, place) for animal in CLASSES for place in PLACES)

#: How an audit asks about this world, unless it is told otherwise.
ASKED = {
    "templates": ["a photo of a [{animal}|animal][ in the {place}]."],
    "noun": "animal",
    "slice_by": ["animal", "place"],
}

#: 48 of each animal in each place.
DEFAULT_IMAGES = 192
VARIANTS = 12
#: Half for training, a sixth for validation, a third for testing.
SIXTHS = ("train", "test", "train", "val", "train", "test")

_WORLD = 5


def build(
    n: int | None = None, seed: int = 0, *, spurious: float = 0.5, artwork: str = "noto"
) -> World:
    """Return the descriptions of all images.

    Parameters
    ----------
    n : int, optional
        Images in all, half of them for training, 1/6 for validation, 1/3 for testing.
    seed : int
    spurious : float
        Share of the training images with the camel in the desert or the horse in the meadow.
        Validation and test images are spread evenly over animal × place, as are all for 0.5.
    artwork : str
        Whose pictures: "noto" or "fluent".

    Returns
    -------
    World
        An image depends on the seed, the settings, its split and its number there.
    """
    share, artwork = check_share("spurious", spurious), check_artwork(artwork)
    rows = layout.rows(n, DEFAULT_IMAGES, pattern=SIXTHS, least=6)
    items = [_item(seed, split, number, share, artwork) for split, number in rows]
    knobs = {"spurious": share, "artwork": artwork}
    record = {"renderer": RENDERER, "artwork": LICENCES[artwork], "knobs": knobs, **ASKED}
    return World(items, CLASSES, record)


def _item(seed: int, split: str, number: int, spurious: float, artwork: str) -> Item:
    animal, place = _group(seed, split, number, spurious)
    rng = layout.generator(seed, _WORLD, split, number)
    scene = sample_place_scene(
        rng,
        [animal],
        place,
        place_seed=seed,
        variant=int(rng.integers(VARIANTS)),
        artwork=artwork,
    )
    attributes = {"animal": animal, "place": place}
    facts = facts_of(thing=animal, place=place, quality="normal")
    texts = (full_caption(facts), caption(rng, facts), caption(rng, facts))
    return Item(f"{split}-{number:05d}", scene, animal, attributes, facts, texts, split)


def _group(seed: int, split: str, number: int, spurious: float) -> tuple[str, str]:
    """Return animal and place: evenly shuffled in fours, or biased for training."""
    if split != "train":
        return layout.deal(seed, _WORLD, split, number, GROUPS)[0]
    animal, turn = layout.deal(seed, _WORLD, split, number, CLASSES)
    unusual = layout.is_exception(turn, 1 - spurious, CLASSES.index(animal) / 2)
    usual = USUAL_PLACE[animal]
    return animal, PLACES[1 - PLACES.index(usual)] if unusual else usual
