"""The drawn places: their names, that pixels depend on the arguments alone, and how they differ."""

from __future__ import annotations

import numpy as np
import pytest

from vlmdiag_widgets.datasets.worlds import places
from vlmdiag_widgets.datasets.worlds.places import (
    ALL_PLACES,
    INDOORS,
    LAND_PLACES,
    LEVELS,
    MORE_PLACES,
    PLACE_LIGHT,
    PLACES,
    WATER_PLACES,
    habitat,
    render_place,
)

#: Mean red, green, blue of every 96th pixel of ``render_place(5, place, 0)``: pixels stay.
FIRST_TEN = {
    "ocean": (99.7, 151.8, 191.2),
    "lake": (144.2, 183.8, 199.0),
    "river": (119.8, 169.8, 147.2),
    "beach": (182.6, 203.2, 207.1),
    "marsh": (196.1, 182.1, 138.4),
    "forest": (91.4, 106.1, 60.5),
    "bamboo forest": (110.4, 155.1, 74.1),
    "meadow": (158.5, 186.0, 181.8),
    "desert": (172.2, 174.6, 161.1),
    "mountain": (164.0, 181.4, 189.9),
}


def pixels(seed: int, place: str, variant: int = 0, level: int = 0) -> np.ndarray:
    return np.asarray(render_place(seed, place, variant)[level], dtype=np.float32)


def test_a_dozen_places_outdoors_and_a_room():
    assert (len(WATER_PLACES), len(LAND_PLACES)) == (5, 5)
    assert MORE_PLACES == ("snow", "city")
    assert INDOORS == ("room",)
    assert ALL_PLACES == WATER_PLACES + LAND_PLACES + MORE_PLACES + INDOORS
    assert ALL_PLACES[:12] == PLACES


def test_every_place_has_a_painter_a_light_and_a_habitat():
    assert set(places._PAINTERS) == set(PLACE_LIGHT) == set(ALL_PLACES)
    assert {place for place in ALL_PLACES if habitat(place) == "water"} == set(WATER_PLACES)
    assert {habitat(place) for place in ALL_PLACES} == {"water", "land"}


@pytest.mark.parametrize("place", ALL_PLACES)
def test_levels_are_halves_of_the_same_picture(place):
    pictures = render_place(3, place, 1)
    assert len(pictures) == LEVELS
    assert [picture.size for picture in pictures] == [(384, 288), (192, 144), (96, 72)]
    assert {picture.mode for picture in pictures} == {"RGB"}
    means = [np.asarray(picture, dtype=np.float32).mean((0, 1)) for picture in pictures]
    assert np.abs(means[0] - means[-1]).max() < 1.0


@pytest.mark.parametrize("place", ALL_PLACES)
def test_pixels_depend_on_the_arguments_alone(place):
    one = pixels(5, place)
    render_place.cache_clear()
    assert np.array_equal(one, pixels(5, place))


@pytest.mark.parametrize("place", ALL_PLACES)
def test_variants_and_seeds_differ(place):
    one = pixels(5, place)
    assert np.abs(one - pixels(5, place, 1)).mean() > 1
    assert np.abs(one - pixels(6, place)).mean() > 1


@pytest.mark.parametrize("place", MORE_PLACES + INDOORS)
def test_new_places_use_the_whole_range_of_light(place):
    """No flat or clipped canvas: some detail, and not all of it burnt out."""
    drawn = pixels(8, place)
    assert drawn.std() > 12
    assert (drawn >= 254).all(axis=2).mean() < 0.35


@pytest.mark.parametrize("place", FIRST_TEN)
def test_the_first_ten_places_keep_their_pixels(place):
    mean = pixels(5, place)[::96, ::96].mean((0, 1))
    # Other releases of the drawing library may round a few pixels another way.
    assert mean == pytest.approx(FIRST_TEN[place], abs=2.0)


def test_thumbnails_tell_thirteen_places_apart():
    """The nearest of other renderings, seen as 8 x 8 colours, is mostly of the same place."""
    numbers = range(10)
    views = [_thumbnail(seed, place) for place in ALL_PLACES for seed in numbers]
    labels = np.repeat(np.arange(len(ALL_PLACES)), len(numbers))
    table = np.stack(views)
    apart = np.linalg.norm(table[:, None] - table[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    right = labels[apart.argmin(axis=1)] == labels
    assert right.mean() > 0.8
    assert min(right[labels == label].mean() for label in range(len(ALL_PLACES))) >= 0.5


def _thumbnail(seed: int, place: str) -> np.ndarray:
    return np.asarray(render_place(seed, place, 0)[2].resize((8, 8)), dtype=np.float32).ravel()


def test_the_cache_is_bounded():
    """A rendering takes about 0.43 MB with its halves."""
    assert render_place.cache_info().maxsize <= 400
