"""Gradients to the input, never to the weights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import nn


@contextmanager
def frozen(model: nn.Module) -> Iterator[None]:
    """Run with gradients on, the model in eval mode and its parameters taking none.

    Every parameter's flag and every module's mode are as before afterwards.
    """
    thawed = [p for p in model.parameters() if p.requires_grad]
    training = [m for m in model.modules() if m.training]
    try:
        for parameter in thawed:
            parameter.requires_grad_(False)
        model.eval()
        with torch.enable_grad():
            yield
    finally:
        for parameter in thawed:
            parameter.requires_grad_(True)
        for module in training:
            module.training = True
