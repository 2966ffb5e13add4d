"""What every rendered world has: scenes, labels, attributes, captions and a split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.datasets.worlds.source import Scene


@dataclass(frozen=True)
class Item:
    """One image of a world.

    Parameters
    ----------
    id : str
    scene : Scene
    label : str
    attributes : mapping of str to str
    captions : sequence of str
        Each is true of the picture.
    split : str
        "train", "val" or "test".
    """

    id: str
    scene: Scene
    label: str
    attributes: Mapping[str, str]
    captions: Sequence[str]
    split: str


@dataclass(frozen=True)
class World:
    """All images of a world, in order."""

    items: Sequence[Item]
    classes: Sequence[str]
    provenance: Mapping[str, Any]


def check_count(name: str, value: object, least: int = 1, most: int = 1_000_000) -> int:
    """Return a whole number within its bounds.

    Raises
    ------
    InputError
        `value` is no whole number, or outside `least` … `most`.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise InputError(
            f"{name} is {value!r}; expected a whole number from {least} to {most}.",
            f"For example {name}={max(least, min(most, 256))}.",
        )
    return value


def check_share(name: str, value: object) -> float:
    """Return a share from 0 to 1.

    Raises
    ------
    InputError
        `value` is no number from 0 to 1.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise InputError(
            f"{name} is {value!r}; expected a share from 0 to 1.", f"For example {name}=0.9."
        )
    return float(value)
