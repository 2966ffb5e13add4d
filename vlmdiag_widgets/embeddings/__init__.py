"""The embedding store: content-keyed, memory-mapped, resumable, shared."""

from vlmdiag_widgets.embeddings.store import EmbeddingStore

__all__ = ["EmbeddingStore"]
