"""`Audit`: what the user edits, and every result that follows from it."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import traitlets
from traitlets.utils.bunch import Bunch

from vlmdiag_widgets.audit import setup
from vlmdiag_widgets.audit.answers import Answers
from vlmdiag_widgets.audit.graph import Graph
from vlmdiag_widgets.audit.history import History
from vlmdiag_widgets.audit.images import ImageTable
from vlmdiag_widgets.audit.jobs import JobInfo, Outbox
from vlmdiag_widgets.audit.results import Materials, nodes
from vlmdiag_widgets.audit.selecting import Selecting
from vlmdiag_widgets.audit.selection import Selection
from vlmdiag_widgets.audit.state import EDITABLE, POINTERS, Facts, State, checked, notes_on, same


class Audit(Answers, Selecting, traitlets.HasTraits):
    """A model, a data set, and the question where the one fails on the other.

    Every setting is a trait: assign it, or change several at once with `edit`; both check the
    new value, can be undone, and recompute only what the change reaches. Do not change a list
    or dict in place: assign a new one. `observe` works as for any trait; `watch` tells about
    results. Everything may be called from any thread.

    Parameters
    ----------
    encoder : Encoder or None
        From `load_encoder`; anything with ``encode_images`` and ``encode_texts`` will do.
    dataset : ImageDataset
    classifier : {"probe", "zero-shot", "predictions"}, estimator or DataFrame
        What is diagnosed. "probe" is a linear classifier trained here on the training images;
        "zero-shot" compares with the class names. An estimator is a fitted scikit-learn
        classifier or torch module on unit embeddings; a data frame holds the predictions of a
        model from elsewhere, one row an image. A torch module returns one logit a class, in
        the order of `classes`; it is asked in evaluation mode.
    attributes : dict of str → list of str, optional
        What texts may say; default: what the data set carries.
    label_of : dict, optional
        ``{"species": {"mallard": "waterbird"}}``: the class of a text; default: read from the
        data, or the value itself where it names a class.
    group_of : dict, optional
        ``{"habitat": {"place": {"ocean": "water"}}}``: derived attributes for slices; default:
        read from the data.
    templates : list of str, optional
        See `vlmdiag_widgets.audit.templates`.
    ensemble : bool
        Wrap each phrase in the 80 templates of CLIP.
    texts : list of str or DataFrame, optional
        Your own texts instead of composed ones: text, class, attribute columns.
    target_class : str, optional
        The class that influence explains; default: the one with the lowest accuracy.
    slice_by : list of str, optional
        Default: class and the first derived attribute, or else all attributes.
    gap : {"open", "closed"}
    colour_by : str
    store : EmbeddingStore, optional
        Where embeddings are kept; default: the user's cache. False: nowhere.
    seed : int
        For splits that must be drawn, the probe and the failure directions.

    Attributes
    ----------
    selection : Selection
        One for all views; set it with `select`.
    focus : int or None
        Row of the image looked at.
    job : JobInfo or None
        What runs now.
    notes : list of str
        What was decided for the user, and what works but may not be meant.

    Raises
    ------
    InputError
        For anything that does not fit together; the message says what to do.

    References
    ----------
    Zhang et al. 2023, DrML, section 2.2; Jain et al. 2023, Distilling model failures as
    directions in latent space, section 2.
    """

    attributes = traitlets.Dict(help="What texts may say: attribute → values.")
    templates: traitlets.List[str] = traitlets.List(
        help="Sentences with {attribute} and [optional parts]."
    )
    ensemble = traitlets.Bool(help="Whether each phrase is put into the 80 templates of CLIP.")
    label_of = traitlets.Dict(help="Attribute → value → class.")
    group_of = traitlets.Dict(help="Derived attribute → attribute → value → group.")
    target_class = traitlets.Unicode(help="The class that influence explains.")
    slice_by: traitlets.List[str] = traitlets.List(
        help="Columns whose combinations are the slices."
    )
    gap = traitlets.Unicode("open", help="'open' or 'closed'.")
    colour_by = traitlets.Unicode("class", help="What colours the points.")
    selection = traitlets.Instance(Selection, args=(), help="What is selected, for all views.")
    focus = traitlets.Int(None, allow_none=True, help="Row of the image looked at.")
    hover = traitlets.Dict(
        default_value=None, allow_none=True, help="What the pointer is on; None: nothing."
    )
    saliency_target = traitlets.Unicode(
        None, allow_none=True, help="The class that saliency explains; None: the predicted one."
    )
    job = traitlets.Instance(JobInfo, None, allow_none=True, help="What runs now.")
    can_undo = traitlets.Bool(False, help="Whether `undo` does something.")
    can_redo = traitlets.Bool(False, help="Whether `redo` does something.")
    notes: traitlets.List[str] = traitlets.List(
        help="What the user should know about the settings."
    )

    def __init__(
        self,
        encoder: Any,
        dataset: Any,
        *,
        classifier: Any = "probe",
        attributes: Mapping[str, Iterable[str]] | None = None,
        label_of: Mapping[str, Mapping[str, str]] | None = None,
        group_of: Mapping[str, Mapping[str, Mapping[str, str]]] | None = None,
        templates: Iterable[str] | str | None = None,
        ensemble: bool = False,
        texts: Any = None,
        target_class: str | None = None,
        slice_by: Iterable[str] | None = None,
        gap: str = "open",
        colour_by: str = "class",
        store: Any = None,
        seed: int = 0,
    ) -> None:
        super().__init__()
        materials = setup.from_dataset(encoder, dataset, classifier, texts, store, seed)
        given = {
            "attributes": attributes, "label_of": label_of, "group_of": group_of,
            "templates": templates, "ensemble": ensemble, "target_class": target_class,
            "slice_by": slice_by, "gap": gap, "colour_by": colour_by,
        }  # fmt: skip
        self._begin(materials, given)

    @classmethod
    def from_embeddings(
        cls,
        x: Any,
        y_labels: Any = None,
        *,
        encoder: Any = None,
        texts: Any = None,
        text_embeddings: Any = None,
        attributes_table: Any = None,
        split: Any = None,
        ids: Any = None,
        classes: Any = None,
        dataset: Any = None,
        classifier: Any = "probe",
        store: Any = False,
        name: str = "embeddings",
        seed: int = 0,
        **settings: Any,
    ) -> Audit:
        """Make an audit from image embeddings computed elsewhere.

        Parameters
        ----------
        x : array_like (n, d)
            Raw (un-normalised) image embeddings.
        y_labels : sequence of str (n,), optional
        encoder : optional
            Anything with ``encode_texts(texts) -> (m, d)``, for composed texts.
        texts, text_embeddings : optional
            Texts with their embeddings (m, d). With `attributes` in the settings they serve
            the composed texts that they contain; otherwise they are the texts of the audit.
        attributes_table : DataFrame or mapping, optional
            One row an image.
        split, ids, classes, dataset : optional
            `dataset` adds pixels: row i must be the image of ``x[i]``.
        **settings
            As for `Audit`: attributes, templates, label_of, …

        Raises
        ------
        InputError
            For shapes that do not fit, or rows with NaN.
        """
        table = {"attributes_table": attributes_table, "split": split, "ids": ids}
        materials = setup.from_arrays(
            x, y_labels, encoder, texts, text_embeddings,
            composed=bool(settings.get("attributes")), classifier=classifier, dataset=dataset,
            classes=classes, store=store, name=name, seed=seed, **table,
        )  # fmt: skip
        return cls._from_materials(materials, settings)

    @classmethod
    def _from_materials(cls, materials: Materials, settings: Mapping[str, Any]) -> Audit:
        audit = cls.__new__(cls)
        traitlets.HasTraits.__init__(audit)
        audit._begin(materials, settings)  # noqa: SLF001 - a constructor
        return audit

    def _begin(self, materials: Materials, given: Mapping[str, Any]) -> None:
        self.lock = threading.RLock()
        self._materials = materials
        self._dashboard: Any = None  # made when the audit is first shown
        self._weakest = materials.classes[0] if materials.classes else ""
        self._outbox = Outbox()
        self._history: History[State] = History()
        pasted = materials.pasted is not None
        self._facts = Facts(materials.images, tuple(materials.classes), pasted=pasted)
        self._state = setup.first_state(self._facts, materials, given)
        for name, value in self._state.items():
            self._trait_values[name] = self._shown(name, value)
        self._trait_values["selection"] = Selection()
        self._trait_values["notes"] = self._all_notes(self._state)
        this = weakref.ref(self)
        self._graph = Graph(
            nodes(materials),
            self._state,
            lock=self.lock,
            outbox=self._outbox,
            on_job=partial(_call_if_alive, this, "_show_job"),
            on_ready={"default_target": partial(_call_if_alive, this, "_settle_target")},
        )

    # -- what it is about --------------------------------------------------------------------

    @property
    def dataset(self) -> Any:
        """The images, or None."""
        return self._materials.dataset

    @property
    def encoder(self) -> Any:
        """The encoder, or None."""
        return self._materials.encoder

    @property
    def classes(self) -> list[str]:
        """Names of the classes, in the order of all probability columns."""
        return list(self._materials.classes)

    @property
    def images(self) -> ImageTable:
        """What is known about each image: id, class, attributes, split."""
        return self._materials.images

    def missing_texts(self, texts: Sequence[str]) -> int:
        """Return how many of `texts` would have to be embedded anew."""
        missing = self._materials.vectors.missing(texts)
        store = self._materials.store
        return len(missing) if store is None else int(store.missing_texts(self.encoder, missing))

    @property
    def columns(self) -> list[str]:
        """What slices can be made by: class, attributes, derived attributes."""
        with self.lock:
            return self._facts.columns(self._state)

    @property
    def title(self) -> str:
        """Model, data and classifier: ``"demo@1 · waterbirds · linear probe"``."""
        encoder = self.encoder
        model = getattr(encoder, "name", type(encoder).__name__) if encoder is not None else ""
        parts = [model, self._materials.images.name, self._materials.spec.title]
        return " · ".join(part for part in parts if part)

    def __repr__(self) -> str:
        counts = f"{len(self._materials.images):,} images, {len(self.classes)} classes"
        return f"<Audit {self.title}: {counts}>"

    # -- editing -----------------------------------------------------------------------------

    def edit(self, **changes: Any) -> None:
        """Change settings together, or none of them; returns before results are there.

        Raises
        ------
        InputError
            When a value cannot be used; nothing has changed then.
        """
        with self.lock:
            new = checked(self._state, changes, self._facts)
            if not all(same(new[name], self._state[name]) for name in EDITABLE):
                self._history.push(self._state)
            self._take(new)
        self._outbox.deliver()

    def undo(self) -> bool:
        """Take the last edit back; tells whether there was one."""
        return self._travel(self._history.undo)

    def redo(self) -> bool:
        """Make an undone edit again; tells whether there was one."""
        return self._travel(self._history.redo)

    def _travel(self, step: Callable[[State], State | None]) -> bool:
        with self.lock:
            state = step(self._state)
            if state is not None:
                pointers = {name: self._state[name] for name in POINTERS}
                self._take({**state, **pointers})
        self._outbox.deliver()
        return state is not None

    def _take(self, new: State) -> None:
        """Make `new` the state and say so (lock held)."""
        old, self._state = self._state, new
        for name in new:
            self._show(name, self._shown(name, new[name]))
        self._show("notes", self._all_notes(new))
        self._show("can_undo", self._history.can_undo)
        self._show("can_redo", self._history.can_redo)
        changed = {name for name in new if not same(new[name], old[name])}
        if {"attributes", "group_of"} & changed:
            self._refresh_selection()
        if self._graph.fields & changed:  # a moving pointer reaches no result
            self._graph.update(new)

    def _shown(self, name: str, value: Any) -> Any:
        if name == "target_class" and value is None:
            return self._weakest
        return value

    def _all_notes(self, state: State) -> list[str]:
        return [*self._materials.notes, *notes_on(state, self._facts)]

    def _show(self, name: str, value: Any) -> None:
        """Set a trait and post its change, so that observers run in order and without a lock."""
        old = self._trait_values.get(name)
        if old is value or (type(old) is type(value) and same(old, value)):
            return
        self._trait_values[name] = value
        change = Bunch(name=name, old=old, new=value, owner=self, type="change")
        self._outbox.post(partial(self.notify_change, change))

    def __setattr__(self, name: str, value: Any) -> None:
        if name in EDITABLE or name in POINTERS:
            self.edit(**{name: value})
        elif name == "selection":
            self._select(value)
        else:
            super().__setattr__(name, value)

    def _settle_target(self, target: str) -> None:
        """Explain the weakest class, unless the user chose one."""
        with self.lock:
            self._weakest = target
            self._show("target_class", self._shown("target_class", self._state["target_class"]))
        self._outbox.deliver()

    def _show_job(self, info: JobInfo | None) -> None:
        self._show("job", info)

    # -- showing and keeping -----------------------------------------------------------------

    def _ipython_display_(self) -> None:
        from IPython.display import display

        from vlmdiag_widgets.widgets import Dashboard

        # One for all displays: each that is made anew would go on following every edit.
        if self._dashboard is None or self._dashboard.comm is None:
            self._dashboard = Dashboard(self)
        display(self._dashboard)  # type: ignore[no-untyped-call]

    def code(self) -> str:
        """Return the Python that makes this audit again."""
        from vlmdiag_widgets.audit.code import audit_code

        with self.lock:
            return audit_code(self._materials, self._state)

    def provenance(self) -> dict[str, Any]:
        """Return versions, seeds, hashes, device and timings, as JSON values."""
        from vlmdiag_widgets.audit.provenance import provenance_of

        with self.lock:
            return provenance_of(self._materials, self._state, self._graph)

    def save(self, folder: Any) -> None:
        """Write state, embeddings, classifier and provenance; see `persist.save`."""
        from vlmdiag_widgets.audit.persist import save

        save(self, folder)

    @classmethod
    def load(cls, folder: Any, *, encoder: Any = None, dataset: Any = None) -> Audit:
        """Read what `save` wrote; see `persist.load`."""
        from vlmdiag_widgets.audit.persist import load

        return load(cls, folder, encoder=encoder, dataset=dataset)


def _call_if_alive(this: weakref.ref[Audit], method: str, *args: Any) -> None:
    audit = this()
    if audit is not None:
        getattr(audit, method)(*args)
