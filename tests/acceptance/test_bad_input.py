"""Bad input through the public way in: what was given, what was expected, what to do."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from sklearn.linear_model import LogisticRegression

import vlmdiag_widgets as vd
from tests.acceptance.views import assert_designed, settled
from tests.audit.birds import WordEncoder, bird_table, bird_vectors, make_audit
from vlmdiag_widgets import VlmdiagError
from vlmdiag_widgets.audit.persist import SaveError
from vlmdiag_widgets.embeddings import EmbeddingStore
from vlmdiag_widgets.widgets import Dashboard

RNG = np.random.default_rng(0)


def picture(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(RNG.integers(0, 255, (32, 32, 3), dtype=np.uint8)).save(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("good")
    for i in range(30):
        picture(root / "ab"[i % 2] / f"{i:02d}.png")
    return root


@pytest.fixture(scope="module")
def demo():
    return vd.load_encoder("demo")


@pytest.fixture
def data(folder):
    return vd.ImageDataset.from_folder(folder)


def assert_said(error: VlmdiagError, *words: str) -> None:
    """The message says what is wrong; message or hint name what was given and what to do."""
    assert len(error.message) > 15
    assert error.hint, error.message
    for word in words:
        assert word in f"{error.message} {error.hint}", str(error)


def refused(call, *words):
    with pytest.raises(VlmdiagError) as caught:
        call()
    assert_said(caught.value, *words)
    return caught.value


# -- models and weights ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"name": "ViT-B-23"}, ["ViT-B-23", "ViT-B-32"]),
        ({"name": 3}, ["3", "demo"]),
        ({"name": "ViT-B-32"}, ["laion2b_s34b_b79k"]),
        ({"name": "ViT-B-32", "pretrained": "laion2b_s34b"}, ["laion2b_s34b_b79k"]),
        ({"name": "ViT-B-32", "pretrained": "/no/such.safetensors"}, ["no file", "openai"]),
        ({"name": "ViT-B-32", "pretrained": "/"}, ["is a folder"]),
        ({"name": "ViT-B-32", "pretrained": "laion2b_s34b_b79k"}, ["pretrained='/", "demo"]),
        ({"name": "hf-hub:someone/something"}, ["Where there is a network"]),
        ({"name": "demo", "precision": "fp17"}, ["fp17", "fp32"]),
        ({"name": "demo", "device": "gpu"}, ["gpu", "cuda"]),
    ],
)
def test_models(arguments, words):
    refused(lambda: vd.load_encoder(**arguments), *words)


def test_a_gpu_that_is_absent(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    refused(lambda: vd.load_encoder("demo", device="cuda"), "no CUDA GPU", "device='cpu'")


@pytest.mark.parametrize("name", ["weights.safetensors", "weights.pt"])
def test_a_damaged_checkpoint_is_named_without_dangerous_advice(tmp_path, name):
    (tmp_path / name).write_bytes(b"garbage")
    error = refused(lambda: vd.load_encoder("RN50", pretrained=tmp_path / name), name)
    assert "weights_only" not in str(error)


# -- images ------------------------------------------------------------------------------------


def test_corrupt_images_among_good_ones_are_skipped_and_listed(tmp_path, demo):
    for i in range(40):
        picture(tmp_path / "ab"[i % 2] / f"{i:02d}.png")
    (tmp_path / "a" / "04.png").write_bytes(b"no image at all")
    half = (tmp_path / "b" / "05.png").read_bytes()[:300]
    (tmp_path / "b" / "05.png").write_bytes(half)
    (tmp_path / "b" / "07.png").write_bytes(b"")
    data = vd.ImageDataset.from_folder(tmp_path)
    audit = vd.Audit(demo, data, store=False)
    board = Dashboard(audit)
    assert_designed(board)
    assert set(data.broken["id"]) == {"a/04.png", "b/05.png", "b/07.png"}
    assert all(data.broken["reason"])
    assert not set(audit.predictions()["row"]) & set(data.broken["row"])
    audit.edit(focus=int(data.broken["row"].iloc[0]))
    assert_designed(board)
    board.close()


def test_only_corrupt_images(tmp_path, demo):
    for i in range(10):
        (tmp_path / "ab"[i % 2]).mkdir(exist_ok=True)
        (tmp_path / "ab"[i % 2] / f"{i}.png").write_bytes(b"x")
    audit = vd.Audit(demo, vd.ImageDataset.from_folder(tmp_path), store=False)
    refused(audit.slices, "broken")
    assert_designed(Dashboard(audit))


def test_folders_without_a_use(tmp_path):
    read = vd.ImageDataset.from_folder
    (tmp_path / "empty").mkdir()
    refused(lambda: read(tmp_path / "empty"), "holds no image", ".png")
    (tmp_path / "words" / "a").mkdir(parents=True)
    (tmp_path / "words" / "a" / "notes.txt").write_text("no picture")
    refused(lambda: read(tmp_path / "words"), "holds no image", "1 other")
    refused(lambda: read(tmp_path / "word"), "does not exist", "words")
    picture(tmp_path / "one" / "cat" / "1.png")
    refused(lambda: read(tmp_path / "one"), "cat", "two classes")


def test_labels_and_predictions_of_the_wrong_length(folder):
    read = vd.ImageDataset.from_folder
    refused(lambda: read(folder, label=None, labels=["a"] * 3), "3", "30")
    short = pd.DataFrame({"a": [0.5], "b": [0.5]})
    refused(lambda: read(folder, predictions=short), "1", "30")


def test_a_cache_that_cannot_be_written_is_said_and_done_without(tmp_path, demo, data, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    refused(lambda: EmbeddingStore(tmp_path / "file" / "x"), "cannot be used", "VLMDIAG_CACHE")
    monkeypatch.setenv("VLMDIAG_CACHE", str(tmp_path / "file"))
    audit = vd.Audit(demo, data)
    assert len(audit.slices()) == 2
    assert any("stay in memory" in note for note in audit.notes)


# -- settings ----------------------------------------------------------------------------------

KIND = {"kind": ["a", "b"]}
QUESTIONS = "{kind} {q0} {q1} {q2} {q3} {q4}"
MANY = {f"q{i}": [f"v{j}" for j in range(30)] for i in range(5)}
SETTINGS = [
    ({"attributes": {"place": ["sea", "land"]}}, ["label_of", "sea"]),
    ({"attributes": KIND, "label_of": {"kind": {"a": "a"}}}, ["'b'", "label_of"]),
    ({"attributes": KIND, "label_of": {"kind": {"a": "a", "b": "c"}}}, ["'c'", "a, b"]),
    ({"attributes": KIND, "templates": ["a {knd}"]}, ["knd", "kind"]),
    ({"attributes": KIND, "templates": ["a {kind"]}, ["position 3", "}"]),
    ({"attributes": KIND, "templates": ["a kind}"]}, ["lone }", "}}"]),
    ({"attributes": KIND, "templates": ["a {}"]}, ["empty braces"]),
    ({"attributes": KIND, "templates": ["a photo"]}, ["names no attribute", "{kind}"]),
    ({"attributes": KIND, "templates": []}, ["no template"]),
    ({"attributes": KIND, "templates": [3]}, ["[3]", "templates="]),
    ({"attributes": {"kind": []}}, ["no values"]),
    ({"attributes": {}}, ["attributes="]),
    ({"attributes": {"kind": ["a", "b", "a "]}}, ["more than once"]),
    ({"attributes": {"kind": ["a", "b", None]}}, ["empty value"]),
    ({"attributes": {"kind": ["a", "\ud800"]}}, ["half of a character"]),
    ({"attributes": {"flagged": ["a", "b"]}}, ["flagged", "Choose another name"]),
    (
        {"attributes": {**KIND, **MANY}, "templates": [QUESTIONS]},
        ["48,600,000", "200,000"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("settings", "words"), SETTINGS)
def test_settings_that_do_not_fit_change_nothing(demo, data, settings, words):
    refused(lambda: vd.Audit(demo, data, store=False, **settings), *words)
    audit = vd.Audit(demo, data, store=False, attributes=KIND)
    before = dict(audit._state)
    refused(lambda: audit.edit(**settings))
    assert audit._state == before
    assert not audit.can_undo


@pytest.mark.parametrize(
    "change",
    [
        {"slice_by": 3}, {"slice_by": ["speces"]}, {"target_class": "landbrd"}, {"focus": 10**6},
        {"focus": -1}, {"focus": "a"}, {"ensemble": "yes"}, {"templats": ["x"]},
        {"colour_by": "clas"}, {"attributes": None},
    ],
)  # fmt: skip
def test_edits_that_do_not_fit_leave_the_last_good_state(change):
    audit = make_audit()
    before, slices = dict(audit._state), audit.slices()
    refused(lambda: audit.edit(**change))
    assert audit._state == before
    pd.testing.assert_frame_equal(audit.slices(), slices)


@pytest.mark.parametrize(
    ("choice", "word"),
    [
        ({"slice": {"colour": "red"}}, "colour"),
        ({"slice": {"class": "fish"}}, "landbird"),
        ({"slice": {"place": "forrest"}}, "'forrest'"),
        ({"rows": [10**6]}, "1000000"),
        ({"text_id": 10**6}, "1000000"),
    ],
)
def test_selecting_what_is_not_there_keeps_the_selection(choice, word):
    audit = make_audit()
    kept = audit.select(slice={"class": "landbird"})
    refused(lambda: audit.select(**choice), word)
    assert audit.selection == kept


def test_a_slice_that_only_texts_name_can_be_selected():
    audit = make_audit()
    audit.edit(attributes={**audit.attributes, "place": [*audit.attributes["place"], "swamp"]})
    assert len(audit.select(slice={"class": "landbird", "place": "swamp"})) == 0
    audit.undo()
    assert not audit.selection


def test_two_attributes_that_tell_the_class_are_not_mixed_up():
    """Biased data, where the colour tells the class as well as the shape does."""
    rng = np.random.default_rng(0)
    shape = ["square", "triangle"] * 60
    colour = ["green" if name == "square" else "orange" for name in shape]
    audit = vd.Audit.from_embeddings(
        rng.normal(size=(120, 24)), shape, encoder=WordEncoder(),
        attributes_table={"colour": colour, "shape": shape},
    )  # fmt: skip
    assert list(audit.label_of) == ["shape"]
    assert any("'colour' goes with the class" in note for note in audit.notes)
    assert len(audit.slices()) == 4
    both = {**audit.label_of, "colour": {"green": "square", "orange": "triangle"}}
    refused(lambda: audit.edit(label_of=both), "two classes", "not both")


# -- classifiers, predictions, embeddings --------------------------------------------------------


def fitted(width, classes=("a", "b")):
    labels = [classes[i % len(classes)] for i in range(30)]
    return LogisticRegression().fit(RNG.normal(size=(30, width)), labels)


@pytest.mark.parametrize(
    ("classifier", "words"),
    [
        (fitted(7), ["256", "7 features"]),
        (torch.nn.Linear(7, 2), ["256"]),
        (torch.nn.Linear(256, 3), ["3", "a, b"]),
        (fitted(256, ("a", "c")), ["'c'", "a, b"]),
        (LogisticRegression(), ["not fitted"]),
        (LogisticRegression, ["not a fitted"]),
        ("prob", ["'prob'", "probe"]),
        (pd.DataFrame({"a": [0.5], "b": [0.5]}), ["1 predictions", "30"]),
        (pd.DataFrame({"a": [0.5] * 30}), ["a, b"]),
        (pd.DataFrame({"a": [np.nan] * 30, "b": [0.5] * 30}), ["missing", "row 0"]),
        (pd.DataFrame({"a": ["x"] * 30, "b": ["y"] * 30}), ["no numbers"]),
        (pd.DataFrame({"predicted": ["c"] * 30}), ["'c'", "a, b"]),
    ],
)
def test_classifiers_that_do_not_fit(demo, data, classifier, words):
    refused(lambda: vd.Audit(demo, data, store=False, classifier=classifier).slices(), *words)


@pytest.mark.parametrize(
    ("x", "labels", "words"),
    [
        ([[1.0, np.nan]] * 4, list("abab"), ["NaN", "row 0"]),
        ([[1.0, 1e300]] * 4, list("abab"), ["infinity"]),
        ([1.0, 2.0], list("ab"), ["(2,)"]),
        ([[1, 2], [3]], list("ab"), ["no table"]),
        (np.zeros((0, 4)), [], ["(0, 4)"]),
        (np.ones((4, 2)), list("aba"), ["3", "4"]),
        (np.ones((4, 2)), list("aaaa"), ["one class"]),
    ],
)
def test_embeddings_that_do_not_fit(x, labels, words):
    refused(lambda: vd.Audit.from_embeddings(x, labels), *words)


# -- without encoder, images, labels ------------------------------------------------------------


def bare(**given):
    table = bird_table()
    return vd.Audit.from_embeddings(
        bird_vectors(table), given.pop("labels", table["class"]), **given
    )


@pytest.mark.parametrize(
    "make",
    [
        bare,
        lambda: bare(labels=None),
        lambda: bare(attributes_table=bird_table()[["species", "place"]]),
        lambda: bare(texts=["hello", "there"], text_embeddings=RNG.normal(size=(2, 24))),
        lambda: bare(classifier=pd.DataFrame({"predicted": bird_table()["class"]})),
        lambda: bare(labels=RNG.random((len(bird_table()), 3)) > 0.5, classes=["x", "y", "z"]),
        lambda: vd.Audit.from_embeddings(np.eye(3), ["a", "b", "a"]),
        lambda: vd.Audit.from_embeddings(np.eye(1)),
        lambda: vd.Audit.from_embeddings(np.ones((60, 8)), ["a", "b"] * 30, encoder=None),
    ],
    ids=["labels", "nothing", "attributes", "texts", "predictions", "multi", "3", "1", "alike"],
)
def test_embeddings_alone_give_every_view_a_state(make):
    board = Dashboard(make())
    assert_designed(board)
    board.close()


# -- saving ------------------------------------------------------------------------------------


@pytest.fixture
def saved(tmp_path):
    make_audit().save(tmp_path / "audit")
    return tmp_path / "audit"


def test_saving_over_something_else(tmp_path):
    (tmp_path / "thesis.tex").write_text("precious")
    refused(lambda: make_audit().save(tmp_path), "something other")
    assert (tmp_path / "thesis.tex").read_text() == "precious"
    refused(lambda: make_audit().save(None), "None")


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 99}, {"schema": 0}, {"state": 3}, {"files": {}}, {"files": 3},
        {"provenance": {}}, {"classifier": {}}, {"state": {"gap": "sideways"}},
    ],
)  # fmt: skip
def test_a_save_of_another_layout_or_damaged(saved, change):
    head = json.loads((saved / "state.json").read_text())
    (saved / "state.json").write_text(json.dumps({**head, **change}))
    with pytest.raises(VlmdiagError, match=r"damaged|layout|missing|gap"):
        vd.Audit.load(saved)


@pytest.mark.parametrize("name", ["state.json", "about.json", "classifier.npz", "text_vectors.npy"])
def test_a_truncated_save(saved, name):
    path = next(saved.rglob(name))
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(SaveError, match="damaged"):
        vd.Audit.load(saved)


# -- hostile words -----------------------------------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script>", "\"quo'ted\" & more", "line\nbreak\ttab", "日本語 🦆 ünï",
    "x" * 1000,
    "{curly} [square] |bar|", "p:landbird", "$latex$ `code` **b**", "a/b\\c", "100%", "\u202ertl",
    "null\x01ctl",
]  # fmt: skip


class Hashing(WordEncoder):
    def encode_texts(self, texts):
        seeds = [int.from_bytes(text.encode()[-6:], "little") + len(text) for text in texts]
        rows = [np.random.default_rng(seed).normal(size=24) for seed in seeds]
        return np.array(rows, dtype=np.float32)


def test_names_with_signs_of_all_kinds_reach_every_view_and_no_markup(tmp_path):
    odd = [HOSTILE[i % len(HOSTILE)] for i in range(240)]
    audit = vd.Audit.from_embeddings(
        np.random.default_rng(0).normal(size=(240, 24)) + np.arange(240)[:, None] % 4,
        [HOSTILE[i % 4] for i in range(240)],
        attributes_table=pd.DataFrame({"k <b>\"'": odd, "q\nq": HOSTILE[:2] * 120}),
        encoder=Hashing(),
        ids=[f"{name}{i}" for i, name in enumerate(odd)],
    )
    board = Dashboard(audit)
    assert {state["phase"] for state in assert_designed(board).values()} == {"ready"}
    page = board._repr_mimebundle_()[0]["text/html"]
    assert "<script" not in page
    assert "&lt;script" in page
    pictures = [view.picture() for view in (board.slices, board.extremes, board.scatter)]
    assert all(raw.startswith(b"\x89PNG") for raw in pictures)
    for code in [audit.code(), *(view.code() for view in board.views)]:
        compile(code, "shown", "exec")
    audit.save(tmp_path / "audit")
    again = vd.Audit.load(tmp_path / "audit")
    assert again.attributes == audit.attributes
    board.close()


def test_files_and_prompts_with_odd_names(tmp_path, demo):
    for i in range(40):
        name = re.sub("[/\0]", "_", HOSTILE[i % len(HOSTILE)])[:60]
        picture(tmp_path / ["<b>A&\"'", "b\nb"][i % 2] / f"{name}{i}.png")
    data = vd.ImageDataset.from_folder(tmp_path)
    audit = vd.Audit(demo, data, store=False)
    board = Dashboard(audit)
    audit.edit(
        attributes={**audit.attributes, "odd": ["word " * 200, "日本", "<i>"]},
        templates=["{category} <b>\n[{odd}|thing] &"],
    )
    audit.edit(focus=0)
    states = assert_designed(board)
    assert {state["phase"] for state in states.values()} == {"ready"}
    board.close()


@pytest.mark.skipif(sys.platform != "linux", reason="file names are Unicode there")
def test_file_names_that_are_no_utf8(tmp_path, demo):
    for i in range(24):
        name = ["caf\udce9", "tea"][i % 2]  # as Python writes a byte that is no UTF-8
        picture(tmp_path / "one.png")
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / "one.png").rename(tmp_path / name / f"\udcff{i}.png")
    data = vd.ImageDataset.from_folder(tmp_path)
    audit = vd.Audit(demo, data, store=False)
    board = Dashboard(audit)
    settled(board)
    json.dumps([view.data for view in board.views], ensure_ascii=False).encode()
    audit.save(tmp_path / "saved")
    assert vd.Audit.load(tmp_path / "saved").classes == data.classes
    assert data.broken.empty
    board.close()
