"""Colour-blind-safe colours of every picture. Keep in sync with ``js/src/lib/palette.ts``."""

from __future__ import annotations

#: Okabe and Ito's categorical colours, without black; the yellow is darkened for white paper.
CATEGORICAL = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#d55e00",
    "#b8a500",
    "#8a8a8a",
)

#: The one diverging pair: below and above zero.
NEGATIVE = "#d55e00"
POSITIVE = "#0072b2"

IMAGE = "#0072b2"
TEXT = "#e69f00"

#: Dark to bright, even in lightness, for numbers from low to high.
RAMP = ("#00336f", "#35456c", "#666970", "#948e77", "#c8b866", "#fde737")

UNKNOWN = "#9e9e9e"
