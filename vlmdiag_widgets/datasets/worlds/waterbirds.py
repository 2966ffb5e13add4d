"""The `waterbirds` world: the class goes with the background in training, not in the test.

After Waterbirds (Sagawa et al. 2020), as used by Zhang et al. 2023, DrML, section 4 and
appendix B.1: a classifier that looks at the place rather than at the bird fails on water birds
on land and on land birds on water.
"""

from __future__ import annotations

from itertools import cycle

import numpy as np

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.datasets.worlds.animal_scene import RENDERER, sample_animal_scene
from vlmdiag_widgets.datasets.worlds.captions import caption, full_caption
from vlmdiag_widgets.datasets.worlds.places import LAND_PLACES, WATER_PLACES
from vlmdiag_widgets.datasets.worlds.sprites import LANDBIRDS, WATERBIRDS
from vlmdiag_widgets.datasets.worlds.world import Item, World, check_count, check_share

CLASSES = ("landbird", "waterbird")
SPECIES = {"landbird": LANDBIRDS, "waterbird": WATERBIRDS}
PLACES = {"land": LAND_PLACES, "water": WATER_PLACES}
USUAL_HABITAT = {"landbird": "land", "waterbird": "water"}
GROUPS = tuple((label, habitat) for label in CLASSES for habitat in ("land", "water"))

#: How an audit asks about this world, unless it is told otherwise.
ASKED = {"templates": ["a photo of a [{species}|bird][ in the {place}]."], "noun": "bird"}

DEFAULT_IMAGES = 3_600
#: Drawn renderings of each place that the images of one seed share.
VARIANTS = 12

#: Size of a bird as a share of the picture's side. Chosen with the demo encoder: on larger birds a
#: probe of it looks past the place even at a spurious share of 0.95, and little is left to find.
SCALES = (0.20, 0.35)

_WORLD = 1
_SPLITS = ("train", "val", "test")
#: Nine rows in a row: 4 for training, 2 for validation, 3 for testing.
_PATTERN = ("train", "test", "val", "train", "test", "train", "val", "train", "test")


def build(
    n: int | None = None,
    seed: int = 0,
    *,
    spurious: float = 0.95,
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
    train, val, test : int, optional
        Images in each split; give all three and not `n`.

    Returns
    -------
    World
        An image depends on `seed`, `spurious`, its split and its number there, never on how
        many images there are.
    """
    share = check_share("spurious", spurious)
    items = [_item(seed, split, number, share) for split, number in _rows(n, train, val, test)]
    record = {"renderer": RENDERER, "knobs": {"spurious": share}, **ASKED}
    return World(items, CLASSES, record)


def _rows(
    n: int | None, train: int | None, val: int | None, test: int | None
) -> list[tuple[str, int]]:
    """Return the split of each row and its number within the split."""
    given = (train, val, test)
    if any(size is not None for size in given):
        if n is not None or any(size is None for size in given):
            raise InputError(
                f"n is {n!r}, and train, val, test are {given}; expected either n or all three.",
                "For example load_dataset('waterbirds', train=800, val=200, test=400).",
            )
        return _interleaved({k: check_count(k, v) for k, v in zip(_SPLITS, given, strict=True)})
    count = DEFAULT_IMAGES if n is None else check_count("n", n, least=9)
    taken = dict.fromkeys(_SPLITS, 0)
    for row in range(count):
        taken[_PATTERN[row % len(_PATTERN)]] += 1
    return _interleaved(taken)


def _interleaved(sizes: dict[str, int]) -> list[tuple[str, int]]:
    rows: list[tuple[str, int]] = []
    taken = dict.fromkeys(_SPLITS, 0)
    pattern = cycle(_PATTERN)
    while len(rows) < sum(sizes.values()):
        split = next(pattern)
        if taken[split] < sizes[split]:
            rows.append((split, taken[split]))
            taken[split] += 1
    return rows


def _item(seed: int, split: str, number: int, spurious: float) -> Item:
    label, habitat = _group(seed, split, number, spurious)
    rng = np.random.default_rng([seed, _WORLD, _SPLITS.index(split), number])
    species = SPECIES[label][int(rng.integers(len(SPECIES[label])))]
    place = PLACES[habitat][int(rng.integers(len(PLACES[habitat])))]
    scene = sample_animal_scene(
        rng, species, place, place_seed=seed, variant=int(rng.integers(VARIANTS)), scales=SCALES
    )
    attributes = {"species": species, "place": place, "habitat": habitat}
    known = {"species": species, "place": place, "quality": "normal"}
    texts = [full_caption(known).text, caption(rng, known).text, caption(rng, known).text]
    return Item(f"{split}-{number:05d}", scene, label, attributes, texts, split)


def _group(seed: int, split: str, number: int, spurious: float) -> tuple[str, str]:
    """Return class and habitat: evenly shuffled in fours, or biased for training."""
    if split != "train":
        block, place = divmod(number, len(GROUPS))
        rng = np.random.default_rng([seed, _WORLD, _SPLITS.index(split), block, 1])
        return GROUPS[int(rng.permutation(len(GROUPS))[place])]
    pair, place = divmod(number, 2)
    rng = np.random.default_rng([seed, _WORLD, 0, pair, 1])
    label = CLASSES[int(rng.permutation(2)[place])]
    # Exceptions are spread evenly, so that any part of the data has the wanted share.
    start = 0.5 if label == "landbird" else 0.0
    rare = 1 - spurious + 1e-9
    unusual = int((pair + 1 + start) * rare) > int((pair + start) * rare)
    usual = USUAL_HABITAT[label]
    return label, ({"land": "water", "water": "land"}[usual] if unusual else usual)
