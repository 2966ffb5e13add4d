"""`load_encoder`: one way in for the demo, every open_clip model, and local checkpoints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from vlmdiag_widgets.encoders.build import build_model, build_tokenizer
from vlmdiag_widgets.encoders.device import choose_device, choose_precision
from vlmdiag_widgets.encoders.encoder import Encoder
from vlmdiag_widgets.encoders.names import refuse_pretrained, resolve
from vlmdiag_widgets.encoders.vision import load_vision, vision_folder
from vlmdiag_widgets.encoders.vocabulary import read_vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping

    import torch


def load_encoder(
    name: str,
    pretrained: str | Path | None = None,
    *,
    config: Mapping[str, Any] | str | Path | None = None,
    device: str | torch.device = "auto",
    precision: str = "auto",
    cache_dir: str | Path | None = None,
) -> Encoder:
    """Load a vision-language model, or one of the embedded networks that see images only.

    Parameters
    ----------
    name : str
        "demo" or "demo-vit" (embedded, no download); "demo-resnet", "demo-ssl" or "demo-convnext"
        (embedded, images only); an open_clip model such as "ViT-B-32",
        "hf-hub:owner/repository", or a folder with ``open_clip_config.json`` and
        weights. With `config`, any name you like.
    pretrained : str or path, optional
        A tag of the model, the path of a checkpoint file, or "random" for weights
        drawn with seed 0.
    config : mapping or path, optional
        An open_clip config (JSON) for a checkpoint of your own.
    device : str
        "auto" (a CUDA GPU if there is one), "cpu", "cuda", "cuda:1", ...
    precision : {"auto", "fp32", "bf16", "fp16"}
        "auto" is bf16 on a GPU that has it, else fp32 on a CPU; vectors are float32
        either way.
    cache_dir : path, optional
        Where downloaded weights lie.

    Returns
    -------
    Encoder
        For networks that see images only a `VisionEncoder`, which refuses texts.

    Raises
    ------
    InputError
        Unknown model, tag, device or precision; the nearest names are offered.
    WeightsError
        The weights cannot be reached, are damaged, or do not fit the model.
    DeviceError
        The device asked for is not there.
    """
    chosen = choose_device(device)
    chosen_precision = choose_precision(precision, chosen)
    vision = vision_folder(name) if config is None else None
    if vision is not None:
        refuse_pretrained(name, pretrained)
        return load_vision(name, vision, chosen, chosen_precision)
    spec = resolve(name, pretrained, config, cache_dir)
    model = build_model(spec)
    folder = spec.folder or Path(spec.checkpoint or ".").parent
    return Encoder(
        model,
        build_tokenizer(spec),
        config=spec.config,
        preprocess=dict(model.visual.preprocess_cfg),
        name=spec.name,
        pretrained=spec.pretrained,
        device=chosen,
        precision=chosen_precision,
        vocabulary=None if spec.builtin else read_vocabulary(folder / "vocabulary.json"),
    )
