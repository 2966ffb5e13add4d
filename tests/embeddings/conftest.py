"""A small random encoder that counts what it is asked to embed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vlmdiag_widgets.datasets import ImageDataset
from vlmdiag_widgets.embeddings import EmbeddingStore
from vlmdiag_widgets.encoders import Encoder, load_encoder

CONFIG: dict[str, Any] = {
    "embed_dim": 16,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "patch_size": 16},
    "text_cfg": {"context_length": 16, "width": 16, "heads": 2, "layers": 1},
}


class Counting:
    """An encoder and the numbers of images and texts it really embedded."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.images = self.texts = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._encoder, name)

    def image_batches(self, images, batch_size=4, on_broken=None):
        for at, rows in self._encoder.image_batches(images, batch_size, on_broken):
            self.images += len(at)
            yield at, rows

    def text_batches(self, texts, batch_size=4):
        for at, rows in self._encoder.text_batches(texts, batch_size):
            self.texts += len(at)
            yield at, rows


@pytest.fixture(scope="session")
def model() -> Encoder:
    return load_encoder("small", "random", config=CONFIG, device="cpu")


@pytest.fixture
def encoder(model: Encoder) -> Counting:
    return Counting(model)


@pytest.fixture
def store(tmp_path: Path) -> EmbeddingStore:
    return EmbeddingStore(tmp_path / "store")


@pytest.fixture
def data() -> ImageDataset:
    rng = np.random.default_rng(0)
    return ImageDataset.from_arrays(rng.integers(0, 256, (12, 32, 32, 3), dtype=np.uint8))
