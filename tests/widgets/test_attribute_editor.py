"""AttributeEditor: the attributes of an audit, edited by message."""

from __future__ import annotations

import numpy as np
import pytest

from tests.widgets.birds import Words, ask, make_audit, ready
from vlmdiag_widgets.audit import Audit
from vlmdiag_widgets.datasets import ImageDataset
from vlmdiag_widgets.widgets.attribute_editor import AttributeEditor
from vlmdiag_widgets.widgets.attribute_edits import rename_field


@pytest.fixture
def audit():
    return make_audit()


@pytest.fixture
def view(audit):
    made = ready(AttributeEditor(audit))
    yield made
    made.close()


def named(view, name):
    return next(entry for entry in view.data["attributes"] if entry["name"] == name)


def test_each_value_has_its_images_and_its_class(view):
    species = named(view, "species")
    assert species["labelled"]
    assert species["in_prompts"]
    owl = next(value for value in species["values"] if value["value"] == "owl")
    assert owl == {"value": "owl", "images": 20, "class": "landbird", "unknown": []}
    assert not named(view, "place")["labelled"]


def test_words_outside_the_vocabulary_are_named(audit):
    audit.encoder.unknown_words = lambda text: [w for w in text.split() if w == "xanadu"]
    audit.edit(attributes={**audit.attributes, "place": ["ocean", "xanadu"]})
    view = ready(AttributeEditor(audit))
    assert named(view, "place")["values"][1]["unknown"] == ["xanadu"]
    assert view.data["encoder"] == "words"


def test_values_are_added_and_can_be_taken_back(view, audit):
    answer, _ = ask(
        view, "add_values", {"attribute": "place", "values": ["lake", " river ", "ocean"]}
    )
    assert answer["ok"], answer
    assert audit.attributes["place"] == ["ocean", "forest", "lake", "river"]
    assert [v["images"] for v in named(view, "place")["values"]] == [40, 40, 0, 0]
    ask(view, "undo", {})
    assert audit.attributes["place"] == ["ocean", "forest"]


def test_the_first_attribute_of_all_brings_its_prompt():
    images = np.zeros((6, 8, 8, 3), dtype=np.uint8)
    encoder = Words()
    encoder.encode_images = lambda pictures: np.ones((len(pictures), encoder.dim), "f4")
    audit = Audit(encoder, ImageDataset.from_arrays(images), classifier="zero-shot")
    view = ready(AttributeEditor(audit))
    answer, _ = ask(view, "add_attribute", {"attribute": "place", "values": ["sea", "wood"]})
    assert answer["ok"], answer
    assert audit.templates == ["a photo of a [{place}|thing]."]
    assert len(audit.texts()) == 3


def test_a_value_without_a_class_is_refused_with_what_to_do(view, audit):
    answer, _ = ask(view, "add_values", {"attribute": "species", "values": ["gull"]})
    assert "no class for 'gull'" in answer["error"]["message"]
    assert "gull" not in audit.attributes["species"]
    given = {"attribute": "species", "values": ["gull"], "classes": {"gull": "waterbird"}}
    answer, _ = ask(view, "add_values", given)
    assert answer["ok"], answer
    assert audit.label_of["species"]["gull"] == "waterbird"


def test_the_class_of_a_value_that_images_carry_is_known(view, audit):
    ask(view, "remove_value", {"attribute": "species", "value": "owl"})
    assert named(view, "species")["known"] == {"owl": "landbird"}
    answer, _ = ask(view, "add_values", {"attribute": "species", "values": ["owl"]})
    assert answer["ok"], answer
    assert audit.label_of["species"]["owl"] == "landbird"


def test_the_last_value_stays(view):
    ask(view, "remove_value", {"attribute": "place", "value": "ocean"})
    answer, _ = ask(view, "remove_value", {"attribute": "place", "value": "forest"})
    assert "last value of place" in answer["error"]["message"]


def test_a_value_is_renamed_where_it_stands_with_its_class(view, audit):
    answer, _ = ask(
        view, "rename_value", {"attribute": "species", "value": "mallard", "to": "wild duck"}
    )
    assert answer["ok"], answer
    assert audit.attributes["species"][0] == "wild duck"
    assert audit.label_of["species"]["wild duck"] == "waterbird"
    assert "No image carries “wild duck”" in answer["payload"]["note"]


def test_a_value_is_not_renamed_to_another_one(view):
    answer, _ = ask(view, "rename_value", {"attribute": "place", "value": "ocean", "to": "forest"})
    assert "already a value of place" in answer["error"]["message"]


def test_a_word_under_two_attributes_is_pointed_out(view):
    answer, _ = ask(view, "add_values", {"attribute": "place", "values": ["owl"]})
    assert answer["payload"]["note"] == "“owl” is also a value of species: it now stands for both."


def test_an_attribute_is_added_with_the_values_of_the_images(view, audit):
    audit.edit(
        attributes={"species": audit.attributes["species"]}, templates=["a photo of a {species}."]
    )
    assert view.data["columns"] == ["place"]
    answer, _ = ask(view, "add_attribute", {"attribute": "place", "values": []})
    assert answer["ok"], answer
    assert audit.attributes["place"] == ["forest", "ocean"]
    assert not named(view, "place")["in_prompts"]


def test_an_attribute_nobody_knows_needs_values(view):
    answer, _ = ask(view, "add_attribute", {"attribute": "season", "values": []})
    assert "No image has an attribute 'season'" in answer["error"]["message"]


def test_an_attribute_a_prompt_names_stays(view, audit):
    answer, _ = ask(view, "remove_attribute", {"attribute": "place"})
    assert "uses {place}" in answer["error"]["message"]
    audit.edit(templates=["a photo of a {species}."])
    answer, _ = ask(view, "remove_attribute", {"attribute": "place"})
    assert answer["ok"], answer
    assert list(audit.attributes) == ["species"]


def test_prompts_and_classes_follow_the_name_of_an_attribute(view, audit):
    answer, _ = ask(view, "rename_attribute", {"attribute": "species", "to": "bird"})
    assert answer["ok"], answer
    assert list(audit.attributes) == ["bird", "place"]
    assert audit.templates == ["a photo of a [{bird}|bird][ in the {place}]."]
    assert audit.label_of["bird"]["owl"] == "landbird"
    ask(view, "undo", {})
    assert "species" in audit.attributes


def test_a_value_of_no_group_can_be_given_one():
    audit = make_audit(group_of={"habitat": {"place": {"ocean": "water", "forest": "land"}}})
    view = ready(AttributeEditor(audit))
    assert named(view, "place")["ungrouped"] == []
    ask(view, "add_values", {"attribute": "place", "values": ["lake"]})
    (lost,) = named(view, "place")["ungrouped"]
    assert lost == {"derived": "habitat", "value": "lake", "groups": ["land", "water"]}
    given = {"attribute": "place", "value": "lake", "derived": "habitat", "group": "water"}
    answer, _ = ask(view, "set_group", given)
    assert answer["ok"], answer
    assert audit.group_of["habitat"]["place"]["lake"] == "water"
    assert named(view, "place")["ungrouped"] == []


def test_doubled_braces_are_no_field():
    assert rename_field("{{a}} { a } {b}", "a", "x") == "{{a}} {x} {b}"


def test_a_malformed_message_is_refused(view):
    answer, _ = ask(view, "add_values", {"attribute": "place", "values": "lake"})
    assert answer["error"]["type"] == "InputError"
    answer, _ = ask(view, "add_values", {"attribute": "colour", "values": ["red"]})
    assert "no attribute 'colour'" in answer["error"]["message"]


def test_table_code_and_picture(view, audit):
    table = view.table()
    assert table.columns.tolist() == ["attribute", "value", "class", "images", "unknown"]
    assert len(table) == 6
    assert view.picture()[:4] == b"\x89PNG"
    exec(view.code(), {"audit": audit})
    assert audit.attributes["place"] == ["ocean", "forest"]
