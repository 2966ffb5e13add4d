"""The cards of the embedded encoders: where they lie, how figures get into them."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.training.export_demo import write_json

ASSETS = Path(__file__).parents[2] / "assets"
DOCS = Path(__file__).parents[3] / "docs" / "models"

#: Order of the pages.
ORDER = ("demo@1", "demo-vit@1", "demo-resnet@1", "demo-ssl@1", "demo-convnext@1")


@dataclass(frozen=True)
class Shipped:
    """An encoder's folder and its name."""

    folder: Path
    name: str

    @property
    def sees_texts(self) -> bool:
        """Whether it is a vision-language model, by its config file."""
        return (self.folder / "open_clip_config.json").is_file()

    @property
    def card_file(self) -> Path:
        """Where its card lies."""
        return self.folder / "card.json"

    def card(self) -> dict[str, Any]:
        """Return its card; empty where there is none yet."""
        if not self.card_file.is_file():
            return {"name": self.name}
        return read_json(self.card_file)


def read_json(path: Path) -> dict[str, Any]:
    """Return the content of a card."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def shipped() -> list[Shipped]:
    """Return the embedded encoders that have a card, in a fixed order."""
    found = [at(path.parent) for path in sorted(ASSETS.glob("*/card.json"))]
    return sorted(found, key=lambda one: (one.name not in ORDER, _place(one.name), one.name))


def _place(name: str) -> int:
    return ORDER.index(name) if name in ORDER else len(ORDER)


def at(folder: Path) -> Shipped:
    """Return the encoder in a folder; without a card its name is that of the folder."""
    one = Shipped(folder, folder.name)
    return Shipped(folder, str(one.card().get("name") or folder.name))


def find(name: str) -> Shipped:
    """Return an embedded encoder by its name, with or without version, or a folder.

    Raises
    ------
    InputError
        There is no such encoder.
    """
    for one in shipped():
        if name in (one.name, one.name.split("@", maxsplit=1)[0]):
            return one
    folder = Path(name)
    if any(folder.glob("*_config.json")):
        return at(folder)
    names = ", ".join(one.name for one in shipped()) or "none"
    raise InputError(f"There is no encoder {name!r}.", f"Embedded are: {names}; or give a folder.")


def about(seconds: float, pictures: int) -> dict[str, Any]:
    """Return on what the measurement was made."""
    return {
        "seconds": round(seconds, 1),
        "pictures": pictures,
        "machine": f"{os.cpu_count()} processor cores, {platform.machine()}, one used",
        "versions": {name: version(name) for name in ("torch", "open_clip_torch", "numpy")},
    }


def updated(card: dict[str, Any], measured: dict[str, Any]) -> dict[str, Any]:
    """Return the card with new figures; parts that were not measured again stay."""
    kept = card.get("measured", {})
    if "about" not in kept:
        # Figures in another form, of an encoder that is no more.
        kept = {}
    if not measured.keys() >= {"zero_shot", "studies"} and kept:
        # How the whole was measured says more than how a part of it was.
        measured = {name: value for name, value in measured.items() if name != "about"}
    return {**card, "measured": {**kept, **measured}}


def write_card(one: Shipped, card: dict[str, Any], out: Path | None) -> Path:
    """Write the card into the encoder's folder, or into `out` under the encoder's name."""
    target = one.card_file if out is None else out / f"{one.name}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    write_json(target, card)
    return target
