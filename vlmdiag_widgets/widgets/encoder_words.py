"""What the editors say about an encoder: its name, and the words it never learned."""

from __future__ import annotations

from typing import Any


def encoder_name(audit: Any) -> str:
    """Return the encoder as people call it: ``demo@1``, ``ViT-B-32 (laion2b_s34b_b79k)``."""
    encoder = audit.encoder
    if encoder is None:
        return "the encoder"
    name = str(getattr(encoder, "name", type(encoder).__name__))
    pretrained = str(getattr(encoder, "pretrained", "") or "")
    return name if "@" in name or not pretrained else f"{name} ({pretrained})"


def unknown_words(audit: Any, text: str) -> list[str]:
    """Return the words of `text` outside the encoder's vocabulary, where it has a closed one."""
    find = getattr(audit.encoder, "unknown_words", None)
    return [] if find is None else list(find(text))
