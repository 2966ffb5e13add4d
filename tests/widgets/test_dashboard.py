"""The dashboard: every view of one audit, linked through it."""

from __future__ import annotations

import gc
import io
import weakref

import pytest
from PIL import Image

from tests.widgets.birds import make_audit, wait
from vlmdiag_widgets.widgets import Dashboard


@pytest.fixture(scope="module")
def audit():
    return make_audit(pictures=True)


@pytest.fixture
def dashboard(audit):
    made = Dashboard(audit)
    wait(lambda: made.header.data.get("trust") and made.slices.status["phase"] == "ready")
    yield made
    made.close()


def test_header_has_title_trust_and_undo(dashboard, audit):
    assert dashboard.header.data["title"] == audit.title
    assert dashboard.header.data["trust"] == audit.trust().text
    audit.edit(gap="closed")
    wait(lambda: dashboard.header.data["can_undo"])
    audit.undo()
    wait(lambda: dashboard.header.data["can_redo"])


def test_footer_counts_texts_and_names_the_selection(dashboard, audit):
    wait(lambda: dashboard.footer.data["n_texts"] == len(audit.texts()))
    audit.select(slice={"class": "landbird"})
    assert dashboard.footer.selection["label"] == "landbird, 40 images"
    audit.clear_selection()
    wait(lambda: dashboard.footer.job is None)


def test_one_selection_reaches_every_view(dashboard, audit):
    audit.select(slice={"class": "waterbird", "place": "ocean"})
    views = [*dashboard.views, dashboard.attributes, dashboard.prompts, dashboard.footer]
    assert {view.selection["label"] for view in views} == {"waterbird × ocean, 20 images"}
    audit.clear_selection()


def test_the_whole_dashboard_is_one_picture(dashboard):
    page = Image.open(io.BytesIO(dashboard.header.picture()))
    assert page.width == 2200
    assert page.height > 600


def test_code_makes_the_audit_again(dashboard):
    compile(dashboard.header.code(), "code", "exec")


def test_without_javascript_there_are_title_trust_and_slices(dashboard, audit):
    data, _ = dashboard._repr_mimebundle_()
    assert audit.title in data["text/html"]
    assert audit.trust().text in data["text/html"]
    assert "mallard" in data["text/html"]


def test_a_closed_dashboard_is_collected(audit):
    dashboard = Dashboard(audit)
    views = [weakref.ref(view) for view in (dashboard, *dashboard.views, dashboard.header)]
    dashboard.close()
    del dashboard
    wait(lambda: gc.collect() >= 0 and all(ref() is None for ref in views))
