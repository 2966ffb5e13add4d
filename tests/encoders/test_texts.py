"""Reading no further than the end of the text changes nothing."""

from __future__ import annotations

import pytest
import torch

from vlmdiag_widgets.encoders import load_encoder
from vlmdiag_widgets.encoders.texts import TextTower

BASE = {"context_length": 77, "width": 32, "heads": 2, "layers": 2, "vocab_size": 49408}


def encoder(**text):
    config = {
        "embed_dim": 16,
        "vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "patch_size": 16},
        "text_cfg": {**BASE, **text},
    }
    custom = bool(text.pop("custom", False))
    config["text_cfg"].pop("custom", None)
    return load_encoder("t", "random", config={**config, "custom_text": custom})


TEXTS = ["bird", "a photo of a bird in the forest", "very " * 20, "word " * 100, ""]


@pytest.mark.parametrize(
    ("text", "shortens"),
    [
        ({}, True),
        ({"custom": True}, True),
        ({"custom": True, "pool_type": "eos", "eos_id": 49407}, True),
        ({"custom": True, "proj_bias": True}, True),
        ({"custom": True, "no_causal_mask": True}, False),
        ({"custom": True, "pool_type": "last"}, False),
        ({"custom": True, "embed_cls": True}, False),
    ],
    ids=["clip", "custom", "eos", "projection", "bidirectional", "last", "coca"],
)
def test_short_texts_give_the_same_vectors(text, shortens):
    model = encoder(**text)._model
    tower = TextTower(model)
    assert tower.shortens == shortens
    tokens = encoder()._tokenizer(TEXTS)
    with torch.inference_mode():
        for some in (tokens[:2], tokens[2:], tokens):
            expected = model.encode_text(some, normalize=False)
            assert torch.allclose(tower(some), expected, atol=1e-6)


def test_vectors_are_bitwise_equal_on_a_cpu():
    made = encoder()
    tokens = made._tokenizer(TEXTS[:2] * 8)
    with torch.inference_mode():
        assert torch.equal(TextTower(made._model)(tokens), made._model.encode_text(tokens))


def test_lengths_end_at_the_end_token():
    made = encoder()
    tower = TextTower(made._model)
    tokens = made._tokenizer(TEXTS)
    ends = (tokens == 49407).int().argmax(dim=-1) + 1
    assert torch.equal(tower.lengths(tokens), ends)
    assert tower.lengths(tokens)[3] == 77
