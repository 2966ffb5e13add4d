"""The encoder as it was before its first training step, rebuilt from its card and its weights."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from safetensors.torch import load_file

from vlmdiag_widgets.encoders.load import load_encoder
from vlmdiag_widgets.training.architecture import build
from vlmdiag_widgets.training.evaluation.cards import Shipped
from vlmdiag_widgets.training.export_demo import export

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vlmdiag_widgets.encoders.encoder import Encoder


def untrained(one: Shipped) -> Encoder:
    """Return the encoder with the weights that its training started from.

    They follow from the seed, the architecture and the number of tokens in the training captions.
    """
    settings = one.card().get("training", {}).get("settings", {})
    architecture = str(settings.get("architecture", "resnet"))
    known = known_tokens(one.folder)
    torch.manual_seed(int(settings.get("seed", 0)))
    state = build(len(known) + 1, architecture).state_dict()
    with tempfile.TemporaryDirectory() as folder:
        export(state, known, [], Path(folder), architecture)
        return load_encoder(folder, device="cpu")


def known_tokens(folder: Path) -> NDArray[np.int64]:
    """Return the numbers of the tokens that were trained: all others share one row."""
    weights = load_file(folder / "open_clip_model.safetensors")
    table = weights["token_embedding.weight"].view(torch.int16)
    kinds, which, counts = torch.unique(table, dim=0, return_inverse=True, return_counts=True)
    del kinds
    return np.asarray(torch.nonzero(which != counts.argmax())[:, 0].numpy(), dtype=np.int64)
