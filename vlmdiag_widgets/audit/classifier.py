"""The classifier under diagnosis: trained here, zero-shot, brought along, or only its answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit, softmax

from vlmdiag_widgets._errors import InputError, VlmdiagError
from vlmdiag_widgets._progress import ProgressFn
from vlmdiag_widgets.audit.images import ImageTable
from vlmdiag_widgets.audit.templates import with_article
from vlmdiag_widgets.audit.vectors import TextVectors, unit

Float = npt.NDArray[np.float64]

#: Share of the training images that choose the probe's epoch. They come from the training
#: images, not from val: val stays unseen for the failure directions, and may be biased
#: differently from training on purpose.
HELD_OUT = 0.1
ZERO_SHOT_PROMPT = "a photo of a {}."
#: Used where an encoder does not say its own.
LOGIT_SCALE = 100.0


@dataclass(frozen=True)
class Spec:
    """Which classifier to use; `read` makes one from what the user gave."""

    kind: Literal["probe", "zero-shot", "estimator", "predictions"]
    title: str
    estimator: Any = None
    proba: Float | None = None
    source: str = ""

    @property
    def made_by(self) -> str:
        """What the user asked for; a saved probe is an estimator made by "probe"."""
        return self.source or self.kind


class Predictions:
    """Probabilities of a model that is not here: images only, no new text or image."""

    def __init__(self, proba: Float, classes: Sequence[str]) -> None:
        self.classes_ = list(classes)
        self.proba = proba

    def predict_proba(self, x: Any) -> Float:  # noqa: ARG002 - the name is the protocol
        """Refuse: there is no model to ask."""
        raise InputError(
            "This audit has predictions of a classifier, not the classifier, so texts and new "
            "images cannot be scored.",
            'Use classifier="probe", "zero-shot" or a fitted estimator for the text side.',
        )


def read(given: Any, images: ImageTable, dataset_predictions: Any = None) -> Spec:
    """Make a `Spec` from "probe", "zero-shot", "predictions", an estimator or a data frame.

    Raises
    ------
    InputError
        For anything else, an estimator that is not fitted or knows other classes, or
        predictions that do not fit the images.
    """
    if isinstance(given, str) and given == "probe":
        return Spec("probe", "linear probe")
    if isinstance(given, str) and given == "zero-shot":
        return Spec("zero-shot", "zero-shot")
    if isinstance(given, str) and given == "predictions" and dataset_predictions is not None:
        given = dataset_predictions
    if isinstance(given, pd.DataFrame):
        proba = _read_predictions(given, images)
        return Spec("predictions", "given predictions", proba=proba)
    if isinstance(given, str) or given is None:
        raise InputError(
            f"classifier is {given!r}.",
            'Use "probe", "zero-shot", a fitted estimator, or a data frame of predictions'
            ' ("predictions" where the data set carries them).',
        )
    _check_estimator(given, images)
    return Spec("estimator", type(given).__name__, estimator=given)


def _read_predictions(frame: pd.DataFrame, images: ImageTable) -> Float:
    if len(frame) != len(images):
        raise InputError(
            f"There are {len(frame):,} predictions for {len(images):,} images.",
            "Give one row for each image, in the order of the images.",
        )
    if "predicted" in frame.columns and not set(images.classes) <= set(frame.columns):
        _check_complete(frame[["predicted"]])
        names = frame["predicted"].astype(str).to_numpy()
        unknown = sorted(set(names) - set(images.classes))
        if unknown:
            raise InputError(
                f"The predictions hold {unknown[0]!r}, which is no class of the data.",
                f"The classes are {', '.join(images.classes)}.",
            )
        return np.asarray(names[:, None] == np.array(images.classes)[None, :], dtype=float)
    lost = [name for name in images.classes if name not in frame.columns]
    if lost or not images.classes:
        raise InputError(
            f"The predictions have the columns {list(frame.columns)}.",
            f"Give one column of probabilities a class ({', '.join(images.classes)}), or one "
            "column 'predicted'.",
        )
    _check_complete(frame[images.classes])
    try:
        proba = frame[images.classes].to_numpy(dtype=float)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"The predictions are no numbers ({error}).",
            "Give probabilities, or one column 'predicted' with class names.",
        ) from error
    if proba.min(initial=0) < 0 or proba.max(initial=0) > 1:
        raise InputError("Some predictions lie outside 0 to 1.", "Give probabilities, not logits.")
    return np.asarray(proba)


def _check_complete(frame: pd.DataFrame) -> None:
    lost = np.flatnonzero(frame.isna().any(axis=1))
    if lost.size:
        raise InputError(
            f"The predictions are missing for {lost.size:,} images; the first is row {lost[0]}.",
            "Give every image a prediction, or leave these images out of the data set.",
        )


def _check_estimator(estimator: Any, images: ImageTable) -> None:
    if isinstance(estimator, type):
        raise InputError(
            f"classifier is the type {estimator.__name__}, not a fitted {estimator.__name__}.",
            f"Write {estimator.__name__}(…).fit(x, labels) on unit embeddings.",
        )
    if _is_torch(estimator):
        return
    answers = any(hasattr(estimator, name) for name in ("predict_proba", "decision_function"))
    if not answers:
        raise InputError(
            f"A {type(estimator).__name__} has neither predict_proba nor decision_function.",
            "Give a fitted scikit-learn classifier or a torch module that returns logits.",
        )
    if not hasattr(estimator, "classes_"):
        raise InputError(
            f"The {type(estimator).__name__} is not fitted.", "Call fit on unit embeddings first."
        )
    unknown = sorted(set(map(str, estimator.classes_)) - set(images.classes))
    if unknown:
        raise InputError(
            f"The classifier knows the class {unknown[0]!r}, which the data do not have.",
            f"The classes of the data are {', '.join(images.classes)}.",
        )


def _is_torch(estimator: Any) -> bool:
    return any(base.__module__.startswith("torch.nn") for base in type(estimator).__mro__)


def build(
    spec: Spec,
    images: ImageTable,
    x: npt.NDArray[Any] | None,
    vectors: TextVectors,
    *,
    logit_scale: float | None,
    seed: int,
    progress: ProgressFn,
) -> Any:
    """Return the classifier: an object with ``classes_`` and ``predict_proba`` on unit rows."""
    if images.multi_label:
        raise InputError(
            "The images have several labels each; classifiers of such data are not supported.",
            "Embeddings, the gap and the projection work; give one label an image for the rest.",
        )
    if len(images.classes) < 2:
        raise InputError(
            "The data have no classes, so there is nothing to classify.",
            "Give labels to the data set, or classes for a zero-shot classifier.",
        )
    if spec.kind == "probe":
        return _train_probe(images, x, seed, progress)
    if spec.kind == "zero-shot":
        return _zero_shot(images.classes, vectors, logit_scale, progress)
    if spec.kind == "predictions":
        return Predictions(np.asarray(spec.proba), images.classes)
    return spec.estimator


def _train_probe(images: ImageTable, x: Any, seed: int, progress: ProgressFn) -> Any:
    from vlmdiag_widgets.diagnosis import LinearProbe

    finite = np.isfinite(x).all(axis=1)
    rows = images.rows("train")
    rows = rows[images.labelled[rows] & finite[rows]]
    labels = images.class_of
    if len(set(labels[rows])) < 2:
        raise InputError(
            f"The {len(rows):,} training images with a label cover fewer than two classes, so no "
            "probe can be trained.",
            'Use classifier="zero-shot" or change the split.',
        )
    fit, held = hold_out(rows, labels, seed)
    x_val, labels_val = (unit(x[held]), list(labels[held])) if len(held) else (None, None)
    probe = LinearProbe(seed=seed)
    return probe.fit(unit(x[fit]), list(labels[fit]), x_val, labels_val, progress)


def hold_out(rows: npt.NDArray[np.intp], labels: npt.NDArray[Any], seed: int) -> tuple[Any, Any]:
    """Divide training rows into (fit, held out), class by class; classes below ten stay whole."""
    rng = np.random.default_rng(seed)
    held = []
    for name in sorted(set(labels[rows])):
        members = rng.permutation(rows[labels[rows] == name])
        held.append(members[: int(len(members) * HELD_OUT)])
    chosen = np.sort(np.concatenate(held))
    return np.setdiff1d(rows, chosen), chosen


def _zero_shot(
    classes: Sequence[str], vectors: TextVectors, logit_scale: float | None, progress: ProgressFn
) -> Any:
    from vlmdiag_widgets.diagnosis import ZeroShotClassifier

    before, after = ZERO_SHOT_PROMPT.split("{}")
    prompts = [with_article(before, name) + after for name in classes]
    scale = LOGIT_SCALE if logit_scale is None else logit_scale
    return ZeroShotClassifier(vectors.get(prompts, progress), list(classes), scale)


def probabilities(classifier: Any, x: npt.NDArray[Any], classes: Sequence[str]) -> Float:
    """Return class probabilities (n, C) of unit rows, columns in the order of `classes`.

    Classes that the classifier does not know get 0; rows with NaN stay NaN.
    """
    proba = np.full((len(x), len(classes)), np.nan)
    finite = np.isfinite(x).all(axis=1)
    if finite.any():
        proba[finite] = _ordered(classifier, _asked(classifier, x[finite]), classes)
    return proba


def _asked(classifier: Any, x: npt.NDArray[Any]) -> Float:
    """Ask a classifier that may come from anywhere; say so where it cannot answer."""
    try:
        return _answer(classifier, x)
    except VlmdiagError:
        raise
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        wanted = getattr(classifier, "n_features_in_", None)
        expects = "" if wanted is None else f"; it was fitted on {wanted} features"
        raise InputError(
            f"The {type(classifier).__name__} cannot score embeddings of {x.shape[1]} "
            f"dimensions{expects} ({error}).",
            "Fit it on unit embeddings of the same encoder: audit.embeddings() scaled to length 1.",
        ) from error


def _answer(classifier: Any, x: npt.NDArray[Any]) -> Float:
    if _is_torch(classifier):
        import torch

        with torch.no_grad(), evaluating(classifier):
            logits = classifier(_like_weights(classifier, x))
        return np.asarray(softmax(logits.double().cpu().numpy(), axis=1))
    if hasattr(classifier, "predict_proba"):
        return np.asarray(classifier.predict_proba(x), dtype=float)
    scores = np.asarray(classifier.decision_function(x), dtype=float)
    if scores.ndim == 1:
        positive = expit(scores)
        return np.stack([1 - positive, positive], axis=1)
    return np.asarray(softmax(scores, axis=1))


@contextmanager
def evaluating(classifier: Any) -> Iterator[None]:
    """Hold a torch module in evaluation mode: dropout would make its answers random."""
    training = [m for m in classifier.modules() if m.training] if _is_torch(classifier) else []
    try:
        for module in training:
            module.training = False
        yield
    finally:
        for module in training:
            module.training = True


def _like_weights(module: Any, x: npt.NDArray[Any]) -> Any:
    """Return rows as a tensor on the device and in the precision of a module's weights."""
    import torch

    rows = torch.from_numpy(np.ascontiguousarray(x, dtype=np.float32))
    weights = next((p for p in module.parameters() if p.is_floating_point()), rows)
    return rows.to(weights.device, weights.dtype)


def _ordered(classifier: Any, proba: Float, classes: Sequence[str]) -> Float:
    known = [str(name) for name in getattr(classifier, "classes_", classes)]
    if proba.shape[1] != len(known):
        raise InputError(
            f"The classifier gave {proba.shape[1]} columns for {len(known)} classes.",
            f"Its columns must follow the classes {', '.join(known)}.",
        )
    ordered = np.zeros((len(proba), len(classes)))
    for column, name in enumerate(known):
        if name in classes:
            ordered[:, list(classes).index(name)] = proba[:, column]
    return ordered
