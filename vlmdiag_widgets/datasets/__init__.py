"""Images with what is known about them, and the rendered demo worlds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vlmdiag_widgets.datasets.dataset import ImageDataset
from vlmdiag_widgets.datasets.source import BrokenImageError, ImageSource, content_key

if TYPE_CHECKING:
    from vlmdiag_widgets.datasets.worlds import load_dataset

__all__ = ["BrokenImageError", "ImageDataset", "ImageSource", "content_key", "load_dataset"]


def __getattr__(name: str) -> Any:
    # The worlds draw and read artwork; a user with own images need not load them.
    if name == "load_dataset":
        from vlmdiag_widgets.datasets.worlds import load_dataset

        return load_dataset
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
