"""The boxes of the faces follow from the pictures that are shipped."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw

from vlmdiag_widgets.datasets.worlds.sprites import (
    ARTWORKS,
    PEOPLE,
    TONES,
    face_box,
    portrait_sprite,
    profession_sprite,
    sprite,
)
from vlmdiag_widgets.training.extract_sprites import SOURCES
from vlmdiag_widgets.training.face_boxes import designs, face_boxes

SKINS = ((250, 220, 190), (220, 180, 150), (180, 135, 100), (160, 105, 65), (110, 80, 70))


@pytest.mark.parametrize("artwork", ARTWORKS)
def test_the_shipped_boxes_come_from_the_shipped_pictures(artwork):
    pictures = {name: sprite(name, flip=False, tilt=0, artwork=artwork)[0] for name in PEOPLE}
    boxes = face_boxes(pictures, SOURCES[artwork].corrections)
    assert boxes == {name: face_box(name, artwork=artwork) for name in PEOPLE}


def test_every_design_is_looked_at_once():
    assert sorted(name for names in designs() for name in names) == sorted(PEOPLE)


def test_ears_neck_and_a_hand_are_no_part_of_the_face():
    boxes = face_boxes(_drawn_people())
    box = boxes[profession_sprite("cook", "man", "light")]
    assert box == pytest.approx((0.3, 0.2, 0.7, 0.6), abs=0.02)
    assert set(boxes) == set(_drawn_people())


def test_a_design_without_all_its_tones_is_left_out():
    pictures = _drawn_people()
    del pictures[profession_sprite("cook", "man", "dark")]
    assert all(name.startswith("adult") for name in face_boxes(pictures))


def test_a_box_measured_by_hand_wins_for_all_tones():
    by_hand = (0.1, 0.2, 0.3, 0.4)
    boxes = face_boxes(_drawn_people(), {"cook man": by_hand})
    assert {boxes[profession_sprite("cook", "man", tone)] for tone in TONES} == {by_hand}


def _drawn_people() -> dict[str, Image.Image]:
    people = {}
    for tone, skin in zip(TONES, SKINS, strict=True):
        people[portrait_sprite("adult", "man", tone, "bald")] = Image.new("RGBA", (100, 100), skin)
        people[profession_sprite("cook", "man", tone)] = _cook(skin)
    return people


def _cook(skin: tuple[int, int, int]) -> Image.Image:
    picture = Image.new("RGBA", (100, 100), (30, 90, 200))
    drawer = ImageDraw.Draw(picture)
    face, ears, neck = (30, 20, 69, 59), (24, 36, 75, 44), (44, 59, 54, 72)
    glasses, hand = (30, 30, 69, 34), (80, 60, 96, 80)
    for part in (face, ears, neck, hand):
        drawer.rectangle(part, fill=skin)
    drawer.rectangle(glasses, fill=(20, 20, 20))
    return picture
