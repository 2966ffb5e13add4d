"""Texts → vectors, reading no further than the longest text of a batch.

A causal tower that pools at the end-of-text token never looks past that token, so the
positions after it can be left out: the same vectors for a fraction of the work. Other
towers (bidirectional, SigLIP-like, CoCa, Hugging Face) run at their full length.
"""

from __future__ import annotations

from typing import Any

import torch
from open_clip.transformer import TextTransformer, Transformer, text_global_pool

# Matrix kernels add in the same order for lengths that fill their vector registers, so
# rounding up keeps the vectors bitwise equal to those of the full length.
_STEP = 8


class TextTower:
    """The text half of an open_clip model.

    Parameters
    ----------
    model : nn.Module
        An open_clip model with ``encode_text``.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._tower = _causal_tower(model)

    @property
    def shortens(self) -> bool:
        """Whether positions after the end of the text are left out."""
        return self._tower is not None

    def lengths(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return how many positions of each row (m, context) matter."""
        if self._tower is None:
            return torch.full((len(tokens),), tokens.shape[1])
        if _pool_type(self._tower) == "argmax":
            return tokens.argmax(dim=-1) + 1
        is_end = torch.eq(tokens, _eos_id(self._tower))
        return is_end.int().argmax(dim=-1) + 1

    def __call__(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return un-normalised features (m, d) of tokens (m, context)."""
        if self._tower is None:
            features: torch.Tensor = self._model.encode_text(tokens, normalize=False)
            return features
        longest = int(self.lengths(tokens).max())
        return _forward(self._tower, tokens[:, : -(-longest // _STEP) * _STEP])


def _causal_tower(model: Any) -> Any:
    """Return the module that holds a causal, end-pooled tower, or None."""
    # CLIP keeps the parts of its tower on the model itself, CustomTextCLIP in `text`.
    tower = getattr(model, "text", model)
    fits = (
        (type(tower) is TextTransformer or type(model).__name__ == "CLIP")
        and type(getattr(tower, "transformer", None)) is Transformer
        and getattr(tower, "attn_mask", None) is not None
        and getattr(tower, "cls_emb", None) is None
        and not getattr(tower, "use_pad_mask", False)
        and _pool_type(tower) in ("argmax", "eos")
    )
    return tower if fits else None


def _pool_type(tower: Any) -> str:
    return str(getattr(tower, "text_pool_type", None) or getattr(tower, "pool_type", ""))


def _eos_id(tower: Any) -> int:
    return int(getattr(tower, "text_eos_id", None) or getattr(tower, "eos_id", None) or -1)


def _forward(tower: Any, tokens: torch.Tensor) -> torch.Tensor:
    length = tokens.shape[1]
    dtype = tower.transformer.get_cast_dtype()
    x: torch.Tensor = tower.token_embedding(tokens).to(dtype)
    x = x + tower.positional_embedding[:length].to(dtype)
    x = tower.transformer(x, attn_mask=tower.attn_mask[:length, :length])
    x = tower.ln_final(x)
    x = text_global_pool(x, tokens, _pool_type(tower), eos_token_id=_eos_id(tower))
    projection = tower.text_projection
    if projection is None:
        return x
    projected: torch.Tensor = (
        projection(x) if isinstance(projection, torch.nn.Module) else x @ projection
    )
    return projected
