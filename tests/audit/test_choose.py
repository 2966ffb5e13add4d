import numpy as np
import pytest

from vlmdiag_widgets import InputError
from vlmdiag_widgets.audit import Selection


def test_a_slice_finds_its_images_and_names_them(audit):
    selection = audit.select(slice={"class": "landbird", "habitat": "water"})
    assert selection.label == "landbird × water, 48 images"
    table = audit.predictions().set_index("row").loc[selection.rows]
    assert set(table["class"]) == {"landbird"}
    assert set(table["habitat"]) == {"water"}
    assert audit.selection == selection


def test_a_slice_without_images_can_be_selected(audit):
    audit.edit(attributes={**audit.attributes, "place": ["ocean", "moon"]})
    selection = audit.select(slice={"place": "moon"})
    assert (selection.label, len(selection)) == ("moon, no image", 0)
    assert selection


def test_rows_are_sorted_and_counted_once(audit):
    rows = audit.predictions()["row"].to_numpy()[[5, 2, 5]]
    selection = audit.select(rows=rows, source="gap_scatter")
    assert selection.label == "2 images"
    assert (np.diff(selection.rows.astype(int)) > 0).all()
    assert selection.source == "gap_scatter"


def test_an_empty_lasso_selects_nothing(audit):
    audit.select(slice={"class": "landbird"})
    assert not audit.select(rows=[])
    assert audit.selection.kind == "none"


def test_a_text_brings_the_images_that_carry_its_attributes(audit):
    texts = audit.texts().set_index("text")
    selection = audit.select(text_id=texts.loc["a photo of an owl in the lake.", "text_id"])
    assert selection.label == "“a photo of an owl in the lake.”, 12 images"
    assert set(audit.predictions().set_index("row").loc[selection.rows, "place"]) == {"lake"}


def test_observers_hear_of_each_selection(audit):
    seen = []
    audit.observe(lambda change: seen.append(change.new.label), "selection")
    audit.select(slice={"class": "landbird"})
    audit.clear_selection()
    audit.selection = Selection("rows", np.array([1]), label="mine")
    assert seen == ["landbird, 96 images", "nothing selected", "mine"]


def test_a_selected_slice_follows_the_groups_it_is_made_of(audit):
    audit.select(slice={"habitat": "water"})
    everything = {"place": dict.fromkeys(audit.attributes["place"], "water")}
    audit.edit(group_of={"habitat": everything})
    assert len(audit.selection) == 192


def test_a_selected_slice_goes_with_its_column(audit):
    audit.edit(group_of={"wet": {"place": {"ocean": "yes", "lake": "yes"}}})
    audit.select(slice={"wet": "yes"})
    audit.edit(group_of={})
    assert audit.selection.kind == "none"


@pytest.mark.parametrize(
    ("choice", "what"),
    [
        ({}, "exactly one"),
        ({"rows": [1], "text_id": 1}, "exactly one"),
        ({"rows": [10**6]}, "no evaluation image"),
        ({"rows": [0.5]}, "whole numbers"),
        ({"rows": [[1]]}, "whole numbers"),
        ({"slice": {"habitatt": "water"}}, "habitat"),
        ({"slice": {}}, "columns with values"),
        ({"slice": "water"}, "columns with values"),
        ({"text_id": 999}, "no text 999"),
    ],
)
def test_choices_that_make_no_sense_are_refused_with_words(audit, choice, what):
    with pytest.raises(InputError, match=what):
        audit.select(**choice)
    assert audit.selection.kind == "none"


def test_only_selections_can_be_assigned(audit):
    with pytest.raises(InputError, match=r"audit\.select"):
        audit.selection = [1, 2]
