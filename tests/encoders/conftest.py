"""A very small random model in the demo's form, and its checkpoint on disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.torch import save_file

from vlmdiag_widgets.encoders import Encoder, load_encoder

CONFIG: dict[str, Any] = {
    "embed_dim": 24,
    "vision_cfg": {"image_size": 64, "layers": [1, 1, 1, 1], "width": 8, "head_width": 32},
    "text_cfg": {
        "context_length": 32,
        "vocab_size": 49408,
        "width": 32,
        "heads": 2,
        "layers": 2,
    },
}
PREPROCESS = {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "interpolation": "bicubic"}


@pytest.fixture(scope="session")
def tiny() -> Encoder:
    """Return a random encoder; its batch norms have statistics worth folding."""
    encoder = load_encoder("tiny", "random", config={"model_cfg": CONFIG}, device="cpu")
    shake(encoder)
    return encoder


def shake(encoder: Encoder) -> None:
    """Give batch norms weights, biases and statistics unlike a fresh model's."""
    rng = np.random.default_rng(0)
    for name, value in encoder._model.state_dict().items():
        if ("bn" in name or "downsample.1" in name) and value.ndim:
            value.copy_(value.new_tensor(rng.uniform(0.5, 1.5, value.shape)))


@pytest.fixture
def model_folder(tiny: Encoder, tmp_path: Path) -> Path:
    """Return a folder with config, safetensors weights and a vocabulary."""
    folder = tmp_path / "tiny-clip"
    folder.mkdir()
    config = {"model_cfg": CONFIG, "preprocess_cfg": PREPROCESS}
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    (folder / "vocabulary.json").write_text(json.dumps(["photo", "bird", "a", "of", "the"]))
    weights = {k: v.clone().contiguous() for k, v in tiny._model.state_dict().items()}
    save_file(weights, folder / "open_clip_model.safetensors")
    return folder


@pytest.fixture
def pictures() -> list[np.ndarray]:
    """Return ten noisy pictures at the model's size."""
    rng = np.random.default_rng(1)
    return list(rng.integers(0, 256, (10, 64, 64, 3), dtype=np.uint8))
