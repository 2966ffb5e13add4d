import numpy as np
import pandas as pd
import pytest

from vlmdiag_widgets import InputError
from vlmdiag_widgets.audit.images import build_table, check_embeddings, is_reserved

LABELS = ["a", "b"] * 50


def test_a_missing_split_is_drawn_by_class_and_said():
    table = build_table(labels=LABELS, n=100)
    assert [len(table.rows(name)) for name in ("train", "val", "test")] == pytest.approx(
        [60, 20, 20], abs=2
    )
    test = table.class_of[table.rows("test")]
    assert (test == "a").sum() == pytest.approx(10, abs=1)
    assert "drawn" in table.notes[0]


@pytest.mark.parametrize("given", ["train", "val", "test"])
def test_absent_parts_are_taken_from_the_others(given):
    table = build_table(labels=LABELS, n=100, split=[given] * 100)
    assert all(len(table.rows(name)) >= 10 for name in ("train", "val", "test"))
    assert table.notes


def test_the_same_seed_draws_the_same_split():
    first, second, other = (build_table(labels=LABELS, n=100, seed=s).split for s in (1, 1, 2))
    assert (first == second).all()
    assert (first != other).any()


def test_images_without_a_class_are_left_out_of_the_evaluation():
    table = build_table(labels=["a", "b", None, np.nan], n=4, split=["test"] * 2 + ["test"] * 2)
    assert set(table.class_of[table.evaluation_rows()]) <= {"a", "b"}
    assert "2 images without a class" in table.notes[-1]


def test_several_labels_an_image_are_kept_apart():
    table = build_table(labels=np.eye(4, 3), n=4, classes=["a", "b", "c"])
    assert table.multi_label
    assert table.class_of.tolist() == [None] * 4


def test_attributes_become_text_and_reserved_names_are_left_out():
    frame = pd.DataFrame({"size": [1, None], "text": ["x", "y"]}, index=[7, 8])
    table = build_table(labels=None, n=2, attributes=frame)
    assert table.attributes["size"].tolist()[1] is None
    assert list(table.attributes.columns) == ["size"]
    assert any("'text'" in note for note in table.notes)


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"labels": ["a"] * 3}, "3 entries for 4 images"),
        ({"labels": ["a"] * 4}, "one class"),
        ({"labels": ["a", "b"] * 2, "classes": ["a"]}, "'b'"),
        ({"labels": None, "ids": ["x"] * 4}, "given twice"),
        ({"labels": None, "split": ["training"] * 4}, "'training'"),
        ({"labels": None, "attributes": {"c": ["x"]}}, "1 entries"),
    ],
)
def test_what_does_not_fit_is_refused(settings, what):
    with pytest.raises(InputError, match=what):
        build_table(n=4, **settings)


@pytest.mark.parametrize(
    ("x", "what"),
    [
        (np.zeros((2, 3)), "only zeros"),
        ([[1.0, np.nan]], "NaN"),
        ([[1.0, np.inf]], "infinity"),
        ([1.0, 2.0], "shape"),
        ([["a"]], "type"),
    ],
)
def test_embeddings_that_are_none_are_refused(x, what):
    with pytest.raises(InputError, match=what):
        check_embeddings(x)


def test_the_first_bad_row_is_named():
    x = np.ones((5, 2))
    x[3] = np.nan
    with pytest.raises(InputError, match=r"1 rows.*row 3"):
        check_embeddings(x)


@pytest.mark.parametrize("name", ["base", "prediction", "p:waterbird", "correct"])
def test_names_of_figures_are_no_names_of_attributes(name):
    assert is_reserved(name)
    assert not is_reserved(name.removeprefix("p:") + "_")
