"""The drawn places: five with water, seven on land, a room, and their cached renderings."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from vlmdiag_widgets.datasets.worlds import (
    _places_city,
    _places_land,
    _places_room,
    _places_water,
)
from vlmdiag_widgets.datasets.worlds._paint import Floats, to_picture

if TYPE_CHECKING:
    from PIL import Image

WATER_PLACES = ("ocean", "lake", "river", "beach", "marsh")
LAND_PLACES = ("forest", "bamboo forest", "meadow", "desert", "mountain")
MORE_PLACES = ("snow", "city")
INDOORS = ("room",)

#: The dozen places outdoors.
PLACES = WATER_PLACES + LAND_PLACES + MORE_PLACES

#: New places go to the end: a place is drawn from its position here, so that the pixels stay.
ALL_PLACES = PLACES + INDOORS

#: How often a canvas may be halved: 0 is 384 x 288 pixels, 2 is 96 x 72.
LEVELS = 3

_PAINTERS: dict[str, Callable[[np.random.Generator], Floats]] = {
    "ocean": _places_water.ocean,
    "lake": _places_water.lake,
    "river": _places_water.river,
    "beach": _places_water.beach,
    "marsh": _places_water.marsh,
    "forest": _places_land.forest,
    "bamboo forest": _places_land.bamboo_forest,
    "meadow": _places_land.meadow,
    "desert": _places_land.desert,
    "mountain": _places_land.mountain,
    "snow": _places_land.snow,
    "city": _places_city.city,
    "room": _places_room.room,
}

#: Light that falls on a figure in the place (red, green, blue factors).
PLACE_LIGHT: dict[str, tuple[float, float, float]] = {
    "ocean": (0.95, 1.0, 1.05),
    "lake": (0.97, 1.0, 1.0),
    "river": (0.98, 1.02, 1.0),
    "beach": (1.05, 1.02, 0.97),
    "marsh": (1.03, 0.98, 0.85),
    "forest": (0.88, 0.93, 0.80),
    "bamboo forest": (0.97, 1.0, 0.86),
    "meadow": (1.0, 1.03, 0.97),
    "desert": (1.06, 0.99, 0.90),
    "mountain": (0.95, 0.98, 1.04),
    "snow": (0.95, 0.99, 1.07),
    "city": (1.0, 1.0, 0.99),
    "room": (1.03, 1.0, 0.95),
}


def habitat(place: str) -> str:
    """Return ``"water"`` or ``"land"``; the room counts as land."""
    return "water" if place in WATER_PLACES else "land"


@lru_cache(maxsize=320)
def render_place(seed: int, place: str, variant: int) -> tuple[Image.Image, ...]:
    """Return one rendering of a place at each level of detail, largest first.

    It depends on the three arguments alone.
    """
    rng = np.random.default_rng([seed, ALL_PLACES.index(place), variant])
    picture = to_picture(_PAINTERS[place](rng))
    return tuple(picture.reduce(2**level) if level else picture for level in range(LEVELS))
