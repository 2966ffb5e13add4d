"""Training in miniature: it learns, is stopped, resumes, and open_clip loads what it writes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch

from vlmdiag_widgets._errors import InputError, WeightsError
from vlmdiag_widgets._progress import Cancelled
from vlmdiag_widgets.training import checkpoint, corpus
from vlmdiag_widgets.training.architecture import CONTEXT
from vlmdiag_widgets.training.settings import recipe
from vlmdiag_widgets.training.train_clip import train
from vlmdiag_widgets.training.trainer import initial_model

STEPS = 24


def small(folder, name, **changes):
    values = {"images": 96, "batch": 16, "processes": 1, "max_steps": STEPS, "warm_up": 4}
    return recipe(name, folder, folder / name, device="cpu", **{**values, **changes})


def stop_after(steps):
    def progress(done, total):
        if total == STEPS and done == steps:
            raise Cancelled

    return progress


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Train a ResNet, stopped after six steps and begun again."""
    folder = tmp_path_factory.mktemp("training")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(corpus, "VARIANTS", 1)
        with pytest.raises(Cancelled):
            train(small(folder, "demo@1"), stop_after(6))
        stopped = torch.load(folder / "run-demo1" / "checkpoint.pt", weights_only=True)
        assert stopped["step"] == 7
        assert train(small(folder, "demo@1"))
    return folder


def reports(folder, run="run-demo1"):
    return [json.loads(line) for line in (folder / run / "log.jsonl").read_text().splitlines()]


def test_the_loss_falls(folder):
    found = reports(folder)
    assert found[-1]["loss"] < 0.92 * found[0]["loss"]


def test_the_log_goes_on_where_the_run_was_stopped(folder):
    steps = [one["step"] for one in reports(folder)]
    assert steps == [1, 2, 3, 4, 5, 7, STEPS]
    minutes = [one["minutes"] for one in reports(folder)]
    assert minutes == sorted(minutes)


def test_open_clip_loads_what_was_written(folder):
    name = f"local-dir:{folder / 'demo@1'}"
    model, _, preprocess = open_clip.create_model_and_transforms(name)
    tokens = open_clip.get_tokenizer(name)(["a mallard", "the ocean"])
    assert tokens.shape == (2, CONTEXT)
    assert model.encode_text(tokens).shape == (2, 256)
    assert next(model.parameters()).dtype == torch.float32
    assert preprocess is not None


def test_the_card_says_what_was_done(folder):
    card = json.loads((folder / "demo@1" / "card.json").read_text())
    training = card["training"]
    assert card["name"] == "demo@1"
    assert training["finished"] is True
    assert training["steps"] == STEPS
    assert training["samples"] == STEPS * 16
    assert training["settings"]["architecture"] == "resnet"
    assert training["captions"] == corpus.RULE
    assert training["machine"]["cores"] >= 1
    assert {"torch", "open_clip_torch"} == set(training["versions"])
    assert str(folder) not in json.dumps(card)


def test_a_finished_run_takes_no_further_step_and_keeps_its_measures(folder):
    card = folder / "demo@1" / "card.json"
    card.write_text(json.dumps({**json.loads(card.read_text()), "measured": {"figure": 1}}))
    assert train(small(folder, "demo@1"))
    assert reports(folder)[-1]["step"] == STEPS
    assert json.loads(card.read_text())["measured"] == {"figure": 1}


def test_other_settings_are_refused_by_name(folder):
    with pytest.raises(InputError, match=r"rate was 0\.002, now 0\.01"):
        train(small(folder, "demo@1", rate=0.01))


def test_words_never_trained_share_one_row(folder):
    model, _, _ = open_clip.create_model_and_transforms(f"local-dir:{folder / 'demo@1'}")
    tokenizer = open_clip.SimpleTokenizer(context_length=CONTEXT)
    table = model.token_embedding.weight
    cathedral, ambulance = (int(tokenizer([word])[0, 1]) for word in ("cathedral", "ambulance"))
    assert torch.equal(table[cathedral], table[ambulance])
    known = json.loads((folder / "demo@1" / "vocabulary.json").read_text())
    assert {"a", "photo"} <= set(known)
    assert "cathedral" not in known


def test_the_model_before_training_is_always_the_same(folder):
    settings = small(folder, "demo@1")
    first, second = initial_model(settings).state_dict(), initial_model(settings).state_dict()
    assert all(torch.equal(value, second[name]) for name, value in first.items())
    other = initial_model(replace(settings, seed=1)).state_dict()
    assert not torch.equal(first["text_projection"], other["text_projection"])
    assert len(first["token_embedding.weight"]) == 49408


def test_the_vit_trains_on_the_same_scenes(folder):
    drawn = (folder / "known.npy").stat().st_mtime_ns
    assert train(small(folder, "demo-vit@1", max_steps=4, batch=8))
    assert (folder / "known.npy").stat().st_mtime_ns == drawn
    model, _, _ = open_clip.create_model_and_transforms(f"local-dir:{folder / 'demo-vit@1'}")
    with torch.no_grad():
        assert np.isfinite(model.encode_image(torch.zeros(1, 3, 64, 64)).numpy()).all()


@pytest.mark.slow
def test_two_processes_train_one_model(folder, tmp_path):
    shared = tmp_path / "corpus"
    shared.mkdir()
    for path in folder.iterdir():
        if path.is_file():
            (shared / path.name.replace("0.n", "1.n")).write_bytes(path.read_bytes())
            (shared / path.name).write_bytes(path.read_bytes())
    manifest = json.loads((folder / "corpus.json").read_text())
    (shared / "corpus.json").write_text(json.dumps({**manifest, "parts": 2}))
    assert train(small(shared, "demo@1", processes=2, max_steps=3))
    card = json.loads((shared / "demo@1" / "card.json").read_text())
    assert card["training"]["samples"] == 3 * 16 * 2


def test_a_full_disk_leaves_the_last_checkpoint_whole(folder, monkeypatch):
    settings = small(folder, "demo@1")
    path = settings.run / "checkpoint.pt"
    before = path.read_bytes()

    def full(content, target):
        Path(target).write_bytes(b"half")
        raise RuntimeError("PytorchStreamWriter failed writing file")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(WeightsError, match="Free some space"):
        checkpoint.save(settings, checkpoint.State(1, 1.0, {}, {}))
    assert path.read_bytes() == before
    assert not path.with_suffix(".partial").exists()


def test_a_damaged_checkpoint_is_named(folder, tmp_path):
    settings = replace(small(folder, "demo@1"), corpus=str(tmp_path))
    settings.run.mkdir()
    (settings.run / "checkpoint.pt").write_bytes(b"nothing")
    with pytest.raises(WeightsError, match="damaged"):
        checkpoint.load(settings)
