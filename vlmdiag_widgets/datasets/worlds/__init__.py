"""Rendered data sets: drawn on the spot, deterministic by seed, with everything known."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from vlmdiag_widgets._errors import InputError, nearest_names
from vlmdiag_widgets.datasets.worlds import dspritesv, waterbirds
from vlmdiag_widgets.datasets.worlds.source import SceneSource
from vlmdiag_widgets.datasets.worlds.world import World, check_count

if TYPE_CHECKING:
    from vlmdiag_widgets.datasets.dataset import ImageDataset

__all__ = ["WORLDS", "load_dataset"]

#: Name → what it shows.
WORLDS = {
    "waterbirds": "Birds in drawn places. In training, water birds are mostly on water and land "
    "birds mostly on land (after Sagawa et al. 2020).",
    "dspritesv": "Coloured triangles and squares. In training, every triangle is orange and every "
    "square is green (after Zhang et al. 2023).",
}

#: Seeds from here on belong to the training scenes of the demo encoder.
MAX_SEED = 999_999

_BUILDERS: dict[str, Callable[..., World]] = {
    "waterbirds": waterbirds.build,
    "dspritesv": dspritesv.build,
}


def load_dataset(
    name: str, *, n: int | None = None, seed: int = 0, size: int = 256, **knobs: Any
) -> ImageDataset:
    """Return a rendered data set.

    Parameters
    ----------
    name : str
        One of `WORLDS`: "waterbirds" or "dspritesv".
    n : int, optional
        Number of images; each world has its own default. The first images of a larger data set
        are those of a smaller one.
    seed : int
        The same seed gives the same pixels, on any machine with the same libraries.
    size : int
        Side of the square pictures in pixels (16 to 2048).
    **knobs
        What the world lets be changed: for "waterbirds" `spurious` (share of the training images
        on the usual habitat) and `train`, `val`, `test` (numbers of images, instead of `n`).

    Returns
    -------
    ImageDataset
        With labels, attributes, captions, boxes and splits. Pictures are drawn when opened.

    Raises
    ------
    InputError
        An unknown world or knob, or a number that cannot be used.

    Examples
    --------
    >>> data = load_dataset("dspritesv", n=12)
    >>> data.classes
    ['triangle', 'square']
    """
    builder = _builder(name)
    _check_knobs(name, builder, knobs)
    check_count("seed", seed, least=0, most=MAX_SEED)
    check_count("size", size, least=16, most=2048)
    world = builder(n=n, seed=seed, **knobs)
    return _dataset(name, world, seed, size)


def _builder(name: str) -> Callable[..., World]:
    if name in _BUILDERS:
        return _BUILDERS[name]
    near = nearest_names(str(name), _BUILDERS) or list(_BUILDERS)
    options = ", ".join(map(repr, _BUILDERS))
    raise InputError(
        f"There is no rendered data set {name!r}; expected one of {options}.",
        f"Did you mean {near[0]!r}? Your own images go through vlmdiag_widgets.ImageDataset.",
    )


def _check_knobs(name: str, builder: Callable[..., World], knobs: dict[str, Any]) -> None:
    known = [knob for knob in inspect.signature(builder).parameters if knob not in ("n", "seed")]
    for knob in knobs:
        if knob in known:
            continue
        options = ["n", "seed", "size", *known]
        near = nearest_names(knob, options)
        raise InputError(
            f"{name!r} has no setting {knob!r}; expected one of {', '.join(options)}.",
            f"Did you mean {near[0]!r}?" if near else "",
        )


def _dataset(name: str, world: World, seed: int, size: int) -> ImageDataset:
    from vlmdiag_widgets.datasets.dataset import ImageDataset

    items = world.items
    return ImageDataset(
        SceneSource([item.scene for item in items], size),
        name=name,
        ids=[item.id for item in items],
        labels=[item.label for item in items],
        classes=list(world.classes),
        attributes=pd.DataFrame([dict(item.attributes) for item in items]),
        captions=[list(item.captions) for item in items],
        boxes=[[item.scene.box()] for item in items],
        split=[item.split for item in items],
        provenance={
            "world": name,
            "seed": seed,
            "size": size,
            "split": {"made_by": "world"},
            "artwork": "Noto Emoji (Apache 2.0)" if name == "waterbirds" else "drawn",
            **world.provenance,
        },
    )
