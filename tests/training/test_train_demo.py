"""Training in miniature: it runs, resumes, and writes a folder that open_clip loads."""

from __future__ import annotations

import json

import numpy as np
import open_clip
import pytest
import torch

from vlmdiag_widgets.training.architecture import CONTEXT, build, text_features
from vlmdiag_widgets.training.train_demo import (
    Settings,
    hide_words,
    jitter,
    learning_rate,
    soft_loss,
    train,
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("training")
    settings = Settings(
        corpus=str(folder),
        out=str(folder / "out"),
        minutes=0.03,
        images=64,
        batch=16,
        processes=1,
        export_minutes=[],
    )
    train(settings)
    return folder, settings


def test_a_tiny_run_writes_a_folder_that_open_clip_loads(trained):
    folder, _ = trained
    name = f"local-dir:{folder / 'out'}"
    model, _, preprocess = open_clip.create_model_and_transforms(name)
    tokens = open_clip.get_tokenizer(name)(["a mallard", "the ocean"])
    assert tokens.shape == (2, CONTEXT)
    assert model.encode_text(tokens).shape == (2, 256)
    assert next(model.parameters()).dtype == torch.float32
    assert preprocess is not None


def test_the_card_says_what_was_done(trained):
    folder, settings = trained
    card = json.loads((folder / "out" / "card.json").read_text())
    assert card["finished"] is True
    assert card["steps"] > 0
    assert card["samples"] == card["steps"] * settings.batch
    assert str(folder) not in json.dumps(card)


def test_a_finished_run_resumes_without_another_step(trained):
    folder, settings = trained
    before = torch.load(folder / "checkpoint.pt", weights_only=True)
    train(settings)
    after = torch.load(folder / "checkpoint.pt", weights_only=True)
    assert after["step"] == before["step"]


def test_words_never_trained_share_one_row(trained):
    folder, _ = trained
    model, _, _ = open_clip.create_model_and_transforms(f"local-dir:{folder / 'out'}")
    tokenizer = open_clip.SimpleTokenizer(context_length=CONTEXT)
    table = model.token_embedding.weight
    cathedral, ambulance = (int(tokenizer([word])[0, 1]) for word in ("cathedral", "ambulance"))
    assert torch.equal(table[cathedral], table[ambulance])
    known = json.loads((folder / "out" / "vocabulary.json").read_text())
    assert {"a", "photo"} <= set(known)
    assert "cathedral" not in known


def test_short_rows_give_the_same_vectors_as_padded_ones():
    torch.manual_seed(0)
    model = build(50).eval()
    tokens = torch.zeros(3, CONTEXT, dtype=torch.long)
    tokens[:, :5] = torch.tensor([48, 3, 7, 9, 49])
    with torch.no_grad():
        short, full = text_features(model, tokens[:, :5]), model.encode_text(tokens)
    assert torch.allclose(short, full, atol=1e-5)


def test_hidden_words_leave_the_end_token_last():
    rng = np.random.default_rng(0)
    tokens = np.zeros((200, CONTEXT), dtype=np.int64)
    tokens[:, :4] = [48, 5, 6, 49]
    hidden = hide_words(tokens, 0.5, rng)
    assert (hidden[:, 0] == 48).all()
    assert (np.sort(hidden, axis=1)[:, -4:] == [5, 6, 48, 49]).all()
    moved = (hidden != tokens).any(axis=1).mean()
    assert 0.35 < moved < 0.65


def test_the_loss_is_least_when_all_true_pairs_agree():
    true = torch.tensor([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    agreeing = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    opposed = agreeing[[2, 0, 1]]
    scale = torch.tensor(2.0)
    assert soft_loss(agreeing, agreeing, scale, true) < soft_loss(agreeing, opposed, scale, true)


def test_jitter_keeps_shape_and_range():
    rng = np.random.default_rng(0)
    images = jitter(rng.integers(0, 256, (4, 64, 64, 3), dtype=np.uint8), 3, rng)
    assert images.shape == (4, 3, 64, 64)
    assert float(images.abs().max()) <= 1


def test_the_rate_warms_up_and_ends_at_zero():
    settings = Settings(corpus="", out="")
    assert learning_rate(settings, 0, 0.0) < settings.rate / 100
    assert learning_rate(settings, 1000, 0.0) == pytest.approx(settings.rate)
    assert learning_rate(settings, 1000, 1.0) == pytest.approx(0, abs=1e-9)
