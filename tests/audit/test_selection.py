import dataclasses
import json

import numpy as np
import pytest

from vlmdiag_widgets.audit import Selection
from vlmdiag_widgets.audit.selection import count_words, slice_words


def test_nothing_selected_is_false_and_says_so():
    assert not Selection()
    assert Selection().label == "nothing selected"


def test_the_summary_is_json_and_leaves_the_rows_out():
    selection = Selection(
        "slice", np.array([3, 5]), {"class": "owl"}, None, "owl, 2 images", "view"
    )
    assert json.loads(json.dumps(selection.summary())) == {
        "kind": "slice", "label": "owl, 2 images", "count": 2, "slice": {"class": "owl"},
        "text_id": None, "source": "view",
    }  # fmt: skip


def test_a_selection_does_not_change_under_anybodys_hands():
    rows = np.array([1, 2])
    selection = Selection("rows", rows)
    rows[0] = 9
    assert selection.rows.tolist() == [1, 2]
    assert selection.rows.dtype == np.uint32
    with pytest.raises(ValueError, match="read-only"):
        selection.rows[0] = 9
    with pytest.raises(dataclasses.FrozenInstanceError):
        selection.kind = "none"


def test_equal_selections_are_equal():
    one, same, other = (Selection("rows", np.array(rows)) for rows in ([1], [1], [2]))
    assert one == same
    assert hash(one) == hash(same)
    assert one != other


def test_counts_and_slices_in_words():
    assert [count_words(n) for n in (0, 1, 1200)] == ["no image", "1 image", "1,200 images"]
    assert slice_words({"class": "landbird", "habitat": "water"}) == "landbird × water"
