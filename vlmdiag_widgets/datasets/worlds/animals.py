"""The `animals` world: many animals, each in every place and in several qualities of picture.

After ImageNet, in small: one class for each species. Nothing goes with anything, unless some
combination is held out of the training images: then a failure is known to be there, such as dogs
in the snow, and it can be tried whether a diagnosis finds it (as Jain et al. 2023, Distilling
model failures as directions, section 4, plant failures).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.datasets.worlds import layout
from vlmdiag_widgets.datasets.worlds.captions import caption, full_caption
from vlmdiag_widgets.datasets.worlds.facts import facts_of
from vlmdiag_widgets.datasets.worlds.place_scene import QUALITIES, RENDERER, sample_place_scene
from vlmdiag_widgets.datasets.worlds.places import PLACES
from vlmdiag_widgets.datasets.worlds.sprites import ANIMALS, BIRDS
from vlmdiag_widgets.datasets.worlds.world import (
    LICENCES,
    Item,
    World,
    check_artwork,
    check_choice,
    check_choices,
    shown,
)

#: How an audit asks about this world, unless it is told otherwise.
ASKED = {
    "asked": ["species", "place"],
    "templates": ["a photo of a [{species}|animal][ in the {place}]."],
    "noun": "animal",
    "slice_by": ["species", "place"],
}

#: Broad groups; every other animal is a mammal.
GROUPS = {
    **dict.fromkeys(BIRDS, "bird"),
    **dict.fromkeys(("crocodile", "lizard", "snake", "turtle"), "reptile"),
    **dict.fromkeys(("butterfly", "crab", "snail"), "invertebrate"),
}

DEFAULT_IMAGES = 4_000
VARIANTS = 12

_WORLD = 6


@dataclass(frozen=True)
class _Settings:
    seed: int
    species: tuple[str, ...]
    qualities: tuple[str, ...]
    held_out: Mapping[str, tuple[str, ...]]
    artwork: str


def build(
    n: int | None = None,
    seed: int = 0,
    *,
    species: Sequence[str] | None = None,
    qualities: Sequence[str] | None = None,
    held_out: Mapping[str, str | Sequence[str]] | None = None,
    artwork: str = "noto",
) -> World:
    """Return the descriptions of all images.

    Parameters
    ----------
    n : int, optional
        Images in all, 4/9 of them for training, 2/9 for validation, 3/9 for testing.
    seed : int
    species : sequence of str, optional
        Which animals there are (at least two); default all.
    qualities : sequence of str, optional
        Of "normal", "dark", "bright", "blurry" and "black and white"; default all. Each species
        comes equally often in each place and quality.
    held_out : mapping, optional
        Species → place, or places, in which no training image shows it, such as
        ``{"dog": "snow"}``; the image has another place instead.
    artwork : str
        Whose pictures: "noto" or "fluent".

    Returns
    -------
    World
        An image depends on the seed, the settings, its split and its number there.
    """
    artwork = check_artwork(artwork)
    chosen = check_choices("species", species, shown(ANIMALS, artwork))
    if len(chosen) < 2:
        raise InputError(
            f"species names only {chosen[0]!r}; expected two animals or more.",
            "For example species=['dog', 'cat'].",
        )
    settings = _Settings(
        seed,
        chosen,
        check_choices("qualities", qualities, QUALITIES),
        _check_held_out(held_out, chosen),
        artwork,
    )
    rows = layout.rows(n, DEFAULT_IMAGES)
    items = [_item(settings, split, number) for split, number in rows]
    record = {"renderer": RENDERER, "artwork": LICENCES[artwork], **ASKED}
    return World(items, chosen, {**record, "knobs": _knobs(settings, species)})


def _knobs(settings: _Settings, species: object) -> dict[str, Any]:
    return {
        "species": None if species is None else list(settings.species),
        "qualities": list(settings.qualities),
        "held_out": {name: list(places) for name, places in settings.held_out.items()},
        "artwork": settings.artwork,
    }


def _check_held_out(given: object, species: Sequence[str]) -> dict[str, tuple[str, ...]]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise InputError(
            f"held_out is {given!r}; expected species with places.",
            "For example held_out={'dog': 'snow'}.",
        )
    found = {}
    for name, places in given.items():
        check_choice("A species of held_out", name, species)
        several = [places] if isinstance(places, str) else places
        found[name] = check_choices(f"held_out[{name!r}]", several, PLACES)
        if len(found[name]) == len(PLACES):
            raise InputError(
                f"held_out leaves no place for {name!r}.", "Leave it at least one of the places."
            )
    return found


def _item(settings: _Settings, split: str, number: int) -> Item:
    species, turn = layout.deal(settings.seed, _WORLD, split, number, settings.species)
    key = (layout.SPLITS.index(split), ANIMALS.index(species))
    place = _place(settings, split, key, species, turn)
    quality = _quality(settings, key, turn)
    rng = layout.generator(settings.seed, _WORLD, split, number)
    scene = sample_place_scene(
        rng,
        [species],
        place,
        place_seed=settings.seed,
        variant=int(rng.integers(VARIANTS)),
        quality=quality,
        artwork=settings.artwork,
    )
    group = GROUPS.get(species, "mammal")
    attributes = {"species": species, "place": place, "quality": quality, "group": group}
    facts = facts_of(thing=species, place=place, quality=quality)
    texts = (full_caption(facts), caption(rng, facts), caption(rng, facts))
    return Item(f"{split}-{number:05d}", scene, species, attributes, facts, texts, split)


def _place(settings: _Settings, split: str, key: tuple[int, ...], species: str, turn: int) -> str:
    held = settings.held_out.get(species, ()) if split == "train" else ()
    options = tuple(place for place in PLACES if place not in held)
    place = layout.take_turns(settings.seed, _WORLD, key, PLACES, turn)
    if place in options:
        return place
    # The places that are left take turns, so that none of them gains.
    return layout.take_turns(settings.seed, _WORLD, (*key, 1), options, turn // len(PLACES))


def _quality(settings: _Settings, key: tuple[int, ...], turn: int) -> str:
    """Return the quality; each comes with each place before a pair comes again."""
    # Moved on by one a round, or four qualities would stay with three places each.
    moved = turn + turn // len(PLACES)
    return layout.take_turns(settings.seed, _WORLD, (*key, 2), settings.qualities, moved)
