"""What is drawn: places, animals and shapes that differ and are quick to draw."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from vlmdiag_widgets.datasets.worlds import animal_scene, shape_scene
from vlmdiag_widgets.datasets.worlds.animal_scene import QUALITIES, sample_animal_scene
from vlmdiag_widgets.datasets.worlds.places import LAND_PLACES, PLACES, WATER_PLACES, render_place
from vlmdiag_widgets.datasets.worlds.shape_scene import (
    COLORS,
    OTHER_COLORS,
    OTHER_SHAPES,
    SHAPES,
    sample_shape_scene,
)
from vlmdiag_widgets.datasets.worlds.sprites import (
    BIRDS,
    LANDBIRDS,
    SPRITE_FOLDER,
    WATERBIRDS,
    artwork,
    other_animals,
    sprite,
)


def scene(species="mallard", place="lake", **more):
    rng = np.random.default_rng(4)
    return sample_animal_scene(rng, species, place, place_seed=3, variant=0, **more)


def test_half_of_the_places_have_water():
    assert len(WATER_PLACES) == len(LAND_PLACES) == 5


@pytest.mark.parametrize("place", PLACES)
def test_a_place_is_drawn_again_alike_and_varies(place):
    one = np.asarray(render_place(5, place, 0)[0])
    render_place.cache_clear()
    assert np.array_equal(one, np.asarray(render_place(5, place, 0)[0]))
    assert not np.array_equal(one, np.asarray(render_place(5, place, 1)[0]))


@pytest.mark.parametrize("species", BIRDS + other_animals())
def test_every_animal_has_a_picture(species):
    picture, half = sprite(species, flip=False, tilt=0)
    assert picture.mode == "RGBA"
    assert min(picture.size) > 30
    assert half.width == picture.width // 2


def test_no_bird_is_both_a_water_and_a_land_bird():
    assert not set(WATERBIRDS) & set(LANDBIRDS)
    assert len(WATERBIRDS) >= 6
    assert len(LANDBIRDS) >= 6


def test_recoloured_birds_differ_from_their_pattern():
    def tone(name):
        pixels = np.asarray(sprite(name, flip=False, tilt=0)[0], dtype=float)
        return pixels[pixels[..., 3] > 200][:, :3].mean(axis=0)

    assert tone("black swan").mean() < tone("swan").mean() - 100
    assert tone("flamingo")[0] - tone("heron")[0] > 50


def test_the_artwork_is_small():
    assert sum(path.stat().st_size for path in SPRITE_FOLDER.glob("*.webp")) < 2_000_000


def test_the_box_holds_the_bird():
    with_bird = scene(scales=(0.4, 0.4))
    aside = dataclasses.replace(with_bird, x=3.0)
    changed = np.asarray(with_bird.draw(128), float) - np.asarray(aside.draw(128), float)
    rows, columns = np.nonzero(np.abs(changed).max(axis=2) > 40)
    x0, y0, x1, _ = np.array(with_bird.box()) * 128
    # The reflection lies below the box, never beside or above it.
    assert columns.min() >= x0 - 5
    assert columns.max() <= x1 + 5
    assert rows.min() >= y0 - 2


@pytest.mark.parametrize("quality", QUALITIES[1:])
def test_each_quality_changes_the_picture(quality):
    plain = np.asarray(scene().draw(64), float)
    changed = np.asarray(scene(quality=quality).draw(64), float)
    assert np.abs(plain - changed).mean() > 3


def test_black_and_white_has_no_colour():
    picture = np.asarray(scene(quality="black and white").draw(64))
    assert (picture[..., 0] == picture[..., 2]).all()


@pytest.mark.parametrize("shape", SHAPES + OTHER_SHAPES)
@pytest.mark.parametrize("color", (COLORS + OTHER_COLORS)[::4])
def test_a_shape_covers_its_box_with_its_colour(shape, color):
    rng = np.random.default_rng(0)
    drawn = sample_shape_scene(rng, shape, color, "large", "lower right")
    picture = np.asarray(drawn.draw(64), float)
    x0, y0, x1, y1 = (np.array(drawn.box()) * 64).round().astype(int)
    inside = picture[(y0 + y1) // 2, (x0 + x1) // 2]
    assert inside.max() > 150
    assert picture[:20, :20].max() < 110


# Renderer → means over the four quarters of a 32-pixel picture, red, green and blue.
KNOWN = {
    "animal-scene-1": [
        [142.0, 181.5, 184.6, 124.9, 169.5, 175.9, 113.6, 164.2, 165.6, 99.4, 160.0, 160.0],
        [99.0, 122.4, 77.8, 97.5, 120.5, 75.1, 117.8, 121.2, 71.5, 114.8, 123.0, 71.8],
    ],
    "shape-scene-1": [
        [44.6, 53.0, 63.8, 44.6, 53.0, 63.8, 44.6, 53.0, 63.8, 44.4, 87.2, 62.9],
    ],
}


def quarters(picture):
    return np.asarray(picture, float).reshape(2, 16, 2, 16, 3).mean(axis=(1, 3)).ravel()


def test_pixels_do_not_change_without_the_name_of_the_renderer():
    """Stored embeddings are found by that name: other pixels need another one."""
    animals = [scene(), scene("owl", "forest")]
    shape = sample_shape_scene(
        np.random.default_rng(4), "triangle", "green", "large", "lower right"
    )
    for renderer, drawn in ((animal_scene.RENDERER, animals), (shape_scene.RENDERER, [shape])):
        for one, expected in zip(drawn, KNOWN[renderer], strict=True):
            assert quarters(one.draw(32)) == pytest.approx(expected, abs=0.6)


def test_other_artwork_is_another_picture(monkeypatch):
    before = scene().key(64)
    monkeypatch.setattr(animal_scene, "artwork", lambda species: "redrawn")
    assert scene().key(64) != before
    assert artwork("swan") == artwork("black swan") != artwork("mallard")
