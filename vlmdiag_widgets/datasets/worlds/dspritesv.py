"""The `dspritesv` world: colour gives the shape away in training, and only there.

After Zhang et al. 2023, DrML, appendix B.1: triangles and squares in six colours, three sizes and
four places; only orange triangles and green squares are trained on.
"""

from __future__ import annotations

import numpy as np

from vlmdiag_widgets.datasets.worlds.captions import caption, full_caption
from vlmdiag_widgets.datasets.worlds.facts import Caption, claim, facts_of
from vlmdiag_widgets.datasets.worlds.layout import pick
from vlmdiag_widgets.datasets.worlds.shape_scene import (
    COLORS,
    POSITIONS,
    RENDERER,
    SHAPES,
    SIZES,
    sample_shape_scene,
)
from vlmdiag_widgets.datasets.worlds.world import Item, World, check_count, check_share

DEFAULT_IMAGES = 10_000
#: The only (shape, colour) pairs in the training split.
TRAINED = (("triangle", "orange"), ("square", "green"))
#: How an audit asks about this world, unless it is told otherwise.
ASKED = {
    "templates": ["a [{size} ][{color} ][{shape}|shape][ in the {position}]."],
    "noun": "shape",
    "slice_by": ["shape", "color"],
}

_WORLD = 2


def build(n: int | None = None, seed: int = 0, *, train_share: float = 0.1) -> World:
    """Return the descriptions of all images; image `i` does not depend on `n`.

    Parameters
    ----------
    n : int, optional
        Images in all, 10,000 by default as in the paper.
    seed : int
    train_share : float
        Share of the orange triangles and green squares that are trained on, from 0 to 1. It is
        0.8 in the paper. The demo encoder holds shape and colour so far apart that a probe with
        as many examples as that hardly fails; with fewer the colour misleads it.

    Returns
    -------
    World
        Of the orange triangles and green squares `train_share` are for training, half of the rest
        or 10 % for validation, and what remains for testing; all others are for testing.
    """
    share = check_share("train_share", train_share)
    count = DEFAULT_IMAGES if n is None else check_count("n", n)
    items = [_item(seed, row, share) for row in range(count)]
    knobs = {"train_share": share}
    record = {"renderer": RENDERER, "artwork": "drawn", "knobs": knobs, **ASKED}
    return World(items, SHAPES, record)


def _item(seed: int, row: int, share: float) -> Item:
    rng = np.random.default_rng([seed, _WORLD, row])
    shape, color = pick(rng, SHAPES), pick(rng, COLORS)
    size, position = pick(rng, SIZES), pick(rng, POSITIONS)
    attributes = {"shape": shape, "color": color, "size": size, "position": position}
    scene = sample_shape_scene(rng, shape, color, size, position)
    drawn = rng.random()
    split = "test"
    if (shape, color) in TRAINED and drawn < share + min(0.1, (1 - share) / 2):
        split = "train" if drawn < share else "val"
    facts = facts_of(**attributes)
    short = Caption(
        f"{size} {color} {shape}",
        (claim("size", size), claim("color", color), claim("shape", shape)),
    )
    texts = (short, full_caption(facts), caption(rng, facts))
    return Item(f"{row:05d}", scene, shape, attributes, facts, texts, split)
