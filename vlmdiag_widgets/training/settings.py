"""What a training run of the demo encoders is told, and what may not change when it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import torch

from vlmdiag_widgets._errors import InputError, nearest_names
from vlmdiag_widgets.training.architecture import ARCHITECTURES

ASSETS = Path(__file__).parents[1] / "assets"

#: Name of an encoder → its recipe. ResNet learns faster on processors; the ViT sees half of the
#: patches for most of its time, which doubles the pictures that it sees in that time, in batches
#: of half the size, because it needs more steps.
RECIPES: dict[str, dict[str, Any]] = {
    "demo@1": {"architecture": "resnet", "minutes": 52.0, "rate": 2e-3, "warm_up": 150},
    "demo-vit@1": {
        "architecture": "vit",
        "minutes": 25.0,
        "batch": 128,
        "rate": 1e-3,
        "warm_up": 400,
        "patch_dropout": 0.5,
        "whole_from": 0.75,
    },
}

#: Where a run is and how often it saves may change when it goes on; nothing else may.
_FREE = ("corpus", "out", "save_minutes")


@dataclass(frozen=True)
class Settings:
    """What a training run is told; all but the folders is written into the model card.

    Parameters
    ----------
    corpus : str
        Folder of the drawn scenes; the run's checkpoint and log lie in a folder inside.
    out : str
        Folder of the finished encoder.
    name : str
        Name of the encoder, as in `RECIPES`.
    architecture : str
        ``"resnet"`` or ``"vit"``.
    minutes : float
        Time budget. The learning rate follows the share of it that is spent.
    max_steps : int or None
        A budget of steps in place of the time.
    images : int
        Number of drawn scenes.
    batch : int
        Pictures in a batch of one process.
    processes : int
        Processes of one thread each.
    seed : int
        Seed of the scenes, of the model and of the batches.
    rate, weight_decay, warm_up, clip : float
        Of AdamW: highest rate, decay of matrices, steps of linear start, largest gradient norm.
    unknown : float
        Share of captions into which words outside the vocabulary are put.
    shift : int
        Pictures move by up to so many pixels.
    patch_dropout, whole_from : float
        Share of patches that a ViT does not see, until that share of the budget is spent.
    bf16 : bool
        Whether both towers compute in bfloat16 (weights stay float32).
    device : str
        ``"cpu"``, ``"cuda"``, or ``"auto"``: CUDA where there is one.
    save_minutes : float
        A checkpoint is written at least so often.
    """

    corpus: str
    out: str
    name: str = "demo@1"
    architecture: str = "resnet"
    minutes: float = 52.0
    max_steps: int | None = None
    images: int = 288_000
    batch: int = 256
    processes: int = 2
    seed: int = 0
    rate: float = 2e-3
    weight_decay: float = 0.05
    warm_up: int = 150
    clip: float = 1.0
    unknown: float = 0.2
    shift: int = 3
    patch_dropout: float = 0.0
    whole_from: float = 0.7
    bf16: bool = True
    device: str = "auto"
    save_minutes: float = 3.0

    @property
    def run(self) -> Path:
        """The folder of this run's checkpoint and log; runs share the drawn scenes."""
        return Path(self.corpus) / f"run-{folder_name(self.name)}"

    def told(self) -> dict[str, Any]:
        """Return the settings that make the model what it is."""
        return {name: value for name, value in asdict(self).items() if name not in _FREE}


def folder_name(name: str) -> str:
    """Return the folder of an encoder in the package's assets: ``demo@1`` is in ``demo1``."""
    return name.replace("@", "")


def recipe(
    name: str, corpus: str | Path, out: str | Path | None = None, **changes: Any
) -> Settings:
    """Return the settings with which an embedded encoder is trained.

    Parameters
    ----------
    name : str
        ``"demo@1"`` or ``"demo-vit@1"``; without the number, the newest.
    corpus : str or Path
        Folder of the drawn scenes, shared by all encoders.
    out : str or Path, optional
        Folder of the result; default: the package's own assets.
    **changes
        Other values for fields of `Settings`; ``None`` leaves the recipe's.

    Raises
    ------
    InputError
        If the name, a field or a value is unknown or out of range.
    """
    full = name if "@" in name else f"{name}@1"
    if full not in RECIPES:
        near = ", ".join(nearest_names(name, RECIPES)) or ", ".join(RECIPES)
        raise InputError(f"No recipe is known for the encoder {name!r}.", f"Known: {near}.")
    unknown = set(changes) - {field.name for field in fields(Settings)}
    if unknown:
        raise InputError(
            f"A training run has no setting {', '.join(sorted(unknown))}.",
            f"It has {', '.join(field.name for field in fields(Settings))}.",
        )
    given = {key: value for key, value in changes.items() if value is not None}
    target = ASSETS / folder_name(full) if out is None else Path(out)
    values = {**RECIPES[full], "name": full, **given}
    settings = Settings(
        corpus=str(Path(corpus).expanduser().resolve()),
        out=str(target.expanduser().resolve()),
        **values,
    )
    check(settings)
    return settings


def check(settings: Settings) -> None:
    """Refuse settings that cannot be trained with."""
    if settings.architecture not in ARCHITECTURES:
        raise InputError(
            f"architecture={settings.architecture!r} is not known.",
            f"Give one of {', '.join(ARCHITECTURES)}.",
        )
    least = {"minutes": 0.0, "images": 1, "batch": 2, "processes": 1, "rate": 0.0}
    for name, low in least.items():
        value = getattr(settings, name)
        if value < low or (low == 0.0 and value == 0):
            raise InputError(
                f"{name}={value!r} is too small.", f"Give more than {max(low - 1, 0)}."
            )
    if settings.max_steps is not None and settings.max_steps < 1:
        raise InputError(f"max_steps={settings.max_steps!r} is too small.", "Give 1 or more.")
    if not 0 <= settings.patch_dropout < 1:
        raise InputError(f"patch_dropout={settings.patch_dropout!r} is no share below 1.")
    if settings.images < settings.batch * settings.processes:
        raise InputError(
            f"{settings.images} scenes do not fill a batch of {settings.batch} in each of "
            f"{settings.processes} processes.",
            "Draw more scenes or make the batch smaller.",
        )


def for_this_machine(settings: Settings) -> Settings:
    """Return the settings with the device decided; a CUDA device takes one process, large batches.

    Raises
    ------
    InputError
        If ``device="cuda"`` is asked for and there is none.
    """
    if settings.device not in ("auto", "cpu", "cuda"):
        raise InputError(f"device={settings.device!r} is not known.", "Give auto, cpu or cuda.")
    found = torch.cuda.is_available()
    if settings.device == "cuda" and not found:
        raise InputError("device='cuda' was given, but torch finds no CUDA device.", "Give cpu.")
    if settings.device == "cpu" or not found:
        return replace(settings, device="cpu")
    return replace(settings, device="cuda", processes=1, batch=max(settings.batch, 1024))


def refuse_other(settings: Settings, saved: Mapping[str, Any], where: Path) -> None:
    """Refuse to go on with a run that was begun with other settings.

    Raises
    ------
    InputError
        Naming each difference.
    """
    told = settings.told()
    differences = [
        f"{name} was {saved.get(name)!r}, now {value!r}"
        for name, value in told.items()
        if saved.get(name) != value
    ]
    if differences:
        raise InputError(
            f"The run in {where} was begun with other settings: {'; '.join(differences)}.",
            "Give the same settings to go on with it, or delete that folder to begin again.",
        )
