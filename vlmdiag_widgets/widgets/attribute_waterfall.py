"""AttributeWaterfall: which attribute values raise or lower the probability of a class."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any, ClassVar

from vlmdiag_widgets.audit.selection import Selection, slice_words
from vlmdiag_widgets.widgets.base import View
from vlmdiag_widgets.widgets.fallback import chart_png
from vlmdiag_widgets.widgets.messages import Json, NothingToShow
from vlmdiag_widgets.widgets.palette import NEGATIVE, POSITIVE, UNKNOWN

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

    from vlmdiag_widgets.diagnosis import Influence

#: Values drawn in the picture.
PICTURED = 20


class AttributeWaterfall(View):
    """Influence of attribute values on the predicted probability of `Audit.target_class`.

    With nothing selected, every value's Shapley value averaged over the texts that carry it; with
    a slice or a text selected, the way from the base (no attribute named) to the prediction. All
    figures come from texts; no image is looked at.

    Parameters
    ----------
    audit : Audit

    References
    ----------
    Zhang et al. 2023, DrML, section 2.2.
    """

    needs: ClassVar[tuple[str, ...]] = ("influence", "texts")
    follows: ClassVar[tuple[str, ...]] = ("selection",)
    bundle: ClassVar[str] = "attribute_waterfall"
    title: ClassVar[str] = "Why: attribute influence"

    def build(self, results: dict[str, Any]) -> Json:
        """Return base, values and, for a selection, its waterfall."""
        influence: Influence = results["influence"]
        if value_table(influence).empty:
            raise NothingToShow(
                "There is no attribute to explain.", "Add an attribute with two values or more."
            )
        return {
            "target_class": self.audit.target_class,
            "classes": list(self.audit.classes),
            "base": influence.base,
            "n_texts": len(influence.per_text),
            "attributes": influence.attributes.to_dict("records"),
            "values": value_table(influence).to_dict("records"),
            "detail": waterfall(influence, results["texts"], self.audit.selection),
        }

    def table(self) -> pd.DataFrame:
        """Return one row a value: influence (Shapley), difference, number of texts."""
        return value_table(self._results["influence"])

    def code(self) -> str:
        """Return the Python behind the chart."""
        return (
            "import vlmdiag_widgets as vd\n\n"
            f"audit.edit(target_class={self.audit.target_class!r})\n"
            "audit.influence()\n"
            "vd.AttributeWaterfall(audit)\n"
        )

    def picture(self) -> bytes:
        """Return the selection's waterfall, or the strongest values, as a PNG."""
        detail = self.data.get("detail")
        if detail:
            return chart_png(waterfall_chart(detail, self.audit.target_class))
        return chart_png(influence_chart(self.table().head(PICTURED), self.data))


def value_table(influence: Influence) -> pd.DataFrame:
    """Return the influence of each value, strongest first."""
    return influence.values  # noqa: PD011  a field of Influence, not DataFrame.values


def waterfall(influence: Influence, texts: pd.DataFrame, selection: Selection) -> Json | None:
    """Return the way from base to prediction of a selection's texts, None if it has no full one.

    Keep in sync with js/src/views/attribute_waterfall/model.ts.
    """
    chosen = texts_of(texts, selection)
    means = None if chosen is None else influence.over(chosen["text_id"])
    if chosen is None or means is None:
        return None
    names = [n for n in influence.attributes["attribute"] if n in means]
    values = {name: chosen.loc[chosen["full"], name].dropna().unique() for name in names}
    return {
        "label": selection_words(selection, chosen),
        "n_texts": int(means["n_texts"]),
        "base": means["base"],
        "prediction": means["prediction"],
        "parts": [
            {
                "attribute": name,
                "value": values[name][0] if len(values[name]) == 1 else None,
                "n_values": len(values[name]),
                "influence": means[name],
            }
            for name in names
            if len(values[name])
        ],
        "source": selection.source,
    }


def texts_of(texts: pd.DataFrame, selection: Selection) -> pd.DataFrame | None:
    """Return the texts a selection names; None when it names images, or nothing."""
    if selection.kind == "text":
        return texts[texts["text_id"] == selection.text_id]
    wanted = selection.slice if selection.kind == "slice" else None
    if not wanted or not set(wanted) <= set(texts.columns):
        return None
    inside = (texts[list(wanted)].astype(object) == list(wanted.values())).all(axis=1)
    return texts[inside]


def selection_words(selection: Selection, chosen: pd.DataFrame) -> str:
    """Name the texts that a waterfall is about."""
    if selection.kind == "text" and len(chosen):
        return f"“{chosen['text'].iloc[0]}”"
    return slice_words(selection.slice or {})


def influence_chart(values: pd.DataFrame, data: Json) -> alt.Chart:
    """Draw influences as bars left and right of the base, by attribute."""
    import altair as alt

    title = f"influence on p({data['target_class']}), base {data['base']:.2f}; from texts"
    colour = alt.condition("datum.influence < 0", alt.value(NEGATIVE), alt.value(POSITIVE))
    chart: alt.Chart = (
        alt.Chart(values)
        .mark_bar()
        .encode(
            x=alt.X("influence:Q", title=title, axis=alt.Axis(format="+.2f")),
            y=alt.Y("value:N", sort=None, title=None, axis=alt.Axis(labelLimit=220)),
            row=alt.Row("attribute:N", title=None, sort=None, spacing=8),
            color=colour,
        )
        .properties(width=380)
        .resolve_scale(y="independent")
    )
    return chart


def waterfall_chart(detail: Json, target_class: str) -> alt.LayerChart:
    """Draw the running sum from the base to the prediction."""
    import altair as alt
    import pandas as pd

    rows = alt.Chart(pd.DataFrame(waterfall_rows(detail)))
    y = alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=220))
    colours = alt.Scale(domain=["total", "down", "up"], range=[UNKNOWN, NEGATIVE, POSITIVE])
    bars = rows.mark_bar().encode(
        y=y,
        x=alt.X("start:Q", title=f"p({target_class}), predicted from text"),
        x2="end:Q",
        color=alt.Color("kind:N", scale=colours, legend=None),
    )
    figures = rows.mark_text(align="left", dx=4).encode(y=y, x="right:Q", text="figure:N")
    return alt.LayerChart(layer=[bars, figures], width=380, title=detail["label"])


def waterfall_rows(detail: Json) -> list[Json]:
    """Return the bars of a waterfall with their places and figures."""
    moves = [part["influence"] for part in detail["parts"]]
    ends = list(accumulate(moves, initial=detail["base"]))
    rows = [_bar("base", 0.0, detail["base"], "total", f"{detail['base']:.2f}")]
    for part, start, end in zip(detail["parts"], ends[:-1], ends[1:], strict=True):
        move = part["influence"]
        kind = "down" if move < 0 else "up"
        name = part["value"] or f"{part['attribute']} ({part['n_values']} values)"
        rows.append(_bar(name, start, end, kind, f"{move:+.2f}"))
    total = detail["prediction"]
    return [*rows, _bar("prediction", 0.0, total, "total", f"{total:.2f}")]


def _bar(name: str, start: float, end: float, kind: str, figure: str) -> Json:
    right = max(start, end)
    return {
        "name": name, "start": start, "end": end, "right": right, "kind": kind, "figure": figure
    }  # fmt: skip
