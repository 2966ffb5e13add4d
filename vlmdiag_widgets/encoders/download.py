"""Published weights: from the local cache, else from the hub, else a clear way out."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import huggingface_hub
import open_clip

from vlmdiag_widgets._errors import WeightsError

_SECONDS = 5.0
_CONFIG = "open_clip_config.json"
_FILES = (
    "open_clip_model.safetensors",
    "open_clip_pytorch_model.safetensors",
    "open_clip_pytorch_model.bin",
)


def fetch_tag(
    model: str, tag: str, published: dict[str, Any], cache_dir: str | Path | None
) -> Path:
    """Return the checkpoint file of a tag.

    Parameters
    ----------
    model, tag : str
        As the user typed them.
    published : dict
        open_clip's entry for the tag: ``hf_hub`` or ``url``.
    cache_dir : path, optional
        Where downloads lie; default: the hub's own cache.

    Raises
    ------
    WeightsError
        Neither cached nor reachable; the hint names the file and how to pass it.
    """
    place = str(cache_dir) if cache_dir is not None else None
    cached = _cached(published, place)
    if cached is not None:
        return cached
    if not is_reachable():
        raise _offline(model, tag, published)
    try:
        return Path(open_clip.pretrained.download_pretrained(published, cache_dir=place))
    # The hub's client, urllib and open_clip each raise types of their own here.
    except Exception as error:
        raise _offline(model, tag, published) from error


def fetch_folder(repository: str, cache_dir: str | Path | None) -> Path:
    """Return a local folder with the config and weights of a hub repository."""
    place = str(cache_dir) if cache_dir is not None else None
    wanted = [_CONFIG, "*.safetensors", "open_clip_pytorch_model.bin", "*token*", "vocab*"]
    try:
        return Path(
            huggingface_hub.snapshot_download(
                repository,
                cache_dir=place,
                allow_patterns=wanted,
                local_files_only=not is_reachable(),
            )
        )
    except Exception as error:
        raise WeightsError(
            f"The repository {repository!r} cannot be reached and is not cached.",
            f"Where there is a network, download its {_CONFIG} and weights into one folder, "
            "copy it here and pass the folder's path as the name.",
        ) from error


def is_reachable() -> bool:
    """Return whether the hub answers within a few seconds.

    Its client would retry for the better part of a minute before giving up, a long
    wait in an air-gapped lab. A proxy is trusted to know the way.
    """
    if huggingface_hub.constants.HF_HUB_OFFLINE:
        return False
    if any(os.environ.get(name) for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY")):
        return True
    host = urlparse(huggingface_hub.constants.ENDPOINT)
    try:
        socket.create_connection((host.hostname or "", host.port or 443), _SECONDS).close()
    except OSError:
        return False
    return True


def _cached(published: dict[str, Any], cache_dir: str | None) -> Path | None:
    if "file" in published:
        return Path(published["file"])
    repository, filename = os.path.split(published.get("hf_hub", ""))
    for name in [filename] if filename else _FILES:
        found = huggingface_hub.try_to_load_from_cache(repository, name, cache_dir=cache_dir)
        if isinstance(found, str):
            return Path(found)
    return None


def _offline(model: str, tag: str, published: dict[str, Any]) -> WeightsError:
    repository, filename = os.path.split(published.get("hf_hub", ""))
    source = f"Hugging Face repository {repository}" if repository else "model's publisher"
    file = filename or _FILES[0]
    return WeightsError(
        f"The weights of {model!r}, tag {tag!r}, are not on this machine and cannot be downloaded.",
        f"Where there is a network, get {file} from the {source}, copy it here and use "
        f"load_encoder({model!r}, pretrained='/path/to/{file}'); or load_encoder('demo'), "
        "which needs no download.",
    )
