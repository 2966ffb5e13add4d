"""The sprites of both artworks: all there, trimmed, with faces, and clear when damaged."""

from __future__ import annotations

import numpy as np
import pytest

from vlmdiag_widgets._errors import InputError, WeightsError
from vlmdiag_widgets.datasets.worlds import sprites
from vlmdiag_widgets.datasets.worlds.sprites import (
    ANIMALS,
    ARTWORKS,
    GENDERS,
    OBJECTS,
    PEOPLE,
    PROFESSIONS,
    RECOLOURED,
    TONES,
    available,
    digest,
    face_box,
    portrait_designs,
    portrait_sprite,
    profession_sprite,
    proportions,
    sprite,
)

DESIGNS = [
    *([profession_sprite(p, g, tone) for tone in TONES] for p in PROFESSIONS for g in GENDERS),
    *([portrait_sprite(a, g, tone, h) for tone in TONES] for a, g, h in portrait_designs()),
]


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """Return a folder of sprites that a test may damage."""
    for artwork in ARTWORKS:
        (tmp_path / artwork).mkdir()
        for name in ("dog.webp", "faces.json"):
            content = (sprites.SPRITE_FOLDER / artwork / name).read_bytes()
            (tmp_path / artwork / name).write_bytes(content)
    caches = (sprites.sprite, sprites.digest, sprites._load, sprites._faces)
    for cache in caches:
        cache.cache_clear()
    monkeypatch.setattr(sprites, "SPRITE_FOLDER", tmp_path)
    yield tmp_path
    for cache in caches:
        cache.cache_clear()


@pytest.mark.parametrize("artwork", ARTWORKS)
def test_every_claimed_sprite_loads_trimmed_in_two_sizes(artwork):
    for name in sorted(available(artwork)):
        full, half = sprite(name, flip=False, tilt=0, artwork=artwork)
        seen = np.asarray(full.getchannel("A")) > 24
        assert full.mode == half.mode == "RGBA", name
        assert half.size == (full.width // 2, full.height // 2), name
        assert 60 <= max(full.size) <= 160, name
        for edge in (seen[0], seen[-1], seen[:, 0], seen[:, -1]):
            assert edge.any(), name


@pytest.mark.parametrize("artwork", ARTWORKS)
def test_nothing_is_shipped_that_is_not_used(artwork):
    shipped = {path.stem for path in (sprites.SPRITE_FOLDER / artwork).glob("*.webp")}
    assert shipped == available(artwork) - RECOLOURED.keys()


def test_the_names_are_distinct_and_of_the_expected_kinds():
    names = (*ANIMALS, *OBJECTS, *PEOPLE)
    assert len(names) == len(set(names))
    assert len(OBJECTS) >= 24
    assert len(PEOPLE) == 205
    assert {"office worker woman medium-dark", "adult man light curly"} <= set(PEOPLE)
    assert "baby person dark plain" in PEOPLE
    assert sorted(name for design in DESIGNS for name in design) == sorted(PEOPLE)


def test_the_files_stay_small():
    files = [path for path in sprites.SPRITE_FOLDER.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 3_500_000


@pytest.mark.parametrize("artwork", ARTWORKS)
def test_the_tones_of_a_design_differ_in_skin_and_share_a_size(artwork):
    for design in DESIGNS:
        pictures = [sprite(name, flip=False, tilt=0, artwork=artwork)[0] for name in design]
        assert len({picture.size for picture in pictures}) == 1, design[0]
        means = [_face_brightness(name, artwork) for name in design]
        assert means == sorted(means, reverse=True), design[0]
        assert means[0] - means[-1] > 60, design[0]


def _face_brightness(name, artwork):
    """Return the median of the lower half of the face, where neither hair nor glasses are."""
    grey = np.asarray(sprite(name, flip=False, tilt=0, artwork=artwork)[0].convert("L"))
    x0, y0, x1, y1 = face_box(name, artwork=artwork)
    rows = slice(int((y0 + y1) / 2 * grey.shape[0]), int(y1 * grey.shape[0]))
    return float(np.median(grey[rows, int(x0 * grey.shape[1]) : int(x1 * grey.shape[1])]))


@pytest.mark.parametrize("artwork", ARTWORKS)
def test_faces_are_inside_the_sprite_and_of_a_face_s_shape(artwork):
    for name in PEOPLE:
        x0, y0, x1, y1 = face_box(name, artwork=artwork)
        wide, high = sprite(name, flip=False, tilt=0, artwork=artwork)[0].size
        assert 0 <= x0 < x1 <= 1, name
        assert 0 <= y0 < y1 <= 1, name
        assert 0.6 < ((y1 - y0) * high) / ((x1 - x0) * wide) < 1.35, name
        assert 0.08 < (x1 - x0) * (y1 - y0) < 0.9, name


@pytest.mark.parametrize("artwork", ARTWORKS)
def test_a_mirrored_face_is_on_the_other_side(artwork):
    name = "farmer woman light"
    x0, y0, x1, y1 = face_box(name, artwork=artwork)
    mirrored = face_box(name, flip=True, artwork=artwork)
    assert mirrored == pytest.approx((1 - x1, y0, 1 - x0, y1))
    assert mirrored != pytest.approx((x0, y0, x1, y1))


def test_animals_and_objects_have_no_face_box():
    assert face_box("dog") is None
    assert face_box("teddy bear", artwork="fluent") is None


def test_mirroring_keeps_the_proportions_and_an_area_of_one():
    wide, high = proportions("mallard", flip=True, tilt=0, artwork="fluent")
    assert wide * high == pytest.approx(1)
    assert (wide, high) == proportions("mallard", flip=False, tilt=0, artwork="fluent")


def test_the_artworks_and_the_pictures_have_different_digests():
    digests = {digest(name, artwork) for artwork in ARTWORKS for name in ("dog", "cat", "car")}
    assert len(digests) == 6


@pytest.mark.parametrize(
    "look_up",
    [
        available,
        lambda artwork: sprite("dog", flip=False, tilt=0, artwork=artwork),
        lambda artwork: face_box("dog", artwork=artwork),
        lambda artwork: digest("dog", artwork),
    ],
)
def test_an_unknown_artwork_names_the_nearest(look_up):
    with pytest.raises(InputError, match=r"no artwork 'flunt'.*'fluent'"):
        look_up("flunt")


def test_an_unknown_name_names_the_nearest():
    with pytest.raises(InputError, match=r"no picture of 'malard'.*'mallard'"):
        sprite("malard", flip=False, tilt=0)
    with pytest.raises(InputError, match="'pilot man light'"):
        face_box("pilot men light")


@pytest.mark.parametrize("artwork", ARTWORKS)
@pytest.mark.parametrize("content", [b"", b"no picture", None, "cut"])
def test_a_damaged_picture_names_its_file(copied, artwork, content):
    path = copied / artwork / "dog.webp"
    path.write_bytes(path.read_bytes()[:200] if content in (None, "cut") else content)
    if content is None:
        path.unlink()
    with pytest.raises(WeightsError, match=r"dog\.webp.*Reinstall vlmdiag_widgets\."):
        sprite("dog", flip=False, tilt=0, artwork=artwork)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"pilot man light": [0, 1]}', '{"a": 3}'])
def test_damaged_face_boxes_name_their_file(copied, content):
    (copied / "noto" / "faces.json").write_text(content)
    with pytest.raises(WeightsError, match=r"faces\.json.*Reinstall vlmdiag_widgets\."):
        face_box("pilot man light")
