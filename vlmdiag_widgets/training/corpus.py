"""The encoder's training scenes: which are drawn, their captions, and which pairs are true.

The scenes are unbiased: every species stands in every place, every shape has every colour. Their
seeds are their own, so that no picture of a data set is ever trained on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vlmdiag_widgets.datasets.worlds import animal_scene, shape_scene
from vlmdiag_widgets.datasets.worlds.animal_scene import AnimalScene, sample_animal_scene
from vlmdiag_widgets.datasets.worlds.captions import ANY, NONE, Caption, caption
from vlmdiag_widgets.datasets.worlds.places import PLACES
from vlmdiag_widgets.datasets.worlds.shape_scene import ShapeScene, sample_shape_scene
from vlmdiag_widgets.datasets.worlds.sprites import BIRDS, other_animals

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Added to every seed here; the data sets' seeds are far smaller.
SEED_OFFSET = 7_000_000
CAPTIONS_PER_IMAGE = 8
#: Drawn renderings of each place that the training scenes share.
VARIANTS = 80

SHAPES = shape_scene.SHAPES + shape_scene.OTHER_SHAPES
COLORS = shape_scene.COLORS + shape_scene.OTHER_COLORS

#: The values of each attribute; position 0 stands for "has none".
FIELDS: dict[str, tuple[str, ...]] = {
    "species": (NONE, *BIRDS, *other_animals()),
    "place": (NONE, *PLACES),
    "quality": (NONE, *animal_scene.QUALITIES),
    "shape": (NONE, *SHAPES),
    "color": (NONE, *COLORS),
    "size": (NONE, *shape_scene.SIZES),
    "position": (NONE, *shape_scene.POSITIONS),
}


@dataclass(frozen=True)
class Sample:
    """A scene and its attributes."""

    scene: AnimalScene | ShapeScene
    attributes: Mapping[str, str]


def sample(seed: int, index: int, variant: int) -> Sample:
    """Return the training scene number `index`; half are birds, a quarter shapes."""
    rng = np.random.default_rng([SEED_OFFSET + seed, index])
    kind = rng.random()
    if kind < 0.25:
        return _shape_sample(rng)
    species = _pick(rng, BIRDS) if kind < 0.75 else _pick(rng, other_animals())
    place = _pick(rng, PLACES)
    quality = "normal" if rng.random() < 0.8 else _pick(rng, animal_scene.QUALITIES)
    scene = sample_animal_scene(
        rng, species, place, place_seed=SEED_OFFSET + seed, variant=variant, quality=quality
    )
    return Sample(scene, {"species": species, "place": place, "quality": quality})


def _shape_sample(rng: np.random.Generator) -> Sample:
    # Half of the scenes show what the `dspritesv` world shows.
    common = rng.random() < 0.5
    values = {
        "shape": _pick(rng, shape_scene.SHAPES if common else SHAPES),
        "color": _pick(rng, shape_scene.COLORS if common else COLORS),
        "size": _pick(rng, shape_scene.SIZES),
        "position": _pick(rng, shape_scene.POSITIONS),
    }
    scene = sample_shape_scene(rng, **values)
    return Sample(scene, {**values, "quality": "normal"})


def _pick(rng: np.random.Generator, options: tuple[str, ...]) -> str:
    return options[int(rng.integers(len(options)))]


def samples(seed: int, start: int, stop: int, total: int) -> Iterator[Sample]:
    """Yield the training scenes `start` to `stop` of `total`, place renderings in order."""
    for index in range(start, stop):
        # Neighbours share their place renderings, so that few are held at a time.
        yield sample(seed, index, index * VARIANTS // total)


def attribute_codes(attributes: Mapping[str, str]) -> list[int]:
    """Return the position of each attribute's value in `FIELDS`."""
    return [values.index(attributes.get(name, NONE)) for name, values in FIELDS.items()]


def allowed_bits(one: Caption) -> list[int]:
    """Return, for each attribute, a bit set of the values for which the caption is true."""
    bits = []
    for name, values in FIELDS.items():
        allowed = one.allows.get(name)
        if allowed is None:
            bits.append(-1)
        elif ANY in allowed:
            bits.append((1 << len(values)) - 2)
        else:
            bits.append(sum(1 << values.index(value) for value in allowed))
    return bits


def sample_captions(seed: int, index: int, attributes: Mapping[str, str]) -> list[Caption]:
    """Return the captions of the training scene number `index`."""
    rng = np.random.default_rng([SEED_OFFSET + seed, index, 1])
    return [caption(rng, attributes) for _ in range(CAPTIONS_PER_IMAGE)]


def truth(codes: NDArray[np.int64], bits: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which captions are true of which images.

    Parameters
    ----------
    codes : int64 array (images, attributes)
    bits : int64 array (captions, attributes)

    Returns
    -------
    bool array (images, captions)
    """
    matches = (bits[None, :, :] >> codes[:, None, :]) & 1
    return np.asarray(matches.all(axis=-1))
