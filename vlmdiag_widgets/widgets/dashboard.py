"""All views of an audit, side by side; twins ``dashboard_header.tsx``, ``dashboard_footer.tsx``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import ipywidgets
import traitlets

from vlmdiag_widgets.widgets import dashboard_picture, fallback
from vlmdiag_widgets.widgets.attribute_editor import AttributeEditor
from vlmdiag_widgets.widgets.attribute_waterfall import AttributeWaterfall
from vlmdiag_widgets.widgets.base import View
from vlmdiag_widgets.widgets.extreme_grid import ExtremeGrid
from vlmdiag_widgets.widgets.gap_scatter import GapScatter
from vlmdiag_widgets.widgets.messages import Json, job_state
from vlmdiag_widgets.widgets.prompt_editor import PromptEditor
from vlmdiag_widgets.widgets.saliency_overlay import SaliencyOverlay
from vlmdiag_widgets.widgets.slice_table import SliceTable

if TYPE_CHECKING:
    import pandas as pd


class DashboardHeader(View):
    """What is diagnosed, whether to believe it, and undo."""

    uses: ClassVar[tuple[str, ...]] = ("trust",)
    follows: ClassVar[tuple[str, ...]] = ("can_undo", "can_redo", "notes")
    bundle: ClassVar[str] = "dashboard_header"
    title: ClassVar[str] = "Audit"

    def __init__(self, audit: Any, dashboard: Dashboard | None = None, **kw: Any) -> None:
        self._dashboard = dashboard
        super().__init__(audit, **kw)

    def _concerns(self, event: Any) -> bool:  # noqa: ARG002
        return True  # it also shows that the trust line is out of date, or could not be made

    def build(self, results: dict[str, Any]) -> Json:
        """Return title, trust line and what can be undone."""
        trust = results.get("trust")
        error = self._errors.get("trust")
        return {
            "title": self.audit.title,
            "trust": trust.text if trust is not None else "",
            "trust_phase": self._phases.get("trust", "loading"),
            "trust_error": getattr(error, "message", ""),
            "agree": None if trust is None else [trust.n_agree, trust.n_checked],
            "can_undo": self.audit.can_undo,
            "can_redo": self.audit.can_redo,
            "notes": list(self.audit.notes),
        }

    def table(self) -> pd.DataFrame:
        """Return the slices, worst text score first."""
        slices: pd.DataFrame = self.audit.slices()
        return slices

    def code(self) -> str:
        """Return the Python that makes the audit again."""
        return str(self.audit.code())

    def picture(self) -> bytes:
        """Return the whole dashboard as one PNG."""
        views = self._dashboard.views if self._dashboard is not None else []
        return dashboard_picture.draw(self.heading, str(self.data.get("trust", "")), views)

    @property
    def source(self) -> str:
        """Name of saved files."""
        return "audit"


class DashboardFooter(View):
    """How many texts, what is running, what is selected."""

    uses: ClassVar[tuple[str, ...]] = ("texts",)
    bundle: ClassVar[str] = "dashboard_footer"
    title: ClassVar[str] = "State"

    job = traitlets.Dict(default_value=None, allow_none=True, help="The job that runs now.").tag(
        sync=True, echo_update=False
    )

    def build(self, results: dict[str, Any]) -> Json:
        """Return the counts of texts and images."""
        texts = results.get("texts")
        dataset = self.audit.dataset
        broken = getattr(dataset, "broken", None)
        return {
            "n_texts": None if texts is None else len(texts),
            "n_broken": 0 if broken is None else len(broken),
        }

    def _on_job(self, change: object) -> None:
        with self.audit.lock:
            self.set_trait("job", job_state(self.audit.job))
        super()._on_job(change)


class Dashboard(ipywidgets.Box):  # type: ignore[misc]
    """The linked dashboard: every view of one audit.

    Parameters
    ----------
    audit : Audit

    Attributes
    ----------
    scatter, slices, waterfall, extremes, saliency, attributes, prompts : View
        The views; each is a widget of its own.
    """

    def __init__(self, audit: Any, **kw: Any) -> None:
        self.audit = audit
        self.attributes = AttributeEditor(audit)
        self.prompts = PromptEditor(audit)
        self.scatter = GapScatter(audit)
        self.slices = SliceTable(audit)
        self.waterfall = AttributeWaterfall(audit)
        self.extremes = ExtremeGrid(audit)
        self.saliency = SaliencyOverlay(audit)
        self.header = DashboardHeader(audit, self)
        self.footer = DashboardFooter(audit)
        columns = [
            _box("left", self.attributes, self.prompts),
            _box("middle", self.scatter, self.slices),
            _box("right", self.waterfall, self.saliency),
            _area(self.extremes, "strip"),
        ]
        grid = _box("grid", _area(self.header, "head"), *columns, _area(self.footer, "foot"))
        super().__init__(children=[grid], **kw)
        self.add_class("vd-dashboard")

    @property
    def views(self) -> list[View]:
        """The views that show results, most important first."""
        return [self.scatter, self.slices, self.waterfall, self.extremes, self.saliency]

    def close(self) -> None:
        """Close every view of it."""
        for widget in _descendants(self):
            widget.close()
        super().close()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        page = fallback.dashboard_page(self.header, [self.scatter, self.slices])
        return {**data, "text/html": page, "text/plain": repr(self.audit)}, metadata


def _area(view: Any, name: str) -> Any:
    view.add_class(f"vd-area-{name}")
    return view


def _box(name: str, *children: Any) -> Any:
    return _area(ipywidgets.Box(children=children), name)


def _descendants(box: Any) -> list[Any]:
    """Return all widgets inside a box, innermost first; an open box would keep what it holds."""
    found = []
    for child in box.children:
        found += _descendants(child) if isinstance(child, ipywidgets.Box) else []
        found += [child.layout, child]
    return found
