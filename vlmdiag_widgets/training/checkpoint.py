"""Checkpoints of a training run: whole or not at all, read without running any code."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError

from vlmdiag_widgets._errors import WeightsError
from vlmdiag_widgets.training.settings import Settings, refuse_other

#: What writing a tensor file raises when the disk is full or gone, besides `OSError`.
WRITE_ERRORS = (OSError, RuntimeError, SafetensorError)


@dataclass(frozen=True)
class State:
    """Where a run is: steps done, seconds spent, and the tensors."""

    step: int
    spent: float
    model: dict[str, Any]
    optimizer: dict[str, Any]


def save(settings: Settings, state: State) -> None:
    """Write the checkpoint by way of a temporary neighbour, so that the last one stays whole."""
    path = settings.run / "checkpoint.pt"
    partial = path.with_suffix(".partial")
    content = {
        "settings": json.dumps(settings.told()),
        "step": state.step,
        "spent": state.spent,
        "model": state.model,
        "optimizer": state.optimizer,
    }
    try:
        torch.save(content, partial)
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.rename(path)
    except WRITE_ERRORS as error:
        partial.unlink(missing_ok=True)
        raise cannot_write(path, error) from error


def load(settings: Settings) -> State | None:
    """Return the checkpoint of the run, or None where there is none.

    Raises
    ------
    InputError
        If it was begun with other settings.
    WeightsError
        If the file is damaged.
    """
    path = settings.run / "checkpoint.pt"
    if not path.is_file():
        return None
    try:
        saved = torch.load(path, map_location="cpu", weights_only=True)
        told = json.loads(saved.pop("settings"))
        state = State(**saved)
    except Exception as error:
        raise WeightsError(
            f"The checkpoint {path} is damaged.", "Delete it to begin the run again."
        ) from error
    refuse_other(settings, told, settings.run)
    return state


def cannot_write(path: Path, error: BaseException) -> WeightsError:
    """Return the error that says why a file of the run cannot be written, and what is safe."""
    return WeightsError(
        f"{path.name} cannot be written to {path.parent}: {error}.",
        "Free some space, then start the same run again: it goes on from the last checkpoint, "
        "which is whole.",
    )
