"""ExtremeGrid: images along the failure direction, and how far to believe it."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest
import traitlets

from tests.widgets.birds import ask, make_audit, ready, wait
from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.audit import Audit
from vlmdiag_widgets.audit.node import ResultEvent
from vlmdiag_widgets.widgets.extreme_grid import PAGE, ExtremeGrid, strength
from vlmdiag_widgets.widgets.messages import jsonable


@pytest.fixture(scope="module")
def audit():
    return make_audit(pictures=True, target_class="landbird")


@pytest.fixture
def view(audit):
    audit.clear_selection()
    audit.edit(target_class="landbird")
    made = ready(ExtremeGrid(audit))
    wait(lambda: made.data["target_class"] == "landbird" and not made.data["has_selection"])
    wait(lambda: made.data["direction"]["state"] == "ready")
    yield made
    made.close()


def column(view, name):
    return [item[name] for item in view.data["items"]]


def direction(**given):
    known = {
        "class_": "landbird", "coef": np.ones(2), "p_value": 0.01, "n_val": 400, "n_errors": 62,
        "reliable": True, "warnings": (),
        "message": "reliable direction: balanced accuracy 0.84 ± 0.03 over folds, q = 0.01",
    }  # fmt: skip
    return SimpleNamespace(**{**known, **given})


def test_the_hardest_of_the_class_come_first(view, audit):
    assert column(view, "row") == audit.extremes("landbird", n=PAGE)["row"].tolist()
    assert column(view, "decision") == sorted(column(view, "decision"))
    assert set(column(view, "class")) == {"landbird"}
    json.dumps(view.data, allow_nan=False)


def test_the_easiest_first(view):
    view.order = "easiest"
    assert column(view, "decision") == sorted(column(view, "decision"), reverse=True)


def test_by_confidence_the_least_likely_true_class_first(view, audit):
    view.order = "confidence"
    by_row = audit.predictions().set_index("row")["p_true"]
    p_true = [by_row[row] for row in column(view, "row")]
    assert p_true == sorted(p_true)


def test_near_the_boundary_the_smallest_decisions_first(view):
    view.order = "near"
    sizes = [abs(value) for value in column(view, "decision")]
    assert sizes == sorted(sizes)


def test_images_are_there_before_the_direction_by_confidence(view, audit):
    """What the grid is told while the direction is still being fitted."""
    early = dict(view._results)
    del early["directions"]
    told = view.build(early)
    assert told["order"] == "confidence"
    assert told["direction"]["state"] == "fitting"
    assert "fitting the failure direction" in told["direction"]["note"]
    by_row = audit.predictions().set_index("row")["p_true"]
    p_true = [by_row[item["row"]] for item in told["items"]]
    assert p_true == sorted(p_true)
    assert view.data["direction"]["state"] == "ready"
    json.dumps(jsonable(told), allow_nan=False)


def separated(splits):
    """Return an audit of two classes that are told apart without an error."""
    x = np.random.default_rng(0).normal(scale=0.1, size=(120, 8))
    x[::2, 0] += 1
    x[1::2, 1] += 1
    labels = ["landbird", "waterbird"] * 60
    return Audit.from_embeddings(
        x, labels, split=[splits[i // 2 % len(splits)] for i in range(120)]
    )


def test_where_the_directions_failed_the_grid_stays_and_says_why():
    grid = ready(ExtremeGrid(separated(["train", "val", "test"])))
    wait(lambda: grid.data["direction"]["state"] != "fitting")
    error = InputError("There are 0 labelled val images.")
    grid._on_result(ResultEvent("directions", "failed", 99, error=error))
    assert grid.status["phase"] == "ready"
    assert grid.data["order"] == "confidence"
    assert grid.data["direction"]["state"] == "none"
    assert "0 labelled val images" in grid.data["direction"]["note"]
    assert len(grid.table()) == len(grid.data["items"]) > 0
    assert "sort_values" in grid.code()


def test_a_class_without_errors_is_ordered_by_confidence():
    grid = ExtremeGrid(separated(["train", "val", "test"]))
    wait(lambda: grid.data and grid.data["direction"]["state"] == "none")
    assert grid.data["order"] == "confidence"
    assert grid.data["direction"]["strength"]["message"] == "no direction"
    assert "classified correctly" in grid.data["direction"]["strength"]["line"]


def test_an_unknown_order_is_refused(view):
    with pytest.raises(traitlets.TraitError, match="hardest"):
        view.order = "worst"


def test_more_images_on_request(view):
    assert len(view.data["items"]) == PAGE < view.data["total"] == 40
    view.shown = 2 * PAGE
    assert len(view.data["items"]) == 40


def test_a_selection_is_shown_instead_until_the_class_is_asked_for(view, audit):
    audit.select(slice={"place": "forest"})
    wait(lambda: view.data["has_selection"])
    assert view.data["selection"] == "forest, 40 images"
    assert set(column(view, "row")) <= set(audit.selection.rows.tolist())
    view.whole_class = True
    assert view.data["selection"] == ""
    audit.select(slice={"species": "owl", "place": "forest"})
    wait(lambda: view.data["total"] == 10)
    assert not view.whole_class


def test_images_picked_in_the_grid_leave_it_as_it_is(view, audit):
    view.shown, rows = 40, column(view, "row")[:2]
    ask(view, "select", {"kind": "rows"}, [np.array(rows, dtype="<u4").tobytes()])
    wait(lambda: view.data["has_selection"])
    assert len(view.data["items"]) == 40
    view.whole_class = False
    assert sorted(column(view, "row")) == sorted(rows)


def test_another_class_starts_from_its_first_page(view, audit):
    view.shown = 40
    audit.edit(target_class="waterbird")
    wait(lambda: view.data["target_class"] == "waterbird")
    assert view.shown == PAGE
    assert set(column(view, "class")) == {"waterbird"}


def test_a_clicked_image_is_in_focus_and_chosen_ones_are_selected(view, audit):
    rows = column(view, "row")[:2]
    ask(view, "focus", {"row": rows[0]})
    assert audit.focus == rows[0]
    ask(view, "select", {"kind": "rows"}, [np.array(rows, dtype="<u4").tobytes()])
    assert sorted(audit.selection.rows.tolist()) == sorted(rows)
    assert audit.selection.source == "extreme_grid"


def test_thumbnails_come_one_buffer_an_image(view):
    rows = column(view, "row")[:3]
    answer, buffers = ask(view, "thumbnails", {"rows": rows, "size": 96})
    assert answer["payload"]["rows"] == rows
    assert len(buffers) == 3


def test_a_reliable_direction_in_words():
    said = strength({"landbird": direction()}, ["landbird"])
    assert said["message"] == "reliable direction"
    assert said["line"] == (
        "balanced accuracy 0.84 ± 0.03 over folds, q = 0.01, p = 0.01, n = 400 (62 errors)"
    )


def test_a_weak_direction_says_so():
    weak = direction(reliable=False, message="no reliable direction: 0.52", warnings=("few",))
    said = strength({"landbird": weak}, ["landbird"])
    assert not said["reliable"]
    assert said["message"] == "no reliable direction"
    assert said["warnings"] == ["few"]


def test_a_class_without_errors_has_no_direction():
    why = "no direction: all 12 validation images of landbird are classified correctly"
    said = strength({"landbird": direction(coef=None, reliable=False, message=why)}, ["landbird"])
    assert said["message"] == "no direction"
    assert said["line"].startswith("all 12 validation images")
    assert strength({}, ["landbird"]) is None


def test_several_classes_are_as_reliable_as_the_weakest():
    both = {"a": direction(class_="a"), "b": direction(class_="b", reliable=False)}
    said = strength(both, ["a", "b"])
    assert not said["reliable"]
    assert said["message"] == "No reliable direction for b."


def test_table_code_and_picture(view, audit):
    assert view.table()["row"].tolist() == column(view, "row")
    for order in ("hardest", "confidence"):
        view.order = order
        exec(view.code(), {"audit": audit})
    assert view.picture().startswith(b"\x89PNG")


def test_without_pixels_the_picture_has_empty_squares():
    view = ready(ExtremeGrid(make_audit()))
    assert view.picture().startswith(b"\x89PNG")
