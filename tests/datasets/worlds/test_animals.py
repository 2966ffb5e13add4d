"""The `animals` world: everything in every place and quality, unless held out."""

from __future__ import annotations

import pytest

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.datasets.worlds import load_dataset
from vlmdiag_widgets.datasets.worlds.place_scene import QUALITIES
from vlmdiag_widgets.datasets.worlds.places import PLACES


@pytest.fixture(scope="module")
def animals():
    return load_dataset("animals")


def test_it_is_large_and_has_many_classes(animals):
    assert len(animals) == 4000
    assert len(animals.classes) >= 40
    assert set(animals.attributes["place"]) == set(PLACES)
    assert set(animals.attributes["quality"]) == set(QUALITIES)
    assert set(animals.attributes["group"]) == {"bird", "mammal", "reptile", "invertebrate"}
    assert animals.box_names == [[species] for species in animals.labels]


@pytest.mark.parametrize("qualities", [None, QUALITIES[:4], QUALITIES[:3], QUALITIES[:2]])
def test_each_animal_comes_once_in_each_place_and_quality(qualities):
    pairs = 12 * len(qualities or QUALITIES)
    data = load_dataset("animals", n=9 * pairs, species=["dog", "cat"], qualities=qualities)
    rows = data.attributes.iloc[data.rows("val")]
    table = rows.value_counts(["species", "place", "quality"])
    assert len(table) == 2 * pairs
    assert table.max() == 1


def test_only_the_wanted_animals_and_qualities_are_shown():
    data = load_dataset("animals", n=45, species=("swan", "dog"), qualities=["normal", "dark"])
    assert set(data.classes) == set(data.labels) == {"swan", "dog"}
    assert set(data.attributes["quality"]) == {"normal", "dark"}


def test_what_is_held_out_is_not_in_training_but_elsewhere(animals):
    held = {"dog": "snow", "swan": ["lake", "river"]}
    data = load_dataset("animals", held_out=held)
    rows = data.attributes.iloc[data.rows("train")]
    for species, places in held.items():
        mine = rows["place"][rows["species"] == species]
        assert len(mine) >= 25
        assert not set(mine) & set([places] if isinstance(places, str) else places)
        assert mine.value_counts().max() <= 5
    tested = data.attributes.iloc[data.rows("test")]
    assert ((tested["species"] == "dog") & (tested["place"] == "snow")).any()
    # Every other image stays what it is.
    same = [data.key(row) == animals.key(row) for row in range(len(data))]
    changed = {animals.labels[row] for row, kept in enumerate(same) if not kept}
    assert changed == {"dog", "swan"}
    assert sum(same) > len(data) - 20


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"species": ["dog", "cta"]}, "Did you mean 'cat'"),
        ({"species": ["dog"]}, "two animals or more"),
        ({"species": []}, "list of names"),
        ({"species": "dog"}, "list of names"),
        ({"species": ["dog", 3]}, "expected one of"),
        ({"qualities": ["darkk"]}, "Did you mean 'dark'"),
        ({"qualities": []}, "list of names"),
        ({"held_out": "dog"}, "species with places"),
        ({"held_out": {"dgo": "snow"}}, "Did you mean 'dog'"),
        ({"held_out": {"dog": "sno"}}, "Did you mean 'snow'"),
        ({"held_out": {"dog": 4}}, "list of names"),
        ({"held_out": {"dog": PLACES}}, "leaves no place"),
        ({"held_out": {"dog": "snow"}, "species": ["cat", "cow"]}, "expected one of 'c"),
    ],
)
def test_mistakes_are_answered_with_what_was_expected(arguments, words):
    with pytest.raises(InputError, match=words):
        load_dataset("animals", **arguments)
