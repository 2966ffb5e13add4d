"""The dashboard, used as a person uses it: type, click, draw, press keys."""

from __future__ import annotations

import json

import pytest

from tests.browser.lab import Notebook
from tests.waiting import until

VIEWS = [
    "dashboard_header",
    "attribute_editor",
    "prompt_editor",
    "gap_scatter",
    "slice_table",
    "attribute_waterfall",
    "extreme_grid",
    "saliency_overlay",
    "dashboard_footer",
]
MAKE = """
import vlmdiag_widgets as vd
audit = vd.Audit(
    vd.load_encoder("demo"), vd.load_dataset("waterbirds", n=900), slice_by=["class", "place"]
)
audit
"""


@pytest.fixture(scope="module")
def opened(lab, chromium):
    """One dashboard for all tests of this file."""
    board = Notebook(lab, chromium, lab.write("dashboard.ipynb", MAKE))
    board.page.set_viewport_size({"width": 1500, "height": 2200})
    board.run_all()
    for name in VIEWS:
        board.ready(name)
    yield board
    board.close()


@pytest.fixture
def board(opened):
    """The dashboard as it was first shown; no console error may come of the test."""
    opened.do("before = (audit.attributes, audit.slice_by, audit.target_class)")
    opened.do("audit.clear_selection()")
    opened.errors.clear()
    yield opened
    opened.do(
        "audit.clear_selection(); audit.edit(attributes=before[0], slice_by=before[1],"
        " target_class=before[2], gap='open')"
    )
    settle(opened)
    assert opened.errors == []


def settle(board):
    """Wait until nothing is computed and every view is up to date."""
    until(lambda: board.python("audit.job is None"), seconds=60)
    for name in VIEWS:
        board.ready(name)


def number(board, view, key):
    return int(board.view(view).get_attribute(f"data-{key}"))


def rows(board):
    found = board.page.get_by_test_id("slice-row")
    return [json.loads(row.get_attribute("data-slice")) for row in found.all()]


def selection(board):
    return board.page.get_by_test_id("selection").first.inner_text().strip()


def test_every_view_shows_data_and_nothing_is_asked_of_the_world(opened):
    for name in VIEWS:
        assert opened.view(name).get_attribute("data-phase") == "ready", name
    assert number(opened, "gap_scatter", "n-images") == opened.python("len(audit.predictions())")
    assert opened.errors == []
    assert opened.outside == set()


def test_typing_a_value_reaches_every_view(board):
    before = number(board, "gap_scatter", "n-texts")
    waterfall = board.view("attribute_waterfall").inner_text()
    field = board.page.locator('[data-testid="attribute-input"][data-attribute="place"]').first
    field.fill("swamp")
    field.press("Enter")
    until(lambda: "swamp" in board.python("audit.attributes['place']"), seconds=20)
    settle(board)
    texts = until(lambda: number(board, "gap_scatter", "n-texts") > before, seconds=20)
    assert texts
    assert board.view("attribute_waterfall").inner_text() != waterfall
    board.page.get_by_test_id("slice-search").first.fill("swamp")
    until(lambda: {row["place"] for row in rows(board)} == {"swamp"}, seconds=20)
    assert "predicted only" in board.view("slice_table").inner_text()
    board.page.get_by_test_id("slice-search").first.fill("")
    board.page.get_by_test_id("dashboard-undo").first.click()
    until(lambda: "swamp" not in board.python("audit.attributes['place']"), seconds=20)
    settle(board)
    until(lambda: number(board, "gap_scatter", "n-texts") == before, seconds=20)


def test_clicking_a_slice_lights_it_everywhere(board):
    row = board.page.get_by_test_id("slice-row").first
    chosen = json.loads(row.get_attribute("data-slice"))
    row.click()
    until(lambda: board.python("audit.selection.kind") == "slice", seconds=20)
    assert board.python("audit.selection.slice") == chosen
    count = board.python("len(audit.selection.rows)")
    until(lambda: chosen["place"] in selection(board), seconds=20)
    assert str(count) in selection(board)
    until(lambda: number(board, "gap_scatter", "n-selected") > 0, seconds=20)
    assert row.get_attribute("data-selected") == "true"
    board.page.get_by_test_id("clear-selection").first.click()
    until(lambda: board.python("audit.selection.kind") == "none", seconds=20)
    until(lambda: selection(board) == "nothing selected", seconds=20)


def test_a_lasso_selects_what_it_encloses(board):
    surface = board.page.locator(".vd-gs-surface").first
    surface.scroll_into_view_if_needed()
    board.page.get_by_test_id("lasso").first.click()
    box = surface.bounding_box()
    left, right = box["x"] + 4, box["x"] + box["width"] - 4
    top, bottom = box["y"] + 4, box["y"] + box["height"] - 4
    board.page.mouse.move(left, top)
    board.page.mouse.down()
    for corner in [(right, top), (right, bottom), (left, bottom), (left, top + 8)]:
        board.page.mouse.move(*corner, steps=6)
    board.page.mouse.up()
    board.page.get_by_test_id("lasso").first.click()
    until(lambda: board.python("audit.selection.kind") == "rows", seconds=20)
    everything = board.python("len(audit.predictions())")
    assert board.python("len(audit.selection.rows)") == everything
    until(lambda: f"{everything:,}" in selection(board), seconds=20)


def test_selecting_from_python_shows_in_the_views(board):
    board.do("rows = audit.predictions()['row'].to_numpy()[:7]; audit.select(rows=rows)")
    until(lambda: "7 images" in selection(board), seconds=20)
    until(lambda: number(board, "gap_scatter", "n-selected") == 7, seconds=20)


def test_the_gap_closes(board):
    board.page.get_by_test_id("gap-closed").first.click()
    until(lambda: board.python("audit.gap") == "closed", seconds=20)
    until(lambda: board.view("gap_scatter").get_attribute("data-mode") == "closed", seconds=20)


def test_an_image_of_the_grid_is_explained(board):
    item = board.page.get_by_test_id("extreme-item").nth(1)
    item.scroll_into_view_if_needed()
    item.click()
    row = int(item.get_attribute("data-row"))
    until(lambda: board.python("audit.focus") == row, seconds=20)
    board.page.get_by_test_id("saliency-map").first.wait_for(timeout=60_000)
    until(lambda: board.python("audit.saliency().row") == row, seconds=60)


def test_thumbnails_arrive(board):
    picture = board.page.get_by_test_id("extreme-item").first.locator("img").first
    picture.scroll_into_view_if_needed()
    until(lambda: picture.evaluate("image => image.complete && image.naturalWidth"), seconds=30)


def test_the_table_works_by_keyboard(board):
    board.page.get_by_test_id("slice-row").first.click()
    until(lambda: board.python("audit.selection.kind") == "slice", seconds=20)
    first = board.python("audit.selection.slice")
    board.page.keyboard.press("ArrowDown")
    until(lambda: board.page.locator('[data-position="1"]:focus').count() == 1, seconds=20)
    board.page.keyboard.press("Enter")
    until(lambda: board.python("audit.selection.slice") not in (None, first), seconds=20)
    assert board.page.locator(".jp-Notebook.jp-mod-editMode").count() == 0


def test_keys_typed_in_a_view_leave_the_notebook_alone(board):
    cells = board.page.locator(".jp-Cell").count()
    board.page.get_by_test_id("slice-search").first.click()
    board.page.keyboard.type("bbaadd")
    assert board.page.get_by_test_id("slice-search").first.input_value() == "bbaadd"
    board.page.get_by_test_id("slice-search").first.fill("")
    assert board.page.locator(".jp-Cell").count() == cells


def test_views_turn_dark_with_the_lab(board):
    change = "jupyterapp.commands.execute('apputils:change-theme', { theme: '%s' })"
    board.page.evaluate(f"void {change % 'JupyterLab Dark'}")
    try:
        dark = board.page.locator(".vd-view.vd-dark")
        until(lambda: dark.count() >= len(VIEWS), seconds=30)
        for name in ("slice_table", "gap_scatter", "extreme_grid"):
            assert brightness(board.view(name)) < 100, name
    finally:
        board.page.evaluate(f"void {change % 'JupyterLab Light'}")
    until(lambda: board.page.locator(".vd-view.vd-dark").count() == 0, seconds=30)
    assert brightness(board.view("slice_table")) > 200


def brightness(locator):
    """Mean grey level of a picture of the element."""
    import io

    import numpy as np
    from PIL import Image

    picture = Image.open(io.BytesIO(locator.screenshot())).convert("L")
    return float(np.asarray(picture).mean())


@pytest.mark.parametrize(("width", "columns"), [(1500, 3), (1000, 2), (640, 1)])
def test_columns_follow_the_width(board, width, columns):
    board.page.set_viewport_size({"width": width, "height": 2200})
    names = ("attribute_editor", "gap_scatter", "attribute_waterfall")
    try:
        lefts = lambda: {round(board.view(name).bounding_box()["x"]) for name in names}  # noqa: E731
        until(lambda: len(lefts()) == columns, seconds=20)
        edge = board.page.locator(".jp-Notebook").first.bounding_box()
        for name in names:
            box = board.view(name).bounding_box()
            assert box["x"] + box["width"] <= edge["x"] + edge["width"] + 1, f"{name} is cut off"
    finally:
        board.page.set_viewport_size({"width": 1500, "height": 2200})
