"""See where a vision-language model fails, why, whether to believe it, and what repairs it.

Names are imported when they are first used, so that ``import vlmdiag_widgets`` stays fast.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from vlmdiag_widgets._errors import (
    CacheError,
    DeviceError,
    InputError,
    VlmdiagError,
    WeightsError,
)

if TYPE_CHECKING:
    from vlmdiag_widgets import datasets, diagnosis
    from vlmdiag_widgets.audit import Audit
    from vlmdiag_widgets.datasets import ImageDataset, load_dataset
    from vlmdiag_widgets.embeddings import EmbeddingStore
    from vlmdiag_widgets.encoders import load_encoder
    from vlmdiag_widgets.widgets import (
        AttributeEditor,
        AttributeWaterfall,
        Dashboard,
        ExtremeGrid,
        GapScatter,
        PromptEditor,
        SaliencyOverlay,
        SliceTable,
    )

    __version__: str

_WHERE = {
    "load_encoder": "encoders",
    "load_dataset": "datasets",
    "ImageDataset": "datasets",
    "EmbeddingStore": "embeddings",
    "Audit": "audit",
    "GapScatter": "widgets",
    "SliceTable": "widgets",
    "AttributeWaterfall": "widgets",
    "ExtremeGrid": "widgets",
    "SaliencyOverlay": "widgets",
    "AttributeEditor": "widgets",
    "PromptEditor": "widgets",
    "Dashboard": "widgets",
}

#: Rooms whose own names are public too.
_ROOMS = ("datasets", "diagnosis")

__all__ = [
    "AttributeEditor",
    "AttributeWaterfall",
    "Audit",
    "CacheError",
    "Dashboard",
    "DeviceError",
    "EmbeddingStore",
    "ExtremeGrid",
    "GapScatter",
    "ImageDataset",
    "InputError",
    "PromptEditor",
    "SaliencyOverlay",
    "SliceTable",
    "VlmdiagError",
    "WeightsError",
    "__version__",
    "datasets",
    "diagnosis",
    "load_dataset",
    "load_encoder",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    if name in _ROOMS:
        return importlib.import_module(f"vlmdiag_widgets.{name}")
    if name in _WHERE:
        value = getattr(importlib.import_module(f"vlmdiag_widgets.{_WHERE[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(_unknown(name))


def __dir__() -> list[str]:
    return sorted(__all__)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("vlmdiag_widgets")
    except PackageNotFoundError:  # a source tree that was never installed
        return "0+unknown"


def _unknown(name: str) -> str:
    from vlmdiag_widgets._errors import nearest_names

    near = nearest_names(name, __all__, n=1)
    guess = f" Did you mean {near[0]}?" if near else ""
    return f"vlmdiag_widgets has no {name!r}.{guess}"
