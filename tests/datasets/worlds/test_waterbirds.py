"""The `waterbirds` world: habitat goes with the class in training, and only there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.datasets.worlds import load_dataset


@pytest.fixture(scope="module")
def birds():
    return load_dataset("waterbirds")


def test_it_has_the_announced_sizes(birds):
    counts = pd.Series(birds.split).value_counts()
    assert counts.to_dict() == {"train": 1200, "val": 600, "test": 900}
    assert birds.classes == ["landbird", "waterbird"]
    assert birds.attributes["species"].nunique() >= 12
    assert birds.attributes["place"].nunique() == 10


def test_each_picture_has_the_box_of_its_bird(birds):
    assert birds.box_names == [[species] for species in birds.attributes["species"]]


@pytest.mark.parametrize("split", ["val", "test"])
def test_it_is_balanced_where_it_is_judged(birds, split):
    rows = birds.rows(split=split)
    table = pd.crosstab(birds.labels[rows], birds.attributes["habitat"].iloc[rows].to_numpy())
    assert table.to_numpy().max() == table.to_numpy().min()


@pytest.mark.parametrize("spurious", [0, 0.5, 0.9, 0.95, 1.0])
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


def test_the_record_of_given_sizes_makes_them_again():
    data = load_dataset("waterbirds", train=5, val=3, test=4)
    again = load_dataset("waterbirds", n=len(data), **data.provenance["knobs"])
    assert list(again.ids) == list(data.ids)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"spurious": 1.2}, "from 0 to 1"),
        ({"spurious": "high"}, "from 0 to 1"),
        ({"spurious": float("nan")}, "from 0 to 1"),
        ({"spurious": True}, "from 0 to 1"),
        ({"n": 8}, "from 9"),
        ({"train": 10}, "either n or all three"),
        ({"train": "ten", "val": 1, "test": 1}, "whole number"),
        ({"train": 0, "val": 1, "test": 1}, "whole number"),
        ({"n": 20, "train": 4, "val": 4, "test": 4}, "either n"),
    ],
)
def test_mistakes_are_answered_with_what_was_expected(arguments, words):
    with pytest.raises(InputError, match=words):
        load_dataset("waterbirds", **arguments)


def test_the_splits_together_are_bounded_too():
    with pytest.raises(ValueError, match="100000"):
        load_dataset("waterbirds", train=50_000, val=50_000, test=1)
