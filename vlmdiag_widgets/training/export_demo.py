"""Write a trained model as an open_clip folder: config, half-precision weights, vocabulary."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from vlmdiag_widgets.training.architecture import PREPROCESS_CONFIG, TOKENS, model_config

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DEMO_FOLDER = Path(__file__).parents[1] / "assets" / "demo1"


def full_table(rows: Tensor, known: NDArray[np.int64]) -> Tensor:
    """Return the token table for all tokens; those never trained get the unknown row."""
    table = rows[0].repeat(TOKENS, 1)
    table[torch.from_numpy(known)] = rows[1:]
    return table


def full_state(state: dict[str, Tensor], known: NDArray[np.int64]) -> dict[str, Tensor]:
    """Return a training model's weights with the token table of all tokens."""
    weights = {name: value.detach().cpu().clone() for name, value in state.items()}
    weights["token_embedding.weight"] = full_table(weights["token_embedding.weight"], known)
    return weights


def export(
    state: dict[str, Tensor],
    known: NDArray[np.int64],
    words: Sequence[str],
    folder: Path,
    architecture: str = "resnet",
) -> None:
    """Write the folder; each file appears whole or not at all.

    Parameters
    ----------
    state : dict
        The training model's weights; its token table has one row per known token and row 0 for
        the unknown.
    known : int64 array
        The token numbers of the table's rows from row 1 on.
    words : sequence of str
        The words of the training captions.
    folder : Path
        Where the files go.
    architecture : str
        ``"resnet"`` or ``"vit"``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    halves = {
        name: (value.half() if value.is_floating_point() else value).contiguous()
        for name, value in full_state(state, known).items()
    }
    partial = folder / "open_clip_model.partial"
    save_file(halves, partial)
    partial.chmod(0o644)  # safetensors writes for the owner only
    partial.rename(folder / "open_clip_model.safetensors")
    config = {"model_cfg": model_config(architecture), "preprocess_cfg": PREPROCESS_CONFIG}
    write_json(folder / "open_clip_config.json", config)
    write_json(folder / "vocabulary.json", list(words))


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file by way of a temporary neighbour."""
    # Two processes may write neighbours of one name at a time.
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    partial.rename(path)
