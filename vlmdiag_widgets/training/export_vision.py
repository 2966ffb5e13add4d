"""Write a vision-only network: config, half-precision weights."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safetensors.torch import save_file

from vlmdiag_widgets.encoders.vision_model import CONFIG_FILE, WEIGHTS_FILE
from vlmdiag_widgets.training.export_demo import write_json

if TYPE_CHECKING:
    from torch import Tensor

ASSETS = Path(__file__).parents[1] / "assets"


def vision_folder(name: str) -> Path:
    """Return where the network is shipped: ``demo-ssl@1`` lies in ``demo-ssl1``."""
    return ASSETS / name.replace("@", "")


def export_vision(state: Mapping[str, Tensor], config: Mapping[str, Any], folder: Path) -> None:
    """Write the folder; each file appears whole or not at all.

    Parameters
    ----------
    state : mapping
        Weights of the timm network.
    config : mapping
        See `vlmdiag_widgets.training.architecture_vision.vision_config`.
    folder : Path
    """
    folder.mkdir(parents=True, exist_ok=True)
    halves = {
        name: (value.half() if value.is_floating_point() else value).detach().contiguous().clone()
        for name, value in state.items()
    }
    partial = folder / "model.partial"
    save_file(halves, partial)
    partial.chmod(0o644)  # safetensors writes for the owner only
    partial.rename(folder / WEIGHTS_FILE)
    write_json(folder / CONFIG_FILE, dict(config))
