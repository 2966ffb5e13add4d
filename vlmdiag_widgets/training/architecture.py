"""The demo encoder's open_clip configuration, and its forward passes for training."""

from __future__ import annotations

from typing import Any

import torch
from open_clip.model import CLIP
from torch import Tensor, nn

IMAGE_SIZE = 64
CONTEXT = 32

MODEL_CONFIG: dict[str, Any] = {
    "embed_dim": 256,
    "vision_cfg": {
        "image_size": IMAGE_SIZE,
        "layers": [1, 1, 1, 1],
        "width": 16,
        "head_width": 32,
        "patch_size": None,
    },
    "text_cfg": {
        "context_length": CONTEXT,
        "vocab_size": 49408,
        "width": 128,
        "heads": 4,
        "layers": 2,
    },
}

PREPROCESS_CONFIG: dict[str, Any] = {
    "mean": [0.5, 0.5, 0.5],
    "std": [0.5, 0.5, 0.5],
    "interpolation": "bicubic",
    "resize_mode": "shortest",
}


def build(rows: int) -> CLIP:
    """Return a new model whose token table has `rows` rows only."""
    text = {**MODEL_CONFIG["text_cfg"], "vocab_size": rows}
    model = CLIP(
        embed_dim=MODEL_CONFIG["embed_dim"], vision_cfg=MODEL_CONFIG["vision_cfg"], text_cfg=text
    )
    nn.init.constant_(model.logit_scale, 2.66)
    return model


def text_features(model: CLIP, tokens: Tensor) -> Tensor:
    """Return text vectors (texts, 256) of token rows that may be shorter than the context.

    Attention looks back only and the vector is read at the end token, so leaving out the padding
    changes nothing and costs far less.
    """
    length = tokens.shape[1]
    hidden = model.token_embedding(tokens) + model.positional_embedding[:length]
    hidden = model.transformer(hidden, attn_mask=model.attn_mask[:length, :length])
    hidden = model.ln_final(hidden)
    ends = hidden[torch.arange(len(tokens)), tokens.argmax(dim=-1)]
    vectors: Tensor = ends @ model.text_projection
    return vectors
