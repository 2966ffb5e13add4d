"""`VisionEncoder`: a network that sees images and reads no texts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from safetensors import SafetensorError
from safetensors.torch import load_file

from vlmdiag_widgets._errors import InputError, WeightsError
from vlmdiag_widgets._progress import ProgressFn, no_progress
from vlmdiag_widgets.encoders.digest import model_digest
from vlmdiag_widgets.encoders.encoder import Encoder, Rows
from vlmdiag_widgets.encoders.names import VISION_NAMES
from vlmdiag_widgets.encoders.vision_model import (
    CONFIG_FILE,
    WEIGHTS_FILE,
    VisionModel,
    build_vision_model,
)

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Head:
    """The linear layer that a supervised network's classes were read from.

    Attributes
    ----------
    weight : ndarray of float32, shape (classes, dim)
    bias : ndarray of float32, shape (classes,)
    classes : tuple of str
        The class of each row.
    """

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]
    classes: tuple[str, ...]

    def logits(self, features: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return float32 scores (n, classes) of un-normalised features (n, dim)."""
        return np.asarray(features @ self.weight.T + self.bias, dtype=np.float32)


class VisionEncoder(Encoder):
    """Images → un-normalised float32 vectors: the pooled penultimate layer.

    Made by `load_encoder`. Images go in as with `Encoder`; whatever asks for texts is refused.

    Parameters
    ----------
    model : VisionModel
        Weights loaded.
    config : dict
        The content of ``vision_config.json``.
    name, pretrained : str
    device : torch.device
    precision : {"fp32", "bf16", "fp16"}
    """

    reads_texts = False

    def __init__(
        self,
        model: VisionModel,
        *,
        config: dict[str, Any],
        name: str,
        pretrained: str,
        device: torch.device,
        precision: str,
    ) -> None:
        super().__init__(
            model,
            None,
            config=config,
            preprocess=config["preprocess_cfg"],
            name=name,
            pretrained=pretrained,
            device=device,
            precision=precision,
        )

    @cached_property
    def head(self) -> Head | None:
        """The classes the network was trained on; None where it was told none."""
        classes = self._config.get("classes")
        if not classes:
            return None
        layer = self._model.head
        weight, bias = (part.detach().float().cpu().numpy() for part in (layer.weight, layer.bias))
        return Head(weight, bias, tuple(classes))

    @property
    def logit_scale(self) -> float:
        """Refused: there are no texts to compare with."""
        self._refuse_texts()

    @cached_property
    def key(self) -> str:
        """Digest of weights, config, preprocessing and precision, 32 hex digits."""
        settings = {"config": self._config, "precision": self.precision}
        return model_digest(self._model.state_dict(), settings)

    def describe(self) -> dict[str, Any]:
        """Return what is worth recording about the encoder, as JSON values."""
        return {
            "name": self.name,
            "pretrained": self.pretrained,
            "key": self.key,
            "dim": self.dim,
            "image_size": self.image_size,
            "device": str(self.device),
            "precision": self.precision,
            "parameters": sum(p.numel() for p in self._model.parameters()),
            "classes": None if self.head is None else len(self.head.classes),
            "reads_texts": False,
        }

    def __repr__(self) -> str:
        return "Vision" + super().__repr__()

    def encode_texts(
        self,
        texts: Sequence[str],  # noqa: ARG002 - the signature of every encoder
        batch_size: int | None = None,  # noqa: ARG002
        progress: ProgressFn = no_progress,  # noqa: ARG002
    ) -> Rows:
        """Refuse: the network reads no texts.

        Raises
        ------
        InputError
            Always.
        """
        self._refuse_texts()

    def text_batches(
        self,
        texts: Sequence[str],  # noqa: ARG002
        batch_size: int | None = None,  # noqa: ARG002
    ) -> Iterator[tuple[NDArray[np.intp], Rows]]:
        """Refuse at once, not when the first batch is asked for."""
        self._refuse_texts()

    def _refuse_texts(self) -> NoReturn:
        raise InputError(
            f"{self.name} sees images only: it has no vectors of texts.",
            'Use load_encoder("demo") or another vision-language model for texts.',
        )


def vision_folder(name: Any) -> Path | None:
    """Return the folder of a vision-only network's files, or None for anything else."""
    if not isinstance(name, str) or not name:
        return None
    if name in VISION_NAMES:
        folder = VISION_NAMES[name].replace("@", "")
        return Path(str(resources.files("vlmdiag_widgets") / "assets" / folder))
    given = Path(name.removeprefix("local-dir:")).expanduser()
    return given if (given / CONFIG_FILE).is_file() else None


def load_vision(name: str, folder: Path, device: torch.device, precision: str) -> VisionEncoder:
    """Load a vision-only network from its folder.

    Raises
    ------
    WeightsError
        A file is missing or damaged, or the weights are another network's.
    """
    embedded = name in VISION_NAMES
    hint = "Install vlmdiag_widgets again." if embedded else "Copy the folder again."
    full_name = VISION_NAMES.get(name, folder.resolve().name)
    try:
        config = _read_config(folder / CONFIG_FILE)
        model = build_vision_model(config)
        _load_weights(model, folder / WEIGHTS_FILE)
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        text = " ".join(str(error).split())[:300]
        raise WeightsError(
            f"The files of the encoder {full_name!r} are missing or damaged ({text}).", hint
        ) from error
    return VisionEncoder(
        model,
        config=config,
        name=full_name,
        pretrained="embedded" if embedded else str(folder),
        device=device,
        precision=precision,
    )


def _read_config(path: Path) -> dict[str, Any]:
    config = json.loads(path.read_text(encoding="utf-8"))
    needed = ("architecture", "embed_dim", "preprocess_cfg", "classes")
    missing = [name for name in needed if not isinstance(config, dict) or name not in config]
    if missing:
        raise ValueError(f"{path.name} has no {missing[0]!r}")
    found: dict[str, Any] = dict(config)
    kinds = {"architecture": dict, "embed_dim": int, "preprocess_cfg": dict}
    wrong = [name for name, kind in kinds.items() if not isinstance(found[name], kind)]
    if not isinstance(found["classes"], list | None):
        wrong.append("classes")
    if not wrong:
        wrong = [name for name in ("size", "mean", "std") if name not in found["preprocess_cfg"]]
    if wrong:
        raise ValueError(f"{path.name} has no {wrong[0]!r} that can be used")
    return found


def _load_weights(model: VisionModel, path: Path) -> None:
    """Put weights, kept in half precision, into a float32 network."""
    weights = load_file(path)
    wide = {k: v.float() if v.is_floating_point() else v for k, v in weights.items()}
    model.network.load_state_dict(wide)
