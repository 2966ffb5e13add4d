"""GapScatter: points as raw buffers, colours, selection of texts."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tests.widgets.birds import make_audit, wait
from vlmdiag_widgets.widgets import gap_scatter
from vlmdiag_widgets.widgets.colouring import OTHER, colouring
from vlmdiag_widgets.widgets.gap_scatter import GapScatter


@pytest.fixture(scope="module")
def audit():
    return make_audit(pictures=True)


@pytest.fixture
def view(audit):
    audit.edit(gap="open", colour_by="class")
    audit.clear_selection()
    made = GapScatter(audit)
    wait(lambda: made.status["phase"] == "ready" and "class" in made.data["options"])
    wait(lambda: made.data["colour"]["by"] == "class")
    yield made
    made.close()


def ask(view, kind, payload, buffers=()):
    sent = []
    view.send = lambda content, buffers=None: sent.append((content, buffers))
    view._receive(
        view, {"id": "1", "kind": kind, "generation": 0, "payload": payload}, list(buffers)
    )
    return next((c, b) for c, b in sent if c["id"] == "1")


def fetch(view, array):
    info = view.data["arrays"][array]
    raw = b""
    while len(raw) < info["bytes"]:
        payload = {"array": array, "key": info["key"], "offset": len(raw)}
        answer, buffers = ask(view, "points", payload)
        assert answer["ok"], answer
        raw += buffers[0]
    return raw


def test_points_arrive_as_the_audit_has_them(view, audit, monkeypatch):
    monkeypatch.setattr(gap_scatter, "CHUNK_BYTES", 100)
    projection = audit.projection()
    images = np.frombuffer(fetch(view, "open_images"), "<f4").reshape(-1, 2)
    np.testing.assert_array_equal(images, projection.open.images)
    np.testing.assert_array_equal(
        np.frombuffer(fetch(view, "image_rows"), "<u4"), projection.image_rows
    )
    assert view.data["n_images"] == len(images) == 80
    assert view.data["n_texts"] == len(projection.text_ids)


def test_an_old_key_is_refused(view):
    answer, _ = ask(view, "points", {"array": "open_images", "key": "old", "offset": 0})
    assert "changed" in answer["error"]["message"]


def test_an_edit_of_texts_leaves_image_numbers_where_they_are(view, audit):
    before = view.data["arrays"]["image_rows"]["key"]
    audit.edit(gap="closed")
    wait(lambda: view.data["mode"] == "closed")
    assert view.data["arrays"]["image_rows"]["key"] == before


@pytest.mark.parametrize(
    ("by", "labels"),
    [
        ("modality", ["images", "texts"]),
        ("class", ["landbird", "waterbird"]),
        ("correct", ["right", "wrong"]),
        ("place", ["forest", "ocean"]),
        ("probability", []),
    ],
)
def test_every_colouring_gives_each_point_a_value(view, audit, by, labels):
    audit.edit(colour_by=by)
    wait(lambda: view.data["colour"]["by"] == by)
    assert view.data["colour"]["labels"] == labels
    values = np.frombuffer(fetch(view, "image_values"), "<f4")
    assert len(values) == 80
    assert np.isfinite(values).all()
    assert values.max() <= max(len(labels) - 1, 1)


def test_many_categories_keep_the_common_ones_and_other():
    class Points:
        image_rows = np.arange(100, dtype=np.uint32)
        text_ids = np.empty(0, np.uint32)

    names = [f"v{min(i, 12)}" for i in range(99)] + [None]
    frame = pd.DataFrame({"row": Points.image_rows, "kind": names})
    found = colouring("kind", Points, {"image_predictions": frame})
    assert found.labels[-1] == OTHER
    assert len(found.labels) == 8
    assert np.isnan(found.images[-1])
    assert (found.images == 7).sum() == 13 - 7


def test_a_selected_slice_lights_its_texts(view, audit):
    wait(lambda: "texts" in view._shown)
    audit.select(slice={"class": "landbird", "place": "ocean"})
    ids = np.frombuffer(view.selection_texts, "<u4")
    texts = audit.texts().set_index("text_id").loc[ids]
    assert set(texts["class"]) == {"landbird"}
    assert set(texts["place"]) == {"ocean"}
    assert len(np.frombuffer(view.selection_rows, "<u4")) == 20


def test_a_lasso_selects_rows_for_all_views(view, audit):
    rows = audit.projection().image_rows[:5]
    answer, _ = ask(view, "select", {"kind": "rows"}, [rows.tobytes()])
    assert answer["payload"]["count"] == 5
    assert audit.selection.source == "gap_scatter"


def test_a_point_can_be_described(view, audit):
    row = int(audit.projection().image_rows[0])
    answer, _ = ask(view, "describe", {"row": row})
    assert answer["payload"]["class"] in audit.classes
    text_id = int(audit.projection().text_ids[0])
    answer, _ = ask(view, "describe", {"text_id": text_id})
    assert answer["payload"]["text"].startswith("a photo of a")


def test_thumbnails_come_with_their_kind(view, audit):
    answer, buffers = ask(view, "thumbnails", {"rows": [0, 3], "size": 32})
    assert answer["payload"]["rows"] == [0, 3]
    for raw, mime in zip(buffers, answer["payload"]["mime"], strict=True):
        assert Image.open(io.BytesIO(raw)).get_format_mimetype() == mime


def test_a_row_that_is_not_there_is_refused(view):
    for row in (-1, 10_000, "x", True):
        answer, _ = ask(view, "thumbnails", {"rows": [row], "size": 32})
        assert answer["error"]["type"] == "InputError"


def test_the_three_actions(view):
    table = view.table()
    assert list(table.columns) == ["kind", "id", "x", "y", "class"]
    assert len(table) == view.data["n_images"] + view.data["n_texts"]
    assert "vd.GapScatter(audit)" in view.code()
    compile(view.code(), "code", "exec")
    assert Image.open(io.BytesIO(view.picture())).width > 400


def test_without_javascript_there_is_a_picture(view):
    data, _ = view._repr_mimebundle_()
    assert 'src="data:image/png;base64,' in data["text/html"]
