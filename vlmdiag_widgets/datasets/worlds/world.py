"""What every rendered world has: scenes, labels, attributes, captions and a split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vlmdiag_widgets._errors import InputError, nearest_names
from vlmdiag_widgets.datasets import checks
from vlmdiag_widgets.datasets.checks import check_share
from vlmdiag_widgets.datasets.worlds.facts import Caption, Facts
from vlmdiag_widgets.datasets.worlds.place_scene import Box, PlaceScene
from vlmdiag_widgets.datasets.worlds.source import Scene
from vlmdiag_widgets.datasets.worlds.sprites import ARTWORKS, available

__all__ = [
    "LICENCES",
    "MAX_IMAGES",
    "Item",
    "World",
    "check_artwork",
    "check_choice",
    "check_choices",
    "check_count",
    "check_share",
    "shown",
]

#: A data set of more images than this is refused: their descriptions would fill the memory.
MAX_IMAGES = 100_000

#: Name and licence of each set of pictures.
LICENCES = {"noto": "Noto Emoji (Apache 2.0)", "fluent": "Fluent Emoji Flat (MIT)"}


@dataclass(frozen=True)
class Item:
    """One image of a world.

    Parameters
    ----------
    id : str
    scene : Scene
    label : str or tuple of str
        The class, or all classes where there may be several.
    attributes : mapping of str to str
        An attribute that the picture lacks is absent.
    facts : Facts
        What is true of the picture, in the words of captions.
    captions : sequence of Caption
        Each is true of the picture.
    split : str
        "train", "val" or "test".
    """

    id: str
    scene: Scene
    label: str | tuple[str, ...]
    attributes: Mapping[str, str]
    facts: Facts
    captions: Sequence[Caption]
    split: str

    def boxes(self) -> list[tuple[str, Box]]:
        """Return the name and box of everything in the picture."""
        if isinstance(self.scene, PlaceScene):
            return self.scene.boxes()
        return [(str(self.label), self.scene.box())]


@dataclass(frozen=True)
class World:
    """All images of a world, in order."""

    items: Sequence[Item]
    classes: Sequence[str]
    provenance: Mapping[str, Any]


def check_count(name: str, value: object, least: int = 1, most: int = MAX_IMAGES) -> int:
    """Return a whole number within its bounds, those of a number of images by default.

    Raises
    ------
    InputError
        `value` is no whole number, or outside `least` … `most`.
    """
    return checks.check_count(name, value, least, most)


def check_choice(name: str, value: object, options: Sequence[str]) -> str:
    """Return `value` if it is one of the options.

    Raises
    ------
    InputError
        It is not; the message names the options, nearest first.
    """
    if isinstance(value, str) and value in options:
        return value
    near = nearest_names(str(value), options, 3)
    listed = [*near, *(option for option in options if option not in near)]
    more = f" and {len(listed) - 12} more" if len(listed) > 12 else ""
    raise InputError(
        f"{name} is {value!r}; expected one of {', '.join(map(repr, listed[:12]))}{more}.",
        f"Did you mean {near[0]!r}?" if near else f"For example {listed[0]!r}.",
    )


def check_choices(name: str, given: object, options: Sequence[str]) -> tuple[str, ...]:
    """Return some of the options, in their usual order; None means all.

    Raises
    ------
    InputError
        `given` is no list of options, or an empty one.
    """
    if given is None:
        return tuple(options)
    given = given.tolist() if hasattr(given, "tolist") else given
    if isinstance(given, str) or not isinstance(given, Sequence | set | frozenset) or not given:
        raise InputError(
            f"{name} is {given!r}; expected a list of names.",
            f"For example {name}={list(options[:2])!r}.",
        )
    chosen = {check_choice(name, one, options) for one in given}
    return tuple(option for option in options if option in chosen)


def check_artwork(value: object) -> str:
    """Return the name of a set of pictures.

    Raises
    ------
    InputError
        There is no such set.
    """
    return check_choice("artwork", value, ARTWORKS)


def shown(names: Sequence[str], artwork: str) -> tuple[str, ...]:
    """Return those of the names of which the artwork has a picture, in the given order."""
    return tuple(name for name in names if name in available(artwork))
