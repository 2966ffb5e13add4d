"""The same vectors on a GPU, faster."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from vlmdiag_widgets.encoders import load_encoder

pytestmark = pytest.mark.gpu

TEXTS = ["a photo of a bird", "a bird in the forest"]


def cosines(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return (x * y).sum(1) / (np.linalg.norm(x, axis=1) * np.linalg.norm(y, axis=1))


@pytest.mark.parametrize(("precision", "least"), [("fp32", 0.9999), ("auto", 0.99)])
def test_a_gpu_gives_the_cpu_vectors(pictures, precision, least):
    cpu, gpu = load_encoder("demo", device="cpu"), load_encoder("demo", precision=precision)
    assert gpu.device.type == "cuda"
    assert cosines(cpu.encode_images(pictures), gpu.encode_images(pictures)).min() > least
    assert cosines(cpu.encode_texts(TEXTS), gpu.encode_texts(TEXTS)).min() > least


def test_gradients_on_a_gpu(pictures):
    encoder = load_encoder("demo", device="cuda")
    pixels = encoder.preprocess(pictures[0])[None].cuda().requires_grad_(True)
    encoder.image_features(pixels).sum().backward()
    assert pixels.grad.abs().sum() > 0


def test_a_batch_too_large_for_the_gpu_is_halved(pictures):
    encoder = load_encoder("RN50", "random", device="cuda")
    free = torch.cuda.mem_get_info()[0]
    hog = torch.empty(int(free * 0.97), dtype=torch.uint8, device="cuda")
    try:
        found = encoder.encode_images(pictures * 200, batch_size=2000)
    finally:
        del hog
        torch.cuda.empty_cache()
    assert np.isfinite(found).all()
