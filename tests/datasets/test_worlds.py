"""The rendered data sets: deterministic, true to their description, honest about mistakes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import vlmdiag_widgets
from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.datasets.worlds import WORLDS, load_dataset

VOCABULARY = Path(vlmdiag_widgets.__file__).parent / "assets" / "demo0" / "vocabulary.json"


def pixels(data, row, size=64):
    return np.asarray(data.open(row, size))


@pytest.fixture(scope="module")
def birds():
    return load_dataset("waterbirds")


@pytest.fixture(scope="module")
def shapes():
    return load_dataset("dspritesv", n=3000)


@pytest.mark.parametrize("name", WORLDS)
def test_same_seed_gives_the_same_pixels_and_another_seed_others(name):
    one, two = load_dataset(name, n=12), load_dataset(name, n=12)
    other = load_dataset(name, n=12, seed=1)
    for row in range(12):
        assert np.array_equal(pixels(one, row), pixels(two, row))
        assert not np.array_equal(pixels(one, row), pixels(other, row))


@pytest.mark.parametrize("name", WORLDS)
def test_an_image_does_not_depend_on_how_many_there_are(name):
    few, many = load_dataset(name, n=20), load_dataset(name, n=60)
    assert list(few.ids) == list(many.ids[:20])
    assert list(few.labels) == list(many.labels[:20])
    assert few.captions == many.captions[:20]
    assert [few.key(row) for row in range(20)] == [many.key(row) for row in range(20)]


@pytest.mark.parametrize("name", WORLDS)
def test_drawing_order_does_not_matter(name):
    forth, back = load_dataset(name, n=10), load_dataset(name, n=10)
    first = [pixels(forth, row) for row in range(10)]
    second = [pixels(back, row) for row in reversed(range(10))][::-1]
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize("name", WORLDS)
def test_a_small_picture_is_the_large_one_scaled_down(name):
    data = load_dataset(name, n=24)
    for row in range(24):
        large = np.asarray(data.open(row, 256).reduce(4), dtype=float)
        difference = np.abs(large - pixels(data, row)).mean()
        assert difference < 6, f"row {row} differs by {difference:.1f} of 255"


@pytest.mark.parametrize("name", WORLDS)
def test_pictures_are_square_rgb_of_the_wanted_size(name):
    data = load_dataset(name, n=9, size=128)
    assert data.open(0).size == (128, 128)
    assert data.open(0).mode == "RGB"
    assert data.open(0, 300).size == (300, 300)


@pytest.mark.parametrize("name", WORLDS)
def test_keys_differ_by_row_and_size(name):
    data = load_dataset(name, n=50)
    keys = {data.key(row, size) for row in range(50) for size in (64, 256)}
    assert len(keys) == 100
    assert all(len(key) == 16 for key in keys)
    assert data.key(0) == data.key(0, 256)


@pytest.mark.parametrize("name", WORLDS)
def test_boxes_lie_inside_and_hold_the_main_thing(name):
    data = load_dataset(name, n=200)
    for boxes in data.boxes:
        (x0, y0, x1, y1) = boxes[0]
        assert 0 <= x0 < x1 <= 1
        assert 0 <= y0 < y1 <= 1
        assert 0.005 < (x1 - x0) * (y1 - y0) < 0.5


@pytest.mark.parametrize("name", WORLDS)
def test_every_image_has_two_to_four_captions(name):
    assert all(2 <= len(texts) <= 4 for texts in load_dataset(name, n=90).captions)


def test_waterbirds_has_the_announced_sizes(birds):
    counts = pd.Series(birds.split).value_counts()
    assert counts.to_dict() == {"train": 1600, "val": 800, "test": 1200}
    assert birds.classes == ["landbird", "waterbird"]
    assert birds.attributes["species"].nunique() >= 12
    assert birds.attributes["place"].nunique() == 10


@pytest.mark.parametrize("split", ["val", "test"])
def test_waterbirds_is_balanced_where_it_is_judged(birds, split):
    rows = birds.rows(split=split)
    table = pd.crosstab(birds.labels[rows], birds.attributes["habitat"].iloc[rows].to_numpy())
    assert table.to_numpy().max() == table.to_numpy().min()


@pytest.mark.parametrize("spurious", [0.5, 0.9, 0.95, 1.0])
def test_the_spurious_share_is_what_was_asked_for(spurious):
    data = load_dataset("waterbirds", train=400, val=4, test=4, spurious=spurious)
    rows = data.rows(split="train")
    usual = {"landbird": "land", "waterbird": "water"}
    for label, habitat in usual.items():
        mine = [row for row in rows if data.labels[row] == label]
        share = np.mean([data.attributes["habitat"][row] == habitat for row in mine])
        assert len(mine) == 200
        assert share == pytest.approx(spurious, abs=0.01)


def test_a_split_image_is_the_same_whatever_the_sizes():
    small = load_dataset("waterbirds", train=5, val=3, test=4)
    large = load_dataset("waterbirds", n=180)
    where = {name: row for row, name in enumerate(large.ids)}
    for row, name in enumerate(small.ids):
        assert small.key(row) == large.key(where[name])


def test_dspritesv_trains_on_orange_triangles_and_green_squares_only(shapes):
    rows = shapes.rows(split="train")
    pairs = set(zip(shapes.labels[rows], shapes.attributes["color"].iloc[rows], strict=True))
    assert pairs == {("triangle", "orange"), ("square", "green")}
    trained = [
        (label, color) in pairs
        for label, color in zip(shapes.labels, shapes.attributes["color"], strict=True)
    ]
    assert len(rows) / sum(trained) == pytest.approx(0.8, abs=0.05)


def test_dspritesv_tests_every_shape_in_every_colour(shapes):
    rows = shapes.rows(split="test")
    table = pd.crosstab(shapes.labels[rows], shapes.attributes["color"].iloc[rows].to_numpy())
    assert table.shape == (2, 6)
    assert (table.to_numpy() > 5).all()


def test_a_dspritesv_shape_stands_where_its_position_says(shapes):
    for row in range(60):
        x0, y0, x1, y1 = shapes.boxes[row][0]
        high, side = shapes.attributes["position"][row].split()
        assert ((y0 + y1) / 2 < 0.5) == (high == "upper")
        assert ((x0 + x1) / 2 < 0.5) == (side == "left")


def test_dspritesv_sizes_never_overlap(shapes):
    # A square's side, so that the turn of the shape hardly matters.
    wide = {"small": [], "medium": [], "large": []}
    for row in np.flatnonzero(shapes.labels == "square"):
        x0, _, x1, _ = shapes.boxes[row][0]
        wide[shapes.attributes["size"][int(row)]].append(x1 - x0)
    assert max(wide["small"]) < max(wide["medium"]) < max(wide["large"])
    assert np.mean(wide["small"]) < min(wide["medium"])
    assert np.mean(wide["medium"]) < min(wide["large"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"name": "waterbird"}, "waterbirds"),
        ({"name": "waterbirds", "spurius": 0.9}, "spurious"),
        ({"name": "dspritesv", "spurious": 0.9}, "expected one of"),
        ({"name": "waterbirds", "spurious": 1.2}, "from 0 to 1"),
        ({"name": "waterbirds", "seed": "zero"}, "whole number"),
        ({"name": "waterbirds", "seed": -1}, "whole number"),
        ({"name": "waterbirds", "seed": 7_000_000}, "999999"),
        ({"name": "waterbirds", "size": 4}, "from 16"),
        ({"name": "waterbirds", "n": 0}, "from 9"),
        ({"name": "waterbirds", "n": True}, "whole number"),
        ({"name": "waterbirds", "train": 10}, "either n or all three"),
        ({"name": "waterbirds", "n": 20, "train": 4, "val": 4, "test": 4}, "either n"),
        ({"name": "dspritesv", "n": 2.5}, "whole number"),
    ],
)
def test_mistakes_are_answered_with_what_was_expected(arguments, words):
    with pytest.raises(InputError, match=words):
        load_dataset(**arguments)


def test_provenance_says_how_to_make_the_data_again(birds):
    told = birds.provenance
    assert told["world"] == "waterbirds"
    assert told["seed"] == 0
    assert told["knobs"]["spurious"] == pytest.approx(0.95)
    assert told["renderer"]


def test_suggested_prompts_use_words_that_the_demo_encoder_knows():
    known = set(json.loads(VOCABULARY.read_text()))
    for name in WORLDS:
        told = load_dataset(name, n=9).provenance
        words = re.sub(r"\{\w+\}", " ", " ".join([*told["templates"], told["noun"]]))
        assert set(re.findall(r"[a-z]+", words)) <= known
