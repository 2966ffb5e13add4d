"""Images with what is known about them, the rendered demo worlds, and changes to pictures."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from vlmdiag_widgets.datasets.contact_sheet import contact_sheet
from vlmdiag_widgets.datasets.dataset import ImageDataset
from vlmdiag_widgets.datasets.source import BrokenImageError, ImageSource, content_key
from vlmdiag_widgets.datasets.write_folder import write_folder

if TYPE_CHECKING:
    from vlmdiag_widgets.datasets.digits import coloured_digits, handwritten_digits
    from vlmdiag_widgets.datasets.transforms import COLORS, CORRUPTIONS, corrupt, tint
    from vlmdiag_widgets.datasets.worlds import WORLDS, load_dataset

# The worlds draw and read artwork; a user with own images need not load them.
_WHERE = {
    "WORLDS": "worlds",
    "load_dataset": "worlds",
    "COLORS": "transforms",
    "CORRUPTIONS": "transforms",
    "corrupt": "transforms",
    "tint": "transforms",
    "coloured_digits": "digits",
    "handwritten_digits": "digits",
}

__all__ = [
    "COLORS",
    "CORRUPTIONS",
    "WORLDS",
    "BrokenImageError",
    "ImageDataset",
    "ImageSource",
    "coloured_digits",
    "contact_sheet",
    "content_key",
    "corrupt",
    "handwritten_digits",
    "load_dataset",
    "tint",
    "write_folder",
]


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
