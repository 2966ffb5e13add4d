"""Linked views of an audit, one a file; each has a twin in ``js/src/views``."""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
    "AttributeEditor": "attribute_editor",
    "AttributeWaterfall": "attribute_waterfall",
    "Dashboard": "dashboard",
    "ExtremeGrid": "extreme_grid",
    "GapScatter": "gap_scatter",
    "PromptEditor": "prompt_editor",
    "SaliencyOverlay": "saliency_overlay",
    "SliceTable": "slice_table",
    "View": "base",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    """Import a view when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
