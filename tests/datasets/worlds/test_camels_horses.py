"""The `camels-horses` world: two animals in two places."""

from __future__ import annotations

import pytest

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.datasets.worlds import load_dataset


def table(data, split=None):
    return data.attributes.iloc[data.rows(split)].value_counts(["animal", "place"])


def test_there_are_48_of_each_in_each_place():
    data = load_dataset("camels-horses")
    assert len(data) == 192
    assert table(data).tolist() == [48] * 4
    assert {split: len(data.rows(split)) for split in ("train", "val", "test")} == {
        "train": 96,
        "val": 32,
        "test": 64,
    }


@pytest.mark.parametrize("spurious", [0.5, 0.75, 1.0])
def test_training_has_the_wanted_share_of_usual_places(spurious):
    data = load_dataset("camels-horses", n=960, spurious=spurious)
    rows = data.attributes.iloc[data.rows("train")]
    usual = rows["animal"].map({"camel": "desert", "horse": "meadow"}) == rows["place"]
    assert usual.groupby(rows["animal"]).mean().to_numpy() == pytest.approx(spurious, abs=0.01)
    assert table(data, "test").tolist() == [80] * 4
    assert table(data, "val").tolist() == [40] * 4


def test_a_share_must_be_one():
    with pytest.raises(InputError, match="spurious is 3"):
        load_dataset("camels-horses", spurious=3)
