"""The named results of an audit: what each is made from, and by which diagnosis."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets._progress import ProgressFn
from vlmdiag_widgets.audit import classifier as classifiers
from vlmdiag_widgets.audit.extremes import fit_directions
from vlmdiag_widgets.audit.frames import text_column
from vlmdiag_widgets.audit.images import ImageTable
from vlmdiag_widgets.audit.node import Inputs, Node
from vlmdiag_widgets.audit.projection import project
from vlmdiag_widgets.audit.saliency import explain
from vlmdiag_widgets.audit.templates import parse_all
from vlmdiag_widgets.audit.texts import TextIds, compose_texts, derived_columns
from vlmdiag_widgets.audit.vectors import TextVectors, unit

#: Images embedded between two looks at whether the user cancelled, where there is no store.
CHUNK = 64
#: Where no text can have a vector, images are shown alone.
NO_TEXTS = pd.DataFrame(
    {"text_id": np.zeros(0, np.int64), "class": np.zeros(0, object), "full": np.zeros(0, bool)}
)


@dataclass
class Materials:
    """What an audit is made from; none of it changes while it lives."""

    images: ImageTable
    vectors: TextVectors
    spec: classifiers.Spec
    dataset: Any = None
    encoder: Any = None
    store: Any = None
    embeddings: npt.NDArray[np.float32] | None = None
    pasted: pd.DataFrame | None = None
    seed: int = 0
    ids: TextIds = field(default_factory=TextIds)

    @property
    def notes(self) -> list[str]:
        """What the user should know about images and store, in words."""
        warning = getattr(self.store, "warning", None)
        return [*self.images.notes, *([warning] if warning else [])]

    @property
    def classes(self) -> list[str]:
        """Names of the classes, in the order of all probability columns."""
        return self.images.classes


def nodes(materials: Materials) -> list[Node]:
    """Return all results of an audit."""
    made = _Results(materials)
    kind = materials.spec.kind
    for_probe = ("image_embeddings",) if kind == "probe" else ()
    to_predict = ("classifier",) if kind == "predictions" else ("classifier", "image_embeddings")
    text_side = () if kind == "predictions" else ("text_predictions",)
    text_points = ("texts", "text_embeddings") if materials.vectors.any_possible else ()
    text_state = ("attributes", "templates", "ensemble", "label_of", "group_of")
    return [
        Node(
            "texts", made.texts, state=text_state,
            label="composing texts", priority=1, preview=True,
        ),
        Node(
            "text_embeddings", made.text_embeddings, ("texts",),
            label="embedding texts", priority=2, keep=4,
        ),
        Node(
            "image_embeddings", made.image_embeddings,
            label="embedding images", priority=3, announce=True,
        ),
        Node(
            "classifier", made.classifier, for_probe,
            label=_training(kind), priority=3, announce=kind == "probe",
        ),
        Node(
            "image_probabilities", made.image_probabilities, to_predict,
            label="predicting images", priority=3,
        ),
        Node("default_target", made.default_target, ("image_probabilities",), priority=3),
        Node(
            "image_predictions", made.image_predictions, ("image_probabilities",), ("group_of",),
            label="predicting images", priority=3,
        ),
        Node(
            "text_predictions", made.text_predictions,
            ("texts", "text_embeddings", "classifier"),
            label="predicting texts", priority=3,
        ),
        Node(
            "slices", made.slices, (*text_side, "image_predictions"), ("slice_by",),
            label="scoring slices", priority=4,
        ),
        Node("trust", made.trust, ("slices",), label="comparing texts with images", priority=5),
        Node(
            "influence", made.influence, ("text_predictions", "default_target"),
            ("target_class", "attributes", "templates"),
            label="measuring influence", priority=4, keep=32,
        ),
        Node(
            "projection", made.projection, (*text_points, "image_embeddings"),
            label="projecting", priority=5, keep=4,
        ),
        Node(
            "directions", made.directions, ("image_embeddings", "image_probabilities"),
            label="finding failure directions", priority=9, announce=True, yields=True,
        ),
        Node(
            "saliency", made.saliency, ("classifier",), ("focus", "saliency_target"),
            label="explaining an image", priority=0, keep=64, preview=True,
        ),
    ]  # fmt: skip


def _training(kind: str) -> str:
    return "training the probe" if kind == "probe" else "preparing the classifier"


class _Results:
    """One method a result; each a pure function of its inputs and the materials."""

    def __init__(self, materials: Materials) -> None:
        self._m = materials

    def texts(self, inputs: Inputs) -> pd.DataFrame:
        if self._m.pasted is not None:
            return self._pasted(inputs)
        if not inputs.state["attributes"]:
            raise InputError(
                "There are no attributes, so there are no texts.",
                'Give some: audit.edit(attributes={"place": ["ocean", "forest"]}, '
                'templates=["a photo of a [{place}|scene]."]).',
            )
        return compose_texts(
            inputs.state["attributes"],
            inputs.state["templates"],
            inputs.state["label_of"],
            inputs.state["group_of"],
            wrapped=inputs.state["ensemble"],
            ids=self._m.ids,
        )

    def _pasted(self, inputs: Inputs) -> pd.DataFrame:
        table = self._m.pasted
        assert table is not None  # noqa: S101 - for the type checker
        columns = {name: list(table[name]) for name in table.columns}
        return table.assign(**derived_columns(columns, inputs.state["group_of"]))

    def text_embeddings(self, inputs: Inputs) -> npt.NDArray[np.float32]:
        return self._m.vectors.get(list(inputs.needs["texts"]["text"]), inputs.progress)

    def image_embeddings(self, inputs: Inputs) -> npt.NDArray[np.float32]:
        m = self._m
        if m.embeddings is not None:
            return m.embeddings
        if m.encoder is None or m.dataset is None:
            raise InputError(
                "There is no encoder, so the images have no embeddings.", "Pass encoder=."
            )
        if m.store is not None:
            x = m.store.images(m.encoder, m.dataset, progress=inputs.progress)
        else:
            x = _embed_images(m.encoder, m.dataset, inputs.progress)
        if not np.isfinite(x).all(axis=1).any():
            raise InputError(
                "None of the images could be embedded.", "audit.dataset.broken says why."
            )
        return np.asarray(x, dtype=np.float32)

    def classifier(self, inputs: Inputs) -> Any:
        scale = getattr(self._m.encoder, "logit_scale", None)
        return classifiers.build(
            self._m.spec,
            self._m.images,
            inputs.needs.get("image_embeddings"),
            self._m.vectors,
            logit_scale=None if scale is None else float(scale),
            seed=self._m.seed,
            progress=inputs.progress,
        )

    def image_probabilities(self, inputs: Inputs) -> npt.NDArray[np.float64]:
        classifier = inputs.needs["classifier"]
        if isinstance(classifier, classifiers.Predictions):
            return classifier.proba
        x = unit(inputs.needs["image_embeddings"])
        return classifiers.probabilities(classifier, x, self._m.classes)

    def default_target(self, inputs: Inputs) -> str:
        """Return the class with the lowest accuracy on evaluation images, or the first."""
        table = self._predicted(inputs.needs["image_probabilities"], {})
        if not table["correct"].notna().any():
            return self._m.classes[0]
        accuracy = table.groupby("class")["correct"].mean()
        return min(
            map(str, accuracy.index), key=lambda name: (accuracy[name], self._m.classes.index(name))
        )

    def image_predictions(self, inputs: Inputs) -> pd.DataFrame:
        return self._predicted(inputs.needs["image_probabilities"], inputs.state["group_of"])

    def _predicted(self, proba: npt.NDArray[np.float64], group_of: Any) -> pd.DataFrame:
        rows = self._m.images.evaluation_rows()
        rows = rows[np.isfinite(proba[rows]).all(axis=1)]
        table = evaluation_table(self._m.images, group_of, rows)
        p = proba[rows]
        classes = np.array(self._m.classes, dtype=object)
        predicted = classes[p.argmax(axis=1)] if len(p) else np.empty(0, dtype=object)
        truth = table["class"].to_numpy()
        known = np.array([name is not None for name in truth], dtype=bool)
        correct = np.full(len(p), None, dtype=object)
        correct[known] = (predicted == truth)[known]
        figures = {
            "predicted": text_column(predicted),
            "confidence": p.max(axis=1) if len(p) else np.empty(0),
            "p_true": p_true(p, truth, self._m.classes),
            "correct": correct.astype(bool) if known.all() else correct,
        }
        head = ["row", "id", "split", "class"]
        rest = [name for name in table.columns if name not in head]
        return pd.DataFrame(
            {
                **{name: table[name] for name in head},
                **figures,
                **{name: table[name] for name in rest},
                **_columns(p, self._m.classes),
            }
        )

    def text_predictions(self, inputs: Inputs) -> pd.DataFrame:
        texts, y = inputs.needs["texts"], inputs.needs["text_embeddings"]
        p = classifiers.probabilities(inputs.needs["classifier"], unit(y), self._m.classes)
        truth = p_true(p, texts["class"].to_numpy(), self._m.classes)
        figures = pd.DataFrame(_columns(p, self._m.classes), index=texts.index)
        # In one piece: hundreds of single columns would be slow.
        table: pd.DataFrame = pd.concat([texts.assign(p_true=truth), figures], axis=1)
        return table

    def slices(self, inputs: Inputs) -> pd.DataFrame:
        from vlmdiag_widgets.diagnosis import slice_scores

        images = inputs.needs["image_predictions"]
        by = inputs.state["slice_by"]
        texts = inputs.needs.get("text_predictions", _no_texts(self._m.classes, by))
        absent = {name: None for name in by if name not in texts.columns}
        return slice_scores(
            texts.assign(**absent),
            proba_of(texts, self._m.classes),
            images if len(images) else None,
            proba_of(images, self._m.classes) if len(images) else None,
            by=by,
            classes=self._m.classes,
        )

    def trust(self, inputs: Inputs) -> Any:
        from vlmdiag_widgets.diagnosis import trust_line

        return trust_line(inputs.needs["slices"], seed=self._m.seed)

    def influence(self, inputs: Inputs) -> Any:
        from vlmdiag_widgets.diagnosis import attribute_influence

        target = inputs.state["target_class"] or inputs.needs["default_target"]
        texts = inputs.needs["text_predictions"]
        players, given = self._players(inputs)
        return attribute_influence(texts, texts[f"p:{target}"].to_numpy(), players, given=given)

    def _players(self, inputs: Inputs) -> tuple[list[str], list[str]]:
        """Return the attributes that texts can leave out, and those that some cannot."""
        given: list[str] = []
        if self._m.pasted is not None:
            names = list(inputs.state["attributes"])
        else:
            parsed = parse_all(inputs.state["templates"], inputs.state["attributes"])
            fixed = {name for template in parsed for name in template.required}
            used = {name for template in parsed for name in template.names}
            names = [n for n in inputs.state["attributes"] if n in used and n not in fixed]
            given = sorted(fixed)
        if not names and self._m.pasted is not None:
            raise InputError(
                "The texts name no attribute, so there is no influence to measure.",
                "Give texts as a data frame with attribute columns, left empty where a text does "
                "not name one.",
            )
        if not names:
            raise InputError(
                "No attribute can be left out of the texts, so none has a measurable influence.",
                "Put one into brackets in every template: [{species}|bird].",
            )
        return names, given

    def projection(self, inputs: Inputs) -> Any:
        x = inputs.needs["image_embeddings"]
        rows = self._m.images.evaluation_rows()
        rows = rows[np.isfinite(x[rows]).all(axis=1)]
        texts = inputs.needs.get("texts", NO_TEXTS)
        y = inputs.needs.get("text_embeddings", x[:0])
        return project(unit(x[rows]), rows, self._m.images.class_of[rows], unit(y), texts)

    def directions(self, inputs: Inputs) -> Any:
        return fit_directions(
            self._m.images,
            inputs.needs["image_embeddings"],
            inputs.needs["image_probabilities"],
            self._m.classes,
            seed=self._m.seed,
            progress=inputs.progress,
        )

    def saliency(self, inputs: Inputs) -> Any:
        focus, target = inputs.state["focus"], inputs.state["saliency_target"]
        if focus is None:
            return None
        m = self._m
        classifier = inputs.needs["classifier"]
        return explain(m.dataset, m.encoder, classifier, m.classes, int(focus), target)


def evaluation_table(
    images: ImageTable,
    group_of: Any,
    rows: npt.NDArray[np.intp] | None = None,
) -> pd.DataFrame:
    """Return row, id, split, class, attributes and derived attributes of evaluation images."""
    rows = images.evaluation_rows() if rows is None else rows
    attributes = images.attributes.iloc[rows].reset_index(drop=True)
    columns = {name: list(attributes[name]) for name in attributes.columns}
    table = {
        "row": rows.astype(np.uint32),
        "id": text_column(images.ids[rows]),
        "split": text_column(images.split[rows]),
        "class": text_column(images.class_of[rows]),
        **{name: text_column(attributes[name]) for name in attributes.columns},
    }
    for name, values in derived_columns(columns, group_of).items():
        own = columns.get(name)
        if own is not None:  # the data's own word where the grouping has none
            pairs = zip(values, own, strict=True)
            table[name] = text_column(w if v is None else v for v, w in pairs)
        else:
            table[name] = values
    return pd.DataFrame(table)


def p_true(
    proba: npt.NDArray[Any], truth: npt.NDArray[Any], classes: list[str]
) -> npt.NDArray[np.float64]:
    """Return the probability of each row's own class, NaN where it has none."""
    index = {name: i for i, name in enumerate(classes)}
    codes = np.array([index.get(name, -1) for name in truth], dtype=int)
    out = np.full(len(proba), np.nan)
    known = codes >= 0
    out[known] = proba[known, codes[known]]
    return out


def proba_of(table: pd.DataFrame, classes: list[str]) -> npt.NDArray[np.float64]:
    """Return the probability columns of a predictions table, (rows, C)."""
    return np.asarray(table[[f"p:{name}" for name in classes]], dtype=np.float64)


def _columns(proba: npt.NDArray[Any], classes: list[str]) -> dict[str, npt.NDArray[Any]]:
    return {f"p:{name}": proba[:, i] for i, name in enumerate(classes)}


def _no_texts(classes: list[str], by: list[str]) -> pd.DataFrame:
    names = list(dict.fromkeys(["class", *by]))
    return pd.DataFrame(
        {
            **{name: pd.Series(dtype=object) for name in names},
            **{f"p:{name}": pd.Series(dtype=float) for name in classes},
        }
    )


def _embed_images(encoder: Any, dataset: Any, progress: ProgressFn) -> npt.NDArray[np.float32]:
    """Return one row an image, NaN for a broken one; the data set itself lists those."""
    total, size = len(dataset), getattr(encoder, "image_size", None)
    parts = []
    for start in range(0, total, CHUNK):
        progress(start, total)
        opened = {
            row: image
            for row in range(start, min(start + CHUNK, total))
            if (image := _opened(dataset, row, size)) is not None
        }
        if opened:
            parts.append((list(opened), np.asarray(encoder.encode_images(list(opened.values())))))
    out = np.full((total, parts[0][1].shape[1] if parts else 1), np.nan, dtype=np.float32)
    for rows, vectors in parts:
        out[rows] = vectors
    return out


def _opened(dataset: Any, row: int, size: int | None) -> Any:
    try:
        return dataset.open(row, size)
    except OSError:  # a broken image
        return None
