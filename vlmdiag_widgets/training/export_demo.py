"""Write a trained model as an open_clip folder: config, half-precision weights, vocabulary."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from vlmdiag_widgets.training.architecture import MODEL_CONFIG, PREPROCESS_CONFIG

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DEMO_FOLDER = Path(__file__).parents[1] / "assets" / "demo0"


def full_table(rows: Tensor, known: NDArray[np.int64]) -> Tensor:
    """Return the token table for all tokens; those never trained get the unknown row."""
    table = rows[0].repeat(MODEL_CONFIG["text_cfg"]["vocab_size"], 1)
    table[torch.from_numpy(known)] = rows[1:]
    return table


def export(
    state: dict[str, Tensor], known: NDArray[np.int64], words: Sequence[str], folder: Path
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
    """
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: value.detach().clone() for name, value in state.items()}
    weights["token_embedding.weight"] = full_table(weights["token_embedding.weight"], known)
    halves = {
        name: (value.half() if value.is_floating_point() else value).contiguous()
        for name, value in weights.items()
    }
    partial = folder / "open_clip_model.partial"
    save_file(halves, partial)
    partial.chmod(0o644)  # safetensors writes for the owner only
    partial.rename(folder / "open_clip_model.safetensors")
    config = {"model_cfg": MODEL_CONFIG, "preprocess_cfg": PREPROCESS_CONFIG}
    write_json(folder / "open_clip_config.json", config)
    write_json(folder / "vocabulary.json", list(words))


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file by way of a temporary neighbour."""
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    partial.rename(path)
