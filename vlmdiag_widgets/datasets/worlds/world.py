"""What every rendered world has: scenes, labels, attributes, captions and a split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from vlmdiag_widgets._errors import InputError, nearest_names
from vlmdiag_widgets.datasets.worlds.facts import Caption, Facts
from vlmdiag_widgets.datasets.worlds.place_scene import Box, PlaceScene
from vlmdiag_widgets.datasets.worlds.source import Scene
from vlmdiag_widgets.datasets.worlds.sprites import ARTWORKS, available

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
    """Return a whole number within its bounds.

    Raises
    ------
    InputError
        `value` is no whole number, or outside `least` … `most`.
    """
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or not least <= int(value) <= most:  # type: ignore[call-overload]
        raise InputError(
            f"{name} is {value!r}; expected a whole number from {least} to {most}.",
            f"For example {name}={max(least, min(most, 256))}.",
        )
    return int(value)  # type: ignore[call-overload, no-any-return]


def check_share(name: str, value: object) -> float:
    """Return a share from 0 to 1.

    Raises
    ------
    InputError
        `value` is no number from 0 to 1.
    """
    number = isinstance(value, int | float | np.integer | np.floating)
    if isinstance(value, bool) or not number or not 0 <= value <= 1:  # type: ignore[operator]
        raise InputError(
            f"{name} is {value!r}; expected a share from 0 to 1.", f"For example {name}=0.9."
        )
    return float(value)  # type: ignore[arg-type]


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
        f"Did you mean {near[0]!r}?" if near else f"For example {name}={listed[0]!r}.",
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
