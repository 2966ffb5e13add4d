"""The gap scatter as a table and as a printed picture."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw

from vlmdiag_widgets.widgets import palette
from vlmdiag_widgets.widgets.colouring import Colouring
from vlmdiag_widgets.widgets.fallback import chart_png

#: A picture of more images than these shows an even sample of them, and says so.
DRAWN = 5000


def point_table(projection: Any, colours: Colouring, mode: str) -> pd.DataFrame:
    """Return one row per point.

    Parameters
    ----------
    projection : AuditProjection
    colours : Colouring
    mode : {"open", "closed"}

    Returns
    -------
    DataFrame
        Columns ``kind`` (image or text), ``id`` (row or text_id), ``x``, ``y`` and the
        coloured value under its own name.
    """
    shown = getattr(projection, mode)
    images = _side("image", projection.image_rows, shown.images, _words(colours, colours.images))
    texts = _side("text", projection.text_ids, shown.texts, _words(colours, colours.texts))
    points = pd.concat([images, texts], ignore_index=True)
    return points.rename(columns={"value": colours.by})


def _side(kind: str, ids: Any, xy: Any, values: Any) -> pd.DataFrame:
    return pd.DataFrame({"kind": kind, "id": ids, "x": xy[:, 0], "y": xy[:, 1], "value": values})


def _words(colours: Colouring, values: Any) -> Any:
    if not colours.labels:
        return values
    labels = np.array([*colours.labels, None], object)
    return labels[np.where(np.isnan(values), len(colours.labels), values).astype(int)]


def draw(projection: Any, colours: Colouring, mode: str) -> bytes:
    """Draw the points as a PNG: images as dots, texts as triangles on top."""
    import altair as alt

    table = point_table(projection, colours, mode).rename(columns={colours.by: "value"})
    images, texts = table[table.kind == "image"], table[table.kind == "text"]
    n = len(images)
    if n > DRAWN:
        images = images.iloc[np.linspace(0, n - 1, DRAWN).astype(int)]
    share = getattr(projection, mode).explained
    x, y = (_axis(alt, name, k, share) for k, name in enumerate("xy"))
    colour = _colour(alt, colours)
    dots = alt.Chart(images).mark_circle(size=18, opacity=0.6).encode(x, y, colour)
    marks = alt.Chart(texts).mark_point(shape="triangle-up", size=60, filled=True, opacity=1)
    marks = marks.encode(x, y, colour)
    chart = alt.layer(dots, marks).properties(
        width=560, height=380, title=_title(mode, n, len(images), len(texts))
    )
    return chart_png(chart.configure_view(stroke="#ddd"))


def sketch(projection: Any, colours: Colouring, mode: str, size: int = 640) -> bytes:
    """Draw the points in a few milliseconds, without axes and legend."""
    shown = getattr(projection, mode)
    pixels = _placed(np.concatenate([shown.images, shown.texts]), size, size * 5 // 8)
    n = len(shown.images)
    page = Image.new("RGB", (size, size * 5 // 8), "white")
    pen = ImageDraw.Draw(page)
    step = max(1, n // DRAWN)
    for (x, y), ink in zip(pixels[:n:step], _inks(colours, colours.images[::step]), strict=True):
        pen.ellipse((x - 2, y - 2, x + 2, y + 2), fill=ink)
    for (x, y), ink in zip(pixels[n:], _inks(colours, colours.texts), strict=True):
        pen.polygon([(x, y - 5), (x + 5, y + 4), (x - 5, y + 4)], fill=ink, outline="white")
    out = io.BytesIO()
    page.save(out, "PNG")
    return out.getvalue()


def _placed(xy: Any, width: int, height: int) -> Any:
    """Bring coordinates into a page, one scale for both axes."""
    low, high = xy.min(axis=0), xy.max(axis=0)
    span = np.maximum(high - low, 1e-9)
    scale = min((width - 24) / span[0], (height - 24) / span[1])
    centred = (xy - (low + high) / 2) * scale * (1, -1)
    return centred + np.array([width / 2, height / 2])


def _inks(colours: Colouring, values: Any) -> list[str]:
    if colours.kind == "numeric":
        steps = np.clip(values, 0, 1) * (len(palette.RAMP) - 1)
        return [palette.UNKNOWN if np.isnan(v) else palette.RAMP[round(v)] for v in steps]
    return [palette.UNKNOWN if np.isnan(v) else palette.CATEGORICAL[int(v)] for v in values]


def _title(mode: str, n: int, drawn: int, texts: int) -> str:
    sample = f" ({drawn:,} of them drawn)" if drawn < n else ""
    return f"Modality gap {mode}: {n:,} images{sample} ●, {texts:,} texts ▲"


def _axis(alt: Any, name: str, k: int, share: Any) -> Any:
    title = f"PC {k + 1} ({share[k]:.0%} of variance)"
    axis = alt.Axis(grid=False, labels=False, ticks=False, titleFontWeight="normal")
    scale = alt.Scale(zero=False, nice=False, padding=16)
    return (
        (alt.X if name == "x" else alt.Y)(name, type="quantitative")
        .title(title)
        .axis(axis)
        .scale(scale)
    )


def _colour(alt: Any, colours: Colouring) -> Any:
    if colours.kind == "numeric":
        scale = alt.Scale(domain=[colours.low, colours.high], range=list(palette.RAMP))
        return alt.Color("value:Q", scale=scale, title=colours.by)
    scale = alt.Scale(domain=colours.labels, range=list(palette.CATEGORICAL[: len(colours.labels)]))
    return alt.Color("value:N", scale=scale, title=colours.by)
