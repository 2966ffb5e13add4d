"""The demo encoders' open_clip configurations, and their forward passes for training."""

from __future__ import annotations

from typing import Any, Literal

import torch
from open_clip.model import CLIP
from open_clip.transformer import PatchDropout
from torch import Tensor, nn

IMAGE_SIZE = 64
CONTEXT = 32
TOKENS = 49408

Architecture = Literal["resnet", "vit"]

_VISION: dict[str, dict[str, Any]] = {
    "resnet": {
        "image_size": IMAGE_SIZE,
        "layers": [1, 1, 1, 1],
        "width": 16,
        "head_width": 32,
        "patch_size": None,
    },
    "vit": {
        "image_size": IMAGE_SIZE,
        "layers": 4,
        "width": 128,
        "head_width": 32,
        "patch_size": 8,
    },
}

ARCHITECTURES: tuple[str, ...] = tuple(_VISION)

PREPROCESS_CONFIG: dict[str, Any] = {
    "mean": [0.5, 0.5, 0.5],
    "std": [0.5, 0.5, 0.5],
    "interpolation": "bicubic",
    "resize_mode": "shortest",
}


def model_config(architecture: str, rows: int = TOKENS) -> dict[str, Any]:
    """Return the open_clip configuration; both encoders have the same kind of text tower."""
    return {
        "embed_dim": 256,
        "vision_cfg": dict(_VISION[architecture]),
        "text_cfg": {
            "context_length": CONTEXT,
            "vocab_size": rows,
            "width": 128,
            "heads": 4,
            "layers": 2,
        },
    }


def build(rows: int, architecture: str = "resnet") -> CLIP:
    """Return a new model whose token table has `rows` rows only."""
    model = CLIP(**model_config(architecture, rows))
    nn.init.constant_(model.logit_scale, 2.66)
    return model


def drop_patches(model: CLIP, share: float) -> None:
    """Let a ViT in training see only the other patches (Li et al. 2023, FLIP); 0 shows all."""
    model.visual.patch_dropout = PatchDropout(share) if share > 0 else nn.Identity()


def text_features(model: CLIP, tokens: Tensor, pieces: int = 1) -> Tensor:
    """Return text vectors (texts, 256) of token rows that may be shorter than the context.

    Attention looks back only and the vector is read at the end token, so leaving out the padding
    changes nothing and costs far less. With several `pieces`, texts of like length are computed
    together, each piece as long as its longest text.
    """
    ends = tokens.argmax(dim=-1)
    order = ends.argsort()
    found = [
        _piece(model, tokens[rows, : int(ends[rows[-1]]) + 1], ends[rows])
        for rows in order.chunk(pieces)
    ]
    return torch.cat(found)[order.argsort()]


def _piece(model: CLIP, tokens: Tensor, ends: Tensor) -> Tensor:
    length = tokens.shape[1]
    hidden = model.token_embedding(tokens) + model.positional_embedding[:length]
    hidden = model.transformer(hidden, attn_mask=model.attn_mask[:length, :length])
    hidden = model.ln_final(hidden)
    vectors: Tensor = (
        hidden[torch.arange(len(tokens), device=tokens.device), ends] @ model.text_projection
    )
    return vectors
