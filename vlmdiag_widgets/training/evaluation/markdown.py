"""Small pieces of Markdown: numbers, intervals, tables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

NOTHING = "–"


def cell(value: Any) -> str:
    """Return a value as the text of a table cell."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return number(value)
    if isinstance(value, int):
        return f"{value:,}" if abs(value) >= 10_000 else str(value)
    if isinstance(value, Mapping):
        return figure(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(cell(one) for one in value)
    return str(value).replace("|", r"\|").replace("\n", " ")


def number(value: float | None, digits: int = 3) -> str:
    """Return a number with a few digits; a small one with one digit more."""
    if value is None:
        return NOTHING
    if value != 0 and abs(value) < 10**-digits:
        return f"{value:.{digits + 1}f}"
    return f"{value:.{digits}f}"


def p_value(value: float | None) -> str:
    """Return ``p = 0.034``, or ``p < 0.001``."""
    if value is not None and value < 0.001:
        return "p < 0.001"
    return f"p = {number(value)}"


def prose(text: str) -> str:
    """Return sentences of a card with percentages written as in the rest of the page."""
    return re.sub(r"(?<=\d)\s+%", "%", text)


def figure(found: Mapping[str, Any]) -> str:
    """Return ``value [low, high]``, or ``mean ± std`` of a statistic."""
    if "mean" in found:
        mean, std = (0.0 if found[name] is None else found[name] for name in ("mean", "std"))
        return f"{mean:.3f} ± {std:.3f}"
    text = number(found.get("value"))
    if found.get("low") is None or found.get("high") is None:
        return text
    return f"{text} [{number(found['low'])}, {number(found['high'])}]"


def table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    """Return the lines of a table and an empty one after it."""
    lines = [_line(header), _line(["---"] * len(header))]
    return [*lines, *(_line([cell(value) for value in row]) for row in rows), ""]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def flat(content: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Return (name, value) of all leaves of nested mappings, names joined by a point."""
    rows: list[tuple[str, Any]] = []
    for name, value in content.items():
        words = f"{prefix}{str(name).replace('_', ' ')}"
        if isinstance(value, Mapping):
            rows += flat(value, f"{words} · ")
        else:
            # Settings are given in few digits: 0.05 and 52, not 0.050 and 52.000.
            rows.append((words, f"{value:g}" if isinstance(value, float) else value))
    return rows
