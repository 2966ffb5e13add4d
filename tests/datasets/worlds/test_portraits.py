"""The `portraits` world: one skin tone is favoured in training, none where it is judged."""

from __future__ import annotations

import pandas as pd
import pytest

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.datasets.worlds import load_dataset
from vlmdiag_widgets.datasets.worlds.sprites import AGES, HAIR, TONES


@pytest.fixture(scope="module")
def people():
    return load_dataset("portraits")


@pytest.fixture(scope="module")
def ages():
    return load_dataset("portraits", target="age")


def counts(data, split, columns):
    return data.attributes.iloc[data.rows(split)].value_counts(columns)


def test_it_has_the_announced_attributes(people):
    assert people.classes == ["woman", "man"]
    assert set(people.attributes["tone"]) == set(TONES)
    assert set(people.attributes["age"]) == set(AGES) - {"baby"}
    assert set(people.attributes["hair"]) == set(HAIR)
    assert list(people.labels) == list(people.attributes["gender"])
    grown = people.attributes["age"] == "adult"
    assert set(people.attributes["hair"][~grown]) == {"plain"}


@pytest.mark.parametrize("split", ["val", "test"])
def test_gender_age_and_tone_are_balanced_where_they_are_judged(people, split):
    table = counts(people, split, ["gender", "age", "tone"])
    assert len(table) == 2 * 3 * 5
    assert table.min() == table.max()


@pytest.mark.parametrize("split", ["val", "test"])
def test_age_and_tone_are_balanced_when_the_class_is_the_age(ages, split):
    table = counts(ages, split, ["age", "tone"])
    assert len(table) == 4 * 5
    assert table.min() == table.max()


def test_babies_have_no_gender(ages):
    assert ages.classes == list(AGES)
    baby = ages.attributes["age"] == "baby"
    assert ages.attributes["gender"][baby].isna().all()
    assert ages.attributes["gender"][~baby].notna().all()


@pytest.mark.parametrize(("skew", "tone"), [(0.925, "light"), (0.2, "dark"), (1.0, "medium")])
def test_training_favours_a_tone_by_the_share_that_was_asked_for(skew, tone):
    data = load_dataset("portraits", skew=skew, tone=tone)
    rows = data.attributes.iloc[data.rows("train")]
    share = (rows["tone"] == tone).groupby(rows["gender"]).mean()
    assert share.to_numpy() == pytest.approx(skew, abs=0.01)
    others = rows["tone"][rows["tone"] != tone].value_counts()
    assert len(others) == (4 if skew < 1 else 0)
    assert len(others) == 0 or others.max() < 1.25 * others.min()


def test_no_age_or_gender_is_favoured_in_training(people):
    table = counts(people, "train", ["gender", "age"])
    assert table.max() - table.min() <= 1


def test_any_part_of_the_training_images_has_about_the_share(people):
    tone = people.attributes["tone"].iloc[people.rows("train")]
    for start in range(0, 1200, 300):
        assert (tone[start : start + 300] == "light").mean() == pytest.approx(0.925, abs=0.04)


def test_faces_are_known_and_lie_within_their_person(people):
    for boxes, names in zip(people.boxes[:90], people.box_names, strict=False):
        assert names == ["person", "face"]
        person, face = boxes
        assert (face[:2] >= person[:2] - 1e-6).all()
        assert (face[2:] <= person[2:] + 1e-6).all()


def test_captions_call_children_girls_and_boys(people):
    words = pd.Series([texts[0] for texts in people.captions])
    child = people.attributes["age"] == "child"
    assert words[child].str.contains("girl|boy").all()
    assert words[~child].str.contains("adult|older").all()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"target": "tone"}, "expected one of 'gender', 'age'"),
        ({"target": None}, "expected one of"),
        ({"tone": "darck"}, "Did you mean 'dark'"),
        ({"skew": -0.1}, "from 0 to 1"),
        ({"skew": "most"}, "from 0 to 1"),
    ],
)
def test_mistakes_are_answered_with_what_was_expected(arguments, words):
    with pytest.raises(InputError, match=words):
        load_dataset("portraits", **arguments)
