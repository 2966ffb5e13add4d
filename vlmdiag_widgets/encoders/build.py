"""Build an open_clip model and its tokenizer without touching open_clip's registry."""

from __future__ import annotations

import json
import pickle
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import open_clip
import torch

from vlmdiag_widgets._errors import InputError, WeightsError
from vlmdiag_widgets.encoders.names import CONFIG_FILE, ModelSpec

_TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "spiece.model")
_SUFFIXES = {".safetensors": ".safetensors", ".bin": ".bin", ".pth": ".pth"}


def build_model(spec: ModelSpec) -> Any:
    """Return the model of `spec` on the CPU, in float32, weights loaded.

    Raises
    ------
    WeightsError
        The checkpoint is damaged, does not fit, or holds more than tensors.
    InputError
        The config is not one open_clip can build, or a package is missing.
    """
    if spec.checkpoint is not None:
        _check_checkpoint(spec.checkpoint)
    try:
        return _create(spec)
    except ModuleNotFoundError as error:
        raise _missing_package(spec, error) from error
    except (TypeError, AttributeError, KeyError, AssertionError) as error:
        raise InputError(
            f"open_clip cannot build a model from the config of {spec.name!r} ({error}).",
            "Check embed_dim, vision_cfg and text_cfg against one of open_clip's own configs.",
        ) from error
    # Unpickling, safetensors and state-dict errors come as many types.
    except Exception as error:
        raise _unreadable(spec, error) from error


def _create(spec: ModelSpec) -> Any:
    random = spec.checkpoint is None
    with _as_folder(spec) as folder, torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return open_clip.create_model(
            f"local-dir:{folder}",
            load_weights=not random,
            pretrained_text=False,
            force_preprocess_cfg=_known_settings(spec.preprocess),
            device="cpu",
            precision="fp32",
            weights_only=True,
        )


@contextmanager
def _as_folder(spec: ModelSpec) -> Iterator[Path]:
    """Lay config and checkpoint side by side, as open_clip's local loading wants them."""
    with tempfile.TemporaryDirectory(prefix="vlmdiag-") as place:
        folder = Path(place)
        content = {"model_cfg": spec.config, "preprocess_cfg": {}}
        (folder / CONFIG_FILE).write_text(json.dumps(content), encoding="utf-8")
        if spec.checkpoint is not None:
            suffix = _SUFFIXES.get(spec.checkpoint.suffix, ".pth")
            _link(spec.checkpoint.resolve(), folder / f"model{suffix}")
        yield folder


def _link(checkpoint: Path, target: Path) -> None:
    try:
        target.symlink_to(checkpoint)
    except OSError:  # Windows without the right to make links
        shutil.copyfile(checkpoint, target)


def _known_settings(settings: dict[str, Any]) -> dict[str, Any]:
    fields = open_clip.transform.PreprocessCfg.__dataclass_fields__
    # The size is the network's own; a file cannot change it.
    return {k: v for k, v in settings.items() if k in fields and k != "size"}


def _check_checkpoint(path: Path) -> None:
    if path.suffix in (".npz", ".npy"):
        raise InputError(
            f"{path.name} holds big_vision arrays.",
            "Convert it to safetensors with open_clip first, then pass that file.",
        )
    with path.open("rb") as file:
        head = file.read(4)
    if not head:
        raise WeightsError(f"The checkpoint {path} is empty.", "Copy or download it again.")


def _unreadable(spec: ModelSpec, error: Exception) -> WeightsError:
    text = " ".join(str(error).split())
    if isinstance(error, pickle.UnpicklingError) or "TorchScript" in text:
        return WeightsError(
            f"The checkpoint {spec.checkpoint} holds more than tensors and is not loaded, "
            "since that could run code.",
            "Save the plain weights where you trust the file: "
            "safetensors.torch.save_file(model.state_dict(), 'model.safetensors').",
        )
    if "Error(s) in loading state_dict" in text:
        return WeightsError(
            f"The checkpoint {spec.checkpoint} does not fit the model {spec.name!r}: "
            f"{text.partition(': ')[2][:300]}",
            "Name the model it was saved from, or give its config.",
        )
    return WeightsError(
        f"The checkpoint {spec.checkpoint} cannot be read ({text[:300]}).",
        "Copy or download it again.",
    )


def build_tokenizer(spec: ModelSpec) -> Any:
    """Return the tokenizer of `spec`: texts → (m, context) tokens."""
    try:
        if spec.builtin is not None:
            return open_clip.get_tokenizer(spec.builtin)
        if spec.folder is not None and _has_tokenizer(spec.folder):
            return open_clip.get_tokenizer(f"local-dir:{spec.folder}")
        return _from_settings(spec.config["text_cfg"])
    except ModuleNotFoundError as error:
        raise _missing_package(spec, error) from error
    except Exception as error:
        raise WeightsError(
            f"The tokenizer of {spec.name!r} is not on this machine and cannot be downloaded.",
            "Where there is a network, save it with save_pretrained, copy the folder here with "
            "the config and the weights in it, and pass the folder's path as the name.",
        ) from error


def _has_tokenizer(folder: Path) -> bool:
    return any((folder / name).is_file() for name in _TOKENIZER_FILES)


def _from_settings(text: dict[str, Any]) -> Any:
    context = text.get("context_length", open_clip.tokenizer.DEFAULT_CONTEXT_LENGTH)
    settings = text.get("tokenizer_kwargs", {})
    if text.get("hf_tokenizer_name"):
        return open_clip.tokenizer.HFTokenizer(
            text["hf_tokenizer_name"],
            context_length=context,
            tokenizer_mode=text.get("tokenizer_mode"),
            **settings,
        )
    return open_clip.tokenizer.SimpleTokenizer(context_length=context, **settings)


def _missing_package(spec: ModelSpec, error: ModuleNotFoundError) -> InputError:
    return InputError(
        f"The model {spec.name!r} needs the package {error.name!r}, which is not installed.",
        f"Install it with: pip install {error.name}",
    )
