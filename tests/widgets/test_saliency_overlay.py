"""SaliencyOverlay: the focused image and its instant preview."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image

import vlmdiag_widgets as vd
from tests.widgets.birds import ask, make_audit, ready, wait
from vlmdiag_widgets.widgets.saliency_overlay import SaliencyOverlay
from vlmdiag_widgets.widgets.saliency_picture import blend


@pytest.fixture(scope="module")
def audit():
    data = vd.load_dataset("waterbirds", n=80)
    return vd.Audit(vd.load_encoder("demo"), data, store=False)


@pytest.fixture
def view(audit):
    audit.clear_selection()
    audit.edit(focus=None, saliency_target=None)
    made = ready(SaliencyOverlay(audit))
    yield made
    made.close()


def mapped(view):
    wait(lambda: bool(view.data["map"]))
    return view.data


def test_nothing_is_shown_until_an_image_is_in_focus(view):
    assert view.data["item"] is None
    assert view.data["map"] is None
    assert view.data["reason"] == ""


def test_the_hardest_image_is_the_one_whose_class_got_least(view, audit):
    answer, _ = ask(view, "hardest", {})
    table = audit.predictions()
    assert answer["payload"]["row"] == int(table.sort_values("p_true")["row"].iloc[0])
    assert audit.focus == answer["payload"]["row"]


def test_the_map_of_the_focused_image_and_what_is_predicted(view, audit):
    row = int(audit.predictions()["row"].iloc[3])
    audit.focus = row
    data = mapped(view)
    json.dumps(data, allow_nan=False)
    known = audit.predictions().set_index("row").loc[row]
    assert data["item"]["id"] == known["id"]
    assert data["item"]["label"] == known["class"]
    assert data["target"] == data["item"]["predicted"] == known["predicted"]
    assert data["item"]["p_target"] == pytest.approx(known["confidence"])
    assert data["method"] == "Gradient preview"
    assert data["milliseconds"] > 0
    found = audit.saliency(row)
    assert data["map"]["rows"], data["map"]["cols"] == found.map.shape
    assert data["map"]["values"] == pytest.approx(found.map.ravel().tolist())


def test_another_class_can_be_asked_about(view, audit):
    audit.focus = int(audit.predictions()["row"].iloc[0])
    other = next(name for name in audit.classes if name != mapped(view)["target"])
    answer, _ = ask(view, "target", {"class": other})
    assert answer["ok"], answer
    wait(lambda: view.data["target"] == other and bool(view.data["map"]))
    assert view.data["chosen"] == other
    ask(view, "target", {"class": None})
    wait(lambda: view.data["chosen"] is None)


def test_the_image_comes_as_bytes(view):
    answer, (raw,) = ask(view, "image", {"row": 2, "size": 128})
    picture = Image.open(io.BytesIO(raw))
    assert max(picture.size) == 128
    assert answer["payload"] == {"row": 2, "mime": Image.MIME[picture.format]}


def test_a_row_that_does_not_exist_is_refused(view):
    answer, _ = ask(view, "image", {"row": 10_000})
    assert "not one of the 80 images" in answer["error"]["message"]


def test_steps_walk_through_the_selection_and_around_its_end(view, audit):
    rows = audit.predictions()["row"].iloc[[1, 4, 6]].tolist()
    audit.select(rows=rows)
    seen = [ask(view, "step", {"by": 1})[0]["payload"] for _ in range(4)]
    assert [step["row"] for step in seen] == [*rows, rows[0]]
    assert seen[1]["place"] == "2 of 3 selected"
    assert ask(view, "step", {"by": -1})[0]["payload"]["row"] == rows[-1]


def test_without_a_selection_steps_walk_through_all_images(view, audit):
    table = audit.predictions()
    audit.focus = int(table["row"].iloc[0])
    step = ask(view, "step", {"by": 1})[0]["payload"]
    assert step["row"] == int(table["row"].iloc[1])
    assert step["place"] == f"2 of {len(table)} images"


def test_table_code_and_picture(view, audit):
    audit.focus = int(audit.predictions()["row"].iloc[3])
    data = mapped(view)
    table = view.table()
    assert len(table) == data["map"]["rows"] * data["map"]["cols"]
    assert table["share"].sum() == pytest.approx(1, abs=1e-4)
    scope = {"audit": audit}
    exec(view.code(), scope)
    assert scope["found"].map.shape == (data["map"]["rows"], data["map"]["cols"])
    assert view.picture()[:4] == b"\x89PNG"


def test_embeddings_without_images_say_so():
    audit = make_audit()
    view = ready(SaliencyOverlay(audit))
    assert "no images to look into" in view.data["reason"]
    answer, _ = ask(view, "image", {"row": 0})
    assert "no images" in answer["error"]["message"]


def test_images_without_their_encoder_say_so():
    audit = make_audit(pictures=True)
    view = ready(SaliencyOverlay(audit))
    audit.focus = int(audit.predictions()["row"].iloc[0])
    wait(lambda: bool(view.data["reason"]))
    assert "encoder" in view.data["reason"]
    assert view.data["item"]["predicted"]


def test_blending_paints_where_the_evidence_is():
    grey = Image.new("RGB", (40, 20), (128, 128, 128))
    cells = np.zeros((2, 2), dtype=np.float32)
    cells[0, 0] = 1
    painted = np.asarray(blend(grey, cells)).astype(int)
    assert (painted[:, :10] == 128).all()  # outside the square that the model sees
    assert abs(painted[2, 12] - 128).max() > 60
    assert abs(painted[18, 28] - 128).max() < 10
