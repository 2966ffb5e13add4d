"""What every rendered data set promises: deterministic, true to its description, honest."""

from __future__ import annotations

import itertools
import re
from functools import lru_cache

import numpy as np
import pandas as pd
import pytest

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.datasets.worlds import _BUILDERS, WORLDS, load_dataset, world_settings
from vlmdiag_widgets.datasets.worlds.sprites import ARTWORKS

DRAWN = [name for name in WORLDS if name != "dspritesv"]


def pixels(data, row, size=64):
    return np.asarray(data.open(row, size))


@lru_cache
def small(name):
    return load_dataset(name, n=90)


def test_there_are_the_announced_worlds():
    assert list(WORLDS) == [
        "waterbirds",
        "dspritesv",
        "portraits",
        "professions",
        "camels-horses",
        "animals",
        "scenes",
    ]
    assert set(_BUILDERS) == set(WORLDS)


@pytest.mark.parametrize("name", WORLDS)
def test_same_seed_gives_the_same_pixels_and_another_seed_others(name):
    one, two = load_dataset(name, n=9), load_dataset(name, n=9)
    other = load_dataset(name, n=9, seed=1)
    for row in range(9):
        assert np.array_equal(pixels(one, row), pixels(two, row))
        assert not np.array_equal(pixels(one, row), pixels(other, row))


@pytest.mark.parametrize("name", WORLDS)
def test_an_image_does_not_depend_on_how_many_there_are(name):
    few, many = load_dataset(name, n=20), small(name)
    assert list(few.ids) == list(many.ids[:20])
    assert np.array_equal(few.labels, many.labels[:20])
    assert few.attributes.equals(many.attributes[:20])
    assert few.captions == many.captions[:20]
    assert few.box_names == many.box_names[:20]
    assert [few.key(row) for row in range(20)] == [many.key(row) for row in range(20)]


@pytest.mark.parametrize("name", WORLDS)
def test_drawing_order_does_not_matter(name):
    forth, back = load_dataset(name, n=9), load_dataset(name, n=9)
    first = [pixels(forth, row) for row in range(9)]
    second = [pixels(back, row) for row in reversed(range(9))][::-1]
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize("name", WORLDS)
def test_a_small_picture_is_the_large_one_scaled_down(name):
    data = small(name)
    for row in range(12):
        large = np.asarray(data.open(row, 256).reduce(4), dtype=float)
        difference = np.abs(large - pixels(data, row)).mean()
        # The letters of a board are a few pixels wide and fall on others.
        most = 12 if "sign" in (data.box_names or [[]] * 12)[row] else 6
        assert difference < most, f"row {row} differs by {difference:.1f} of 255"


@pytest.mark.parametrize("name", WORLDS)
def test_pictures_are_square_rgb_of_the_wanted_size(name):
    data = load_dataset(name, n=9, size=128)
    assert data.open(0).size == (128, 128)
    assert data.open(0).mode == "RGB"
    assert data.open(0, 300).size == (300, 300)


@pytest.mark.parametrize("name", WORLDS)
def test_keys_differ_by_row_and_size(name):
    data = small(name)
    keys = {data.key(row, size) for row in range(50) for size in (64, 256)}
    assert len(keys) == 100
    assert all(len(key) == 16 for key in keys)
    assert data.key(0) == data.key(0, 256)


@pytest.mark.parametrize("name", DRAWN)
def test_another_artwork_shows_the_same_in_other_pictures(name):
    usual, other = small(name), load_dataset(name, n=90, artwork="fluent")
    assert usual.attributes.equals(other.attributes)
    assert np.array_equal(usual.labels, other.labels)
    assert all(usual.key(row) != other.key(row) for row in range(90))
    assert not np.array_equal(pixels(usual, 0), pixels(other, 0))
    assert "Noto Emoji" in usual.provenance["artwork"]
    assert "Fluent Emoji" in other.provenance["artwork"]


@pytest.mark.parametrize("name", WORLDS)
def test_boxes_lie_inside_and_have_names(name):
    data = small(name)
    for boxes, names in zip(data.boxes, data.box_names, strict=True):
        assert len(boxes) == len(names) >= 1
        for x0, y0, x1, y1 in boxes:
            assert 0 <= x0 < x1 <= 1
            assert 0 <= y0 < y1 <= 1
            assert 0.003 < (x1 - x0) * (y1 - y0) < 0.95


@pytest.mark.parametrize("artwork", ARTWORKS)
@pytest.mark.parametrize("name", WORLDS)
def test_every_caption_is_true_of_its_picture(name, artwork):
    knobs = {} if name == "dspritesv" else {"artwork": artwork}
    for item in _BUILDERS[name](n=180, seed=3, **knobs).items:
        assert 2 <= len(item.captions) <= 5
        for one in item.captions:
            assert one.true_for(item.facts), one.text
            assert one.text


@pytest.mark.parametrize("name", WORLDS)
def test_facts_say_what_the_attributes_say(name):
    for item in _BUILDERS[name](n=90, seed=3).items:
        known = {value for values in item.facts.values() for value in values}
        told = {value for key, value in item.attributes.items() if key in item.facts}
        assert told <= known
        labels = item.label if isinstance(item.label, tuple) else (item.label,)
        assert set(labels) <= known | {"landbird", "waterbird"}


@pytest.mark.parametrize("name", [name for name in WORLDS if name not in ("dspritesv", "scenes")])
@pytest.mark.parametrize("split", ["val", "test"])
def test_classes_are_balanced_where_they_are_judged(name, split):
    data = load_dataset(name)
    counts = pd.Series(data.labels[data.rows(split)]).value_counts()
    assert len(counts) == len(data.classes)
    assert counts.max() - counts.min() <= 1


@pytest.mark.parametrize("name", WORLDS)
def test_settings_are_known_and_make_the_same_again(name):
    data, settings = small(name), world_settings(name)
    told = data.provenance
    assert told["world"] == name
    assert told["seed"] == 0
    assert told["renderer"]
    assert set(told["knobs"]) <= set(settings)
    again = load_dataset(name, n=90, seed=0, **told["knobs"])
    assert [again.key(row) for row in range(90)] == [data.key(row) for row in range(90)]


@pytest.mark.parametrize("name", WORLDS)
def test_suggested_prompts_use_the_words_of_captions(name):
    told = small(name).provenance
    texts = itertools.chain(*(one for w in WORLDS for one in load_dataset(w, n=500).captions))
    known = set(re.findall(r"[a-z]+", " ".join(texts)))
    words = re.sub(r"\{\w+\}", " ", " ".join([*told["templates"], told["noun"]]))
    assert set(re.findall(r"[a-z]+", words)) <= known


@pytest.mark.parametrize("name", WORLDS)
def test_suggested_prompts_name_attributes_that_there_are(name):
    data = small(name)
    asked = data.provenance.get("asked", list(data.attributes.columns))
    named = set(re.findall(r"\{(\w+)\}", " ".join(data.provenance["templates"])))
    assert named <= set(asked) <= set(data.attributes.columns)
    assert set(data.provenance.get("slice_by", ())) <= named


def test_numpy_numbers_are_numbers():
    data = load_dataset("camels-horses", n=np.int64(6), seed=np.int32(2), spurious=np.float32(0.5))
    assert data.provenance["seed"] == 2
    assert type(data.provenance["seed"]) is int


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"seed": "zero"}, "whole number"),
        ({"seed": 1.0}, "whole number"),
        ({"seed": True}, "whole number"),
        ({"seed": None}, "whole number"),
        ({"seed": -1}, "whole number"),
        ({"seed": 1_000_000}, "999999"),
        ({"size": 15}, "from 16"),
        ({"size": 4096}, "2048"),
        ({"size": "large"}, "whole number"),
        ({"n": 0}, "whole number"),
        ({"n": -3}, "whole number"),
        ({"n": 2.5}, "whole number"),
        ({"n": True}, "whole number"),
        ({"n": 10**9}, "100000"),
        ({"colour": "red"}, "no setting 'colour'"),
    ],
)
def test_numbers_that_cannot_be_used_are_answered(name, arguments, words):
    with pytest.raises(InputError, match=words):
        load_dataset(name, **arguments)


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("artwork", ["nota", "", None, 3, ["noto"]])
def test_an_unknown_artwork_is_answered_with_those_there_are(name, artwork):
    with pytest.raises(InputError, match="'noto', 'fluent'"):
        load_dataset(name, n=9, artwork=artwork)


@pytest.mark.parametrize("name", ["waterbird", "", None, 3, ["scenes"]])
def test_an_unknown_world_is_answered_with_those_there_are(name):
    with pytest.raises(InputError, match="'waterbirds', 'dspritesv'"):
        load_dataset(name)
    with pytest.raises(InputError, match="'waterbirds', 'dspritesv'"):
        world_settings(name)


def test_the_nearest_world_and_setting_are_suggested():
    with pytest.raises(InputError, match="Did you mean 'camels-horses'"):
        load_dataset("camel-horse")
    with pytest.raises(InputError, match="Did you mean 'spurious'"):
        load_dataset("waterbirds", spurius=0.9)


def test_handwritten_digits_are_pointed_to():
    with pytest.raises(InputError, match="coloured_digits"):
        load_dataset("coloured-digits")
