"""SliceTable: where the model is predicted to fail, and whether images agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import traitlets

from vlmdiag_widgets.widgets.base import View
from vlmdiag_widgets.widgets.fallback import chart_png
from vlmdiag_widgets.widgets.messages import Json, NothingToShow
from vlmdiag_widgets.widgets.palette import IMAGE, TEXT

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

#: Columns of `diagnosis.slice_scores` that the browser shows.
#: Keep in sync with js/src/views/slice_table/model.ts.
SHOWN = (
    "text_score", "n_texts", "image_accuracy", "ci_low", "ci_high", "n_images", "flagged",
    "agreement", "mixed_class",
)  # fmt: skip
#: Figures of the text and image sides; every other column of the table names the slice.
FIGURES = frozenset({*SHOWN, "image_score"})
#: Decimals sent to the browser: beyond what is shown, yet half the bytes.
DECIMALS = 6
#: Slices drawn in the picture.
PICTURED = 30


class SliceTable(View):
    """Slices ranked by what texts predict, beside what images show.

    Each row is one combination of the columns in `Audit.slice_by`: the score predicted from
    texts, the accuracy on images with its Wilson interval, the number of images, and whether the
    two agree. Slices without an image are predictions only and are marked so.

    Parameters
    ----------
    audit : Audit
    **kw
        Traits, e.g. ``sort_by="n_images", descending=True``.

    References
    ----------
    Zhang et al. 2023, DrML, sections 2.2 and 3.3.
    """

    needs: ClassVar[tuple[str, ...]] = ("slices", "trust")
    bundle: ClassVar[str] = "slice_table"
    title: ClassVar[str] = "Slices"

    sort_by = traitlets.Unicode("text_score", help="Column that orders the rows.").tag(sync=True)
    descending = traitlets.Bool(default_value=False, help="Largest first.").tag(sync=True)

    def build(self, results: dict[str, Any]) -> Json:
        """Return the slices column by column."""
        slices = results["slices"]
        if slices.empty:
            raise NothingToShow(
                "There is no slice to show.",
                "Add attributes whose values tell the class of a text, or pick other columns.",
            )
        by = slice_columns(slices)
        return {
            "by": by,
            "options": self._options(by),
            "values": {name: slices[name].tolist() for name in by},
            **{name: slices[name].round(DECIMALS).tolist() for name in SHOWN},
            "trust": results["trust"].text,
        }

    def _options(self, by: list[str]) -> list[str]:
        """Return what slices can be grouped by; derived attributes after their sources."""
        return list(dict.fromkeys([*self.audit.columns, *by]))

    def table(self) -> pd.DataFrame:
        """Return the slices in the order shown."""
        slices: pd.DataFrame = self._results["slices"]
        if self.sort_by not in slices:
            return slices
        ordered = slices.sort_values(
            self.sort_by, ascending=not self.descending, kind="stable", na_position="last"
        )
        return ordered.reset_index(drop=True)

    def code(self) -> str:
        """Return the Python behind the table."""
        by = slice_columns(self._results["slices"])
        order = f"{self.sort_by!r}, ascending={not self.descending}"
        return (
            "import vlmdiag_widgets as vd\n\n"
            f"audit.edit(slice_by={by!r})\n"
            f"audit.slices().sort_values({order})\n"
            "vd.SliceTable(audit)\n"
        )

    def picture(self) -> bytes:
        """Return the first slices as a PNG: bars from texts, dots with intervals from images."""
        return chart_png(slice_chart(self.table().head(PICTURED)))


def slice_columns(slices: pd.DataFrame) -> list[str]:
    """Return the columns that name a slice."""
    return [str(name) for name in slices.columns if name not in FIGURES]


def slice_chart(slices: pd.DataFrame) -> alt.LayerChart:
    """Draw text scores as bars and image accuracies as dots with intervals on one scale."""
    import altair as alt

    names = slices[slice_columns(slices)].astype(str).agg(" × ".join, axis=1)
    y = alt.Y("slice:N", sort=None, title=None, axis=alt.Axis(labelLimit=260))
    scale = alt.Scale(domain=[0, 1])
    rows = alt.Chart(slices.assign(slice=names)).encode(y=y)
    title = "bar: predicted from text · dot: image accuracy, 95 % interval"
    bars = rows.mark_bar(color=TEXT, opacity=0.55).encode(
        x=alt.X("text_score:Q", scale=scale, title=title)
    )
    seen = rows.transform_filter("datum.n_images > 0")
    rules = seen.mark_rule(color=IMAGE, strokeWidth=2).encode(
        x=alt.X("ci_low:Q", scale=scale), x2="ci_high:Q"
    )
    dots = seen.mark_point(color=IMAGE, filled=True, size=55, opacity=1).encode(
        x=alt.X("image_accuracy:Q", scale=scale)
    )
    return alt.LayerChart(layer=[bars, rules, dots], width=420, title="Slices")
