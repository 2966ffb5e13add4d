"""What is seen of a view where no kernel and no JavaScript run: GitHub, nbconvert, e-mail."""

from __future__ import annotations

import base64
import html
import json
import logging
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

    from vlmdiag_widgets.widgets.base import View

log = logging.getLogger(__name__)

ROWS = 12
STYLE = "font-family:system-ui,sans-serif;font-size:13px;max-width:1100px"
CELL = "padding:2px 8px;text-align:{align};border-bottom:1px solid #ddd"


def with_fallback(bundle: Any, view: View) -> Any:
    """Add ``text/html`` and ``text/plain`` of the view's last state to a display bundle.

    Parameters
    ----------
    bundle : tuple of dict or dict or None
        What the widget displays itself by.
    view : View
        Its `status`, `sketch` and `table` are used; one that fails is left out.
    """
    if bundle is None:
        return None
    data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
    extra = {"text/plain": plain(view), "text/html": page(view)}
    return {**data, **extra}, metadata


def plain(view: View) -> str:
    """Return one line of plain text."""
    phase = view.status.get("phase", "")
    return f"{type(view).__name__}: {view.heading} ({phase})"


def page(view: View) -> str:
    """Return the heading with the picture, or the first rows of the table, as escaped HTML."""
    head = f"<strong>{html.escape(view.heading)}</strong>"
    if view.status.get("phase") not in {"ready", "stale"}:
        said = html.escape(view.status.get("message") or "Run the notebook to see this view.")
        return f'<div style="{STYLE}">{head}<p>{said}</p></div>'
    return f'<div style="{STYLE}">{head}{_picture(view) or _table(view)}</div>'


def dashboard_page(header: View, views: Sequence[View]) -> str:
    """Return title, trust line and the last state of some views as escaped HTML."""
    title = html.escape(str(header.data.get("title", "")))
    trust = html.escape(str(header.data.get("trust", "")))
    shown = "".join(page(view) for view in views)
    return f'<div style="{STYLE}"><h3>{title}</h3><p>{trust}</p>{shown}</div>'


def _picture(view: View) -> str:
    try:
        raw = view.sketch()
        return image(raw, view.heading) if raw else ""
    except Exception:  # a fallback is a courtesy: it must never break a cell
        log.debug("no picture of %s", type(view).__name__, exc_info=True)
        return ""


def _table(view: View) -> str:
    try:
        return table(view.table())
    except Exception:  # as above
        log.debug("no table of %s", type(view).__name__, exc_info=True)
        return ""


def image(png: bytes, alt_text: str) -> str:
    """Return an inline image."""
    raw = base64.b64encode(png).decode()
    alt_text = html.escape(alt_text, quote=True)
    return f'<img alt="{alt_text}" style="max-width:100%" src="data:image/png;base64,{raw}">'


def table(frame: pd.DataFrame, rows: int = ROWS) -> str:
    """Return the first rows of a data frame as an escaped HTML table."""
    shown = frame.head(rows)
    numeric = [kind.kind in "if" for kind in frame.dtypes]
    head = "".join(_cell("th", name, right) for name, right in zip(frame, numeric, strict=True))
    body = "".join(
        "<tr>" + "".join(_cell("td", v, r) for v, r in zip(row, numeric, strict=True)) + "</tr>"
        for row in shown.itertuples(index=False)
    )
    more = len(frame) - len(shown)
    note = f"<p>… and {more:,} more rows</p>" if more else ""
    return f'<table style="border-collapse:collapse"><tr>{head}</tr>{body}</table>{note}'


def _cell(tag: str, value: Any, right: bool) -> str:  # noqa: FBT001
    text = f"{value:.3f}" if isinstance(value, float) else str(value)
    style = CELL.format(align="right" if right else "left")
    return f'<{tag} style="{style}">{html.escape(text)}</{tag}>'


#: What no XML may hold; the renderer would end the whole process over one of these.
_BREAKS = re.compile("[\t\n\r\u2028\u2029]+")
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def printable(value: Any) -> Any:
    """Return texts, however nested, on one line, without signs that cannot be drawn."""
    if isinstance(value, str):
        return _UNPRINTABLE.sub("\ufffd", _BREAKS.sub(" ", value))
    if isinstance(value, dict):
        return {printable(key): printable(item) for key, item in value.items()}
    return [printable(item) for item in value] if isinstance(value, list | tuple) else value


def chart_png(chart: alt.Chart | alt.LayerChart, *, scale: float = 2.0) -> bytes:
    """Draw an Altair chart as a PNG, without a network.

    Parameters
    ----------
    chart : altair.Chart or altair.LayerChart
        Its data must be in the chart itself.
    scale : float
        Pixels per CSS pixel.
    """
    import vl_convert

    spec = json.dumps(printable(chart.to_dict(format="vega-lite")))
    png: bytes = vl_convert.vegalite_to_png(spec, scale=scale, allowed_base_urls=[])
    return png
