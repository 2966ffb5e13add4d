"""A name for what a model computes: the digest of its weights and settings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch


def model_digest(state: Mapping[str, torch.Tensor], settings: Mapping[str, Any]) -> str:
    """Return 32 hex digits that change with any weight and any setting.

    Parameters
    ----------
    state : mapping
        The model's state dict.
    settings : mapping
        JSON values: model config, preprocessing, precision.
    """
    digest = hashlib.blake2b(digest_size=16)
    digest.update(json.dumps(settings, sort_keys=True, default=str).encode())
    names = sorted(state)
    # hashlib lets other threads run, so large models are read on several cores.
    with ThreadPoolExecutor() as pool:
        for name, part in zip(
            names, pool.map(lambda name: _tensor_digest(state[name]), names), strict=True
        ):
            digest.update(name.encode() + part)
    return digest.hexdigest()


def _tensor_digest(tensor: torch.Tensor) -> bytes:
    flat = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
    head = f"{tensor.dtype}{tuple(tensor.shape)}".encode()
    return hashlib.blake2b(head + bytes(flat.numpy().data), digest_size=16).digest()
