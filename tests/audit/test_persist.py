import errno
import json
import os
import shutil

import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import KNeighborsClassifier

from tests.audit.birds import WordEncoder, bird_table, bird_vectors, make_audit
from vlmdiag_widgets import InputError
from vlmdiag_widgets.audit import Audit, persist
from vlmdiag_widgets.audit.persist import SaveError
from vlmdiag_widgets.audit.vectors import unit


@pytest.fixture
def saved(audit, tmp_path):
    audit.edit(slice_by=["class", "place"], gap="closed", focus=4)
    audit.influence()
    audit.save(tmp_path / "audit")
    return tmp_path / "audit"


def test_everything_comes_back_without_encoder_or_images(audit, saved):
    again = Audit.load(saved)
    pd.testing.assert_frame_equal(again.slices(), audit.slices())
    pd.testing.assert_frame_equal(again.predictions(), audit.predictions())
    pd.testing.assert_frame_equal(again.influence().values, audit.influence().values)
    pd.testing.assert_frame_equal(again.directions(), audit.directions())
    assert (again.embeddings() == audit.embeddings()).all()
    assert (again.gap, again.focus, again.slice_by) == ("closed", 4, ["class", "place"])
    assert again.title == "embeddings · linear probe"


def test_a_loaded_audit_goes_on_with_an_encoder(saved):
    encoder = WordEncoder()
    again = Audit.load(saved, encoder=encoder)
    again.edit(attributes={**again.attributes, "place": [*again.attributes["place"], "river"]})
    again.slices()
    assert all("river" in text for text in encoder.seen)
    assert len(encoder.seen) == 5
    without = Audit.load(saved)
    without.edit(attributes=again.attributes)
    with pytest.raises(InputError, match="no encoder"):
        without.slices()


def test_a_loaded_audit_can_be_saved_again(audit, saved, tmp_path):
    Audit.load(saved).save(tmp_path / "copy")
    pd.testing.assert_frame_equal(Audit.load(tmp_path / "copy").slices(), audit.slices())


def test_nothing_is_pickled(saved):
    for path in saved.rglob("*.np*"):
        content = np.load(path, allow_pickle=False)
        for name in getattr(content, "files", []):
            assert content[name].dtype != object
        getattr(content, "close", lambda: None)()
    assert {p.suffix for p in saved.rglob("*") if p.is_file()} == {".json", ".npy", ".npz"}


def test_a_second_save_replaces_the_first_and_leaves_nothing_behind(audit, saved):
    audit.gap = "open"
    audit.save(saved)
    assert Audit.load(saved).gap == "open"
    assert len(list(saved.iterdir())) == 2


@pytest.mark.parametrize("step", range(8))
def test_a_save_killed_at_any_step_leaves_the_save_before_whole(audit, saved, monkeypatch, step):
    count = 0
    real = os.fsync

    def killed(descriptor):
        nonlocal count
        count += 1
        if count > step:
            raise KeyboardInterrupt
        real(descriptor)

    audit.gap = "open"
    monkeypatch.setattr(persist.os, "fsync", killed)
    try:
        audit.save(saved)
    except KeyboardInterrupt:
        expected = "closed"
    else:
        expected = "open"
    monkeypatch.undo()
    assert Audit.load(saved).gap == expected


def test_leftovers_of_a_kill_do_not_hinder_and_go_with_the_next_save(audit, saved):
    shutil.copytree(next(saved.glob("data-*")), saved / "data-0123456789abcdef")
    (saved / ".tmp-0123").mkdir()
    Audit.load(saved)
    audit.save(saved)
    assert len(list(saved.iterdir())) == 2


def test_a_kill_before_the_first_save_was_whole_leaves_a_usable_folder(audit, tmp_path):
    (tmp_path / "data-0123456789abcdef").mkdir()
    audit.save(tmp_path)
    Audit.load(tmp_path)


def test_a_full_disk_is_said_and_the_old_save_stays(audit, saved, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    audit.gap = "open"
    monkeypatch.setattr(persist.np, "savez", full)
    with pytest.raises(SaveError, match=r"No space left.*still whole"):
        audit.save(saved)
    monkeypatch.undo()
    assert Audit.load(saved).gap == "closed"
    assert len(list(saved.iterdir())) == 2


def test_another_folder_is_never_overwritten(audit, tmp_path):
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(InputError, match="something other"):
        audit.save(tmp_path)
    with pytest.raises(InputError, match="something other"):
        audit.save(tmp_path / "thesis.tex")


def test_a_folder_without_a_save_is_said(tmp_path):
    with pytest.raises(InputError, match="no saved audit"):
        Audit.load(tmp_path)


def test_a_damaged_file_is_named(saved):
    path = next(saved.glob("data-*/image_embeddings.npy"))
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(SaveError, match="image_embeddings"):
        Audit.load(saved)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": 1}'])
def test_a_damaged_state_is_said(saved, text):
    (saved / "state.json").write_text(text)
    with pytest.raises(SaveError, match="damaged"):
        Audit.load(saved)


def test_a_save_cannot_point_outside_its_folder(saved):
    head = json.loads((saved / "state.json").read_text())
    (saved / "state.json").write_text(json.dumps({**head, "data": "../elsewhere"}))
    with pytest.raises(SaveError, match="damaged"):
        Audit.load(saved)


def test_a_newer_layout_is_refused(saved):
    head = json.loads((saved / "state.json").read_text())
    (saved / "state.json").write_text(json.dumps({**head, "schema": 99}))
    with pytest.raises(InputError, match="layout 99"):
        Audit.load(saved)


def test_a_classifier_that_is_no_array_is_saved_by_its_predictions(tmp_path):
    table = bird_table()
    train = (table["split"] == "train").to_numpy()
    x = unit(bird_vectors(table))
    neighbours = KNeighborsClassifier().fit(x[train], table["class"][train])
    audit = make_audit(classifier=neighbours)
    audit.save(tmp_path)
    again = Audit.load(tmp_path)
    pd.testing.assert_frame_equal(again.predictions(), audit.predictions())
    with pytest.raises(InputError, match="not the classifier"):
        again.influence()


def test_an_encoder_with_other_weights_is_refused(tmp_path):
    class Keyed(WordEncoder):
        def __init__(self, key):
            super().__init__()
            self.key = key

        def describe(self):
            return {"name": "keyed", "key": self.key}

    make_audit(Keyed("1")).save(tmp_path)
    with pytest.raises(InputError, match="other weights"):
        Audit.load(tmp_path, encoder=Keyed("2"))
