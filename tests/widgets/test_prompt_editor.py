"""PromptEditor: prompts, and what they would make."""

from __future__ import annotations

import pytest

from tests.widgets.birds import ask, make_audit, ready, wait
from vlmdiag_widgets.audit import Audit
from vlmdiag_widgets.widgets.prompt_editor import PromptEditor

PROMPT = "a photo of a [{species}|bird][ in the {place}]."


@pytest.fixture
def audit():
    return make_audit()


@pytest.fixture
def view(audit):
    made = ready(PromptEditor(audit))
    wait(lambda: made.data["check"]["fresh"] == 0)
    yield made
    made.close()


def preview(view, *templates, ensemble=False):
    answer, _ = ask(view, "preview", {"templates": list(templates), "ensemble": ensemble})
    assert answer["ok"], answer
    return answer["payload"]


def test_it_shows_the_prompts_and_some_of_their_texts(view):
    assert view.data["templates"] == [PROMPT]
    check = view.data["check"]
    assert check["texts"] == 5 * 3
    assert {"text": "a photo of a mallard in the ocean.", "values": ["mallard", "ocean"]} in check[
        "samples"
    ]
    assert check["samples"][-1] == {"text": "a photo of a bird.", "values": []}


def test_a_preview_changes_nothing_and_tells_how_many_texts_are_new(view, audit):
    found = preview(view, PROMPT, "a drawing of a {species}.")
    assert (found["texts"], found["fresh"], found["errors"]) == (19, 4, [])
    assert audit.templates == [PROMPT]
    assert preview(view, PROMPT)["fresh"] == 0


def test_the_80_templates_are_counted(view):
    assert preview(view, PROMPT, ensemble=True)["texts"] == 15 * 80


def test_a_mistake_is_told_with_its_place(view):
    (error,) = preview(view, PROMPT, "a [{species")["errors"]
    assert error["index"] == 1
    assert error["position"] == "a [{species".index("{")
    assert "never closed" in error["message"]


def test_brackets_inside_brackets_are_told(view):
    (error,) = preview(view, "a {species}[ in [the {place}].")["errors"]
    assert error["position"] == 16


def test_an_unknown_name_is_told(view):
    (error,) = preview(view, "a {colour} bird.")["errors"]
    assert "{colour}" in error["message"]
    assert error["position"] is None


def test_a_repeated_prompt_is_told_at_the_second(view):
    (error,) = preview(view, PROMPT, PROMPT)["errors"]
    assert error["index"] == 1


def test_no_prompt_at_all_is_told(view):
    (error,) = preview(view)["errors"]
    assert error["index"] == -1


def test_words_outside_the_vocabulary_are_named_prompt_by_prompt(view, audit):
    audit.encoder.unknown_words = lambda text: [w for w in text.split() if w == "etching"]
    found = preview(view, PROMPT, "an etching of a {species}.")
    assert found["unknown"] == [[], ["etching"]]


def test_an_edit_shows_and_its_texts_are_soon_embedded(view, audit):
    ask(view, "edit", {"templates": ["a drawing of a {species}."]})
    wait(lambda: view.data["templates"] == ["a drawing of a {species}."])
    wait(lambda: view.data["check"]["fresh"] == 0)
    assert view.data["check"]["texts"] == 4


def test_pasted_texts_have_no_prompts():
    texts = [{"text": "owl ocean", "class": "landbird"}, {"text": "swan", "class": "waterbird"}]
    import pandas as pd

    base = make_audit()
    audit = Audit.from_embeddings(
        base.embeddings(),
        base.images.labels,
        split=base.images.split,
        encoder=base.encoder,
        texts=pd.DataFrame(texts),
    )
    view = PromptEditor(audit)
    wait(lambda: view.status["phase"] == "empty")
    assert "without prompts" in view.status["message"]


def test_table_code_and_picture(view, audit):
    assert len(view.table()) == 15
    assert view.picture()[:4] == b"\x89PNG"
    exec(view.code(), {"audit": audit})
    assert audit.templates == [PROMPT]
