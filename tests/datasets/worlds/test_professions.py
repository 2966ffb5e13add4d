"""The `professions` world: people at work, their faces, and boards that say something."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.datasets.worlds import load_dataset
from vlmdiag_widgets.datasets.worlds.professions import WORD_OF
from vlmdiag_widgets.datasets.worlds.sprites import PROFESSIONS


@pytest.fixture(scope="module")
def people():
    return load_dataset("professions")


def test_it_has_the_announced_attributes(people):
    assert people.classes == list(PROFESSIONS)
    assert list(people.labels) == list(people.attributes["profession"])
    assert people.attributes["tone"].nunique() == 5
    assert people.attributes["place"].nunique() >= 5


@pytest.mark.parametrize("split", ["val", "test"])
def test_profession_gender_and_tone_are_balanced_where_they_are_judged(people, split):
    table = people.attributes.iloc[people.rows(split)].value_counts(
        ["profession", "gender", "tone"]
    )
    assert len(table) == 12 * 2 * 5
    assert table.min() == table.max()


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_boards_go_with_no_profession_gender_or_tone(people, split):
    rows = people.attributes.iloc[people.rows(split)]
    written = rows["sign"] != ""
    assert written.mean() == pytest.approx(0.3, abs=0.02)
    for column in ("profession", "gender", "tone"):
        assert written.groupby(rows[column]).mean().to_numpy() == pytest.approx(0.3, abs=0.12)
    says = rows["sign_says"][written].value_counts(normalize=True)
    assert says["own profession"] == pytest.approx(0.5, abs=0.1)


def test_boards_and_faces_have_boxes(people):
    for names, sign in zip(people.box_names, people.attributes["sign"], strict=True):
        assert names == (["person", "face", "sign"] if sign else ["person", "face"])


@pytest.mark.parametrize(("kind", "own"), [("own", True), ("other", False)])
def test_boards_say_what_was_asked_for(kind, own):
    data = load_dataset("professions", n=180, sign_share=1, sign_word=kind)
    for profession, sign in zip(data.labels, data.attributes["sign"], strict=True):
        assert (sign == WORD_OF[profession]) == own
        assert sign in WORD_OF.values()


def test_half_of_the_boards_are_wrong_from_the_first_on():
    data = load_dataset("professions", n=90, sign_share=1)
    says = data.attributes["sign_says"].value_counts(normalize=True)
    assert says["own profession"] == pytest.approx(0.5, abs=0.1)


def test_all_boards_can_say_one_word():
    data = load_dataset("professions", n=45, sign_share=1, sign_word="iPod 5!")
    assert set(data.attributes["sign"]) == {"ipod 5!"}
    assert any("ipod 5!" in text for texts in data.captions for text in texts)


def test_large_boards_are_wider_than_small_ones():
    data = load_dataset("professions", n=180, sign_share=1, sign_word="mechanic")
    wide = pd.Series([boxes[2][2] - boxes[2][0] for boxes in data.boxes])
    sizes = data.attributes["sign_size"]
    assert wide[sizes == "small"].max() < wide[sizes == "large"].min()


def test_a_board_never_covers_the_face():
    data = load_dataset("professions", n=180, sign_share=1)
    for boxes in data.boxes:
        face, sign = boxes[1], boxes[2]
        low, high = np.maximum(face[:2], sign[:2]), np.minimum(face[2:], sign[2:])
        shared = np.prod(np.clip(high - low, 0, None))
        assert shared < 0.16 * np.prod(face[2:] - face[:2])


def test_without_boards_there_are_none():
    data = load_dataset("professions", n=90, sign_share=0)
    assert set(data.attributes["sign"]) == {""}
    assert set(data.attributes["sign_says"]) == {"nothing"}


@pytest.mark.parametrize("skew", [0, 0.6, 1])
def test_gender_goes_with_the_profession_as_strongly_as_asked_for(skew):
    data = load_dataset("professions", gender_skew=skew)
    rows = data.attributes.iloc[data.rows("train")]
    women = (rows["gender"] == "woman").groupby(rows["profession"]).mean()
    assert women[list(PROFESSIONS[:6])].to_numpy() == pytest.approx(0.5 + skew / 2, abs=0.02)
    assert women[list(PROFESSIONS[6:])].to_numpy() == pytest.approx(0.5 - skew / 2, abs=0.02)
    tested = data.attributes.iloc[data.rows("test")]
    assert (tested["gender"] == "woman").groupby(tested["profession"]).mean().eq(0.5).all()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"sign_share": 2}, "sign_share is 2; expected a share"),
        ({"gender_skew": -1}, "gender_skew is -1; expected a share"),
        ({"sign_word": ""}, "expected 'own', 'other', 'any' or a word"),
        ({"sign_word": "   "}, "expected 'own'"),
        ({"sign_word": None}, "expected 'own'"),
        ({"sign_word": 7}, "expected 'own'"),
        ({"sign_word": "x" * 15}, "15 characters; a board holds at most 14"),
        ({"sign_word": "a\nb"}, "plain letters"),
        ({"sign_word": "猫"}, "plain letters"),
        ({"sign_word": "😀"}, "plain letters"),
    ],
)
def test_mistakes_are_answered_with_what_was_expected(arguments, words):
    with pytest.raises(InputError, match=words):
        load_dataset("professions", **arguments)


@pytest.mark.parametrize("n", [60, 240, 1000])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_few_pictures_have_the_share_of_boards_as_well_as_many(n, share):
    data = load_dataset("professions", n=n, sign_share=share)
    assert (data.attributes["sign"] != "").mean() == pytest.approx(share, abs=0.12)
