"""Headed lists of words as a PNG, for views that are made of words."""

from __future__ import annotations

from collections.abc import Sequence

from vlmdiag_widgets.widgets.fallback import chart_png

#: A heading with its lines; a line is a text and a small figure behind it.
Section = tuple[str, Sequence[tuple[str, str]]]

LINE = 20
WIDTH = 560


def text_picture(title: str, sections: Sequence[Section]) -> bytes:
    """Draw sections of lines under a title.

    Parameters
    ----------
    title : str
    sections : sequence of (heading, lines)
        Each line is a text and a small figure behind it ("" for none).
    """
    import altair as alt
    import pandas as pd

    rows = [row for heading, lines in sections for row in [(heading, "", True), *_plain(lines)]]
    frame = pd.DataFrame(rows, columns=["text", "figure", "head"]).assign(line=range(len(rows)))
    y = alt.Y(
        "line:Q", axis=None, scale=alt.Scale(domain=[-0.5, max(len(rows), 1) - 0.5], reverse=True)
    )
    base = alt.Chart(frame).encode(y=y)
    heads = base.transform_filter("datum.head").mark_text(align="left", fontWeight="bold", x=0)
    words = base.transform_filter("!datum.head").mark_text(align="left", x=12)
    figures = base.mark_text(align="right", x=WIDTH, color="#6b7280")
    layers = alt.layer(
        heads.encode(text="text:N"), words.encode(text="text:N"), figures.encode(text="figure:N")
    )
    sized = layers.properties(width=WIDTH, height=LINE * max(len(rows), 1), title=title)
    return chart_png(
        sized.configure_view(stroke=None)
        .configure_title(anchor="start", fontSize=14)
        .configure_text(fontSize=12)
    )


def _plain(lines: Sequence[tuple[str, str]]) -> list[tuple[str, str, bool]]:
    return [(text, figure, False) for text, figure in lines]
