"""SliceTable: the slices of an audit, column by column."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from tests.widgets.birds import ask, make_audit, ready, wait
from vlmdiag_widgets.widgets.slice_table import SliceTable, slice_chart, slice_columns


@pytest.fixture(scope="module")
def audit():
    return make_audit(slice_by=["species", "place"])


@pytest.fixture
def view(audit):
    audit.clear_selection()
    audit.edit(slice_by=["species", "place"])
    made = ready(SliceTable(audit))
    wait(lambda: made.data["by"] == ["species", "place"])
    yield made
    made.close()


def test_columns_hold_the_audits_slices_worst_text_first(view, audit):
    slices = audit.slices()
    assert view.data["values"]["species"] == slices["species"].tolist()
    assert view.data["text_score"] == pytest.approx(slices["text_score"].tolist(), abs=1e-6)
    assert view.data["text_score"] == sorted(view.data["text_score"])
    assert view.data["n_images"] == slices["n_images"].tolist()
    assert view.data["agreement"] == slices["agreement"].tolist()


def test_the_payload_is_json_and_a_slice_without_image_has_no_accuracy():
    audit = make_audit(slice_by=["species", "place"])
    audit.edit(attributes={"species": ["mallard", "swan", "owl", "dove"], "place": ["moon"]})
    view = ready(SliceTable(audit))
    json.dumps(view.data, allow_nan=False)
    moon = view.data["values"]["place"].index("moon")
    assert view.data["image_accuracy"][moon] is None
    assert view.data["agreement"][moon] == "no image"


def test_every_column_of_the_audit_can_group(view, audit):
    assert view.data["options"] == ["class", "species", "place"]
    ask(view, "edit", {"slice_by": ["class"]})
    wait(lambda: view.data["by"] == ["class"] and view.status["phase"] == "ready")
    assert sorted(view.data["values"]["class"]) == ["landbird", "waterbird"]


def test_grouping_by_nothing_is_refused_in_words(view):
    answer, _ = ask(view, "edit", {"slice_by": []})
    assert not answer["ok"]
    assert "slice_by is empty" in answer["error"]["message"]


def test_a_clicked_row_selects_its_slice(view, audit):
    ask(view, "select", {"kind": "slice", "slice": {"species": "owl", "place": "ocean"}})
    assert audit.selection.label == "owl × ocean, 10 images"
    wait(lambda: view.selection["slice"] == {"species": "owl", "place": "ocean"})


def test_the_trust_line_is_the_audits(view, audit):
    assert view.data["trust"] == audit.trust().text


def test_the_table_follows_the_order_shown(view):
    view.sort_by, view.descending = "n_images", True
    table = view.table()
    assert table["n_images"].is_monotonic_decreasing
    view.sort_by = "no such column"
    assert len(view.table()) == len(table)


def test_the_code_runs(view, audit):
    names = {"audit": audit}
    exec(view.code(), names)
    names["vd"].SliceTable(audit).close()


def test_the_picture_is_a_png(view):
    assert view.picture().startswith(b"\x89PNG")


def test_names_are_data_not_markup_in_the_static_page(audit):
    evil = "<img src=x onerror=alert(1)>"
    audit = make_audit(slice_by=["place"])
    audit.edit(attributes={**audit.attributes, "place": ["ocean", evil]})
    view = ready(SliceTable(audit))
    assert evil in view.data["values"]["place"]
    bundle, _ = view._repr_mimebundle_()
    assert evil not in bundle["text/html"]


def test_slice_columns_are_what_is_no_figure():
    frame = pd.DataFrame(columns=["size", "place", "text_score", "image_score", "agreement"])
    assert slice_columns(frame) == ["size", "place"]


def test_the_chart_leaves_images_out_where_there_are_none():
    frame = pd.DataFrame(
        {
            "place": ["moon"],
            "text_score": [0.3],
            "image_accuracy": [float("nan")],
            "ci_low": [float("nan")],
            "ci_high": [float("nan")],
            "n_images": [0],
        }
    )
    spec = slice_chart(frame).to_dict()
    assert spec["layer"][1]["transform"] == [{"filter": "datum.n_images > 0"}]
