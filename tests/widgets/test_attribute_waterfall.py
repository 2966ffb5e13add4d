"""AttributeWaterfall: values at the class level, and the way from base to prediction."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.widgets.birds import ask, make_audit, ready, wait
from vlmdiag_widgets.widgets.attribute_waterfall import AttributeWaterfall, waterfall_rows


@pytest.fixture(scope="module")
def audit():
    return make_audit(target_class="landbird")


@pytest.fixture
def view(audit):
    audit.clear_selection()
    audit.edit(target_class="landbird")
    made = ready(AttributeWaterfall(audit))
    wait(lambda: made.data["target_class"] == "landbird" and made.data["detail"] is None)
    yield made
    made.close()


def sums_up(detail):
    total = detail["base"] + sum(part["influence"] for part in detail["parts"])
    return np.isclose(total, detail["prediction"], atol=1e-10)


def test_values_are_the_audits_strongest_first(view, audit):
    influence = audit.influence()
    assert view.data["base"] == influence.base
    assert [value["value"] for value in view.data["values"]] == list(influence.values["value"])
    json.dumps(view.data, allow_nan=False)


def test_another_class_is_explained(view, audit):
    ask(view, "edit", {"target_class": "waterbird"})
    wait(lambda: view.data["target_class"] == "waterbird" and view.status["phase"] == "ready")
    assert view.data["base"] == audit.influence("waterbird").base


def test_a_selected_slice_runs_from_base_to_prediction(view, audit):
    audit.select(slice={"species": "owl", "place": "ocean"})
    wait(lambda: view.data["detail"] is not None)
    detail = view.data["detail"]
    assert detail["label"] == "owl × ocean"
    assert {part["attribute"]: part["value"] for part in detail["parts"]} == {
        "species": "owl",
        "place": "ocean",
    }
    assert sums_up(detail)


def test_a_wider_slice_is_the_average_of_its_texts(view, audit):
    audit.select(slice={"place": "ocean"})
    wait(lambda: view.data["detail"] is not None)
    detail = view.data["detail"]
    assert detail["n_texts"] == 4
    values = {part["attribute"]: part["value"] for part in detail["parts"]}
    assert values == {"species": None, "place": "ocean"}
    assert sums_up(detail)


def test_a_selected_text_is_explained_by_its_own_words(view, audit):
    texts = audit.result("texts")
    full = texts[texts["full"]].iloc[0]
    audit.select(text_id=int(full["text_id"]))
    wait(lambda: view.data["detail"] is not None)
    assert view.data["detail"]["label"] == f"“{full['text']}”"
    assert sums_up(view.data["detail"])


def test_selected_images_leave_the_class_level(view, audit):
    audit.select(rows=audit.predictions()["row"].to_numpy()[:3])
    assert view.data["detail"] is None


def test_a_selection_of_its_own_is_signed(view, audit):
    ask(view, "select", {"kind": "slice", "slice": {"place": "ocean"}})
    assert audit.selection.source == "attribute_waterfall"
    wait(lambda: (view.data["detail"] or {}).get("source") == "attribute_waterfall")


def test_table_code_and_pictures(view, audit):
    assert list(view.table().columns) == [
        "attribute",
        "value",
        "influence",
        "difference",
        "n_texts",
    ]
    names = {"audit": audit}
    exec(view.code(), names)
    assert view.picture().startswith(b"\x89PNG")
    audit.select(slice={"species": "owl"})
    wait(lambda: view.data["detail"] is not None)
    assert view.picture().startswith(b"\x89PNG")


def test_rows_of_a_waterfall_meet_end_to_end():
    parts = [
        {"attribute": "species", "value": "owl", "n_values": 1, "influence": 0.25},
        {"attribute": "place", "value": None, "n_values": 3, "influence": -0.5},
    ]
    rows = waterfall_rows({"base": 0.5, "prediction": 0.25, "parts": parts})
    assert [(row["start"], row["end"]) for row in rows] == [
        (0.0, 0.5),
        (0.5, 0.75),
        (0.75, 0.25),
        (0.0, 0.25),
    ]
    assert [row["figure"] for row in rows] == ["0.50", "+0.25", "-0.50", "0.25"]
    assert rows[2]["name"] == "place (3 values)"
