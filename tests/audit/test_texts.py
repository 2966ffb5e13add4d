import pandas as pd
import pytest

from vlmdiag_widgets import InputError
from vlmdiag_widgets.audit.texts import TextIds, compose_texts, pasted_texts

ATTRIBUTES = {"species": ["mallard", "owl"], "place": ["ocean", "forest", "lake"]}
LABEL_OF = {"species": {"mallard": "waterbird", "owl": "landbird"}}
GROUP_OF = {"habitat": {"place": {"ocean": "water", "lake": "water", "forest": "land"}}}
BIRD = "a photo of a [{species}|bird][ in the {place}]."


def compose(templates=(BIRD,), attributes=None, **more):
    return compose_texts(attributes or ATTRIBUTES, list(templates), LABEL_OF, GROUP_OF, **more)


def test_every_combination_is_there_also_with_attributes_left_out():
    table = compose()
    assert len(table) == 3 * 4
    assert table["full"].sum() == 6
    assert "a photo of a bird." in set(table["text"])


def test_class_and_group_follow_from_the_values_and_are_empty_without_them():
    table = compose().set_index("text")
    full = table.loc["a photo of a mallard in the forest."]
    assert (full["class"], full["habitat"], full["full"]) == ("waterbird", "land", True)
    partial = table.loc["a photo of a bird in the ocean."]
    assert (partial["class"], partial["species"]) == (None, None)


def test_a_template_that_names_fewer_attributes_adds_no_repeats():
    table = compose([BIRD, "a {species} on a branch"])
    branch = table[table["template"].str.contains("branch")]
    assert list(branch["text"]) == ["a mallard on a branch", "an owl on a branch"]
    assert branch["full"].all()
    assert branch["place"].isna().all()


def test_the_eighty_templates_wrap_the_phrase():
    table = compose(wrapped=True)
    assert len(table) == 12 * 80
    assert "a bad photo of an owl in the lake." in set(table["text"])
    assert table["template"].nunique() == 80


def test_ids_stay_with_their_text_through_edits():
    ids = TextIds()
    before = compose(ids=ids).set_index("text")["text_id"]
    more = {**ATTRIBUTES, "species": ["swan", "mallard", "owl"]}
    after = compose(attributes=more, ids=ids).set_index("text")["text_id"]
    assert (after[before.index] == before).all()
    assert after.is_unique


def test_too_many_texts_are_refused_with_the_count_and_a_way_out():
    many = {name: [f"{name}{i}" for i in range(40)] for name in "abcd"}
    with pytest.raises(InputError, match=r"2,825,761 texts.*Remove values"):
        compose_texts(many, ["[{a}][{b}][{c}][{d}]"], {}, {})


def test_attributes_that_contradict_each_other_are_refused():
    label_of = {"species": {"mallard": "waterbird"}, "place": {"forest": "landbird"}}
    with pytest.raises(InputError, match="two classes"):
        compose_texts(ATTRIBUTES, [BIRD], label_of, {})


def test_pasted_texts_keep_their_classes_and_attributes():
    frame = pd.DataFrame(
        {
            "text": ["a duck", "an owl at night"],
            "class": ["waterbird", None],
            "time": [None, "night"],
        }
    )
    table = pasted_texts(frame, ["waterbird", "landbird"])
    assert list(table["full"]) == [False, True]
    assert list(table["class"]) == ["waterbird", None]


@pytest.mark.parametrize(
    ("texts", "what"),
    [
        (pd.DataFrame({"words": ["a"]}), "'text'"),
        ([], "at least one row"),
        (["a", " "], "number 2 is empty"),
        (pd.DataFrame({"text": ["a"], "class": ["fish"]}), "'fish'"),
    ],
)
def test_pasted_texts_that_cannot_be_used_are_refused(texts, what):
    with pytest.raises(InputError, match=what):
        pasted_texts(texts, ["waterbird", "landbird"])
