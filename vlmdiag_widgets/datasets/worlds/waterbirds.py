"""The `waterbirds` world: the class goes with the background in training, not in the test.

After Waterbirds (Sagawa et al. 2020), as used by Zhang et al. 2023, DrML, section 4 and
appendix B.1: a classifier that looks at the place rather than at the bird fails on water birds
on land and on land birds on water.
"""

from __future__ import annotations

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.datasets.worlds import layout
from vlmdiag_widgets.datasets.worlds.captions import caption, full_caption
from vlmdiag_widgets.datasets.worlds.facts import facts_of
from vlmdiag_widgets.datasets.worlds.layout import pick
from vlmdiag_widgets.datasets.worlds.place_scene import RENDERER, sample_place_scene
from vlmdiag_widgets.datasets.worlds.places import LAND_PLACES, WATER_PLACES
from vlmdiag_widgets.datasets.worlds.sprites import LANDBIRDS, WATERBIRDS
from vlmdiag_widgets.datasets.worlds.world import (
    LICENCES,
    Item,
    World,
    check_artwork,
    check_count,
    check_share,
    shown,
)

CLASSES = ("landbird", "waterbird")
SPECIES = {"landbird": LANDBIRDS, "waterbird": WATERBIRDS}
PLACES = {"land": LAND_PLACES, "water": WATER_PLACES}
USUAL_HABITAT = {"landbird": "land", "waterbird": "water"}
GROUPS = tuple((label, habitat) for label in CLASSES for habitat in ("land", "water"))

#: How an audit asks about this world, unless it is told otherwise.
ASKED = {"templates": ["a photo of a [{species}|bird][ in the {place}]."], "noun": "bird"}

#: With more training images a probe of the demo encoder learns to look at the bird.
DEFAULT_IMAGES = 2_700
#: Drawn renderings of each place that the images of one seed share.
VARIANTS = 12

#: Size of a bird as a share of the picture's side. Chosen with the demo encoder: on larger birds a
#: probe of it looks past the place, and little is left to find.
SCALES = (0.20, 0.35)

_WORLD = 1


def build(
    n: int | None = None,
    seed: int = 0,
    *,
    spurious: float = 0.9,
    artwork: str = "noto",
    train: int | None = None,
    val: int | None = None,
    test: int | None = None,
) -> World:
    """Return the descriptions of all images.

    Parameters
    ----------
    n : int, optional
        Images in all, 4/9 of them for training, 2/9 for validation, 3/9 for testing.
    seed : int
    spurious : float
        Share of the training images whose habitat is the usual one of their class. Validation
        and test images are spread evenly over class × habitat.
    artwork : str
        Whose pictures of birds: "noto" or "fluent".
    train, val, test : int, optional
        Images in each split; give all three and not `n`.

    Returns
    -------
    World
        An image depends on `seed`, `spurious`, `artwork`, its split and its number there, never
        on how many images there are.
    """
    share, artwork = check_share("spurious", spurious), check_artwork(artwork)
    sizes = {"train": train, "val": val, "test": test}
    items = [_item(seed, split, number, share, artwork) for split, number in _rows(n, sizes)]
    given = {name: size for name, size in sizes.items() if size is not None}
    knobs = {"spurious": share, "artwork": artwork, **given}
    record = {"renderer": RENDERER, "artwork": LICENCES[artwork], "knobs": knobs, **ASKED}
    return World(items, CLASSES, record)


def _rows(n: int | None, sizes: dict[str, int | None]) -> list[tuple[str, int]]:
    """Return the split of each row and its number within the split."""
    given = {name: check_count(name, size) for name, size in sizes.items() if size is not None}
    if not given:
        return layout.rows(n, DEFAULT_IMAGES)
    # The record of a data set names its number of images besides those of its splits.
    if len(given) < len(sizes) or n not in (None, sum(given.values())):
        raise InputError(
            f"n is {n!r}, and train, val, test are {tuple(sizes.values())}; expected either n or "
            "all three.",
            "For example load_dataset('waterbirds', train=800, val=200, test=400).",
        )
    check_count("train + val + test", sum(given.values()))
    return layout.rows_of_sizes(given)


def _item(seed: int, split: str, number: int, spurious: float, artwork: str) -> Item:
    label, habitat = _group(seed, split, number, spurious)
    rng = layout.generator(seed, _WORLD, split, number)
    species = pick(rng, shown(SPECIES[label], artwork))
    place = pick(rng, PLACES[habitat])
    scene = sample_place_scene(
        rng,
        [species],
        place,
        place_seed=seed,
        variant=int(rng.integers(VARIANTS)),
        scales=SCALES,
        artwork=artwork,
    )
    attributes = {"species": species, "place": place, "habitat": habitat}
    facts = facts_of(thing=species, place=place, quality="normal")
    texts = (full_caption(facts), caption(rng, facts), caption(rng, facts))
    return Item(f"{split}-{number:05d}", scene, label, attributes, facts, texts, split)


def _group(seed: int, split: str, number: int, spurious: float) -> tuple[str, str]:
    """Return class and habitat: evenly shuffled in fours, or biased for training."""
    if split != "train":
        return layout.deal(seed, _WORLD, split, number, GROUPS)[0]
    label, pair = layout.deal(seed, _WORLD, split, number, CLASSES)
    start = 0.5 if label == "landbird" else 0.0
    usual = USUAL_HABITAT[label]
    unusual = layout.is_exception(pair, 1 - spurious, start)
    return label, ({"land": "water", "water": "land"}[usual] if unusual else usual)
