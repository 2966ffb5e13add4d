"""The figures that were wanted of the vision-language encoder, and what a card says about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Measured = Mapping[str, Any]


@dataclass(frozen=True)
class Target:
    """One wanted figure.

    Parameters
    ----------
    words : str
        What is wanted, for readers.
    wanted : float
        The least value; the largest where `most` is set.
    find : callable
        Measured part of a card → figure with "value", or None where it was not measured.
    most : bool
        Whether less is better.
    """

    words: str
    wanted: float
    find: Callable[[Measured], Mapping[str, Any] | None]
    most: bool = False

    def met(self, found: Mapping[str, Any]) -> bool:
        """Return whether a figure is good enough, its interval aside."""
        value = found["value"]
        if value is None:
            return False
        return bool(value <= self.wanted if self.most else value >= self.wanted)


def zero_shot_row(
    measured: Measured, pictures: str, attribute: str, condition: str = "", artwork: str = "noto"
) -> Mapping[str, Any] | None:
    """Return a row of the zero-shot table."""
    for row in measured.get("zero_shot", {}).get("rows", []):
        named = (row["pictures"], row["attribute"], row["condition"])
        if named == (pictures, attribute, condition) and row.get("artwork", "noto") == artwork:
            found: Mapping[str, Any] = row
            return found
    return None


def _zero_shot(wanted: float, pictures: str, attribute: str, condition: str = "") -> Target:
    words = f"zero-shot accuracy: {attribute}{f', {condition}' if condition else ''} ({pictures})"
    return Target(words, wanted, lambda m: zero_shot_row(m, pictures, attribute, condition))


def _correlation(wanted: float, name: str) -> Target:
    def find(measured: Measured) -> Mapping[str, Any] | None:
        found = measured.get("studies", {}).get("dspritesv", {}).get("correlations", {})
        row: Mapping[str, Any] | None = found.get(f"{name.lower()}, image probability")
        return row

    return Target(f"{name} correlation of text and image slices (dspritesv)", wanted, find)


def _birds(wanted: float, spurious: float) -> Target:
    def find(measured: Measured) -> Mapping[str, Any] | None:
        for one in measured.get("studies", {}).get("waterbirds", []):
            if one["spurious"] == spurious:
                drop: Mapping[str, Any] = one["majority_minus_minority"]
                return drop
        return None

    words = f"accuracy on majority minus minority groups (waterbirds, spurious share {spurious:g})"
    return Target(words, wanted, find)


def _cost(words: str, wanted: float, key: str, *, most: bool = False) -> Target:
    def find(measured: Measured) -> Mapping[str, Any] | None:
        value = measured.get("cost", {}).get(key)
        return None if value is None else {"value": value}

    return Target(words, wanted, find, most)


SHAPES = "coloured shapes"
NORMAL = "animals, normal quality"
WORK = "professions, no board"

TARGETS: tuple[Target, ...] = (
    _zero_shot(0.98, SHAPES, "colour"),
    _zero_shot(0.95, SHAPES, "shape"),
    _zero_shot(0.98, NORMAL, "place"),
    _zero_shot(0.85, NORMAL, "animal"),
    _zero_shot(0.85, WORK, "profession"),
    _zero_shot(0.90, "portraits", "woman or man"),
    _zero_shot(0.90, "portraits", "skin tone"),
    _zero_shot(0.80, "portraits", "age"),
    _zero_shot(0.50, "professions, board", "word on the board", "large"),
    _correlation(0.75, "Spearman"),
    _correlation(0.85, "Pearson"),
    _birds(0.3, 0.9),
    _birds(0.3, 0.95),
    _cost("images a second on one core", 1000, "images_per_second_one_core"),
    _cost("seconds to load", 0.5, "load_seconds", most=True),
)
