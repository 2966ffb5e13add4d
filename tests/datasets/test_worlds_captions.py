"""Captions of the rendered worlds: always true, sometimes partial, in plain words."""

from __future__ import annotations

import numpy as np
import pytest

from vlmdiag_widgets.datasets.worlds.captions import Caption, caption, full_caption
from vlmdiag_widgets.datasets.worlds.places import PLACES
from vlmdiag_widgets.datasets.worlds.sprites import BIRDS, WATERBIRDS

MALLARD = {"species": "mallard", "place": "ocean", "quality": "normal"}
TRIANGLE = {"shape": "triangle", "color": "orange", "size": "small", "position": "upper left"}


def many(attributes, count=300):
    rng = np.random.default_rng(0)
    return [caption(rng, attributes) for _ in range(count)]


@pytest.mark.parametrize("attributes", [MALLARD, TRIANGLE])
def test_captions_are_true_of_their_picture(attributes):
    assert all(one.true_for(attributes) for one in many(attributes))


def test_every_bird_and_place_can_be_captioned():
    rng = np.random.default_rng(0)
    for bird in BIRDS:
        for place in PLACES:
            attributes = {"species": bird, "place": place, "quality": "normal"}
            assert caption(rng, attributes).true_for(attributes)


def test_some_captions_leave_attributes_out():
    named = [set(one.allows) for one in many(MALLARD)]
    assert {"species"} in named
    assert {"place"} in named
    assert {"species", "place"} in named


def test_a_caption_of_one_bird_is_false_of_another_unless_it_is_broader():
    other = MALLARD | {"species": "owl"}
    for one in many(MALLARD):
        words = one.text.replace(".", "").split()
        if "mallard" in words or "duck" in words:
            assert not one.true_for(other)
        if words == ["bird"]:
            assert one.true_for(other)


def test_waterbird_is_true_of_water_birds_only():
    one = Caption("a waterbird", {"species": frozenset(WATERBIRDS)})
    assert one.true_for({"species": "swan"})
    assert not one.true_for({"species": "owl"})


def test_an_animal_caption_is_false_of_a_shape():
    assert not any(one.true_for(TRIANGLE) for one in many(MALLARD) if "species" in one.allows)


def test_the_full_caption_is_the_papers_prompt():
    assert full_caption(MALLARD).text == "a photo of a mallard in the ocean."
    owl = MALLARD | {"species": "owl"}
    assert full_caption(owl).text == "a photo of an owl in the ocean."


def test_the_words_that_the_demos_need_occur():
    said = " ".join(one.text for one in many(MALLARD, 1500) + many(TRIANGLE, 1500))
    for phrase in (
        "a photo of a mallard in the ocean",
        "a photo of a bird in the ocean",
        "waterbird",
        "animal",
        "art of",
        "small orange triangle",
        "orange triangle in the upper left",
    ):
        assert phrase in said
