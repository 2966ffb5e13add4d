"""The base of every view: what it needs from the audit, its states, and the message protocol."""

from __future__ import annotations

import logging
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import anywidget
import traitlets

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.widgets import assets, common, fallback
from vlmdiag_widgets.widgets.messages import (
    Json,
    NothingToShow,
    describe,
    jsonable,
    push,
    read_request,
    refuse,
    reply,
    rows_to_bytes,
    status,
)

if TYPE_CHECKING:
    import pandas as pd

    from vlmdiag_widgets.audit import Audit

log = logging.getLogger(__name__)


class View(anywidget.AnyWidget):
    """One linked view of an audit.

    A view watches the results named in `needs`; when all are ready it builds the JSON payload of
    its `data` trait from them. It does no arithmetic of its own. Views link through the audit,
    never to one another.

    Parameters
    ----------
    audit : Audit
        What to look at; many views may share one.
    **kw
        Further traits, e.g. ``heading="…"``.
    """

    #: Names of the audit's results this view shows.
    needs: ClassVar[tuple[str, ...]] = ()
    #: Results shown when they are there; the view neither waits for them nor fails with them.
    uses: ClassVar[tuple[str, ...]] = ()
    #: Traits of the audit whose change also rebuilds `data`.
    follows: ClassVar[tuple[str, ...]] = ()
    #: Name of the browser bundle, e.g. ``"gap_scatter"``.
    bundle: ClassVar[str] = ""
    #: Whether the browser needs the rows of the selection, not only its summary.
    wants_rows: ClassVar[bool] = False
    #: The heading unless another one is given.
    title: ClassVar[str] = ""

    heading = traitlets.Unicode(help="Shown above the view.").tag(sync=True)
    status = traitlets.Dict(help="Phase, message, hint, weak evidence, job.").tag(sync=True)
    data = traitlets.Dict(help="What `build` returned last.").tag(sync=True)
    generation = traitlets.Int(0, help="Counts the builds of `data`.").tag(sync=True)
    selection = traitlets.Dict(help="Summary of the audit's selection.").tag(sync=True)
    selection_rows = traitlets.Bytes(
        b"", help="Selected rows, uint32 little-endian; only if `wants_rows`."
    ).tag(sync=True, echo_update=False)
    focus = traitlets.Any(None, allow_none=True, help="Row of the image in focus.").tag(
        sync=True, echo_update=False
    )
    hover = traitlets.Dict(default_value=None, allow_none=True, help="What the pointer is on.").tag(
        sync=True, echo_update=False
    )
    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)

    def __init__(self, audit: Audit, **kw: Any) -> None:
        self.audit = audit
        #: Why the evidence shown is weak, in words; set by `build`.
        self.weak = ""
        self._results: dict[str, Any] = _Results()
        self._phases: dict[str, str] = {}
        self._generations: dict[str, int] = {}
        self._errors: dict[str, Any] = {}
        self._undo: list[Callable[[], None]] = []
        kw.setdefault("heading", self.title)
        super().__init__(status=status("loading"), **kw)
        self.on_msg(_weakly(self, View._receive))
        self._follow_audit()

    @traitlets.default("_esm")
    def _default_esm(self) -> str:
        return assets.script(self.bundle)

    @traitlets.default("_css")
    def _default_css(self) -> str:
        return assets.styles()

    # What a view defines ------------------------------------------------------------------------

    def build(self, results: dict[str, Any]) -> Json:
        """Return the JSON payload of `data` from the values of all `needs` (and some `uses`).

        It may set `self.weak`, and raise `NothingToShow` for the empty state.
        """
        raise NotImplementedError

    def handle(self, kind: str, payload: Json, buffers: list[Any]) -> common.Answer:  # noqa: ARG002
        """Answer a request that only this view knows; return payload and buffers."""
        raise InputError(f"{type(self).__name__} does not answer {kind!r}.")

    def table(self) -> pd.DataFrame:
        """Return what the view shows as a data frame."""
        raise NotImplementedError

    def code(self) -> str:
        """Return the Python that makes this view and its data."""
        name = type(self).__name__
        return f"import vlmdiag_widgets as vd\n\nvd.{name}(audit)\n"

    def picture(self) -> bytes:
        """Return the view as a PNG."""
        raise NotImplementedError

    @property
    def source(self) -> str:
        """How this view signs the selections it makes."""
        return self.bundle

    # The audit's side ---------------------------------------------------------------------------

    def _follow_audit(self) -> None:
        observe_weakly(self, View._on_selection, ["selection"])
        observe_weakly(self, View._on_pointer, ["focus", "hover"])
        observe_weakly(self, View._on_job, ["job"])
        if self.follows:
            observe_weakly(self, View._on_followed, list(self.follows))
        with self.audit.lock:
            self._on_selection({})
            self._on_pointer({})
            if not self.needs:
                self._refresh()
            if self._watched():
                # The audit tells the present phase of every result at once, then each change.
                self._undo.append(self.audit.watch(self._watched(), _weakly(self, View._on_result)))

    def _on_result(self, event: Any) -> None:
        with self.audit.lock:
            if self._is_old(event):
                return
            self._generations[event.name] = event.generation
            self._phases[event.name] = event.phase
            self._errors[event.name] = event.error
            if event.phase == "ready":
                self._results[event.name] = event.value
            if self._concerns(event):
                self._refresh(event.job)

    def _concerns(self, event: Any) -> bool:
        """Tell whether an event changes what is shown; of `uses` only new values do."""
        return event.name in self.needs or event.phase == "ready"

    def _watched(self) -> list[str]:
        return [*self.needs, *self.uses]

    def _is_old(self, event: Any) -> bool:
        return bool(event.generation < self._generations.get(event.name, 0))

    def _on_followed(self, _change: object) -> None:
        with self.audit.lock:
            self._refresh()

    def _on_selection(self, _change: object) -> None:
        with self.audit.lock, self.hold_sync():
            self.selection = jsonable(self.audit.selection.summary())
            if self.wants_rows:
                self.selection_rows = rows_to_bytes(self.audit.selection.rows)

    def _on_pointer(self, _change: object) -> None:
        with self.audit.lock, self.hold_sync():
            self.focus = jsonable(self.audit.focus)
            self.hover = jsonable(self.audit.hover)

    def _on_job(self, _change: object) -> None:
        """Show progress where there is nothing else to show yet."""
        with self.audit.lock:
            if self.status.get("phase") == "loading":
                self.status = status("loading", job=self.audit.job)

    def _refresh(self, job: Any = None) -> None:
        """Bring `status`, and `data` when all needs are ready, up to date."""
        phases = [self._phases.get(name, "loading") for name in self.needs]
        failed = next((n for n in self.needs if self._phases.get(n) == "failed"), None)
        if failed is not None:
            self._fail(self._errors.get(failed))
        elif all(phase == "ready" for phase in phases):
            self._rebuild()
        else:
            kept = bool(self.data)
            job = job or self.audit.job
            self.status = status("stale" if kept else "loading", weak=self.weak, job=job)

    def _rebuild(self) -> None:
        self.weak = ""
        try:
            built = jsonable(self.build(dict(self._results)))
        except NothingToShow as empty:
            self.status = status("empty", empty.message, empty.hint)
        except Exception as error:
            log.exception("%s could not be built", type(self).__name__)
            self._fail(error)
        else:
            with self.hold_sync():
                self.generation += 1
                self.data = built
                self.status = status("ready", weak=self.weak)
            self._after_build()

    def _after_build(self) -> None:
        """Send what is too large for a trait; nothing unless a view says otherwise."""

    def _fail(self, error: Any) -> None:
        told = describe(error) if isinstance(error, BaseException) else _told(error)
        # What the audit was not given (an encoder, attributes, labels) is no breakdown.
        phase = "empty" if isinstance(error, InputError) and not self.data else "failed"
        self.status = status(phase, told["message"], told["hint"])

    # The browser's side -------------------------------------------------------------------------

    def _receive(self, _widget: object, content: Any, buffers: list[Any]) -> None:
        """Answer a message; whatever goes wrong becomes an error reply, never a print."""
        try:
            request = read_request(content)
            payload, out = self._dispatch(request.kind, request.payload, buffers)
            answer = reply(request, payload)
        except Exception as error:
            if not isinstance(error, InputError):
                log.exception("%s could not answer", type(self).__name__)
            answer, out = refuse(content, error), []
        self.send(answer, out)

    def _dispatch(self, kind: str, payload: Json, buffers: list[Any]) -> common.Answer:
        handler = common.HANDLERS.get(kind)
        if handler is None:
            with self.audit.lock:
                return self.handle(kind, payload, buffers)
        # The audit guards its own state, and a slow answer must not keep others waiting.
        return handler(self, payload, buffers)

    def push(self, kind: str, payload: Json, buffers: list[bytes] | None = None) -> None:
        """Say something to every display of this view."""
        self.send(push(kind, self.generation, payload), buffers or [])

    # Life ---------------------------------------------------------------------------------------

    def close(self) -> None:
        """Stop following the audit and leave the page."""
        for undo in self._undo:
            undo()
        self._undo.clear()
        super().close()

    def sketch(self) -> bytes | None:
        """Return a quickly drawn PNG for where no JavaScript runs; None shows the table."""
        return None

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        return fallback.with_fallback(bundle, self)


class _Results(dict[str, Any]):
    """Results by name; one that is not there yet is said in words, for the actions of a view."""

    def __missing__(self, name: str) -> Any:
        raise InputError(
            "This view has nothing to show yet.", "Wait for it, or read what it says instead."
        )


def _told(error: Any) -> dict[str, str]:
    """Read an error that travelled as a plain object with message and hint."""
    message = getattr(error, "message", "") or (str(error) if error is not None else "")
    hint = str(getattr(error, "hint", ""))
    return {"message": message or "This could not be computed.", "hint": hint}


def _weakly(view: View, method: Callable[..., None]) -> Callable[..., None]:
    """Bind a method (or what a subclass has in its place) without keeping the view alive."""
    ref, name = weakref.ref(view), method.__name__

    def call(*args: Any) -> None:
        target = ref()
        if target is not None:
            getattr(target, name)(*args)

    return call


def observe_weakly(view: View, method: Callable[..., None], names: list[str]) -> None:
    """Call ``view.method(change)`` when a trait of the audit changes, until `view` is closed."""
    handler, audit = _weakly(view, method), view.audit
    audit.observe(handler, names)

    def undo() -> None:
        audit.unobserve(handler, names)

    view._undo.append(undo)  # noqa: SLF001
