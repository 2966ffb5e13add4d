"""From what a user types to a config, a checkpoint file and preprocessing settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import open_clip

from vlmdiag_widgets._errors import InputError, WeightsError, nearest_names
from vlmdiag_widgets.encoders.download import fetch_folder, fetch_tag

#: Names of the embedded encoders, each with its full name; the number is the weights' version.
DEMO_NAMES = {"demo": "demo@1", "demo-vit": "demo-vit@1"}
DEMO_NAMES |= {full: full for full in DEMO_NAMES.values()}

#: Names of the embedded networks that see images only, each with its full name.
VISION_NAMES = {
    "demo-resnet": "demo-resnet@1",
    "demo-ssl": "demo-ssl@1",
    "demo-convnext": "demo-convnext@1",
}
VISION_NAMES |= {full: full for full in VISION_NAMES.values()}

CONFIG_FILE = "open_clip_config.json"

_WEIGHTS = (".safetensors", ".bin", ".pth", ".pt")

#: `pretrained` value for weights drawn at random, with seed 0.
RANDOM = "random"


@dataclass
class ModelSpec:
    """All that is needed to build one model."""

    name: str
    pretrained: str
    config: dict[str, Any]
    preprocess: dict[str, Any] = field(default_factory=dict)
    checkpoint: Path | None = None
    builtin: str | None = None  # open_clip's own name, when the config is its own
    folder: Path | None = None  # where tokenizer and vocabulary files lie


def resolve(
    name: str,
    pretrained: str | Path | None,
    config: Mapping[str, Any] | str | Path | None,
    cache_dir: str | Path | None,
) -> ModelSpec:
    """Find config and weights for a name; see `load_encoder` for what a name may be.

    Raises
    ------
    InputError
        Unknown model, tag or file; the message offers the nearest names.
    WeightsError
        The weights cannot be reached or are incomplete.
    """
    given: object = name  # callers are not checked for types
    if not isinstance(given, str) or not given:
        what = f"{given!r}, which is no text" if given else "empty"
        raise InputError(f"The model name is {what}.", "Use 'demo' or 'ViT-B-32'.")
    if config is not None:
        return _from_config(name, pretrained, config)
    if name in DEMO_NAMES:
        refuse_pretrained(name, pretrained)
        return _demo(DEMO_NAMES[name])
    if name.startswith("hf-hub:"):
        refuse_pretrained(name, pretrained)
        folder = fetch_folder(name.removeprefix("hf-hub:"), cache_dir)
        return _from_folder(name, folder, "hub")
    folder = Path(name.removeprefix("local-dir:")).expanduser()
    if name.startswith("local-dir:") or (folder / CONFIG_FILE).is_file():
        refuse_pretrained(name, pretrained)
        return _from_folder(folder.resolve().name, folder, str(folder))
    return _builtin(name, pretrained, cache_dir)


def _demo(name: str) -> ModelSpec:
    folder = Path(str(resources.files("vlmdiag_widgets") / "assets" / name.replace("@", "")))
    if not (folder / CONFIG_FILE).is_file():
        raise WeightsError(
            "The embedded demo encoder is missing from this installation.",
            "Install vlmdiag_widgets again.",
        )
    return _from_folder(name, folder, "embedded")


def _from_folder(name: str, folder: Path, pretrained: str) -> ModelSpec:
    if not folder.is_dir():
        raise InputError(f"The folder {folder} does not exist.", "Check the path.")
    config, preprocess = read_config(folder / CONFIG_FILE)
    checkpoint = _checkpoint_in(folder)
    if checkpoint is None:
        raise WeightsError(
            f"The folder {folder} holds a config but no weights.",
            "Put open_clip_model.safetensors beside it.",
        )
    return ModelSpec(name, pretrained, config, preprocess, checkpoint, folder=folder)


def _checkpoint_in(folder: Path) -> Path | None:
    """Return the weights in a folder: safetensors first, then open_clip's usual names."""
    found = [p for suffix in _WEIGHTS for p in sorted(folder.glob(f"*{suffix}"))]
    return min(found, key=_rank, default=None)


def _rank(path: Path) -> tuple[bool, bool, str]:
    return path.suffix != _WEIGHTS[0], not path.name.startswith("open_clip"), path.name


def _from_config(
    name: str, pretrained: str | Path | None, config: Mapping[str, Any] | str | Path
) -> ModelSpec:
    folder = None
    if isinstance(config, Mapping):
        found, preprocess = _split_config(dict(config), "config")
    else:
        folder = Path(config).expanduser().parent
        found, preprocess = read_config(Path(config).expanduser())
    if pretrained == RANDOM:
        return ModelSpec(name, RANDOM, found, preprocess, folder=folder)
    checkpoint = Path(pretrained).expanduser() if pretrained is not None else None
    if checkpoint is None or not checkpoint.is_file():
        raise InputError(
            f"config was given with pretrained={str(pretrained)!r}, which is no file.",
            "Give the checkpoint's path, such as pretrained='model.safetensors'.",
        )
    return ModelSpec(name, str(checkpoint), found, preprocess, checkpoint, folder=folder)


def _builtin(name: str, pretrained: str | Path | None, cache_dir: str | Path | None) -> ModelSpec:
    known = open_clip.list_models()
    model = name.replace("/", "-")
    if model not in known:
        _refuse_other_version(name)
        near = nearest_names(name, [*known, *DEMO_NAMES, *VISION_NAMES])
        raise InputError(
            f"The model {name!r} is not known.",
            f"Nearest: {', '.join(near)}." if near else "See open_clip.list_models().",
        )
    spec = ModelSpec(model, str(pretrained), open_clip.get_model_config(model), builtin=model)
    tags = open_clip.list_pretrained_tags_by_model(model)
    tag = open_clip.get_pretrained_cfg(model, str(pretrained or ""))
    if tag:
        spec.preprocess = tag
        spec.checkpoint = fetch_tag(model, str(pretrained), tag, cache_dir)
        # Weights trained with QuickGELU compute something else without it.
        if tag.get("quick_gelu"):
            spec.config["quick_gelu"] = True
    elif pretrained != RANDOM:
        spec.checkpoint = _local_file(model, pretrained, tags)
        spec.preprocess = _sibling_preprocess(spec.checkpoint)
    return spec


def _refuse_other_version(name: str) -> None:
    """Say which version of an embedded encoder is here when another one is asked for."""
    here = {**DEMO_NAMES, **VISION_NAMES}.get(name.partition("@")[0])
    if here is not None:
        raise InputError(
            f"{name!r} is not in this version of the package, which carries {here!r}.",
            f"Use {here!r}; what was measured with other weights has to be measured anew.",
        )


def _local_file(model: str, pretrained: str | Path | None, tags: list[str]) -> Path:
    if pretrained is None:
        raise InputError(
            f"No weights were named for the model {model!r}.",
            f"Give pretrained= one of {', '.join(tags[:8]) or 'its tags'}, or a file.",
        )
    path = Path(pretrained).expanduser()
    if path.is_file():
        return path
    what = "is a folder" if path.is_dir() else "is no file"
    raise InputError(
        f"{str(pretrained)!r} {what} and no tag of the model {model!r}.",
        _tags_like(str(pretrained), tags),
    )


def _tags_like(given: str, tags: list[str]) -> str:
    near = nearest_names(given, tags)
    if near:
        return f"Nearest: {', '.join(near)}."
    return f"Its tags: {', '.join(tags[:8])}." if tags else "It has no tags: give a file."


def _sibling_preprocess(checkpoint: Path) -> dict[str, Any]:
    """Read preprocessing settings from a config that lies beside a checkpoint."""
    beside = checkpoint.parent / CONFIG_FILE
    return read_config(beside)[1] if beside.is_file() else {}


def read_config(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read an open_clip config file; return model config and preprocessing settings."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"The config {path} cannot be read ({error.strerror}).",
            f"Give an open_clip JSON config, usually named {CONFIG_FILE}.",
        ) from error
    except ValueError as error:
        raise InputError(f"The config {path} is no JSON ({error}).", "Check the file.") from error
    return _split_config(found, str(path))


def _split_config(found: Any, where: str) -> tuple[dict[str, Any], dict[str, Any]]:
    model = found.get("model_cfg", found) if isinstance(found, dict) else {}
    missing = [part for part in ("embed_dim", "vision_cfg", "text_cfg") if part not in model]
    if missing:
        raise InputError(
            f"The config {where} has no {missing[0]!r}.",
            "Expected an open_clip config with embed_dim, vision_cfg and text_cfg.",
        )
    preprocess = dict(found.get("preprocess_cfg", {})) if "model_cfg" in found else {}
    return dict(model), preprocess


def refuse_pretrained(name: str, pretrained: str | Path | None) -> None:
    """Raise `InputError` where weights are named for a model that carries its own."""
    if pretrained is not None:
        raise InputError(
            f"{name!r} carries its own weights, but pretrained={str(pretrained)!r} was given.",
            "Leave pretrained out.",
        )
