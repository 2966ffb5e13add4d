"""Rendered data sets: drawn on the spot, deterministic by seed, with everything known."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from vlmdiag_widgets._errors import InputError, nearest_names
from vlmdiag_widgets.datasets.worlds import (
    animals,
    camels_horses,
    dspritesv,
    portraits,
    professions,
    scenes,
    waterbirds,
)
from vlmdiag_widgets.datasets.worlds.source import SceneSource
from vlmdiag_widgets.datasets.worlds.world import World, check_count

if TYPE_CHECKING:
    from vlmdiag_widgets.datasets.dataset import ImageDataset

__all__ = ["WORLDS", "load_dataset", "world_settings"]

#: Name → what it shows.
WORLDS = {
    "waterbirds": "Birds in drawn places. In training, water birds are mostly on water and land "
    "birds mostly on land (after Sagawa et al. 2020).",
    "dspritesv": "Coloured triangles and squares. In training, every triangle is orange and every "
    "square is green (after Zhang et al. 2023).",
    "portraits": "Drawn people: age, gender, skin tone and hair. In training, most are of one "
    "tone (after FairFace, as Zhang et al. 2023 resample it).",
    "professions": "Drawn people at work, with the boxes of their faces and written boards "
    "beside some of them (after IdenProf).",
    "camels-horses": "Camels and horses in the desert and on the meadow: few images, evenly "
    "spread or not.",
    "animals": "Many animals, each in every place and in five qualities of picture; a "
    "combination may be held out of training (after ImageNet).",
    "scenes": "One to four animals or objects in a place: several labels each, and captions that "
    "leave some of them out (after MS-COCO).",
}

#: Seeds from here on belong to the training scenes of the demo encoders.
MAX_SEED = 999_999

_BUILDERS: dict[str, Callable[..., World]] = {
    "waterbirds": waterbirds.build,
    "dspritesv": dspritesv.build,
    "portraits": portraits.build,
    "professions": professions.build,
    "camels-horses": camels_horses.build,
    "animals": animals.build,
    "scenes": scenes.build,
}


def load_dataset(
    name: str, *, n: int | None = None, seed: int = 0, size: int = 256, **knobs: Any
) -> ImageDataset:
    """Return a rendered data set.

    Parameters
    ----------
    name : str
        One of `WORLDS`, which says what each shows.
    n : int, optional
        Number of images, at most 100,000; each world has its own default. The first images of a
        larger data set are those of a smaller one.
    seed : int
        From 0 to 999,999. The same seed gives the same pixels, on any machine with the same
        libraries.
    size : int
        Side of the square pictures in pixels (16 to 2048).
    **knobs
        What the world lets be changed; `world_settings` gives the defaults:

        - all but "dspritesv": `artwork`, whose pictures: "noto" or "fluent".
        - "waterbirds" (2,700 images): `spurious`, share of the training images on the usual
          habitat; `train`, `val`, `test`, numbers of images, instead of `n`.
        - "dspritesv" (10,000): `train_share`, share of the orange triangles and green squares that
          are trained on (0.1; 0.8 in the paper).
        - "portraits" (3,240): `target`, what the class is: "gender" or "age"; `tone`, the
          favoured skin tone, and `skew`, its share of the training images.
        - "professions" (3,240): `sign_share`, share of the pictures with a written board;
          `sign_word`, what it says: "own" profession, an "other" one, "any" of the two, or a
          word; `gender_skew`, how strongly gender goes with the profession in training (0 to 1).
        - "camels-horses" (192): `spurious`, share of the training images with the camel in the
          desert or the horse on the meadow.
        - "animals" (4,000): `species` and `qualities`, those to show; `held_out`, species →
          place or places in which no training image shows it, such as ``{"dog": "snow"}``.
        - "scenes" (3,000): none.

    Returns
    -------
    ImageDataset
        With labels, attributes, captions, named boxes and splits. Pictures are drawn when
        opened. Validation and test images are balanced; the class of a picture of "scenes" is
        each thing in it.

    Raises
    ------
    InputError
        An unknown world or knob, or a value that cannot be used.

    Notes
    -----
    The people of "portraits" and "professions" are emoji, of one or two designs each and in five
    flat tones. What a model does with them says nothing about real people.

    Examples
    --------
    >>> data = load_dataset("dspritesv", n=12)
    >>> data.classes
    ['triangle', 'square']
    >>> word = load_dataset("professions", n=9, sign_share=1, sign_word="pizza")
    >>> set(word.attributes["sign"])
    {'pizza'}
    """
    builder = _builder(name)
    _check_knobs(name, builder, knobs)
    seed = check_count("seed", seed, least=0, most=MAX_SEED)
    size = check_count("size", size, least=16, most=2048)
    world = builder(n=n, seed=seed, **knobs)
    return _dataset(name, world, seed, size)


def world_settings(name: str) -> dict[str, Any]:
    """Return what a world lets be changed besides `n`, `seed` and `size`, with the defaults.

    Raises
    ------
    InputError
        There is no such world.

    Examples
    --------
    >>> world_settings("camels-horses")
    {'spurious': 0.5, 'artwork': 'noto'}
    """
    parameters = inspect.signature(_builder(name)).parameters
    return {knob: about.default for knob, about in parameters.items() if knob not in ("n", "seed")}


def _builder(name: object) -> Callable[..., World]:
    if isinstance(name, str) and name in _BUILDERS:
        return _BUILDERS[name]
    if "digit" in str(name):
        raise InputError(
            f"There is no rendered data set {name!r}: handwritten digits are not drawn.",
            "Use vlmdiag_widgets.datasets.coloured_digits().",
        )
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
    boxes = [item.boxes() for item in items]
    return ImageDataset(
        SceneSource([item.scene for item in items], size),
        name=name,
        ids=[item.id for item in items],
        labels=[item.label for item in items],
        classes=list(world.classes),
        attributes=pd.DataFrame([dict(item.attributes) for item in items]),
        captions=[[one.text for one in item.captions] for item in items],
        boxes=[[box for _, box in found] for found in boxes],
        box_names=[[what for what, _ in found] for found in boxes],
        split=[item.split for item in items],
        provenance={
            "world": name,
            "seed": seed,
            "size": size,
            "split": {"made_by": "world"},
            **world.provenance,
        },
    )
