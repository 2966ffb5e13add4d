"""What every view has from its base: states, links, life."""

from __future__ import annotations

import gc
import json
import threading
import weakref

import numpy as np
import pandas as pd
import pytest

from tests.widgets.birds import make_audit, wait
from tests.widgets.conftest import ToyView
from vlmdiag_widgets import InputError
from vlmdiag_widgets.audit.graph import ResultEvent
from vlmdiag_widgets.widgets import fallback
from vlmdiag_widgets.widgets.common import csv
from vlmdiag_widgets.widgets.messages import NothingToShow


def ready(view):
    wait(lambda: view.status["phase"] == "ready")
    return view


def event(phase, generation, value=None, error=None):
    return ResultEvent("slices", phase, generation, value, error, None)


def test_a_view_is_loading_then_ready(toy_view):
    assert ready(toy_view).data["n"] == len(toy_view.audit.slices())
    assert toy_view.generation >= 1
    assert toy_view.heading == "Toy"


def test_stale_keeps_the_data_and_failed_says_what_to_do(toy_view):
    shown = dict(ready(toy_view).data)
    toy_view._on_result(event("stale", 10))
    assert (toy_view.status["phase"], toy_view.data) == ("stale", shown)
    toy_view._on_result(event("failed", 11, error=InputError("Too many.", "Take fewer.")))
    assert toy_view.status["phase"] == "failed"
    assert (toy_view.status["message"], toy_view.status["hint"]) == ("Too many.", "Take fewer.")
    assert toy_view.data == shown


def test_what_comes_late_is_dropped(toy_view):
    ready(toy_view)
    toy_view._on_result(event("ready", 50, value=[1, 2, 3]))
    toy_view._on_result(event("ready", 49, value=[1]))
    assert toy_view.data["n"] == 3


def test_a_build_that_fails_is_a_state_and_no_print(toy_view, capsys, caplog):
    ready(toy_view)
    toy_view._on_result(event("ready", 60, value=None))
    assert toy_view.status["phase"] == "failed"
    assert "TypeError" in toy_view.status["message"]
    assert capsys.readouterr().out == ""


def test_nothing_to_show_is_the_empty_state(toy_audit):
    class Empty(ToyView):
        def build(self, results):
            raise NothingToShow("No slice.", "Add an attribute.")

    view = Empty(toy_audit)
    wait(lambda: view.status["phase"] == "empty")
    assert view.status["hint"] == "Add an attribute."


def test_weak_evidence_is_said(toy_audit):
    class Weak(ToyView):
        def build(self, results):
            self.weak = "Only two slices."
            return {"n": 2}

    assert ready(Weak(toy_audit)).status["weak"] == "Only two slices."


def test_a_followed_trait_builds_again(toy_view, toy_audit):
    ready(toy_view)
    toy_audit.edit(gap="closed")
    wait(lambda: toy_view.data["gap"] == "closed")


def test_selection_focus_and_hover_reach_every_view(toy_audit):
    views = [ToyView(toy_audit) for _ in range(2)]
    toy_audit.select(slice={"class": "landbird"})
    toy_audit.focus = 3
    toy_audit.hover = {"row": 4}
    for view in views:
        assert view.selection["label"] == "landbird, 40 images"
        assert (view.focus, view.hover) == (3, {"row": 4})
        assert view.selection_rows == b""


def test_a_closed_view_hears_nothing_and_is_collected(toy_audit):
    view = ToyView(toy_audit)
    gone = weakref.ref(view)
    view.close()
    toy_audit.select(slice={"class": "landbird"})
    assert view.selection["kind"] == "none"
    del view
    gc.collect()
    assert gone() is None


def test_an_audit_is_not_kept_by_a_closed_view():
    audit = make_audit()
    gone = weakref.ref(audit)
    view = ToyView(audit)
    ready(view)
    view.close()
    del view, audit
    wait(lambda: gc.collect() >= 0 and gone() is None)


def test_messages_from_many_threads_are_all_answered(toy_view):
    sent = []
    toy_view.send = lambda content, buffers=None: sent.append(content)

    def talk(k):
        for i in range(20):
            kind = ("undo", "edit", "select")[i % 3]
            payload = [{}, {"gap": "closed" if i % 2 else "open"}, {"kind": "clear"}][i % 3]
            toy_view._receive(toy_view, {"id": f"{k}-{i}", "kind": kind, "payload": payload}, [])

    threads = [threading.Thread(target=talk, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    answers = [content for content in sent if content["id"] is not None]
    assert len(answers) == 80
    assert all(content["ok"] for content in answers)


def test_hot_traits_are_not_echoed():
    for name in ("hover", "focus", "selection_rows"):
        assert ToyView.class_traits()[name].metadata["echo_update"] is False


def test_state_is_json(toy_view):
    ready(toy_view)
    state = toy_view.get_state(["status", "data", "selection", "focus", "hover"])
    json.dumps(state, allow_nan=False)


def test_without_javascript_there_is_an_escaped_table(toy_audit):
    class Nasty(ToyView):
        def table(self):
            return super().table().assign(**{"<b>": "<script>alert(1)</script>"})

    view = ready(Nasty(toy_audit, heading="a <i> b"))
    data, _ = view._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "<script>" not in data["text/html"]
    assert "&lt;script&gt;" in data["text/html"]
    assert "a &lt;i&gt; b" in data["text/html"]
    assert data["text/plain"] == "Nasty: a <i> b (ready)"


def test_a_fallback_that_fails_breaks_nothing(toy_audit):
    class Broken(ToyView):
        def table(self):
            raise RuntimeError("no")

    view = ready(Broken(toy_audit))
    assert fallback.page(view).count("Toy") == 1


def test_a_missing_bundle_says_how_to_build_it(toy_view):
    assert "npm" in toy_view._esm


@pytest.mark.parametrize("name", ["picture", "build"])
def test_what_a_view_must_define_is_not_invented(name, toy_audit):
    from vlmdiag_widgets.widgets.base import View

    assert getattr(View, name).__qualname__.startswith("View.")


def test_a_table_is_no_program_for_a_spreadsheet():
    table = pd.DataFrame(
        {
            "id": ["=HYPERLINK(1)", "@sum", "plain.png", None],
            "score": [-0.5, 0.25, np.nan, 1.0],
            "-row": [1, 2, 3, 4],
        }
    )
    lines = csv(table).decode().splitlines()
    assert lines == [
        "id,score,'-row", "'=HYPERLINK(1),-0.5,1", "'@sum,0.25,2", "plain.png,,3", ",1.0,4",
    ]  # fmt: skip
    assert table["id"][0] == "=HYPERLINK(1)"
