"""Build an open_clip model and its tokenizer without touching open_clip's registry."""

from __future__ import annotations

import json
import logging
import pickle
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import open_clip
import torch
from safetensors import SafetensorError

from vlmdiag_widgets._errors import InputError, WeightsError
from vlmdiag_widgets.encoders.names import CONFIG_FILE, ModelSpec

_TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "spiece.model")

# What reading a file raises, against what fitting its weights into a model does.
_UNREADABLE = (OSError, EOFError, RuntimeError, pickle.UnpicklingError, SafetensorError)

# Signs that torch's weights-only reader met something that is no tensor.
_CODE = ("Unsupported global", "TorchScript")


def build_model(spec: ModelSpec) -> Any:
    """Return the model of `spec` on the CPU, in float32, weights loaded.

    Raises
    ------
    WeightsError
        The checkpoint is damaged, does not fit, or holds more than tensors.
    InputError
        The config is not one open_clip can build, or a package is missing.
    """
    try:
        model = _create(spec)
    except ModuleNotFoundError as error:
        raise _missing_package(spec, error) from error
    # A config is data of the user's: whatever type open_clip's constructors raise on it,
    # the config is what has to be looked at.
    except Exception as error:
        raise InputError(
            f"open_clip cannot build a model from the config of {spec.name!r} ({error}).",
            "Check embed_dim, vision_cfg and text_cfg against one of open_clip's own configs.",
        ) from error
    if spec.checkpoint is not None:
        _load_weights(model, spec.name, spec.checkpoint)
    return model


def _create(spec: ModelSpec) -> Any:
    """Build by way of a folder that holds the config alone: no name is registered."""
    with (
        tempfile.TemporaryDirectory(prefix="vlmdiag-") as folder,
        torch.random.fork_rng(devices=[]),
        _quiet(),
    ):
        content = {"model_cfg": spec.config, "preprocess_cfg": {}}
        Path(folder, CONFIG_FILE).write_text(json.dumps(content), encoding="utf-8")
        torch.manual_seed(0)
        return open_clip.create_model(
            f"local-dir:{folder}",
            load_weights=False,
            pretrained_text=False,
            force_preprocess_cfg=_known_settings(spec.preprocess),
            device="cpu",
            precision="fp32",
        )


@contextmanager
def _quiet() -> Iterator[None]:
    """Drop open_clip's warnings on the root logger that there are no weights yet."""

    def keep(record: logging.LogRecord) -> bool:
        return "weights" not in record.getMessage() or "open_clip" not in record.pathname

    root = logging.getLogger()
    root.addFilter(keep)
    try:
        yield
    finally:
        root.removeFilter(keep)


def _known_settings(settings: dict[str, Any]) -> dict[str, Any]:
    fields = open_clip.transform.PreprocessCfg.__dataclass_fields__
    # The size is the network's own; a file cannot change it.
    return {k: v for k, v in settings.items() if k in fields and k != "size"}


def _load_weights(model: Any, name: str, path: Path) -> None:
    try:
        open_clip.load_checkpoint(model, str(path), strict=True, weights_only=True)
    except _UNREADABLE as error:
        text = " ".join(str(error).split())
        if any(sign in text for sign in _CODE):
            raise _holds_code(path) from error
        if "Error(s) in loading state_dict" in text:
            raise _unfit(path, name, text.partition(": ")[2][:300]) from error
        # What torch says here advises to load the file without its guard: not repeated.
        why = "" if "weights_only" in text else f" ({text[:300]})"
        raise WeightsError(
            f"The checkpoint {path} cannot be read{why}: it is damaged or no checkpoint.",
            "Copy or download it again.",
        ) from error
    # Weights of another kind of model fail anywhere in open_clip's conversions.
    except Exception as error:
        raise _unfit(path, name, f"{type(error).__name__}: {error}") from error


def _holds_code(path: Path) -> WeightsError:
    return WeightsError(
        f"The checkpoint {path} holds more than tensors and is not loaded, "
        "since that could run code.",
        "Save the plain weights where you trust the file: "
        "safetensors.torch.save_file(model.state_dict(), 'model.safetensors').",
    )


def _unfit(path: Path, name: str, reason: str) -> WeightsError:
    return WeightsError(
        f"The checkpoint {path} does not fit the model {name!r} ({reason}).",
        "Name the model it was saved from, or give its config.",
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
